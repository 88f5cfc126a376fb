"""CAdES-A: archive time-stamps v3 and v2, and their renewal (ETSI EN 319 122-1, 5.5; RFC 5126, 6.4)."""

from __future__ import annotations

from typing import Literal

from signing._internal import assemble, der, digests, oids, references
from signing._internal.cms import Attribute, SignedData, SignerInfo
from signing._internal.errors import BadInput, Unsupported
from signing._internal.imprints import ARCHIVE, Stamped, archive_data_v3, archive_imprint_v2
from signing._internal.raising import Job, evidence_of
from signing._internal.timestamps import read_token
from signing._internal.verdict import Evidence

ArchiveForm = Literal["v3", "v2"]
_SEALS = {oids.ARCHIVE_TIMESTAMP, oids.ARCHIVE_TIMESTAMP_V2}


def with_archive_timestamps(job: Job, signed: SignedData, form: ArchiveForm) -> SignedData:
    """Put in evidence about the time-stamps that are there, then one more archive time-stamp for each signer."""
    found = [evidence_of(job, job.run(signed), signed, signer)[1] for signer in signed.signers]
    if any(one.oid in _SEALS for signer in signed.signers for one in signer.unsigned_attributes):
        infos = [_with_evidence_inside(*pair) for pair in zip(signed.signers, found, strict=True)]
        signed = assemble.replace(signed, infos)
    else:
        signed = _with_evidence_around(signed, found)
    stamp = _stamped_v2 if form == "v2" else _stamped_v3
    return assemble.replace(signed, [stamp(job, signed, one) for one in signed.signers])


def _with_evidence_around(signed: SignedData, found: list[Evidence]) -> SignedData:
    """Put evidence into SignedData.certificates and crls (EN 319 122-1, 5.5.3)."""
    return assemble.replace(
        signed,
        [one.node.raw for one in signed.signers],
        certificates=[blob for one in found for blob in one.certificates],
        revocations=[blob for one in found for blob in (*one.crls, *map(_other_revocation, one.ocsps))],
    )


def _other_revocation(response: bytes) -> bytes:
    """OtherRevocationInfoFormat with an OCSPResponse (RFC 5940, 2.1)."""
    return der.tlv(0xA1, der.oid(oids.OCSP_RESPONSE_INFO), response)


def _with_evidence_inside(signer: SignerInfo, found: Evidence) -> bytes:
    """Put evidence into the newest time-stamp token, where archive time-stamps v1 and v2 let nothing else be added.

    They cover all certificates and revocation data of the file; the token itself is covered by nothing yet, and its
    unsigned attributes by no signature (RFC 5126, 6.4.1).
    """
    newest = _newest(signer)
    if newest is None:
        return signer.node.raw
    token = read_token(newest.values[0].raw)
    stamper = token.signed.signers[0]
    added = []
    if not stamper.unsigned(oids.CERTIFICATE_VALUES):
        added.append(assemble.attribute(oids.CERTIFICATE_VALUES, der.sequence(*found.certificates)))
    if not stamper.unsigned(oids.REVOCATION_VALUES):
        added.append(assemble.attribute(oids.REVOCATION_VALUES, references.revocation_values(found)))
    grown = assemble.replace(token.signed, [assemble.with_unsigned(stamper.node, added)]).raw
    parts = [part.raw for part in signer.node.children() if part.tag != 0xA1]
    others = [one.node.raw for one in signer.unsigned_attributes if one is not newest]
    return der.sequence(*parts, der.set_of([*others, assemble.attribute(newest.oid, grown)], tag=0xA1))


def _newest(signer: SignerInfo) -> Attribute | None:
    """The attribute with the archive time-stamp that is the newest, or with the one over references."""
    found = []
    for one in signer.unsigned_attributes:
        if one.oid in ARCHIVE | {oids.CADES_C_TIMESTAMP} and len(one.values) == 1:
            try:
                found.append((one.oid in ARCHIVE, read_token(one.values[0].raw).info.at, one))
            except (BadInput, Unsupported):
                continue
    return max(found, key=lambda item: item[:2])[2] if found else None


def _stamped_v3(job: Job, signed: SignedData, signer: SignerInfo) -> bytes:
    """1. The hash index of all that is there. 2. The token over it. 3. The index goes into the token unsigned."""
    content = job.content_of(signed)
    if content.data is None:
        raise BadInput("the content of a detached signature is needed for an archive time-stamp", "content")
    name = assemble.strong_digest_of(signer)
    index = _hash_index(signed, signer, name)
    stamped = Stamped(signed=signed, signer=signer, content=content)
    read = read_token(job.stamp(signer, archive_data_v3(stamped, name, index)))
    info = assemble.with_unsigned(read.signed.signers[0].node, [assemble.attribute(oids.ATS_HASH_INDEX_V3, index)])
    token = assemble.replace(read.signed, [info]).raw
    return assemble.with_unsigned(signer.node, [assemble.attribute(oids.ARCHIVE_TIMESTAMP_V3, token)])


def _hash_index(signed: SignedData, signer: SignerInfo, name: str) -> bytes:
    """ATSHashIndex-v3 (EN 319 122-1, 5.5.2)."""
    parts = {part.tag: [child.raw for child in part.children()] for part in signed.parts[1:]}
    values = [one.node.children()[0].raw + value.raw for one in signer.unsigned_attributes for value in one.values]
    lists = (parts.get(0xA0, []), parts.get(0xA1, []), values)
    hashed = (der.sequence(*(der.octet_string(digests.digest(name, one)) for one in members)) for members in lists)
    return der.sequence(digests.identifier(name), *hashed)


def _stamped_v2(job: Job, signed: SignedData, signer: SignerInfo) -> bytes:
    """A token over everything as it is encoded (RFC 5126, 6.4.1): the content, certificates, CRLs, the signer."""
    stamped = Stamped(signed=signed, signer=signer, content=job.content_of(signed))
    if stamped.content.data is None:
        raise BadInput("the content of a detached signature is needed for an archive time-stamp", "content")
    token = job.stamp(signer, next(iter(archive_imprint_v2(stamped, signer.unsigned_attributes))))
    return assemble.with_unsigned(signer.node, [assemble.attribute(oids.ARCHIVE_TIMESTAMP_V2, token)])
