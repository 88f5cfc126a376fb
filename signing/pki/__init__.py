"""A PKI declared in one file: keys, certificates, CRLs, OCSP answers and timestamps for demos and tests.

    pki = build(load_declaration("pki.toml"), now=clock.now(), host="pki.demo.test")
    pki.save(directory, {"client": b"PIN"})
    pki = Pki.load(directory)
    pki.entity("lessor_person").key.sign(b"…")

Everything it issues is accepted by openssl with the ГОСТ engine. It is a stand for demonstrations and tests, not a
certification authority: keys lie in files. Errors are those of `signing.pki.errors`, all under `signing.SigningError`.
"""

from signing.pki.authority import Pki, PkiEntity, build
from signing.pki.declaration import Company, Person, PkiDeclaration, RevocationReason
from signing.pki.errors import (
    AlreadyRevoked,
    BadDeclaration,
    BadPkiDirectory,
    KeyLocked,
    PkiError,
    PkiExists,
    UnknownName,
)
from signing.pki.reading import load_declaration

__all__ = [
    "AlreadyRevoked",
    "BadDeclaration",
    "BadPkiDirectory",
    "Company",
    "KeyLocked",
    "Person",
    "Pki",
    "PkiDeclaration",
    "PkiEntity",
    "PkiError",
    "PkiExists",
    "RevocationReason",
    "UnknownName",
    "build",
    "load_declaration",
]
