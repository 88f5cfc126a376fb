"""Handing a package out: a ZIP that anybody can verify with coreutils and openssl, written as a stream."""

import hashlib
import re
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from typing import BinaryIO

from cryptography import x509

from archive.errors import BadPackage, Damaged
from archive.package import Manifest, ManifestPart, read_manifest
from archive.renewing import REFRESHED
from archive.store import CHUNK, Store

MANIFEST = "manifest.json"
README = "ПРОЧТИ.txt"
SCRIPT = "verify.sh"
RECORD = "evidence/record.er"
SUPPLEMENTS = "supplements"
"""The folder of what came late, a package in a folder of its own each; and the fact that names whom it belongs to."""
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s+(.+?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was handed out. verify_sha256: publish it beside the ZIP, the package cannot vouch for that one file."""

    files: int
    size: int
    verify_sha256: str


@dataclass(frozen=True, kw_only=True)
class RefreshedPart:
    """The newest refreshed form of a part of the manifest: `of` is that part's name, `open` gives the content."""

    of: str
    sha256: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """What came after a package had been closed: a package of its own, numbered from 1 among its kind.

    Its facts tie it: `supplements` is an object whose `manifest_sha256` is that of the package's manifest. The rest is as
    in write_export.
    """

    number: int
    manifest: bytes
    manifest_signature: bytes
    manifest_timestamp: bytes
    evidence_record: bytes = b""
    refreshed: Sequence[RefreshedPart] = ()


def store_reader(store: Store, entity: str) -> Callable[[ManifestPart], BinaryIO]:
    """How write_export reads parts that were deposited for an entity: a stream a part, opened one after another."""
    return lambda part: store.open(f"{entity}/{part.sha256}")


def write_export(  # noqa: PLR0913 the pieces of one ZIP, each by its name
    out: BinaryIO,
    *,
    manifest: bytes,
    manifest_signature: bytes,
    manifest_timestamp: bytes,
    open_part: Callable[[ManifestPart], BinaryIO],
    trust_pem: bytes,
    chain_pem: bytes = b"",
    evidence_record: bytes = b"",
    refreshed: Sequence[RefreshedPart] = (),
    supplements: Sequence[Supplement] = (),
) -> Export:
    """Write the ZIP to a stream that need not be seekable, holding one chunk of one part in memory at a time.

    manifest: as build_manifest made it. manifest_signature: detached CMS over it (DER). manifest_timestamp: an RFC 3161
    token (DER) over the bytes of manifest_signature. open_part: gives a part's content. trust_pem: the trust anchors;
    chain_pem: intermediate certificates (never self-signed ones). evidence_record: DER of an RFC 4998 record over the
    group of manifest, manifest_signature and manifest_timestamp; without it the package rests on its own timestamp.
    refreshed: signatures that were raised again, beside the originals and under the same name in the folder `refreshed`.
    supplements: what came later, each whole in `supplements/<number>`; the package's verify.sh proves it too.
    Raises BadPackage before anything is written, Damaged when a part's content is not what was said of it (the stream is
    then of no use), and what open_part raises.
    """
    trust = _trust(trust_pem, chain_pem)
    package = read_manifest(manifest)
    late: list[_File] = []
    for one in supplements:
        late += _supplement(one, manifest, open_part, trust)
    whole = _Pieces(
        package=package,
        seal=(manifest, manifest_signature, manifest_timestamp),
        record=evidence_record,
        refreshed=refreshed,
        folders=tuple(f"{SUPPLEMENTS}/{one.number}" for one in supplements),
    )
    files = _plan(whole, open_part, trust, late)
    archive = _Zip(out, package)
    for file in files:
        archive.add(file.path, file.size, file.chunks())
    archive.close()
    script = next(file for file in files if file.path == SCRIPT)
    return Export(files=archive.files, size=archive.size, verify_sha256=script.sha256)


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file of the ZIP, read when its turn comes."""

    path: str
    size: int
    sha256: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, kw_only=True)
class _Trust:
    """What certificates are measured by; the same for a package and its supplements."""

    trust_pem: bytes
    chain_pem: bytes
    anchors: Sequence[bytes]


@dataclass(frozen=True, kw_only=True)
class _Pieces:
    """A package to be written: manifest, its signature and time-stamp in `seal`, the folders of its supplements."""

    package: Manifest
    seal: tuple[bytes, bytes, bytes]
    record: bytes
    refreshed: Sequence[RefreshedPart]
    folders: tuple[str, ...] = ()


def _trust(trust_pem: bytes, chain_pem: bytes) -> _Trust:
    anchors = _certificates(trust_pem, "trust_pem")
    if not anchors:
        raise BadPackage("trust_pem holds no certificate")
    if any(_self_issued(der) for der in _certificates(chain_pem, "chain_pem")):
        raise BadPackage("chain_pem holds a self-signed certificate: it would become a trust anchor")
    return _Trust(trust_pem=trust_pem, chain_pem=chain_pem, anchors=anchors)


def _plan(
    pieces: _Pieces, open_part: Callable[[ManifestPart], BinaryIO], trust: _Trust, late: Sequence[_File] = ()
) -> list[_File]:
    """Every file of a package in order: what it says of itself, the parts, refreshed signatures, supplements."""
    package = pieces.package
    manifest, signature, timestamp = pieces.seal
    fixed = {
        README: _readme(package),
        MANIFEST: manifest,
        f"{MANIFEST}.sig": signature,
        f"{MANIFEST}.tst": timestamp,
        "certificates/trust.pem": trust.trust_pem,
        "certificates/chain.pem": trust.chain_pem,
        **({RECORD: pieces.record} if pieces.record else {}),
    }
    raised = _raised(package, pieces.refreshed)
    own = [_made(path, content) for path, content in fixed.items()]
    parts = [_stored(part.path, part, partial(open_part, part)) for part in package.parts]
    parts += [_stored(path, one, one.open) for path, one in raised.items()]
    if {file.path for file in parts} & {*fixed, "SHA256SUMS", SCRIPT, *(file.path for file in late)}:
        raise BadPackage("a part has the path of a file of the package itself")
    sums = {file.path: file.sha256 for file in (*own, *parts, *late)}
    listing = _made("SHA256SUMS", "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode())
    script = _script(pieces, {**sums, listing.path: listing.sha256}, trust.anchors, raised)
    return [*own, listing, _made(SCRIPT, script), *parts, *late]


def _supplement(
    one: Supplement, manifest: bytes, open_part: Callable[[ManifestPart], BinaryIO], trust: _Trust
) -> list[_File]:
    package = read_manifest(one.manifest)
    tie = package.facts.get(SUPPLEMENTS)
    if not isinstance(tie, Mapping) or tie.get("manifest_sha256") != hashlib.sha256(manifest).hexdigest():
        raise BadPackage(f"supplement {one.number} belongs to another package")
    pieces = _Pieces(
        package=package,
        seal=(one.manifest, one.manifest_signature, one.manifest_timestamp),
        record=one.evidence_record,
        refreshed=one.refreshed,
    )
    return [replace(file, path=f"{SUPPLEMENTS}/{one.number}/{file.path}") for file in _plan(pieces, open_part, trust)]


def _made(path: str, content: bytes) -> _File:
    digest = hashlib.sha256(content).hexdigest()
    return _File(path=path, size=len(content), sha256=digest, chunks=lambda: iter([content]))


def _stored(path: str, one: ManifestPart | RefreshedPart, opened: Callable[[], BinaryIO]) -> _File:
    return _File(path=path, size=one.size, sha256=one.sha256, chunks=partial(_chunks, one, opened))


class _Zip:
    """A ZIP with one date for all its files, so that the same package gives the same bytes."""

    def __init__(self, out: BinaryIO, package: Manifest) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        moment = package.created_at
        self._date = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute, moment.second)
        self.files = 0
        self.size = 0

    def add(self, name: str, size: int, chunks: Iterator[bytes]) -> None:
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.file_size = size
        info.external_attr = (0o100755 if name.endswith(".sh") else 0o100644) << 16
        with self._zip.open(info, "w") as target:
            for chunk in chunks:
                target.write(chunk)
        self.files += 1
        self.size += size

    def close(self) -> None:
        self._zip.close()


def _raised(package: Manifest, refreshed: Sequence[RefreshedPart]) -> dict[str, RefreshedPart]:
    """Path -> refreshed part. The name is that of the original: names within its folder are told apart already."""
    paths = {part.name: part.path for part in package.parts if part.role in {"signature", "document"}}
    found: dict[str, RefreshedPart] = {}
    for one in refreshed:
        path = f"{REFRESHED}/{paths.get(one.of, '').rpartition('/')[2]}"
        if one.of not in paths or path in found:
            raise BadPackage(f"{one.of!r} is no signature of the package, or is refreshed twice")
        found[path] = one
    return found


def _chunks(part: ManifestPart | RefreshedPart, opened: Callable[[], BinaryIO]) -> Iterator[bytes]:
    digest = hashlib.sha256()
    size = 0
    with opened() as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            yield chunk
    if size != part.size or digest.hexdigest() != part.sha256:
        name = part.name if isinstance(part, ManifestPart) else f"{REFRESHED}: {part.of}"
        raise Damaged(name, "its content is not what was said of it")


def _readme(package: Manifest) -> bytes:
    text = _template("readme.txt")
    created = f"{package.created_at:%d.%m.%Y %H:%M:%S} UTC"
    return text.replace("@CREATED@", created).replace("@PACKAGE@", _plain(package.package_id)).encode()


def _script(pieces: _Pieces, sums: dict[str, str], anchors: Sequence[bytes], raised: dict[str, RefreshedPart]) -> bytes:
    """verify.sh with its own copy of every hash; all inserted values are hex, roles and safe paths: nothing to quote."""
    package = pieces.package
    paths = {part.name: part.path for part in package.parts}
    of = {part.name: part.of for part in package.parts}
    roles = {part.name: part.role for part in package.parts}

    def signature_of(name: str | None) -> str:
        while name is not None and roles[name] != "signature":
            name = of[name]
        return paths[name] if name is not None else ""

    lists = {
        "FILES": [f"{digest}  {name}" for name, digest in sums.items()],
        "PARTS": [f"{part.role} {part.sha256} {part.path}" for part in package.parts],
        "SIGNATURES": [
            f"{paths.get(part.of or '', '')}|{part.path}" for part in package.parts if part.role == "signature"
        ],
        "VALUES": [f"{part.path}|{paths[part.of or '']}" for part in package.parts if part.role == "signature_value"],
        "STAMPS": [
            f"{paths[part.of or '']}|{part.path}|{signature_of(part.of)}"
            for part in package.parts
            if part.role == "timestamp"
        ],
        "ANCHORS": [hashlib.sha256(der).hexdigest() for der in anchors],
        "RECORD": [RECORD] if RECORD in sums else [],
        "REFRESHED": [f"{_form(package, one)}|{paths[one.of]}|{path}" for path, one in raised.items()],
        "SUPPLEMENTS": list(pieces.folders),
    }
    text = _template(SCRIPT).replace("@PACKAGE@", _plain(package.package_id))
    for name, lines in lists.items():
        content = "\n".join(lines)
        if "'" in content:
            raise BadPackage("a path cannot be quoted in a shell script")
        text = text.replace(f"'@{name}@'", f"'{content}'")
    return text.encode()


def _form(package: Manifest, one: RefreshedPart) -> str:
    """`cms|content` (which is empty inside an attached signature), `pdf|size of the original`."""
    part = next(part for part in package.parts if part.name == one.of)
    if part.role != "signature":
        return f"pdf|{part.size}"
    return "cms|" + next((other.path for other in package.parts if other.name == part.of), "")


def _template(name: str) -> str:
    return files("archive._internal.export").joinpath(name).read_text(encoding="utf-8")


def _plain(text: str) -> str:
    """A package's id as one harmless line."""
    return re.sub(r"[^\w .,:№/-]", "_", text)[:200]


def _certificates(pem: bytes, what: str) -> list[bytes]:
    """DER of every certificate of a PEM file."""
    try:
        return [b64decode(b"".join(found[1].split()), validate=True) for found in _PEM.finditer(pem)]
    except ValueError as error:
        raise BadPackage(f"{what} is not PEM") from error


def _self_issued(der: bytes) -> bool:
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise BadPackage("a certificate cannot be read") from error
    return certificate.issuer == certificate.subject
