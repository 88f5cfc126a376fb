"""A report in words, ready to be laid out: who signed, how the time is known, what was checked, what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signing._internal import verdict
from signing._internal.certificates import Certificate
from signing._internal.report.advice import advice, moment
from signing._internal.verdict import Report, SignatureVerdict

TECHNICAL = (
    "Проверка выполнена несертифицированными средствами и является технической: она не заменяет заключения "
    "сертифицированного средства электронной подписи."
)
INDICATIONS = {
    verdict.PASSED: "Подпись действительна",
    verdict.INDETERMINATE: "Действительность подписи не установлена",
    verdict.FAILED: "Подпись недействительна",
}
FILE_INDICATIONS = {
    verdict.PASSED: "Все подписи действительны",
    verdict.INDETERMINATE: "Действительность не установлена",
    verdict.FAILED: "Есть недействительная подпись",
}
OUTCOMES = {
    "passed": "верно",
    "failed": "неверно",
    "indeterminate": "не установлено",
    "warning": "внимание",
    "info": "к сведению",
}
CONDITIONS = {"passed": "выполнено", "failed": "не выполнено", "unknown": "не установлено"}
_LEVELS = {
    "BES": "усовершенствованная (CAdES-BES)",
    "EPES": "усовершенствованная с политикой (CAdES-EPES)",
    "T": "со штампом времени (CAdES-T)",
    "LT": "со штампом времени и доказательствами (LT)",
    "C": "со ссылками на доказательства (CAdES-C)",
    "X": "со ссылками на доказательства и штампом на них (CAdES-X)",
    "XL": "с доказательствами (CAdES-X Long)",
    "A": "архивная (CAdES-A)",
    "PKCS7": "простой контейнер PKCS#7: сертификат подписанта не защищён",
    "TIMESTAMP": "штамп времени документа",
}

Row = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class ToldSignature:
    """One signature in words: its title, rows of facts, of checks and of conditions, and advice."""

    title: str
    indication: str
    facts: tuple[Row, ...]
    checks: tuple[Row, ...]
    conditions: tuple[Row, ...]
    advice: tuple[str, ...]


def tell_facts(report: Report, file_name: str) -> list[Row]:
    """What the whole report is about."""
    rows = [("Файл", file_name)] if file_name else []
    if report.content_sha256:
        rows.append(("SHA-256 подписанного содержимого", report.content_sha256))
    rows.append(("Проверено на момент", moment(report.at)))
    result = FILE_INDICATIONS[report.indication] if report.signatures else "В файле нет ни одной подписи"
    rows.append(("Итог", f"{result} ({_code(report.indication, report.sub_indication)})"))
    return rows


def tell(report: Report) -> list[ToldSignature]:
    """Each signature of the report."""
    return [_signature(number, one, report.signatures) for number, one in enumerate(report.signatures, start=1)]


def _signature(number: int, one: SignatureVerdict, everyone: Sequence[SignatureVerdict]) -> ToldSignature:
    name = _name(one.signer) or "подписант не установлен"
    return ToldSignature(
        title=f"Подпись {number} из {len(everyone)}: {name}",
        indication=one.indication,
        facts=(
            ("Вывод", f"{INDICATIONS[one.indication]} ({_code(one.indication, one.sub_indication)})"),
            *([("Заверяет", f"подпись {one.countersigns + 1}")] if one.countersigns is not None else []),
            *([("Вид подписи", _LEVELS.get(one.level, one.level))] if one.level else []),
            *_signer(one.signer),
            *_times(one),
        ),
        checks=tuple((OUTCOMES[check.outcome], check.text_ru) for check in one.checks),
        conditions=tuple(
            (CONDITIONS[item.outcome], f"{item.number}. {item.text_ru} {item.reason_ru}".rstrip())
            for item in one.conditions_63fz
        ),
        advice=advice(one),
    )


def _code(indication: str, sub_indication: str | None) -> str:
    return f"{indication}, {sub_indication}" if sub_indication else indication


def _name(certificate: Certificate | None) -> str:
    if certificate is None:
        return ""
    subject = certificate.subject
    person = subject.full_name or subject.common_name
    parts = dict.fromkeys(part for part in (person, subject.title, subject.organization) if part)
    return ", ".join(parts) or subject.rfc4514


def _signer(certificate: Certificate | None) -> list[Row]:
    if certificate is None:
        return []
    subject = certificate.subject
    rows = [("Подписант", _name(certificate))]
    numbers = (
        ("ИНН", subject.person_inn),
        ("ИНН организации", subject.organization_inn),
        ("ОГРН", subject.ogrn),
        ("ОГРНИП", subject.ogrnip),
        ("СНИЛС", subject.snils),
    )
    rows += [(title, value) for title, value in numbers if value]
    issuer = certificate.issuer.common_name or certificate.issuer.rfc4514
    period = f"{moment(certificate.not_before)} — {moment(certificate.not_after)}"
    return [
        *rows,
        ("Сертификат", f"серийный номер {certificate.serial:X}, издатель «{issuer}»"),
        ("Срок действия сертификата", period),
    ]


def _times(one: SignatureVerdict) -> list[Row]:
    """When it was signed, and how we know."""
    claimed = moment(one.signing_time) if one.signing_time else "не указано"
    rows = [("Время, указанное подписантом", f"{claimed}; подписант мог указать любое")]
    if one.best_time_source == "timestamp":
        authorities = dict.fromkeys(
            str(check.data["authority"])
            for check in one.checks
            if check.outcome == "passed" and check.name.endswith("_timestamp") and "authority" in check.data
        )
        by = f" службой времени {'; '.join(authorities)}" if authorities else ""
        rows.append(("Доказанное время", f"{moment(one.best_signature_time)}: подтверждено штампом времени{by}"))
    else:
        text = "нет: штампа времени, который его подтвердил бы, нет; действительность судится на момент проверки"
        rows.append(("Доказанное время", text))
    return rows
