"""Any file as an unformalised document: known by its bytes, refused when it is a trap, noted when it is unusual."""

import io
import struct
import time
import zipfile
import zlib

import pytest

from edo_service.formats import inspect_file
from edo_service.formats.archives import ArchiveLimits
from tests.formats.judge import Samples

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080010002001011100ffd9")
DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}
TINY = ArchiveLimits(files=20, unpacked=1_000_000, ratio=50, free=100_000, depth=2)


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


def pdf(inside: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<</Type/Catalog" + inside + b">>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"


def object_stream(inside: bytes) -> bytes:
    body = zlib.compress(b"5 0 <<" + inside + b">>")
    return (
        b">>\nendobj\n2 0 obj\n<</Type/ObjStm/Filter/FlateDecode/Length %d>>stream\n" % len(body)
        + body
        + b"\nendstream <<"
    )


GOOD = {
    "договор.pdf": (pdf(), "pdf", "application/pdf"),
    "скан.JPG": (JPEG, "jpeg", "image/jpeg"),
    "скан.png": (png(10, 20), "png", "image/png"),
    "акт.docx": (packed(DOCX), "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "данные.xml": ("<данные/>".encode(), "xml", "application/xml"),
    "пакет.zip": (packed({"а.pdf": pdf(), "б/": b"", "б/в.jpg": JPEG}), "zip", "application/zip"),
    "без расширения": (pdf(), "pdf", "application/pdf"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_plain_file_is_taken_without_a_word(name: str) -> None:
    content, container, media_type = GOOD[name]
    report = inspect_file(content, name)
    assert (report.container, report.media_type, report.size) == (container, media_type, len(content))
    assert (report.ok, report.refusals, report.notes) == (True, (), ())


def nested(depth: int) -> bytes:
    content = b"x"
    for _ in range(depth):
        content = packed({"inner.zip": content})
    return content


def lying() -> bytes:
    """A bomb whose directory says that it is small."""
    content = bytearray(packed({"a": b"\x00" * 5_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = struct.pack("<I", 10)
    return bytes(content)


def overlapping() -> bytes:
    """Two names for one place, as in Fifield's bomb."""
    content = packed({"a": b"\x00" * 1000})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    other = entry.replace(b"a", b"b") if entry.endswith(b"a") else entry
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(entry) * 2, start, 0)
    return content[:start] + entry + other + tail


def encrypted() -> bytes:
    content = bytearray(packed({"a.txt": b"secret"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("ссылка")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


TRAPS = {
    "empty": (b"", "a.pdf", "empty"),
    "too large": (b"%PDF-" + b"x" * 300_000, "a.pdf", "too-large"),
    "unknown bytes": (b"\x7fELF\x01", "a.bin", "unknown"),
    "a program by its name": (pdf(), "договор.pdf.exe", "extension"),
    "a picture that is a pdf": (pdf(), "a.jpg", "mismatch"),
    "a pdf that is an archive": (packed({"a": b"b"}), "a.pdf", "mismatch"),
    "a bomb": (packed({"a": b"\x00" * 5_000_000}), "a.zip", "bomb"),
    "a bomb of many files": (packed({f"{n}": b"\x00" * 90_000 for n in range(19)}), "a.zip", "bomb"),
    "a bomb in an archive": (packed({"a.zip": packed({"b": b"\x00" * 3_000_000})}), "a.zip", "bomb"),
    "a bomb that lies of its size": (lying(), "a.zip", "broken"),
    "files that lie on each other": (overlapping(), "a.zip", "bomb"),
    "many files": (packed({f"{n}": b"" for n in range(30)}), "a.zip", "files"),
    "archives in archives": (nested(4), "a.zip", "nested"),
    "a way out": (packed({"../../etc/passwd": b"x"}), "a.zip", "path"),
    "a way out with the other slash": (packed({"..\\..\\windows\\x": b"x"}), "a.zip", "path"),
    "an absolute name": (packed({"/etc/passwd": b"x"}), "a.zip", "path"),
    "a drive": (packed({"C:\\x": b"x"}), "a.zip", "path"),
    "a link": (linked(), "a.zip", "path"),
    "one name twice": (packed({"a.txt": b"1", "A.TXT": b"2"}), "a.zip", "twice"),
    "encrypted": (encrypted(), "a.zip", "encrypted"),
    "a cut archive": (packed({"a": b"x" * 1000})[:-30], "a.zip", "broken"),
    "a damaged archive": (packed({"a": b"x" * 1000}, zipfile.ZIP_STORED).replace(b"xxx", b"xyx", 1), "a.zip", "broken"),
    "word with a doctype": (packed(DOCX | {"[Content_Types].xml": b"<!DOCTYPE a><Types/>"}), "a.docx", "xml"),
    "xml with a doctype": (b"<!DOCTYPE a><a/>", "a.xml", "xml"),
    "xml in pieces": (b"<a><b></a>", "a.xml", "xml"),
    "a picture too large": (png(60_000, 60_000), "a.png", "pixels"),
    "a picture without a size": (JPEG[:8], "a.jpg", "broken"),
    "a cut picture": (png(10, 10)[:-12], "a.png", "broken"),
}  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_refused_with_its_reason(name: str) -> None:
    content, file_name, code = TRAPS[name]
    began = time.thread_time()
    report = inspect_file(content, file_name, max_bytes=250_000, limits=TINY)
    assert [trouble.code for trouble in report.refusals] == [code]
    assert not report.ok
    assert any("а" <= letter <= "я" for letter in report.refusals[0].text_ru)
    assert time.thread_time() - began < 1


ODD = {
    "script": (pdf(b"/OpenAction<</S/JavaScript/JS(app.alert)>>"), {"script", "action"}),
    "script with an escaped name": (pdf(b"/Names<</J#61vaScript 2 0 R>>"), {"script"}),
    "script in a compressed stream": (pdf(object_stream(b"/S/JavaScript")), {"script"}),
    "a program to launch": (pdf(b"/AA<</O<</S/Launch>>>>"), {"launch", "action"}),
    "an attachment": (pdf(b"/EmbeddedFiles 3 0 R"), {"attachment"}),
    "a form": (pdf(b"/AcroForm<</XFA 3 0 R>>"), {"form"}),
    "encryption": (pdf(b">>\ntrailer<</Encrypt 4 0 R"), {"encrypted"}),
    "a cut pdf": (pdf()[:-8], {"cut"}),
    "macros": (packed(DOCX | {"word/vbaProject.bin": b"x"}), {"macros"}),
    "macros by type": (
        packed(DOCX | {"[Content_Types].xml": b'<Types><O ContentType="application/x.macroEnabled.main+xml"/></Types>'}),
        {"macros"},
    ),
    "a template from the network": (
        packed(DOCX | {"word/_rels/settings.xml.rels": b'<R><r Type="a/attachedTemplate" TargetMode="External"/></R>'}),
        {"outside"},
    ),
    "an object in word": (packed(DOCX | {"word/embeddings/oleObject1.bin": b"x"}), {"embedded"}),
    "a program in an archive": (packed({"setup.exe": b"MZ"}), {"program"}),
    "another packer inside": (packed({"a.7z": b"7z\xbc\xaf\x27\x1c"}), {"packed"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_unusual_is_told_and_taken(name: str) -> None:
    content, codes = ODD[name]
    report = inspect_file(content, "a")
    assert report.ok
    assert {note.code for note in report.notes} == codes


def test_a_formal_document_is_told_from_plain_xml(samples: Samples) -> None:
    name, content = samples("a52bb884")[0]
    assert inspect_file(content, name).formal_ru == "УПД 5.03 (титул продавца)"
    assert inspect_file(b"<a/>", "a.xml").formal_ru is None
