"""Dates of a PDF (ISO 32000-1, 7.9.4): the time that a signature dictionary claims in /M."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from signing._internal.errors import BadInput
from signing._internal.pdf.signatures import text_of
from signing._internal.pdf.syntax import Value

_DATE = re.compile(
    r"(?:D:)?(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?P<second>\d\d)?)?)?)?)?"
    r"(?P<zone>Z(?:00'?(?:00'?)?)?|(?P<sign>[+-])(?P<hours>\d\d)'?(?:(?P<minutes>\d\d)'?)?)?",
    re.ASCII,
)


def read_date(value: Value) -> datetime:
    """The instant, UTC; one without a zone is taken for UTC (7.9.4). BadInput for what is no date."""
    found = _DATE.fullmatch(text_of(value).strip())
    if found is None:
        raise BadInput("not a date of a PDF")
    parts = {name: int(found[name] or default) for name, default in (("month", 1), ("day", 1))}
    clock = {name: int(found[name] or 0) for name in ("hour", "minute", "second")}
    away = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    try:
        zone = timezone(-away if found["sign"] == "-" else away)
        return datetime(int(found["year"]), **parts, **clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput("not a date of a PDF") from error
