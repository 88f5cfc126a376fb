"""A PKI in a directory: plain files that openssl reads too.

- `pki.toml`: the declaration it was built from; `pki.json`: {"format": 1, "base": "http://pki.demo.test"}
- `roots.pem`, `intermediates.pem`: trusted roots, and the authorities below them
- `certificates/NAME.pem`
- `keys/NAME.pem`: PKCS#8, mode 0600, encrypted (PBES2) where a password was given
- `revoked/SERIAL.json`: one file per revocation, see `revocations`
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from signing import Certificate
from signing._internal import pem
from signing._internal.errors import BadCertificate
from signing.pki.declaration import PkiDeclaration
from signing.pki.errors import BadDeclaration, BadPkiDirectory, PkiExists
from signing.pki.reading import load_declaration
from signing.pki.revocations import FolderBook, Revocation

REVOKED = "revoked"
_FORMAT = 1
_PLAIN, _ENCRYPTED = "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"


@dataclass(frozen=True, kw_only=True)
class StoredMember:
    """A certificate and its key (PKCS#8 DER, encrypted or not)."""

    name: str
    certificate: Certificate
    key: bytes
    encrypted: bool


@dataclass(frozen=True, kw_only=True)
class StoredPki:
    """What goes into the directory; members in the order of the declaration."""

    base: str
    declaration: bytes
    members: tuple[StoredMember, ...]
    revocations: tuple[Revocation, ...]
    roots: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...]


def write_pki(directory: Path, stored: StoredPki, *, replace: bool) -> None:
    """Write beside the target and rename: the directory appears whole. PkiExists without `replace`."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        _fill(draft, stored)
        draft.chmod(0o755)
        if replace and (directory / "pki.json").is_file():
            old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
            directory.rename(old / "pki")
            draft.rename(directory)
            shutil.rmtree(old)
        else:
            draft.rename(directory)  # refused by the system if a directory with anything in it is there
    except OSError as error:
        if directory.exists():
            raise PkiExists(str(directory)) from error
        raise BadPkiDirectory(f"{directory} cannot be written: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def read_pki(directory: Path) -> tuple[PkiDeclaration, StoredPki]:
    """Read a directory that `write_pki` wrote; revocations stay where they are. BadPkiDirectory."""
    try:
        about = json.loads((directory / "pki.json").read_bytes())
        if about["format"] != _FORMAT:
            raise BadPkiDirectory(f"{directory}: format {about['format']} is not known")
        declaration = load_declaration((directory / "pki.toml").read_bytes())
        members = tuple(_read_member(directory, issued.name) for issued in declaration.issued())
        stored = StoredPki(
            base=about["base"],
            declaration=declaration.source,
            members=members,
            revocations=(),
            roots=(),
            intermediates=(),
        )
    except (OSError, ValueError, KeyError, TypeError, BadDeclaration, BadCertificate) as error:
        raise BadPkiDirectory(f"{directory}: {error}") from error
    return declaration, stored


def _fill(folder: Path, stored: StoredPki) -> None:
    (folder / "pki.toml").write_bytes(stored.declaration)
    (folder / "pki.json").write_text(json.dumps({"format": _FORMAT, "base": stored.base}) + "\n")
    _bundle(folder / "roots.pem", stored.roots)
    _bundle(folder / "intermediates.pem", stored.intermediates)
    for name, mode in (("certificates", 0o755), ("keys", 0o700), (REVOKED, 0o755)):
        (folder / name).mkdir(mode=mode)
    for member in stored.members:
        _bundle(folder / "certificates" / f"{member.name}.pem", [member.certificate])
        key = pem.encode(_ENCRYPTED if member.encrypted else _PLAIN, member.key)
        descriptor = os.open(folder / "keys" / f"{member.name}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
    book = FolderBook(folder / REVOKED)
    for revocation in stored.revocations:
        book.add(revocation)


def _bundle(path: Path, certificates: Iterable[Certificate]) -> None:
    path.write_text("".join(certificate.pem() for certificate in certificates))


def _read_member(directory: Path, name: str) -> StoredMember:
    key = (directory / "keys" / f"{name}.pem").read_bytes()
    plain, encrypted = pem.first_block(key, [_PLAIN]), pem.first_block(key, [_ENCRYPTED])
    found = plain or encrypted
    if found is None:
        raise BadPkiDirectory(f"keys/{name}.pem is not a PKCS#8 key")
    certificate = Certificate.load((directory / "certificates" / f"{name}.pem").read_bytes())
    return StoredMember(name=name, certificate=certificate, key=found, encrypted=plain is None)
