"""Signatures that renew themselves: raised again before what proves them ages. The port, and the order of the work.

The original is never touched. What is made is a further part of the set, role `REFRESHED`: the same signature with an
archive time-stamp (CAdES-A, ETSI EN 319 122-1, 5.5.3) or the same PDF with a document time-stamp (PAdES-LTA, EN 319 142-1,
5.4.3). This package knows neither: it asks the port when each ages and has it raised in time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from archive.errors import ArchiveError

REFRESHED = "refreshed"
"""The role of such a part. It is in no manifest (that one is signed) and stands in the folder of this name in an export."""
NO_PROOF = "it counts as no proof"
"""What is said of a time-stamp that did not hold."""
Form = Literal["cms", "pdf"]


class NotRenewable(ArchiveError):
    """A signature cannot be proven now, so an archive time-stamp over it would look like evidence and be none."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature in its newest form. `content`: what a detached CMS signs, None for a PDF and for a CMS that holds it."""

    name: str
    form: Form
    signature: bytes
    content: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """A raised signature, and the first moment at which it can no longer stand alone."""

    content: bytes
    ages_at: datetime


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A time-stamp inside a signature as it was judged now (EN 319 102-1): only TOTAL-PASSED proves anything.

    `at`: what it says of its own time, None when it cannot be read.
    """

    indication: str
    sub_indication: str | None = None
    at: datetime | None = None

    @property
    def proves(self) -> bool:
        """Whether it may be counted as proof."""
        return self.indication == "TOTAL-PASSED"

    @property
    def told(self) -> str:
        """The verdict in one line, for whoever reads why."""
        when = f" of {self.at:%Y-%m-%d}" if self.at else ""
        why = f" {self.sub_indication}" if self.sub_indication else ""
        return f"the time-stamp{when} is {self.indication}{why}: {NO_PROOF}"


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """How long a signature stands. `ages_at`: by the time-stamps that prove; without one, the signer's certificate's end."""

    ages_at: datetime
    stamps: Sequence[Stamp] = ()

    @property
    def doubts(self) -> Sequence[Stamp]:
        """Its time-stamps that prove nothing."""
        return [one for one in self.stamps if not one.proves]

    @property
    def may_change(self) -> bool:
        """Whether a time-stamp that proves nothing today may do so tomorrow: trust or evidence was missing."""
        return any(one.indication == "INDETERMINATE" for one in self.stamps)


def told(stamps: Sequence[Stamp]) -> str:
    """The verdicts on the time-stamps in one text, for whoever reads why: `Stamp.told` of each, "; " between."""
    return "; ".join(one.told for one in stamps)


class Renewer(Protocol):
    """Judges and raises signatures (CAdES-A, PAdES-LTA): this package knows none, whoever uses it gives one."""

    def outlook(self, signed: Signed) -> Outlook:
        """The verdict on each time-stamp inside, and until when those that hold stand. NotRenewable when nobody can tell."""

    def renew(self, signed: Signed) -> Renewed:
        """Raise it, with evidence about all that is inside. NotRenewable; what the time-stamper raises passes through."""


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What one look at a set gave.

    `made`: by the name of the signature. `ends_at`: when the first of those that were judged ages; None when none can be
    renewed any more. `ask_at`: when to ask again about what nobody could judge; None without such. `refused`: why, by the
    name of the signature. `doubts`: time-stamps that prove nothing, likewise; such a signature may be fine by another one.
    """

    made: Mapping[str, Renewed] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, Sequence[Stamp]] = field(default_factory=dict)
    ends_at: datetime | None = None
    ask_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When the set is to be looked at again; None when there is no reason to."""
        return self.due_after(timedelta())

    def due_after(self, pause: timedelta) -> datetime | None:
        """The same with a pause before what nobody could judge is asked again: the same answer each time is no news."""
        asked = None if self.ask_at is None else self.ask_at + pause
        return min((at for at in (self.ends_at, asked) if at is not None), default=None)


def refresh(signatures: Sequence[Signed], *, now: datetime, before: datetime, renewer: Renewer) -> Refresh:
    """Raise every signature that ages until `before`. One that had aged by `now` is beyond renewal and left as it is.

    What nobody could judge now is due at `before`: it is asked again at the next look, never taken for proof meanwhile.
    What was raised and ages no later is dropped: an authority about to end would give a copy at each look.
    """
    made: dict[str, Renewed] = {}
    refused: dict[str, str] = {}
    doubts: dict[str, Sequence[Stamp]] = {}
    ends: list[datetime] = []
    unjudged = False
    for one in signatures:
        try:
            outlook = renewer.outlook(one)
        except NotRenewable as error:
            refused[one.name] = str(error)
            unjudged = True
            continue
        ages_at = outlook.ages_at
        if outlook.doubts:
            doubts[one.name] = outlook.doubts
        if ages_at > before:
            ends.append(ages_at)
        elif ages_at <= now:
            refused[one.name] = f"what proves it aged on {ages_at:%Y-%m-%d}"
            unjudged = unjudged or outlook.may_change
        else:
            try:
                renewed = renewer.renew(one)
            except NotRenewable as error:
                refused[one.name] = str(error)
                ends.append(ages_at)
                continue
            if renewed.ages_at > ages_at:
                made[one.name] = renewed
                ends.append(renewed.ages_at)
            else:
                refused[one.name] = f"the authority's time-stamps age no later, on {renewed.ages_at:%Y-%m-%d}"
                ends.append(ages_at)
    ends_at, ask_at = min(ends, default=None), before if unjudged else None
    return Refresh(made=made, refused=refused, doubts=doubts, ends_at=ends_at, ask_at=ask_at)
