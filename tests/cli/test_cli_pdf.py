"""`edo verify FILE.pdf`: signatures inside a PDF, by the same words and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edo_service.cli import app
from tests.signing.conftest import World, build_world
from tests.signing.pdf_maker import Pdf, cades


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def run(world: World, folder: Path, data: bytes, *options: str) -> tuple[int, str]:
    (folder / "file.pdf").write_bytes(data)
    (folder / "root.pem").write_text(world.root.certificate.pem() + world.issuing.certificate.pem())
    for name, crl in (("root", world.root.crl()), ("issuing", world.issuing.crl())):
        (folder / f"{name}.crl").write_bytes(crl)
    lists = [f"--crl={folder / name}.crl" for name in ("root", "issuing")]
    moment = "--at=2026-11-20T12:00:00+00:00"
    command = ["verify", str(folder / "file.pdf"), f"--trust={folder / 'root.pem'}", *lists, moment, "--offline"]
    result = CliRunner().invoke(app, [*command, *options])
    return result.exit_code, result.output


def test_a_signed_pdf_passes_a_changed_one_fails_an_unsigned_one_says_so(world: World, tmp_path: Path) -> None:
    signed = Pdf.plain().sign(cades(world)).data
    code, output = run(world, tmp_path, signed, "--json")
    assert code == 0
    assert json.loads(output)["signatures"][0]["indication"] == "TOTAL-PASSED"
    code, output = run(world, tmp_path, signed.replace(b"Pay 100", b"Pay 900"))
    assert code == 1
    assert "HASH_FAILURE" in output
    code, output = run(world, tmp_path, Pdf.plain().data)
    assert code == 1
    assert "нет ни одной подписи" in output
