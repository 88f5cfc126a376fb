"""From a card of the queries to the pieces that templates print: facts, lines, files, verdicts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from edo_service.documents.pages import words
from edo_service.documents.queries import Card, Line, PartCard, SignatureCard
from edo_service.documents.stamps import certificate_of
from edo_service.documents.views import DocumentRow, LineRow, Lines, SignatureReport
from edo_service.portal import Viewer
from edo_service.powers.words import by_power
from edo_service.texts import trouble_words
from edo_service.trust.judge import leads_to_anchor
from edo_service.web.filters import moment, plural
from edo_service.web.views import Condition, Fact, FileItem, Link, Verdict

MOST_LINES = 30
Outcome = Literal["passed", "failed", "unknown"]
_MOMENT = re.compile(r"(\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}(?::\d{2})?) UTC")
_OUTCOMES: Mapping[str, Outcome] = {"passed": "passed", "info": "passed", "warning": "passed", "failed": "failed"}
_ALGORITHMS = {
    "gost2012_256": "ГОСТ Р 34.10-2012, 256 бит",
    "gost2012_512": "ГОСТ Р 34.10-2012, 512 бит",
    "rsa": "RSA",
    "ec": "ECDSA",
}


def row(line: Line, *, viewer: Viewer, today: date) -> DocumentRow:
    """A line of the list."""
    route = "через оператора" if line.route == "operator" else "напрямую"
    direction = "входящий" if line.direction == "in" else "исходящий"
    return DocumentRow(
        id=str(line.id),
        title=line.title,
        url=viewer.url(f"/documents/{line.id}"),
        subtitle=f"{words.KINDS.get(line.kind, 'Документ')} · {direction}, {route}",
        counterparty=line.counterparty_name,
        inn=line.counterparty_inn,
        sum=line.total,
        status=words.chip(line),
        deadline=words.answer_deadline(line, today),
        unread=line.direction == "in" and line.response == "required",
    )


TOTALS: Mapping[str, str] = {"upd": "Всего к оплате", "ukd": "Изменение суммы"}


def shifts(kept: Mapping[str, Any]) -> Iterator[Fact]:
    """By how much an УКД raises and lowers the cost, and whether a schema has judged its file; nothing for the rest."""
    for name, label in (("increase", "К увеличению"), ("decrease", "К уменьшению")):
        told = kept.get(name)
        gross = decimal(told.get("gross")) if isinstance(told, Mapping) else None
        if gross is not None:
            yield Fact(label=label, sum=gross)
    if kept.get("checked") is False:
        yield Fact(label="Проверка формата", text=UNCHECKED)


UNCHECKED = "По схеме не проверен"


def facts(card: Card) -> tuple[Fact, ...]:
    """Sum, tax, basis: what one decides by."""
    line = card.line
    found = []
    if line.total is not None:
        found.append(Fact(label=TOTALS.get(line.kind, "Сумма"), sum=line.total, strong=True))
    if card.vat is not None:
        found.append(Fact(label="Изменение НДС" if line.kind == "ukd" else "В том числе НДС", sum=card.vat))
    found += shifts(card.facts)
    basis = card.facts.get("basis") or ()
    if basis:
        found.append(Fact(label="Основание", text="; ".join(str(one) for one in basis)))
    found.append(Fact(label="Дата документа", text=f"{card.dated:%d.%m.%Y}"))
    notes = card.facts.get("notes") or ()
    if notes:
        found.append(Fact(label="Замечания к файлу", text="; ".join(str(one) for one in notes)))
    return tuple(found)


def lines(card: Card, *, all_url: str = "", most: int = MOST_LINES) -> Lines | None:
    """The invoice's lines as they stand in the file; None for documents without lines."""
    rows = [one for one in card.facts.get("lines") or () if isinstance(one, dict)]
    if not rows:
        return None
    summed = card.line.kind != "ukd"  # its sums are differences, its lines stand as they became
    return Lines(
        rows=tuple(_line(one, is_changed=not summed) for one in rows[:most]),
        without_tax=decimal(card.facts.get("net")),
        tax=card.vat.rubles if card.vat is not None and summed else None,
        total=card.line.total.rubles if card.line.total is not None and summed else None,
        hidden=max(len(rows) - most, 0),
        all_url=all_url,
    )


def _line(one: Mapping[str, Any], *, is_changed: bool) -> LineRow:
    """A line; `is_changed`: of an УКД, as it became."""
    quantity = decimal(one.get("quantity"))
    shown = f"{quantity.normalize():f}".replace(".", ",") if quantity is not None else ""
    rate = str(one.get("rate") or "")
    return LineRow(
        name=str(one.get("name") or "Без названия"),
        details=line_details(rate, is_changed=is_changed),
        quantity=f"{shown} {one.get('unit') or ''}".strip(),
        price=decimal(one.get("price")),
        without_tax=decimal(one.get("net")),
        tax_rate=rate,
        tax=decimal(one.get("vat")),
        total=decimal(one.get("gross")),
    )


def line_details(rate: str | None, *, is_changed: bool) -> str:
    """What stands under a line's name: its rate of tax; of an УКД also that the line is shown as it became."""
    return " · ".join(filter(None, (f"НДС {rate}" if rate else "", "после изменения" if is_changed else "")))


def decimal(text: object) -> Decimal | None:
    """A number kept as text; None for none and for what is no number."""
    if not text:
        return None
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


def files(card: Card, *, viewer: Viewer) -> tuple[FileItem, ...]:
    """All files of the document, the oldest first."""
    base = viewer.url(f"/documents/{card.line.id}/files")
    return tuple(
        FileItem(
            role=_role(part),
            name=part.file_name,
            size=part.size,
            sha256=part.sha256,
            url=f"{base}/{part.id}",
            note=_note(part),
        )
        for part in card.parts
    )


def _note(part: PartCard) -> str:
    signed = sum(one.sha256 is not None for one in part.signatures)
    said = plural(signed, "подпись", "подписи", "подписей") if signed > 1 else "с подписью" if signed else ""
    return " · ".join(filter(None, (said, trouble_words(part.objection) if part.objection else "")))


def _role(part: PartCard) -> str:
    word = words.ROLES.get(part.role, words.ROLES["unknown"])
    about = words.ABOUT.get(part.parent_role or "")
    return f"{word} ({about})" if about and part.origin == "operator" else word


def verdicts(card: Card, *, viewer: Viewer) -> tuple[Verdict, ...]:
    """Signatures of the parties, in the order of the files; the operator's stand with its confirmations in the archive."""
    return tuple(verdict(one, card, viewer=viewer) for one in party_signatures(card))


def party_signatures(card: Card) -> Iterator[SignatureCard]:
    """Signatures under titles, contracts and refusals that are there already."""
    for part in card.parts:
        if part.role in {"seller_title", "buyer_title", "contract", "rejection"}:
            yield from (one for one in part.signatures if one.sha256)


def _position(title: str) -> str:
    """A position behind a name begins small: «Иванова Анна, главный бухгалтер», but «…, ИП»."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def verdict(one: SignatureCard, card: Card, *, viewer: Viewer) -> Verdict:
    """One signature in words."""
    signed = _first(one)
    certificate = certificate_of(one)
    base = viewer.url(f"/documents/{card.line.id}/signatures/{one.id}")
    indication = one.indication
    undecided, is_open = indication == "INDETERMINATE", leads_to_anchor(indication, one.sub_indication)
    return Verdict(
        indication=indication if indication in {"TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED"} else "pending",  # type: ignore[arg-type]  # narrowed by the set
        whose=one.signer_organization or "неизвестного подписанта",
        signer=one.signer_name or "Имя в сертификате не указано",
        position=_position(str(certificate.get("title") or "")),
        signed_at=one.proved_at or one.signed_at,
        time_source="время подтверждено штампом времени" if one.proved_at else "время по часам подписавшего",
        sub_indication=one.sub_indication or "",
        level=f"CAdES-{one.level}" if one.level and one.level != "PKCS7" else one.level or "",
        algorithm=_ALGORITHMS.get(
            str(certificate.get("public_key_algorithm")), str(certificate.get("public_key_algorithm") or "")
        ),
        certificate=_certificate(certificate),
        conditions=tuple(
            Condition(text=str(item["text"]), outcome=item["outcome"], reason=_on_our_clock(item.get("reason")))
            for item in signed.get("conditions_63fz") or ()
        ),
        missing=_missing(signed, again=is_open and card.line.archive == "not_yet") if undecided else "",
        unproved=undecided and not is_open,
        power=by_power(one.power),
        report_url=base,
        download_url=f"{base}.sig",
    )


def report(one: SignatureCard, card: Card, *, viewer: Viewer) -> SignatureReport:
    """All that the check of one signature said."""
    signed = _first(one)
    certificate = certificate_of(one)
    until = _moment(certificate.get("not_after"))
    rows = [
        ("Владелец", certificate.get("subject")), ("Выдал", certificate.get("issuer")),
        ("Серийный номер", certificate.get("serial")), ("ИНН организации", one.signer_inn),
        ("Действует с", _day(certificate.get("not_before"))), ("Действует по", _day(certificate.get("not_after"))),
        ("SHA-256 сертификата", certificate.get("sha256")), ("SHA-256 подписи", one.sha256),
        ("Заключение", " ".join(filter(None, (one.indication, one.sub_indication)))),
    ]  # fmt: skip
    return SignatureReport(
        document=Link(label=card.line.title, url=viewer.url(f"/documents/{card.line.id}")),
        verdict=verdict(one, card, viewer=viewer),
        facts=tuple(Fact(label=label, text=str(value)) for label, value in rows if value),
        checks=tuple(
            (_on_our_clock(item["text"]), _OUTCOMES.get(str(item["outcome"]), "unknown"), _details(item.get("data")))
            for item in signed.get("checks") or ()
        ),
        checked_at=_moment((one.verdict or {}).get("at")) or card.line.created_at,
        valid_until=until.date() if until else None,
    )


def _on_our_clock(text: object) -> str:
    """The words of a check with its moments told as everywhere on our pages: by the clock of Moscow."""

    def told(found: re.Match[str]) -> str:
        shape = "%d.%m.%Y %H:%M:%S" if found[1].count(":") == 2 else "%d.%m.%Y %H:%M"
        try:
            return moment(datetime.strptime(found[1], shape).replace(tzinfo=UTC))
        except (ValueError, OverflowError):  # words that came from a certificate and only look like a moment
            return found[0]

    return _MOMENT.sub(told, str(text or ""))


def _first(one: SignatureCard) -> Mapping[str, Any]:
    found = (one.verdict or {}).get("signatures") or [{}]
    first = found[0]
    return first if isinstance(first, dict) else {}


def _certificate(certificate: Mapping[str, Any]) -> str:
    if not certificate:
        return ""
    issuer = _name_in(str(certificate.get("issuer") or ""))
    return f"{certificate.get('serial')}, выдал {issuer}, действует до {_day(certificate.get('not_after'))}"


def _name_in(rfc4514: str) -> str:
    for piece in rfc4514.split(","):
        if piece.strip().upper().startswith("CN="):
            return piece.strip()[3:]
    return rfc4514


def _missing(signed: Mapping[str, Any], *, again: bool) -> str:
    """What is not established; `again`: the portal asks once more by itself."""
    checks = signed.get("checks") or ()
    doubts = [_on_our_clock(item["text"]) for item in checks if item.get("outcome") == "indeterminate"]
    return "; ".join(doubts) + (" Пока проверить не удалось, портал спросит ещё раз." if doubts and again else "")


def _details(data: object) -> str:
    if not isinstance(data, dict):
        return ""
    return ", ".join(f"{name}: {value}" for name, value in data.items() if isinstance(value, str | int))


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def _day(text: object) -> str:
    moment = _moment(text)
    return f"{moment:%d.%m.%Y}" if moment else ""


def signature_of(card: Card, signature_id: object) -> SignatureCard | None:
    """A signature of the card by id, None when it has none such."""
    rows: Sequence[SignatureCard] = [one for part in card.parts for one in part.signatures]
    return next((one for one in rows if str(one.id) == str(signature_id) and one.sha256), None)
