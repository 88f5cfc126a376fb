"""Reading sets, holds and acts to act on them, inside the caller's unit of work."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from edo_service.archiving.desk_tables import ArchiveExport, DisposalAct, LegalHold
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import Package, PackagePart
from edo_service.errors import Conflict, NotFound
from edo_service.kernel.uow import UnitOfWork


def take(uow: UnitOfWork, package_id: UUID) -> Package:
    """The set of the current scope. Absent and foreign are the same error: NotFound."""
    package = uow.session.scalars(select(Package).where(Package.id == package_id)).one_or_none()
    if package is None:
        raise NotFound("archive.package_absent", id=str(package_id))
    return package


def set_of_document(uow: UnitOfWork, document_id: UUID) -> Package | None:
    """The set of a document of the scope; None before it was put together."""
    return uow.session.scalars(select(Package).where(Package.document_id == document_id)).one_or_none()


def take_kept(uow: UnitOfWork, package_id: UUID) -> tuple[Package, list[PackagePart]]:
    """A set that lies in the archive, with its parts in order. NotFound; Conflict when it is not kept (yet, any more)."""
    package = take(uow, package_id)
    if package.state != "kept":
        raise Conflict("archive.not_kept", id=str(package_id))
    return package, parts_of(uow, package_id)


def parts_of(uow: UnitOfWork, package_id: UUID) -> list[PackagePart]:
    """Parts of a set in their order."""
    parts = select(PackagePart).where(PackagePart.package_id == package_id).order_by(PackagePart.position)
    return list(uow.session.scalars(parts))


def supplements_of(uow: UnitOfWork, package_id: UUID) -> list[PackageSupplement]:
    """Kept supplements of a set in their order."""
    mine = (PackageSupplement.package_id == package_id, PackageSupplement.state == "kept")
    return list(uow.session.scalars(select(PackageSupplement).where(*mine).order_by(PackageSupplement.number)))


def take_several(uow: UnitOfWork, package_ids: Sequence[UUID]) -> list[Package]:
    """Sets of the scope in the order asked for. NotFound when one is absent or foreign."""
    found: dict[UUID, Package] = {}
    for start in range(0, len(package_ids), 500):
        some = package_ids[start : start + 500]
        found.update((one.id, one) for one in uow.session.scalars(select(Package).where(Package.id.in_(some))))
    for one in package_ids:
        if one not in found:
            raise NotFound("archive.package_absent", id=str(one))
    return [found[one] for one in package_ids]


def take_hold(uow: UnitOfWork, hold_id: UUID) -> LegalHold:
    """The hold of the scope. NotFound."""
    found = uow.session.scalars(select(LegalHold).where(LegalHold.id == hold_id)).one_or_none()
    if found is None:
        raise NotFound("archive.hold_absent", id=str(hold_id))
    return found


def take_act(uow: UnitOfWork, act_id: UUID) -> DisposalAct:
    """The act of the scope. NotFound."""
    found = uow.session.scalars(select(DisposalAct).where(DisposalAct.id == act_id)).one_or_none()
    if found is None:
        raise NotFound("archive.act_absent", id=str(act_id))
    return found


def take_export(uow: UnitOfWork, export_id: UUID) -> ArchiveExport:
    """The export of the scope. NotFound."""
    found = uow.session.scalars(select(ArchiveExport).where(ArchiveExport.id == export_id)).one_or_none()
    if found is None:
        raise NotFound("archive.export_absent", id=str(export_id))
    return found


def next_number(uow: UnitOfWork, owner_id: UUID, table: type[LegalHold] | type[DisposalAct]) -> int:
    """The next number of the owner's holds or acts; two that race for one end in Conflict `database.duplicate`."""
    number: InstrumentedAttribute[int] = table.number
    own: ColumnElement[bool] = table.owner_id == owner_id
    return uow.session.execute(select(func.coalesce(func.max(number), 0)).where(own)).scalar_one() + 1
