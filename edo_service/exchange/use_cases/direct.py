"""The direct route: both parties have accounts here, so delivery is one transaction that writes both parties' rows.

It runs under the SystemScope `documents.direct` (the only place that writes for two entities at once); the bytes are put
on the other party's shelf before the transaction.
"""

from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import queries as accounts
from edo_service.documents import letters, recording
from edo_service.documents.rules import (
    DeliveryEvent,
    Direction,
    Kind,
    Origin,
    ResponseEvent,
    Role,
    Route,
    initial_lives,
)
from edo_service.documents.tables import Document, Part, Signature
from edo_service.errors import NotFound
from edo_service.exchange.rules import Terms
from edo_service.kernel import faults
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork


def deliver_directly(signature_id: UUID, *, terms: Terms, actor: Actor, uow: UnitOfWork, objects: ObjectStore) -> None:
    """Carry a signed file to the other party's row: the contract to the recipient, her answer back to the sender.

    `uow` is opened under SystemScope `documents.direct`. Repeating changes nothing.
    """
    with uow:
        signature, part, document = _read(uow, signature_id)
        owner, peer, shas = document.owner_id, document.peer_entity_id, _bytes_of(signature, part)
    if peer is None:
        raise NotFound("exchange.no_peer", id=str(signature_id))
    for sha256 in shas:
        objects.put(objects.get(owner, sha256), owner=peer)
    faults.reach("documents.direct")
    with uow:
        signature, part, document = _read(uow, signature_id)
        if document.direction == Direction.OUT.value:
            _send(uow, document, part, signature, terms=terms, actor=actor)
        else:
            _answer(uow, document, part, signature, actor=actor)
        uow.commit()


def _read(uow: UnitOfWork, signature_id: UUID) -> tuple[Signature, Part, Document]:
    signature = uow.session.scalars(select(Signature).where(Signature.id == signature_id)).one_or_none()
    if signature is None:
        raise NotFound("document.signature_absent", id=str(signature_id))
    return (
        signature,
        uow.session.get_one(Part, signature.part_id),
        uow.session.get_one(Document, signature.document_id),
    )


def _bytes_of(signature: Signature, part: Part) -> list[str]:
    evidence = signature.evidence or {}
    return [part.sha256, *filter(None, [signature.sha256]), *(sha for shas in evidence.values() for sha in shas)]


def _send(uow: UnitOfWork, document: Document, part: Part, signature: Signature, *, terms: Terms, actor: Actor) -> None:
    if document.peer_document_id is not None:
        return
    incoming = _incoming(uow, document, terms)
    copy = recording.add_part(
        uow,
        incoming,
        role=Role(part.role),
        origin=Origin.COUNTERPARTY,
        file_name=part.file_name,
        media_type=part.media_type,
        sha256=part.sha256,
        size=part.size,
    )
    uow.session.add(_copied(uow, signature, copy))
    recording.move(uow, document, "delivery", DeliveryEvent.CALL, actor=actor)
    recording.move(uow, document, "delivery", DeliveryEvent.DELIVER, actor=actor)
    document.peer_document_id, document.sent_at, document.trouble = incoming.id, uow.clock.now(), None
    for row in (document, incoming):
        _journal(uow, row, "exchange.delivered_directly", part, actor=actor)


def _incoming(uow: UnitOfWork, document: Document, terms: Terms) -> Document:
    sender = accounts.entity(uow, document.owner_id)
    now = uow.clock.now()
    lives = initial_lives(
        direction=Direction.IN, kind=Kind(document.kind), route=Route.DIRECT, function=document.function
    )
    row = Document(
        owner_id=document.peer_entity_id,
        direction=Direction.IN.value,
        route=Route.DIRECT.value,
        kind=document.kind,
        function=document.function,
        format_version=document.format_version,
        number=document.number,
        dated=document.dated,
        title=document.title,
        total=document.total,
        vat=document.vat,
        currency=document.currency,
        content_sha256=document.content_sha256,
        facts=document.facts,
        counterparty_name=sender.name,
        counterparty_inn=sender.inn,
        counterparty_kpp=sender.kpp,
        peer_entity_id=document.owner_id,
        peer_document_id=document.id,
        search=f"{document.title} {sender.name} {sender.inn}",
        created_at=now,
        arrived_at=now,
        answer_due=terms.answer_due(moscow_date(now)) if lives["response"] == "required" else None,
        **lives,
    )
    uow.session.add(row)
    uow.session.flush()
    letters.promise_letters(uow, row)
    return row


def _answer(uow: UnitOfWork, document: Document, part: Part, signature: Signature, *, actor: Actor) -> None:
    sender = uow.session.get_one(Document, document.peer_document_id)
    if sender.response != "expected":
        return
    refusing = part.role == Role.REJECTION.value
    if refusing:
        target = recording.add_part(
            uow,
            sender,
            role=Role.REJECTION,
            origin=Origin.COUNTERPARTY,
            file_name=part.file_name,
            media_type=part.media_type,
            sha256=part.sha256,
            size=part.size,
            parent=recording.main_part(uow, sender),
        )
        sender.refusal_reason = document.refusal_reason
    else:
        target = recording.main_part(uow, sender)
    uow.session.add(_copied(uow, signature, target))
    uow.session.flush()
    arrived = ResponseEvent.ARRIVE_REFUSAL if refusing else ResponseEvent.ARRIVE
    recording.move(uow, sender, "response", arrived, actor=actor)
    recording.move(uow, document, "response", ResponseEvent.SEND, actor=actor)
    sender.answered_at = uow.clock.now()
    for row in (sender, document):
        _journal(uow, row, "exchange.answered_directly", part, actor=actor)
        recording.finish_if_complete(uow, row, actor=actor)


def _copied(uow: UnitOfWork, signature: Signature, part: Part) -> Signature:
    return Signature(
        owner_id=part.owner_id,
        document_id=part.document_id,
        part_id=part.id,
        origin=Origin.COUNTERPARTY.value,
        state="received",
        means="received",
        sha256=signature.sha256,
        signer_name=signature.signer_name,
        signer_organization=signature.signer_organization,
        signer_inn=signature.signer_inn,
        certificate_sha256=signature.certificate_sha256,
        level=signature.level,
        indication=signature.indication,
        sub_indication=signature.sub_indication,
        verdict=signature.verdict,
        evidence=signature.evidence,
        signed_at=signature.signed_at,
        proved_at=signature.proved_at,
        judged_at=signature.judged_at,
        created_at=uow.clock.now(),
    )


def _journal(uow: UnitOfWork, document: Document, event: str, part: Part, *, actor: Actor) -> None:
    uow.journal.write(
        event,
        owner_id=document.owner_id,
        subject=f"document:{document.id}",
        actor=actor,
        role=part.role,
        sha256=part.sha256,
    )
