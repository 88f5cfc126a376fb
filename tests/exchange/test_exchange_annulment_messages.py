"""A proposal to annul that is answered by a universal message (УС): 3999 refuses it, nothing else does, nothing is lost."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.exchange import annulment_papers, queries
from edo_service.exchange.pages.annulment import BY_MESSAGE, trouble_of, words_of_signatures
from edo_service.exchange.tables import Annulment
from edo_service.exchange.use_cases.take_annulment import OTHER_MESSAGE, OTHER_NEWS
from edo_service.formats import MessageCode
from operators import port
from operators.port import EntityKind
from tests.exchange.outside import operator_of, ref_of
from tests.exchange.test_exchange_annulment import propose, row, signed, standing
from tests.exchange.test_exchange_consent import offer, take
from tests.fixtures.road import ACCOUNTANT, CLIENT, House


def message(*codes: int, text: str = "") -> bytes:
    """A finished УС with these codes; the text stands with the first."""
    events = "".join(
        f'<СвСобытДок СтатусУС="{code}" ТекстСоб="{text if number == 0 else ""}"/>' for number, code in enumerate(codes)
    )
    return f'<Файл ИдФайл="DP_UNISOOBSCH_1"><Документ>{events}</Документ></Файл>'.encode()


def told(house: House) -> list[tuple[str, bool]]:
    """What the queue shows as not understood, and whether it leads to a document."""
    uow = house.uow(house.actor(ACCOUNTANT)).reading()
    return [(one.reason, one.document_id is not None) for one in queries.odd_events(uow=uow)]


def come(
    house: House,
    content: bytes,
    *,
    sender: str | None = CLIENT_ONE.box,
    kind: EntityKind = EntityKind.REJECTION,
    side: str = "ours",
) -> tuple[Annulment, UUID]:
    """An unsigned file comes to an open proposal on a document of the lessor's."""
    document = house.upload()
    annulment = offer(house, document, side, ref="offer")
    ref = port.EntityRef(box=LESSOR.box, message_id="m", entity_id=str(uuid4()))
    entity = port.Entity(
        ref=ref, parent_id="offer", kind=kind, raw_type="UniversalMessage", file_name="us.xml", signed_by=sender
    )
    take(house, (entity,), {ref.entity_id: content})
    with house.uow(house.actor(ACCOUNTANT)) as uow:
        return uow.session.get_one(Annulment, annulment), document


@pytest.mark.soak
def test_a_message_3999_refuses_the_proposal_on_both_sides_and_the_document_stays(house: House) -> None:
    document, theirs = signed(house)
    propose(house, document)
    house.settle(lambda: standing(house) == ("expected", "required"))
    asked = row(house, CLIENT)
    assert asked is not None
    assert asked.entity_ref is not None
    operator, doc = operator_of(house), ref_of(house, theirs)
    assert isinstance(operator, port.Generator)
    target = port.EntityRef(box=doc.box, message_id=doc.message_id, entity_id=asked.entity_ref)
    contract = formats.write_universal_message({MessageCode.REFUSAL: "Счёт верный"})
    written = operator.generate_paper(port.ServicePaper.UNIVERSAL_MESSAGE, target, contract=contract)
    operator.execute(
        port.SendUniversalMessage(
            doc=doc, target=target, purpose=EntityKind.REJECTION, content=written.content, file_name=written.file_name
        ),
        {},
        key=str(uuid4()),
    )
    house.settle(lambda: standing(house) == ("refused", "refused"))
    for person in (ACCOUNTANT, CLIENT):
        refused = row(house, person)
        assert refused is not None
        assert (refused.answer_text, refused.answer_signature_sha256) == ("Счёт верный", None)
        assert refused.answer_sha256 is not None
        assert house.services.objects.get(refused.owner_id, refused.answer_sha256) == written.content
    assert house.card(document).line.response == "counter_signed", "a refusal of the proposal refuses no document"
    assert told(house) == []
    propose(house, document, reason="Ещё раз")


@pytest.mark.parametrize(
    ("sender", "side"), [(CLIENT_ONE.box, "ours"), (LESSOR.box, "theirs")], ids=["theirs-on-ours", "ours-on-theirs"]
)
def test_the_weightiest_code_counts_whatever_the_operator_calls_the_message(
    house: House, sender: str, side: str
) -> None:
    found, _ = come(house, message(1999, 3999, text="нет"), sender=sender, side=side, kind=EntityKind.RECEIPT)
    assert (found.state, found.answer_text, found.act) == ("refused", "нет", None)
    assert BY_MESSAGE in words_of_signatures(found, {})
    assert told(house) == []


@pytest.mark.parametrize(
    ("content", "sender", "kind", "reason"),
    [
        (message(3999), None, EntityKind.REJECTION, OTHER_MESSAGE),
        (message(3999), "somebody-else", EntityKind.REJECTION, OTHER_MESSAGE),
        (message(1999), CLIENT_ONE.box, EntityKind.REJECTION, OTHER_MESSAGE),
        (b"<\xff ", CLIENT_ONE.box, EntityKind.REJECTION, None),
        (message(2999, text="Исправьте"), CLIENT_ONE.box, EntityKind.CORRECTION_REQUEST, OTHER_NEWS),
        (message(4002, text="Подождите"), CLIENT_ONE.box, EntityKind.INFORMATION, OTHER_NEWS),
        (b"?", CLIENT_ONE.box, EntityKind.UNKNOWN, OTHER_NEWS),
    ],
    ids=["no-sender", "stranger", "receipt", "broken", "request", "words", "new-kind"],
)
def test_what_is_no_refusal_by_a_side_moves_nothing_and_is_shown(
    house: House, content: bytes, sender: str | None, kind: EntityKind, reason: str | None
) -> None:
    found, document = come(house, content, sender=sender, kind=kind)
    assert (found.state, found.answer_sha256, found.document_id) == ("expected", None, document)
    ((shown, leads),) = told(house)
    assert leads
    assert reason is None or shown == reason


def test_the_words_of_a_message_are_read_and_of_a_broken_one_are_none() -> None:
    assert annulment_papers.refusal_text(message(3999, text="Сумма верна")) == "Сумма верна"
    assert annulment_papers.refusal_text(message()) == ""


def test_why_the_operator_gave_our_word_back_is_said_until_the_matter_is_over() -> None:
    row = Annulment(state="failed", act=None, trouble="SubscriptionRequired: 402")
    assert "не оплачен" in trouble_of(row)
    row.state = "required"
    assert "не оплачен" in trouble_of(row)
    row.state = "refused"
    assert trouble_of(row) == "", "the other side's word has ended it"
    row.state, row.act = "agreeing", "accept"
    assert "не оплачен" in trouble_of(row)
