"""What is missing, and what would turn a verdict into TOTAL-PASSED: one piece of advice for each sub-indication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from signing._internal import verdict
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput
from signing._internal.verdict import Check, SignatureVerdict

_NOTHING = "Исправить это нельзя: нужна новая подпись."
_FIXED: dict[str, str] = {
    verdict.FORMAT_FAILURE: "Файл подписи испорчен или собран не по стандарту. Попросите у отправителя исходный файл "
    "подписи; если он такой же, документ нужно подписать заново.",
    verdict.HASH_FAILURE: "Документ не тот, который подписан. Нужен исходный файл без единого изменения; изменённый "
    "документ нужно подписать заново.",
    verdict.SIG_CRYPTO_FAILURE: f"Значение подписи не создано ключом этого сертификата. {_NOTHING}",
    verdict.NOT_YET_VALID: f"Подпись создана раньше, чем начал действовать сертификат. {_NOTHING}",
    verdict.SIG_CONSTRAINTS_FAILURE: "Подпись построена не так, как требуют правила проверки. Нужна подпись CAdES или "
    "PAdES, в которой защищён сертификат подписанта, а после подписи в документ ничего не добавлено.",
    verdict.CHAIN_CONSTRAINTS_FAILURE: "Сертификат или цепочка над ним не предназначены для подписи документов. Нужна "
    "подпись ключом с сертификатом, который для этого выдан.",
    verdict.CERTIFICATE_CHAIN_GENERAL_FAILURE: "Сертификат в цепочке не читается. Нужны исходные сертификаты издателей.",
    verdict.CRYPTO_CONSTRAINTS_FAILURE: "В доказанное время подписи алгоритм или ключ уже не считался стойким. "
    f"{_NOTHING}",
    verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "Алгоритм или ключ сейчас не считается стойким либо не поддерживается. "
    "Помог бы штамп времени, поставленный, пока алгоритм ещё считался стойким.",
    verdict.TIMESTAMP_ORDER_FAILURE: "Времена штампов противоречат друг другу. Нужен файл подписи с исходными штампами.",
    verdict.NO_SIGNING_CERTIFICATE_FOUND: "Нужен сертификат подписанта: вложите его в подпись или передайте вместе с "
    "доверенными сертификатами.",
    verdict.REVOKED: f"Сертификат отозван до подписания. {_NOTHING}",
    verdict.EXPIRED: f"Подпись создана после истечения сертификата. {_NOTHING}",
    verdict.REVOKED_CA_NO_POE: "Отозван сертификат удостоверяющего центра. Помог бы штамп времени на подпись, "
    "поставленный раньше этого отзыва.",
    verdict.OUT_OF_BOUNDS_NOT_REVOKED: "Срок сертификата истёк, отозван он не был. Помог бы штамп времени на подпись, "
    "поставленный до истечения.",
    verdict.SIGNED_DATA_NOT_FOUND: "Подпись отсоединённая: нужен сам подписанный файл.",
}


def advice(signature: SignatureVerdict) -> tuple[str, ...]:
    """What would help, the most important first; nothing for a signature that passed."""
    if signature.indication == verdict.PASSED:
        return ()
    told: dict[str, None] = {}
    deciding = signature.sub_indication or ""
    refused = [check for check in signature.checks if check.outcome in {"failed", "indeterminate"}]
    for check in sorted(refused, key=lambda one: one.data.get("sub_indication") != deciding):
        told.setdefault(_of(str(check.data.get("sub_indication", "")), check, signature))
    return tuple(told) or (_of(deciding, None, signature),)


def _of(sub_indication: str, check: Check | None, signature: SignatureVerdict) -> str:
    if sub_indication in _MADE:
        return _MADE[sub_indication](check, signature)
    return _FIXED.get(sub_indication, "Обратитесь к тому, кто прислал документ, за новой подписью.")


def _try_later(check: Check | None, signature: SignatureVerdict) -> str:
    subject = f" сертификата «{check.data['subject']}»" if check is not None and "subject" in check.data else ""
    text = f"Нужны свежие данные об отзыве{subject}: список отзыва (CRL) его издателя или ответ службы OCSP."
    own = (
        signature.signer is not None and check is not None and check.data.get("certificate") == signature.signer.sha256
    )
    places = _addresses(signature.signer, "crl_urls", "ocsp_urls") if own else []
    return f"{text} Адреса из сертификата: {', '.join(places[:4])}." if places else text


def _addresses(certificate: Certificate | None, *kinds: str) -> list[str]:
    """Addresses in a certificate; none when the certificate is absent or malformed there."""
    try:
        return [url for kind in kinds if certificate is not None for url in getattr(certificate, kind)]
    except BadInput:
        return []


def _no_chain(check: Check | None, signature: SignatureVerdict) -> str:
    text = "Нужны сертификаты издателей до корня, которому вы доверяете."
    chain = check.data.get("chain") if check is not None else None
    if isinstance(chain, list) and chain:
        text = f"Нужен сертификат того, кто выдал «{chain[-1]}», и доверие к корню этой цепочки."
    urls = _addresses(signature.signer, "issuer_urls")
    return f"{text} Адрес издателя из сертификата подписанта: {urls[0]}." if urls else text


def _out_of_bounds(_: Check | None, signature: SignatureVerdict) -> str:
    until = f" {moment(signature.signer.not_after)}" if signature.signer else ""
    return (
        f"Помог бы штамп времени на подпись, поставленный в срок действия сертификата (до его истечения{until}), или "
        "подпись с доказательствами того времени (CAdES-A, PAdES-LTA)."
    )


def _revoked(check: Check | None, _: SignatureVerdict) -> str:
    when = check.data.get("revoked_at") if check is not None else None
    before = f" раньше отзыва ({moment(datetime.fromisoformat(str(when)))})" if when else " раньше отзыва"
    return f"Помог бы штамп времени на подпись, поставленный{before}. Без него подпись могла быть создана после отзыва."


def _revocation_out_of_bounds(check: Check | None, _: SignatureVerdict) -> str:
    subject = f" «{check.data['subject']}»" if check is not None and "subject" in check.data else ""
    return (
        f"Данные об отзыве сертификата{subject} выпущены, когда его срок уже истёк: отозванные раньше могли из них "
        "исчезнуть. Нужен список отзыва или ответ OCSP, выпущенный до истечения."
    )


_MADE: dict[str, Callable[[Check | None, SignatureVerdict], str]] = {
    verdict.TRY_LATER: _try_later,
    verdict.NO_CERTIFICATE_CHAIN_FOUND: _no_chain,
    verdict.OUT_OF_BOUNDS_NO_POE: _out_of_bounds,
    verdict.REVOKED_NO_POE: _revoked,
    verdict.REVOCATION_OUT_OF_BOUNDS_NO_POE: _revocation_out_of_bounds,
}


def moment(instant: datetime) -> str:
    """A moment as people write it, UTC."""
    return f"{instant:%d.%m.%Y %H:%M:%S} UTC"
