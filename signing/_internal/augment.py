"""Augmenting CAdES signatures: T, X Long Type 1 and A (ETSI EN 319 122-1, 5.3-5.5, annex A; RFC 5126, 6.2-6.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from signing._internal import assemble, der, oids, references
from signing._internal.archival import with_archive_timestamps
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.errors import BadInput
from signing._internal.evidence import EvidenceSource
from signing._internal.imprints import Stamped, references_imprint
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.raising import Job, evidence_of
from signing._internal.sign import Timestamper, add_signature_timestamp
from signing._internal.signer import Content
from signing._internal.trust import TrustStore

Level = Literal["T", "XLT1", "A", "AV2"]


def augment(
    cms: bytes,
    level: Level,
    *,
    content: bytes | None = None,
    timestamper: Timestamper,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    policy: Policy = DEFAULT_POLICY,
) -> bytes:
    """Raise every signer of a CMS to `level`; DER CMS, what was signed keeps its bytes.

    T adds a signature time-stamp. XLT1 adds references to certificates and revocation data of the signer's path,
    the values themselves (those of the time-stamping authority too), and a time-stamp over all of it. A adds an
    archive-time-stamp-v3 with ATSHashIndex-v3, and before it the evidence about earlier time-stamps (into
    SignedData); called again, it renews A. AV2 makes the older archive-time-stamp-v2 of RFC 5126 instead, for
    receivers that know no other; it seals the certificates of the file. What is there already is kept. `content` is
    needed for A of a detached signature. Raises BadInput when the file is not CMS SignedData, when the signature
    does not hold, or when evidence about a certificate cannot be had at the instant `at`; and what the time-stamper
    raises.
    """
    if at.tzinfo is None:
        raise BadInput("the time must be aware", "at")
    made = add_signature_timestamp(cms, timestamper)
    if level == "T":
        return made
    job = Job(trust=trust, evidence=evidence, at=at, policy=policy, timestamper=timestamper, content=content)
    signed = read_signed_data(made)
    signed = assemble.replace(signed, [_with_references(job, signed, one) for one in signed.signers])
    if level == "XLT1":
        return signed.raw
    return with_archive_timestamps(job, signed, "v2" if level == "AV2" else "v3").raw


def _with_references(job: Job, signed: SignedData, signer: SignerInfo) -> bytes:
    present = {one.oid for one in signer.unsigned_attributes}
    run = job.run(signed)
    path, found = evidence_of(job, run, signed, signer)
    name = assemble.strong_digest_of(signer)
    added = []
    if oids.CERTIFICATE_REFS not in present:
        added.append(assemble.attribute(oids.CERTIFICATE_REFS, references.certificate_references(path, name)))
    if oids.REVOCATION_REFS not in present:
        added.append(assemble.attribute(oids.REVOCATION_REFS, references.revocation_references(path, found, name)))
    if oids.CERTIFICATE_VALUES not in present:
        added.append(assemble.attribute(oids.CERTIFICATE_VALUES, der.sequence(*found.certificates)))
    if oids.REVOCATION_VALUES not in present:
        added.append(assemble.attribute(oids.REVOCATION_VALUES, references.revocation_values(found)))
    info = assemble.with_unsigned(signer.node, added) if added else signer.node.raw
    if oids.CADES_C_TIMESTAMP in present:
        return info
    grown = SignerInfo(der.read(info))
    stamped = Stamped(signed=signed, signer=grown, content=Content(None))
    data = next(iter(references_imprint(stamped, oids.CADES_C_TIMESTAMP)))
    return assemble.with_unsigned(grown.node, [assemble.attribute(oids.CADES_C_TIMESTAMP, job.stamp(signer, data))])
