"""Builds `static/generated/` from installed packages: two font subsets, their licences and htmx.

Nothing here is in git: the fonts come from `fontpkg-ibm-plex-sans` and `fontpkg-ibm-plex-mono` (SIL OFL 1.1 with the
reserved name "Plex", hence the renamed subsets "Portal Sans" and "Portal Mono", OFL clause 3), htmx from the wheel of
`django-htmx`, whose own modules are never imported (they would need Django). `python -m edo_service.web.assets` builds,
`ensure_built()` builds only what is missing or out of date. Two processes may build at once: each file is replaced
atomically and the build gives the same bytes every time.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

STATIC = Path(__file__).parent / "static"
GENERATED = STATIC / "generated"
STAMP = "built.txt"

#: Cyrillic of Russian with its neighbours, Latin with accents, and the signs that accountants write.
UNICODES = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x400, 0x460),
    0x490, 0x491, 0x2009, 0x200B, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D,
    0x201E, 0x2022, 0x2026, 0x202F, 0x2030, 0x20BD, 0x2116, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260,
    0x2264, 0x2265, 0x2713, 0x25A0, 0x25CB, 0x25CF,
)  # fmt: skip
FEATURES = ("kern", "liga", "locl", "mark", "mkmk", "ccmp", "tnum", "lnum", "zero")


class AssetsError(Exception):
    """A package that static files are made of is not installed; the text names it."""


@dataclass(frozen=True, kw_only=True)
class Font:
    """One subset: where it comes from, what it is called here, which axes of a variable font stay."""

    package: str
    file: str
    family: str
    target: str
    axes: dict[str, float | tuple[float, float]]


FONTS = (
    Font(
        package="fontpkg_ibm_plex_sans",
        file="IBMPlexSans[wdth,wght].ttf",
        family="Portal Sans",
        target="portal-sans",
        axes={"wdth": 100, "wght": (400, 700)},
    ),
    Font(
        package="fontpkg_ibm_plex_mono",
        file="IBMPlexMono-Regular.ttf",
        family="Portal Mono",
        target="portal-mono",
        axes={},
    ),
)
HTMX = ("django_htmx", "static/django_htmx/htmx-2.min.js", "htmx.js")


def package_folder(module: str) -> Path:
    """Folder of an installed package, found without importing it. Raises AssetsError when it is not installed."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise AssetsError(f"package {module.replace('_', '-')} is not installed (requirements*.lock)")
    return Path(spec.submodule_search_locations[0])


def build(target: Path = GENERATED) -> None:
    """Write every generated file into `target`, then the stamp that says what it was made of."""
    stamp = fingerprint()
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for font in FONTS:
        folder = package_folder(font.package)
        write(target / "fonts" / f"{font.target}.woff2", subset_font(folder / "files" / font.file, font))
        write(target / "fonts" / f"{font.target}.LICENSE.txt", (folder / "LICENSE").read_bytes())
    package, source, name = HTMX
    write(target / name, (package_folder(package) / source).read_bytes())
    write(target / STAMP, stamp.encode())


def ensure_built(target: Path = GENERATED) -> bool:
    """Build when the folder is missing or was made of other packages or by other code. True when it built."""
    stamp = target / STAMP
    if stamp.is_file() and stamp.read_text() == fingerprint():
        return False
    build(target)
    return True


def fingerprint() -> str:
    """Versions of the source packages and the hash of this module: what the built files depend on."""
    names = ("fontpkg-ibm-plex-sans", "fontpkg-ibm-plex-mono", "django-htmx", "fonttools", "brotli")
    lines = []
    for name in names:
        try:
            lines.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError as error:
            raise AssetsError(f"package {name} is not installed (requirements*.lock)") from error
    lines.append(f"assets.py {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}")
    return "\n".join(lines) + "\n"


def subset_font(source: Path, font: Font) -> bytes:
    """The font as woff2 with only our letters and weights, under its own name."""
    face: Any = TTFont(source, recalcTimestamp=False)
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = list(FEATURES)
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=list(UNICODES))
    subsetter.subset(face)
    if (
        font.axes
    ):  # after subsetting: an instance drops the entries of glyphs that do not vary, the subsetter wants them
        face = instancer.instantiateVariableFont(face, dict(font.axes), updateFontNames=False)
    rename(face, font.family)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "font.woff2"
        subset.save_font(face, str(path), options)
        return path.read_bytes()


def rename(face: Any, family: str) -> None:
    """Put our family name wherever the reserved one stood (OFL clause 3); copyright and licence lines stay."""
    compact = family.replace(" ", "")
    words = {1: family, 3: f"{compact}-Regular", 4: family, 6: f"{compact}-Regular", 16: family, 25: compact}
    table = face["name"]
    for record in list(table.names):
        if record.nameID in words:
            table.setName(words[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID)


def write(path: Path, content: bytes) -> None:
    """Replace a file at once, so that a reader never sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.chmod(temporary, 0o644)  # noqa: PTH101 (a path given by mkstemp is a string)
    os.replace(temporary, path)  # noqa: PTH105 (the same)


def main() -> int:
    """Build and say what was built."""
    try:
        built = ensure_built()
    except AssetsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in sorted(GENERATED.rglob("*")):
        if path.is_file():
            sys.stdout.write(f"{path.relative_to(STATIC)} {path.stat().st_size}{'' if built else ' (kept)'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
