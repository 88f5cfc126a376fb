"""What people of both companies do in a history. Told that it is not possible now, they go on with something else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from sqlalchemy import select

import signing
from edo_service import formats
from edo_service.documents.rules import Kind, Route
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.answer import Answer, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.clarify import may_ask, prepare_request
from edo_service.documents.use_cases.send import send_document
from edo_service.documents.use_cases.sign import accept_upload
from edo_service.documents.use_cases.upload import upload_contract, upload_upd
from edo_service.errors import Conflict, Rejected
from edo_service.exchange.tables import Annulment
from edo_service.exchange.use_cases.annul import answer_annulment, propose_annulment
from edo_service.exchange.use_cases.capabilities import carries_requests
from edo_service.exchange.use_cases.queue import retry_now
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.parties.tables import Counterparty
from tests.exchange.roads import corrected
from tests.histories.houses import Ground, Side

NOT_NOW = (Conflict, Rejected)
TAKEN = ("accepted", "sent", "delivered")
OPEN = ("required", "prepared", "refusal_prepared")
FINISHED = ("counter_signed", "counter_signed_with_remarks", "signed", "signed_confirmed", "not_needed")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document that the seller sends: `function` of a УПД, or None for a contract; a `correction` counts from one."""

    number: str
    function: str | None
    name: str
    content: bytes
    correction: int = 0

    @property
    def sha256(self) -> str:
        """How the sides and the operators know the document."""
        return hashlib.sha256(self.content).hexdigest()


def write(ground: Ground, number: int, function: str | None) -> Paper:
    """Write it; each is different."""
    if function is None:
        return Paper(
            number=f"Д-{number}", function=None, name=f"Д-{number}.pdf", content=b"%%PDF-1.7 contract %d" % number
        )
    written = ground.invoice(f"Л-{number}", function)
    return Paper(number=f"Л-{number}", function=function, name=written.file_name, content=written.content)


def correct(paper: Paper) -> Paper:
    """Write a УПД anew: its исправление."""
    number, before = paper.correction + 1, formats.WrittenFile(file_name=paper.name, content=paper.content)
    written = corrected(before, number=number)
    return replace(paper, name=written.file_name, content=written.content, correction=number)


def correctable(side: Side) -> Sequence[str]:
    """УПД that the seller has sent and not corrected yet, by the SHA-256 of their files."""
    with side.uow() as uow:
        done = select(Document.corrects_id).where(Document.corrects_id.is_not(None))
        found = select(Document.content_sha256).where(
            Document.direction == "out",
            Document.kind == Kind.UPD.value,
            Document.delivery.in_(TAKEN),
            Document.id.not_in(done),
        )
        return uow.session.scalars(found.order_by(Document.id)).all()


def send(ground: Ground, paper: Paper) -> None:
    """Upload, or find what an earlier press has uploaded; then send."""
    side = ground.seller
    actor = side.actor
    uow, objects = side.services.uow(actor.scope), side.services.objects
    with uow:
        known = uow.session.scalars(select(Document.id).where(Document.content_sha256 == paper.sha256)).one_or_none()
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
        _sign(side, document)


def _sign(side: Side, document: UUID) -> None:
    """Bring the signature made elsewhere over what is frozen."""
    actor, services = side.actor, side.services
    content = services.objects.get(side.entity, _to_sign(side, document))
    cms = signing.sign_cades(
        content,
        key=side.signer.key,
        certificate=side.signer.certificate,
        chain=side.signer.chain,
        signing_time=services.clock.now(),
    )
    accept_upload(document, cms, actor=actor, uow=services.uow(actor.scope), desk=services.signing_desk)


def askable(side: Side) -> Sequence[UUID]:
    """Documents of which the buyer may ask a correction, or has frozen a request and not signed it."""
    with side.uow() as uow:
        rows = uow.session.scalars(select(Document).order_by(Document.id)).all()
        return [row.id for row in rows if may_ask(row) or row.correction == "prepared"]


def ask(side: Side, document: UUID) -> None:
    """Freeze a request for a correction, unless one is frozen, and sign it. Not every operator carries it."""
    actor, services = side.actor, side.services
    uow = services.uow(actor.scope)
    with uow:
        frozen = uow.session.get_one(Document, document).correction == "prepared"
    with suppress(*NOT_NOW):
        if not frozen:
            prepare_request(
                document,
                text="Цена другая",
                actor=actor,
                uow=uow,
                objects=services.objects,
                carries=partial(carries_requests, operators=services.operator),
            )
        _sign(side, document)


def retry(side: Side, job: UUID) -> None:
    """Let what failed run again, as the person does who looks after the queue."""
    actor = Actor.automatic("demo", side.entity)
    retry_now(job, actor=actor, uow=side.services.uow(actor.scope))


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
