"""Time-stamp tokens (RFC 3161, RFC 5816): reading, and judging whether one proves that bytes existed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from signing._internal import der, digests, oids, verdict
from signing._internal.algorithms import algorithm_parts
from signing._internal.certificates import Certificate
from signing._internal.chain import judge_chain
from signing._internal.cms import SignedData, SignerInfo, read_signed_data, wrap_basic_ocsp
from signing._internal.errors import BadInput, Unsupported
from signing._internal.run import Run
from signing._internal.signer import Content, examine_signer
from signing._internal.verdict import FAILED, INDETERMINATE, Evidence, Findings


@dataclass(frozen=True, kw_only=True)
class TstInfo:
    """TSTInfo (RFC 3161, 2.4.2)."""

    version: int
    policy: str
    digest_algorithm: str
    digest: bytes
    serial: int
    at: datetime
    nonce: int | None


@dataclass(frozen=True, kw_only=True)
class Token:
    """A time-stamp token: what it states and the SignedData around it."""

    der: bytes
    info: TstInfo
    signed: SignedData


@dataclass(kw_only=True)
class TokenVerdict:
    """Whether a token proves existence; `at` is its time, None when it cannot be read."""

    findings: Findings
    at: datetime | None = None
    authority: Certificate | None = None
    evidence: Evidence = field(default_factory=Evidence)


# builds the possible inputs of a token's imprint; BadInput when the token's own index of hashes is wrong
Imprints = Callable[[Token], Iterable[bytes]]


def read_token(data: bytes) -> Token:
    """Read TimeStampToken (DER of ContentInfo); BadInput, Unsupported."""
    signed = read_signed_data(data)
    if signed.content_type != oids.TST_INFO or signed.content is None:
        raise BadInput("the token holds no TSTInfo", signed.content_type)
    if len(signed.signers) != 1:
        raise BadInput(f"the token has {len(signed.signers)} signers, not one (RFC 3161, 2.4.2)")
    members = der.read_all(signed.content, "TSTInfo").sequence("TSTInfo", 5)
    imprint = members[2].sequence("messageImprint", 2)
    nonce = next((member.integer() for member in members[5:] if member.tag == der.INTEGER), None)
    info = TstInfo(
        version=members[0].integer(),
        policy=members[1].oid(),
        digest_algorithm=digests.name_of(algorithm_parts(imprint[0])[0]),
        digest=imprint[1].octets(),
        serial=members[3].integer(),
        at=members[4].expect(der.GENERALIZED_TIME, "genTime").time(),
        nonce=nonce,
    )
    return Token(der=signed.raw, info=info, signed=signed)


def add_embedded(run: Run, signed: SignedData, signers: tuple[SignerInfo, ...]) -> None:
    """Keep the certificates and revocation data that a CMS carries.

    CryptoPro keeps the certificates of a time-stamp in unsigned attributes of the token's signer
    (certificate-values, revocation-values, RFC 5126, 6.3), so both places are read.
    """
    run.add(signed.certificates, signed.crls, signed.ocsps)
    for signer in signers:
        for value in signer.unsigned(oids.CERTIFICATE_VALUES):
            if value.tag == der.SEQUENCE:
                run.add(item.raw for item in value.children())
        for value in signer.unsigned(oids.REVOCATION_VALUES):
            if value.tag == der.SEQUENCE:
                add_revocation_values(run, value)


def add_revocation_values(run: Run, value: der.Node, *, wrapped: bool = False) -> None:
    """Keep CRLs and OCSP answers of RevocationValues (RFC 5126, 6.3.4); `wrapped`: answers are whole OCSPResponses."""
    for part in value.sequence("RevocationValues"):
        if part.tag in {0xA0, 0xA1}:
            blobs = [item.raw for item in part.inner().children()]
            answers = blobs if part.tag == 0xA1 else []
            run.add((), blobs if part.tag == 0xA0 else (), answers if wrapped else map(wrap_basic_ocsp, answers))


def judge_token(run: Run, data: bytes, imprinted: bytes | Imprints, *, control: datetime | None = None) -> TokenVerdict:
    """Judge a token over the bytes `imprinted` (EN 319 102-1, 5.4).

    1. Form. 2. The imprint; for kinds of tokens whose input real files build in several ways, `imprinted` gives the
    candidates. 3. The authority's signature. 4. Its certificate: critical sole EKU timeStamping, path and revocation
    at `control`, validity at genTime. 5. Strength of the imprint's hash. `control` is the earliest moment at which
    the token itself provably existed (a later time-stamp covers it); None means the time of validation.
    """
    findings = Findings()
    try:
        token = read_token(data)
        signer = token.signed.signers[0]
        add_embedded(run, token.signed, (signer,))
        candidates = (imprinted,) if isinstance(imprinted, bytes) else imprinted(token)
        holds = any(digests.digest(token.info.digest_algorithm, one) == token.info.digest for one in candidates)
    except (BadInput, Unsupported) as error:
        findings.refuse("timestamp_format", (FAILED, verdict.FORMAT_FAILURE), f"Штамп времени не читается: {error}.")
        return TokenVerdict(findings=findings)
    info, moment = token.info, control or run.at
    if holds:
        findings.passed("timestamp_imprint", "Штамп времени поставлен на эти данные.", algorithm=info.digest_algorithm)
    else:
        text = "Штамп времени поставлен на другие данные."
        findings.refuse("timestamp_imprint", (FAILED, verdict.HASH_FAILURE), text)
    if info.at > moment + run.policy.clock_skew:
        failure = (INDETERMINATE, verdict.TIMESTAMP_ORDER_FAILURE)
        known = "момента проверки" if control is None else "другого штампа, который его охватывает"
        findings.refuse("timestamp_time", failure, f"Штамп времени позже {known}.")
    examined = examine_signer(run, signer, Content(token.signed.content), content_type=oids.TST_INFO)
    findings.take(examined.findings)
    found = TokenVerdict(findings=findings, at=info.at, authority=examined.certificate)
    if examined.certificate is not None:
        _judge_authority(run, found, examined.certificate, info.at, control=control)
    weak = {info.digest_algorithm, *((examined.scheme.digest,) if examined.scheme else ())}
    for digest in sorted(weak):
        if run.policy.weak_digest(digest, moment):
            failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
            findings.refuse("timestamp_strength", failure, f"Хэш-функция штампа {digest} уже не считается стойкой.")
    found.evidence = merge_evidence(found.evidence, Evidence(timestamps=(token.der,)))
    return found


def _judge_authority(
    run: Run, found: TokenVerdict, authority: Certificate, at: datetime, *, control: datetime | None
) -> None:
    chain = judge_chain(run, authority, control=control or run.at, proven=control is not None, role="tsa")
    found.findings.take(chain.findings)
    found.evidence = chain.evidence
    if not authority.not_before <= at <= authority.not_after:
        failure = (INDETERMINATE, verdict.OUT_OF_BOUNDS_NO_POE)
        found.findings.refuse("timestamp_time", failure, "Сертификат службы времени не действовал в момент штампа.")


def merge_evidence(*parts: Evidence) -> Evidence:
    """Join evidence, each piece once, in the order of appearance."""
    return Evidence(
        certificates=tuple(dict.fromkeys(item for part in parts for item in part.certificates)),
        crls=tuple(dict.fromkeys(item for part in parts for item in part.crls)),
        ocsps=tuple(dict.fromkeys(item for part in parts for item in part.ocsps)),
        timestamps=tuple(dict.fromkeys(item for part in parts for item in part.timestamps)),
    )
