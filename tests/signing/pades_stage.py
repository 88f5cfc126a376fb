"""What the tests of PAdES sign, raise and judge with: one page, fonts, a reader of the page, OpenSSL."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import fontpkg_ibm_plex_mono  # type: ignore[import-untyped]  # fontpkg publishes no types
import fontpkg_ibm_plex_sans  # type: ignore[import-untyped]  # fontpkg publishes no types

from signing import OfflineEvidence, PdfPlace, Report, extend_pdf, sign_pdf, verify_pdf
from signing._internal import der, oids
from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import PdfSignature, find_signatures
from tests.signing.conftest import World
from tests.signing.maker import NOW, Holder, Tsa, extended_key_usage, key_usage
from tests.signing.pdf_maker import Pdf

NOTHING = OfflineEvidence()
SANS = (fontpkg_ibm_plex_sans.ROOT / "files" / "IBMPlexSans[wdth,wght].ttf").read_bytes()
MONO = (fontpkg_ibm_plex_mono.ROOT / "files" / "IBMPlexMono-Regular.ttf").read_bytes()
MOSCOW = timezone(timedelta(hours=3))
STAMPING = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]
PLAIN = Pdf.plain().data


def write(
    world: World,
    pdf: bytes = PLAIN,
    *,
    place: PdfPlace | None = None,
    stamped: bool = False,
    who: Holder | None = None,
    at: datetime = NOW,
) -> bytes:
    who = who or world.signer
    return sign_pdf(
        pdf,
        key=who.key,
        certificate=who.certificate,
        chain=[world.issuing.certificate],
        signing_time=at,
        place=place or PdfPlace(),
        timestamper=world.tsa if stamped else None,
    )


def extend(world: World, pdf: bytes, level: str, *, at: datetime = NOW, tsa: Tsa | None = None) -> bytes:
    return extend_pdf(
        pdf,
        level,  # type: ignore[arg-type]  # a parameter of tests
        timestamper=tsa or world.tsa,
        trust=world.trust,
        evidence=world.evidence,
        at=at,
    )


def judge(world: World, pdf: bytes, *, at: datetime = NOW, evidence: OfflineEvidence | None = None) -> Report:
    return verify_pdf(pdf, trust=world.trust, evidence=evidence or world.evidence, at=at)


def signatures(pdf: bytes) -> list[PdfSignature]:
    return find_signatures(Document(pdf))


def openssl(world: World, pdf: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    signature = signatures(pdf)[0]
    (folder / "content").write_bytes(signature.signed_bytes(pdf))
    (folder / "cms").write_bytes(der.read(signature.contents).raw)
    (folder / "root.pem").write_text(world.root.certificate.pem())
    command = ["openssl", "cms", "-verify", "-engine", "gost", "-cades", "-binary", "-inform", "DER", "-in", "cms"]
    command += ["-content", "content", "-CAfile", "root.pem", "-purpose", "any", "-out", "out"]
    command += ["-attime", str(int(NOW.timestamp()))]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=240)


def words(pdf: bytes, folder: Path) -> str:
    (folder / "seen.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", "seen.pdf", "-"], cwd=folder, capture_output=True, check=True, timeout=30
    )
    return " ".join(done.stdout.decode().split())
