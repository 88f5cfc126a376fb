"""Verification of the signatures of a PDF (ISO 32000-1, 12.8; ETSI EN 319 142-1, 319 102-1): one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from signing._internal import der, oids, verdict
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.conditions import conditions_of
from signing._internal.errors import BadInput
from signing._internal.evidence import EvidenceSource
from signing._internal.existence import tell_token
from signing._internal.judge import CmsFile, judge_file, unreadable
from signing._internal.memory import Memory
from signing._internal.pdf.dates import read_date
from signing._internal.pdf.document import Document
from signing._internal.pdf.later import judge_later
from signing._internal.pdf.signatures import PdfSignature, find_signatures, stray_signatures
from signing._internal.pdf.syntax import Reference, Stream
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.signer import Content
from signing._internal.timestamps import TokenVerdict, add_embedded, add_revocation_values, judge_token
from signing._internal.trust import TrustStore
from signing._internal.verdict import FAILED, INDETERMINATE, Evidence, Findings, Report, SignatureVerdict
from signing._internal.verify import check_tail, report_of

_FORMAT = (FAILED, verdict.FORMAT_FAILURE)
_HASH = (FAILED, verdict.HASH_FAILURE)
_CHANGED = (INDETERMINATE, verdict.SIG_CONSTRAINTS_FAILURE)
_TIMESTAMP = "ETSI.RFC3161"
_CADES = "ETSI.CAdES.detached"
_DETACHED = {_CADES, "adbe.pkcs7.detached", "adbe.pkcs7.sha1"}
_NOT_CMS = {"adbe.x509.rsa_sha1"}  # a bare RSA signature with SHA-1 (ISO 32000-1, 12.8.3.2; ISO 32000-2 withdrew it)
_MAX_EVIDENCE = 5000
_MAX_REVISIONS = 50


def verify_pdf(
    data: bytes,
    *,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    policy: Policy = DEFAULT_POLICY,
    memory: Memory | None = None,
) -> Report:
    """Judge every signature in a PDF file at the instant `at` (aware).

    Formats: adbe.pkcs7.detached, adbe.pkcs7.sha1, ETSI.CAdES.detached, document time-stamps (ETSI.RFC3161) as proofs
    of existence, the document security store as evidence. Each signature is judged over the bytes that its ByteRange
    names, which must be everything up to the end of a revision but the signature itself; what was added later is
    compared with what was signed, and anything but further signatures and their evidence makes the signature
    INDETERMINATE. The time in /M is the signer's claim where the CMS has none, as PAdES wants it. `memory` is shared
    between verifications. A readable file without signatures is TOTAL-FAILED with no signature in the report. A bad
    file is a verdict, not an error. Raises BadInput for a naive `at` and BackendMissing when the file needs ГОСТ and
    the system has no engine.
    """
    if at.tzinfo is None:
        raise BadInput("the time of verification must be aware", "at")
    run = Run(trust=trust, source=evidence, at=at.astimezone(UTC), policy=policy, memory=memory)
    file = _open(run, data)
    if not file.signatures:
        if not file.trouble:
            return report_of(run, data, ())
        return report_of(run, data, (unreadable(run, f"Файл PDF не читается: {file.trouble}."),))
    verdicts: list[SignatureVerdict] = []
    for signature in file.signatures:
        if signature.format != _TIMESTAMP:
            verdicts += _judge(file, signature)
    if not verdicts:  # document time-stamps alone
        verdicts = [_stamp_verdict(file, one) for one in file.stamps]
    return report_of(run, data, tuple(verdicts))


@dataclass(frozen=True, kw_only=True)
class PdfEvidence:
    """One signature or document time-stamp of a PDF as `extend_pdf` needs it.

    `contents` is its value with the padding; `proven` tells whether a time-stamp proves when it existed.
    """

    field: str
    contents: bytes
    fine: bool
    sub_indication: str | None
    proven: bool
    evidence: Evidence


def examine_pdf(run: Run, data: bytes) -> list[PdfEvidence]:
    """Judge every signature and document time-stamp of a PDF and give the evidence that each needs; BadInput."""
    file = _open(run, data)
    if file.trouble:
        raise BadInput(f"the PDF cannot be read: {file.trouble}", "pdf")
    judged = [(one, each) for one in file.signatures if one.format != _TIMESTAMP for each in _judge(file, one)]
    found = [
        PdfEvidence(
            field=signature.name,
            contents=signature.contents,
            fine=judgement.indication == "TOTAL-PASSED",
            sub_indication=judgement.sub_indication,
            proven=judgement.best_time_source == "timestamp",
            evidence=judgement.evidence,
        )
        for signature, judgement in judged
    ]
    found += [
        PdfEvidence(
            field=one.signature.name,
            contents=one.signature.contents,
            fine=one.verdict.findings.fine,
            sub_indication=one.verdict.findings.sub_indication,
            proven=True,
            evidence=one.verdict.evidence,
        )
        for one in file.stamps
    ]
    return found


@dataclass(kw_only=True)
class _Stamp:
    """A document time-stamp with what was found about it."""

    signature: PdfSignature
    verdict: TokenVerdict


@dataclass(kw_only=True)
class _File:
    run: Run
    data: bytes
    document: Document | None = None
    signatures: list[PdfSignature] = field(default_factory=list)
    trouble: str = ""
    stamps: list[_Stamp] = field(default_factory=list)
    revisions: dict[int, Findings] = field(default_factory=dict)


def _open(run: Run, data: bytes) -> _File:
    """Read the structure, the store of evidence and the document time-stamps (the newest first)."""
    file = _File(run=run, data=data)
    try:
        file.document = Document(data)
        file.signatures = find_signatures(file.document)
        _add_store(run, file.document)
        if not file.document.catalog:
            file.trouble = "нет каталога документа"
    except (BadInput, RecursionError) as error:
        file.document, file.trouble = None, str(error)
    if not file.signatures and file.trouble:
        file.signatures = stray_signatures(data)
    stamps = [one for one in file.signatures if one.format == _TIMESTAMP]
    for one in sorted(stamps, key=lambda item: -item.end):
        file.stamps.append(_Stamp(signature=one, verdict=_judge_stamp(file, one)))
    return file


def _add_store(run: Run, document: Document) -> None:
    """Evidence of the document security store (EN 319 142-1, 5.4.2.2)."""
    store = document.dictionary(document.catalog.get("DSS"))
    found: dict[str, list[bytes]] = {}
    for name in ("Certs", "CRLs", "OCSPs"):
        blobs = found.setdefault(name, [])
        listed = [one for one in document.array(store.get(name)) if isinstance(one, Reference)]
        for one in list(dict.fromkeys(listed))[:_MAX_EVIDENCE]:
            stream = document.resolve(one)
            try:
                blobs += [document.decode(stream)] if isinstance(stream, Stream) and not document.encrypted else []
            except BadInput:
                continue
    run.add(found["Certs"], found["CRLs"], found["OCSPs"])


def _existed(file: _File, signature: PdfSignature) -> datetime | None:
    """The earliest document time-stamp that is over the signature."""
    times = [
        one.verdict.at
        for one in file.stamps
        if one.verdict.findings.fine and one.verdict.at is not None and one.signature.end > signature.end
    ]
    return min(times, default=None)


def _judge_stamp(file: _File, signature: PdfSignature) -> TokenVerdict:
    findings = _place(file, signature)
    if not findings.fine:
        return TokenVerdict(findings=findings)
    try:
        raw = der.read(signature.contents).raw
    except BadInput as error:
        findings.refuse("format", _FORMAT, f"Штамп времени документа не читается: {error}.")
        return TokenVerdict(findings=findings)
    over = signature.signed_bytes(file.data)
    found = judge_token(file.run, raw, over, control=_existed(file, signature))
    findings.take(found.findings)
    return replace(found, findings=findings)


def _stamp_verdict(file: _File, stamp: _Stamp) -> SignatureVerdict:
    found = unreadable(file.run, "")
    findings = stamp.verdict.findings
    return replace(
        found,
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        level="TIMESTAMP",
        signer=stamp.verdict.authority,
        best_signature_time=stamp.verdict.at or file.run.at,
        checks=tuple(findings.checks),
        evidence=stamp.verdict.evidence,
    )


def _judge(file: _File, signature: PdfSignature) -> Sequence[SignatureVerdict]:
    """1. Its place in the file. 2. The CMS over the signed bytes. 3. What was changed afterwards."""
    run, common = file.run, _place(file, signature)
    if not signature.ranges or not signature.contents:
        return (_refused(run, common, "Подпись в PDF не читается."),)
    try:
        signed = read_signed_data(signature.contents)
        add_embedded(run, signed, signed.signers)
        for signer in signed.signers:
            _add_adobe_evidence(run, signer)
    except BadInput as error:
        return (_unread(run, common, signature, error),)
    common.take(check_tail(signed))
    if len(signed.signers) > 1:
        common.note(
            "signers", "В одной подписи PDF несколько подписантов (ISO 32000-1 допускает одного).", warning=True
        )
    content, bound_by = Content(signature.signed_bytes(file.data)), None
    if signature.format == "adbe.pkcs7.sha1":
        _check_sha1(signed, content, common)
        content, bound_by = Content(signed.content), "sha1"
    elif signed.content is not None:
        common.refuse("attached_content", _CHANGED, "Подпись PDF не отсоединённая: внутри неё есть содержимое.")
    if signature.format not in _DETACHED:
        common.refuse("sub_filter", _CHANGED, f"Вид подписи PDF «{signature.format}» не поддерживается.")
    common.take(_later(file, signature))
    for stamp in file.stamps:
        if stamp.signature.end > signature.end:
            tell_token(stamp.verdict, common, "document_timestamp", "Штамп времени документа")
    judged = replace(run, policy=_policy(run.policy, signature))
    claimed = _claimed(file, signature, common)
    existed = _existed(file, signature)
    cms = CmsFile(run=judged, signed=signed, content=content, existed=existed, claimed=claimed, bound_by=bound_by)
    cms.common.take(common)
    return [replace(one, level=_level(file, signature, one)) for one in judge_file(cms)]


def _claimed(file: _File, signature: PdfSignature, common: Findings) -> datetime | None:
    """The time in /M of the signature dictionary, where PAdES puts it (EN 319 142-1, 6.3): the signer's word only.

    Only a value inside the dictionary counts: it is under the signature, and what a reference leads to may be changed.
    """
    stated = signature.dictionary.get("M")
    if not isinstance(stated, bytes) or file.document is None or file.document.encrypted:
        return None
    try:
        return read_date(stated)
    except BadInput:
        common.note("signing_time", "Время в словаре подписи PDF (/M) не читается.", warning=True)
        return None


def _level(file: _File, signature: PdfSignature, judged: SignatureVerdict) -> str:
    """LT when all revocation data that the verdict rests on is in the file, LTA when a document time-stamp follows."""
    needed = {*judged.evidence.crls, *judged.evidence.ocsps}
    inside = {*file.run.crls, *file.run.ocsps}
    if judged.level != "T" or not needed or not needed <= inside:
        return judged.level
    stamped = any(one.verdict.findings.fine and one.signature.end > signature.end for one in file.stamps)
    return "LTA" if stamped else "LT"


def _unread(run: Run, common: Findings, signature: PdfSignature, error: BadInput) -> SignatureVerdict:
    if signature.format not in _NOT_CMS:
        return _refused(run, common, f"Подпись в PDF не читается: {error}.")
    common.refuse("sub_filter", _CHANGED, f"Вид подписи PDF «{signature.format}» не поддерживается.")
    return _told(run, common)


def _refused(run: Run, common: Findings, text: str) -> SignatureVerdict:
    common.refuse("format", _FORMAT, text)
    return _told(run, common)


def _told(run: Run, common: Findings) -> SignatureVerdict:
    """The verdict on a signature that is not read any further."""
    found = unreadable(run, "")
    return replace(
        found,
        indication=common.indication,
        sub_indication=common.sub_indication,
        checks=tuple(common.checks),
        conditions_63fz=conditions_of(None, common),
    )


def _policy(policy: Policy, signature: PdfSignature) -> Policy:
    """PKCS#7 of Adobe may lack signed attributes and the signed reference to the certificate; CAdES may not."""
    if signature.format == _CADES:
        return policy
    return replace(policy, require_signed_attributes=False, require_signing_certificate=False)


def _check_sha1(signed: SignedData, content: Content, common: Findings) -> None:
    """adbe.pkcs7.sha1: the signed content is the SHA-1 of the bytes (ISO 32000-1, 12.8.3.3.1)."""
    if signed.content != content.digest("sha1"):
        common.refuse("message_digest", _HASH, "Содержимое не то, которое подписано: хэш не совпадает.")


def _add_adobe_evidence(run: Run, signer: SignerInfo) -> None:
    """adbe-revocationInfoArchival, a signed attribute (ISO 32000-1, 12.8.3.3.2); a malformed one gives nothing."""
    try:
        for value in signer.signed(oids.ADBE_REVOCATION):
            add_revocation_values(run, value, wrapped=True)
    except BadInput:
        return


def _place(file: _File, signature: PdfSignature) -> Findings:
    """Whether the signed bytes are everything but the signature, and the signature belongs to the document."""
    findings = Findings()
    size = len(file.data)
    facts: dict[str, object] = {"field": signature.name, "byte_range": list(signature.ranges), "size": size}
    if signature.faults:
        text = f"Подписанные байты PDF указаны неверно: {'; '.join(dict.fromkeys(signature.faults))}."
        findings.refuse("byte_range", _FORMAT, text, **facts)
        return findings
    if signature.doubts:
        text = f"Подпись PDF указана неоднозначно: {'; '.join(dict.fromkeys(signature.doubts))}."
        findings.refuse("pdf_fields", _CHANGED, text)
    if file.trouble:
        text = f"Строение файла PDF нарушено, подпись найдена только поиском: {file.trouble}."
        findings.refuse("pdf_structure", _CHANGED, text)
    elif not signature.reachable:
        text = "На эту подпись не указывает ни одно поле документа: она из прежней редакции или подложена."
        findings.refuse("pdf_structure", _CHANGED, text)
    covers = signature.end == size
    text = "Подпись охватывает весь файл." if covers else f"Подпись охватывает первые {signature.end} байт файла."
    findings.passed("byte_range", text, covers_whole_file=covers, **facts)
    return findings


def _later(file: _File, signature: PdfSignature) -> Findings:
    """What was added after the signed revision; judged once for each revision."""
    if signature.end not in file.revisions:
        findings = Findings()
        if len(file.revisions) >= _MAX_REVISIONS:
            text = f"Подписанных редакций больше {_MAX_REVISIONS}: изменения между ними не сравниваются."
            findings.refuse("pdf_changes", _CHANGED, text)
        elif file.document is not None and not signature.faults:
            try:
                judge_later(file.document, signature, findings)
            except (BadInput, RecursionError) as error:
                text = f"Подписанная редакция документа не читается отдельно: {error}."
                findings.refuse("pdf_changes", _CHANGED, text)
        file.revisions[signature.end] = findings
    return file.revisions[signature.end]
