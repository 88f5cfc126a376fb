"""`edo sign` and `edo certificate show` as somebody at a shell meets them, with a time-stamping authority over HTTP."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate
from typer.testing import CliRunner

import signing
from edo_service.cli import app
from edo_service.demo.companies import CLIENT_ONE
from edo_service.demo.make_pki import demo_declaration
from edo_service.demo.pki_server import create_pki_app
from edo_service.kernel.clock import SystemClock
from signing.pki import Pki, build
from tests.cli.test_cli import edo as edo_process

TSA = "http://pki.demo.test/tsa"
PASSWORD = "ключ от сейфа"
WHO = "client_one_person"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return build(demo_declaration(), now=datetime.now(UTC), host="pki.demo.test")


@pytest.fixture(scope="module")
def address(pki: Pki) -> Iterator[str]:
    """The address of the running PKI server."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_pki_app(pki, SystemClock()), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=240)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def folder(pki: Pki, tmp_path: Path) -> Path:
    """A document and the keys of one who signs, as files."""
    who = pki.entity(WHO)
    (tmp_path / "doc.txt").write_bytes("Договор № 1".encode())
    (tmp_path / "key.der").write_bytes(signing.export_private_key(who.key))
    (tmp_path / "sealed.der").write_bytes(signing.export_private_key(who.key, PASSWORD.encode()))
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "certificate.pem").write_text(who.certificate.pem())
    (tmp_path / "chain.pem").write_text("".join(one.pem() for one in who.chain))
    (tmp_path / "root.pem").write_text("".join(one.pem() for one in pki.roots()))
    return tmp_path


def edo(folder: Path, *arguments: str, **environment: str) -> Any:
    """Run a command in this process: its exit code, what it printed."""
    with contextlib.chdir(folder):
        return CliRunner().invoke(app, list(arguments), env=environment, catch_exceptions=False)


def sign(folder: Path, *more: str, key: str = "key.der", file: str = "doc.txt", **environment: str) -> Any:
    own = [] if "--certificate" in more else ["--certificate", "certificate.pem", "--chain", "chain.pem"]
    return edo(folder, "sign", file, "--key", key, *own, *more, **environment)


def judged(folder: Path, *arguments: str, address: str) -> tuple[int, list[str]]:
    run = edo(folder, "verify", *arguments, "--trust", "root.pem", "--json", EDO_DEMO_PKI_URL=address)
    return run.exit_code, [one["level"] for one in json.loads(run.stdout)["signatures"]]


@pytest.mark.parametrize(("level", "shown"), [("BES", "BES"), ("T", "T"), ("XLT1", "XL"), ("A", "A")])
def test_each_level_is_made_and_taken(folder: Path, address: str, level: str, shown: str) -> None:
    more = [] if level == "BES" else ["--tsa", TSA, "--trust", "root.pem"]
    made = sign(folder, "--level", level, *more, "-o", "doc.sig", EDO_DEMO_PKI_URL=address)
    assert made.exit_code == 0, made.stderr
    assert judged(folder, "doc.txt", "--signature", "doc.sig", address=address) == (0, [shown])
    assert not list(folder.glob("*.part"))


def test_the_authority_may_stand_in_the_settings(folder: Path, address: str) -> None:
    made = sign(folder, "--level", "T", "-o", "doc.sig", EDO_DEMO_PKI_URL=address, EDO_TSA_URLS=TSA)
    assert made.exit_code == 0, made.stderr
    assert judged(folder, "doc.txt", "--signature", "doc.sig", address=address) == (0, ["T"])


@pytest.mark.parametrize("level", ["BES", "A"])
def test_a_pdf_is_signed_inside_with_a_mark(folder: Path, address: str, level: str) -> None:
    from edo_service.formats.printing import html_to_pdf

    (folder / "act.pdf").write_bytes(html_to_pdf("<p>Акт</p>", title="Акт"))
    more = [] if level == "BES" else ["--tsa", TSA, "--trust", "root.pem"]
    made = sign(
        folder,
        "--pdf",
        "--stamp",
        "--level",
        level,
        *more,
        "-o",
        "signed.pdf",
        file="act.pdf",
        EDO_DEMO_PKI_URL=address,
    )
    assert made.exit_code == 0, made.stderr
    assert judged(folder, "signed.pdf", address=address)[0] == 0
    words = subprocess.run(["pdftotext", "signed.pdf", "-"], cwd=folder, capture_output=True, check=True, timeout=240)
    assert "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ" in words.stdout.decode()


def test_an_attached_signature_and_one_more_signer_beside(folder: Path, address: str, pki: Pki) -> None:
    assert sign(folder, "--attached", "-o", "whole.p7m").exit_code == 0
    assert judged(folder, "whole.p7m", address=address) == (0, ["BES"])
    assert sign(folder, "-o", "one.sig").exit_code == 0
    other = pki.entity("lessor_person")
    (folder / "other.der").write_bytes(signing.export_private_key(other.key))
    (folder / "other.pem").write_text("".join(one.pem() for one in (other.certificate, *other.chain)))
    made = sign(folder, "--beside", "one.sig", "--certificate", "other.pem", "-o", "two.sig", key="other.der")
    assert made.exit_code == 0, made.stderr
    assert judged(folder, "doc.txt", "--signature", "two.sig", address=address) == (0, ["BES", "BES"])


def test_passwords_come_from_a_file_or_the_environment(folder: Path) -> None:
    assert sign(folder, "--password-file", "password", "-o", "a.sig", key="sealed.der").exit_code == 0
    assert sign(folder, "-o", "b.sig", key="sealed.der", EDO_KEY_PASSWORD=PASSWORD).exit_code == 0
    for refused in (
        sign(folder, "-o", "c.sig", key="sealed.der"),
        sign(folder, "-o", "c.sig", key="sealed.der", EDO_KEY_PASSWORD="wrong"),
    ):
        assert refused.exit_code == 64
        assert refused.stderr
        assert not (folder / "c.sig").exists()


def test_a_container_brings_its_certificate(folder: Path, address: str) -> None:
    key = signing.generate_private_key("ec:P-256")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=Own", "-days", "9", "-outform", "DER"],
        input=serialization.load_der_private_key(signing.export_private_key(key), None).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        capture_output=True, check=True, timeout=240,
    ).stdout  # fmt: skip
    container = pkcs12.serialize_key_and_certificates(
        b"own",
        serialization.load_der_private_key(signing.export_private_key(key), None),  # type: ignore[arg-type]  # any kind
        load_der_x509_certificate(made),
        None,
        serialization.BestAvailableEncryption(PASSWORD.encode()),
    )
    (folder / "own.p12").write_bytes(container)
    done = edo(folder, "sign", "doc.txt", "--key", "own.p12", "--password-file", "password", "-o", "own.sig")
    assert done.exit_code == 0, done.stderr
    assert "CN=Own" in done.stderr
    (folder / "root.pem").write_text(signing.Certificate.load(made).pem())
    assert judged(folder, "doc.txt", "--signature", "own.sig", address=address)[1] == ["BES"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--level", "T"], "--tsa"),
        (["--pdf", "--attached"], "--attached"),
        (["--stamp"], "--pdf"),
        (["--pdf"], "PDF"),
        (["--key", "absent.der"], "absent.der"),
        (["--key", "pkcs11:token=Lab"], "pkcs11:"),
        (["--attached", "--beside", "doc.txt"], "--beside"),
        (["--certificate", "root.pem"], "another key"),
    ],
)
def test_what_cannot_be_done_is_said_with_64(folder: Path, arguments: list[str], said: str) -> None:
    refused = sign(folder, *arguments, "-o", "none.sig")
    assert refused.exit_code == 64
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (folder / "none.sig").exists()


def test_a_silent_authority_is_69_and_leaves_no_file(folder: Path) -> None:
    with socket.socket() as closed:  # bound and not listening: the port stays ours
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        refused = sign(folder, "--level", "T", "--tsa", TSA, "-o", "none.sig", EDO_DEMO_PKI_URL=nobody)
    assert refused.exit_code == 69, refused.stderr
    assert not list(folder.glob("none.sig*"))


def test_a_certificate_is_shown_in_words_and_in_json(folder: Path, pki: Pki) -> None:
    words = edo(folder, "certificate", "show", "certificate.pem").stdout
    own = pki.entity(WHO).certificate
    assert f"ИНН организации: {CLIENT_ONE.inn}" in words
    assert f"Серийный номер: {own.serial:x}" in words
    assert "Ключ: gost2012_256" in words
    (facts,) = json.loads(edo(folder, "certificate", "show", "certificate.pem", "--json").stdout)["certificates"]
    assert facts["sha256"] == own.sha256
    assert facts["subject"]["inn_le"] == CLIENT_ONE.inn
    assert facts["parameter_set"] == "CryptoPro-XchA"
    assert facts["qualified"]["owner"] == "representative"
    assert "Владелец: представитель организации" in words
    assert f"Действителен: с {own.not_before:%Y-%m-%d %H:%M:%S} UTC по {own.not_after:%Y-%m-%d %H:%M:%S} UTC" in words
    assert facts["not_before"] == own.not_before.isoformat()
    assert sign(folder, "-o", "doc.sig").exit_code == 0
    assert len(json.loads(edo(folder, "certificate", "show", "doc.sig", "--json").stdout)["certificates"]) >= 2
    refused = edo(folder, "certificate", "show", "doc.txt")
    assert (refused.exit_code, bool(refused.stderr)) == (64, True)


def test_every_certificate_of_russian_authorities_is_shown(shared_data: Path) -> None:
    files = sorted((shared_data / "formats" / "ca").rglob("*.pem"))
    assert len(files) > 3
    for path in files:
        shown = edo(path.parent, "certificate", "show", path.name)
        assert shown.exit_code == 0, (path, shown.stderr)
        assert "Признаки квалифицированного" in shown.stdout


def test_the_command_itself_starts_and_signs(folder: Path) -> None:
    arguments = ["sign", "doc.txt", "--key", "key.der", "--certificate", "certificate.pem", "-o", "doc.sig"]
    paths = [str(folder / one) if "." in one else one for one in arguments]
    done = edo_process(*paths)
    assert done.returncode == 0, done.stderr
    assert signing.inspect_cms((folder / "doc.sig").read_bytes()).signers[0].level == "BES"


def test_the_commands_are_documented() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "`edo sign " in readme
    assert "`edo certificate show " in readme
