"""What can go wrong while a PKI is declared, built, kept or asked.

SigningError
└── PkiError
    ├── BadDeclaration      the TOML file says something impossible; `where` names the place
    ├── UnknownName         no authority, service or subject of that name
    ├── KeyLocked           the entity's key is protected and no (or a wrong) password was given
    ├── AlreadyRevoked      a certificate is revoked once
    ├── PkiExists           the directory already holds a PKI (or something else)
    └── BadPkiDirectory     the directory is not a PKI that `Pki.save` wrote
"""

from __future__ import annotations

from signing._internal.errors import SigningError


class PkiError(SigningError):
    """Root of the errors of `signing.pki`."""


class BadDeclaration(PkiError):
    """The declaration cannot be built; `where` is the path of tables and keys, as `subjects.lessor_person.inn`."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class UnknownName(PkiError):
    """The PKI has nothing of that name."""


class KeyLocked(PkiError):
    """The private key is encrypted: give its password; a wrong one ends here too."""


class AlreadyRevoked(PkiError):
    """The certificate has been revoked before; the first time and reason stay."""


class PkiExists(PkiError):
    """The target directory exists and replacing it was not asked for."""


class BadPkiDirectory(PkiError):
    """The directory or a file of it is missing or is not what `Pki.save` writes."""
