"""Exports in the background: ordered with a purpose, built by a job with progress, taken while they live, each taking noted."""

from collections.abc import Sequence
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import insert

from edo_service.archiving.desk_tables import ArchiveExport, ArchiveExportAccess, ArchiveExportSet
from edo_service.archiving.purposes import stated
from edo_service.archiving.rules import EXPORT, MOST_EXPORTED, ExportEvent
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.tables import ArchiveAccess
from edo_service.archiving.taking import take_export, take_several
from edo_service.errors import Conflict, Rejected
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.ids import new_id
from edo_service.kernel.uow import UnitOfWork

BUILD = "archive.export"
EXPIRE = "archive.export_expire"
KINDS = ("verified", "tax", "audit")
"""Archive with its verification; files and registers for a tax demand; for an auditor: verification, accesses, terms."""


def order_export(
    package_ids: Sequence[UUID], *, kind: str, title: str, purpose: str, actor: Actor, uow: UnitOfWork
) -> UUID:
    """Promise an export of kept sets, noted for each of them with its purpose. Returns the export's id.

    Forbidden; NotFound; PurposeNeeded; Rejected (none, too many); Conflict when a set is not kept.
    """
    actor.require(Right.ARCHIVE_EXPORT)
    said = stated(purpose)
    chosen = list(dict.fromkeys(package_ids))
    if not chosen or kind not in KINDS:
        raise Rejected("archive.export_empty")
    if len(chosen) > MOST_EXPORTED:
        raise Rejected("archive.export_too_many", most=MOST_EXPORTED)
    with uow:
        packages = take_several(uow, chosen)
        for package in packages:
            if package.state != "kept":
                raise Conflict("archive.not_kept", id=str(package.id))
        now = uow.clock.now()
        export = ArchiveExport(
            id=new_id(),
            owner_id=actor.entity,
            state=EXPORT.starts[0],
            kind=kind,
            title=title[:200],
            purpose=said,
            sets=len(packages),
            done=0,
            size=0,
            person_id=actor.user_id,
            person_name=actor.name,
            ordered_at=now,
        )
        uow.session.add(export)
        uow.session.flush()
        uow.session.execute(
            insert(ArchiveExportSet),
            [
                {"owner_id": actor.entity, "export_id": export.id, "package_id": one.id, "position": place}
                for place, one in enumerate(packages, start=1)
            ],
        )
        seen: dict[str, object] = {
            "owner_id": actor.entity,
            "person_id": actor.user_id,
            "person_name": actor.name,
            "act": "export",
        }
        seen |= {"purpose": export.purpose, "at": now}
        uow.session.execute(insert(ArchiveAccess), [{**seen, "package_id": one.id} for one in packages])
        uow.journal.write(
            "archive.export_ordered",
            owner_id=export.owner_id,
            subject=f"export:{export.id}",
            actor=actor,
            kind=kind,
            sets=export.sets,
            purpose=export.purpose,
            manifests=[one.manifest_sha256 for one in packages[:1000]],
        )
        uow.jobs.put(BUILD, owner_id=export.owner_id, key=str(export.id), queue="archive", payload=_payload(export.id))
        uow.commit()
    return export.id


def open_export(
    export_id: UUID, *, purpose: str, actor: Actor, uow: UnitOfWork, shelf: ExportShelf
) -> tuple[str, int, BinaryIO]:
    """Name, size and content of a ready export; the taking is noted with what it is for.

    NotFound, Forbidden, PurposeNeeded, Conflict when it is not ready.
    """
    actor.require(Right.ARCHIVE_EXPORT)
    said = stated(purpose)
    with uow.reading() as reading:
        export = take_export(reading, export_id)
        now = reading.clock.now()
    if export.state != "ready" or export.expires_at is None or export.expires_at <= now:
        raise Conflict("archive.export_not_ready")
    content = shelf.open(name_of(export_id))
    with uow:
        uow.session.add(
            ArchiveExportAccess(
                owner_id=export.owner_id,
                export_id=export.id,
                person_id=actor.user_id,
                person_name=actor.name,
                at=now,
            )
        )
        uow.journal.write(
            "archive.export_taken",
            owner_id=export.owner_id,
            subject=f"export:{export.id}",
            actor=actor,
            purpose=said,
            ordered_for=export.purpose,
            sha256=export.sha256,
        )
        uow.commit()
    return f"{export.title}.zip", export.size, content


def expire_export(export_id: UUID, *, actor: Actor, uow: UnitOfWork, shelf: ExportShelf) -> None:
    """Remove the file of an export whose time is over; the row and its accesses stay. Repeated: nothing."""
    with uow:
        export = take_export(uow, export_id)
        now = uow.clock.now()
        if export.state == "ready" and export.expires_at is not None and export.expires_at <= now:
            workflow.move(uow.session, export, "state", ExportEvent.EXPIRE, EXPORT, actor=actor, at=now)
            uow.commit()
    shelf.remove(name_of(export_id))


def name_of(export_id: UUID) -> str:
    """Name of the file on the shelf."""
    return f"{export_id}.zip"


def _payload(export_id: UUID) -> dict[str, str]:
    return {"export_id": str(export_id)}
