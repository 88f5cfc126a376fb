"""Scrub the archive in stretches: read on, then record where the round stands. A kill repeats one stretch at most."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

import archive
from edo_service.errors import Unavailable
from edo_service.kernel.actor import Actor
from edo_service.kernel.database import insert_missing
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.tables import table_of
from edo_service.kernel.uow import UnitOfWork
from edo_service.safekeeping import queries, rules
from edo_service.safekeeping.queries import Round
from edo_service.safekeeping.tables import ScrubFinding, ScrubRound

ACTOR = "archiving.scrub"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is scrubbed. `chains`: looks at the journals beside the heads that the store keeps, at a round's end."""

    store: archive.Store
    promises: archive.Promises
    chains: Callable[[], Sequence[archive.Finding]]


def begin_round(origin: str, *, uow: UnitOfWork) -> Round:
    """Begin a new round, whatever became of the one before."""
    with uow:
        now = uow.clock.now()
        row = ScrubRound(id=new_id(), origin=origin, started_at=now, moved_at=now, after="")
        row.objects = row.bytes = row.findings = row.repaired = 0
        uow.session.add(row)
        uow.session.flush()
        begun = queries.as_round(row)
        uow.commit()
    return begun


def open_round(origin: str, *, every: timedelta, uow: UnitOfWork) -> Round | None:
    """The round of this origin that has not ended; a new one when the last began long enough ago; else None."""
    with uow.reading() as reading:
        last, now = queries.last_round(reading, origin=origin), uow.clock.now()
    if last is not None and last.finished_at is None:
        return last
    if last is not None and last.started_at <= now < last.started_at + every:
        return None
    return begin_round(origin, uow=uow)


def scrub_on(
    found: Round,
    *,
    ground: Ground,
    uow: UnitOfWork,
    most_bytes: int | None = None,
    most_objects: int | None = None,
    threads: int = 1,
) -> tuple[Round, Sequence[archive.Finding]]:
    """Read the next stretch of the round and record it: the round as it stands now, and what the stretch found.

    Unavailable when the store does not answer: the round stays where it was. Conflict when somebody else was faster.
    """
    try:
        stretch = archive.scrub_stretch(
            ground.store,
            ground.promises,
            after=found.after,
            most_bytes=most_bytes,
            most_objects=most_objects,
            threads=threads,
        )
        findings = list(stretch.findings)
        _refuse_silence(stretch)
        if stretch.finished:
            findings += ground.chains()
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    return _record(found, replace(stretch, findings=tuple(findings)), uow=uow), findings


def _refuse_silence(stretch: archive.Stretch) -> None:
    """When nothing of a stretch could be read it is not the objects that are damaged."""
    silent = [one for one in stretch.findings if one.kind == "unreadable"]
    if stretch.objects > 3 and len(silent) >= stretch.objects:
        raise archive.StoreUnavailable(silent[0].detail)


def _record(found: Round, stretch: archive.Stretch, *, uow: UnitOfWork) -> Round:
    with uow:
        now = uow.clock.now()
        row = uow.session.get_one(ScrubRound, found.id)
        if row.after != found.after or row.finished_at is not None:
            return queries.as_round(row)  # another clock read the same stretch
        row.after, row.moved_at = stretch.after, now
        row.objects += stretch.objects
        row.bytes += stretch.bytes
        row.findings += len(stretch.findings)
        row.repaired += sum(1 for one in stretch.findings if one.repaired)
        _keep(row.id, stretch.findings, uow=uow)
        if stretch.finished:
            row.finished_at = now
            facts = {"objects": row.objects, "bytes": row.bytes, "findings": row.findings, "repaired": row.repaired}
            _tell(rules.ROUND_DONE, f"scrub:{row.id}", uow=uow, origin=row.origin, **facts)
        uow.session.flush()
        stands = queries.as_round(row)
        uow.commit()
    return stands


def _keep(round_id: UUID, findings: Sequence[archive.Finding], *, uow: UnitOfWork) -> None:
    """Keep findings as rows and tell the journal of each, up to a bound."""
    if not findings:
        return
    known = uow.session.scalar(select(func.count(ScrubFinding.id)).where(ScrubFinding.round_id == round_id)) or 0
    for one in findings[: max(0, rules.MOST_KEPT - known)]:
        values = {
            "id": new_id(),
            "round_id": round_id,
            "at": uow.clock.now(),
            "kind": one.kind,
            "key": one.key[:255],
            "shelf": one.key.partition("/")[0][:64],
            "detail": one.detail,
            "repaired": one.repaired,
        }
        if insert_missing(uow.session, table_of(ScrubFinding), values, unique=("round_id", "kind", "key")):
            detail = {"kind": one.kind, "detail": one.detail, "repaired": one.repaired}
            _tell(rules.ROUND_FOUND, f"object:{one.key}"[:200], uow=uow, **detail)


def _tell(event: str, subject: str, *, uow: UnitOfWork, **facts: object) -> None:
    uow.journal.write(event, owner_id=PLATFORM, subject=subject, actor=Actor.system(ACTOR), **facts)
