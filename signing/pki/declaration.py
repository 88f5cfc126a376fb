"""The declaration of a PKI as values: what one TOML file may say (`edo_service/demo/pki.toml` is an example).

Reading and checking the file is `reading.py`; here stand the shapes, frozen, and the arithmetic of time offsets.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_OFFSET = re.compile(r"([+-])(\d{1,5})(y|mo|d|h)")


class RevocationReason(StrEnum):
    """CRLReason (RFC 5280, 5.3.1) by the standard's names, as the declaration writes them."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"

    @property
    def code(self) -> int:
        """The number in CRL entries and OCSP answers."""
        return _REASON_CODES[self]


_REASON_CODES = dict(zip(RevocationReason, (0, 1, 2, 3, 4, 5, 6, 9), strict=True))


@dataclass(frozen=True, kw_only=True)
class Offset:
    """A moment relative to the building of the PKI: "-3y", "+15mo", "-90d", "+1h"."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Offset:
        """Read the text form; ValueError if it is another text."""
        match = _OFFSET.fullmatch(text)
        if match is None:
            raise ValueError(text)
        sign, amount, unit = match.groups()
        return cls(amount=int(sign + amount), unit=unit)

    def after(self, moment: datetime) -> datetime:
        """The moment moved by this offset; months and years end on the last day where the day does not exist."""
        match self.unit:
            case "d":
                return moment + timedelta(days=self.amount)
            case "h":
                return moment + timedelta(hours=self.amount)
            case "y":
                months = self.amount * 12
            case _:
                months = self.amount
        year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
        return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, kw_only=True)
class Name:
    """A distinguished name in the words of `signing.Subject`; numbers without spaces and dashes.

    `inn` is a person's (12 digits), `inn_le` a company's (10), per приказ ФСБ № 795.
    """

    common_name: str
    surname: str | None = None
    given_name: str | None = None
    title: str | None = None
    organization: str | None = None
    inn: str | None = None
    inn_le: str | None = None
    ogrn: str | None = None
    ogrnip: str | None = None
    snils: str | None = None
    country: str | None = None
    region: str | None = None
    locality: str | None = None
    street: str | None = None
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Company:
    """A legal entity; `kpp` stands in no certificate, but who fills a demo wants one source."""

    code: str
    name: str
    inn: str
    kpp: str
    ogrn: str
    region: str
    locality: str
    street: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """A natural person; `given_name` holds имя и отчество."""

    code: str
    surname: str
    given_name: str
    inn: str
    snils: str
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class SigningTools:
    """What subjectSignTool and issuerSignTool say (приказ ФСБ № 795)."""

    subject_sign_tool: str
    sign_tool: str
    ca_tool: str
    sign_tool_certificate: str
    ca_tool_certificate: str


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What every certificate has: a name in the PKI, a subject, a key spec, validity, an issuer (None: self-signed)."""

    name: str
    subject: Name
    key: str
    valid_from: Offset
    valid_until: Offset
    issuer: str | None


@dataclass(frozen=True, kw_only=True)
class Authority(Issued):
    """A certification authority. `trusted` speaks of roots; `responder` names who answers OCSP for it."""

    policies: tuple[str, ...]
    trusted: bool
    crl_days: int
    responder: str | None


@dataclass(frozen=True, kw_only=True)
class Responder(Issued):
    """A delegated OCSP responder (RFC 6960, 4.2.2.2); its answers are good for `answer_hours`."""

    answer_hours: int


@dataclass(frozen=True, kw_only=True)
class TimestampAuthority(Issued):
    """A timestamping authority (RFC 3161) with its only policy."""

    policy: str
    accuracy_seconds: int


@dataclass(frozen=True, kw_only=True)
class Signer(Issued):
    """A certificate for signing documents: a person's, or a company's own for automatic signatures."""

    company: str | None
    person: str | None
    revoked_at: Offset | None
    revocation_reason: RevocationReason


@dataclass(frozen=True, kw_only=True)
class PkiDeclaration:
    """The whole file, checked: every reference exists and every number has valid check digits."""

    source: bytes
    tools: SigningTools
    authorities: Mapping[str, Authority]
    responders: Mapping[str, Responder]
    timestampers: Mapping[str, TimestampAuthority]
    companies: Mapping[str, Company]
    people: Mapping[str, Person]
    subjects: Mapping[str, Signer]

    def issued(self) -> Iterator[Issued]:
        """Everything that gets a certificate, issuers before what they issue."""
        yield from self.authorities.values()
        yield from self.responders.values()
        yield from self.timestampers.values()
        yield from self.subjects.values()
