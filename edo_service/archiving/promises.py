"""What the archive must hold, read from the database in the order of the store's keys: parts of sets, heads, evidence.

Asked in pages, so that a scrub of millions of parts needs no list of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, func, select, tuple_

import archive
from edo_service.archiving import evidence_promises
from edo_service.archiving.desk_tables import DisposalAct
from edo_service.archiving.heads import promised_heads
from edo_service.archiving.tables import Package, PackagePart
from edo_service.kernel.uow import UnitOfWork

PAGE = 1000
_NIL = UUID(int=0)
_HEX = frozenset("0123456789abcdef")
_COMING = ("assembled", "disposing")
"""States of sets whose parts may be in the store or not."""


@dataclass(frozen=True, kw_only=True)
class PartPromises:
    """Parts of sets: those of kept ones must be there, those on their way in or out may be."""

    uow: Callable[[], UnitOfWork]

    def after(self, key: str) -> Iterator[archive.Expected]:
        """See archive.Promises."""
        place = _place(key)
        while place is not None:
            with self.uow().reading() as reading:
                owner, sha256 = place
                behind = tuple_(PackagePart.owner_id, PackagePart.sha256) > tuple_(owner, sha256)
                rows = reading.session.execute(_parts().where(behind).limit(PAGE)).all()
            yield from (item for row in rows if (item := _expected(row)) is not None and item.key > key)
            place = (rows[-1][0], rows[-1][1]) if len(rows) == PAGE else None

    def of(self, key: str) -> archive.Expected | None:
        """See archive.Promises."""
        owner, _, sha256 = key.partition("/")
        try:
            owner_id = UUID(owner)
        except ValueError:
            return None
        with self.uow().reading() as reading:
            asked = _parts().where(PackagePart.owner_id == owner_id, PackagePart.sha256 == sha256)
            row = reading.session.execute(asked).one_or_none()
        return None if row is None else _expected(row)


@dataclass(frozen=True, kw_only=True)
class HeadPromises:
    """Heads of the journals that were kept, and those on their way."""

    uow: Callable[[], UnitOfWork]

    def after(self, key: str) -> Iterator[archive.Expected]:
        """See archive.Promises."""
        return self._all().after(key)

    def of(self, key: str) -> archive.Expected | None:
        """See archive.Promises."""
        return self._all().of(key) if key.startswith("journal-") else None

    def _all(self) -> archive.Listed:
        kept, coming = promised_heads(uow=self.uow())
        return archive.Listed(
            items=[
                *(archive.Expected(key=key, underway=True) for key in coming),
                *(archive.Expected(key=key, retain_until=until) for key, until in kept),
            ]
        )


@dataclass(frozen=True, kw_only=True)
class ActPromises:
    """Acts of disposal with their registers, on the companies' own shelves."""

    uow: Callable[[], UnitOfWork]

    def after(self, key: str) -> Iterator[archive.Expected]:
        """See archive.Promises."""
        return self._all().after(key)

    def of(self, key: str) -> archive.Expected | None:
        """See archive.Promises."""
        return self._all().of(key)

    def _all(self) -> archive.Listed:
        with self.uow().reading() as reading:
            asked = select(
                DisposalAct.owner_id, DisposalAct.paper_sha256, DisposalAct.register_sha256, DisposalAct.keep_until
            )
            rows = reading.session.execute(asked.where(DisposalAct.keep_until.is_not(None))).all()
        return archive.Listed(
            items=[
                archive.Expected(key=f"{owner}/{sha256}", retain_until=until)
                for owner, paper, register, until in rows
                for sha256 in (paper, register)
                if sha256
            ]
        )


def all_promises(uow: Callable[[], UnitOfWork]) -> archive.Promises:
    """Everything that the archive must hold, as one list."""
    return archive.Merged(
        sources=(
            archive.Source(promises=PartPromises(uow=uow)),
            archive.Source(promises=ActPromises(uow=uow)),
            archive.Source(promises=evidence_promises.ComingPromises(uow=uow)),
            archive.Source(promises=HeadPromises(uow=uow), begins="journal-"),
            archive.Source(promises=evidence_promises.EvidencePromises(uow=uow), begins=evidence_promises.BEGINS),
        )
    )


def _parts() -> Select[*tuple[Any, ...]]:
    kept = Package.state == "kept"
    return (
        select(
            PackagePart.owner_id,
            PackagePart.sha256,
            func.max(case((kept, Package.retain_until))),
            func.max(PackagePart.size),
            func.max(case((Package.state.in_(_COMING), 1), else_=0)),
        )
        .join(Package, Package.id == PackagePart.package_id)
        .group_by(PackagePart.owner_id, PackagePart.sha256)
        .order_by(PackagePart.owner_id, PackagePart.sha256)
    )


def _expected(row: Row[*tuple[Any, ...]]) -> archive.Expected | None:
    owner, sha256, until, size, coming = row
    if until is None and not coming:
        return None
    return archive.Expected(key=f"{owner}/{sha256}", retain_until=until, size=size, underway=until is None)


def _place(key: str) -> tuple[UUID, str] | None:
    """The last place that stands before the rows behind a key, or at it; None when every company does."""
    owner, _, sha256 = key.partition("/")
    try:
        return UUID(owner), sha256
    except ValueError:
        digits = "".join(takewhile(_HEX.__contains__, owner))
    sign = owner[len(digits) : len(digits) + 1]
    if not digits:
        return None if sign > "f" else (_NIL, "")
    # a shelf of another kind: ids with its first digits all stand before it when its next letter is behind "f"
    fill = "f" if sign > "f" else "0"
    return UUID(digits[:32].ljust(32, fill)), "g" if fill == "f" else ""
