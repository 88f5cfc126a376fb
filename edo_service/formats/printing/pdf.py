"""HTML to PDF/A-2u with WeasyPrint: our fonts from their package, nothing else is ever fetched."""

from __future__ import annotations

import hashlib
import html as html_text
import io
import logging
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

import fontpkg_ibm_plex_mono  # type: ignore[import-untyped]  # fontpkg publishes no types
import fontpkg_ibm_plex_sans  # type: ignore[import-untyped]  # fontpkg publishes no types
from weasyprint import CSS, HTML
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from edo_service.formats.printing.still_fonts import finisher

TEMPLATES: Final = Path(__file__).parent / "templates"
_SCHEME: Final = "edo-font"
_SANS: Final = fontpkg_ibm_plex_sans.ROOT / "files"
_MONO: Final = fontpkg_ibm_plex_mono.ROOT / "files"
_FONTS: Final = {
    "sans": _SANS / "IBMPlexSans[wdth,wght].ttf",
    "sans-italic": _SANS / "IBMPlexSans-Italic[wdth,wght].ttf",
    "mono": _MONO / "IBMPlexMono-Regular.ttf",
}

_CUT: Final = frozenset({"script", "link", "object", "embed", "iframe", "img", "base", "form", "audio", "video"})

logging.getLogger("weasyprint").addHandler(logging.NullHandler())


class NothingElse(URLFetcher):  # type: ignore[misc]  # WeasyPrint publishes no types
    """Gives out our font files by name and refuses every other address, of any scheme."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """A font, or ValueError, on which WeasyPrint leaves the resource out."""
        del headers
        scheme, _, name = url.partition(":")
        path = _FONTS.get(name) if scheme == _SCHEME else None
        if path is None:
            raise ValueError(f"refused: {url}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/ttf"})


@lru_cache(maxsize=1)
def base_css() -> str:
    """The fonts and the house style that every document gets."""
    faces = (
        f'@font-face{{font-family:"Form Sans";src:url("{_SCHEME}:sans")}}',
        f'@font-face{{font-family:"Form Sans";src:url("{_SCHEME}:sans-italic");font-style:italic}}',
        f'@font-face{{font-family:"Form Mono";src:url("{_SCHEME}:mono")}}',
    )
    return "\n".join(faces) + (TEMPLATES / "base.css").read_text(encoding="utf-8")


def document_of(html: str, *, title: str) -> str:
    """A whole document: a fragment is given head and body, a document stays as it is."""
    if "<html" in html[:1000].lower():
        return html
    shown = html_text.escape(title)
    return (
        f'<!DOCTYPE html><html lang="ru"><head><title>{shown}</title></head><body class="document">{html}</body></html>'
    )


def to_pdf(html: str, *, title: str) -> bytes:
    """PDF/A-2u bytes. The title goes into the metadata when the document has none."""
    if "<title" not in html[:4000].lower():
        html = html.replace("<head>", f"<head><title>{html_text.escape(title)}</title>", 1)
    fonts = FontConfiguration()
    fetcher = NothingElse()
    style = CSS(string=base_css(), font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=html, url_fetcher=fetcher, base_url=None)
    _cut_off(document.etree_element)
    content: bytes = document.write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_variant="pdf/a-2u",
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
        color_profiles={"srgb-form": _srgb()},
        output_intent="srgb-form",
        finisher=finisher,
    )
    return content


def _cut_off(root: Element) -> None:
    """Leave no way out of the document: no links, no scripts, no embedded or attached things."""
    for element in list(root.iter()):
        for child in list(element):
            if isinstance(child.tag, str) and child.tag.rpartition("}")[2] in _CUT:
                element.remove(child)
        for name in ("href", "src", "data", "action"):
            element.attrib.pop(name, None)


def _srgb() -> ColorProfile:
    """WeasyPrint's own sRGB profile; by itself it would leave the file open."""
    profile = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    return ColorProfile(io.BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))
