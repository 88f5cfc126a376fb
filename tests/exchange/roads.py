"""The house at any of the three operators, with hands that do not care who sells: what the matrix of roads is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

import signing
from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR, OPERATOR_CLIENT, OPERATOR_LOGIN, DemoCompany
from edo_service.demo.invoice import demo_upd
from edo_service.demo.side_servers import SandboxOf
from edo_service.documents import queries as documents
from edo_service.documents.queries import Card, Line, Wish
from edo_service.documents.rules import Route
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.answer import Answer, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.clarify import prepare_request
from edo_service.documents.use_cases.send import send_document
from edo_service.documents.use_cases.sign import accept_upload
from edo_service.documents.use_cases.upload import upload_contract, upload_upd
from edo_service.exchange.accounts import card
from edo_service.exchange.tables import Annulment, OperatorAccount
from edo_service.exchange.use_cases.annul import answer_annulment, propose_annulment
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.formats.upd import Correction
from edo_service.kernel.actor import Actor
from edo_service.keys.queries import UnlockedKey
from edo_service.keys.rules import Purpose
from edo_service.keys.use_cases import NewKey
from edo_service.parties import queries as parties
from edo_service.parties.tables import Counterparty, OwnBox
from operators import port
from tests.fixtures.road import House, MakeHouse

PASSWORD = "demo"


def box_at(operator: str, company: DemoCompany) -> str:
    """How that operator calls the company's box."""
    if operator == "saby":
        return f"{company.inn}-{company.kpp}@{company.participant_id}"
    return company.participant_id if operator == "taxcom" else company.box


def corrected(written: formats.WrittenFile, *, number: int = 1) -> formats.WrittenFile:
    """The same УПД anew as an исправление of that file."""
    upd = formats.read_upd_seller(written.content)
    file_id = formats.upd_seller_file_id(
        recipient_id=upd.recipient_id or "", sender_id=upd.sender_id or "", day=upd.date, guid=uuid4()
    )
    named = Correction(number=number, date=upd.date)
    return formats.write_upd_seller(replace(upd, file_id=file_id, correction=named, corrected_seller_file=upd.file_id))


def move(house: House, operator: SandboxOf) -> None:
    """Let everybody of the ready house stand at another operator: accounts, boxes, counterparties."""
    boxes = {one.participant_id: box_at(operator, one) for one in (LESSOR, CLIENT_ONE)}
    secrets, uow = house.services.secrets, house.services.system_uow("exchange.poll")
    with uow:
        for account in uow.session.scalars(select(OperatorAccount)).all():
            if account.participant_id not in boxes:
                uow.session.delete(account)
                continue
            account.operator, account.box, account.cursor = operator, boxes[account.participant_id], None
            account.login = account.participant_id if operator == "taxcom" else OPERATOR_LOGIN
            account.client_id = {"taxcom": "COMPANY_demo", "saby": ""}.get(operator, OPERATOR_CLIENT)
            account.sealed_password = secrets.seal(PASSWORD.encode(), seal_context(account.owner_id, operator))
        own: list[OwnBox | Counterparty] = [*uow.session.scalars(select(OwnBox))]
        for row in (*own, *uow.session.scalars(select(Counterparty))):
            if row.participant_id in boxes:
                row.operator, row.box = operator, boxes[row.participant_id]
        uow.commit()


@dataclass(frozen=True, kw_only=True)
class Hands:
    """One company of the road and what its people do there."""

    house: House
    company: DemoCompany

    @property
    def actor(self) -> Actor:
        return self.house.actor(self.company.people[0])

    def card(self, document: UUID) -> Card:
        return documents.card(document, uow=self.house.uow(self.actor))

    def all(self) -> list[Line]:
        return list(documents.list_documents(Wish(limit=100), uow=self.house.uow(self.actor)).lines)

    def upload(self, written: formats.WrittenFile) -> UUID:
        objects, actor = self.house.services.objects, self.actor
        return upload_upd(written.content, written.file_name, actor=actor, uow=self.house.uow(actor), objects=objects)

    def agree(self, content: bytes, other: DemoCompany) -> UUID:
        """Upload an agreed file for the other company, to go through the operator."""
        actor = self.actor
        uow = self.house.uow(actor)
        with uow:
            them = parties.counterparty_by_participant(uow, other.participant_id)
        assert them is not None
        return upload_contract(
            content,
            "Договор.pdf",
            number="Д-1",
            dated=self.house.clock.now().date(),
            counterparty_id=them.id,
            total=None,
            route=Route.OPERATOR,
            actor=actor,
            uow=uow,
            objects=self.house.services.objects,
        )

    def send(self, document: UUID) -> None:
        send_document(document, actor=self.actor, uow=self.house.uow(self.actor))

    def accept(self, document: UUID) -> None:
        """Freeze the answer and sign it elsewhere."""
        self._sign(document, prepare_answer(document, answer=Answer(), **self._ports))

    def refuse(self, document: UUID, reason: str) -> None:
        self._sign(document, prepare_refusal(document, reason=reason, **self._ports))

    def clarify(self, document: UUID, text: str) -> None:
        self._sign(document, prepare_request(document, text=text, **self._ports))

    def propose(self, document: UUID, reason: str) -> None:
        propose_annulment(document, reason=reason, unlock=self._unlock, **self._desk)

    def consent(self, document: UUID) -> None:
        row = self.annulment(document)
        assert row is not None
        answer_annulment(row.id, consent=True, unlock=self._unlock, **self._desk)

    def annulment(self, document: UUID) -> Annulment | None:
        with self.house.uow(self.actor) as uow:
            return uow.session.scalars(select(Annulment).where(Annulment.document_id == document)).one_or_none()

    def seen(self, document: UUID) -> port.DocumentStatus | None:
        """What the operator says of the document, asked from the company's own box."""
        uow = self.house.services.system_uow("exchange.poll")
        with uow:
            row = uow.session.get_one(Document, document)
            accounts = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.box == row.box))
            operator = self.house.services.operator(card(accounts.one()))
            box, message, entity = row.box or "", row.message_ref or "", row.entity_ref
        found = operator.message(box, message)
        return next(one.status for one in found if one.ref.entity_id == entity)

    def _sign(self, document: UUID, sha256: str) -> None:
        house, actor = self.house, self.actor
        content = house.services.objects.get(actor.entity, sha256)
        signature = house.cms(content, f"{self.company.code}_person")
        accept_upload(document, signature, actor=actor, uow=house.uow(actor), desk=house.services.signing_desk)

    def _unlock(self) -> UnlockedKey:
        entity = self.house.pki.entity(f"{self.company.code}_person")
        return UnlockedKey(id=uuid4(), key=entity.key, certificate=entity.certificate)

    @property
    def _ports(self) -> dict[str, Any]:
        return {"actor": self.actor, "uow": self.house.uow(self.actor), "objects": self.house.services.objects}

    @property
    def _desk(self) -> dict[str, Any]:
        return {"actor": self.actor, "uow": self.house.uow(self.actor), "desk": self.house.services.signing_desk}


@dataclass(frozen=True, kw_only=True)
class Roads:
    """A house at one operator: who sells and who buys."""

    house: House
    operator: SandboxOf
    seller: Hands
    buyer: Hands

    def write(self) -> formats.WrittenFile:
        return demo_upd(self.seller.company, self.buyer.company, number="Л-1", at=self.house.clock.now())

    def arrive(self, document: UUID) -> UUID:
        """Send and wait until the buyer has it; the buyer's document."""
        before = {line.id for line in self.buyer.all()}
        self.seller.send(document)

        def there() -> bool:
            fresh = {line.id for line in self.buyer.all()} - before
            return bool(fresh) and self.seller.card(document).line.delivery in {"accepted", "sent", "delivered"}

        self.house.settle(there)
        (found,) = {line.id for line in self.buyer.all()} - before
        return found

    def settle(self, until: Callable[[], bool]) -> None:
        self.house.settle(until)

    def lines(self, ours: UUID, theirs: UUID) -> tuple[Line, Line]:
        return self.seller.card(ours).line, self.buyer.card(theirs).line


def open_roads(make_house: MakeHouse, operator: SandboxOf, seller: DemoCompany) -> Roads:
    """Everything ready: at that operator, with a key on the server for whoever sells."""
    house = make_house(operator=operator)
    if operator != "diadoc":
        move(house, operator)
    buyer = CLIENT_ONE if seller is LESSOR else LESSOR
    roads = Roads(
        house=house,
        operator=operator,
        seller=Hands(house=house, company=seller),
        buyer=Hands(house=house, company=buyer),
    )
    if not seller.staff_key:
        entity, actor = house.pki.entity(f"{seller.code}_person"), Actor.automatic("demo", house.entity(seller))
        new = NewKey(
            label="Подпись на сервере",
            purpose=Purpose.STAFF,
            private_key=signing.export_private_key(entity.key),
            certificate=entity.certificate.der,
            person_id=roads.seller.actor.user_id,
            pin=None,
        )
        house.services.keys.keep(new, actor=actor, uow=house.uow(actor))
    return roads
