"""Read every part of one kept set again and compare it with its hash; the outcome goes into the journal."""

import hashlib
from uuid import UUID

import archive
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.taking import take_kept
from edo_service.errors import Unavailable
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork

CHECKED = "archive.checked"


def check_set(package_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk) -> tuple[str, ...]:
    """Names of the parts that are damaged or absent; empty when the set is sound.

    Raises NotFound, Forbidden, Conflict when the set is not kept yet, Unavailable when the store does not answer.
    """
    actor.require(Right.ARCHIVE_SEARCH)
    with uow:
        package, rows = take_kept(uow, package_id)
        owner = package.owner_id
        parts = [(row.name, row.sha256) for row in rows]
    damaged = tuple(name for name, sha256 in parts if not _is_sound(f"{owner}/{sha256}", sha256, desk))
    with uow:
        uow.journal.write(
            CHECKED,
            owner_id=owner,
            subject=f"package:{package_id}",
            actor=actor,
            parts=len(parts),
            damaged=list(damaged),
        )
        uow.commit()
    return damaged


def _is_sound(key: str, sha256: str, desk: ArchiveDesk) -> bool:
    try:
        return hashlib.sha256(desk.store.get(key)).hexdigest() == sha256
    except archive.StoreUnavailable as error:
        raise Unavailable("archive.store_silent", reason=str(error)) from error
    except archive.ArchiveError:
        return False
