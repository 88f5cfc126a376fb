"""Names of files in an export: safe in a shell, in a ZIP and on Windows, still readable for people."""

import re
import unicodedata

# ASCII and Russian letters, digits and a few signs that no shell, ZIP tool or file system treats specially.
_UNSAFE = re.compile(r"[^A-Za-z0-9А-Яа-яЁё._№-]+")
_PATH = re.compile(r"[a-z]+/[A-Za-z0-9А-Яа-яЁё_№][A-Za-z0-9А-Яа-яЁё._№-]*")
_LONGEST = 200  # octets of UTF-8: what is added later (.sig, .value) still fits the 255 of file systems
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """A file name made of safe characters that begins with a letter, digit or underscore and keeps its ending."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = _UNSAFE.sub("_", base).lstrip(".-").rstrip(".") or "file"
    if _RESERVED.fullmatch(clean):
        clean = f"_{clean}"
    if len(clean.encode()) > _LONGEST:
        stem, dot, ending = clean.rpartition(".")
        ending = f"{dot}{ending}" if stem and len(ending.encode()) <= 20 else ""
        room = _LONGEST - len(ending.encode())
        clean = (stem if ending else clean).encode()[:room].decode(errors="ignore") + ending
    return clean


def is_safe_path(path: str) -> bool:
    """Whether a path of a manifest may be written into an export: one folder, one safe name."""
    return _PATH.fullmatch(path) is not None and not path.endswith(".")
