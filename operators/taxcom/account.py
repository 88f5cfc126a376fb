"""Whom an adapter speaks for at Taxcom: one log-in for each cabinet, that is for each participant."""

from dataclasses import dataclass, field
from typing import Protocol


class KeyOpener(Protocol):
    """Opens what the operator has encrypted for a participant's certificate; this package knows no cryptography."""

    def __call__(self, enveloped: bytes, *, participant_id: str) -> bytes:
        """Decrypt a CMS EnvelopedData (DER, RFC 5652, 6) with the participant's key. Raises ValueError."""


@dataclass(frozen=True, kw_only=True)
class TaxcomCabinet:
    """A participant's cabinet.

    `participant_id`: 2AL-<GUID>-00000, which is also the port's box id. Log-in by `certificate` (DER; the answer is
    opened by a `KeyOpener`) or by `login` and `password`.
    """

    participant_id: str
    inn: str
    kpp: str | None = None
    name: str = ""
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class TaxcomCredentials:
    """What the operator gave: the integrator's id (COMPANY_<GUID>) and the cabinets."""

    integrator_id: str = field(repr=False)
    cabinets: tuple[TaxcomCabinet, ...]
