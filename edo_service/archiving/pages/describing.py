"""From a set's card to what its page prints: facts, parts, verdicts then and now and why they differ, the chain of evidence."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from edo_service.archiving.evidence_views import EvidenceChain, RenewalLink
from edo_service.archiving.queries import SetCard, SetPart
from edo_service.archiving.retention import TERMS, From
from edo_service.archiving.views import ChainLink, Integrity, SupplementBlock, ThenNow
from edo_service.documents.queries import Card
from edo_service.kernel.calendar import moscow_date
from edo_service.web import views
from edo_service.web.filters import moment, plural, size
from edo_service.web.statuses import Status, Tone, status

UNCHECKED = Status(word="Не проверялась", tone=Tone.IDLE)
ACTS: Mapping[str, str] = {
    "view": "Открыта карточка",
    "export": "Выгрузка",
    "copy": "Копия для просмотра",
    "check": "Проверка целости",
    "document": "Просмотр документа",
    "file": "Скачан файл документа",
}
ROLES: Mapping[str, str] = {
    "title": "Титул",
    "document": "Документ",
    "service": "Служебное сообщение",
    "signature": "Подпись",
    "signature_value": "Значение подписи",
    "timestamp": "Штамп времени",
    "certificate": "Сертификат",
    "crl": "Список отозванных",
    "ocsp": "Ответ о сертификате",
    "print_form": "Печатная форма",
    "protocol": "Протокол подписания",
    "event_log": "Ход документа",
    "manifest": "Опись",
    "manifest_signature": "Подпись описи",
    "manifest_timestamp": "Штамп времени описи",
    "refreshed": "Обновлённая подпись",
}
WHY: Mapping[str, str] = {
    "CERTIFICATE_CHAIN_GENERAL_FAILURE": "цепочку сертификатов не удалось построить",
    "CHAIN_CONSTRAINTS_FAILURE": "цепочка сертификатов нарушает свои ограничения",
    "CRYPTO_CONSTRAINTS_FAILURE": "алгоритм подписи больше не считается надёжным",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "алгоритм больше не считается надёжным, а время подписи не доказано",
    "CERTIFICATE_HOLD": "действие сертификата приостановлено",
    "EXPIRED": "срок сертификата вышел",
    "FORMAT_FAILURE": "подпись не разобрать",
    "HASH_FAILURE": "файл не тот, который подписан",
    "NO_CERTIFICATE_CHAIN_FOUND": "корневого сертификата нет среди доверенных",
    "NO_POE": "нет доказательства времени",
    "NOT_YET_VALID": "сертификат ещё не действовал",
    "OUT_OF_BOUNDS_NO_POE": "срок сертификата вышел, а что подпись поставлена раньше, доказать нечем",
    "OUT_OF_BOUNDS_NOT_REVOKED": "срок сертификата вышел, отзыва до этого не было",
    "REVOKED": "сертификат отозван",
    "REVOKED_CA_NO_POE": "отозван сертификат центра, а время подписи не доказано",
    "REVOKED_NO_POE": "сертификат отозван, а что подпись поставлена раньше, доказать нечем",
    "SIG_CRYPTO_FAILURE": "подпись не сходится",
    "TIMESTAMP_ORDER_FAILURE": "штампы времени противоречат друг другу",
    "TRY_LATER": "служба, которая знает об отзыве, не ответила; повторите позже",
}
"""Sub-indication of EN 319 102-1 → words."""
STAMPS: Mapping[str, str] = {
    "day": "Штамп времени на корень дня",
    "timestamp_renewal": "Продление штампом времени",
    "hash_tree_renewal": "Продление другой функцией хеша",
}


def facts(card: SetCard) -> tuple[views.Fact, ...]:
    """Sum, counterparty, dates, composition."""
    line = card.line
    found = []
    if line.total is not None:
        found.append(views.Fact(label="Сумма", sum=line.total, strong=True))
    found += [
        views.Fact(label="Контрагент", text=f"{line.counterparty_name}, ИНН {line.counterparty_inn}"),
        views.Fact(label="Дата документа", text=f"{line.dated:%d.%m.%Y}"),
        views.Fact(label="Хранить до", text=f"{moscow_date(line.retain_until):%d.%m.%Y}"),
        views.Fact(label="Состав", text=f"{plural(line.parts, 'часть', 'части', 'частей')}, {size(line.size)}"),
    ]
    if card.kept_at is not None:
        found.append(views.Fact(label="В архиве с", text=f"{moscow_date(card.kept_at):%d.%m.%Y}"))
    return tuple(found)


def parts(card: SetCard) -> tuple[views.FileItem, ...]:
    """Every part that the set was put together of, with its hash."""
    return tuple(_item(one, one.name) for one in card.parts if one.supplement is None)


def supplements(card: SetCard) -> tuple[SupplementBlock, ...]:
    """What joined the set later, each with its own parts."""
    found = []
    for one in card.supplements:
        mine = [part for part in card.parts if part.supplement == one.number]
        found.append(
            SupplementBlock(
                title=f"Дополнение № {one.number}",
                day="" if one.kept_at is None else f"{moscow_date(one.kept_at):%d.%m.%Y}",
                papers=tuple(_plain(part) for part in mine if part.role in {"title", "document", "service"}),
                proof="вошло в корень дня" if one.rooted else "войдёт в корень дня в ближайшие сутки",
                manifest_sha256=one.manifest_sha256,
                parts=tuple(_item(part, _plain(part)) for part in mine),
            )
        )
    return tuple(found)


def _item(part: SetPart, name: str) -> views.FileItem:
    return views.FileItem(role=ROLES.get(part.role, part.role), name=name, size=part.size, sha256=part.sha256, url="")


def _plain(part: SetPart) -> str:
    """Its name without what tells the supplements of a set apart."""
    return part.name.removeprefix(f"supplement-{part.supplement}/")


def printed(card: SetCard) -> SetPart | None:
    """The part that a viewing copy is made of: the printed form, or the contract itself."""
    for role in ("print_form", "document"):
        for one in card.parts:
            if one.role == role and one.supplement is None and one.name.lower().endswith(".pdf"):
                return one
    return None


def integrity(card: SetCard, check_url: str) -> Integrity:
    """What the last reading of all parts said."""
    if card.check is None:
        return Integrity(status=UNCHECKED, checked_at=None, check_url=check_url)
    state = "damaged" if card.check.damaged else "sound"
    return Integrity(status=status("integrity", state), checked_at=card.check.at, check_url=check_url)


def then_and_now(card: SetCard, document: Card) -> tuple[ThenNow, ...]:
    """Each signature of the set: as judged when it came, and by the last check."""
    kept = {one.sha256: one for one in card.parts if one.role == "signature"}
    today = card.check.verdicts if card.check is not None else {}
    found = []
    for part in document.parts:
        for row in part.signatures:
            if row.sha256 is None or row.sha256 not in kept:
                continue
            now = today.get(row.sha256)
            then = row.indication or "pending"
            found.append(
                ThenNow(
                    whose=row.signer_organization or "Неизвестный подписант",
                    file=part.file_name,
                    then=status("verdict", then),
                    now=None if now is None else status("verdict", now["indication"] or "pending"),
                    why=_why(then, now),
                )
            )
    return tuple(found)


def _why(then: str, now: Mapping[str, str | None] | None) -> str:
    if now is None:
        return ""
    if now["indication"] == then:
        return "" if then == "TOTAL-PASSED" else _sub(now)
    if now["indication"] == "TOTAL-PASSED":
        return "тогда не хватало доказательств, теперь они есть"
    return _sub(now)


def _sub(verdict: Mapping[str, str | None]) -> str:
    word = verdict["sub_indication"] or ""
    return WHY.get(word, word)


def chain(found: EvidenceChain) -> tuple[ChainLink, ...]:
    """File → package → root of the day → time-stamps → journal, as a list to read from the top."""
    links = [
        ChainLink(
            title="Файлы", text=f"{plural(len(found.files), 'часть', 'части', 'частей')} с хешами SHA-256 и Стрибог"
        ),
        ChainLink(
            title="Опись комплекта",
            text="названы все части; подписана ключом организации",
            sha256=found.manifest_sha256,
        ),
    ]
    if found.own_timestamp_sha256:
        kept = f", в архиве с {moment(found.kept_at)}" if found.kept_at else ""
        links.append(
            ChainLink(title="Штамп времени описи", text=f"свой у комплекта{kept}", sha256=found.own_timestamp_sha256)
        )
    links += [
        ChainLink(
            title=f"Корень дня {one.day:%d.%m.%Y}",
            text=f"{plural(one.leaves, 'лист', 'листа', 'листьев')}, {one.digest}",
            sha256=one.root,
        )
        for one in found.roots
    ]
    links += [
        ChainLink(
            title=STAMPS.get(one.kind, "Штамп времени"),
            text=f"{moment(one.at)}{', ' + one.authority if one.authority else ''}; продлим до {one.ages_at:%d.%m.%Y}",
        )
        for one in found.stamps
    ]
    if found.journal is not None:
        head = found.journal
        links.append(ChainLink(title="Журнал", text=f"запись {head.position} на {head.day:%d.%m.%Y}", sha256=head.hash))
    else:
        links.append(ChainLink(title="Корень дня и журнал", text="появятся в ближайшие сутки", done=False))
    if found.renewal is not None:
        links.append(renewal(found.renewal))
    return tuple(links)


def renewal(found: RenewalLink) -> ChainLink:
    """How the set's own signatures stand by the last look at them; what is not proven is said, never counted."""
    said = []
    if "INDETERMINATE" in found.unproven:
        said.append("штамп времени проверить до конца не удалось, доказательством не считаем; проверим снова за сутки")
    if "TOTAL-FAILED" in found.unproven:
        said.append("штамп времени не сходится с подписью, доказательством не считаем")
    if found.failed:
        said.append("продлить удалось не все, причина в журнале")
    if not said:
        until = f", продлим до {found.due_at:%d.%m.%Y}" if found.due_at else ""
        return ChainLink(title="Штампы времени подписей", text=f"проверены {moment(found.looked_at)}{until}")
    text = f"{'; '.join(said)}. Смотрели {moment(found.looked_at)}"
    return ChainLink(title="Штампы времени подписей", text=text, done=False)


def end_unknown(card: SetCard) -> bool:
    """Whether the term counts from an end that nobody has told yet."""
    term = TERMS.get(card.retention_kind)
    return term is not None and term.counted is From.END and card.counted_from is None


def last_day(until: datetime) -> str:
    """The last day that belongs to the term."""
    return f"{moscow_date(until - timedelta(seconds=1)):%d.%m.%Y}"
