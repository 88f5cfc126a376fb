"""A correction over the real wire: asked for with a text, answered by an исправление; both sides know which replaces which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR, OPERATOR
from edo_service.demo.operator_side import DemoPapers
from edo_service.documents import corrections
from edo_service.documents import queries as documents
from edo_service.documents.queries import FolderName, Wish
from edo_service.documents.rules import CORRECTION
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.answer import Answer, change_mind, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.clarify import prepare_request, promise_signature, request_text
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected
from edo_service.exchange.pages.correction import TEXTS
from edo_service.exchange.rules import ORIGINAL_TRIES
from edo_service.exchange.use_cases.capabilities import carries_requests
from operators.port import EntityKind
from operators.sandbox import ConfirmationFacts
from operators.sandbox.faults import Fault, FaultRule
from tests.exchange import outside
from tests.exchange.roads import corrected
from tests.exchange.test_exchange_fitness import Post
from tests.fixtures.road import ACCOUNTANT, CLIENT, COMPLIANCE, House

TEXT = "Цена за ноябрь другая: 600 000,00"


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
    house.runner = house.services.runner(
        worker="test", queues=("exchange", "signing")
    )  # the sets stay complete, not kept
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

    newer = house.upload(corrected(written))
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
    house.settle(lambda: house.card(document).missing == house.card(theirs, CLIENT).missing == ())
    roles = [(part.role, part.parent_role) for part in house.card(document).parts]
    assert ("dispatch_confirmation", "correction_request") in roles, "the set holds the request and what confirms it"
    assert [len(house.journal(f"correction.{word}")) for word in ("prepared", "asked", "replaced", "replaces")] == [
        1, 1, 2, 2,
    ]  # fmt: skip


def posted(house: House) -> UUID:
    """A title in the client's box, without an operator."""
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.TITLE, house.write().content, "lessor_person")
    post.take()
    return house.incoming()


def test_a_request_may_be_discarded_and_wants_a_key(house: House) -> None:
    theirs = posted(house)
    actor = house.actor(CLIENT)
    ask(house, theirs)
    change_mind(theirs, actor=actor, uow=house.uow(actor))
    assert [part.role for part in house.card(theirs, CLIENT).parts].count("correction_request") == 0
    with pytest.raises(Conflict, match="nothing_to_sign"):
        promise_signature(theirs, actor=actor, uow=house.uow(actor))
    ask(house, theirs, "Вторая попытка")
    with pytest.raises(Conflict, match="none_usable"):
        promise_signature(theirs, actor=actor, uow=house.uow(actor))


@pytest.mark.parametrize("end", ["discarded", "refused"])
def test_a_set_that_only_a_request_kept_open_goes_to_the_archive_without_it(house: House, end: str) -> None:
    document = house.upload(function="СЧФ")
    house.send(document)
    house.settle(lambda: bool(house.all(CLIENT)))
    theirs = house.incoming()
    ask(house, theirs)
    house.settle(lambda: house.card(theirs, CLIENT).missing == ("correction_request",))
    assert house.card(theirs, CLIENT).line.archive == "not_yet"
    if end == "refused":
        house.faults.add(FaultRule(fault=Fault.UNPAID, path="postmessagepatch"))
        house.sign(theirs)
        house.settle(lambda: house.card(theirs, CLIENT).line.correction == "none")
    else:
        actor = house.actor(CLIENT)
        change_mind(theirs, actor=actor, uow=house.uow(actor))
    assert house.card(theirs, CLIENT).line.archive != "not_yet"


def test_rights_words_and_strangers(house: House) -> None:
    document, theirs = house.upload(), posted(house)
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
    second.file(EntityKind.TITLE, corrected(written).content, "client_two_person")
    second.take()
    assert house.card(old.id, CLIENT).line.correction == "none", "a title in doubt replaces nothing"
    third = Post(house, CLIENT_ONE)
    third.file(EntityKind.TITLE, corrected(written, number=2).content, "lessor_person")
    house.prepare(old.id)
    third.take()
    card = house.card(old.id, CLIENT)
    assert (card.line.correction, card.line.response) == ("corrected", "required")
    assert "buyer_title" not in [part.role for part in card.parts], "the frozen answer is discarded"


def test_a_correction_that_overtakes_its_original_is_tied_when_that_comes(house: House) -> None:
    written = house.write()
    newer, older = corrected(written).content, written.content
    for content, signer, tries in (
        (newer, "lessor_person", ORIGINAL_TRIES + 1),
        (older, "client_two_person", 1),
        (older, "lessor_person", 1),
    ):
        post = Post(house, CLIENT_ONE)
        post.tries = tries
        post.file(EntityKind.TITLE, content, signer)
        post.take()
    lines = house.all(CLIENT)
    assert sorted((line.delivery, line.correction) for line in lines) == [
        ("received", "corrected"), ("received", "none"), ("received_in_doubt", "none"),
    ]  # fmt: skip
    (original,) = [line.id for line in lines if line.correction == "corrected"]
    ties = [tied.id for line in lines if (tied := house.card(line.id, CLIENT).corrects) is not None]
    assert ties == [original]


def test_a_correction_that_overtakes_the_one_it_names_is_tied_to_that_when_it_comes(house: House) -> None:
    written = house.write()
    first = corrected(written)
    second = corrected(first, number=2)
    for content, tries in ((written.content, 1), (second.content, ORIGINAL_TRIES + 1), (first.content, 1)):
        post = Post(house, CLIENT_ONE)
        post.tries = tries
        post.file(EntityKind.TITLE, content, "lessor_person")
        post.take()
    with house.uow(house.actor(CLIENT)) as uow:
        rows = {row.id: row for row in uow.session.query(Document)}
        numbers = {one: corrections.correction_number(row.facts) for one, row in rows.items()}
        ties = {numbers[one]: numbers.get(row.corrects_id) if row.corrects_id else None for one, row in rows.items()}
        states = {numbers[one]: row.correction for one, row in rows.items()}
    assert ties == {0: None, 1: 0, 2: 1}
    assert states == {0: "corrected", 1: "corrected", 2: "none"}


def test_a_request_that_the_operator_does_not_carry_is_not_frozen(house: House) -> None:
    theirs, actor, objects = posted(house), house.actor(CLIENT), house.services.objects
    operators = house.services.operator
    with house.uow(actor) as uow:
        assert carries_requests(uow, actor.entity, CLIENT_ONE.box, operators=operators)
        assert not carries_requests(uow, actor.entity, "nowhere", operators=operators)
    with pytest.raises(Conflict, match="clarification_not_carried"):
        prepare_request(theirs, text=TEXT, actor=actor, uow=house.uow(actor), objects=objects, carries=lambda *_: False)
    assert house.card(theirs, CLIENT).line.correction == "none"


def test_a_correction_of_ours_replaces_when_it_is_delivered(house: House) -> None:
    written, actor = house.write(), house.actor(ACCOUNTANT)
    document = house.upload(written)
    with house.uow(actor) as uow:
        uow.session.get_one(Document, document).delivery = "delivered"
        uow.commit()
    newer = house.upload(corrected(written))
    for delivery, left in (("sent", "none"), ("failed", "none"), ("delivered", "corrected")):
        with house.uow(actor) as uow:
            row = uow.session.get_one(Document, newer)
            row.delivery = delivery
            corrections.replace_original(uow, row, actor=actor)
            uow.commit()
        assert house.card(document).line.correction == left


class Meanwhile:
    """An object store beside which something happens while a file is put."""

    def __init__(self, house: House, happen: Callable[[], None]) -> None:
        self.get, self._put, self._happen = house.services.objects.get, house.services.objects.put, happen

    def put(self, content: bytes, *, owner: UUID) -> str:
        self._happen()
        return self._put(content, owner=owner)


def test_an_answer_is_not_frozen_on_what_was_replaced_while_it_was_written(house: House) -> None:
    theirs = posted(house)
    actor = house.actor(CLIENT)

    def turn(state: str) -> None:
        with house.uow(actor) as uow:
            uow.session.get_one(Document, theirs).correction = state
            uow.commit()

    objects: Any = Meanwhile(house, lambda: turn("corrected"))
    with pytest.raises(Conflict, match="answer_when_corrected"):
        prepare_answer(theirs, answer=Answer(), actor=actor, uow=house.uow(actor), objects=objects)
    turn("none")
    with pytest.raises(Conflict, match="answer_when_corrected"):
        prepare_refusal(theirs, reason="Нет", actor=actor, uow=house.uow(actor), objects=objects)
    assert house.card(theirs, CLIENT).line.response == "required"


def test_a_request_given_at_the_operator_s_own_site_counts(house: House) -> None:
    theirs = posted(house)
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


@pytest.mark.soak
def test_a_request_by_another_company_asks_nothing(house: House) -> None:
    document = house.upload()
    theirs = house.deliver(document)
    row = outside.row_of(house, document)
    post = Post(house, LESSOR, message=row.message_ref or "")
    notice = outside.refusal(house, theirs, "Чужой")
    post.file(EntityKind.CORRECTION_REQUEST, notice.content, "client_two_person", parent=row.entity_ref)
    post.take(patch=True)
    assert house.card(document).line.correction == "none"


def test_a_confirmation_is_tied_to_the_file_that_it_names(house: House) -> None:
    """Saby does not tell what a confirmation hangs on: the file itself does."""
    theirs = posted(house)
    row, notice = outside.row_of(house, theirs), outside.receipt(house, theirs)
    post = Post(house, CLIENT_ONE, message=row.message_ref or "")
    title, by = row.entity_ref, CLIENT_ONE.box
    post.file(EntityKind.RECEIPT, notice.content, "client_one_person", parent=title, by=by, name=notice.file_name)
    post.take(patch=True)
    facts = ConfirmationFacts(
        operator=OPERATOR,
        file_id=notice.file_name.removesuffix(".xml"),
        signatures=(b"cms",),
        at=house.clock.now(),
        sender=CLIENT_ONE.organization,
        recipient=LESSOR.organization,
    )
    post.file(EntityKind.CONFIRMATION, DemoPapers().receipt_confirmation(facts).content, "operator", parent=title)
    post.take(patch=True)
    card = house.card(theirs, CLIENT)
    assert (card.parts[-1].role, card.parts[-1].parent_role) == ("acceptance_confirmation", "receipt_notice")
    assert card.line.receipt == "confirmed"


def test_the_card_has_words_for_every_state_of_a_correction() -> None:
    assert CORRECTION.states - TEXTS.keys() == {"none"}
