"""Times on the wire: `2026-11-22T12:00:00.123`, with or without a zone and a fraction of any length."""

import re
from datetime import UTC, datetime

from operators.errors import BadAnswer
from operators.taxcom.intake import bad
from operators.taxcom.layout import ZONE

FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)?\Z", re.ASCII)


def moment(value: str) -> datetime:
    """Read a time; without a zone it is the operator's (`layout.ZONE`). Raises BadAnswer."""
    found = FORM.match(value.strip())
    if found is None:
        raise bad(f"not a time: {value[:40]!r}")
    whole, fraction, zone = found.groups()
    try:
        at = datetime.fromisoformat(f"{whole}.{(fraction or '').ljust(6, '0')[:6]}{zone or ''}")
        return (at if at.tzinfo is not None else at.replace(tzinfo=ZONE)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad(f"not a time: {value[:40]!r}") from error


def maybe_moment(value: str | None) -> datetime | None:
    """Read a time that may be absent or unreadable: what is only shown must not stop the reading."""
    if not value:
        return None
    try:
        return moment(value)
    except BadAnswer:
        return None


def to_wire(at: datetime) -> str:
    """Write a time as the query parameter DATE wants it: milliseconds, the operator's zone, never later than `at`."""
    return at.astimezone(ZONE).replace(tzinfo=None).isoformat(timespec="milliseconds")
