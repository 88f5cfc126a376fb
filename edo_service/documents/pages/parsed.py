"""A file that has just been read, shown before anything is stored: what it says, what is wrong, why it cannot be sent."""

from collections.abc import Iterator, Mapping

from edo_service import formats
from edo_service.documents.facts import DocumentFacts
from edo_service.documents.pages.marks import findings_of, marked_groups, notes_at
from edo_service.documents.pages.presenting import TOTALS, line_details, shifts
from edo_service.documents.use_cases.upload import Preview
from edo_service.documents.views import LineRow, Lines, PartyCard, PreviewPage
from edo_service.documents.views import Preview as Pictures
from edo_service.formats.showing import Side
from edo_service.portal import Viewer
from edo_service.web.filters import quantity
from edo_service.web.views import Fact, Link

MOST_LINES = 200
_HEAD, _TABLE = "/Файл/Документ/СвСчФакт", "/Файл/Документ/ТаблСчФакт/СведТов"
FUNCTIONS: Mapping[str, str] = {
    "СЧФ": "Счёт-фактура",
    "СЧФДОП": "Счёт-фактура и передаточный документ",
    "ДОП": "Передаточный документ",
    "КСЧФ": "Корректировочный счёт-фактура",
    "КСЧФДИС": "Корректировочный счёт-фактура и документ об изменении стоимости",
    "ДИС": "Документ об изменении стоимости",
}
OBSTACLES: Mapping[str, str] = {
    "not_upd": "это не титул продавца УПД 5.03 и не УКД, портал такие файлы не отправляет",
    "ukd_of_other_order": "УКД отправляем в формате приказа ЕД-7-26/736@ (5.01). 189@ отменён с 01.10.2021, когда вступит в силу "
    "29@, операторы ещё не сообщили",
    "ukd_of_other_function": "у УКД должна быть функция КСЧФ, КСЧФДИС или ДИС",
    "ukd_revised": "исправление самого УКД портал не отправляет: составьте новый УКД с другим номером",
    "ukd_not_carried": "ваш оператор не передаёт УКД через портал. Отправьте УКД в его кабинете или загрузите исправление УПД",
    "seller_is_not_us": "продавец в файле — не ваша компания (ИНН и КПП)",
    "sender_id_is_not_ours": "идентификатор отправителя в имени файла — не ваш",
    "recipient_id_unknown": "получателя с таким идентификатором нет среди ваших контрагентов",
    "buyer_is_not_recipient": "покупатель в файле и получатель по идентификатору — разные компании",
}


def preview_page(preview: Preview, file_name: str, content: bytes, *, viewer: Viewer, sha256: str) -> PreviewPage:
    """The page; `sha256` is empty when the file may not be saved."""
    reading = formats.read_any(content)
    marked, unplaced = marked_groups(content, preview.result)
    return PreviewPage(
        title=_title(reading, preview.facts),
        findings=findings_of(file_name, preview.result, marked=marked),
        facts=(*_facts(reading), *_changes(preview), *_tie(preview, viewer)),
        parties=tuple(_parties(reading, preview.result)),
        lines=_lines(reading, preview.result),
        preview=Pictures(),
        save_url=viewer.url("/documents/new/save") if sha256 else "",
        hidden=(("sha256", sha256), ("file_name", file_name)) if sha256 else (),
        back_url=viewer.url("/documents/new"),
        blocked=_blocked(preview),
        marked=marked,
        more_marked=unplaced,
    )


def _blocked(preview: Preview) -> str:
    reasons = [OBSTACLES.get(one, one) for one in preview.obstacles]
    if preview.result.violations:
        reasons.insert(0, "в файле есть нарушения формата, они показаны ниже рядом с полями")
    if not reasons:
        return ""
    listed = "; ".join(reasons)
    return f"{listed[0].upper()}{listed[1:]}. Файл не сохранён."


def _title(reading: formats.Reading, facts: DocumentFacts | None) -> str:
    if facts is not None:
        return facts.title
    parts = [reading.kind.name_ru]
    if reading.number:
        parts.append(f"№ {reading.number}")
    if reading.date:
        parts.append(f"от {reading.date:%d.%m.%Y}")
    return " ".join(parts)


def _facts(reading: formats.Reading) -> Iterator[Fact]:
    if reading.gross is not None:
        yield Fact(label="Всего к оплате", sum=reading.gross, strong=True)
    if reading.tax is not None:
        yield Fact(label="В том числе НДС", sum=reading.tax)
    if reading.function:
        yield Fact(label="Функция", text=FUNCTIONS.get(reading.function, reading.function))
    if reading.currency and reading.currency != "643":
        yield Fact(label="Код валюты", text=reading.currency)
    if reading.signers:
        yield Fact(label="Подписант", text="; ".join(reading.signers))
    if reading.text:
        yield Fact(label="Текст", text=reading.text)


def _changes(preview: Preview) -> Iterator[Fact]:
    """By how much an УКД changes the cost."""
    facts = preview.facts
    if facts is None or not preview.adjusts:
        return
    if facts.total is not None:
        yield Fact(label=TOTALS["ukd"], sum=facts.total, strong=True)
    yield from shifts(facts.details)


def _tie(preview: Preview, viewer: Viewer) -> Iterator[Fact]:
    """Which document an исправление replaces and which ones an УКД corrects, or that they are none of those here."""
    for one in preview.adjusts:
        url = viewer.url(f"/documents/{one.original.id}") if one.original else ""
        yield Fact(
            label="К документу", text=one.words if one.original else f"{one.words} (на портале его нет)", url=url
        )
    if preview.upd is not None and preview.upd.correction is not None and not preview.adjusts:
        yield Fact(label="Исправляет", text=preview.corrects or "Исходного документа на портале нет")


def _parties(reading: formats.Reading, result: formats.CheckResult) -> Iterator[PartyCard]:
    for role, side, participant, tag in (
        (reading.roles[0], reading.seller, reading.sender, "СвПрод"),
        (reading.roles[1], reading.buyer, reading.recipient, "СвПокуп"),
    ):
        if side is not None:
            yield _party(role, side, participant, notes_at(f"{_HEAD}/{tag}", result))


def _party(role: str, side: Side, participant: str | None, notes: tuple[Link, ...]) -> PartyCard:
    return PartyCard(
        role=role,
        name=side.name or "Не названо",
        inn=side.inn or "не указан",
        kpp=side.kpp or "",
        address=side.address or "",
        participant_id=participant or "",
        notes=notes,
    )


def _lines(reading: formats.Reading, result: formats.CheckResult) -> Lines | None:
    if not reading.lines:
        return None
    return Lines(
        rows=tuple(
            LineRow(
                name=one.name or "Без названия",
                details=line_details(one.rate, is_changed=reading.kind.code == "ukd_seller"),
                quantity=f"{quantity(one.quantity)} {one.unit or ''}".strip() if one.quantity is not None else "",
                price=one.price,
                without_tax=one.net,
                tax_rate=one.rate or "",
                tax=one.tax,
                total=one.gross,
                notes=notes_at(f"{_TABLE}[{number}]" if len(reading.lines) > 1 else _TABLE, result),
            )
            for number, one in enumerate(reading.lines[:MOST_LINES], start=1)
        ),
        without_tax=reading.net,
        tax=reading.tax,
        total=reading.gross,
    )
