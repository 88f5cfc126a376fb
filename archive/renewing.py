"""Signatures that renew themselves: raised again before what proves them ages. The port, and the order of the work.

The original is never touched. What is made is a further part of the set, role `REFRESHED`: the same signature with an
archive time-stamp (CAdES-A, ETSI EN 319 122-1, 5.5.3) or the same PDF with a document time-stamp (PAdES-LTA, EN 319 142-1,
5.4.3). This package knows neither: it asks the port when each ages and has it raised in time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from archive.errors import ArchiveError

REFRESHED = "refreshed"
"""The role of such a part. It is in no manifest (that one is signed) and stands in the folder of this name in an export."""
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


class Renewer(Protocol):
    """Knows signatures; given by whoever uses the archive."""

    def ages_at(self, signed: Signed) -> datetime:
        """The first moment at which the newest proof inside cannot stand alone. NotRenewable when nobody can tell."""

    def renew(self, signed: Signed) -> Renewed:
        """Raise it, with evidence about all that is inside. NotRenewable; what the time-stamper raises passes through."""


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What one look at a set gave.

    `made`: by the name of the signature. `due_at`: when the first of them ages; None when none can be renewed any more.
    `refused`: why, by the name of the signature; one that has not aged yet is asked again at the next look.
    """

    made: Mapping[str, Renewed] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    due_at: datetime | None = None


def refresh(signatures: Sequence[Signed], *, now: datetime, before: datetime, renewer: Renewer) -> Refresh:
    """Raise every signature that ages until `before`. One that had aged by `now` is beyond renewal and left as it is.

    What was raised and ages no later is dropped: an authority about to end would give a copy at each look.
    """
    made: dict[str, Renewed] = {}
    refused: dict[str, str] = {}
    ends: list[datetime] = []
    for one in signatures:
        try:
            ages_at = renewer.ages_at(one)
        except NotRenewable as error:
            refused[one.name] = str(error)
            continue
        if ages_at > before:
            ends.append(ages_at)
        elif ages_at <= now:
            refused[one.name] = f"what proves it aged on {ages_at:%Y-%m-%d}"
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
    return Refresh(made=made, refused=refused, due_at=min(ends, default=None))
