"""Icons as inline SVG from the `heroicons` wheel (MIT): always decoration beside a word, never instead of one."""

import functools
import re
import zipfile
from importlib.resources import files
from typing import Literal

from markupsafe import Markup

Style = Literal["outline", "solid", "mini", "micro"]
BOX = {"outline": 24, "solid": 24, "mini": 20, "micro": 16}


class UnknownIcon(Exception):
    """No such icon in the package: a typing mistake in a template."""


@functools.lru_cache(maxsize=256)
def icon(name: str, style: Style = "mini", css: str = "i") -> Markup:
    """The icon as `<svg>` hidden from screen readers, coloured by CSS. Raises UnknownIcon."""
    body = _body(name, style)
    outline = " o" if style == "outline" else ""
    return Markup(  # noqa: S704 (the body comes from the installed package, the rest from our templates)
        f'<svg class="{css}{outline}" viewBox="0 0 {BOX[style]} {BOX[style]}" aria-hidden="true">{body}</svg>'
    )


@functools.lru_cache(maxsize=256)
def _body(name: str, style: Style) -> str:
    with files("heroicons").joinpath("heroicons.zip").open("rb") as stream, zipfile.ZipFile(stream) as pack:
        try:
            svg = pack.read(f"{style}/{name}.svg").decode()
        except KeyError as error:
            raise UnknownIcon(f"{style}/{name}") from error
    found = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if found is None:
        raise UnknownIcon(f"{style}/{name}: not an SVG")
    # Colours come from CSS (fill or stroke: currentColor), so the package's own are dropped.
    return re.sub(r'\s(?:fill|stroke|stroke-width)="[^"]*"', "", found.group(1)).strip()
