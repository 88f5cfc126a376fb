"""Verification of a CMS signature file (ETSI EN 319 102-1): one report, a verdict for each signer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from signing._internal import oids, verdict
from signing._internal.attributes import level_of
from signing._internal.chain import judge_chain
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.conditions import conditions_of
from signing._internal.errors import BadCertificate, BadInput, BadKey, Unsupported
from signing._internal.evidence import EvidenceSource
from signing._internal.path import key_weakness
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.signer import Content, Examined, examine_signer
from signing._internal.timestamps import TokenVerdict, add_embedded, judge_token, merge_evidence
from signing._internal.trust import TrustStore
from signing._internal.verdict import FAILED, INDETERMINATE, Evidence, Findings, Report, SignatureVerdict, worst

_FORMAT = (FAILED, verdict.FORMAT_FAILURE)
_MAX_NESTING = 3


def verify(
    content: bytes | None,
    signature: bytes,
    *,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    policy: Policy = DEFAULT_POLICY,
) -> Report:
    """Judge every signature in a CMS file at the instant `at` (aware).

    `content` is the signed file when the signature is detached; for an attached one it may be None or must be equal
    to what is inside. A bad file is a verdict (FORMAT_FAILURE), not an error. Raises BadInput for a naive `at` and
    BackendMissing when the file needs ГОСТ and the system has no engine.
    """
    if at.tzinfo is None:
        raise BadInput("the time of verification must be aware", "at")
    run = Run(trust=trust, source=evidence, at=at.astimezone(UTC), policy=policy)
    try:
        signed = read_signed_data(signature)
        add_embedded(run, signed, signed.signers)
    except BadInput as error:
        return _report(run, content, (_unreadable(run, f"Файл подписи не читается: {error}."),))
    file = _File(run=run, signed=signed, content=Content(content if signed.content is None else signed.content))
    for finding in (_check_tail(signed), _check_attached(signed, content)):
        file.common.take(finding)
    if not signed.signers:
        return _report(run, file.content.data, (_unreadable(run, "В файле нет ни одной подписи."),))
    verdicts: list[SignatureVerdict] = []
    for signer in signed.signers:
        _judge(file, signer, file.content, verdicts, countersigns=None)
    return _report(run, file.content.data, tuple(verdicts))


@dataclass(kw_only=True)
class _File:
    """The file under judgement, and what was found about the file as a whole."""

    run: Run
    signed: SignedData
    content: Content

    def __post_init__(self) -> None:
        self.common = Findings()


def _check_tail(signed: SignedData) -> Findings:
    findings = Findings()
    if signed.extra:
        text = f"После подписи в файле стоят посторонние байты ({signed.extra})."
        findings.refuse("format", _FORMAT, text, extra=signed.extra)
        return findings
    findings.passed("format", "Файл подписи прочитан (CMS SignedData).", form=signed.form, signers=len(signed.signers))
    if signed.padding:
        text = f"Файл подписи дополнен нулями ({signed.padding} байт)."
        findings.note("padding", text, warning=True, zeros=signed.padding)
    return findings


def _check_attached(signed: SignedData, content: bytes | None) -> Findings:
    findings = Findings()
    if signed.content is not None and content is not None and signed.content != content:
        text = "Содержимое внутри подписи не совпадает с файлом, который дан для проверки."
        findings.refuse("attached_content", (FAILED, verdict.HASH_FAILURE), text)
    return findings


def _judge(
    file: _File,
    signer: SignerInfo,
    content: Content,
    verdicts: list[SignatureVerdict],
    *,
    countersigns: int | None,
    nesting: int = 0,
) -> None:
    """Judge one signer, then those who counter-signed him."""
    index = len(verdicts)
    try:
        verdicts.append(_judge_signer(file, signer, content, countersigns=countersigns))
    except (BadInput, BadKey, BadCertificate, Unsupported) as error:
        verdicts.append(_unreadable(file.run, f"Подпись не читается: {error}.", countersigns=countersigns))
        return
    for value in signer.unsigned(oids.COUNTER_SIGNATURE):
        try:
            counter = SignerInfo(value)
        except BadInput as error:
            verdicts.append(_unreadable(file.run, f"Заверяющая подпись не читается: {error}.", countersigns=index))
            continue
        if nesting < _MAX_NESTING:
            over = Content(signer.signature)
            _judge(file, counter, over, verdicts, countersigns=index, nesting=nesting + 1)


def _judge_signer(file: _File, signer: SignerInfo, content: Content, *, countersigns: int | None) -> SignatureVerdict:
    """Steps of EN 319 102-1, 5.5: basic checks, time-stamps, best-signature-time, the certificate at that time."""
    run = file.run
    findings = Findings()
    findings.take(file.common)
    content_type = file.signed.content_type if countersigns is None else None
    examined = examine_signer(run, signer, content, content_type=content_type)
    findings.take(examined.findings)
    best, proven, evidence = _existence(run, signer, findings)
    _check_order(run, signer, content, findings, best=best if proven else None)
    if examined.certificate is not None:
        chain = judge_chain(run, examined.certificate, control=best, proven=proven, role="signer")
        findings.take(chain.findings)
        evidence = merge_evidence(evidence, chain.evidence)
        _check_strength(run, examined, findings, best=best, proven=proven)
    embedded = bool(file.signed.crls or file.signed.ocsps)
    _check_claimed_time(run, examined, findings, best=best)
    return SignatureVerdict(
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        level=level_of(signer, examined.facts, embedded_revocation=embedded),
        signer=examined.certificate,
        signing_time=examined.facts.signing_time,
        best_signature_time=best,
        best_time_source="timestamp" if proven else "validation-time",
        checks=tuple(findings.checks),
        evidence=evidence,
        conditions_63fz=conditions_of(examined.certificate, findings),
        countersigns=countersigns,
    )


def _existence(run: Run, signer: SignerInfo, findings: Findings) -> tuple[datetime, bool, Evidence]:
    """The earliest proven time of the signature; time-stamps that prove nothing are told of and left aside."""
    evidence, proofs = Evidence(), []
    for value in signer.unsigned(oids.SIGNATURE_TIMESTAMP):
        token = judge_token(run, value.raw, signer.signature)
        _tell_token(token, findings, "signature_timestamp", "Штамп времени на подпись")
        if token.findings.fine and token.at is not None:
            proofs.append(token.at)
            evidence = merge_evidence(evidence, token.evidence)
    best = min((*proofs, run.at))
    return best, bool(proofs), evidence


def _tell_token(token: TokenVerdict, findings: Findings, name: str, title: str) -> None:
    details = [{"name": one.name, "outcome": one.outcome, "text": one.text_ru} for one in token.findings.checks]
    data: dict[str, object] = {"indication": token.findings.indication, "checks": details}
    if token.authority is not None:
        data["authority"] = token.authority.subject.rfc4514
    if token.at is not None:
        data["time"] = token.at.isoformat().replace("+00:00", "Z")
    if token.findings.fine and token.at is not None:
        findings.passed(name, f"{title}: {token.at:%d.%m.%Y %H:%M:%S} UTC.", **data)
        return
    data["sub_indication"] = token.findings.sub_indication
    reasons = [one.text_ru for one in token.findings.checks if one.outcome in {"failed", "indeterminate"}]
    findings.note(name, f"{title} не принят: {' '.join(reasons)}", warning=True, **data)


def _check_order(run: Run, signer: SignerInfo, content: Content, findings: Findings, *, best: datetime | None) -> None:
    """A content time-stamp (signed attribute) must not be later than the time-stamps on the signature."""
    for value in signer.signed(oids.CONTENT_TIMESTAMP):
        if content.data is None:
            continue
        token = judge_token(run, value.raw, content.data)
        _tell_token(token, findings, "content_timestamp", "Штамп времени на содержимое")
        if best is not None and token.at is not None and token.findings.fine and token.at > best:
            failure = (INDETERMINATE, verdict.TIMESTAMP_ORDER_FAILURE)
            findings.refuse("timestamp_order", failure, "Штамп на содержимое позже штампа на подпись.")


def _check_strength(run: Run, examined: Examined, findings: Findings, *, best: datetime, proven: bool) -> None:
    """Cryptographic constraints at the best signature time (EN 319 102-1, 5.2.8)."""
    if examined.scheme is None or examined.certificate is None:
        return
    weak = []
    if run.policy.weak_digest(examined.scheme.digest, best):
        weak.append(f"хэш-функция {examined.scheme.digest}")
    try:
        key = key_weakness(run, examined.certificate, best)
    except (BadKey, Unsupported):
        return  # the examination of the signature value has told of it
    if key:
        weak.append(key)
    if weak:
        sub = verdict.CRYPTO_CONSTRAINTS_FAILURE if proven else verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
        text = f"Больше не считается стойкой: {', '.join(weak)}."
        findings.refuse("strength", (INDETERMINATE, sub), text)


def _check_claimed_time(run: Run, examined: Examined, findings: Findings, *, best: datetime) -> None:
    claimed = examined.facts.signing_time
    if claimed is None:
        return
    text = f"Подписант указал время {claimed:%d.%m.%Y %H:%M:%S} UTC."
    late = claimed > best + run.policy.clock_skew
    findings.note("signing_time", text + (" Это позже доказанного времени." if late else ""), warning=late)


def _unreadable(run: Run, text: str, *, countersigns: int | None = None) -> SignatureVerdict:
    findings = Findings()
    findings.refuse("format", _FORMAT, text)
    return SignatureVerdict(
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        level="",
        signer=None,
        signing_time=None,
        best_signature_time=run.at,
        best_time_source="validation-time",
        checks=tuple(findings.checks),
        evidence=Evidence(),
        conditions_63fz=conditions_of(None, findings),
        countersigns=countersigns,
    )


def _report(run: Run, content: bytes | None, signatures: tuple[SignatureVerdict, ...]) -> Report:
    indication, sub_indication = worst(signatures)
    return Report(
        indication=indication,
        sub_indication=sub_indication,
        signatures=signatures,
        content_sha256=None if content is None else hashlib.sha256(content).hexdigest(),
        at=run.at,
    )
