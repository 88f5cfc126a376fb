"""Saby's documents turned into the port's values.

Missing required fields are a BadAnswer, unknown words become UNKNOWN. A box of the port is an organisation here:
`<ИНН>[-<КПП>]@<participant id>`, all that a call needs to name it. A signature has no id of its own: its entity id is
`<attachment>/<place>`.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from operators.errors import Invalid
from operators.port import (
    Box,
    DocumentStatus,
    Entity,
    EntityKind,
    EntityRef,
    Event,
    Participant,
    Response,
)
from operators.saby import codes
from operators.saby.axes import read_status, refusals, rejection
from operators.saby.forms import Json, bad, created_at, is_outbound, items, moment, state, text


@dataclass(frozen=True, kw_only=True)
class Side:
    """An organisation as calls name it; `participant_id` is empty where the operator did not tell it."""

    inn: str
    kpp: str | None
    participant_id: str

    @property
    def box(self) -> str:
        """The port's box id."""
        kpp = "" if self.kpp is None else f"-{self.kpp}"
        return f"{self.inn}{kpp}@{self.participant_id}"

    def json(self) -> dict[str, Any]:
        """НашаОрганизация or Контрагент."""
        requisites = {"ИНН": self.inn} | ({} if self.kpp is None else {"КПП": self.kpp})
        named = {"Идентификатор": self.participant_id} if self.participant_id else {}
        return {**named, "СвФЛ" if self.kpp is None else "СвЮЛ": requisites}

    def is_of(self, raw: Json) -> bool:
        """Whether НашаОрганизация or Контрагент of a document is this organisation; what is not told does not differ."""
        other, _ = _side(raw)
        ids = {self.participant_id, other.participant_id} - {""}
        return len(ids) < 2 and self.inn == other.inn and (other.kpp is None or self.kpp == other.kpp)


def side_of(box: str) -> Side:
    """Read a box id of ours; raises Invalid."""
    requisites, at, participant_id = box.partition("@")
    inn, _, kpp = requisites.partition("-")
    if not at or not inn.isdecimal():
        raise Invalid(f"not a box of Saby: {box[:80]}", operator=codes.OPERATOR_CODE)
    return Side(inn=inn, kpp=kpp or None, participant_id=participant_id)


def read_boxes(answer: Json) -> tuple[Box, ...]:
    """СписокНашихОрганизаций -> boxes."""
    return tuple(
        Box(
            id=side.box,
            organization=name,
            inn=side.inn,
            kpp=side.kpp,
            participant_id=side.participant_id or None,
        )
        for side, name in (_side(line) for line in items(answer, "НашаОрганизация"))
    )


def read_participants(answer: Json, *, home: Container[str]) -> tuple[Participant, ...]:
    """ИнформацияОКонтрагенте -> participants, one for each id that the operator names.

    `home`: the operator's codes in our own ids; whoever has another is served by another operator.
    """
    own, name = _side(answer)
    lines = list(items(answer, "Идентификаторы"))
    sides = [_side(line, default=own)[0] for line in lines] or [own]
    return tuple(
        Participant(
            operator_code=side.participant_id[:3] or codes.OPERATOR_CODE,
            participant_id=side.participant_id or None,
            inn=side.inn,
            kpp=side.kpp,
            name=name,
            box=side.box,
            is_roaming=bool(side.participant_id) and side.participant_id[:3] not in home,
            is_active=True,
        )
        for side in sides
    )


def read_events(answer: Json, box: str) -> tuple[Event, ...]:
    """СписокИзменений -> events: a document comes once for each of its events."""
    events: dict[str, Event] = {}
    for document in items(answer, "Документ"):
        for line in items(document, "Событие"):
            event = _event(document, line, box)
            events.setdefault(event.id, event)
    return tuple(events.values())


def read_entities(document: Json, box: str) -> tuple[Entity, ...]:
    """Документ -> its attachments and the signatures on them."""
    return _entities(document, box, list(items(document, "Вложение")))


def event_times(document: Json) -> Mapping[str, datetime]:
    """Attachment id -> the time of the first event that names it."""
    times: dict[str, datetime] = {}
    for line in items(document, "Событие"):
        for attachment in items(line, "Вложение"):
            times.setdefault(text(attachment, "Идентификатор"), moment(text(line, "ДатаВремя")))
    return times


def link_of(document: Json, entity_id: str) -> str | None:
    """The link to an entity's bytes; "" while the operator has none yet, None when there is no such entity."""
    attachment_id, _, place = entity_id.partition("/")
    for attachment in items(document, "Вложение"):
        if attachment.get("Идентификатор") != attachment_id:
            continue
        if not place:
            return _link(attachment)
        signatures = list(items(attachment, "Подпись"))
        if place.isdecimal() and int(place) < len(signatures):
            return _link(signatures[int(place)])
    return None


def _event(document: Json, line: Json, box: str) -> Event:
    event_id = text(line, "Идентификатор")
    at = moment(text(line, "ДатаВремя"))
    other = _other_box(document)
    outbound = is_outbound(document)
    document_id = text(document, "Идентификатор")
    entities = _entities(document, box, list(items(line, "Вложение")))
    notice = _notice(document, line) if not entities else None
    if notice is not None:
        ref = EntityRef(box=box, message_id=document_id, entity_id=event_id)
        raw = str(line.get("Название", ""))
        entities = (Entity(ref=ref, parent_id=None, kind=notice, raw_type=raw, created_at=at),)
    return Event(
        id=event_id,
        cursor=f"{event_id} {at.isoformat()}",
        at=at,
        box=box,
        message_id=document_id,
        from_box=box if outbound else other,
        to_box=other if outbound else box,
        entities=entities,
    )


def _notice(document: Json, line: Json) -> EntityKind | None:
    """What an event without files says, by the document's state; a state that says nothing gives nothing."""
    if not is_outbound(document) or list(items(line, "Вложение")):
        return None
    if state(document) == codes.FAILED:
        return EntityKind.DELIVERY_FAILED
    return EntityKind.DELIVERED if state(document) in codes.AT_RECIPIENT else None


def _entities(document: Json, box: str, shown: list[Json]) -> tuple[Entity, ...]:
    attachments = list(items(document, "Вложение"))
    main = next((text(each, "Идентификатор") for each in attachments if each.get("Служебный") != "Да"), None)
    kinds = [_kind(each) for each in attachments]
    status = read_status(document, attachments, kinds)
    refused = refusals(attachments, kinds)
    declining = rejection(document, attachments, kinds)
    found: list[Entity] = []
    for attachment in shown:
        is_main = attachment.get("Идентификатор") == main
        entity = _attachment(attachment, document, box, main=main)
        if entity.ref.entity_id in refused:
            entity = replace(entity, kind=EntityKind.REJECTION, parent_id=refused[entity.ref.entity_id])
        elif entity.ref.entity_id == declining:
            entity = replace(entity, kind=EntityKind.REJECTION)
        found.append(_as_document(entity, document, attachment, status) if is_main else entity)
        found += _signatures(attachment, document, entity, box)
    return tuple(found)


def _attachment(attachment: Json, document: Json, box: str, *, main: str | None) -> Entity:
    entity_id = text(attachment, "Идентификатор")
    file = attachment.get("Файл")
    name = file.get("Имя") if isinstance(file, Mapping) else None
    return Entity(
        ref=EntityRef(box=box, message_id=text(document, "Идентификатор"), entity_id=entity_id),
        parent_id=None if entity_id == main else main,
        kind=_kind(attachment),
        raw_type=str(attachment.get("Тип", "")),
        file_name=str(name or attachment.get("Название") or "") or None,
        signed_by=_signer(attachment, document, box),
    )


def _as_document(entity: Entity, document: Json, attachment: Json, status: DocumentStatus) -> Entity:
    outbound = is_outbound(document)
    return Entity(
        ref=entity.ref,
        parent_id=None,
        kind=entity.kind,
        raw_type=entity.raw_type,
        file_name=entity.file_name,
        own_id=entity.ref.message_id if outbound else None,
        function=codes.FUNCTIONS.get(str(attachment.get("Тип", ""))),
        needs_answer=status.response is not Response.NOT_NEEDED,
        created_at=created_at(document) if document.get("ДатаВремяСоздания") else None,
        signed_by=entity.signed_by,
        status=status,
    )


def _signatures(attachment: Json, document: Json, entity: Entity, box: str) -> list[Entity]:
    return [
        Entity(
            ref=EntityRef(box=box, message_id=entity.ref.message_id, entity_id=f"{entity.ref.entity_id}/{place}"),
            parent_id=entity.ref.entity_id,
            kind=EntityKind.SIGNATURE,
            raw_type="Подпись",
            signed_by=_signer(signature, document, box),
        )
        for place, signature in enumerate(items(attachment, "Подпись"))
    ]


def _signer(signed: Json, document: Json, box: str) -> str | None:
    """Направление of an attachment or a signature -> whose it is; the operator's own have none."""
    direction = signed.get("Направление")
    if direction == "Исходящий":
        return box
    return _other_box(document) if direction == "Входящий" else None


def _kind(attachment: Json) -> EntityKind:
    kind = codes.ATTACHMENTS.get(str(attachment.get("Тип", "")))
    if kind is None:
        file = attachment.get("Файл")
        name = str(file.get("Имя", "")) if isinstance(file, Mapping) else ""
        kind = next((found for prefix, found in codes.FILE_PREFIXES.items() if name.startswith(prefix)), None)
    if kind is None:
        service = attachment.get("Служебный") == "Да" or attachment.get("Тип")
        return EntityKind.UNKNOWN if service else EntityKind.NONFORMALIZED
    return kind


def _other_box(document: Json) -> str | None:
    other = document.get("Контрагент")
    return _side(other)[0].box if isinstance(other, Mapping) and ("СвЮЛ" in other or "СвФЛ" in other) else None


def _side(raw: Json, *, default: Side | None = None) -> tuple[Side, str]:
    requisites = raw.get("СвЮЛ") or raw.get("СвФЛ")
    if not isinstance(requisites, Mapping):
        if default is None:
            raise bad("an organisation without СвЮЛ and СвФЛ")
        requisites = {"ИНН": default.inn, "КПП": default.kpp}
    side = Side(
        inn=text(requisites, "ИНН"),
        kpp=str(requisites.get("КПП") or "") or None,
        participant_id=str(raw.get("ИдентификаторУчастника") or raw.get("Идентификатор") or ""),
    )
    return side, str(requisites.get("Название", ""))


def _link(signed: Json) -> str:
    file = signed.get("Файл")
    return str(file.get("Ссылка") or "") if isinstance(file, Mapping) else ""
