"""Opening what came from the operator: XML and ZIP are hostile input, every refusal is a BadAnswer.

Refused: document types and entities, too many elements, sizes beyond the limits, paths that leave the container, names
that stand twice, encrypted entries, unknown compression, more bytes than an entry's header tells.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from lxml import etree

from operators.errors import BadAnswer
from operators.taxcom.codes import OPERATOR_CODE

XML_LIMIT = 20 * 1024 * 1024
ELEMENTS_LIMIT = 200_000
CONTAINER_LIMIT = 200 * 1024 * 1024
"""Bytes of a container as it comes, and of all its files together when unpacked."""
ENTRIES_LIMIT = 2_000
RATIO_LIMIT = 250
"""How many times larger than its compressed form a file may be; deflate reaches 1,032."""
SMALL = 1024 * 1024
"""A file below this size may have any ratio."""
NAME_LIMIT = 500
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ENCRYPTED = 0x1


def parse(content: bytes, *, root: str, limit: int = XML_LIMIT) -> Any:
    """Read an XML document whose root has that local name; raises BadAnswer."""
    if len(content) > limit:
        raise bad(f"XML of {len(content)} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        found: Any = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise bad(f"not XML: {error.msg}") from error
    if found.getroottree().docinfo.doctype:
        raise bad("XML with a document type")
    if sum(1 for _ in found.iter()) > ELEMENTS_LIMIT:
        raise bad(f"XML with more than {ELEMENTS_LIMIT} elements")
    if local(found) != root:
        raise bad(f"the root is {local(found)[:60]}, expected {root}")
    return found


def unpack(content: bytes) -> Mapping[str, bytes]:
    """Open a ZIP: path with slashes -> bytes; raises BadAnswer."""
    if len(content) > CONTAINER_LIMIT:
        raise bad(f"a container of {len(content)} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each for each in archive.infolist() if not each.filename.endswith("/")]
            _check(entries)
            files: dict[str, bytes] = {}
            for entry in entries:
                path = safe_path(entry.filename)
                if path in files:
                    raise bad(f"the container has {path!r} twice")
                files[path] = _read(archive, entry)
            return files
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise bad(f"not a container: {error}") from error


def safe_path(name: str) -> str:
    """Bring a path inside a container to slashes; raises BadAnswer when it may lead elsewhere."""
    path = name.replace("\\", "/")
    parts = path.split("/")
    if not path or len(path) > NAME_LIMIT or ":" in path or not path.isprintable():
        raise bad(f"a path that cannot be: {name[:60]!r}")
    if any(part in {"", ".", ".."} for part in parts):
        raise bad(f"a path that leaves the container: {name[:60]!r}")
    return path


def local(element: Any) -> str:
    """An element's name without its namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Any, name: str) -> Any | None:
    """The first child of that local name."""
    return next((each for each in element if local(each) == name), None)


def children(element: Any, name: str) -> list[Any]:
    """The children of that local name."""
    return [each for each in element if local(each) == name]


def text(element: Any, name: str) -> str | None:
    """The text of the first child of that local name, without blanks around it; None when absent or empty."""
    found = child(element, name)
    return None if found is None or found.text is None else found.text.strip() or None


def bad(what: str) -> BadAnswer:
    """Make the error of an answer that breaks the operator's own format."""
    return BadAnswer(what, operator=OPERATOR_CODE)


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRIES_LIMIT:
        raise bad(f"a container of {len(entries)} files")
    if sum(entry.file_size for entry in entries) > CONTAINER_LIMIT:
        raise bad("a container that unpacks to too much")
    for entry in entries:
        if entry.flag_bits & ENCRYPTED or entry.compress_type not in METHODS:
            raise bad(f"a file that cannot be unpacked: {entry.filename[:60]!r}")
        if entry.file_size > SMALL and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1):
            raise bad(f"a file that grows too much: {entry.filename[:60]!r}")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read no more than the header promises; the archive's own check-sum judges the rest."""
    try:
        with archive.open(entry) as opened:
            found = opened.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise bad(f"a damaged file: {entry.filename[:60]!r}") from error
    if len(found) != entry.file_size:
        raise bad(f"a file of another size than told: {entry.filename[:60]!r}")
    return found
