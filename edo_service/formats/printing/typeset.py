"""A form to PDF/A-2u with Typst: our own template, our fonts from their packages, nothing else can be reached.

The typesetter reads one folder (ours) and has no addresses, scripts or links; a form comes as JSON strings. What the
fonts cannot draw is replaced by □, for PDF/A allows no empty glyph.

Typst works in threads that start with the first form and do not outlive a fork: a process that has set a form must not
be forked into one that sets another (Celery's parent sets none). Such a child is told so instead of waiting for ever.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Final

import fontpkg_arimo  # type: ignore[import-untyped]  # fontpkg publishes no types
import fontpkg_ibm_plex_mono  # type: ignore[import-untyped]  # fontpkg publishes no types
import typst
from fontTools.ttLib import TTFont

from edo_service.formats.errors import FormatError
from edo_service.formats.printing.blocks import Form, as_data

TEMPLATES: Final = Path(__file__).parent / "templates"
_FOLDERS: Final = (fontpkg_arimo.ROOT / "files", fontpkg_ibm_plex_mono.ROOT / "files")
_FACES: Final = (_FOLDERS[0] / "Arimo[wght].ttf", _FOLDERS[1] / "IBMPlexMono-Regular.ttf")
_UNKNOWN: Final = "□"
_BREAKS: Final = frozenset("\n\u00ad\u200b")


def to_pdf(form: Form) -> bytes:
    """PDF/A-2u bytes; the same form gives the same bytes. Raises FormatError when it cannot be set.

    RuntimeError in a process forked from one that has already set a form.
    """
    if _first_process() != os.getpid():
        raise RuntimeError("a form was set before this process was forked: Typst would wait for threads that are gone")
    text = json.dumps(as_data(form), ensure_ascii=False)
    compiler = typst.Compiler(
        input=str(TEMPLATES / "form.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"form": drawable(text)},
    )
    try:
        content, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards=["a-2u"], pdf_tags=False)
    except typst.TypstError as error:
        raise FormatError(f"Печатная форма не получилась: {error.message}") from error
    if warnings or not isinstance(content, bytes):  # pragma: no cover - a font that is not there leaves no text
        raise FormatError(f"Печатная форма не получилась: {[warning.message for warning in warnings]}")
    return content


def drawable(text: str) -> str:
    """The text with every character that no font of ours has replaced by □."""
    strange = {ord(mark): _UNKNOWN for mark in set(text) if mark not in _BREAKS and ord(mark) not in _known()}
    return text.translate(strange) if strange else text


@lru_cache(maxsize=1)
def _first_process() -> int:
    return os.getpid()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in _FOLDERS]
    )


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    places: set[int] = set()
    for path in _FACES:
        with TTFont(path, lazy=True) as font:
            places.update(font.getBestCmap())
    return frozenset(places)
