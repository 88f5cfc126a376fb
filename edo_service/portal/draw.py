"""The child process of `pictures`: a PDF on stdin, its pages as PNG on stdout. Limits itself before it reads a byte.

The answer: number of pages (u32), then for each page drawn width, height, size of the PNG and of the text
(u32 each, big endian), the PNG and the text (UTF-8).
"""

import io
import resource
import struct
import sys

CPU_SECONDS = 15
MEMORY = 2 * 1024 * 1024 * 1024
LONGEST_SIDE = 4000
LONGEST_TEXT = 200_000


def main() -> int:
    """Draw; 0, or 1 when the bytes are no PDF that can be drawn."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    import pypdfium2

    width, most = int(sys.argv[1]), int(sys.argv[2])
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError:
        return 1
    out = sys.stdout.buffer
    out.write(struct.pack(">I", len(document)))
    for index in range(min(len(document), most)):
        page = document[index]
        across, down = page.get_size()
        scale = min(width / across, LONGEST_SIDE / max(across, down))
        image = page.render(scale=scale).to_pil().convert("L").quantize(16)
        png = io.BytesIO()
        image.save(png, "PNG", optimize=True)
        text = page.get_textpage().get_text_bounded().encode("utf-8", "replace")[:LONGEST_TEXT]
        picture = png.getvalue()
        out.write(struct.pack(">IIII", image.width, image.height, len(picture), len(text)) + picture + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
