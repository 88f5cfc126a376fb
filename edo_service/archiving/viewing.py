"""Viewing copies: the printed form as pictures, each page marked with who looks, when and what for. Not a substitute.

The PDF itself is drawn in a child process (`portal.pictures`); here only our own pictures are opened.
"""

import io
from collections.abc import Sequence

import fontpkg_arimo  # type: ignore[import-untyped]  # fontpkg publishes no types

from edo_service.portal.pictures import draw

DOTS_ACROSS = 1240
"""A4 at 150 dots an inch: to be read, not to be passed off as the original."""
_GREY, _INK = 205, 110
_LONGEST_LINE = 150


def marked_copy(pdf: bytes, *, mark: str, lines: Sequence[str]) -> bytes:
    """The pages of the PDF as a PDF of pictures: `mark` across each of them, `lines` at its foot. Unavailable."""
    from PIL import Image, ImageDraw, ImageFont

    fonts = fontpkg_arimo.ROOT / "files"
    file = str(next(path for path in sorted(fonts.iterdir()) if path.suffix == ".ttf" and "Italic" not in path.name))
    big, small = ImageFont.truetype(file, 54), ImageFont.truetype(file, 20)
    pages = []
    for one in draw(pdf, width=DOTS_ACROSS).pages:
        page = Image.open(io.BytesIO(one.png)).convert("L")
        veil = Image.new("L", page.size, 255)
        pen = ImageDraw.Draw(veil)
        for top in range(160, page.height, 420):
            pen.text((page.width // 2, top), mark, font=big, fill=_GREY, anchor="mm")
        page = Image.composite(page, veil.rotate(18, fillcolor=255), page.point(lambda dot: 255 if dot < 160 else 0))
        pen = ImageDraw.Draw(page)
        foot = page.height - 12 - 26 * len(lines)
        pen.rectangle((0, foot - 8, page.width, page.height), fill=255)
        for place, line in enumerate(lines):
            pen.text((40, foot + 26 * place), line[:_LONGEST_LINE], font=small, fill=_INK)
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150, title="Копия для просмотра")
    return out.getvalue()
