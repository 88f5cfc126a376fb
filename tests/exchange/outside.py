"""Hands at the operator's own site: answers of the client that this service has not made, over the real wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from edo_service import formats
from edo_service.accounts import queries as accounts
from edo_service.demo.companies import CLIENT_ONE, DemoCompany
from edo_service.documents import papers
from edo_service.documents.tables import Document
from edo_service.exchange.accounts import card
from edo_service.exchange.tables import OperatorAccount
from edo_service.formats.upd import UpdSeller
from edo_service.formats.upd_buyer import AcceptanceResult
from edo_service.kernel.calendar import moscow_date
from operators import port
from tests.fixtures.road import CLIENT, House


def row_of(house: House, document_id: UUID) -> Document:
    """The document's row."""
    uow = house.services.system_uow("health")
    with uow:
        return uow.session.get_one(Document, document_id)


def _seller(house: House, document_id: UUID) -> tuple[UpdSeller, list[bytes]]:
    main, owner = house.card(document_id, CLIENT).main_part, house.entity(CLIENT_ONE)
    objects = house.services.objects
    signatures = [objects.get(owner, one.sha256) for one in main.signatures if one.sha256]
    return formats.read_upd_seller(objects.get(owner, main.sha256)), signatures


def _member(house: House) -> Any:
    actor = house.actor(CLIENT)
    uow = house.uow(actor)
    with uow:
        assert actor.user_id is not None
        return accounts.member(uow, actor.user_id, actor.entity)


def buyer_title(
    house: House, document_id: UUID, *, result: AcceptanceResult = AcceptanceResult.ACCEPTED, **changed: Any
) -> formats.WrittenFile:
    """A buyer's title that answers the client's document, with changes that make it answer something else."""
    seller, signatures = _seller(house, document_id)
    title = formats.answer_to(
        seller,
        signatures=signatures,
        signer=papers.title_signer(_member(house)),
        result=result,
        accepted_on=moscow_date(house.clock.now()),
        formed_at=house.clock.now(),
        guid=uuid4(),
        operation="Товары приняты",
        author=CLIENT_ONE.name,
    )
    return formats.write_upd_buyer(replace(title, **changed))


def refusal(house: House, document_id: UUID, text: str = "Сумма не та") -> formats.WrittenFile:
    """A refusal of the client's document."""
    seller, signatures = _seller(house, document_id)
    notice = papers.refusal_notice(
        papers.buyer_and_seller(seller),
        file_name=seller.file_id,
        signatures=signatures,
        text=text,
        at=house.clock.now(),
        signer=_member(house),
    )
    return formats.write_correction_notice(notice)


def receipt(house: House, document_id: UUID) -> formats.WrittenFile:
    """A receipt notice for the client's document."""
    seller, signatures = _seller(house, document_id)
    notice = papers.receipt_notice(seller, signatures=signatures, received_at=house.clock.now(), signer=_member(house))
    return formats.write_receipt_notice(notice)


def operator_of(house: House, company: DemoCompany = CLIENT_ONE) -> port.Operator:
    """The company's own connection to the operator."""
    uow = house.services.system_uow("exchange.poll")
    with uow:
        account = next(
            one for one in uow.session.query(OperatorAccount) if one.participant_id == company.participant_id
        )
        return house.services.operator(card(account))


def ref_of(house: House, document_id: UUID, company: DemoCompany = CLIENT_ONE) -> port.EntityRef:
    """The document as the company's own box sees it."""
    row = row_of(house, document_id)
    return port.EntityRef(box=company.box, message_id=row.message_ref or "", entity_id=row.entity_ref or "")


def give(house: House, document_id: UUID, file: formats.WrittenFile, *, who: str = "client_one_person") -> None:
    """Post the file, signed by `who`, from the client's box, past this service."""
    operator, doc = operator_of(house), ref_of(house, document_id)
    kind = formats.detect(file.content)
    action: port.Action
    if kind is not None and kind.code == "upd_buyer":
        action = port.AnswerWithTitle(doc=doc, content=file.content, file_name=file.file_name)
    elif kind is not None and kind.code == "receipt_notice":
        action = port.SendReceipt(doc=doc, target=doc, content=file.content, file_name=file.file_name)
    else:
        action = port.RejectDocument(doc=doc, content=file.content, file_name=file.file_name)
    (wanted,) = operator.prepare(action)
    operator.execute(action, {wanted.ref: house.cms(file.content, who)}, key=str(uuid4()))


class Shelf:
    """An operator that has the given contents by entity id; the rest of the port is never asked here."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents

    def content(self, ref: port.EntityRef) -> bytes:
        return self._contents[ref.entity_id]

    def contents(self, refs: Sequence[port.EntityRef]) -> Mapping[port.EntityRef, bytes]:
        return {ref: self.content(ref) for ref in refs}
