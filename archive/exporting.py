"""Handing a package out: a ZIP that anybody can verify with coreutils and openssl, written as a stream."""

import hashlib
import re
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
RECORD = "evidence/record.er"
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


def store_reader(store: Store, entity: str) -> Callable[[ManifestPart], BinaryIO]:
    """How write_export reads parts that were deposited for an entity."""
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
) -> Export:
    """Write the ZIP to a stream that need not be seekable, holding one chunk of one part in memory at a time.

    manifest: as build_manifest made it. manifest_signature: detached CMS over it (DER). manifest_timestamp: an RFC 3161
    token (DER) over the bytes of manifest_signature. open_part: gives a part's content. trust_pem: the trust anchors;
    chain_pem: intermediate certificates (never self-signed ones). evidence_record: DER of an RFC 4998 record over the
    group of manifest, manifest_signature and manifest_timestamp; without it the package rests on its own timestamp.
    refreshed: signatures that were raised again, beside the originals and under the same name in the folder `refreshed`.
    Raises BadPackage before anything is written, Damaged when a part's content is not what was said of it (the stream is
    then of no use), and what open_part raises.
    """
    package = read_manifest(manifest)
    anchors = _certificates(trust_pem, "trust_pem")
    if not anchors:
        raise BadPackage("trust_pem holds no certificate")
    if any(_self_issued(der) for der in _certificates(chain_pem, "chain_pem")):
        raise BadPackage("chain_pem holds a self-signed certificate: it would become a trust anchor")
    fixed = {
        README: _readme(package),
        MANIFEST: manifest,
        f"{MANIFEST}.sig": manifest_signature,
        f"{MANIFEST}.tst": manifest_timestamp,
        "certificates/trust.pem": trust_pem,
        "certificates/chain.pem": chain_pem,
        **({RECORD: evidence_record} if evidence_record else {}),
    }
    if {part.path for part in package.parts} & set(fixed):
        raise BadPackage("a part has the path of a file of the package itself")
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in fixed.items()}
    sums |= {part.path: part.sha256 for part in package.parts}
    raised = _raised(package, refreshed)
    sums |= {path: one.sha256 for path, one in raised.items()}
    listing = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    script = _script(package, {**sums, "SHA256SUMS": hashlib.sha256(listing).hexdigest()}, anchors, raised)
    archive = _Zip(out, package)
    for name, content in {**fixed, "SHA256SUMS": listing, "verify.sh": script}.items():
        archive.add(name, len(content), iter([content]))
    for part in package.parts:
        archive.add(part.path, part.size, _chunks(part, partial(open_part, part)))
    for path, one in raised.items():
        archive.add(path, one.size, _chunks(one, one.open))
    archive.close()
    return Export(files=archive.files, size=archive.size, verify_sha256=hashlib.sha256(script).hexdigest())


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


def _script(
    package: Manifest, sums: dict[str, str], anchors: Sequence[bytes], raised: dict[str, RefreshedPart]
) -> bytes:
    """verify.sh with its own copy of every hash; all inserted values are hex, roles and safe paths: nothing to quote."""
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
    }
    text = _template("verify.sh").replace("@PACKAGE@", _plain(package.package_id))
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
