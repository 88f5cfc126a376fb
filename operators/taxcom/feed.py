"""A cursor over lists that are asked by time: nothing is lost by equal or late times, what came is told once.

A cursor remembers a time `base` (a little before the last line told), how many lines since then have been told and a
check-sum of their ids. The next reading asks from before `base`: when the first lines since `base` are those same ones,
it goes on after them; when another line has crept in among them (two servers, two clocks), everything since `base` is
told again, and the receiver drops what it knows by its id. Lines that come later than `OVERLAP` after their own time
are not seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol, TypeVar

from operators.errors import CursorLost
from operators.taxcom.codes import OPERATOR_CODE

OVERLAP = timedelta(minutes=5)
BEGINNING = datetime(2010, 1, 1, tzinfo=UTC)
"""Before the operator's first document."""


class Line(Protocol):
    """A line of a list."""

    @property
    def key(self) -> str:
        """What makes it the same line."""

    @property
    def at(self) -> datetime:
        """Its time."""


SomeLine = TypeVar("SomeLine", bound=Line)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a reading stands: `count` lines later than `base` have been told, `digest` is of their keys."""

    base: datetime
    count: int = 0
    digest: str = ""

    @property
    def asks_from(self) -> datetime:
        """The time to ask the operator from: cursors of the first lines need what was shortly before them."""
        return self.base - OVERLAP

    def place_in(self, lines: Sequence[Line]) -> int:
        """The place of the first line to tell; `lines` are in the order of time and begin at `asks_from`."""
        start = next((place for place, line in enumerate(lines) if line.at > self.base), len(lines))
        told = lines[start : start + self.count]
        return start + self.count if len(told) == self.count and _digest(told) == self.digest else start

    def has_enough(self, lines: Sequence[Line], limit: int) -> bool:
        """Whether these lines hold what has been told, a page besides and one more."""
        return sum(line.at > self.base for line in lines) > self.count + limit

    def __str__(self) -> str:
        """The cursor, at most 80 characters."""
        return f"{self.base.astimezone(UTC).isoformat()} {self.count} {self.digest}".strip()


def mark_after(lines: Sequence[Line], place: int) -> Mark:
    """The mark after the line at a place."""
    base = lines[place].at - OVERLAP
    told = [line for line in lines[: place + 1] if line.at > base]
    return Mark(base=base, count=len(told), digest=_digest(told))


def read_mark(cursor: str) -> Mark:
    """Read a cursor; raises CursorLost when it is none of ours."""
    try:
        base, count, digest = cursor.split(" ")
        at = datetime.fromisoformat(base)
    except ValueError as error:
        raise CursorLost("not a cursor of this feed", operator=OPERATOR_CODE) from error
    if at.tzinfo is None or at < BEGINNING - 2 * OVERLAP or not count.isdecimal() or len(count) > 9:
        raise CursorLost("not a cursor of this feed", operator=OPERATOR_CODE)
    return Mark(base=at, count=int(count), digest=digest)


def in_order(lines: Iterable[SomeLine]) -> list[SomeLine]:
    """Bring lines into the order of time, equal times as they came, each once."""
    unique: dict[str, SomeLine] = {}
    for line in lines:
        unique.setdefault(line.key, line)
    return sorted(unique.values(), key=lambda line: line.at)


def _digest(lines: Sequence[Line]) -> str:
    """Of the set of keys: equal times may come in another order."""
    return sha256("\n".join(sorted(line.key for line in lines)).encode()).hexdigest()[:24]
