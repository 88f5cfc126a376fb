"""A docflow in the port's words: entities, the document's status, events.

A signature has no id of its own on the wire: its entity id is `<document>/<place>`. A bare signature (переподпись) is a
document without a file: it becomes a SIGNATURE on what it answers.
"""

import uuid
from datetime import datetime

from operators.port import (
    DocumentStatus,
    Entity,
    EntityKind,
    EntityRef,
    Event,
    Receipt,
    Response,
    Revocation,
    SenderSignature,
)
from operators.taxcom import codes, layout
from operators.taxcom.container import Docflow, Part, Row

NAMESPACE = uuid.UUID("0d0f2f5e-6f0b-5a3c-8c0f-7b1f9a5d2a10")
WITH_RECEIPT = frozenset({"СЧФ", "СЧФДОП"})
FAILURE = "#failed"
DELIVERY = "#delivered"


def entities(docflow: Docflow, box: str) -> tuple[Entity, ...]:
    """Every document with its signatures, in the order of the docflow."""
    found: list[Entity] = []
    for part in docflow.parts:
        found += part_entities(docflow, part, box)
    return tuple(found)


def part_entities(docflow: Docflow, part: Part, box: str) -> tuple[Entity, ...]:
    """A document and the signatures that came with it."""
    signatures = tuple(
        _signature(docflow, part, place, box, parent=_parent_id(docflow, part) if part.is_bare else part.id)
        for place in range(len(part.signatures))
    )
    return signatures if part.is_bare else (_document(docflow, part, box), *signatures)


def event(row: Row, docflow: Docflow | None, box: str, cursor: str) -> Event:
    """A line of the list. Without its docflow (it could not be read) the line says only that something came."""
    part = None if docflow is None else docflow.part(row.document)
    if not row.transaction:
        found: tuple[Entity, ...] = (_failure(row, box),)
    elif docflow is None or part is None:
        found = (_unreadable(row, box),)
    else:
        found = part_entities(docflow, part, box)
        if part is docflow.main and row.outgoing and row.result == layout.COMPLETED:
            found += (_notice(row, box, EntityKind.DELIVERED, DELIVERY, row.result),)
    sender, receiver = sides(docflow, box)
    return Event(
        id=str(uuid.uuid5(NAMESPACE, f"{box}/{row.key}")),
        cursor=cursor,
        at=row.at,
        box=box,
        message_id=row.docflow,
        from_box=sender,
        to_box=receiver,
        entities=found,
    )


def sides(docflow: Docflow | None, box: str) -> tuple[str | None, str | None]:
    """Sender's and receiver's box of a docflow, as its main card says; None where nothing says it."""
    main = None if docflow is None else docflow.main
    if main is None:
        return None, None
    sender, receiver = main.card.sender, main.card.receiver
    return (box, receiver) if main.outgoing else (sender, box)


def status_of(docflow: Docflow, main: Part) -> DocumentStatus:
    """The axes of the document's life, from what lies in the docflow and the operator's word for it."""
    broken = docflow.error == codes.SIGNATURES_FAILED
    delivered = not main.outgoing or main.result == layout.COMPLETED
    words = codes.STATUSES.get(docflow.status, docflow.status)
    error = docflow.error_text or codes.ERROR_TYPES.get(docflow.error, "")
    return DocumentStatus(
        sender_signature=SenderSignature.INVALID if broken else SenderSignature.UNKNOWN,
        response=_response(docflow, main),
        receipt=_receipt(docflow, main),
        delivered_at=docflow.changed_at if delivered else None,
        text=f"{words}: {error}" if error else words,
        revocation=_revocation(docflow),
        roaming_failure=(error or docflow.error) if docflow.error == codes.SENDING_FAILED else None,
    )


def made_at(docflow: Docflow, part: Part) -> datetime | None:
    """When a document of ours was made: the date of its own card."""
    return part.card.at or docflow.changed_at


def _document(docflow: Docflow, part: Part, box: str) -> Entity:
    is_main = part is docflow.main
    return Entity(
        ref=EntityRef(box=box, message_id=docflow.id, entity_id=part.id),
        parent_id=_parent_id(docflow, part),
        kind=part.kind,
        raw_type=part.transaction or part.type_name,
        file_name=None if part.file is None else part.file.name,
        own_id=part.external_id if is_main and part.outgoing else None,
        function=layout.FUNCTIONS.get(part.type_name) if is_main else None,
        needs_answer=is_main and part.needs_answer,
        created_at=part.card.at if is_main else None,
        signed_by=_signer(docflow, part, box),
        size=None if part.file is None else len(part.file.content),
        status=status_of(docflow, part) if is_main else None,
    )


def _signature(docflow: Docflow, part: Part, place: int, box: str, *, parent: str | None) -> Entity:
    return Entity(
        ref=EntityRef(box=box, message_id=docflow.id, entity_id=f"{part.id}/{place}"),
        parent_id=parent,
        kind=EntityKind.SIGNATURE,
        raw_type=part.transaction,
        signed_by=_signer(docflow, part, box),
        size=len(part.signatures[place]),
    )


def _signer(docflow: Docflow, part: Part, box: str) -> str | None:
    """Whose document it is; the operator's own have none."""
    if part.kind is EntityKind.CONFIRMATION:
        return None
    if part.outgoing:
        return box
    sender, receiver = sides(docflow, box)
    return sender if receiver == box else receiver


def _parent_id(docflow: Docflow, part: Part) -> str | None:
    parent = docflow.parent_of(part)
    return None if parent is None else parent.id


def _response(docflow: Docflow, main: Part) -> Response:
    if docflow.status == codes.NOT_ACCEPTED:
        return Response.REJECTED
    answers = [each for each in docflow.parts if docflow.parent_of(each) is main]
    kinds = {each.kind: each for each in answers}
    if EntityKind.REJECTION in kinds:
        return Response.REJECTED
    answer = kinds.get(EntityKind.BUYER_TITLE) or kinds.get(EntityKind.SIGNATURE)
    if answer is None:
        return Response.WAITING if main.needs_answer else Response.NOT_NEEDED
    if answer.result == layout.FAILED:
        return Response.INVALID_SIGNATURE
    return Response.SIGNED_PARTIALLY if docflow.status == codes.DIVERGENCES else Response.SIGNED


def _receipt(docflow: Docflow, main: Part) -> Receipt:
    given = any(each.kind is EntityKind.RECEIPT and docflow.parent_of(each) is main for each in docflow.parts)
    if given:
        return Receipt.FINISHED
    if layout.FUNCTIONS.get(main.type_name) not in WITH_RECEIPT:
        return Receipt.NOT_NEEDED
    return Receipt.WAITING if main.outgoing else Receipt.TO_BE_SENT


def _revocation(docflow: Docflow) -> Revocation:
    if docflow.status == codes.CANCELLED:
        return Revocation.ACCEPTED
    offers = [each for each in docflow.parts if each.kind is EntityKind.REVOCATION]
    if not offers:
        return Revocation.UNKNOWN if docflow.status == codes.WAITING_FOR_CANCELLATION else Revocation.NONE
    answers = {each.kind for each in docflow.parts if docflow.parent_of(each) is offers[-1]}
    if EntityKind.SIGNATURE in answers:
        return Revocation.ACCEPTED
    if EntityKind.REJECTION in answers:
        return Revocation.REFUSED
    return Revocation.PROPOSED_BY_ME if offers[-1].outgoing else Revocation.PROPOSED_TO_ME


def _failure(row: Row, box: str) -> Entity:
    return _notice(row, box, EntityKind.DELIVERY_FAILED, FAILURE, row.error or row.status)


def _unreadable(row: Row, box: str) -> Entity:
    return _notice(row, box, EntityKind.UNKNOWN, row.document, row.transaction)


def _notice(row: Row, box: str, kind: EntityKind, entity_id: str, raw: str) -> Entity:
    ref = EntityRef(box=box, message_id=row.docflow, entity_id=entity_id)
    return Entity(ref=ref, parent_id=None, kind=kind, raw_type=raw, created_at=row.at)
