"""The exported ZIP: verified by dash, coreutils and openssl alone; every change is named; six years change nothing."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from archive import Part, build_manifest
from tests.archive.conftest import EngineDigests, Package, export
from tests.archive.gost_pki import GostPki, signature_value

COREUTILS = ["sha256sum", "date", "mktemp", "od", "tr", "base64", "basenc", "cat", "head", "tail", "sort", "rm"]


@pytest.fixture(scope="session")
def zipped(package: Package) -> bytes:
    return export(package)


@pytest.fixture(scope="session")
def bare_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH that holds openssl and the coreutils that verify.sh names, and nothing else."""
    folder = tmp_path_factory.mktemp("bin")
    for name in [*COREUTILS, "openssl"]:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def folder(zipped: bytes, tmp_path: Path) -> Path:
    target = tmp_path / "распаковано сюда"
    zipfile.ZipFile(io.BytesIO(zipped)).extractall(target)
    return target


@pytest.fixture
def verify(bare_path: Path) -> Callable[..., tuple[int, str]]:
    """Run verify.sh under dash as a stranger would; exit code and what it said."""
    dash = shutil.which("dash") or "/bin/sh"

    def run(folder: Path, *before: str, env: dict[str, str] | None = None, path: Path = bare_path) -> tuple[int, str]:
        command = [*before, dash, "verify.sh"]
        done = subprocess.run(
            command, cwd=folder, env={"PATH": str(path), **(env or {})}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def last(said: str) -> str:
    return said.splitlines()[-1]


def test_a_stranger_verifies_the_package(folder: Path, verify: Callable[..., tuple[int, str]]) -> None:
    code, said = verify(folder)
    assert (code, last(said)) == (0, "Проверка пройдена"), said
    assert "НАРУШЕНО" not in said
    for name in (path for path in folder.rglob("*") if path.is_file()):
        place = str(name.relative_to(folder))
        assert place == "verify.sh" or f"[верно]    {place}" in said
    assert re.search(r"parts/УПД.*\.sig: верна на \d\d\.\d\d\.\d{4} .*, по метке времени подписи", said)
    assert re.search(r"parts/rf.*\.sig: верна на .*, по метке времени описи", said)
    assert hashlib.sha256((folder / "verify.sh").read_bytes()).hexdigest()


def test_the_layout_is_readable_and_signatures_stand_beside_their_files(folder: Path) -> None:
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "SHA256SUMS",
        "certificates/chain.pem",
        "certificates/trust.pem",
        "certificates/Иванов.cer",
        "evidence/record.er",
        "manifest.json",
        "manifest.json.sig",
        "manifest.json.tst",
        "parts/rf_touch_x_договор_.pdf",
        "parts/rf_touch_x_договор_.pdf.sig",
        "parts/УПД_№_5_от_22.11.2026.xml",
        "parts/УПД_№_5_от_22.11.2026.xml.sig",
        "printed/protocol.pdf",
        "timestamps/УПД_№_5_от_22.11.2026.xml.sig.tst",
        "timestamps/УПД_№_5_от_22.11.2026.xml.sig.value",
        "verify.sh",
        "ПРОЧТИ.txt",
    ]


def test_six_years_later_the_certificates_have_expired_and_it_still_holds(
    folder: Path, verify: Callable[..., tuple[int, str]], unavailable: Callable[[str], NoReturn]
) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        unavailable("faketime is absent (apt-get install -y faketime)")
    code, said = verify(folder, faketime, "+6 years")
    assert (code, last(said)) == (0, "Проверка пройдена"), said
    # and the clock was really moved: the same certificate is refused at that time
    env = {"OPENSSL_CONF": "/dev/null", "PATH": os.environ["PATH"]}
    command = [faketime, "+6 years", "openssl", "x509", "-in", "certificates/chain.pem", "-noout", "-checkend", "0"]
    assert subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False).returncode == 1


def reseal(folder: Path) -> None:
    """What a forger does after a change: every hash in SHA256SUMS and manifest.json is made right again."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for part in manifest["parts"]:
        path = folder / part["path"]
        if path.exists():
            part["sha256"], part["size"] = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
    (folder / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    )
    lines = [line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}" for n in lines if (folder / n).exists()]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n")


def _names(package: Package) -> list[str]:
    return [name for name in zipfile.ZipFile(io.BytesIO(export(package))).namelist() if name != "verify.sh"]


def test_one_changed_byte_in_any_file_is_named_even_when_the_hashes_were_recomputed(
    folder: Path, verify: Callable[..., tuple[int, str]], package: Package
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for number, name in enumerate(_names(package)):
        content = bytearray(before[folder / name])
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)
        # a forger makes the lists right again; the lists themselves and every fifth file stand as they were changed
        if name not in ("SHA256SUMS", "manifest.json") and number % 5:
            reseal(folder)
        code, said = verify(folder)
        assert code == 1, (name, said)
        assert f"[НАРУШЕНО] {name}: " in said
        assert last(said).startswith("НАРУШЕНО: ")
        assert name in last(said)
        for path, saved in before.items():
            path.write_bytes(saved)


def test_a_missing_file_is_named_even_when_the_hashes_were_recomputed(
    folder: Path, verify: Callable[..., tuple[int, str]], package: Package
) -> None:
    sealed = {name: (folder / name).read_bytes() for name in ("SHA256SUMS", "manifest.json")}
    for name in _names(package)[::2]:
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        if name not in sealed:
            reseal(folder)
        code, said = verify(folder)
        assert (code, f"[НАРУШЕНО] {name}: файла нет" in said) == (1, True), (name, said)
        assert name in last(said)
        (folder / name).write_bytes(content)
        for other, saved in sealed.items():
            (folder / other).write_bytes(saved)


@pytest.mark.parametrize(
    "name",
    [
        "extra",
        ".hidden",
        "..twice",
        "parts/-rf",
        "-n",
        "!",
        "(",
        'parts/it\'s "$(touch pwned)" `id`.pdf',
        "parts/УПД ещё.xml",
        "new/folder/deep.txt",
        "timestamps/ends\n",
        "a\nmanifest.json",
        "parts/*",
        "parts/\x1b[2J",
    ],
)
def test_an_added_file_is_named_whatever_its_name(
    folder: Path, verify: Callable[..., tuple[int, str]], name: str
) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    code, said = verify(folder)
    shown = "".join(character for character in name if character >= " ")
    assert code == 1
    assert f"[НАРУШЕНО] {shown}: лишний файл" in said
    assert not (folder / "pwned").exists()
    assert "\x1b" not in said


def test_a_link_in_place_of_a_file_is_named(folder: Path, verify: Callable[..., tuple[int, str]]) -> None:
    target = folder.parent / "elsewhere"
    (folder / "manifest.json.sig").rename(target)
    (folder / "manifest.json.sig").symlink_to(target)
    code, said = verify(folder)
    assert code == 1
    assert "manifest.json.sig" in last(said)


def test_another_trust_anchor_is_refused_even_when_everything_is_signed_anew(
    folder: Path, verify: Callable[..., tuple[int, str]], package: Package, tmp_path_factory: pytest.TempPathFactory
) -> None:
    forger = GostPki(tmp_path_factory.mktemp("forger"), name="Чужой")
    script = (folder / "verify.sh").read_bytes()
    title = folder / package_path(package, "title")
    title.write_bytes(b"forged")
    title.with_name(f"{title.name}.sig").write_bytes(forger.sign(b"forged"))
    (folder / "certificates/trust.pem").write_bytes(forger.file("root.pem"))
    (folder / "certificates/chain.pem").write_bytes(forger.file("issuing.pem"))
    reseal(folder)
    signature = forger.sign((folder / "manifest.json").read_bytes())
    (folder / "manifest.json.sig").write_bytes(signature)
    (folder / "manifest.json.tst").write_bytes(forger.stamp(signature))
    reseal(folder)
    assert (folder / "verify.sh").read_bytes() == script
    code, said = verify(folder)
    assert code == 1
    assert "чужой корневой сертификат" in said


def package_path(package: Package, role: str) -> str:
    return next(part["path"] for part in json.loads(package.manifest)["parts"] if part["role"] == role)


def test_the_systems_own_trusted_certificates_count_for_nothing(
    package: Package, verify: Callable[..., tuple[int, str]], pki: GostPki, tmp_path: Path
) -> None:
    """The signer's root is installed on the machine but is no anchor of the package: the signatures do not count."""
    other = tmp_path / "other"
    other.mkdir()
    stranger = GostPki(other, name="Другой")
    zipfile.ZipFile(io.BytesIO(export(package, trust_pem=stranger.file("root.pem")))).extractall(tmp_path / "x")
    hashed = tmp_path / "certs"
    hashed.mkdir()
    (hashed / "root.pem").write_bytes(pki.file("root.pem"))
    subprocess.run(["openssl", "rehash", str(hashed)], check=True, capture_output=True)
    code, said = verify(tmp_path / "x", env={"SSL_CERT_DIR": str(hashed), "SSL_CERT_FILE": str(hashed / "root.pem")})
    assert code == 1
    assert "manifest.json.sig: подпись описи неверна" in said


def other_package(package: Package, pki: GostPki, parts: tuple[Part, ...]) -> bytes:
    manifest = build_manifest(parts, package_id="p", facts={}, digests=EngineDigests(), created_at=datetime.now(UTC))
    signature = pki.sign(manifest)
    contents = {hashlib.sha256(part.content).hexdigest(): part.content for part in parts}
    return export(
        package,
        manifest=manifest,
        manifest_signature=signature,
        manifest_timestamp=pki.stamp(signature),
        open_part=lambda part: io.BytesIO(contents[part.sha256]),
    )


def replaced(package: Package, role: str, content: bytes) -> tuple[Part, ...]:
    done = False
    parts = []
    for part in package.parts:
        take = part.role == role and not done
        done = done or take
        parts.append(
            Part(role=part.role, name=part.name, media_type=part.media_type, content=content, of=part.of)
            if take
            else part
        )
    return tuple(parts)


@pytest.mark.parametrize(
    ("role", "make"),
    [
        ("signature", lambda pki, _package: pki.sign(b"another text")),
        ("timestamp", lambda pki, _package: pki.stamp(b"another value")),
        ("signature_value", lambda _pki, _package: bytes(64)),
        ("title", lambda _pki, _package: b"another text"),
    ],
)
def test_an_honest_manifest_over_a_false_part_does_not_help(
    package: Package,
    pki: GostPki,
    verify: Callable[..., tuple[int, str]],
    tmp_path: Path,
    role: str,
    make: Callable[[GostPki, Package], bytes],
) -> None:
    """All hashes are right and signed; the signature, token or value itself is checked and refused."""
    content = other_package(package, pki, replaced(package, role, make(pki, package)))
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "x")
    code, said = verify(tmp_path / "x")
    assert code == 1, said
    assert "[НАРУШЕНО] certificates" not in said
    assert "manifest.json" not in last(said)


def test_a_signature_may_be_pem_base64_or_hold_its_content(
    package: Package, pki: GostPki, verify: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    import base64

    text = b"the text"
    cms = pki.sign(text)
    parts = (
        Part(role="document", name="text", media_type="text/plain", content=text),
        Part(role="signature", name="pem", media_type="x/y", content=pki.sign(text, form="PEM"), of="text"),
        Part(role="signature", name="b64", media_type="x/y", content=base64.encodebytes(cms), of="text"),
        Part(role="signature_value", name="v", media_type="x/y", content=signature_value(cms), of="b64"),
        Part(role="signature", name="inside", media_type="x/y", content=pki.sign(text, detached=False)),
    )
    zipfile.ZipFile(io.BytesIO(other_package(package, pki, parts))).extractall(tmp_path / "x")
    code, said = verify(tmp_path / "x")
    assert (code, last(said)) == (0, "Проверка пройдена"), said
    assert said.count(": верна на") == 3


def test_signers_with_rsa_and_ecdsa_keys_verify_beside_gost(
    package: Package, pki: GostPki, verify: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    pki.issue_foreign("rsa", "rsa_keygen_bits:2048")
    pki.issue_foreign("ec", "ec_paramgen_curve:P-256")
    parts = [Part(role="document", name="text", media_type="text/plain", content=b"the text")]
    for who in ("rsa", "ec"):
        cms = pki.sign(b"the text", who=who, md="sha256")
        value = signature_value(cms)
        parts += [
            Part(role="signature", name=who, media_type="x/y", content=cms, of="text"),
            Part(role="signature_value", name=f"{who} value", media_type="x/y", content=value, of=who),
            Part(role="timestamp", name=f"{who} stamp", media_type="x/y", content=pki.stamp(value), of=f"{who} value"),
        ]
    zipfile.ZipFile(io.BytesIO(other_package(package, pki, tuple(parts)))).extractall(tmp_path / "x")
    code, said = verify(tmp_path / "x")
    assert (code, last(said)) == (0, "Проверка пройдена"), said
    assert said.count("по метке времени подписи") == 2


def test_without_the_engine_or_openssl_it_says_what_to_install(
    folder: Path, verify: Callable[..., tuple[int, str]], bare_path: Path, tmp_path: Path
) -> None:
    code, said = verify(folder, env={"OPENSSL_ENGINES": str(tmp_path)})
    assert code == 2
    assert "apt-get install -y coreutils openssl libengine-gost-openssl" in said
    no_openssl = tmp_path / "bin"
    no_openssl.mkdir()
    for name in COREUTILS:
        (no_openssl / name).symlink_to((bare_path / name).resolve())
    code, said = verify(folder, path=no_openssl)
    assert code == 2
    assert "openssl" in said


def test_it_may_be_run_from_anywhere(folder: Path, bare_path: Path, tmp_path: Path) -> None:
    dash = shutil.which("dash") or "/bin/sh"
    command = [dash, str(folder / "verify.sh")]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": str(bare_path), "CDPATH": "/"}, check=False)
    assert done.returncode == 0


def test_verification_leaves_nothing_behind(
    folder: Path, verify: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    before = sorted(folder.rglob("*"))
    code, _said = verify(folder, env={"TMPDIR": str(temporary)})
    assert (code, list(temporary.iterdir()), sorted(folder.rglob("*"))) == (0, [], before)
