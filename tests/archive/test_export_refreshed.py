"""Refreshed signatures in the exported ZIP: they stand beside the originals, and verify.sh ties each to its own."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import archive
from archive import RefreshedPart
from tests.archive.conftest import Package, export
from tests.archive.gost_pki import GostPki
from tests.archive.test_export import bare_path, last, reseal, verify

__all__ = ["bare_path", "verify"]  # fixtures of the neighbour

Verify = Callable[..., tuple[int, str]]
SIGNATURE, CONTRACT = "подпись продавца", "-rf $(touch 'x') \"договор\".pdf"
SIGNED, PDF = "refreshed/УПД_№_5_от_22.11.2026.xml.sig", "refreshed/rf_touch_x_договор_.pdf"


def part(of: str, content: bytes) -> RefreshedPart:
    sha256 = hashlib.sha256(content).hexdigest()
    return RefreshedPart(of=of, sha256=sha256, size=len(content), open=lambda: io.BytesIO(content))


def raised(cms: bytes) -> bytes:
    """The same signature with one more unsigned attribute, as an archive time-stamp is one."""
    from signing._internal import assemble, der, oids
    from signing._internal.cms import read_signed_data

    signed = read_signed_data(cms)
    added = [assemble.attribute(oids.ARCHIVE_TIMESTAMP_V3, der.octet_string(b"a token"))]
    return assemble.replace(signed, [assemble.with_unsigned(one.node, added) for one in signed.signers]).raw


def content_of(package: Package, name: str) -> bytes:
    return next(one.content for one in package.parts if one.name == name)


def unpacked(package: Package, folder: Path, *parts: RefreshedPart) -> Path:
    zipfile.ZipFile(io.BytesIO(export(package, refreshed=parts))).extractall(folder)
    return folder


@pytest.fixture
def folder(package: Package, tmp_path: Path) -> Path:
    contract = content_of(package, CONTRACT) + b" 7 0 obj a document time-stamp"
    whole = raised(content_of(package, SIGNATURE))
    return unpacked(package, tmp_path / "x", part(SIGNATURE, whole), part(CONTRACT, contract))


def test_both_stand_beside_their_originals(folder: Path, verify: Verify) -> None:
    code, said = verify(folder)
    assert (code, last(said)) == (0, "Проверка пройдена"), said
    assert f"[верно]    {SIGNED}: та же подпись, что parts/УПД" in said
    assert f"[верно]    {PDF}: начинается с parts/rf_touch" in said


def test_a_changed_byte_is_named_also_when_the_hashes_were_recomputed(folder: Path, verify: Verify) -> None:
    for name in (SIGNED, PDF):
        whole = (folder / name).read_bytes()
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 1
        (folder / name).write_bytes(changed)
        reseal(folder)
        code, said = verify(folder)
        assert code == 1
        assert f"[НАРУШЕНО] {name}: файл изменён" in said
        assert name in last(said)
        (folder / name).write_bytes(whole)


@pytest.mark.parametrize(
    ("of", "make", "why"),
    [
        (SIGNATURE, lambda pki, package: pki.sign(content_of(package, "УПД № 5 от 22.11.2026.xml")), "другая подпись"),
        (SIGNATURE, lambda _pki, package: content_of(package, "подпись договора"), "другая подпись"),
        (SIGNATURE, lambda _pki, _package: b"no signature", "другая подпись"),
        (CONTRACT, lambda _pki, _package: b"%PDF-1.7 contrast and more", "не продолжает"),
    ],
    ids=["signed anew", "of another file", "rubbish", "another pdf"],
)
def test_what_is_no_later_form_of_its_original_is_refused_though_every_list_is_honest(
    package: Package,
    pki: GostPki,
    verify: Verify,
    tmp_path: Path,
    of: str,
    make: Callable[[GostPki, Package], bytes],
    why: str,
) -> None:
    """The writer itself is the forger: verify.sh knows the false file."""
    code, said = verify(unpacked(package, tmp_path / "x", part(of, make(pki, package))))
    name = SIGNED if of == SIGNATURE else PDF
    assert (code, last(said)) == (1, f"НАРУШЕНО: {name}"), said
    assert any(line.startswith(f"  [НАРУШЕНО] {name}: ") and why in line for line in said.splitlines())


def test_only_signatures_and_documents_have_a_later_form_and_its_bytes_are_checked(package: Package) -> None:
    for parts in ((part("protocol.pdf", b"x"),), (part("absent", b"x"),), (part(SIGNATURE, b"x"),) * 2):
        with pytest.raises(archive.BadPackage):
            export(package, refreshed=parts)
    false = RefreshedPart(of=SIGNATURE, sha256="0" * 64, size=1, open=lambda: io.BytesIO(b"x"))
    with pytest.raises(archive.Damaged):
        export(package, refreshed=(false,))
