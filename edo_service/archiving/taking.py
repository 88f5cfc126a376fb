"""Reading a set to act on it, inside the caller's unit of work."""

from uuid import UUID

from sqlalchemy import select

from edo_service.archiving.tables import Package, PackagePart
from edo_service.errors import Conflict, NotFound
from edo_service.kernel.uow import UnitOfWork


def take(uow: UnitOfWork, package_id: UUID) -> Package:
    """The set of the current scope. Absent and foreign are the same error: NotFound."""
    package = uow.session.scalars(select(Package).where(Package.id == package_id)).one_or_none()
    if package is None:
        raise NotFound("archive.package_absent", id=str(package_id))
    return package


def take_kept(uow: UnitOfWork, package_id: UUID) -> tuple[Package, list[PackagePart]]:
    """A set that lies in the archive, with its parts in order. NotFound; Conflict when it is not kept (yet)."""
    package = take(uow, package_id)
    if package.state != "kept":
        raise Conflict("archive.not_kept", id=str(package_id))
    parts = select(PackagePart).where(PackagePart.package_id == package_id).order_by(PackagePart.position)
    return package, list(uow.session.scalars(parts))
