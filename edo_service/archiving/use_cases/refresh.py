"""Signatures of kept sets are raised again before what proves them ages (ADR 0011); the originals stay as they are.

1. A set is looked at: its signatures in their newest forms are read from the store, those that age soon are raised. 2.
What was made goes into the working store, and its hashes onto the row: from here on the same bytes are put whatever
happens. 3. They are put into the WORM store under the set's term. 4. They become parts of the set.

A set may come to its end and be disposed of meanwhile. Nothing is put in the last day of a term; and whoever has put
something and finds the set gone promises that its copies are cleared once more (`clear`), which takes what was put too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

import archive
import signing
from edo_service.archiving.evidence_desk import EvidenceDesk, EvidencePolicy
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.rules import REFRESH
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.taking import parts_of, take
from edo_service.archiving.use_cases.clear import clear_again
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork

REFRESHED = "archive.signatures_refreshed"
REFUSED = "archive.signatures_not_refreshed"
_PROOFS = {"certificate": "certificates", "crl": "crls", "ocsp": "ocsp"}
_EMBEDDED = b"/ByteRange"
_LONGEST_PAUSE = timedelta(days=30)
_LEAST_TERM = timedelta(days=1)
"""What is put needs a term that is still to come; a set nearer to its end is not looked at any more."""


def promise_refresh(owner_id: UUID, *, uow: UnitOfWork, policy: EvidencePolicy) -> UUID | None:
    """Promise the job when some set is due, new or on its way. Returns the job's id."""
    if not policy.refresh:
        return None
    with uow:
        if not _due(uow, policy, limit=1):
            return None
        job_id = uow.jobs.put(REFRESH, owner_id=owner_id, key=str(owner_id), queue="archive")
        uow.commit()
    return job_id


def refresh_signatures(*, actor: Actor, uow: UnitOfWork, desk: EvidenceDesk) -> int:
    """Look at the sets that are due, `most_refreshed` of them at most. Returns how many.

    A damaged set is noted as trouble and asked again like any other. Raises Unavailable (store), signing.TimestampFailed
    (authority): the sets done so far stay done.
    """
    with uow.reading() as reading:
        found = _due(reading, desk.policy, limit=desk.policy.most_refreshed)
    for package_id in found:
        try:
            _one(package_id, actor=actor, uow=uow, desk=desk)
        except archive.ArchiveError as error:
            _note_damage(package_id, f"{type(error).__name__}: {error}", actor=actor, uow=uow, policy=desk.policy)
    return len(found)


def _due(uow: UnitOfWork, policy: EvidencePolicy, *, limit: int) -> Sequence[UUID]:
    """Kept sets that nobody looked at yet, whose day is near (asked once a day), or whose refreshed parts are not put.

    Also those that were disposed of while refreshed parts of theirs were on their way.
    """
    now = uow.clock.now()
    near = (PackageRefresh.due_at <= now + policy.renew_before) & (PackageRefresh.looked_at <= now - policy.again)
    query = (
        select(Package.id)
        .outerjoin(
            PackageRefresh, (PackageRefresh.package_id == Package.id) & (PackageRefresh.owner_id == Package.owner_id)
        )
        .where(
            or_(
                and_(
                    Package.state == "kept",
                    Package.retain_until > now + _LEAST_TERM,
                    or_(PackageRefresh.id.is_(None), near, PackageRefresh.underway.is_(True)),
                ),
                and_(Package.state == "disposed", PackageRefresh.underway.is_(True)),
            )
        )
        .order_by(PackageRefresh.looked_at.asc().nulls_first(), Package.id)  # what is asked daily keeps nobody waiting
    )
    return uow.session.scalars(query.limit(limit)).all()


def _one(package_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: EvidenceDesk) -> None:
    with uow.reading() as reading:
        package, rows = take(reading, package_id), parts_of(reading, package_id)
        row = reading.session.scalars(
            select(PackageRefresh).where(PackageRefresh.package_id == package_id)
        ).one_or_none()
    if package.state != "kept":
        _left_behind(package_id, uow=uow)
        return
    if row is None or not row.underway:
        _make(package, rows, actor=actor, uow=uow, desk=desk)
    _keep(package_id, actor=actor, uow=uow, desk=desk)


@dataclass(frozen=True, kw_only=True)
class Newest:
    """A signature of a set: the part it is in the manifest, its form, and the part that is its newest form."""

    original: PackagePart
    form: archive.renewing.Form
    part: PackagePart


def newest_forms(rows: Sequence[PackagePart], is_signed: Mapping[str, bool]) -> Sequence[Newest]:
    """Signatures of a set in their newest forms; `is_signed` tells which documents are PDF with signatures inside."""
    raised = {row.of_name: row for row in sorted(rows, key=lambda row: row.position) if row.role == archive.REFRESHED}
    found: list[Newest] = []
    for row in rows:
        if row.role == "signature":
            found.append(Newest(original=row, form="cms", part=raised.get(row.name, row)))
        elif is_signed.get(row.name):
            found.append(Newest(original=row, form="pdf", part=raised.get(row.name, row)))
    return found


def _make(package: Package, rows: Sequence[PackagePart], *, actor: Actor, uow: UnitOfWork, desk: EvidenceDesk) -> None:
    owner = package.owner_id

    def read(row: PackagePart) -> bytes:
        return desk.from_store(f"{owner}/{row.sha256}")

    pdfs = {row.name: row for row in rows if row.role == "document" and row.media_type == "application/pdf"}
    signed = newest_forms(rows, {name: _EMBEDDED in read(row) for name, row in pdfs.items()})
    by_name = {row.name: row for row in rows}
    asked = []
    for one in signed:
        content = by_name.get(one.original.of_name or "") if one.form == "cms" else None
        asked.append(
            archive.Signed(
                name=one.original.name,
                form=one.form,
                signature=read(one.part),
                content=None if content is None else read(content),
            )
        )
    kept: dict[str, list[bytes]] = {name: [] for name in _PROOFS.values()}
    for row in rows:
        if row.role in _PROOFS:
            kept[_PROOFS[row.role]].append(read(row))
    now = desk.clock.now()
    renewer = desk.renewer(signing.OfflineEvidence(**kept))
    found = archive.refresh(asked, now=now, before=now + desk.policy.renew_before, renewer=renewer)
    _note(package, found, _shelved(found, owner, desk), seen=len(rows), actor=actor, uow=uow, policy=desk.policy)


def _shelved(found: archive.Refresh, owner: UUID, desk: EvidenceDesk) -> dict[str, dict[str, Any]]:
    return {
        name: {"sha256": desk.objects.put(one.content, owner=owner), "size": len(one.content)}
        for name, one in found.made.items()
    }


def _note(
    package: Package,
    found: archive.Refresh,
    made: Mapping[str, Any],
    *,
    seen: int,
    actor: Actor,
    uow: UnitOfWork,
    policy: EvidencePolicy,
) -> None:
    """Write the look down. A set that has more parts than were `seen`, since a supplement joined, is looked at again soon."""
    told = sorted([*found.refused.items(), *((name, archive.told(stamps)) for name, stamps in found.doubts.items())])
    trouble = "; ".join(f"{name}: {why}" for name, why in told) or None
    with uow:
        has_grown = len(parts_of(uow, package.id)) != seen
        row = _row(package.id, package.owner_id, uow)
        row.due_at = uow.clock.now() if has_grown else found.due_after(_pause(row, trouble, policy))
        row.made, row.underway = dict(made), bool(made)
        row.refused = dict(found.refused)
        row.doubts = {name: [_verdict(one) for one in stamps] for name, stamps in found.doubts.items()}
        _tell(row, trouble, actor=actor, uow=uow)
        uow.commit()


def _verdict(stamp: archive.Stamp) -> dict[str, str | None]:
    at = None if stamp.at is None else f"{stamp.at:%Y-%m-%d}"
    return {"indication": stamp.indication, "sub_indication": stamp.sub_indication, "at": at}


def _pause(row: PackageRefresh, trouble: str | None, policy: EvidencePolicy) -> timedelta:
    """What is refused in the same words as last time is asked again after twice the pause that was made before."""
    if trouble is None or trouble != row.trouble or row.due_at is None:
        return timedelta()
    made = row.due_at - row.looked_at - policy.renew_before
    return min(2 * max(made, policy.again), _LONGEST_PAUSE)


def _note_damage(package_id: UUID, trouble: str, *, actor: Actor, uow: UnitOfWork, policy: EvidencePolicy) -> None:
    """Asked again with the others; what is on its way stays so."""
    with uow:
        row = _row(package_id, take(uow, package_id).owner_id, uow)
        row.due_at = uow.clock.now() + policy.again
        row.refused, row.doubts = {"": trouble}, {}
        _tell(row, trouble, actor=actor, uow=uow)
        uow.commit()


def _row(package_id: UUID, owner_id: UUID, uow: UnitOfWork) -> PackageRefresh:
    own = select(PackageRefresh).where(PackageRefresh.package_id == package_id)
    row = uow.session.scalars(own).one_or_none()
    if row is None:
        row = PackageRefresh(
            id=new_id(), owner_id=owner_id, package_id=package_id, made={}, underway=False, refused={}, doubts={}
        )
        uow.session.add(row)
    return row


def _tell(row: PackageRefresh, trouble: str | None, *, actor: Actor, uow: UnitOfWork) -> None:
    """The look and its trouble onto the row; in the journal once."""
    if trouble is not None and trouble != row.trouble:
        subject = f"package:{row.package_id}"
        uow.journal.write(REFUSED, owner_id=row.owner_id, subject=subject, actor=actor, reason=trouble)
    row.looked_at, row.trouble = uow.clock.now(), trouble


def _keep(package_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: EvidenceDesk) -> None:
    with uow.reading() as reading:
        package = take(reading, package_id)
        row = reading.session.scalars(select(PackageRefresh).where(PackageRefresh.package_id == package_id)).one()
    if not row.underway or package.state != "kept" or package.retain_until <= uow.clock.now() + _LEAST_TERM:
        return
    protection = package.retain_until, package.held
    for one in row.made.values():
        desk.put_part(package.owner_id, one["sha256"], retain_until=package.retain_until)
        desk.hold_part(package.owner_id, one["sha256"], on=package.held)
    with uow:
        row = uow.session.scalars(select(PackageRefresh).where(PackageRefresh.package_id == package_id)).one()
        package, rows = take(uow, package_id), parts_of(uow, package_id)
        if package.state != "kept":  # what was put has to go too, whoever has cleared the set meanwhile
            clear_again(uow, package)
            uow.commit()
            return
        if not row.underway:
            return
        if (package.retain_until, package.held) != protection:
            return  # whoever changed it told the store of the parts alone: put again, as it is now
        position = max(one.position for one in rows) + 1
        for place, (name, one) in enumerate(sorted(row.made.items())):
            uow.session.add(_part(rows, name, one, position + place))
        package.size += sum(one["size"] for one in row.made.values())
        package.summary = {**package.summary, "parts": len(rows) + len(row.made), "size": package.size}
        uow.journal.write(
            REFRESHED,
            owner_id=package.owner_id,
            subject=f"package:{package_id}",
            actor=actor,
            signatures=len(row.made),
            sha256=sorted(one["sha256"] for one in row.made.values()),
        )
        row.made, row.underway = {}, False
        uow.commit()


def _left_behind(package_id: UUID, *, uow: UnitOfWork) -> None:
    """The set was disposed of while refreshed parts of it were on their way: they may have been put."""
    with uow:
        clear_again(uow, take(uow, package_id))
        uow.commit()


def _part(rows: Sequence[PackagePart], name: str, made: Mapping[str, Any], position: int) -> PackagePart:
    original = next(one for one in rows if one.name == name)
    number = 1 + sum(one.role == archive.REFRESHED and one.of_name == name for one in rows)
    return PackagePart(
        owner_id=original.owner_id,
        package_id=original.package_id,
        position=position,
        role=archive.REFRESHED,
        name=f"{archive.REFRESHED}-{number}/{name}"[:400],
        media_type=original.media_type,
        sha256=made["sha256"],
        size=made["size"],
        of_name=name,
        source="edo_service",
        supplement=original.supplement,
    )


def refreshed_parts(rows: Sequence[PackagePart], store: archive.Store) -> Sequence[archive.RefreshedPart]:
    """The newest refreshed form of each signature, for an export."""
    newest = {row.of_name: row for row in sorted(rows, key=lambda row: row.position) if row.role == archive.REFRESHED}
    return [
        archive.RefreshedPart(
            of=name or "", sha256=row.sha256, size=row.size, open=partial(store.open, f"{row.owner_id}/{row.sha256}")
        )
        for name, row in newest.items()
    ]
