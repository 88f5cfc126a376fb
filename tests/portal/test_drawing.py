"""Files from outside are read by a child process alone, within its limits; what cannot be shown is remembered as such."""

import ast
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from edo_service.errors import NotFound, Unavailable
from edo_service.portal.pictures import Pictures, draw

ROOT = Path(__file__).resolve().parents[2]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def picture(width: int, height: int, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), (200, 30, 30, 128)[: len(mode)]).save(out, kind)
    return out.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    return packed({"word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()})


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (picture(3000, 1500), (1000, 500)),
        (picture(40, 20), (40, 20)),
        (picture(600, 9000, "PNG", "RGBA"), (267, 4000)),
    ],
)
def test_a_picture_is_scaled_to_the_page_and_never_enlarged(content: bytes, size: tuple[int, int]) -> None:
    (page,) = draw(content, kind="image").pages
    assert (page.width, page.height) == size
    assert Image.open(io.BytesIO(page.png)).size == size


def test_a_word_document_is_its_paragraphs() -> None:
    drawn = draw(word("Договор лизинга", "", "Пункт 1.<w:tab/>Предмет"), kind="docx")
    assert drawn.pages[0].text.splitlines()[0] == "Договор лизинга"
    assert len(drawn.pages[0].text.splitlines()) == 2
    with pytest.raises(NotFound):
        drawn.page(1)


def test_an_archive_is_its_list_in_russian_whoever_packed_it() -> None:
    content = packed({"акт.pdf": b"x" * 5, "папка/скан.jpg": b"y"})
    drawn = draw(content, kind="zip")
    assert drawn.total == 2
    assert drawn.pages[0].text.splitlines() == ["акт.pdf\t5", "папка/скан.jpg\t1"]
    old = packed({"----.pdf": b"x"}).replace(b"----.pdf", "Акт1.pdf".encode("cp866"))
    assert draw(old, kind="zip").pages[0].text == "Акт1.pdf\t1"


def test_an_xml_file_is_shown_as_it_is() -> None:
    text = draw("<данные><сумма>5</сумма></данные>".encode(), kind="xml").pages[0].text
    assert text.splitlines() == ["<данные>", "  <сумма>5</сумма>", "</данные>"]


def bomb_png() -> bytes:
    """A picture of 60,000 by 60,000 points in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", b"%PDF-1.7 broken"),
        ("image", b"\xff\xd8\xff\xe0 broken"),
        ("image", b"GIF89a\x01\x00\x01\x00"),
        ("image", bomb_png()),
        ("docx", packed({"other.xml": b"<a/>"})),
        ("docx", packed({"word/document.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;" + b"<c>" * 400})),
        ("zip", b"PK\x03\x04 broken"),
        ("xml", b"<a>"),
    ],
)
def test_what_cannot_be_shown_is_said_once_and_not_tried_again(kind: str, content: bytes) -> None:
    pictures, asked = Pictures(), []

    def make() -> bytes:
        asked.append(1)
        return content

    for _ in range(2):
        with pytest.raises(Unavailable):
            pictures.of("key", make, kind=kind)
    assert pictures.failed("key")
    assert pictures.known("key") is None
    assert not pictures.failed("other")


def test_a_word_document_without_end_is_not_unpacked_whole() -> None:
    drawn = draw(packed({"word/document.xml": b" " * 70_000_000}), kind="docx")
    assert drawn.pages == ()


READERS = {"pypdfium2", "PIL"}
MARKS_OUR_PICTURES = "viewing.py"  # opens the pictures the child drew, never a file from outside


def test_no_reader_of_foreign_files_is_imported_outside_the_child() -> None:
    found = set()
    for path in (ROOT / "edo_service").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if any(name in text for name in READERS) else ():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {path.name for name in names if name.split(".")[0] in READERS}
    assert found == {"draw.py", MARKS_OUR_PICTURES}


def test_drawing_leaves_the_web_process_without_the_readers() -> None:
    code = (
        "import sys; from edo_service.portal.pictures import draw\n"
        "draw(b'<a/>', kind='xml')\n"
        "sys.exit(len({'pypdfium2', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
