"""The four conditions under which a qualified signature is recognised (63-ФЗ, статья 11).

They stand beside the indication and never change it. Whether an authority was accredited is said by the state's list
of them (`TrustStore.accredited`); without the list that condition stays unknown unless the certificate is plainly not
a qualified one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from signing._internal import verdict
from signing._internal.certificates import Certificate
from signing._internal.qualified import QualifiedFields, qualified_fields
from signing._internal.verdict import Check, Condition, Findings

if TYPE_CHECKING:
    from signing._internal.tsl import TrustedList

Outcome = Literal["passed", "failed", "unknown"]
_TEXTS = (
    "Квалифицированный сертификат выдан удостоверяющим центром, аккредитация которого действовала в день выдачи.",
    "Сертификат действителен на момент подписания, если он достоверно известен, или на день проверки.",
    "Подпись принадлежит владельцу сертификата, и документ не изменялся после подписания.",
    "Подпись использована в соответствии с ограничениями, указанными в сертификате.",
)
_INTEGRITY = frozenset(
    {
        "format",
        "signed_attributes",
        "content_type",
        "algorithms",
        "message_digest",
        "signing_certificate",
        "signature_value",
    }
)
_VALIDITY = frozenset({"certificate_validity", "revocation", "certificate_chain"})
# what proves a condition that is met, in the order of telling
_PROOFS = ("message_digest", "signature_value", "certificate_chain", "revocation")
_NOT_VALID_THEN = frozenset({verdict.REVOKED_NO_POE, verdict.OUT_OF_BOUNDS_NO_POE})
_NO_CERTIFICATE = "Сертификат подписанта не установлен."


_known_fields = lru_cache(maxsize=512)(qualified_fields)  # a signer signs many files
_USUAL_SIZE = 8192


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When the file is judged (`at`) and when the signature was made as far as it is known (`best`, `proven`)."""

    at: datetime
    best: datetime
    proven: bool


def conditions_of(
    certificate: Certificate | None,
    findings: Findings,
    *,
    moment: Moment | None = None,
    issuer: Certificate | None = None,
    accredited: TrustedList | None = None,
) -> tuple[Condition, ...]:
    """State the four conditions for one signer; `issuer` is the next certificate of the path, when there is one."""
    stated: list[tuple[Outcome, str]] = [("unknown", _NO_CERTIFICATE)] * 4
    stated[2] = _of(findings, _INTEGRITY)
    if certificate is not None and moment is not None:
        usual = len(certificate.der) <= _USUAL_SIZE
        fields = (_known_fields if usual else qualified_fields)(certificate)
        stated[0] = _issued(certificate, fields, moment=moment, issuer=issuer, accredited=accredited)
        stated[1] = _valid(findings, certificate)
        stated[3] = _usage(fields, findings, moment)
    return tuple(
        Condition(number=number, text_ru=text, outcome=outcome, reason_ru=reason)
        for number, (text, (outcome, reason)) in enumerate(zip(_TEXTS, stated, strict=True), start=1)
    )


def _issued(
    certificate: Certificate,
    fields: QualifiedFields,
    *,
    moment: Moment,
    issuer: Certificate | None,
    accredited: TrustedList | None,
) -> tuple[Outcome, str]:
    if not fields.qualified:
        return "failed", "В сертификате нет признаков квалифицированного (приказ ФСБ № 795)."
    if accredited is None:
        return "unknown", "Списка аккредитованных УЦ нет: аккредитация не проверена."
    if issuer is None:
        return "unknown", "Издатель сертификата не установлен."
    answer = accredited.accreditation(certificate, issuer, at=moment.at)
    return answer.outcome, answer.text_ru


def _valid(findings: Findings, certificate: Certificate) -> tuple[Outcome, str]:
    """Valid at the proven moment of signing, or else on the day of the check: the law leaves no third moment.

    So a certificate that has expired or was revoked by then fails the condition, where EN 319 102-1, which allows that
    the signature may be older, leaves the signature undecided.
    """
    for check in () if findings.fine else findings.checks:
        own = check.data.get("certificate") == certificate.sha256
        if own and check.data.get("sub_indication") in _NOT_VALID_THEN:
            return "failed", check.text_ru
    stated = _of(findings, _VALIDITY)
    if stated[0] == "passed" and not any(check.name == "revocation" for check in findings.checks):
        return "unknown", "Отзыв сертификата не проверялся."
    return stated


def _of(findings: Findings, names: frozenset[str]) -> tuple[Outcome, str]:
    """What the checks of these names come to, and why: the first that did not hold, or those that prove it.

    Of several checks of one name the first is the signer's own.
    """
    first: dict[str, str] = {}
    undecided = ""
    for check in findings.checks:
        if check.name not in names:
            continue
        if check.outcome == "failed":
            return "failed", check.text_ru
        if check.outcome == "indeterminate":
            undecided = undecided or check.text_ru
        first.setdefault(check.name, check.text_ru)
    if undecided:
        return "unknown", undecided
    if not first:
        return "unknown", "Проверять нечего: подпись не прочитана."
    return "passed", " ".join([first[name] for name in _PROOFS if name in first])


@lru_cache(maxsize=256)
def _day(instant: datetime) -> str:
    return f"{instant:%d.%m.%Y}"


def _usage(fields: QualifiedFields, findings: Findings, moment: Moment) -> tuple[Outcome, str]:
    """Limits of use: purposes of the key, and the period in which the private key may sign."""
    refused: dict[str, Check] = {}
    if not findings.fine:
        refused = {check.name: check for check in findings.checks if check.outcome in {"failed", "indeterminate"}}
    for name in ("key_usage", "extended_key_usage"):
        if name in refused:
            return "failed", refused[name].text_ru
    if "certificate_chain" in refused:
        return "unknown", refused["certificate_chain"].text_ru
    allowed = "Назначение ключа допускает подпись документов"
    if fields.key_until is None:
        return "passed", f"{allowed}, других ограничений в сертификате не найдено."
    if moment.best > fields.key_until:
        text = f"Срок действия ключа подписи истёк {_day(fields.key_until)}"
        if moment.proven:
            return "failed", f"{text}, до времени подписи."
        return "unknown", f"{text}, а время подписи не доказано."
    return "passed", f"{allowed}, ключ подписи действует до {_day(fields.key_until)}."
