"""Contrast of every pair of tokens (WCAG 2.2: 1.4.3, 1.4.11; 1.4.6 in high contrast) in all four themes.

`python -m edo_service.web.contrast` prints what misses its floor and ends with 1; `make check` runs it. It also checks
that the blocks for "as in the system" repeat the named themes, because CSS cannot say that once.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TOKENS = Path(__file__).parent / "static" / "tokens.css"
GROUNDS = ("canvas", "surface", "sunken", "hover", "selected")
TONES = ("todo", "wait", "done", "stop", "idle")
TEXT = (
    *((ink, ground) for ink in ("text", "muted", "link") for ground in GROUNDS),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-danger", "danger"),
    ("on-shell", "shell"),
    ("on-shell", "shell-2"),
    ("on-shell-muted", "shell"),
    ("on-shell-muted", "shell-2"),
    *((f"{tone}-ink", f"{tone}-bg") for tone in TONES),
    *((f"{tone}-ink", "surface") for tone in TONES),
    *((f"{tone}-ink", ground) for tone in ("todo", "stop") for ground in ("hover", "selected")),
    ("surface", "todo-ink"),
)
CONTROLS = (
    *(("control", ground) for ground in ("canvas", "surface", "sunken")),
    *(("focus", ground) for ground in ("canvas", "surface", "sunken")),
    ("link", "surface"),
    ("accent", "surface"),
    ("accent", "canvas"),
    ("danger", "surface"),
    ("chart-1", "surface"),
    ("chart-2", "surface"),
    ("chart-3", "surface"),
)
TEXT_FLOOR, CONTROL_FLOOR, STRONG_FLOOR = 4.5, 3.0, 7.0


@dataclass(frozen=True, kw_only=True)
class Miss:
    """A pair below its floor."""

    theme: str
    pair: tuple[str, str]
    ratio: float
    floor: float

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.theme}: {self.pair[0]} on {self.pair[1]} is {self.ratio:.2f}, needs {self.floor}"


def themes(css: str) -> Mapping[str, Mapping[str, str]]:
    """Theme -> token -> #rrggbb, from the blocks marked `/* theme: name */`."""
    return {name: _colours(body) for name, body in re.findall(r"/\* theme: ([\w-]+) \*/[^{]*\{([^}]*)\}", css)}


def _colours(body: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", body))


def ratio(first: str, second: str) -> float:
    """Contrast of two colours by WCAG's relative luminance."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def misses(css: str) -> Iterator[Miss]:
    """Every pair below its floor: 4.5 for text, 3 for controls, 7 for text in high contrast."""
    for name, tokens in themes(css).items():
        strong = name.startswith("hc")
        for pairs, floor in ((TEXT, STRONG_FLOOR if strong else TEXT_FLOOR), (CONTROLS, CONTROL_FLOOR)):
            for pair in pairs:
                found = ratio(tokens[pair[0]], tokens[pair[1]])
                if found < floor:
                    yield Miss(theme=name, pair=pair, ratio=found, floor=floor)


def drifted(css: str) -> Iterator[str]:
    """Names of the "as in the system" blocks that differ from the theme they repeat."""
    named = {name: _words(body) for name, body in re.findall(r"/\* theme: ([\w-]+) \*/[^{]*\{([^}]*)\}", css)}
    blocks = re.findall(r"/\* system: ([\w-]+) \*/\s*@media[^{]*\{[^{]*\{([^}]*)\}", css)
    for name, body in blocks:
        if _words(body) != named.get(name):
            yield name
    if len(blocks) != 5:
        yield f"{len(blocks)} blocks instead of 5"


def _words(body: str) -> list[str]:
    return body.split()


def main() -> int:
    """Print what is wrong; 1 when anything is."""
    css = TOKENS.read_text()
    found = [*map(str, misses(css)), *(f"the system's {name} differs from the theme" for name in drifted(css))]
    for line in found:
        sys.stdout.write(line + "\n")
    pairs = (len(TEXT) + len(CONTROLS)) * len(themes(css))
    sys.stdout.write(f"contrast: {pairs} pairs, {len(found)} misses\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
