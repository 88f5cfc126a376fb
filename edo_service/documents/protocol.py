"""The signing protocol (PDF): what was signed, by whom, when and how we know, what the check said. A technical check."""

from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from edo_service.documents.queries import Card
from edo_service.documents.stamps import INDICATIONS, certificate_of
from edo_service.web.statuses import status

MOSCOW = ZoneInfo("Europe/Moscow")
_LIVES = {
    "delivery": "Доставка",
    "receipt": "Извещение",
    "response": "Ответ",
    "correction": "Уточнение",
    "archive": "Архив",
}
_ROLES = {
    "seller_title": "Титул продавца",
    "buyer_title": "Титул покупателя",
    "contract": "Договор",
    "receipt_notice": "Извещение о получении",
    "universal_receipt": "Извещение о получении (универсальное сообщение)",
    "acceptance_confirmation": "Подтверждение даты получения (оператор)",
    "dispatch_confirmation": "Подтверждение даты отправки (оператор)",
    "correction_request": "Уведомление об уточнении",
    "rejection": "Отказ в подписи",
    "unknown": "Иной файл",
}


def write_protocol(card: Card) -> bytes:
    """PDF/A of the protocol. WeasyPrint runs here; nothing is fetched."""
    from edo_service.formats.printing import html_to_pdf

    return html_to_pdf(protocol_html(card), title=f"Протокол подписания: {card.line.title}")


def protocol_html(card: Card) -> str:
    """The protocol's HTML, for the PDF and for tests."""
    environment = Environment(
        loader=PackageLoader("edo_service.documents", "paper"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["msk"] = _msk
    environment.filters["iso_msk"] = lambda text: _msk(datetime.fromisoformat(text)) if text else "—"
    environment.filters["state"] = lambda row: status(row.workflow, row.state).word
    environment.filters["life"] = lambda name: _LIVES.get(name, name)
    return environment.get_template("protocol.html").render(
        card=card, roles=_ROLES, indications=INDICATIONS, certificate_of=certificate_of
    )


def _msk(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S} МСК"
