"""The report: XML by ETSI TS 119 102-2, words and a page in Russian, and what would turn a verdict into a pass."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from typer.testing import CliRunner

from edo_service.cli import app
from edo_service.formats import printing
from signing import (
    OfflineEvidence,
    Policy,
    Report,
    TrustStore,
    merge_reports,
    report_html,
    report_text,
    report_xml,
    sign_cades,
    verify,
    verify_pdf,
)
from signing._internal import verdict
from signing._internal.errors import BadInput
from signing._internal.report.advice import advice
from tests.signing import etsi_schema
from tests.signing.conftest import World, build_world
from tests.signing.maker import NOW, YEAR

CONTENT = b"contract"
VR = "{http://uri.etsi.org/19102/v1.2.1#}"


@pytest.fixture(scope="module")
def stage() -> World:
    return build_world()


def signed(world: World, *, stamped: bool = False) -> bytes:
    return sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        timestamper=world.tsa if stamped else None,
    )


def parsed(report: Report) -> Element:
    """The XML, which the schema's classes accept."""
    root = fromstring(report_xml(report))
    assert root.tag == f"{VR}ValidationReport"
    assert etsi_schema.faults(root, etsi_schema.schema().ValidationReport) == []
    return root


def text_of(root: Element, path: str) -> str:
    found = root.find("/".join(VR + part for part in path.split("/")))
    assert found is not None, path
    return found.text or ""


def test_a_pass_is_told_with_its_proof_of_time(stage: World) -> None:
    report = stage.verify(CONTENT, signed(stage, stamped=True))
    assert report.indication == "TOTAL-PASSED"
    root = parsed(report)
    one = "SignatureValidationReport"
    assert text_of(root, f"{one}/SignatureValidationStatus/MainIndication").endswith(":total-passed")
    assert text_of(root, f"{one}/SignatureValidationProcess/SignatureValidationProcessID").endswith(":LTVM")
    assert text_of(root, f"{one}/ValidationTimeInfo/BestSignatureTime/POETime") == "2026-11-20T12:00:00Z"
    assert text_of(root, f"{one}/SignerInformation/Signer") == stage.signer.certificate.subject.rfc4514
    chain = root.find(f".//{VR}CertificateChain")
    assert chain is not None
    assert [item.tag.removeprefix(VR) for item in chain] == [
        "SigningCertificate",
        "IntermediateCertificate",
        "TrustAnchor",
    ]
    anchor = f"V-certificate-{stage.root.certificate.sha256}"
    assert chain[-1].get("VOReference") == anchor
    words = report_text(report, file_name="договор.pdf")
    for part in (
        "договор.pdf",
        "Все подписи действительны",
        "Иванов Иван",
        "подтверждено штампом времени",
        "63-ФЗ",
        "несертиф",
    ):
        assert part in words
    assert "Чего не хватает" not in words


def test_every_reference_is_to_an_object_with_its_bytes(stage: World) -> None:
    report = stage.verify(CONTENT, signed(stage, stamped=True))
    root = parsed(report)
    objects = {one.get("id"): one for one in root.iter(f"{VR}ValidationObject")}
    references = {one.get("VOReference") for one in root.iter() if one.get("VOReference")}
    assert references
    assert references <= objects.keys()
    kinds = set()
    for key, one in objects.items():
        blob = base64.b64decode(text_of(one, "ValidationObjectRepresentation/base64"))
        assert key is not None
        assert key.endswith(hashlib.sha256(blob).hexdigest())
        kinds.add(text_of(one, "ObjectType").rpartition(":")[2])
    assert kinds == {"certificate", "CRL", "timestamp"}


def test_every_check_is_a_constraint_with_its_words(stage: World) -> None:
    report = stage.verify(b"another", signed(stage))
    root = parsed(report)
    constraints = list(root.iter(f"{VR}ValidationConstraint"))
    (one,) = report.signatures
    assert [text_of(item, "ValidationConstraintIdentifier") for item in constraints] == [
        f"urn:edo:check:{check.name}" for check in one.checks
    ]
    failed = [item for item in constraints if text_of(item, "ValidationStatus/MainIndication").endswith(":failed")]
    assert [text_of(item, "ValidationStatus/SubIndication") for item in failed] == [
        "urn:etsi:019102:subindication:HASH_FAILURE"
    ]
    words = {item.text for item in root.iter(f"{VR}Value")}
    assert {check.text_ru for check in one.checks} <= words


def test_a_revoked_signer_is_told_with_the_moment_and_the_way_out() -> None:
    world = build_world()
    revoked_at = NOW - timedelta(days=1)
    world.issuing.revoke(world.signer.certificate, revoked_at)
    world.refresh()
    report = world.verify(CONTENT, signed(world))
    assert report.sub_indication == "REVOKED_NO_POE"
    root = parsed(report)
    assert next(root.iter(f"{VR}RevocationTime")).text == "2026-11-19T12:00:00Z"
    (told,) = advice(report.signatures[0])
    assert "раньше отзыва (19.11.2026 12:00:00 UTC)" in told
    assert told in " ".join(report_text(report).split())


def cases(world: World) -> dict[str, tuple[Report, str]]:
    """Verdicts that are not passes, and words of the advice about each."""
    cms = signed(world)
    late = NOW + 30 * YEAR
    stale = OfflineEvidence(crls=[world.root.crl(at=NOW), world.issuing.crl(at=NOW - YEAR)])
    return {
        "no list": (world.verify(CONTENT, cms, evidence=OfflineEvidence()), "данные об отзыве сертификата"),
        "old list": (world.verify(CONTENT, cms, evidence=stale), "данные об отзыве сертификата"),
        "no trust": (verify(CONTENT, cms, trust=TrustStore(), evidence=world.evidence, at=NOW), "доверие к корню"),
        "expired": (world.verify(CONTENT, cms, at=late), "в срок действия сертификата"),
        "no content": (world.verify(None, cms), "нужен сам подписанный файл"),
        "changed": (world.verify(b"x", cms), "не тот, который подписан"),
        "no signature": (world.verify(CONTENT, b"nothing"), "испорчен"),
    }


def test_advice_names_what_is_missing(stage: World) -> None:
    for name, (report, words) in cases(stage).items():
        assert report.indication != "TOTAL-PASSED", name
        told = advice(report.signatures[0])
        assert any(words in one for one in told), (name, told)
        parsed(report)
        assert "Чего не хватает и что поможет" in report_text(report)


def test_what_the_advice_asks_for_makes_the_verdict_pass(stage: World) -> None:
    cms = signed(stage)
    without = stage.verify(CONTENT, cms, evidence=OfflineEvidence())
    assert without.sub_indication == "TRY_LATER"
    assert "список отзыва" in advice(without.signatures[0])[0]
    assert stage.verify(CONTENT, cms).indication == "TOTAL-PASSED"


def test_every_sub_indication_has_its_own_advice(stage: World) -> None:
    (one,) = stage.verify(b"x", signed(stage)).signatures
    names = [
        name for name, value in vars(verdict).items() if name.isupper() and name == value and name != "INDETERMINATE"
    ]
    assert len(names) >= 20
    told = {name: advice(replace(one, sub_indication=name, checks=(), indication="INDETERMINATE")) for name in names}
    general = advice(replace(one, sub_indication="UNKNOWN", checks=(), indication="INDETERMINATE"))
    assert [name for name, texts in told.items() if texts == general] == []


def test_a_file_without_signatures_is_told_so() -> None:
    report = verify_pdf(b"%PDF-1.7\n", trust=TrustStore(), evidence=OfflineEvidence(), at=NOW)
    empty = replace(report, signatures=(), indication="TOTAL-FAILED", sub_indication="FORMAT_FAILURE")
    assert text_of(parsed(empty), "SignatureValidationReport/SignatureValidationStatus/MainIndication").endswith(
        "failed"
    )
    assert "нет ни одной подписи" in report_text(empty)


def test_the_page_escapes_what_comes_from_files(stage: World) -> None:
    evil = stage.issuing.issue("<script>alert(1)</script>&\x0b")
    cms = sign_cades(CONTENT, key=evil.key, certificate=evil.certificate, signing_time=NOW)
    report = stage.verify(CONTENT, cms)
    page = report_html(report, file_name="<b>")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page
    parsed(report)  # no control characters either


def test_the_page_becomes_a_pdf_protocol(stage: World) -> None:
    page = report_html(stage.verify(CONTENT, signed(stage)), file_name="договор.xml")
    assert printing.html_to_pdf(page, title="Протокол").startswith(b"%PDF-")


def test_reports_of_detached_signatures_become_one(stage: World) -> None:
    good, bad = stage.verify(CONTENT, signed(stage)), stage.verify(CONTENT, b"nothing")
    joined = merge_reports([good, bad, good])
    assert (joined.indication, joined.sub_indication, len(joined.signatures)) == ("TOTAL-FAILED", "FORMAT_FAILURE", 3)
    parsed(joined)
    with pytest.raises(BadInput):
        merge_reports([])
    nothing = replace(good, signatures=(), indication="TOTAL-FAILED", sub_indication="FORMAT_FAILURE")
    assert merge_reports([good, nothing]).indication == "TOTAL-FAILED"
    counter = replace(good, signatures=(*good.signatures, replace(good.signatures[0], countersigns=0)))
    assert [one.countersigns for one in merge_reports([good, counter]).signatures] == [None, None, 1]


def test_edo_verify_writes_reports(stage: World, tmp_path: Path) -> None:
    (tmp_path / "contract.xml").write_bytes(CONTENT)
    (tmp_path / "contract.p7s").write_bytes(signed(stage))
    (tmp_path / "root.pem").write_text(stage.root.certificate.pem())
    command = ["verify", str(tmp_path / "contract.xml"), "--signature", str(tmp_path / "contract.p7s")]
    command += ["--trust", str(tmp_path / "root.pem"), "--offline", "--at", NOW.isoformat()]
    made = {kind: tmp_path / f"report.{kind}" for kind in ("xml", "txt", "html")}
    ended = CliRunner().invoke(app, command + [word for path in made.values() for word in ("--report", str(path))])
    assert ended.exit_code == 2
    assert fromstring(made["xml"].read_bytes()).tag == f"{VR}ValidationReport"
    assert "contract.xml" in made["txt"].read_text()
    assert made["html"].read_text().startswith("<!DOCTYPE html>")
    assert CliRunner().invoke(app, [*command, "--report", str(tmp_path / "r.docx")]).exit_code == 64
    assert CliRunner().invoke(app, [*command, "--report", str(tmp_path / "absent" / "r.txt")]).exit_code == 64


def test_reports_of_the_corpus_keep_to_the_schema(shared_data: Path, record_property: Any) -> None:
    """Whatever a file is, its report is well-formed XML of the right shape, and words."""
    entries = json.loads((shared_data / "signatures" / "manifest.json").read_text())["files"]
    told = [one for one in entries if one["kind"].startswith(("cms", "pdf"))][::3]
    for entry in told:
        data = (shared_data / "signatures" / "corpus" / entry["file"]).read_bytes()
        judged = verify_pdf if entry["kind"].startswith("pdf") else (lambda blob, **given: verify(None, blob, **given))
        report = judged(
            data, trust=TrustStore(), evidence=OfflineEvidence(), at=NOW, policy=Policy(check_revocation=False)
        )
        parsed(report)
        assert report_text(report, file_name=entry["file"])
        assert report_html(report)
    record_property("reports", len(told))
    assert len(told) > 80


def test_every_form_says_what_would_help_and_why_a_condition_turned_out_so(stage: World) -> None:
    report = stage.verify(CONTENT, signed(stage), evidence=OfflineEvidence())
    (one,) = report.signatures
    assert one.sub_indication == "TRY_LATER"
    helpful = advice(one)
    assert "Нужны свежие данные об отзыве" in helpful[0]
    told = json.loads(json.dumps(report.to_json(), ensure_ascii=False))["signatures"][0]
    assert told["advice"] == list(helpful)
    values = [item.text or "" for item in parsed(report).iter(f"{VR}Value")]
    assert set(helpful) <= set(values)
    words = " ".join(report_text(report).split())
    page = report_html(report)
    for condition in one.conditions_63fz:
        assert condition.reason_ru
        assert any(condition.reason_ru in value and condition.outcome in value for value in values)
        assert f"{condition.number}. {condition.text_ru} {condition.reason_ru}" in words
        assert condition.text_ru in page
    passed = stage.verify(CONTENT, signed(stage))
    assert passed.signatures[0].to_json()["advice"] == []
    assert "urn:edo:advice" not in [item.text for item in parsed(passed).iter(f"{VR}Type")]
