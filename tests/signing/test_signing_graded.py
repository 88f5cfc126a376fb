"""Every graded CMS and PDF file of the corpus by the rules of the issue, and no crash on any file at all."""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signing import (
    Certificate,
    OfflineEvidence,
    Policy,
    Report,
    SigningError,
    TrustStore,
    inspect_cms,
    verify,
    verify_pdf,
)
from signing._internal import oids
from signing._internal.cms import read_signed_data
from signing._internal.errors import BadInput
from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import find_signatures, stray_signatures
from signing._internal.run import Run
from signing._internal.timestamps import add_embedded, read_token

AT = datetime(2026, 11, 22, tzinfo=UTC)
BROKEN = {"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE"}
# everything that the file carries is trusted, old algorithms too: what fails is the signature itself
LENIENT = Policy(
    require_signed_attributes=False,
    require_signing_certificate=False,
    check_revocation=False,
    digest_until={},
    key_until={},
)
DISAGREEMENTS = Path(__file__).parents[2] / "docs/signing/disagreements.md"
_SECONDS = 2.0  # of CPU for one file


@pytest.fixture(scope="module")
def corpus(shared_data: Path) -> Path:
    return shared_data / "signatures" / "corpus"


@pytest.fixture(scope="module")
def files(shared_data: Path) -> list[dict[str, Any]]:
    manifest = json.loads((shared_data / "signatures" / "manifest.json").read_text())
    return list(manifest["files"])


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def embedded(data: bytes) -> list[Certificate]:
    blobs = [data]
    if is_pdf(data):
        try:
            blobs = [one.contents for one in find_signatures(Document(data))]
        except BadInput:
            blobs = [one.contents for one in stray_signatures(data)]
    found: list[Certificate] = []
    for blob in blobs:
        try:
            found += inspect_cms(blob).certificates
        except SigningError:
            continue
    return found


def judge(entry: dict[str, Any], corpus: Path, policy: Policy = LENIENT) -> Report:
    data = (corpus / entry["file"]).read_bytes()
    trust, evidence = TrustStore(embedded(data)), OfflineEvidence()
    if entry["kind"].startswith("pdf"):
        return verify_pdf(data, trust=trust, evidence=evidence, at=AT, policy=policy)
    content = None
    if entry.get("content_file"):
        content = (corpus / entry["content_file"]).read_bytes()
    elif entry["kind"] == "cms-gost-lab":
        content = (corpus / "interop-made-here/data.txt").read_bytes()
    return verify(content, data, trust=trust, evidence=evidence, at=AT, policy=policy)


def broken(report: Report) -> bool:
    checks = (check for signature in report.signatures for check in signature.checks)
    return any(check.outcome == "failed" and check.data.get("sub_indication") in BROKEN for check in checks)


def agrees(grade: str, report: Report) -> bool | None:
    """Whether the verdict fits the grade; None when the issue has no rule for the grade."""
    if grade.startswith("INTACT"):
        return not broken(report)
    if grade.startswith(("NOT_INTACT", "REJECT")):
        return report.indication != "TOTAL-PASSED"
    if grade == "CONTENT_MISSING":
        return any(one.sub_indication == "SIGNED_DATA_NOT_FOUND" for one in report.signatures)
    return None


def graded(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in files if one["verdict"] and one["kind"].startswith(("cms", "pdf"))]


def test_graded_files_get_the_verdicts_of_their_sources(
    files: list[dict[str, Any]], corpus: Path, record_property: Any
) -> None:
    tally: Counter[str] = Counter()
    differ = {}
    for entry in graded(files):
        grade = entry["verdict"].split(" ")[0].rstrip(";")
        report = judge(entry, corpus)
        same = agrees(entry["verdict"], report)
        tally[f"{grade}: {'no rule' if same is None else 'agrees' if same else 'differs'}"] += 1
        if same is False:
            differ[entry["file"]] = entry["verdict"]
    print("\ngraded CMS and PDF files:", dict(sorted(tally.items())))
    record_property("tally", dict(tally))
    table = DISAGREEMENTS.read_text().partition("## Time-stamps")[0]
    told = dict(re.findall(r"^\| (\S+) \| ([A-Z_]+) \|", table, re.MULTILINE))
    assert differ == told
    assert len(differ) <= 10
    assert not [name for name, grade in differ.items() if grade.startswith("REJECT")]
    assert sum(tally.values()) >= 257


def test_no_trap_passes_under_the_default_policy_either(files: list[dict[str, Any]], corpus: Path) -> None:
    """Where naive verifiers accept: refused with every embedded certificate trusted, whatever the policy."""
    traps = [one for one in files if one["trap"] and not one["verdict"].startswith("INTACT")]
    assert len(traps) >= 22  # 21 as they are, and dss-1188 without its content
    passed = []
    for entry in traps:
        if "dss-1188" in entry["file"]:
            entry = {**entry, "content_file": None}  # noqa: PLW2901 refused only without its content
        passed += [
            entry["file"] for policy in (LENIENT, Policy()) if judge(entry, corpus, policy).indication == "TOTAL-PASSED"
        ]
    assert not passed


def test_traps_that_are_intact_hold(files: list[dict[str, Any]], corpus: Path) -> None:
    traps = [one for one in files if one["trap"] and one["verdict"] == "INTACT"]
    held = [one["file"] for one in traps if not broken(judge(one, corpus))]
    assert len(traps) == 4
    assert {one["file"] for one in traps} - set(held) == {"dss/dss-cades/malformed-cades.p7m"}


def test_a_cryptopro_long_signature_passes_by_its_own_evidence_and_not_years_later(corpus: Path) -> None:
    """X Long Type 1 by CryptoPro: certificates of time-stamps in their unsigned attributes, CRL and OCSP inside."""
    data = (corpus / "cryptopro-pdf/13_cam_CADES-XLT1_1sig.pdf").read_bytes()
    run = Run(trust=TrustStore(), source=OfflineEvidence(), at=AT, policy=LENIENT)
    (signature,) = find_signatures(Document(data))
    signed = read_signed_data(signature.contents)
    add_embedded(run, signed, signed.signers)
    for value in signed.signers[0].unsigned(oids.SIGNATURE_TIMESTAMP):
        token = read_token(value.raw).signed
        add_embedded(run, token, token.signers)
    trust = TrustStore([one for one in run.pool.all if one.is_ca and one.self_issued])
    then, now = (
        verify_pdf(data, trust=trust, evidence=OfflineEvidence(), at=moment)
        for moment in (datetime(2024, 7, 17, tzinfo=UTC), AT)
    )
    assert (then.indication, then.signatures[0].level) == ("TOTAL-PASSED", "XL")
    assert then.signatures[0].best_time_source == "timestamp"
    stamps = {one.name: one.outcome for one in then.signatures[0].checks if one.name.endswith("_timestamp")}
    assert stamps == {"signature_timestamp": "passed", "references_timestamp": "passed"}
    assert (now.indication, now.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_every_file_of_the_corpus_gives_a_verdict_in_two_seconds_and_little_memory(
    files: list[dict[str, Any]], corpus: Path, record_property: Any
) -> None:
    """Certificates, archives, pictures and vectors too, given to both readers: never an exception."""
    slow, before = [], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for entry in files:
        data = (corpus / entry["file"]).read_bytes()
        started = time.thread_time()
        for report in (
            verify(None, data, trust=TrustStore(), evidence=OfflineEvidence(), at=AT),
            verify_pdf(data, trust=TrustStore(), evidence=OfflineEvidence(), at=AT),
        ):
            json.dumps(report.to_json(), ensure_ascii=False)
            assert report.indication != "TOTAL-PASSED"  # nothing is trusted
        spent = time.thread_time() - started
        if spent > _SECONDS * (5 if sys.gettrace() else 1):  # measuring coverage takes its time
            slow.append((entry["file"], round(spent, 1)))
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"\n{len(files)} files of the corpus, peak memory grew by {used:.0f} MB")
    record_property("files", len(files))
    assert not slow
    assert len(files) >= 1212
    assert used < 500
