"""A package: the parts of one archived set and the manifest that lists them (RFC 8785 canonical JSON)."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from archive._internal.names import is_safe_path, safe_name
from archive.canonical import canonical_json
from archive.errors import BadPackage
from archive.store import Store, Stored, key_of

FORMAT = "edo-archive-manifest/1"
MOST_PARTS, MOST_BYTES = 64, 32 * 1024 * 1024
"""What is put at once when a package is deposited."""

#: What a part can be -> the folder of the export it goes to. Signatures stand beside what they sign; the value of a
#: signature (the SignerInfo's `signature` octets, RFC 5652 5.3) and timestamp tokens (RFC 3161) stand in timestamps/.
ROLES: Mapping[str, str] = {
    "title": "parts",
    "document": "parts",
    "service": "parts",
    "power": "parts",
    "attachment": "parts",
    "signature": "parts",
    "print_form": "printed",
    "protocol": "printed",
    "event_log": "printed",
    "certificate": "certificates",
    "crl": "revocation",
    "ocsp": "revocation",
    "power_status": "revocation",
    "signature_value": "timestamps",
    "timestamp": "timestamps",
}
_SUFFIX = {"signature": ".sig", "signature_value": ".value", "timestamp": ".tst"}


class Digests(Protocol):
    """The hash that this package does not compute by itself: ГОСТ needs a library of the system, the archive none."""

    def streebog256(self, data: bytes) -> bytes:
        """ГОСТ Р 34.11-2012, 256 bits: 32 bytes in the order RFC 6986 prints them."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a package.

    role: one of ROLES. name: unique in the package, for people. of: the name of the part that a signature signs, whose
    signature a signature_value is, or that a timestamp covers byte for byte. source: where it came from, in words.
    """

    role: str
    name: str
    media_type: str
    content: bytes
    of: str | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ManifestPart:
    """One line of a manifest. path: where the part lies in an export; sha256 and streebog256 in hex."""

    role: str
    name: str
    media_type: str
    size: int
    sha256: str
    streebog256: str
    path: str
    of: str | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as read: parts in their order."""

    package_id: str
    created_at: datetime
    facts: Mapping[str, Any]
    parts: tuple[ManifestPart, ...]


def build_manifest(
    parts: Sequence[Part], *, package_id: str, facts: Mapping[str, Any], digests: Digests, created_at: datetime
) -> bytes:
    """Canonical JSON that lists every part with both hashes and its place in an export.

    facts: what is told about the package (kind, number, dates, parties), made of JSON values without floats where sums
    are meant. Raises BadPackage (unknown role, a name twice, a reference to nothing).
    """
    _check(parts)
    paths = _paths(parts)
    lines = [
        {
            "role": part.role,
            "name": part.name,
            "media_type": part.media_type,
            "size": len(part.content),
            "sha256": hashlib.sha256(part.content).hexdigest(),
            "streebog256": digests.streebog256(part.content).hex(),
            "path": paths[part.name],
            "of": part.of,
            "source": part.source,
        }
        for part in parts
    ]
    if created_at.tzinfo is None:
        raise BadPackage("created_at has no time zone")
    content = {
        "format": FORMAT,
        "package_id": package_id,
        "created_at": created_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "facts": facts,
        "parts": lines,
    }
    try:
        return canonical_json(content)
    except ValueError as error:
        raise BadPackage(f"the facts cannot be written: {error}") from error


def read_manifest(content: bytes) -> Manifest:
    """A manifest's lines, each checked as build_manifest makes them; BadPackage for anything else."""
    try:
        raw = json.loads(content)
        if canonical_json(raw) != content or raw["format"] != FORMAT:
            raise BadPackage("not a manifest of this archive")
        parts = tuple(ManifestPart(**line) for line in raw["parts"])
        created_at = datetime.fromisoformat(raw["created_at"])
        manifest = Manifest(package_id=raw["package_id"], created_at=created_at, facts=raw["facts"], parts=parts)
    except (ValueError, KeyError, TypeError) as error:
        raise BadPackage(f"not a manifest of this archive: {error}") from error
    _check(parts)
    if not all(is_safe_path(part.path) for part in parts):
        raise BadPackage("a manifest names an unsafe path")
    if len({part.path.casefold() for part in parts}) != len(parts):
        raise BadPackage("a manifest names one path twice")
    return manifest


def deposit(
    store: Store,
    entity: str,
    parts: Iterable[Part],
    *,
    retain_until: datetime,
    each: Callable[[Stored], None] | None = None,
) -> tuple[Stored, ...]:
    """Put every part under its own hash, in order; again: nothing is written twice, retention only grows.

    each: called after every part that is safely stored (a crash point, a progress bar). Raises what Store.put raises;
    parts stored before that stay.
    """
    kept: list[Stored] = []
    items = [(key_of(entity, part.content), part.content) for part in parts]
    for batch in batches(items):
        for stored in store.put_all(batch, retain_until=retain_until):
            kept.append(stored)
            if each is not None:
                each(stored)
    return tuple(kept)


def batches(items: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """Keys and contents in lists of at most MOST_PARTS parts or about MOST_BYTES bytes, in order, for Store.put_all."""
    batch: list[tuple[str, bytes]] = []
    size = 0
    for key, content in items:
        batch.append((key, content))
        size += len(content)
        if len(batch) >= MOST_PARTS or size >= MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _check(parts: Sequence[Part] | Sequence[ManifestPart]) -> None:
    roles = {part.name: part.role for part in parts}
    if len(roles) != len(parts):
        name = Counter(part.name for part in parts).most_common(1)[0][0]
        raise BadPackage(f"two parts have the name {name!r}")
    for part in parts:
        if part.role not in ROLES:
            raise BadPackage(f"part {part.name!r} has the unknown role {part.role!r}")
        if part.of is not None and part.of not in roles:
            raise BadPackage(f"part {part.name!r} refers to {part.of!r}, which is not there")
        wanted = roles.get(part.of or "")
        if part.role == "signature_value" and wanted != "signature":
            raise BadPackage(f"part {part.name!r} is the value of no signature")
        if part.role == "timestamp" and wanted in (None, "timestamp"):
            raise BadPackage(f"timestamp {part.name!r} covers nothing")
        if part.role == "signature" and wanted in ("signature", "signature_value", "timestamp"):
            raise BadPackage(f"signature {part.name!r} signs {part.of!r}, which is a {wanted}")


def _paths(parts: Sequence[Part]) -> dict[str, str]:
    """Name -> path in an export. A signature, its value and its tokens are called after what they belong to."""
    paths: dict[str, str] = {}
    taken: set[str] = set()
    order = {"signature": 1, "signature_value": 2, "timestamp": 3}
    for part in sorted(parts, key=lambda part: order.get(part.role, 0)):
        folder, suffix = ROLES[part.role], _SUFFIX.get(part.role, "")
        stem = safe_name(part.name)
        if part.of is not None and suffix:
            target_folder, _, stem = paths[part.of].rpartition("/")
            folder = target_folder if part.role == "signature" else folder
            stem = stem.removesuffix(".value") + suffix
        paths[part.name] = _unique(folder, stem, taken)
    return paths


def _unique(folder: str, name: str, taken: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    path, number = f"{folder}/{name}", 1
    while path.casefold() in taken:
        number += 1
        path = f"{folder}/{stem}.{number}{dot}{ending}"
    taken.add(path.casefold())
    return path
