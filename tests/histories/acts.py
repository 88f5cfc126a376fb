"""What people of both companies do in a history. Told that it is not possible now, they go on with something else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

import signing
from edo_service.documents.rules import Route
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.answer import Answer, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.send import send_document
from edo_service.documents.use_cases.sign import accept_upload
from edo_service.documents.use_cases.upload import upload_contract, upload_upd
from edo_service.errors import Conflict, Rejected
from edo_service.exchange.tables import Annulment
from edo_service.exchange.use_cases.annul import answer_annulment, propose_annulment
from edo_service.kernel.calendar import moscow_date
from edo_service.parties.tables import Counterparty
from tests.histories.houses import Ground, Side

NOT_NOW = (Conflict, Rejected)
OPEN = ("required", "prepared", "refusal_prepared")
FINISHED = ("counter_signed", "counter_signed_with_remarks", "signed", "signed_confirmed", "not_needed")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document that the seller sends: `function` of a УПД, or None for a contract."""

    number: str
    function: str | None
    name: str
    content: bytes


def write(ground: Ground, number: int, function: str | None) -> Paper:
    """Write it; each is different."""
    if function is None:
        return Paper(
            number=f"Д-{number}", function=None, name=f"Д-{number}.pdf", content=b"%%PDF-1.7 contract %d" % number
        )
    written = ground.invoice(f"Л-{number}", function)
    return Paper(number=f"Л-{number}", function=function, name=written.file_name, content=written.content)


def send(ground: Ground, paper: Paper) -> None:
    """Upload, or find what an earlier press has uploaded; then send."""
    side = ground.seller
    actor = side.actor
    uow, objects = side.services.uow(actor.scope), side.services.objects
    with uow:
        known = uow.session.scalars(select(Document.id).where(Document.number == paper.number)).one_or_none()
        client = uow.session.scalars(select(Counterparty.id)).one()
    if known is None and paper.function is not None:
        known = upload_upd(paper.content, paper.name, actor=actor, uow=uow, objects=objects)
    elif known is None:
        known = upload_contract(
            paper.content,
            paper.name,
            number=paper.number,
            dated=moscow_date(ground.clock.now()),
            counterparty_id=client,
            total=None,
            route=Route.OPERATOR,
            actor=actor,
            uow=uow,
            objects=objects,
        )
    with suppress(*NOT_NOW):
        send_document(known, actor=actor, uow=uow)


def waiting(side: Side) -> Sequence[UUID]:
    """Documents that wait for the company's answer."""
    with side.uow() as uow:
        found = select(Document.id).where(Document.response.in_(OPEN), Document.direction == "in")
        return uow.session.scalars(found.order_by(Document.id)).all()


def answer(side: Side, document: UUID, how: str) -> None:
    """Freeze an answer, unless one is frozen, and bring the signature made elsewhere over it."""
    actor = side.actor
    uow, objects = side.services.uow(actor.scope), side.services.objects
    with suppress(*NOT_NOW):
        if _response(side, document) == "required":
            if how == "refuse":
                prepare_refusal(document, reason="Сумма не та", actor=actor, uow=uow, objects=objects)
            else:
                said = Answer() if how == "sign" else Answer(outcome="accepted_with_remarks", remark="Мята упаковка")
                prepare_answer(document, answer=said, actor=actor, uow=uow, objects=objects)
        content = objects.get(side.entity, _to_sign(side, document))
        cms = signing.sign_cades(
            content,
            key=side.signer.key,
            certificate=side.signer.certificate,
            chain=side.signer.chain,
            signing_time=side.services.clock.now(),
        )
        accept_upload(document, cms, actor=actor, uow=uow, desk=side.services.signing_desk)


def _response(side: Side, document: UUID) -> str:
    with side.uow() as uow:
        return uow.session.get_one(Document, document).response


def _to_sign(side: Side, document: UUID) -> str:
    from edo_service.documents.use_cases.sign import part_to_sign

    with side.uow() as uow:
        return part_to_sign(uow, uow.session.get_one(Document, document)).sha256


def finished(side: Side) -> Sequence[UUID]:
    """Documents that may be annulled, as far as this side sees."""
    with side.uow() as uow:
        found = select(Document.id).where(Document.response.in_(FINISHED), Document.message_ref.is_not(None))
        return uow.session.scalars(found.order_by(Document.id)).all()


def propose(side: Side, document: UUID) -> None:
    """Propose to annul a document."""
    actor = side.actor
    with suppress(*NOT_NOW):
        propose_annulment(
            document,
            reason="Выставлен дважды",
            unlock=side.unlocked,
            actor=actor,
            uow=side.services.uow(actor.scope),
            desk=side.services.signing_desk,
        )


def asked(side: Side) -> Sequence[UUID]:
    """Proposals of the other side that wait for an answer."""
    with side.uow() as uow:
        found = select(Annulment.id).where(Annulment.state == "required")
        return uow.session.scalars(found.order_by(Annulment.id)).all()


def decide(side: Side, annulment: UUID, *, consent: bool) -> None:
    """Agree to a proposal or refuse it."""
    actor = side.actor
    with suppress(*NOT_NOW):
        answer_annulment(
            annulment,
            consent=consent,
            reason="" if consent else "Документ верный",
            unlock=side.unlocked,
            actor=actor,
            uow=side.services.uow(actor.scope),
            desk=side.services.signing_desk,
        )
