"""Diadoc's JSON turned into the port's values.

Missing required fields are a BadAnswer, unknown words become UNKNOWN.
"""

import base64
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from operators.diadoc import codes
from operators.errors import BadAnswer
from operators.port import (
    Box,
    DocumentStatus,
    Entity,
    EntityKind,
    EntityRef,
    Event,
    Participant,
    PowerRef,
    Receipt,
    Relation,
    RelationChange,
    RelationEvent,
    RelationStatus,
    Response,
    Revocation,
    SenderSignature,
)

Json: TypeAlias = Mapping[str, Any]

NO_REVOCATION = "RevocationStatusNone"
EPOCH = datetime(1, 1, 1, tzinfo=UTC)


def from_ticks(ticks: int) -> datetime:
    """Turn .NET ticks (100 ns since 0001-01-01 UTC) into a datetime (microseconds)."""
    try:
        return EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError as error:
        raise _bad("a time is out of range") from error


def to_ticks(at: datetime) -> int:
    """Turn an aware datetime into .NET ticks."""
    return (at - EPOCH) // timedelta(microseconds=1) * 10


def same_id(one: str, other: str) -> bool:
    """Compare box ids: `<32 hex>@diadoc.ru`, a GUID with or without hyphens, in any case."""
    return _bare(one) == _bare(other)


def read_boxes(answer: Json) -> tuple[Box, ...]:
    """OrganizationList -> the boxes of all its organisations."""
    return tuple(
        Box(
            id=_text(box, "BoxId"),
            organization=_text(organization, "FullName"),
            inn=_text(organization, "Inn"),
            kpp=_optional(organization, "Kpp"),
            participant_id=_optional(organization, "FnsParticipantId"),
        )
        for organization in _items(answer, "Organizations")
        for box in _items(organization, "Boxes")
    )


def read_participants(answer: Json) -> tuple[Participant, ...]:
    """OrganizationList -> participants, direct and roaming."""
    return tuple(read_participant(organization) for organization in _items(answer, "Organizations"))


def read_relations(answer: Json, box: str) -> tuple[Relation, ...]:
    """CounteragentList -> relations of a box."""
    return tuple(read_relation(line, box) for line in _items(answer, "Counteragents"))


def read_relation(line: Json, box: str) -> Relation:
    """Counteragent -> relation of a box."""
    file = line.get("InvitationDocumentId")
    return Relation(
        participant=read_participant(_object(line, "Organization")),
        status=codes.RELATIONS.get(_optional(line, "CurrentStatus") or "", RelationStatus.UNKNOWN),
        changed_at=from_ticks(_number(line, "LastEventTimestampTicks")),
        text=_optional(line, "MessageFromCounteragent") or _optional(line, "MessageToCounteragent"),
        document=read_document_id(file, box) if isinstance(file, Mapping) else None,
    )


def read_owner(answer: Json, box: str) -> Participant:
    """Box with its organisation -> the participant behind that box."""
    return replace(read_participant(_object(answer, "Organization")), box=box)


def read_document_id(raw: Json, box: str) -> EntityRef:
    """DocumentId -> address as seen from a box."""
    return EntityRef(box=box, message_id=_text(raw, "MessageId"), entity_id=_text(raw, "EntityId"))


_OF_POWERS = frozenset({codes.POWER, codes.POWER_STATUS})


def read_relation_events(
    answer: Json, box: str, participant: Callable[[str], Participant]
) -> tuple[RelationEvent, ...]:
    """BoxCounteragentEventList -> events; the operator names boxes, `participant` tells who is behind one."""
    return tuple(_relation_event(line, box, participant) for line in _items(answer, "Events"))


def read_events(answer: Json, box: str) -> tuple[Event, ...]:
    """BoxEventList -> events."""
    return tuple(_event(line, box) for line in _items(answer, "Events"))


def read_entities(raw: Json, box: str) -> tuple[Entity, ...]:
    """Message or MessagePatch -> its entities, each with the box whose signature stands on it.

    A power of attorney, an attachment of its signature, and the word of its check are no parts of their own: what the
    power is stands with the signature.
    """
    message_id = _text(raw, "MessageId")
    lines = list(_items(raw, "Entities"))
    signers: dict[str, str] = {}
    for line in lines:
        parent, signer = _optional(line, "ParentEntityId"), _optional(line, "SignerBoxId")
        if line.get("EntityType") == "Signature" and parent and signer:
            signers.setdefault(parent, signer)
    about = [(_optional(line, "AttachmentType"), line) for line in lines]
    powers = {_optional(line, "ParentEntityId"): _power(line) for kind, line in about if kind == codes.POWER}
    message = EntityRef(box=box, message_id=message_id, entity_id="")
    left_out = _with_all_below(lines, {_optional(line, "EntityId") for kind, line in about if kind in _OF_POWERS})
    found = [_entity(line, message, signers) for line in lines if _optional(line, "EntityId") not in left_out]
    return tuple(replace(one, power=powers[id_]) if (id_ := one.ref.entity_id) in powers else one for one in found)


def _with_all_below(lines: Sequence[Json], ids: set[str | None]) -> set[str | None]:
    """The ids, and of what hangs on them: a power that came as a file has a signature of its own."""
    found = ids - {None}
    while True:
        below = {_optional(line, "EntityId") for line in lines if _optional(line, "ParentEntityId") in found} - found
        if not below:
            return found
        found |= below


def _power(line: Json) -> PowerRef | None:
    """Entity.PowerOfAttorneyInfo -> the power by its requisites; None when the operator does not tell them."""
    info = line.get("PowerOfAttorneyInfo")
    full = info.get("FullId") if isinstance(info, Mapping) else None
    if not isinstance(full, Mapping):
        return None
    number, issuer = _optional(full, "RegistrationNumber"), _optional(full, "IssuerInn")
    if number is None or issuer is None:
        return None
    return PowerRef(number=number, issuer_inn=issuer, representative_inn=_optional(full, "RepresentativeInn"))


def read_contents(raw: Json) -> Mapping[str, bytes]:
    """Message read with contents -> the bytes of its entities by id; those that did not come whole are left out."""
    found: dict[str, bytes] = {}
    for line in _items(raw, "Entities"):
        content = line.get("Content")
        data = _optional(content, "Data") if isinstance(content, Mapping) else None
        if not isinstance(content, Mapping) or data is None:
            continue
        try:
            decoded = base64.b64decode(data, validate=True)
        except ValueError:
            continue
        if content.get("Size") == len(decoded):
            found[_text(line, "EntityId")] = decoded
    return found


def total_count(answer: Json) -> int:
    """TotalCount of a list; absent counts as nothing more."""
    value = answer.get("TotalCount")
    return value if isinstance(value, int) else 0


def last_index_key(answer: Json, list_name: str) -> str | None:
    """IndexKey of the last line of a page; None for an empty page."""
    lines = list(_items(answer, list_name))
    return _text(lines[-1], "IndexKey") if lines else None


def message_time(raw: Json) -> datetime:
    """TimestampTicks of a Message or MessagePatch."""
    return from_ticks(_number(raw, "TimestampTicks"))


def _relation_event(line: Json, box: str, participant: Callable[[str], Participant]) -> RelationEvent:
    about = _object(line, "Counteragent")
    types = line.get("EventTypes")
    known = [codes.RELATION_CHANGES.get(str(each)) for each in types] if isinstance(types, list) else []
    return RelationEvent(
        id=_text(line, "EventId"),
        cursor=_text(line, "IndexKey"),
        at=from_ticks(_number(about, "EventTimestampTicks")),
        box=box,
        participant=participant(_text(about, "CounteragentBoxId")),
        change=next((each for each in known if each is not None), RelationChange.UNKNOWN),
        status=codes.RELATIONS.get(_optional(about, "Status") or "", RelationStatus.UNKNOWN),
        text=_optional(about, "LastEventComment"),
    )


def _event(line: Json, box: str) -> Event:
    message = line.get("Message")
    body = message if isinstance(message, Mapping) else _object(line, "Patch")
    entities = read_entities(body, box)
    return Event(
        id=_text(line, "EventId"),
        cursor=_text(line, "IndexKey"),
        at=message_time(body),
        box=box,
        message_id=_text(body, "MessageId"),
        from_box=_optional(body, "FromBoxId"),
        to_box=_optional(body, "ToBoxId"),
        entities=entities + _notices(body, box, told={entity.kind for entity in entities}),
    )


def _notices(body: Json, box: str, *, told: Container[EntityKind]) -> tuple[Entity, ...]:
    """What a patch says without an entity: delivered, not delivered."""
    notices: tuple[tuple[str, EntityKind], ...] = (
        ("MessageIsDelivered", EntityKind.DELIVERED),
        ("NotDeliveredEventId", EntityKind.DELIVERY_FAILED),
    )
    return tuple(
        Entity(
            ref=EntityRef(box=box, message_id=_text(body, "MessageId"), entity_id=_text(body, "PatchId")),
            parent_id=None,
            kind=kind,
            raw_type=name,
            created_at=message_time(body),
        )
        for name, kind in notices
        if body.get(name) and "PatchId" in body and kind not in told
    )


def _entity(line: Json, message: EntityRef, signers: Mapping[str, str]) -> Entity:
    entity_id = _text(line, "EntityId")
    entity_type = _optional(line, "EntityType") or "UnknownEntityType"
    attachment = _optional(line, "AttachmentType") or "UnknownAttachmentType"
    kind, raw_type = EntityKind.UNKNOWN, f"{entity_type}/{attachment}"
    if entity_type == "Signature":
        kind, raw_type = EntityKind.SIGNATURE, entity_type
    elif entity_type == "Attachment":
        raw_type = attachment
        kind = codes.ATTACHMENTS.get(attachment, EntityKind.UNKNOWN)
        if attachment == codes.ANY_TITLE:
            kind = EntityKind.BUYER_TITLE if _optional(line, "ParentEntityId") else EntityKind.TITLE
    universal = line.get("UniversalMessageInfo")
    universal = universal if isinstance(universal, Mapping) else {}
    if attachment == codes.UNIVERSAL_MESSAGE:
        kind = codes.CODE_GROUPS.get(_optional(universal, "CodeGroup") or "", EntityKind.UNKNOWN)
    document = line.get("DocumentInfo")
    status = _status(document) if isinstance(document, Mapping) else None
    created = line.get("RawCreationDate")
    size = line["Content"].get("Size") if isinstance(line.get("Content"), Mapping) else None
    return Entity(
        ref=EntityRef(box=message.box, message_id=message.message_id, entity_id=entity_id),
        parent_id=_optional(line, "ParentEntityId"),
        kind=kind,
        raw_type=raw_type,
        file_name=_optional(line, "FileName"),
        own_id=_optional(document, "CustomDocumentId") if isinstance(document, Mapping) else None,
        function=_optional(document, "Function") if isinstance(document, Mapping) else None,
        needs_answer=_needs_answer(line, status),
        created_at=from_ticks(created) if isinstance(created, int) and created > 0 else None,
        signed_by=_optional(line, "SignerBoxId")
        if kind is EntityKind.SIGNATURE
        else signers.get(entity_id) or _creator(universal),
        size=size if isinstance(size, int) else None,
        status=status,
    )


def _creator(universal: Json) -> str | None:
    """Who sent a universal message, which nobody signs."""
    creator = universal.get("UniversalMessageCreator")
    return _optional(creator, "BoxId") if isinstance(creator, Mapping) else None


def _needs_answer(line: Json, status: DocumentStatus | None) -> bool:
    if line.get("NeedRecipientSignature") is True:
        return True
    return status is not None and status.response not in {Response.NOT_NEEDED, Response.UNKNOWN}


def _status(document: Json) -> DocumentStatus:
    receipt = document.get("RecipientReceiptMetadata")
    flow = document.get("DocflowStatus")
    primary = flow.get("PrimaryStatus") if isinstance(flow, Mapping) else None
    delivered = document.get("DeliveryTimestampTicks")
    return DocumentStatus(
        sender_signature=codes.SENDER_SIGNATURES.get(
            _optional(document, "SenderSignatureStatus") or "", SenderSignature.UNKNOWN
        ),
        response=codes.RESPONSES.get(_optional(document, "RecipientResponseStatus") or "", Response.UNKNOWN),
        receipt=codes.RECEIPTS.get(
            (_optional(receipt, "ReceiptStatus") or "") if isinstance(receipt, Mapping) else "", Receipt.UNKNOWN
        ),
        delivered_at=from_ticks(delivered) if isinstance(delivered, int) and delivered > 0 else None,
        text=(_optional(primary, "StatusText") or "") if isinstance(primary, Mapping) else "",
        revocation=codes.REVOCATIONS.get(_optional(document, "RevocationStatus") or NO_REVOCATION, Revocation.UNKNOWN),
        roaming_failure=_roaming_failure(document),
    )


def _roaming_failure(document: Json) -> str | None:
    if document.get("RoamingNotificationStatus") != "RoamingNotificationStatusError":
        return None
    return _optional(document, "RoamingNotificationStatusDescription") or "RoamingNotificationStatusError"


def read_participant(organization: Json) -> Participant:
    """Organization -> participant."""
    box = next(iter(_items(organization, "Boxes")), None)
    participant_id = _optional(organization, "FnsParticipantId")
    return Participant(
        operator_code=participant_id[:3] if participant_id else codes.OPERATOR_CODE,
        participant_id=participant_id,
        inn=_text(organization, "Inn"),
        kpp=_optional(organization, "Kpp"),
        name=_text(organization, "FullName"),
        box=_text(box, "BoxId") if box is not None else None,
        is_roaming=organization.get("IsRoaming") is True,
        is_active=organization.get("IsActive") is not False,
    )


def _bare(box: str) -> str:
    return box.split("@", 1)[0].replace("-", "").lower()


def _text(raw: Json, name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise _bad(f"{name} is absent or not a string")
    return value


def _optional(raw: Json, name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) and value else None


def _number(raw: Json, name: str) -> int:
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _bad(f"{name} is absent or not a number")
    return value


def _object(raw: Json, name: str) -> Json:
    value = raw.get(name)
    if not isinstance(value, Mapping):
        raise _bad(f"{name} is absent or not an object")
    return value


def _items(raw: Json, name: str) -> Iterable[Json]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(line, Mapping) for line in value):
        raise _bad(f"{name} is not a list of objects")
    return value


def _bad(what: str) -> BadAnswer:
    return BadAnswer(what, operator=codes.OPERATOR_CODE)
