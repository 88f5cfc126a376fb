"""The stable command line: exit codes and shapes that others rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import signing
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.invoice import demo_upd
from edo_service.demo.make_pki import demo_declaration
from signing.pki import Pki, build

COMMAND = [sys.executable, "-c", "from edo_service.cli import main; main()"]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def edo(*arguments: str | Path, data_dir: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EDO_DATA_DIR": str(data_dir)} if data_dir else dict(os.environ)
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=240, env=environment
    )


@pytest.fixture(scope="module")
def pki() -> Pki:
    return build(demo_declaration(), now=NOW, host="pki.demo.test")


@pytest.fixture
def signed(pki: Pki, tmp_path: Path) -> dict[str, Path]:
    """A document, its signature, the trust anchors and a CRL, as files."""
    who = pki.entity("client_one_person")
    files = {name: tmp_path / name for name in ("doc.txt", "doc.sig", "root.pem", "issuing.crl", "root.crl")}
    files["doc.txt"].write_bytes("Договор № 1".encode())
    cms = signing.sign_cades(
        files["doc.txt"].read_bytes(), key=who.key, certificate=who.certificate, chain=who.chain, signing_time=NOW
    )
    files["doc.sig"].write_bytes(cms)
    files["root.pem"].write_text("".join(one.pem() for one in pki.roots()))
    files["issuing.crl"].write_bytes(pki.crl("issuing", now=NOW))
    files["root.crl"].write_bytes(pki.crl("root", now=NOW))
    return files


def verify(files: dict[str, Path], *more: str | Path, at: datetime = NOW + timedelta(hours=1)) -> Any:
    return edo(
        "verify", files["doc.txt"], "--signature", files["doc.sig"], "--trust", files["root.pem"], "--offline",
        "--at", at.isoformat(), *more,
    )  # fmt: skip


def test_a_good_signature_with_its_evidence_passes_with_exit_0(signed: dict[str, Path]) -> None:
    run = verify(signed, "--crl", signed["issuing.crl"], "--crl", signed["root.crl"], "--json")
    assert run.returncode == 0, run.stdout
    report = json.loads(run.stdout)
    assert report["indication"] == "TOTAL-PASSED"
    (verdict,) = report["signatures"]
    assert set(verdict) >= {
        "indication", "sub_indication", "level", "signer", "signing_time", "best_signature_time", "checks",
    }  # fmt: skip
    assert verdict["level"] == "BES"
    assert verdict["signer"]["inn_le"] == CLIENT_ONE.inn


def test_missing_evidence_is_indeterminate_with_exit_2(signed: dict[str, Path]) -> None:
    run = verify(signed, "--json")
    assert run.returncode == 2
    assert json.loads(run.stdout)["indication"] == "INDETERMINATE"


def test_a_changed_document_fails_with_exit_1_and_says_why(signed: dict[str, Path]) -> None:
    signed["doc.txt"].write_bytes("Договор № 2".encode())
    run = verify(signed, "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["signatures"][0]["sub_indication"] == "HASH_FAILURE"


@pytest.mark.parametrize("damage", [b"", b"no signature here", b"\x30\x80\x00", b"\x30\x82\xff\xff" + b"\x00" * 64])
def test_bytes_that_are_no_signature_fail_without_a_trace(signed: dict[str, Path], damage: bytes) -> None:
    signed["doc.sig"].write_bytes(damage)
    run = verify(signed, "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["indication"] == "TOTAL-FAILED"
    assert "Traceback" not in run.stderr


def test_several_signatures_are_judged_each_and_the_worst_decides(
    signed: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    foreign = pki.entity("foreign")
    other = tmp_path / "other.sig"
    content = signed["doc.txt"].read_bytes()
    other.write_bytes(signing.sign_cades(content, key=foreign.key, certificate=foreign.certificate, signing_time=NOW))
    run = verify(signed, "--crl", signed["issuing.crl"], "--crl", signed["root.crl"], "--signature", other, "--json")
    report = json.loads(run.stdout)
    assert run.returncode != 0
    assert report["signatures"][0]["indication"] == "TOTAL-PASSED"
    assert report["indication"] != "TOTAL-PASSED"


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "absent.txt"),
        ("verify", __file__, "--signature", "absent.sig"),
        ("verify", __file__, "--signature", __file__, "--at", "вчера"),
        ("verify", __file__, "--signature", __file__, "--trust", "absent.pem"),
        ("inspect", "absent.xml"),
        ("check", "absent.xml"),
    ],
)
def test_unusable_input_is_exit_64_with_one_clear_line(arguments: tuple[str, ...]) -> None:
    run = edo(*arguments)
    assert run.returncode == 64
    assert len(run.stderr.strip().splitlines()) == 1
    assert "Traceback" not in run.stderr


def written(tmp_path: Path) -> Path:
    upd = demo_upd(LESSOR, CLIENT_ONE, number="Л-1", at=NOW)
    file = tmp_path / upd.file_name
    file.write_bytes(upd.content)
    return file


def test_check_accepts_what_we_write_and_names_path_line_and_rule_of_what_is_wrong(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert edo("check", file).returncode == 0
    broken = file.read_text(encoding="cp1251").replace('НалСт="22%"', 'НалСт="23%"')
    file.write_text(broken, encoding="cp1251")

    run = edo("check", file)

    assert run.returncode == 1
    path, line, rule, message = run.stdout.splitlines()[0].split("\t")
    assert path.endswith("@НалСт")
    assert line.startswith("строка ")
    assert rule
    assert "НалСт" in message


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<root/>",
        b"<not closed",
        b"",
        b"\x00\x01\x02",
    ],
)
def test_check_refuses_xml_that_is_no_exchange_file_with_exit_1(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.xml"
    file.write_bytes(content)
    run = edo("check", file)
    assert run.returncode == 1
    assert run.stdout.strip()
    assert "Traceback" not in run.stderr


def test_inspect_tells_what_a_file_is(tmp_path: Path, signed: dict[str, Path]) -> None:
    facts = json.loads(edo("inspect", written(tmp_path), "--json").stdout)
    assert facts["kind"] == "upd_seller"
    assert facts["version"] == "5.03"
    assert facts["seller"]["inn"] == LESSOR.inn
    cms = json.loads(edo("inspect", signed["doc.sig"], "--json").stdout)
    assert cms["kind"] == "cms"
    assert cms["signers"][0]["digest_algorithm"] == "streebog256"


def test_print_writes_a_pdf(tmp_path: Path) -> None:
    out = tmp_path / "form.pdf"
    assert edo("print", written(tmp_path), "-o", out).returncode == 0
    assert out.read_bytes().startswith(b"%PDF-1.7")


def test_verify_starts_without_the_heavy_parts_of_the_service() -> None:
    code = (
        "import sys; sys.argv = ['edo', 'verify', 'absent']\n"
        "from edo_service.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 64, end.code\n"
        "heavy = {'fastapi', 'weasyprint', 'sqlalchemy', 'celery', 'minio', 'pyhanko'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_archive_commands_work_on_an_empty_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert edo("migrate", data_dir=data).returncode == 0
    assert edo("archive", "search", data_dir=data).returncode == 0
    assert edo("archive", "scrub", data_dir=data).returncode == 0
    assert edo("archive", "canary", data_dir=data).returncode == 0
    absent = edo("archive", "export", str(UUID(int=1)), "-o", tmp_path / "x.zip", data_dir=data)
    assert absent.returncode == 64
    assert not (tmp_path / "x.zip").exists()
