"""Augmenting CAdES signatures: T, X Long Type 1 and A (ETSI EN 319 122-1, 5.3-5.5, annex A; RFC 5126, 6.2-6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from signing._internal import der, digests, oids
from signing._internal.certificates import Certificate
from signing._internal.chain import judge_chain
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.crl import read_crl
from signing._internal.errors import BadInput, SigningError
from signing._internal.evidence import EvidenceSource
from signing._internal.existence import prove_existence
from signing._internal.imprints import Stamped, archive_data_v3, references_imprint
from signing._internal.names import same_name
from signing._internal.path import Path
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.revocation import find_answer
from signing._internal.run import Run
from signing._internal.sign import Timestamper, add_signature_timestamp
from signing._internal.signer import Content, examine_signer
from signing._internal.timestamps import add_embedded, merge_evidence, read_token
from signing._internal.trust import TrustStore
from signing._internal.verdict import Evidence, Findings

Level = Literal["T", "XLT1", "A"]
_WEAK = {"md5", "sha1", "gost94"}


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

    T adds a signature time-stamp. XLT1 adds references to certificates and revocation data of the signer's path, the
    values themselves (those of the time-stamping authority too), and a time-stamp over all of it. A adds an
    archive-time-stamp-v3 with ATSHashIndex-v3, and before it the evidence about earlier time-stamps (into
    SignedData); called again, it renews A. What is there already is kept. `content` is needed for A of a detached
    signature. Raises BadInput when the file is not CMS SignedData, when the signature does not hold, or when evidence
    about a certificate cannot be had at the instant `at`; and what the time-stamper raises.
    """
    if at.tzinfo is None:
        raise BadInput("the time must be aware", "at")
    made = add_signature_timestamp(cms, timestamper)
    if level == "T":
        return made
    job = _Job(trust=trust, evidence=evidence, at=at, policy=policy, timestamper=timestamper, content=content)
    signed = read_signed_data(made)
    signed = _replace(signed, [_with_references(job, signed, one) for one in signed.signers])
    if level == "XLT1":
        return signed.raw
    signed = _with_evidence(job, signed)
    return _replace(signed, [_with_archive_timestamp(job, signed, one) for one in signed.signers]).raw


@dataclass(frozen=True, kw_only=True)
class _Job:
    trust: TrustStore
    evidence: EvidenceSource
    at: datetime
    policy: Policy
    timestamper: Timestamper
    content: bytes | None

    def run(self, signed: SignedData) -> Run:
        run = Run(trust=self.trust, source=self.evidence, at=self.at, policy=self.policy)
        add_embedded(run, signed, signed.signers)
        return run

    def stamp(self, signer: SignerInfo, data: bytes) -> bytes:
        """A time-stamp token over the data, with the signer's hash function unless that is weak."""
        name = _digest_of(signer)
        return self.timestamper.timestamp(name, digests.digest(name, data))

    def content_of(self, signed: SignedData) -> Content:
        return Content(self.content if signed.content is None else signed.content)


def _digest_of(signer: SignerInfo) -> str:
    name = digests.name_of(signer.digest_node.sequence("digestAlgorithm", 1)[0].oid())
    return "sha256" if name in _WEAK else name


def _replace(signed: SignedData, infos: Sequence[bytes], parts: Sequence[bytes] | None = None) -> SignedData:
    """The same SignedData with other signers (in their order: SET OF is sorted) and other parts."""
    members = der.read(signed.raw).children()[1].inner().children()
    head = [one.raw for one in members[:2]]
    middle = [one.raw for one in signed.parts] if parts is None else list(parts)
    body = der.sequence(*head, *middle, der.set_of(infos))
    return read_signed_data(der.sequence(der.oid(oids.SIGNED_DATA), der.explicit(0, body)))


def _with_unsigned(signer: SignerInfo, added: Sequence[bytes]) -> bytes:
    kept = [part.raw for part in signer.node.children() if part.tag != 0xA1]
    old = [child.raw for child in signer.unsigned_node.children()] if signer.unsigned_node else []
    return der.sequence(*kept, der.set_of([*old, *added], tag=0xA1))


def _attribute(dotted: str, value: bytes) -> bytes:
    return der.sequence(der.oid(dotted), der.set_of([value]))


# --- X Long Type 1 ---


def _with_references(job: _Job, signed: SignedData, signer: SignerInfo) -> bytes:
    present = {one.oid for one in signer.unsigned_attributes}
    run = job.run(signed)
    path, found = _evidence_of(job, run, signed, signer)
    name = _digest_of(signer)
    added = []
    if oids.CERTIFICATE_REFS not in present:
        added.append(_attribute(oids.CERTIFICATE_REFS, _certificate_references(path, name)))
    if oids.REVOCATION_REFS not in present:
        added.append(_attribute(oids.REVOCATION_REFS, _revocation_references(path, found, name)))
    if oids.CERTIFICATE_VALUES not in present:
        added.append(_attribute(oids.CERTIFICATE_VALUES, der.sequence(*found.certificates)))
    if oids.REVOCATION_VALUES not in present:
        added.append(_attribute(oids.REVOCATION_VALUES, _revocation_values(found)))
    info = _with_unsigned(signer, added) if added else signer.node.raw
    if oids.CADES_C_TIMESTAMP in present:
        return info
    grown = SignerInfo(der.read(info))
    stamped = Stamped(signed=signed, signer=grown, content=Content(None))
    data = next(iter(references_imprint(stamped, oids.CADES_C_TIMESTAMP)))
    return _with_unsigned(grown, [_attribute(oids.CADES_C_TIMESTAMP, job.stamp(signer, data))])


def _evidence_of(job: _Job, run: Run, signed: SignedData, signer: SignerInfo) -> tuple[Path, Evidence]:
    """The signer's path, and evidence about it and about every time-stamp that proves the signature; BadInput."""
    content = job.content_of(signed)
    examined = examine_signer(run, signer, content, content_type=signed.content_type)
    certificate = examined.certificate
    detached = content.data is None and examined.findings.sub_indication == "SIGNED_DATA_NOT_FOUND"
    if certificate is None or not (examined.findings.fine or detached):
        raise BadInput("the signature does not hold", examined.findings.sub_indication or "")
    existence = prove_existence(run, Stamped(signed=signed, signer=signer, content=content), Findings())
    if not existence.proven:
        raise BadInput("no time-stamp in the file can be proven now")
    chain = judge_chain(run, certificate, control=existence.best, proven=True, role="signer")
    if not chain.findings.fine:
        raise BadInput("the signer's certificate cannot be proven now", chain.findings.sub_indication or "")
    return chain.path, merge_evidence(chain.evidence, existence.evidence)


def _hash(name: str, data: bytes) -> bytes:
    """OtherHash (RFC 5126, 6.2.1)."""
    return der.sequence(digests.identifier(name), der.octet_string(digests.digest(name, data)))


def _certificate_references(path: Path, name: str) -> bytes:
    """CompleteCertificateRefs: the path without the signer's own certificate."""
    return der.sequence(
        *(
            der.sequence(
                _hash(name, one.der),
                der.sequence(der.sequence(der.explicit(4, one.issuer_der)), one.serial_der),
            )
            for one in path[1:]
        )
    )


def _revocation_references(path: Path, found: Evidence, name: str) -> bytes:
    """CompleteRevocationRefs: a CrlOcspRef for each certificate of the path, in its order; the anchor's is empty."""
    references = []
    for one, issuer in pairwise(path):
        crls = [blob for blob in found.crls if same_name(read_crl(blob).issuer, one.issuer_der)]
        answers = [blob for blob in found.ocsps if _is_about(blob, one, issuer)]
        members = []
        if crls:
            members.append(der.explicit(0, der.sequence(der.sequence(*(_crl_reference(blob, name) for blob in crls)))))
        if answers:
            listed = (_ocsp_reference(blob, one, issuer, name) for blob in answers)
            members.append(der.explicit(1, der.sequence(der.sequence(*listed))))
        references.append(der.sequence(*members))
    return der.sequence(*references, der.sequence())


def _is_about(answer: bytes, certificate: Certificate, issuer: Certificate) -> bool:
    try:
        return find_answer(answer, certificate, issuer) is not None
    except SigningError:
        return False


def _crl_reference(blob: bytes, name: str) -> bytes:
    crl = read_crl(blob)
    moment = der.time(crl.this_update)
    return der.sequence(_hash(name, blob), der.sequence(crl.issuer, moment))


def _ocsp_reference(blob: bytes, certificate: Certificate, issuer: Certificate, name: str) -> bytes:
    answer = find_answer(blob, certificate, issuer)
    if answer is None:
        raise BadInput("the OCSP answer is about another certificate")
    if answer.responder_name is not None:
        responder = der.explicit(1, answer.responder_name)
    else:
        responder = der.explicit(2, der.octet_string(answer.responder_key_hash or b""))
    identifier = der.sequence(responder, der.generalized_time(answer.produced_at))
    return der.sequence(identifier, _hash(name, _basic(blob)))


def _basic(response: bytes) -> bytes:
    """BasicOCSPResponse inside an OCSPResponse."""
    return der.read(response).children()[1].inner().children()[1].octets()


def _revocation_values(found: Evidence) -> bytes:
    """RevocationValues: CRLs, and OCSP answers without their outer frame."""
    crls = der.explicit(0, der.sequence(*found.crls)) if found.crls else b""
    answers = der.explicit(1, der.sequence(*map(_basic, found.ocsps))) if found.ocsps else b""
    return der.sequence(crls, answers)


# --- A ---


def _with_evidence(job: _Job, signed: SignedData) -> SignedData:
    """Put evidence about all time-stamps into SignedData.certificates and crls (EN 319 122-1, 5.5.3)."""
    run = job.run(signed)
    certificates: list[bytes] = []
    revocations: list[bytes] = []
    for signer in signed.signers:
        _, found = _evidence_of(job, run, signed, signer)
        certificates += found.certificates
        revocations += found.crls
        revocations += (_other_revocation(blob) for blob in found.ocsps)
    parts = {part.tag: [child.raw for child in part.children()] for part in signed.parts[1:]}
    encoded = [signed.parts[0].raw]
    for tag, added in ((0xA0, certificates), (0xA1, revocations)):
        members = dict.fromkeys((*parts.get(tag, ()), *added))
        if members:
            encoded.append(der.set_of(members, tag=tag))
    return _replace(signed, [one.node.raw for one in signed.signers], encoded)


def _other_revocation(response: bytes) -> bytes:
    """OtherRevocationInfoFormat with an OCSPResponse (RFC 5940, 2.1)."""
    return der.tlv(0xA1, der.oid(oids.OCSP_RESPONSE_INFO), response)


def _with_archive_timestamp(job: _Job, signed: SignedData, signer: SignerInfo) -> bytes:
    """1. The hash index of all that is there. 2. The token over it. 3. The index goes into the token unsigned."""
    content = job.content_of(signed)
    if content.data is None:
        raise BadInput("the content of a detached signature is needed for an archive time-stamp", "content")
    name = _digest_of(signer)
    index = _hash_index(signed, signer, name)
    stamped = Stamped(signed=signed, signer=signer, content=content)
    token = job.stamp(signer, archive_data_v3(stamped, name, index))
    return _with_unsigned(signer, [_attribute(oids.ARCHIVE_TIMESTAMP_V3, _with_index(token, index))])


def _hash_index(signed: SignedData, signer: SignerInfo, name: str) -> bytes:
    """ATSHashIndex-v3 (EN 319 122-1, 5.5.2)."""
    parts = {part.tag: [child.raw for child in part.children()] for part in signed.parts[1:]}
    values = [one.node.children()[0].raw + value.raw for one in signer.unsigned_attributes for value in one.values]
    lists = (parts.get(0xA0, []), parts.get(0xA1, []), values)
    hashed = (der.sequence(*(der.octet_string(digests.digest(name, one)) for one in members)) for members in lists)
    return der.sequence(digests.identifier(name), *hashed)


def _with_index(token: bytes, index: bytes) -> bytes:
    read = read_token(token)
    info = _with_unsigned(read.signed.signers[0], [_attribute(oids.ATS_HASH_INDEX_V3, index)])
    return _replace(read.signed, [info]).raw
