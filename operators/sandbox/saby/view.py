"""Documents as one side sees them: state, stages, attachments with links, events."""

import hashlib
import sqlite3
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from operators.sandbox.exchange import rows, rules
from operators.sandbox.exchange.model import OPEN_RESPONSES, Document, Entity, FeedLine, Message, Response, Revocation
from operators.sandbox.exchange.refusals import Absent, WrongState
from operators.sandbox.saby.rpc import Json
from operators.sandbox.saby.shelf import Draft, File
from operators.sandbox.saby.words import NO, YES, attachment_type, moment, organisation

APPROVAL, SERVICE, SENDING = "Утверждение", "Извещение о получении", "Отправка"
ANNULMENT = "Аннулирование"
ANNUL, DECLINE = "Аннулировать", "Отклонить"
"""The operator's own client names the stage and its first action only; declining is by analogy with «Утверждение»."""
HIDDEN = frozenset({"AttachmentComment", "DeliveryFailureNotification"})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A sent document as the organisation `box` sees it."""

    box: str
    message: Message
    document: Document

    @property
    def outbound(self) -> bool:
        """Whether it is ours."""
        return self.box == self.message.from_box

    @property
    def id(self) -> str:
        """Идентификатор: what the sender chose, for the recipient one of its own."""
        if not self.outbound:
            return self.message.id
        return self.document.custom_id or self.document.entity_id


def find_sent(connection: sqlite3.Connection, document_id: str) -> Seen | None:
    """Find a sent document by the id that one of its sides knows; an undelivered one is not there for its recipient."""
    row = connection.execute(
        "select * from document where custom_id = ? or entity_id = ? or message_id = ? order by rowid",
        (document_id, document_id, document_id),
    ).fetchone()
    if row is None:
        return None
    found = rows.document(connection, row["entity_id"])
    if found is None:
        return None
    message = rows.message(connection, found.message_id)
    inbound = document_id == message.id
    if inbound and message.delivered_at is None:
        return None
    return Seen(box=message.to_box if inbound else message.from_box, message=message, document=found)


def seen_by(connection: sqlite3.Connection, box: str, message_id: str) -> Seen:
    """The document of a message as a box sees it."""
    message = rows.message(connection, message_id)
    return Seen(box=box, message=message, document=rows.documents(connection, message_id)[0])


def state(each: Seen) -> tuple[str, str]:
    """Код and Название of the state."""
    if each.message.failed_at is not None:
        return "6", each.message.failure or "Ошибка при доставке"
    if each.message.delivered_at is None:
        return ("2", "Отослано приглашение") if each.message.deliver_at is None else ("3", "Отправлен")
    if each.document.revocation is Revocation.ACCEPTED:
        return "20", "Аннулирован"
    if each.document.response in OPEN_RESPONSES:
        return ("4", "Доставлен" if each.outbound else "На утверждении")
    if each.document.response is Response.REJECTED:
        return "9", "Отклонён"
    return "7", "Выполнение завершено успешно"


def stages(each: Seen) -> list[Json]:
    """What this side may do now, service stages left out."""
    if each.outbound or each.document.response not in OPEN_RESPONSES:
        return _annulment(each)
    approve = {"Название": "Утвердить", "ТребуетПодписания": YES, "ТребуетКомментария": NO}
    decline = {"Название": DECLINE, "ТребуетПодписания": YES, "ТребуетКомментария": YES}
    return [{"Название": APPROVAL, "Идентификатор": each.document.entity_id, "Действие": [approve, decline]}]


def _annulment(each: Seen) -> list[Json]:
    """The stage in which this side may propose to annul, or answer the other side's proposal."""
    stored = each.document
    proposed = stored.revocation is Revocation.PROPOSED
    try:
        if not proposed:
            rules.check_proposal(stored, delivered=each.message.delivered_at is not None, on_document=True)
    except WrongState:
        return []
    if proposed and stored.revocation_by == each.box:
        return []
    actions = [{"Название": ANNUL, "ТребуетПодписания": YES, "ТребуетКомментария": NO}]
    if proposed:
        actions.append({"Название": DECLINE, "ТребуетПодписания": YES, "ТребуетКомментария": YES})
    return [{"Название": ANNULMENT, "Идентификатор": f"{stored.entity_id}-annulment", "Действие": actions}]


def service_stages(each: Seen) -> list[Json]:
    """Receipts to be signed."""
    if each.outbound or not each.document.is_formal or each.document.receipt_at is not None:
        return []
    act = {"Название": "Обработать служебное", "ТребуетПодписания": YES}
    stage_id = f"{each.document.entity_id}-receipt"
    return [{"Название": SERVICE, "Идентификатор": stage_id, "Служебный": YES, "Действие": [act]}]


def document(connection: sqlite3.Connection, each: Seen, base: str, *, events: Sequence[FeedLine]) -> Json:
    """Документ; `events` are the lines of this side's feed to show with it."""
    mine = rows.organisation(connection, each.box)
    other = rows.organisation(connection, each.message.to_box if each.outbound else each.message.from_box)
    code, name = state(each)
    return {
        **_heading(each),
        "Состояние": {"Код": code, "Название": name, "Описание": name},
        "НашаОрганизация": organisation(mine),
        "Контрагент": organisation(other),
        "Вложение": _attachments(connection, each, base, only=None),
        "Этап": stages(each),
        "Событие": [_event(connection, each, line, base) for line in events],
    }


def draft_document(connection: sqlite3.Connection, each: Draft, base: str) -> Json:
    """Документ of a draft."""
    send = {"Название": "Отправить", "ТребуетПодписания": YES, "ТребуетКомментария": NO}
    return {
        "Идентификатор": each.id,
        "Тип": each.kind,
        "Направление": "Исходящий",
        "Состояние": {"Код": "0", "Название": "Документ редактируется"},
        "НашаОрганизация": organisation(rows.organisation(connection, each.box)),
        "Контрагент": organisation(rows.organisation(connection, each.other)),
        "Вложение": [prepared(each.id, each.file, base)],
        "Этап": [{"Название": SENDING, "Идентификатор": each.id, "Действие": [send]}],
    }


def prepared(document_id: str, file: File, base: str) -> Json:
    """Вложение that waits for a signature."""
    return {
        "Идентификатор": file.id,
        "Модифицирован": NO,
        "Файл": {
            "Имя": file.name,
            "Хеш": hashlib.sha256(file.content).hexdigest(),
            "Ссылка": f"{base}/disk/{document_id}/{file.id}",
        },
    }


def content(connection: sqlite3.Connection, each: Seen, file_id: str, place: int | None) -> bytes:
    """The bytes of an attachment, or of the signature at a place on it; raises Absent."""
    found = rows.entity(connection, each.message.id, file_id)
    if not _visible(found, each):
        raise Absent(f"Вложение {file_id} не найдено")
    if place is None:
        return found.content
    signatures = _signatures(connection, each, found)
    if not 0 <= place < len(signatures):
        raise Absent("Подпись не найдена")
    return signatures[place].content


def _heading(each: Seen) -> dict[str, Any]:
    stored = each.document
    kind = "ДокОтгр" if stored.is_formal else "Договор" if stored.needs_answer else "Корр"
    return {
        "Идентификатор": each.id,
        "Тип": kind + ("Исх" if each.outbound else "Вх"),
        "Направление": "Исходящий" if each.outbound else "Входящий",
        "Номер": stored.number or "",
        "Дата": stored.date or "",
        "Сумма": stored.total,
        "ДатаВремяСоздания": moment(each.message.created_at),
        "Удален": NO,
    }


def _event(connection: sqlite3.Connection, each: Seen, line: FeedLine, base: str) -> Json:
    name = "Отправка" if each.outbound else "Получение"
    if line.patch_id is not None:
        name = "Доставка" if line.delivered else "Ошибка доставки" if line.failed else "Изменение"
    return {
        "Идентификатор": line.id,
        "Название": name,
        "ДатаВремя": moment(line.at),
        "Вложение": _attachments(connection, each, base, only=line.entity_ids),
    }


def _attachments(connection: sqlite3.Connection, each: Seen, base: str, *, only: Container[str] | None) -> list[Json]:
    """Attachments; a bare signature among `only` brings the file that it stands on."""
    shown: list[Json] = []
    for file in rows.entities(connection, each.message.id):
        if file.type != "Attachment" or file.attachment_type in HIDDEN or not _visible(file, each):
            continue
        signatures = _signatures(connection, each, file)
        if only is None or file.id in only or any(signature.id in only for signature in signatures):
            shown.append(_attachment(each, file, signatures, base))
    return shown


def _attachment(each: Seen, file: Entity, signatures: list[Entity], base: str) -> Json:
    name, is_main = file.file_name or "", file.id == each.document.entity_id
    link = f"{base}/disk/{each.id}/{file.id}"
    return {
        "Идентификатор": file.id,
        "Название": name,
        "Тип": attachment_type(file, each.document if is_main else None),
        "Служебный": NO if is_main or file.attachment_type.endswith("BuyerTitle") else YES,
        "Направление": _direction(each, signatures[0].signer_box if signatures else None),
        "Файл": {"Имя": name, "Хеш": hashlib.sha256(file.content).hexdigest(), "Ссылка": link},
        "Подпись": [
            {
                "Направление": _direction(each, signature.signer_box),
                "Файл": {"Имя": f"{name}.{place}.sgn", "Ссылка": f"{link}?signature={place}"},
            }
            for place, signature in enumerate(signatures)
        ],
    }


def _direction(each: Seen, signer: str | None) -> str:
    if signer not in {each.message.from_box, each.message.to_box}:
        return ""
    return "Исходящий" if signer == each.box else "Входящий"


def _signatures(connection: sqlite3.Connection, each: Seen, file: Entity) -> list[Entity]:
    return [
        one
        for one in rows.entities(connection, each.message.id)
        if one.type == "Signature" and one.parent_id == file.id and _visible(one, each)
    ]


def _visible(each: Entity, seen: Seen) -> bool:
    return each.seen_by_sender if seen.outbound else each.seen_by_recipient
