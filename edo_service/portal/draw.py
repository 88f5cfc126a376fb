"""The child process of `pictures`: a file on stdin, its pages as PNG and its words on stdout. Limits itself before it reads.

Arguments: what the bytes are (pdf, image, docx, zip, xml), width of a picture, most pages. The answer: number of pages
(u32), then for each page told width, height, size of the PNG and of the text (u32 each, big endian), the PNG and the text
(UTF-8). A file without pictures is one page of no size. Exit 1: nothing can be shown.
"""

import io
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator

CPU_SECONDS = 15
MEMORY = 2 * 1024 * 1024 * 1024
LONGEST_SIDE = 4000
LONGEST_TEXT = 200_000
MOST_PIXELS = 100_000_000
MOST_ENTRIES = 2_000
WORD_BYTES = 64 * 1024 * 1024
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}
_UTF8_NAME = 0x800

Told = tuple[int, int, bytes, str]


def main() -> int:
    """Draw; 0, or 1 when the bytes are nothing that can be shown."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    kind, width, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    readers = {"pdf": _pdf, "image": _image, "docx": _docx, "zip": _zip, "xml": _xml}
    try:
        total, pages = readers[kind](sys.stdin.buffer.read(), width, most)
        out = sys.stdout.buffer
        out.write(struct.pack(">I", total))
        for across, down, picture, words in pages:
            text = words.encode("utf-8", "replace")[:LONGEST_TEXT]
            out.write(struct.pack(">IIII", across, down, len(picture), len(text)) + picture + text)
    except Exception:  # noqa: BLE001 - a process of its own for foreign bytes: whatever a reader says, nothing is shown
        return 1
    return 0


def _pdf(content: bytes, width: int, most: int) -> tuple[int, Iterator[Told]]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)

    def pages() -> Iterator[Told]:
        for index in range(min(len(document), most)):
            page = document[index]
            across, down = page.get_size()
            scale = min(width / across, LONGEST_SIDE / max(across, down))
            image = page.render(scale=scale).to_pil().convert("L").quantize(16)
            png = io.BytesIO()
            image.save(png, "PNG", optimize=True)
            yield image.width, image.height, png.getvalue(), page.get_textpage().get_text_bounded()

    return len(document), pages()


def _image(content: bytes, width: int, _: int) -> tuple[int, Iterator[Told]]:
    """A scan or a photograph, upright, no wider than a page."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as source:
        source.draft("RGB", (width * 2, LONGEST_SIDE))
        image = ImageOps.exif_transpose(source)
        scale = min(1.0, width / image.width, LONGEST_SIDE / max(image.size))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        white = Image.new("RGB", image.size, "white")
        whole = image.convert("RGBA")
        white.paste(whole, mask=whole.getchannel("A"))
        small = white.resize(size).quantize(64)
    png = io.BytesIO()
    small.save(png, "PNG", optimize=True)
    return 1, iter([(small.width, small.height, png.getvalue(), "")])


def _docx(content: bytes, _: int, __: int) -> tuple[int, Iterator[Told]]:
    """The words of a Word document, a paragraph a line (ECMA-376-1, 17.3)."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as part:
        data = part.read(WORD_BYTES + 1)
    if len(data) > WORD_BYTES:
        return 0, iter(())
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    lines = []
    for paragraph in root.iter(f"{_W}p"):
        words = "".join(
            _BREAKS.get(str(node.tag), node.text or "") for node in paragraph.iter(f"{_W}t", *_BREAKS)
        ).strip()
        if words:
            lines.append(words)
    return 1, iter([(0, 0, b"", "\n".join(lines))])


def _zip(content: bytes, _: int, __: int) -> tuple[int, Iterator[Told]]:
    """Names and sizes by the archive's own list; nothing is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    lines = [f"{_entry_name(entry)}\t{entry.file_size}" for entry in entries[:MOST_ENTRIES]]
    return len(entries), iter([(0, 0, b"", "\n".join(lines))])


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The name; one that is not marked as UTF-8 is read as Russian archivers of DOS days write it (cp866)."""
    marked = entry.flag_bits & _UTF8_NAME
    name = entry.filename if marked else entry.filename.encode("cp437", "replace").decode("cp866", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)


def _xml(content: bytes, _: int, __: int) -> tuple[int, Iterator[Told]]:
    """The file with its elements on lines of their own."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=True
    )
    shown = etree.tostring(etree.fromstring(content, parser), encoding="unicode", pretty_print=True)
    return 1, iter([(0, 0, b"", shown)])


if __name__ == "__main__":
    sys.exit(main())
