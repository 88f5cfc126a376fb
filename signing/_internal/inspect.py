"""What a CMS file says, without judging it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signing._internal import algorithms, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.attributes import level_of, read_signed_attributes
from signing._internal.certificates import Certificate
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.errors import BadInput, Unsupported
from signing._internal.names import read_name
from signing._internal.signer import identifies
from signing._internal.timestamps import read_token
from signing._internal.trust import Pool


@dataclass(frozen=True, kw_only=True)
class SignerDescription:
    """One signer: algorithms by our names (dotted when unknown), the digest that was signed, the claims."""

    certificate: Certificate | None
    issuer: str
    serial: str
    level: str
    digest_algorithm: str
    signature_algorithm: str
    message_digest: str
    signing_time: datetime | None
    timestamps: tuple[datetime, ...]
    signed_attributes: tuple[str, ...]
    unsigned_attributes: tuple[str, ...]
    signature_value: bytes
    signature_timestamps: tuple[bytes, ...]
    archive_timestamps: tuple[bytes, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values for `edo inspect`; bytes stay out."""
        return {
            "subject": self.certificate.subject.rfc4514 if self.certificate else None,
            "issuer": self.issuer,
            "serial": self.serial,
            "level": self.level,
            "digest_algorithm": self.digest_algorithm,
            "signature_algorithm": self.signature_algorithm,
            "message_digest": self.message_digest,
            "signing_time": self.signing_time.isoformat() if self.signing_time else None,
            "timestamps": [moment.isoformat() for moment in self.timestamps],
        }


@dataclass(frozen=True, kw_only=True)
class CmsInfo:
    """A CMS file: its form (der, ber, pem, base64), what it carries, its signers."""

    form: str
    detached: bool
    content_type: str
    content: bytes | None
    certificates: tuple[Certificate, ...]
    crl_count: int
    ocsp_count: int
    signers: tuple[SignerDescription, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values for `edo inspect`; bytes stay out."""
        return {
            "form": self.form,
            "detached": self.detached,
            "content_type": self.content_type,
            "certificates": [one.subject.rfc4514 for one in self.certificates],
            "crls": self.crl_count,
            "ocsps": self.ocsp_count,
            "signers": [signer.to_json() for signer in self.signers],
        }


def inspect_cms(signature: bytes) -> CmsInfo:
    """Describe a CMS SignedData file; BadInput when it is none."""
    signed = read_signed_data(signature)
    pool = Pool()
    pool.add_der(signed.certificates)
    return CmsInfo(
        form=signed.form,
        detached=signed.content is None,
        content_type=signed.content_type,
        content=signed.content,
        certificates=tuple(pool.all),
        crl_count=len(signed.crls),
        ocsp_count=len(signed.ocsps),
        signers=tuple(_describe(signer, signed, pool) for signer in signed.signers),
    )


def _describe(signer: SignerInfo, signed: SignedData, pool: Pool) -> SignerDescription:
    facts = read_signed_attributes(signer)
    certificate = next((one for one in pool.all if identifies(signer, one)), None)
    digest = algorithm_parts(signer.digest_node)[0]
    try:
        digest = digests.name_of(digest)
        signature = algorithms.scheme(signer.signature_algorithm, digest).kind
    except (Unsupported, BadInput):
        signature = ""
    level = level_of(signer, facts, embedded_revocation=bool(signed.crls or signed.ocsps)) if not facts.faults else ""
    return SignerDescription(
        certificate=certificate,
        issuer=read_name(signer.issuer).rfc4514 if signer.issuer else "",
        serial=f"{signer.serial:x}" if signer.serial is not None else "",
        level=level,
        digest_algorithm=digest,
        signature_algorithm=signature,
        message_digest=facts.message_digest.hex() if facts.message_digest else "",
        signing_time=facts.signing_time,
        timestamps=_times(signer),
        signed_attributes=tuple(item.oid for item in signer.signed_attributes) if not facts.faults else (),
        unsigned_attributes=tuple(item.oid for item in signer.unsigned_attributes),
        signature_value=signer.signature,
        signature_timestamps=tuple(value.raw for value in signer.unsigned(oids.SIGNATURE_TIMESTAMP)),
        archive_timestamps=tuple(value.raw for value in signer.unsigned(oids.ARCHIVE_TIMESTAMP_V3)),
    )


def _times(signer: SignerInfo) -> tuple[datetime, ...]:
    times = []
    for value in signer.unsigned(oids.SIGNATURE_TIMESTAMP):
        try:
            times.append(read_token(value.raw).info.at)
        except (BadInput, Unsupported):
            continue
    return tuple(times)
