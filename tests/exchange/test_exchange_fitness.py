"""What comes in is what it claims to be, or it is flagged: titles of one message, signers, whose signature, about what file."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from edo_service import formats
from edo_service.archiving.assembly import Gatherer
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoCompany
from edo_service.documents.rules import stops
from edo_service.documents.use_cases.answer import prepare_refusal
from edo_service.errors import Conflict
from edo_service.exchange.fitness import Signed, objection_to
from edo_service.exchange.rules import Terms
from edo_service.exchange.use_cases.take_event import take_event
from edo_service.formats import Authority
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.jobs import GiveUp
from edo_service.texts import trouble_words
from operators import port
from operators.port import EntityKind
from tests.exchange import outside
from tests.exchange.outside import Shelf
from tests.fixtures.road import CLIENT, House


class Post:
    """Makes events of one box and takes them; contents lie on a shelf."""

    def __init__(self, house: House, company: DemoCompany, *, message: str = "") -> None:
        self.house, self.company = house, company
        self.message = message or str(new_id())
        self.entities: list[port.Entity] = []
        self.contents: dict[str, bytes] = {}
        self.sender, self.tries = LESSOR.box, 1

    def add(
        self,
        kind: EntityKind,
        content: bytes,
        *,
        parent: str | None = None,
        by: str | None = None,
        name: str = "a.xml",
    ) -> str:
        entity_id = str(new_id())
        ref = port.EntityRef(box=self.company.box, message_id=self.message, entity_id=entity_id)
        self.entities.append(
            port.Entity(ref=ref, parent_id=parent, kind=kind, raw_type=kind.value, file_name=name, signed_by=by)
        )
        self.contents[entity_id] = content
        return entity_id

    def file(
        self,
        kind: EntityKind,
        content: bytes,
        *signers: str,
        parent: str | None = None,
        by: str = "",
        name: str = "a.xml",
    ) -> str:
        """A file with detached signatures by entities of the demo PKI."""
        entity_id = self.add(kind, content, parent=parent, by=by or None, name=name)
        for who in signers:
            self.add(EntityKind.SIGNATURE, self.house.cms(content, who), parent=entity_id)
        return entity_id

    def take(self, *, patch: bool = False) -> None:
        """Bring everything added since the last time as one event."""
        actor = Actor.automatic("exchange.event", self.house.entity(self.company))
        event = port.Event(
            id=str(new_id()),
            cursor="1",
            at=self.house.clock.now(),
            box=self.company.box,
            message_id=self.message,
            from_box=None if patch else self.sender,
            to_box=None if patch else CLIENT_ONE.box,
            entities=tuple(self.entities),
        )
        self.entities = []
        take_event(
            event,
            tries=self.tries,
            actor=actor,
            uow=self.house.uow(actor),
            desk=self.house.services.signing_desk,
            operators=lambda _account: Shelf(self.contents),  # type: ignore[arg-type,return-value]  # only content is asked
            terms=Terms(),
        )


def codes(house: House, document: UUID, **options: object) -> list[str]:
    return [one.partition(" ")[0] for one in house.card(document, **options).objections]  # type: ignore[arg-type]  # a person


# --- several titles, several signers -------------------------------------------------------------------------------


def test_each_title_of_a_message_is_a_document_of_its_own(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    first, second = (house.write(number=number) for number in ("Л-1", "Л-2"))
    titles = [post.file(EntityKind.TITLE, one.content, "lessor_person") for one in (first, second)]
    post.take()

    lines = sorted(house.all(CLIENT), key=lambda line: line.title)
    assert [line.title.split(" от ")[0] for line in lines] == ["УПД № Л-1", "УПД № Л-2"]
    assert [[part.role for part in house.card(line.id, CLIENT).parts] for line in lines] == [["seller_title"]] * 2
    promised = {row.payload["document_id"] for row in house.jobs("waiting") if row.kind == "document.receipt"}
    assert promised == {str(line.id) for line in lines}

    written = outside.buyer_title(house, lines[1].id)
    post.file(EntityKind.BUYER_TITLE, written.content, "client_one_person", parent=titles[1], by=CLIENT_ONE.box)
    post.take(patch=True)
    assert [house.card(line.id, CLIENT).line.response for line in lines] == ["required", "signed"]


def test_a_title_that_cannot_be_read_does_not_keep_its_neighbour_out(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.TITLE, b"<a/>", "lessor_person")
    post.file(EntityKind.TITLE, house.write().content, "lessor_person")
    post.file(EntityKind.NONFORMALIZED, b"%PDF-1.7", "lessor_person")
    with pytest.raises(GiveUp):
        post.take()
    assert sorted(line.kind for line in house.all(CLIENT)) == ["contract", "upd"]
    assert len(house.journal("exchange.not_taken")) == 1


def test_every_signer_is_kept_shown_and_archived_also_one_who_comes_later(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    content = house.write().content
    title = post.file(EntityKind.TITLE, content, "lessor_person", "lessor_organization")
    post.take()
    (line,) = house.all(CLIENT)
    third = house.cms(content, "operator")
    for _ in range(2):  # the same one twice is one
        post.add(EntityKind.SIGNATURE, third, parent=title)
        post.take(patch=True)
    card = house.card(line.id, CLIENT)
    assert [one.indication for one in card.main_part.signatures] == ["TOTAL-PASSED"] * 3
    assert len({one.sha256 for one in card.main_part.signatures}) == 3
    assert (card.line.delivery, card.objections) == ("received", ())

    gatherer = Gatherer(
        objects=house.services.objects, owner_id=house.entity(CLIENT_ONE), print_form=lambda *_a, **_k: b"%PDF"
    )
    assert [part.of for part in gatherer.gather(card) if part.role == "signature"] == ["a.xml"] * 3


# --- what comes in -------------------------------------------------------------------------------------------------


def test_a_title_signed_by_another_organisation_may_be_refused_but_not_signed(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    content = house.write().content
    title = post.file(EntityKind.TITLE, content, "client_two_person")
    post.take()
    (line,) = house.all(CLIENT)
    assert line.delivery == "received_in_doubt"
    (objection,) = house.card(line.id, CLIENT).objections
    assert trouble_words(objection) == (
        f"Подписано другой организацией: ожидался ИНН {LESSOR.inn}, в сертификате {CLIENT_TWO.inn}."
    )
    with pytest.raises(Conflict) as caught:
        house.prepare(line.id)
    assert caught.value.code == "document.in_doubt"

    post.add(EntityKind.SIGNATURE, house.cms(content, "lessor_person"), parent=title)
    post.take(patch=True)
    assert house.card(line.id, CLIENT).line.delivery == "received"
    assert house.card(line.id, CLIENT).objections == ()
    assert house.prepare(line.id)


def test_a_title_in_doubt_can_be_refused(house: House) -> None:
    post = Post(house, CLIENT_ONE)
    post.file(EntityKind.TITLE, house.write().content, "client_two_person")
    post.take()
    (line,) = house.all(CLIENT)
    actor = house.actor(CLIENT)
    prepare_refusal(line.id, reason="Чужая подпись", actor=actor, uow=house.uow(actor), objects=house.services.objects)
    assert house.card(line.id, CLIENT).line.response == "refusal_prepared"


def test_a_title_for_somebody_else_is_flagged(house: House) -> None:
    upd = formats.read_upd_seller(house.write().content)
    for changed, code in (
        (replace(upd, seller=upd.buyer), "exchange.title_of_other"),
        (replace(upd, buyer=upd.seller), "exchange.title_for_other"),
    ):
        post = Post(house, CLIENT_ONE)
        post.file(EntityKind.TITLE, formats.write_upd_seller(changed).content, "lessor_person")
        post.take()
        newest = house.all(CLIENT)[0]
        assert newest.delivery == "received_in_doubt"
        assert codes(house, newest.id, person=CLIENT) == [code]


# --- what answers us -----------------------------------------------------------------------------------------------


def test_wrong_answers_are_flagged_and_a_corrected_one_replaces_them(house: House) -> None:
    document = house.upload()
    incoming = house.deliver(document)
    row = outside.row_of(house, document)
    post = Post(house, LESSOR, message=row.message_ref or "")

    def answer(written: formats.WrittenFile, who: str, kind: EntityKind = EntityKind.BUYER_TITLE) -> None:
        post.file(kind, written.content, who, parent=row.entity_ref, by=CLIENT_ONE.box)
        post.take(patch=True)

    good = outside.buyer_title(house, incoming)
    answer(good, "client_two_person")
    card = house.card(document)
    assert card.line.response == "counter_invalid"
    assert codes(house, document) == ["exchange.signed_by_other"]
    assert "response" in card.missing, "an invalid answer is none: the set is not complete"

    answer(outside.buyer_title(house, incoming, number="Л-999"), "client_one_person")
    assert house.card(document).line.response == "counter_invalid"
    assert codes(house, document) == ["exchange.answers_other_file"]
    assert "номер" in trouble_words(house.card(document).objections[0])

    refusal = formats.read_service(outside.refusal(house, incoming).content, formats.CorrectionNotice)
    other = replace(refusal, file=replace(refusal.file, name=f"{refusal.file.name[:-1]}1"))
    answer(formats.write_correction_notice(other), "client_one_person", EntityKind.REJECTION)
    assert house.card(document).line.response == "counter_invalid"

    answer(outside.buyer_title(house, incoming), "client_one_person")
    card = house.card(document)
    assert card.line.response == "counter_signed"
    assert card.objections == (), "what speaks against files that were replaced is history"
    assert [part.role for part in card.parts].count("buyer_title") == 3, "the wrong ones are kept as they came"
    flagged = [json.loads(entry.facts).get("objection") for entry in house.journal("exchange.received")]
    assert sum(one is not None for one in flagged) == 3


def test_a_late_good_signature_makes_an_invalid_answer_valid(house: House) -> None:
    document = house.upload()
    incoming = house.deliver(document)
    row = outside.row_of(house, document)
    post = Post(house, LESSOR, message=row.message_ref or "")
    content = outside.buyer_title(house, incoming).content
    title = post.file(EntityKind.BUYER_TITLE, content, "client_two_person", parent=row.entity_ref, by=CLIENT_ONE.box)
    post.take(patch=True)
    assert house.card(document).line.response == "counter_invalid"
    post.add(EntityKind.SIGNATURE, house.cms(content), parent=title)
    post.take(patch=True)
    assert house.card(document).line.response == "counter_signed"
    assert codes(house, document) == []


# --- the rule alone ------------------------------------------------------------------------------------------------

OURS, OTHERS = Signed(indication="TOTAL-PASSED", inn="1"), Signed(indication="TOTAL-PASSED", inn="2")
BAD = Signed(indication="TOTAL-FAILED", inn="1")


@pytest.mark.parametrize(
    ("signatures", "objection"),
    [
        ([], "exchange.file_unsigned"),
        ([BAD], "exchange.file_signature_failed"),
        ([OTHERS], "exchange.signed_by_other"),
        ([BAD, OTHERS], "exchange.signed_by_other"),
        ([OURS], None),
        ([BAD, OURS], None),
        ([OTHERS, OURS], None),
        ([Signed(indication="TOTAL-PASSED", inn=None)], "exchange.signed_by_other"),
    ],
)
def test_who_signed_decides(signatures: list[Signed], objection: str | None) -> None:
    found = objection_to(None, signatures, expected_inn="1")
    assert (found or "").partition(" ")[0] == (objection or "")
    assert stops(found) is (objection is not None)
    if objection is None:
        assert objection_to(None, signatures, expected_inn="1", misfit="exchange.answers_other_file") is not None


def test_a_power_of_attorney_named_in_the_file_is_noted_and_stops_nothing(house: House) -> None:
    upd = formats.read_upd_seller(house.write().content)
    by_power = replace(upd, signers=(replace(upd.signers[0], authority=Authority.POWER_ELSEWHERE),))
    found = objection_to(by_power, [OTHERS], expected_inn="1")
    assert (found or "").startswith("exchange.signed_by_power")
    assert not stops(found)
