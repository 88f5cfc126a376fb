"""Message, MessagePatch, Entity, BoxEvent in Diadoc's JSON, as one box sees them."""

import base64
import sqlite3
import uuid
from collections.abc import Container, Mapping, Sequence
from typing import Any, TypeAlias

from operators.port import PowerRef
from operators.sandbox.diadoc.documents import document
from operators.sandbox.diadoc.drafts import universal_group
from operators.sandbox.diadoc.organisations import box_id
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.files import universal_codes
from operators.sandbox.exchange.ledger import OPERATOR_BOX
from operators.sandbox.exchange.model import PROPOSAL, UNIVERSAL, Document, Entity, FeedLine, Message

Json: TypeAlias = Mapping[str, Any]

POWERS = uuid.UUID("0b8d1c3a-6f0e-5d0b-9a57-7f4f2f3c1d77")
"""Namespace (RFC 9562, 5.5) of the ids of powers: each is made from the id of its signature."""
INJECT_LIMIT = 1024 * 1024


def message(
    connection: sqlite3.Connection,
    stored: Message,
    *,
    box: str,
    only: Container[str] | None = None,
    inject: bool = False,
) -> Json:
    """Message with the entities that the box may see.

    `only` narrows them to these ids, `inject` adds contents up to 1 MiB.
    """
    return {
        "MessageId": stored.id,
        "TimestampTicks": stored.created_at,
        "LastPatchTimestampTicks": stored.touched_at,
        "FromBoxId": box_id(stored.from_box),
        "FromTitle": rows.organisation(connection, stored.from_box).name,
        "ToBoxId": box_id(stored.to_box),
        "ToTitle": rows.organisation(connection, stored.to_box).name,
        "Entities": _entities(connection, stored, box=box, only=only, inject=inject),
        "IsDraft": False,
        "IsDeleted": False,
        "IsTest": False,
        "IsInternal": False,
        "IsProxified": False,
        "PacketIsLocked": False,
        "LockMode": "None",
        "MessageType": "Letter",
        "IsReusable": False,
    }


def patch(connection: sqlite3.Connection, line: FeedLine, *, box: str) -> Json:
    """MessagePatch of a line of the feed."""
    stored = rows.message(connection, line.message_id)
    value: dict[str, Any] = {
        "MessageId": line.message_id,
        "TimestampTicks": line.at,
        "Entities": _entities(connection, stored, box=box, only=line.entity_ids, inject=False),
        "ForDraft": False,
        "MessageIsDeleted": False,
        "EntityPatches": [],
        "MessageIsRestored": False,
        "MessageIsDelivered": line.delivered,
        "PatchId": line.patch_id,
        "MessageType": "Letter",
    }
    if line.delivered:
        value["DeliveredPatchId"] = line.message_id
    if line.failed:
        value["NotDeliveredEventId"] = line.message_id
    return value


def posted_patch(connection: sqlite3.Connection, patch_id: str, *, box: str) -> Json:
    """MessagePatch that a request has just made."""
    row = connection.execute("select * from event where box = ? and id = ?", (box, patch_id)).fetchone()
    return patch(connection, rows.feed_line(row), box=box)


def event_list(connection: sqlite3.Connection, lines: Sequence[FeedLine], total: int, *, box: str) -> Json:
    """BoxEventList; `total` counts from the page's first line to the end."""
    return {
        "Events": [_event(connection, line, box=box) for line in lines],
        "TotalCount": total,
        "TotalCountType": "Equal",
    }


def document_info(connection: sqlite3.Connection, stored: Message, found: Document, *, box: str) -> Json:
    """Document alone."""
    return document(found, stored, rows.entity(connection, stored.id, found.entity_id), box=box)


def _event(connection: sqlite3.Connection, line: FeedLine, *, box: str) -> Json:
    value: dict[str, Any] = {"EventId": line.id, "IndexKey": line.index_key}
    if line.patch_id is None:
        stored = rows.message(connection, line.message_id)
        value["Message"] = message(connection, stored, box=box, only=line.entity_ids)
    else:
        value["Patch"] = patch(connection, line, box=box)
    return value


def _entities(
    connection: sqlite3.Connection, stored: Message, *, box: str, only: Container[str] | None, inject: bool
) -> list[Json]:
    documents = {each.entity_id: each for each in rows.documents(connection, stored.id)}
    parts = rows.entities(connection, stored.id)
    shown = [
        each
        for each in parts
        if (only is None or each.id in only)
        and (each.seen_by_sender if box == stored.from_box else each.seen_by_recipient)
    ]
    powers = rows.powers(connection, stored.id)
    return [
        *(_entity(each, documents.get(each.id), stored, parts, box=box, inject=inject) for each in shown),
        *(_power(each, powers[each.id]) for each in shown if each.id in powers),
    ]


def _power(signature: Entity, power: PowerRef) -> Json:
    """The attachment of a signature that names the power behind it; its bytes are the register's."""
    full = {"RegistrationNumber": power.number, "IssuerInn": power.issuer_inn}
    if power.representative_inn is not None:
        full["RepresentativeInn"] = power.representative_inn
    return {
        "EntityType": "Attachment",
        "EntityId": str(uuid.uuid5(POWERS, signature.id)),
        "ParentEntityId": signature.id,
        "AttachmentType": "PowerOfAttorney",
        "Content": {"Size": 0},
        "NeedRecipientSignature": False,
        "NeedReceipt": False,
        "RawCreationDate": signature.created_at,
        "IsApprovementSignature": False,
        "IsEncryptedContent": False,
        "Labels": [],
        "PowerOfAttorneyInfo": {"FullId": full, "SendingType": "Metadata"},
    }


def _universal(each: Entity) -> Json:
    codes = universal_codes(each.content)
    return {
        "CodeGroup": universal_group(codes),
        "Events": [{"StatusCode": int(code)} for code in codes if code.isdecimal() and len(code) < 10],
        "UniversalMessageCreator": {"BoxId": box_id(each.signer_box or OPERATOR_BOX), "DepartmentId": OPERATOR_BOX},
        "IsOutOfWorkflow": False,
    }


def _signer_of(file: Entity, parts: Sequence[Entity]) -> str:
    signers = [each.signer_box for each in parts if each.parent_id == file.id and each.type == "Signature"]
    return signers[0] or OPERATOR_BOX


def _entity(
    each: Entity, found: Document | None, stored: Message, parts: Sequence[Entity], *, box: str, inject: bool
) -> Json:
    content: dict[str, Any] = {"Size": len(each.content)}
    if inject and len(each.content) <= INJECT_LIMIT:
        content["Data"] = base64.b64encode(each.content).decode("ascii")
    value: dict[str, Any] = {
        "EntityType": each.type,
        "EntityId": each.id,
        "Content": content,
        "AttachmentType": each.attachment_type,
        "NeedRecipientSignature": each.need_signature,
        "NeedReceipt": each.need_receipt,
        "RawCreationDate": each.created_at,
        "IsApprovementSignature": False,
        "IsEncryptedContent": False,
        "Labels": [],
    }
    if each.parent_id is not None:
        value["ParentEntityId"] = each.parent_id
    if each.file_name is not None:
        value["FileName"] = each.file_name
    if each.attachment_type == UNIVERSAL:
        value["UniversalMessageInfo"] = _universal(each)
    elif each.attachment_type == PROPOSAL:
        value["RevocationRequestInfo"] = {"InitiatorBoxId": box_id(_signer_of(each, parts))}
    elif each.signer_box is not None:
        value["SignerBoxId"] = box_id(each.signer_box)
    if found is not None:
        value["DocumentInfo"] = document(found, stored, each, box=box)
        value["Version"] = found.version
    return value
