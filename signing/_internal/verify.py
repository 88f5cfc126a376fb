"""Verification of a CMS signature file (ETSI EN 319 102-1): one report, a verdict for each signer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from signing._internal import verdict
from signing._internal.cms import SignedData, read_signed_data
from signing._internal.errors import BadInput
from signing._internal.evidence import EvidenceSource
from signing._internal.judge import CmsFile, judge_file, unreadable
from signing._internal.memory import Memory
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.signer import Content
from signing._internal.timestamps import add_embedded
from signing._internal.trust import TrustStore
from signing._internal.verdict import FAILED, Findings, Report, SignatureVerdict, worst

_FORMAT = (FAILED, verdict.FORMAT_FAILURE)


def verify(
    content: bytes | None,
    signature: bytes,
    *,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    policy: Policy = DEFAULT_POLICY,
    memory: Memory | None = None,
) -> Report:
    """Judge every signature in a CMS file at the instant `at` (aware).

    `content` is the signed file when the signature is detached; for an attached one it may be None or must be equal
    to what is inside. `memory`, when given, is shared between verifications (see `Memory`). A bad file is a verdict
    (FORMAT_FAILURE), not an error. Raises BadInput for a naive `at` and BackendMissing when the file needs ГОСТ and
    the system has no engine.
    """
    if at.tzinfo is None:
        raise BadInput("the time of verification must be aware", "at")
    run = Run(trust=trust, source=evidence, at=at.astimezone(UTC), policy=policy, memory=memory)
    try:
        signed = read_signed_data(signature)
        add_embedded(run, signed, signed.signers)
    except BadInput as error:
        return report_of(run, content, (unreadable(run, f"Файл подписи не читается: {error}."),))
    file = CmsFile(run=run, signed=signed, content=Content(content if signed.content is None else signed.content))
    for finding in (check_tail(signed), _check_attached(signed, content)):
        file.common.take(finding)
    return report_of(run, file.content.data, judge_file(file))


def check_tail(signed: SignedData) -> Findings:
    """What stands after the signature in the file, and how it is encoded."""
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


def report_of(run: Run, content: bytes | None, signatures: tuple[SignatureVerdict, ...]) -> Report:
    """The report on a file: its indication is that of its worst signature."""
    indication, sub_indication = worst(signatures)
    return Report(
        indication=indication,
        sub_indication=sub_indication,
        signatures=signatures,
        content_sha256=None if content is None else hashlib.sha256(content).hexdigest(),
        at=run.at,
    )


def merge_reports(reports: Sequence[Report]) -> Report:
    """One report of several about the same file (detached signatures of it); BadInput when there is none."""
    if not reports:
        raise BadInput("there is no report to merge")
    indication, sub_indication = worst(tuple(one for report in reports for one in report.signatures))
    if any(not report.signatures for report in reports):
        decisive = next(report for report in reports if not report.signatures)
        indication, sub_indication = decisive.indication, decisive.sub_indication
    signatures: list[SignatureVerdict] = []
    for report in reports:
        before = len(signatures)
        for one in report.signatures:
            over = None if one.countersigns is None else one.countersigns + before
            signatures.append(replace(one, countersigns=over))
    first = reports[0]
    return Report(
        indication=indication,
        sub_indication=sub_indication,
        signatures=tuple(signatures),
        content_sha256=first.content_sha256,
        at=first.at,
    )
