"""A correction over the real wire: asked for with a text, answered by an исправление; both sides know which replaces which."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.documents import queries as documents
from edo_service.documents.queries import FolderName, Wish
from edo_service.documents.use_cases.answer import change_mind
from edo_service.documents.use_cases.clarify import prepare_request, promise_signature, request_text
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.formats.upd import Correction
from operators.port import EntityKind
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange import outside
from tests.exchange.test_exchange_fitness import Post
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House

TEXT = "Цена за ноябрь другая: 600 000,00"


def corrected(house: House, written: formats.WrittenFile, number: int = 1) -> formats.WrittenFile:
    """The same УПД anew as an исправление of that file."""
    upd = formats.read_upd_seller(written.content)
    day = house.clock.now().date()
    file_id = formats.upd_seller_file_id(
        recipient_id=upd.recipient_id or "", sender_id=upd.sender_id or "", day=day, guid=uuid4()
    )
    return formats.write_upd_seller(
        replace(upd, file_id=file_id, correction=Correction(number=number, date=day), corrected_seller_file=upd.file_id)
    )


def ask(house: House, document: UUID, text: str = TEXT) -> bytes:
    """The client freezes her request; the bytes to sign."""
    actor, objects = house.actor(CLIENT), house.services.objects
    sha256 = prepare_request(document, text=text, actor=actor, uow=house.uow(actor), objects=objects)
    return objects.get(actor.entity, sha256)


def states(house: House, ours: UUID, theirs: UUID) -> tuple[str, str]:
    return house.card(ours).line.correction, house.card(theirs, CLIENT).line.correction


def folder(house: House, person: object = CLIENT) -> set[UUID]:
    uow = house.uow(house.actor(person))  # type: ignore[arg-type]  # a person of the house
    return {line.id for line in documents.list_documents(Wish(folder=FolderName.TODO), uow=uow).lines}


def test_a_request_is_answered_by_a_correction_which_both_sides_tie(house: House) -> None:
    written = house.write()
    document = house.upload(written)
    theirs = house.deliver(document)
    assert request_text(ask(house, theirs)) == TEXT
    with pytest.raises(Conflict, match="answer_when_prepared"):
        house.prepare(theirs)
    house.faults.add(FaultRule(fault=Fault.ERROR_AFTER, path="postmessagepatch"))
    house.sign(theirs)
    house.settle(lambda: states(house, document, theirs) == ("required", "requested"))
    assert (theirs in folder(house), document in folder(house, ACCOUNTANT)) == (False, True)
    with pytest.raises(Conflict, match="clarification_not_possible"):
        ask(house, theirs)

    newer = house.upload(corrected(house, written))
    assert house.card(newer).corrects is not None
    assert states(house, document, theirs) == ("required", "requested"), "a draft replaces nothing"
    house.send(newer)
    house.settle(lambda: states(house, document, theirs) == ("corrected", "corrected"))
    (arrived,) = {line.id for line in house.all(CLIENT)} - {theirs}
    for old, new, person in ((document, newer, ACCOUNTANT), (theirs, arrived, CLIENT)):
        before, after = house.card(old, person), house.card(new, person)
        assert before.corrected_by is not None
        assert after.corrects is not None
        assert (before.corrected_by.id, after.corrects.id) == (new, old)
        assert before.corrected_by.correction == 1
    with pytest.raises(Conflict, match="answer_when_corrected"):
        house.refuse(theirs)
    assert folder(house) == {arrived}
    house.prepare(arrived)
    house.sign(arrived)

    def kept() -> bool:
        ours = [house.card(one).line.archive for one in (document, newer)]
        return [*ours, *(house.card(one, CLIENT).line.archive for one in (theirs, arrived))] == ["kept"] * 4

    house.settle(kept)
    roles = [(part.role, part.parent_role) for part in house.card(document).parts]
    assert ("dispatch_confirmation", "correction_request") in roles, "the set holds the request and what confirms it"
    assert [len(house.journal(f"correction.{word}")) for word in ("prepared", "asked", "replaced", "replaces")] == [
        1, 1, 2, 2,
    ]  # fmt: skip


def test_a_request_may_be_discarded_and_signed_elsewhere(house: House) -> None:
    document = house.upload()
    theirs = house.deliver(document)
    actor = house.actor(CLIENT)
    ask(house, theirs)
    change_mind(theirs, actor=actor, uow=house.uow(actor))
    assert [part.role for part in house.card(theirs, CLIENT).parts].count("correction_request") == 0
    content = ask(house, theirs, "Вторая попытка")
    with pytest.raises(Conflict, match="none_usable"):
        promise_signature(theirs, actor=actor, uow=house.uow(actor))
    house.bring(theirs, house.cms(content))
    house.settle(lambda: states(house, document, theirs) == ("required", "requested"))


def test_rights_words_and_strangers(house: House) -> None:
    document = house.upload()
    theirs = house.deliver(document)
    with pytest.raises(Rejected, match="clarification_empty"):
        ask(house, theirs, "  ")
    with pytest.raises(Rejected, match="reason_too_long"):
        ask(house, theirs, "a" * 5001)
    for person, error in ((COMPLIANCE, Forbidden), (ACCOUNTANT, NotFound)):
        actor = house.actor(person)
        with pytest.raises(error):
            prepare_request(theirs, text=TEXT, actor=actor, uow=house.uow(actor), objects=house.services.objects)
    actor = house.actor(ACCOUNTANT)
    with pytest.raises(Conflict, match="clarification_not_possible"):
        prepare_request(document, text=TEXT, actor=actor, uow=house.uow(actor), objects=house.services.objects)


def test_a_correction_without_a_request_and_one_of_a_stranger_s_paper(house: House) -> None:
    written = house.write()
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.TITLE, written.content, "lessor_person")
    post.take()
    (old,) = house.all(CLIENT)
    second = Post(house, CLIENT_ONE)
    second.file(EntityKind.TITLE, corrected(house, written).content, "client_two_person")
    second.take()
    assert house.card(old.id, CLIENT).line.correction == "none", "a title in doubt replaces nothing"
    third = Post(house, CLIENT_ONE)
    third.file(EntityKind.TITLE, corrected(house, written, 2).content, "lessor_person")
    house.prepare(old.id)
    third.take()
    card = house.card(old.id, CLIENT)
    assert (card.line.correction, card.line.response) == ("corrected", "required")
    assert "buyer_title" not in [part.role for part in card.parts], "the frozen answer is discarded"


def test_a_request_given_at_the_operator_s_own_site_counts(house: House) -> None:
    document = house.upload()
    theirs = house.deliver(document)
    ask(house, theirs)
    row = outside.row_of(house, theirs)
    post = Post(house, CLIENT_ONE, message=row.message_ref or "")
    notice = outside.refusal(house, theirs, "На сайте")
    post.file(
        EntityKind.CORRECTION_REQUEST, notice.content, "client_one_person", parent=row.entity_ref, by=CLIENT_ONE.box
    )
    post.take(patch=True)
    card = house.card(theirs, CLIENT)
    assert card.line.correction == "requested"
    assert [part.role for part in card.parts].count("correction_request") == 1


def test_a_request_by_another_company_asks_nothing(house: House) -> None:
    document = house.upload()
    theirs = house.deliver(document)
    row = outside.row_of(house, document)
    post = Post(house, LESSOR, message=row.message_ref or "")
    notice = outside.refusal(house, theirs, "Чужой")
    post.file(EntityKind.CORRECTION_REQUEST, notice.content, "client_two_person", parent=row.entity_ref)
    post.take(patch=True)
    assert house.card(document).line.correction == "none"
