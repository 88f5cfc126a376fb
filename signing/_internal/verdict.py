"""Verdicts as values (ETSI EN 319 102-1: three indications, their sub-indications) and what led to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from signing._internal.certificates import Certificate

Indication = Literal["TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED"]
Outcome = Literal["passed", "failed", "indeterminate", "warning", "info"]

PASSED: Indication = "TOTAL-PASSED"
INDETERMINATE: Indication = "INDETERMINATE"
FAILED: Indication = "TOTAL-FAILED"

FORMAT_FAILURE = "FORMAT_FAILURE"
HASH_FAILURE = "HASH_FAILURE"
SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
NOT_YET_VALID = "NOT_YET_VALID"
SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
REVOKED = "REVOKED"
EXPIRED = "EXPIRED"
REVOKED_NO_POE = "REVOKED_NO_POE"
REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
TRY_LATER = "TRY_LATER"
SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"

_RANK = {PASSED: 0, INDETERMINATE: 1, FAILED: 2}
_OUTCOMES: dict[Indication, Outcome] = {PASSED: "passed", INDETERMINATE: "indeterminate", FAILED: "failed"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was checked: a stable `name`, how it ended, words for people, facts for machines."""

    name: str
    outcome: Outcome
    text_ru: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One of the four conditions of 63-ФЗ, статья 11: its number, the text, passed, failed or unknown, and why."""

    number: int
    text_ru: str
    outcome: Literal["passed", "failed", "unknown"]
    reason_ru: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the verdict rests on, DER: certificates of the paths, CRLs, OCSP answers, time-stamp tokens."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    timestamps: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SignatureVerdict:
    """The verdict on one signer of a file.

    `level`: BES, EPES, T, C, X, XL, LT, A by the attributes that are there, PKCS7 when the signing certificate is
    not signed. `signing_time` is the signer's own claim (the CMS attribute, or /M of a PDF without it).
    `best_signature_time` is the earliest moment at which the signature provably existed; `best_time_source` says
    where it comes from: "timestamp" or "validation-time".
    `countersigns` is the index of the signature that this one counter-signs; `signature_value` its octets.
    """

    indication: Indication
    sub_indication: str | None
    level: str
    signer: Certificate | None
    signing_time: datetime | None
    best_signature_time: datetime
    best_time_source: str
    checks: tuple[Check, ...]
    evidence: Evidence
    conditions_63fz: tuple[Condition, ...] = ()
    countersigns: int | None = None
    signature_value: bytes = b""

    def to_json(self) -> dict[str, object]:
        """Plain values as `edo verify --json` prints them; `advice` tells what would make the signature pass."""
        from signing._internal.report.advice import advice  # which reads verdicts itself

        return {
            "indication": self.indication,
            "sub_indication": self.sub_indication,
            "level": self.level,
            "signer": certificate_json(self.signer),
            "signing_time": _iso(self.signing_time),
            "best_signature_time": _iso(self.best_signature_time),
            "best_time_source": self.best_time_source,
            "checks": [
                {"name": check.name, "outcome": check.outcome, "text": check.text_ru, "data": dict(check.data)}
                for check in self.checks
            ],
            "conditions_63fz": [
                {
                    "number": condition.number,
                    "text": condition.text_ru,
                    "outcome": condition.outcome,
                    "reason": condition.reason_ru,
                }
                for condition in self.conditions_63fz
            ],
            "advice": list(advice(self)),
            "countersigns": self.countersigns,
        }


@dataclass(frozen=True, kw_only=True)
class Report:
    """The verdict on a file: the worst of its signatures; a file that is no signature is TOTAL-FAILED."""

    indication: Indication
    sub_indication: str | None
    signatures: tuple[SignatureVerdict, ...]
    content_sha256: str | None
    at: datetime

    def to_json(self) -> dict[str, object]:
        """Plain values as `edo verify --json` prints them."""
        return {
            "indication": self.indication,
            "sub_indication": self.sub_indication,
            "at": _iso(self.at),
            "content_sha256": self.content_sha256,
            "signatures": [signature.to_json() for signature in self.signatures],
        }


class Findings:
    """Checks as they are made, and the failure that decides: TOTAL-FAILED before INDETERMINATE, else the first."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.indication: Indication = PASSED
        self.sub_indication: str | None = None

    def passed(self, name: str, text_ru: str, **data: object) -> None:
        """Record a check that held."""
        self.checks.append(Check(name=name, outcome="passed", text_ru=text_ru, data=data))

    def note(self, name: str, text_ru: str, *, warning: bool = False, **data: object) -> None:
        """Record what people should know; the verdict does not change."""
        self.checks.append(Check(name=name, outcome="warning" if warning else "info", text_ru=text_ru, data=data))

    def refuse(self, name: str, verdict: tuple[Indication, str], text_ru: str, **data: object) -> None:
        """Record a check that did not hold, with the indication and sub-indication that it leads to."""
        indication, sub_indication = verdict
        shown = {"sub_indication": sub_indication, **data}
        self.checks.append(Check(name=name, outcome=_OUTCOMES[indication], text_ru=text_ru, data=shown))
        if _RANK[indication] > _RANK[self.indication]:
            self.indication, self.sub_indication = indication, sub_indication

    def take(self, other: Findings) -> None:
        """Add what another round of checks found."""
        self.checks += other.checks
        if _RANK[other.indication] > _RANK[self.indication]:
            self.indication, self.sub_indication = other.indication, other.sub_indication

    @property
    def fine(self) -> bool:
        """Whether nothing was refused so far."""
        return self.indication == PASSED


def worst(signatures: tuple[SignatureVerdict, ...]) -> tuple[Indication, str | None]:
    """The indication of a file: that of its worst signature; none at all is TOTAL-FAILED."""
    if not signatures:
        return FAILED, FORMAT_FAILURE
    decisive = max(signatures, key=lambda signature: _RANK[signature.indication])
    return decisive.indication, decisive.sub_indication


def certificate_json(certificate: Certificate | None) -> dict[str, object] | None:
    """What people need of a certificate, as plain values."""
    if certificate is None:
        return None
    subject = certificate.subject
    fields = ("common_name", "surname", "given_name", "title", "organization", "inn", "inn_le", "ogrn", "snils")
    return {
        **{name: getattr(subject, name) for name in fields},
        "subject": subject.rfc4514,
        "issuer": certificate.issuer.rfc4514,
        "serial": f"{certificate.serial:x}",
        "not_before": _iso(certificate.not_before),
        "not_after": _iso(certificate.not_after),
        "sha256": certificate.sha256,
        "public_key_algorithm": certificate.public_key_algorithm,
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
