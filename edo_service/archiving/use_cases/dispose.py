"""Carry an approved act out, set by set: the intent is a row, the database and then the store may still refuse it.

1. The set must be ripe at this moment (kept, its term over, no hold): one conditional update makes it `disposing`, which
   a hold cannot reach any more; otherwise it is spared.
2. The store is asked about every part first, then the parts are deleted, but for those that other sets have too. One
   job an owner carries all acts out, one after another: of two sets that go with a common part, the second takes it.
3. The row says deleted, the document's archive life ends, its words are forgotten; its working copies are promised to be
   cleared (`clear`, ADR 0012).
When no line waits, the papers of the act go into the archive. Every step may be repeated after a crash.

A set of which the store still protects a part after another one has gone is halted: half a set is not kept, so only the
rest of it may follow. The desk shows it, the other sets of the act go on, and it is tried again when the protection ends.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update

import archive
from edo_service.accounts import queries as accounts
from edo_service.archiving import holders, papers, rules, words
from edo_service.archiving import queries_disposal as queries
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import DisposalLine
from edo_service.archiving.rules import DISPOSAL, DisposalEvent
from edo_service.archiving.tables import Package
from edo_service.archiving.taking import parts_of, take, take_act
from edo_service.archiving.use_cases.clear import CLEAR
from edo_service.documents import recording
from edo_service.documents.rules import ArchiveEvent
from edo_service.errors import Conflict, Unavailable
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork

HALF = "half"
"""Why a line waits: half of its set has gone and the store protects the rest."""
LATER = timedelta(days=1)


class Halted(Exception):
    """The store protects the rest of a half-deleted set; `until` is when that ends, as far as the store knows."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__(f"protected until {until}")
        self.until = until


def dispose(act_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> datetime | None:
    """Delete what the act lists and is still ripe; then archive the act. Done already: nothing.

    Returns when to come back for sets that were halted, None when the act is done. Conflict when two persons have not
    approved it, Unavailable when the store does not answer.
    """
    if not _start(act_id, actor=actor, uow=uow):
        return None
    again: list[datetime] = []
    for line_id, package_id, state in _waiting(act_id, uow):
        if state == "deleting" or _intend(line_id, package_id, uow=uow):
            try:
                done = _delete_parts(package_id, uow=uow, desk=desk)
            except archive.StoreUnavailable as error:
                raise Unavailable("archive.store_silent", reason=str(error)) from error
            except Halted as halted:
                _halt(line_id, package_id, actor=actor, uow=uow)
                again.append(min(halted.until or desk.now() + LATER, desk.now() + LATER))
                continue
            _record(line_id, package_id, done=done, actor=actor, uow=uow)
    if again:
        return min(again)
    _finish(act_id, actor=actor, uow=uow, desk=desk)
    return None


def _start(act_id: UUID, *, actor: Actor, uow: UnitOfWork) -> bool:
    with uow:
        act = take_act(uow, act_id)
        if act.state == "done":
            return False
        if act.first_by is None or act.second_by is None or act.first_by == act.second_by:
            raise Conflict("status.not_allowed", workflow=DISPOSAL.name, state=act.state, event="start")
        if act.state != "executing":
            workflow.move(uow.session, act, "state", DisposalEvent.START, DISPOSAL, actor=actor, at=uow.clock.now())
            uow.commit()
    return True


def _waiting(act_id: UUID, uow: UnitOfWork) -> Sequence[tuple[UUID, UUID, str]]:
    with uow.reading() as reading:
        found = queries.lines(reading, act_id)
        return [(one.id, one.package_id, one.state) for one in found if one.state in {"listed", "deleting"}]


def _intend(line_id: UUID, package_id: UUID, *, uow: UnitOfWork) -> bool:
    """The last question to the database. False when the set is spared."""
    with uow:
        package = take(uow, package_id)
        now = uow.clock.now()
        intended = uow.session.execute(
            update(Package)
            .where(Package.id == package_id, *queries.is_ripe(now))
            .values(state="disposing", version=Package.version + 1)
            .execution_options(synchronize_session=False)
        )
        ripe = cast("CursorResult[Any]", intended).rowcount == 1
        line = uow.session.scalars(select(DisposalLine).where(DisposalLine.id == line_id)).one()
        if ripe:
            line.state, line.intended_at = "deleting", now
        else:
            line.state, line.spared = "spared", "held" if package.held else "term"
            _unpropose(uow, package_id)
        uow.commit()
    return ripe


def _delete_parts(package_id: UUID, *, uow: UnitOfWork, desk: ArchiveDesk) -> bool:
    """Delete the parts that nobody else needs. False when the store protects one of them: then none is deleted.

    Halted when it protects one after another has gone: the set is half deleted, and only the rest of it may follow.
    """
    with uow.reading() as reading:
        owner = take(reading, package_id).owner_id
        parts = {row.sha256 for row in parts_of(reading, package_id)}
        made = holders.on_the_way(reading, package_id)
        contents = sorted((parts | made) - holders.in_other_sets(reading, package_id, parts | made))
    stats = {sha256: desk.store.stat(f"{owner}/{sha256}") for sha256 in contents}
    begun = any(stat is None for sha256, stat in stats.items() if sha256 in parts)  # what is on its way may never come
    now = desk.now()
    guarded = [one for one in stats.values() if one is not None and (one.hold or (one.retain_until or now) > now)]
    if guarded:
        ends = None if any(one.hold for one in guarded) else max(one.retain_until or now for one in guarded)
        return _stopped(ends, begun=begun)
    for sha256, stat in stats.items():
        with uow.reading() as reading:  # asked again: a set with this part may have been handed over meanwhile
            if stat is None or holders.in_other_sets(reading, package_id, {sha256}):
                continue
        try:
            desk.store.delete(f"{owner}/{sha256}")
        except archive.RetentionRefused:
            return _stopped(None, begun=begun)
        begun = True
    return True


def _stopped(until: datetime | None, *, begun: bool) -> bool:
    """Nothing has gone: the set is spared (False). Something has: Halted."""
    if begun:
        raise Halted(until)
    return False


def _halt(line_id: UUID, package_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Show it on the desk; told in the journal once."""
    with uow:
        line = uow.session.scalars(select(DisposalLine).where(DisposalLine.id == line_id)).one()
        if line.spared == HALF:
            return
        line.spared = HALF
        uow.journal.write(
            "archive.disposal_halted",
            owner_id=line.owner_id,
            subject=f"package:{package_id}",
            actor=actor,
            act_id=str(line.act_id),
        )
        uow.commit()


def _record(line_id: UUID, package_id: UUID, *, done: bool, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        package = take(uow, package_id)
        line = uow.session.scalars(select(DisposalLine).where(DisposalLine.id == line_id)).one()
        package.proposed = False
        if not done:
            line.state, line.spared, package.state = "spared", "store", "kept"
            uow.commit()
            return
        package.state = "disposed"
        line.state, line.spared, line.deleted_at = "deleted", None, uow.clock.now()
        words.forget_words(uow, package)
        document = recording.take(uow, package.document_id)
        recording.move_if_possible(uow, document, "archive", ArchiveEvent.DISPOSE, actor=actor)
        document.disposed_at = line.deleted_at
        uow.jobs.put(CLEAR, owner_id=package.owner_id, key=str(package.owner_id), queue="archive")
        uow.journal.write(
            "archive.disposed",
            owner_id=package.owner_id,
            subject=f"package:{package.id}",
            actor=actor,
            act_id=str(line.act_id),
            manifest_sha256=package.manifest_sha256,
        )
        uow.commit()


def _unpropose(uow: UnitOfWork, package_id: UUID) -> None:
    uow.session.execute(
        update(Package)
        .where(Package.id == package_id)
        .values(proposed=False, version=Package.version + 1)
        .execution_options(synchronize_session=False)
    )


def _finish(act_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> None:
    with uow.reading() as reading:
        company = accounts.entity(reading, actor.entity)
    act, found = queries.act(act_id, uow=uow.reading())
    name, lines = f"{company.name}, ИНН {company.inn}", list(found)
    keep_until = rules.retain_until("disposal_act", moscow_date(act.proposed_at), today=moscow_date(act.proposed_at))
    kept = []
    for content in (papers.act_pdf(act, lines, company=name), papers.act_register(act, lines, company=name)):
        key = archive.key_of(str(actor.entity), content)
        try:
            kept.append(desk.store.put(key, content, retain_until=keep_until).sha256)
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error
    with uow:
        row = take_act(uow, act_id)
        row.paper_sha256, row.register_sha256 = kept
        row.keep_until, row.done_at = keep_until, uow.clock.now()
        workflow.move(uow.session, row, "state", DisposalEvent.FINISH, DISPOSAL, actor=actor, at=uow.clock.now())
        uow.journal.write(
            "archive.disposal_done",
            owner_id=row.owner_id,
            subject=f"disposal:{row.id}",
            actor=actor,
            number=row.number,
            deleted=sum(line.deleted_at is not None for line in lines),
            paper_sha256=row.paper_sha256,
        )
        uow.commit()
