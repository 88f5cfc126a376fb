"""The evidence record of a package, and the verdict on it now."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

import archive
import signing
from edo_service.archiving.evidence_desk import EvidenceDesk
from edo_service.archiving.evidence_reading import Recorder, group_keys, standing
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.taking import take_kept
from edo_service.kernel.uow import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class PackageEvidence:
    """A record (DER of RFC 4998) and the data objects that it is over.

    `rooted`: it leads to a daily root; otherwise it holds the manifest's own time-stamp over the manifest's signature.
    """

    record: bytes
    objects: tuple[bytes, ...]
    rooted: bool


def evidence_of(package_id: UUID, *, uow: UnitOfWork, desk: EvidenceDesk) -> PackageEvidence:
    """Derive the record of a kept package of the scope from lists and tokens in the store, each step checked.

    Raises NotFound, Conflict when the set is not kept yet, Unavailable, archive.ArchiveError (damage) and
    signing.BadInput (what is kept does not fit together).
    """
    with uow.reading() as reading:
        package, _ = take_kept(reading, package_id)
    return _evidence(package_id, "package", package.owner_id, uow=uow, desk=desk)


def _evidence(subject: UUID, kind: str, owner: UUID, *, uow: UnitOfWork, desk: EvidenceDesk) -> PackageEvidence:
    with uow.reading() as reading:
        keys = group_keys([subject], uow=reading).get(subject)
        stands = standing([subject], uow=reading)
    if keys is None:
        raise archive.BadPackage(f"{subject} has no signed and time-stamped manifest")
    objects = tuple(desk.from_store(f"{owner}/{one}") for one in keys)
    record = Recorder(desk=desk, owner_id=owner, standing=stands).record(subject, objects, kind=kind)
    if record is not None:
        return PackageEvidence(record=record.to_der(), objects=objects, rooted=True)
    _, signature, own = objects
    record = signing.begin_evidence_record(own, objects=[signature])
    return PackageEvidence(record=record.to_der(), objects=(signature,), rooted=False)


def record_for_export(package_id: UUID, *, uow: UnitOfWork, desk: EvidenceDesk) -> bytes:
    """The record that an export carries, of a kept package or of a supplement; empty while it waits for its root.

    Raises as `evidence_of`. What does not fit together is damage: archive.Damaged.
    """
    with uow.reading() as reading:
        asked = select(PackageSupplement).where(PackageSupplement.id == package_id)
        late = reading.session.scalars(asked).one_or_none()
    try:
        if late is None:
            found = evidence_of(package_id, uow=uow, desk=desk)
        else:
            found = _evidence(package_id, "supplement", late.owner_id, uow=uow, desk=desk)
    except signing.SigningError as error:
        raise archive.Damaged(f"evidence of {package_id}", str(error)) from error
    return found.record if found.rooted else b""


def verify_evidence(package_id: UUID, *, uow: UnitOfWork, desk: EvidenceDesk) -> signing.EvidenceReport:
    """Whether the package is proven to have existed at its root's time, judged now. Raises as `evidence_of`."""
    found = evidence_of(package_id, uow=uow, desk=desk)
    return desk.verify(found.record, found.objects)
