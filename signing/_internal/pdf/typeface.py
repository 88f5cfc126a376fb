"""A TrueType font cut down to the characters of one text and put into a PDF (ISO 32000-1, 9.7, 9.10.3)."""

from __future__ import annotations

import hashlib
import logging
from io import BytesIO

from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing._internal.errors import BadInput

# without the tables of variations the default style is left; those of layout are large and serve other scripts
_NEEDLESS = ("fvar", "gvar", "avar", "HVAR", "MVAR", "STAT", "cvar", "GSUB", "GPOS", "GDEF", "DSIG")
_SYMBOLIC = 4
_STEM = 80

logging.getLogger("fontTools").addHandler(logging.NullHandler())


class Typeface:
    """A font for one text: how wide its words are, and how they are written into a content stream.

    `font` is a TrueType file (variable ones give their default style). BadInput when it is not, or when it lacks a
    character of the text.
    """

    def __init__(self, font: bytes, text: str) -> None:
        try:
            self._font = _cut(font, text)
        except (TTLibError, KeyError, AssertionError, ValueError) as error:
            raise BadInput(f"the font cannot be read: {error}", "font") from error
        names = self._font.getBestCmap() or {}
        lacking = sorted({one for one in text if ord(one) not in names})
        if lacking:
            raise BadInput(f"the font lacks the characters {''.join(lacking)!r}", "font")
        self._glyphs = {chr(code): self._font.getGlyphID(name) for code, name in names.items()}
        scale = 1000 / self._font["head"].unitsPerEm
        self._advances = {
            number: round(self._font["hmtx"][name][0] * scale) for number, name in enumerate(self._font.getGlyphOrder())
        }
        self._scale = scale

    def width(self, text: str) -> float:
        """The width of a line in a font of size 1."""
        total: int = sum(self._advances[self._glyphs[one]] for one in text)
        return total / 1000

    def show(self, text: str) -> bytes:
        """The operand that shows a line: glyph numbers in hexadecimal."""
        return b"<" + "".join(f"{self._glyphs[one]:04X}" for one in text).encode() + b"> Tj"

    def embed(self, writer: BasePdfFileWriter) -> generic.IndirectObject:
        """Put the font into the file; a reference to it."""
        out = BytesIO()
        self._font.save(out)
        content = out.getvalue()
        name = pdf_name(f"/{_tag(content)}+{self._name()}")
        descriptor = self._descriptor(writer, name, content)
        descendant = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Font"),
                pdf_name("/Subtype"): pdf_name("/CIDFontType2"),
                pdf_name("/BaseFont"): name,
                pdf_name("/CIDSystemInfo"): generic.DictionaryObject(
                    {
                        pdf_name("/Registry"): generic.pdf_string("Adobe"),
                        pdf_name("/Ordering"): generic.pdf_string("Identity"),
                        pdf_name("/Supplement"): generic.NumberObject(0),
                    }
                ),
                pdf_name("/FontDescriptor"): descriptor,
                pdf_name("/CIDToGIDMap"): pdf_name("/Identity"),
                pdf_name("/W"): generic.ArrayObject(
                    [
                        generic.NumberObject(0),
                        generic.ArrayObject(generic.NumberObject(width) for _, width in sorted(self._advances.items())),
                    ]
                ),
            }
        )
        return writer.add_object(
            generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/Font"),
                    pdf_name("/Subtype"): pdf_name("/Type0"),
                    pdf_name("/BaseFont"): name,
                    pdf_name("/Encoding"): pdf_name("/Identity-H"),
                    pdf_name("/DescendantFonts"): generic.ArrayObject([writer.add_object(descendant)]),
                    pdf_name("/ToUnicode"): writer.add_object(_stream(self._to_unicode())),
                }
            )
        )

    def _name(self) -> str:
        name = self._font["name"].getDebugName(6) or "Font"
        return "".join(one for one in name if one.isascii() and (one.isalnum() or one == "-")) or "Font"

    def _descriptor(
        self, writer: BasePdfFileWriter, name: generic.NameObject, content: bytes
    ) -> generic.IndirectObject:
        head, horizontal, angle = self._font["head"], self._font["hhea"], self._font["post"].italicAngle
        box = (head.xMin, head.yMin, head.xMax, head.yMax)
        ascent, descent = (round(value * self._scale) for value in (horizontal.ascent, horizontal.descent))
        file = _stream(content)
        file[pdf_name("/Length1")] = generic.NumberObject(len(content))
        return writer.add_object(
            generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/FontDescriptor"),
                    pdf_name("/FontName"): name,
                    pdf_name("/Flags"): generic.NumberObject(_SYMBOLIC),
                    pdf_name("/FontBBox"): generic.ArrayObject(
                        generic.NumberObject(round(one * self._scale)) for one in box
                    ),
                    pdf_name("/ItalicAngle"): generic.FloatObject(angle),
                    pdf_name("/Ascent"): generic.NumberObject(ascent),
                    pdf_name("/Descent"): generic.NumberObject(descent),
                    pdf_name("/CapHeight"): generic.NumberObject(ascent),
                    pdf_name("/StemV"): generic.NumberObject(_STEM),
                    pdf_name("/FontFile2"): writer.add_object(file),
                }
            )
        )

    def _to_unicode(self) -> bytes:
        rows = [f"<{glyph:04X}> <{one.encode('utf-16-be').hex().upper()}>" for one, glyph in self._glyphs.items()]
        parts = [rows[start : start + 100] for start in range(0, len(rows), 100)]
        lines = [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
            *(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
        return "\n".join(lines).encode()


def _cut(font: bytes, text: str) -> TTFont:
    loaded = TTFont(BytesIO(font), recalcTimestamp=False)
    if "glyf" not in loaded:
        raise BadInput("the font has no TrueType outlines", "font")
    for table in _NEEDLESS:
        if table in loaded:
            del loaded[table]
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[6])
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(loaded)
    return loaded


def _tag(content: bytes) -> str:
    """Six capital letters that name the subset (ISO 32000-1, 9.6.4), the same for the same characters."""
    return "".join(chr(65 + octet % 26) for octet in hashlib.sha256(content).digest()[:6])


def _stream(content: bytes) -> generic.StreamObject:
    made = generic.StreamObject(stream_data=content)
    made.compress()
    return made
