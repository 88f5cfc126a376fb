"""Judging the signers of one CMS (ETSI EN 319 102-1, 5.5, 5.6), wherever it was found."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from signing._internal import der, oids, verdict
from signing._internal.attributes import level_of
from signing._internal.certificates import Certificate
from signing._internal.chain import judge_chain
from signing._internal.cms import SignedData, SignerInfo
from signing._internal.conditions import Moment, conditions_of
from signing._internal.errors import BadCertificate, BadInput, BadKey, SigningError, Unsupported
from signing._internal.existence import Existence, prove_existence, tell_token
from signing._internal.imprints import Stamped
from signing._internal.path import ask_ahead, key_weakness
from signing._internal.run import Run
from signing._internal.signer import Content, Examined, examine_signer, identifies
from signing._internal.timestamps import judge_token, merge_evidence
from signing._internal.verdict import FAILED, INDETERMINATE, Evidence, Findings, SignatureVerdict

_FORMAT = (FAILED, verdict.FORMAT_FAILURE)
_MAX_NESTING = 3


@dataclass(kw_only=True)
class CmsFile:
    """The file under judgement; `common` is what was found about it as a whole.

    `existed`: the earliest moment at which the whole CMS provably existed, when something outside it proves that.
    `claimed`: the time of signing that the file around the CMS states (/M of a PDF), for signers who state none.
    `bound_by`: the hash function that stands between what people see and what is signed (adbe.pkcs7.sha1 of a PDF).
    """

    run: Run
    signed: SignedData
    content: Content
    existed: datetime | None = None
    claimed: datetime | None = None
    bound_by: str | None = None

    def __post_init__(self) -> None:
        self.common = Findings()


def judge_file(file: CmsFile) -> tuple[SignatureVerdict, ...]:
    """A verdict for each signer and each counter-signature; at least one, a CMS without signers is refused."""
    if not file.signed.signers:
        return (unreadable(file.run, "В файле нет ни одной подписи."),)
    verdicts: list[SignatureVerdict] = []
    for signer in file.signed.signers:
        _judge(file, signer, file.content, verdicts, countersigns=None, existed=file.existed)
    return tuple(verdicts)


def _judge(
    file: CmsFile,
    signer: SignerInfo,
    content: Content,
    verdicts: list[SignatureVerdict],
    *,
    countersigns: int | None,
    existed: datetime | None = None,
    nesting: int = 0,
) -> None:
    """Judge one signer, then those who counter-signed him; `existed` as in CmsFile, for this signer alone."""
    index = len(verdicts)
    try:
        judged, existence = _judge_signer(file, signer, content, countersigns=countersigns, existed=existed)
        verdicts.append(judged)
    except (BadInput, BadKey, BadCertificate, Unsupported) as error:
        verdicts.append(unreadable(file.run, f"Подпись не читается: {error}.", countersigns=countersigns))
        return
    counters = [one for one in signer.unsigned_attributes if one.oid == oids.COUNTER_SIGNATURE]
    for attribute, value in ((one, value) for one in counters for value in one.values):
        try:
            counter = SignerInfo(value)
        except BadInput as error:
            verdicts.append(unreadable(file.run, f"Заверяющая подпись не читается: {error}.", countersigns=index))
            continue
        if nesting < _MAX_NESTING:
            over = Content(signer.signature)
            sealed = min(filter(None, (existed, existence.existed(attribute))), default=None)
            _judge(file, counter, over, verdicts, countersigns=index, existed=sealed, nesting=nesting + 1)


def _judge_signer(
    file: CmsFile, signer: SignerInfo, content: Content, *, countersigns: int | None, existed: datetime | None
) -> tuple[SignatureVerdict, Existence]:
    """Steps of EN 319 102-1, 5.5: basic checks, time-stamps, best-signature-time, the certificate at that time."""
    run = file.run
    if run.memory is None:  # with one the chain is known as a rule
        with suppress(SigningError):  # one that cannot be read may stand before the signer's own
            for likely in [one for one in run.pool.all if identifies(signer, one)][:1]:
                ask_ahead(run, likely)
    findings = Findings()
    findings.take(file.common)
    content_type = file.signed.content_type if countersigns is None else None
    examined = examine_signer(run, signer, content, content_type=content_type)
    findings.take(examined.findings)
    stamped = Stamped(signed=file.signed, signer=signer, content=content)
    existence = prove_existence(run, stamped, findings, existed=existed)
    best, proven, evidence = existence.best, existence.proven, existence.evidence
    _check_order(run, signer, content, findings, best=best if proven else None)
    issuer: Certificate | None = None
    if examined.certificate is not None:
        chain = judge_chain(run, examined.certificate, control=best, proven=proven, role="signer")
        findings.take(chain.findings)
        issuer = chain.path[1] if len(chain.path) > 1 else None
        evidence = merge_evidence(evidence, chain.evidence)
        if examined.scheme is not None:
            hashed = {examined.scheme.digest, file.bound_by or examined.scheme.digest}
            _check_strength(run, hashed, examined.certificate, findings, best=best, proven=proven)
    embedded = bool(file.signed.crls or file.signed.ocsps)
    _tell_policy(signer, examined, findings)
    own = examined.facts.signing_time
    around = file.claimed if countersigns is None else None
    _check_claimed_time(run, own or around, findings, best=best, where="" if own else " в словаре подписи PDF (/M)")
    judged = SignatureVerdict(
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        level=level_of(signer, examined.facts, embedded_revocation=embedded),
        signer=examined.certificate,
        signing_time=own or around,
        best_signature_time=best,
        best_time_source="timestamp" if proven else "validation-time",
        checks=tuple(findings.checks),
        evidence=evidence,
        conditions_63fz=conditions_of(
            examined.certificate,
            findings,
            moment=Moment(at=run.at, best=best, proven=proven),
            issuer=issuer,
            accredited=run.trust.accredited,
        ),
        countersigns=countersigns,
        signature_value=signer.signature,
    )
    return judged, existence


def _check_order(run: Run, signer: SignerInfo, content: Content, findings: Findings, *, best: datetime | None) -> None:
    """A content time-stamp (signed attribute) must not be later than the time-stamps on the signature."""
    for value in signer.signed(oids.CONTENT_TIMESTAMP):
        if content.data is None:
            continue
        token = judge_token(run, value.raw, content.data)
        tell_token(token, findings, "content_timestamp", "Штамп времени на содержимое")
        if best is not None and token.at is not None and token.findings.fine and token.at > best:
            failure = (INDETERMINATE, verdict.TIMESTAMP_ORDER_FAILURE)
            findings.refuse("timestamp_order", failure, "Штамп на содержимое позже штампа на подпись.")


def _check_strength(
    run: Run,
    hashed: AbstractSet[str],
    certificate: Certificate,
    findings: Findings,
    *,
    best: datetime,
    proven: bool,
) -> None:
    """Cryptographic constraints at the best signature time (EN 319 102-1, 5.2.8): hash functions and the key."""
    weak = [f"хэш-функция {name}" for name in sorted(hashed) if run.policy.weak_digest(name, best)]
    try:
        key = key_weakness(run, certificate, best)
    except (BadKey, Unsupported):
        return  # the examination of the signature value has told of it
    if key:
        weak.append(key)
    if weak:
        sub = verdict.CRYPTO_CONSTRAINTS_FAILURE if proven else verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
        text = f"Больше не считается стойкой: {', '.join(weak)}."
        findings.refuse("strength", (INDETERMINATE, sub), text)


def _tell_policy(signer: SignerInfo, examined: Examined, findings: Findings) -> None:
    """A signature policy is named, never fetched: its rules are told to be unchecked (EN 319 122-1, 5.2.9)."""
    if examined.facts.faults:
        return
    for value in signer.signed(oids.SIGNATURE_POLICY):
        named = value.children() if value.tag == der.SEQUENCE else []
        dotted = named[0].oid() if named and named[0].tag == der.OID else ""
        text = f"Подпись ссылается на политику подписи {dotted or 'без имени'}: её правила не проверялись."
        findings.note("signature_policy", text, warning=True, policy=dotted)


def _check_claimed_time(run: Run, claimed: datetime | None, findings: Findings, *, best: datetime, where: str) -> None:
    """Tell of the time that the signer claims; it proves nothing, so it changes nothing."""
    if claimed is None:
        return
    # strftime takes longer than all the rest of this check
    told = f"{claimed.day:02}.{claimed.month:02}.{claimed.year} {claimed.time().isoformat('seconds')}"
    text = f"Подписант указал время {told} UTC{where}."
    late = claimed > best + run.policy.clock_skew
    findings.note("signing_time", text + (" Это позже доказанного времени." if late else ""), warning=late)


def unreadable(run: Run, text: str, *, countersigns: int | None = None) -> SignatureVerdict:
    """The verdict on what cannot be read at all."""
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
