"""УКД at the operators: Диадок carries it there and back, Saby and Такском say that they do not."""

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from edo_service.formats.operator_contract import UkdAnswer, write_ukd_answer
from edo_service.formats.ukd_titles import misfits_of_reply, read_ukd_reply, read_ukd_title
from operators import errors
from operators.diadoc import actions as diadoc
from operators.diadoc import codes
from operators.nouns import OutgoingDocument
from operators.port import (
    AnswerWithTitle,
    Capability,
    EntityKind,
    EntityRef,
    Receipt,
    RequestCorrection,
    Response,
    Send,
    SendReceipt,
    TitleOrder,
)
from operators.saby import actions as saby
from operators.saby.adapter import CAPABILITIES as SABY
from operators.taxcom import actions as taxcom
from operators.taxcom.adapter import CAPABILITIES as TAXCOM
from tests.fixtures.ukd import ukd_736
from tests.operators.parts import BUYER, SELLER, START, KeyNotary, service_file, upd
from tests.operators.test_diadoc_more import Play

OF = (("17", date(2026, 10, 1)),)


def ukd_to_send(function: str = "КСЧФДИС") -> Send:
    """Make the action of sending an УКД from the seller to the buyer."""
    written = ukd_736(SELLER, BUYER, of=OF, at=START, function=function)
    document = OutgoingDocument(kind="ukd", content=written.content, file_name=written.file_name, function=function)
    return Send(from_box=SELLER.box_id, to_box=BUYER.box_id, document=document, own_id=str(uuid.uuid4()))


@pytest.fixture
def play(tmp_path: Path, signer: KeyNotary) -> Iterator[Play]:
    made = Play(tmp_path, signer)
    yield made
    made.operator.close()


def theirs(ref: EntityRef) -> EntityRef:
    """The same entity, seen from the buyer's box."""
    return EntityRef(box=BUYER.box_id, message_id=ref.message_id, entity_id=ref.entity_id)


def test_a_correction_goes_and_is_agreed_to_by_the_operators_title(play: Play) -> None:
    send = ukd_to_send()
    sent = play.do(send)
    doc = theirs(sent.main)
    (title,) = [one for one in play.operator.message(doc.box, doc.message_id) if one.kind is EntityKind.TITLE]
    assert (title.raw_type, title.function, title.needs_answer) == ("UniversalCorrectionDocument", "КСЧФДИС", True)
    contract = write_ukd_answer(
        UkdAnswer(operation="С изменением стоимости согласен", author="ООО", signer_box=BUYER.box_id)
    )
    type_named_id, version = codes.FORMAL["ukd"]
    order = TitleOrder(
        box=BUYER.box_id, type=type_named_id, function="КСЧФДИС", version=version, title=1, contract=contract, doc=doc
    )
    made = play.operator.generate_title(order)
    reply = read_ukd_reply(made.content)
    assert misfits_of_reply(read_ukd_title(send.document.content), reply) == ()
    assert reply.operation == "С изменением стоимости согласен"
    play.do(AnswerWithTitle(doc=doc, content=made.content, file_name=made.file_name))
    assert play.status(sent.main).response is Response.SIGNED
    kinds = play.kinds(sent.main)
    assert {EntityKind.BUYER_TITLE, EntityKind.CONFIRMATION} <= set(kinds)


def test_a_correction_invoice_needs_a_receipt_and_no_title(play: Play) -> None:
    sent = play.do(ukd_to_send("КСЧФ"))
    doc = theirs(sent.main)
    assert play.status(sent.main).response is Response.NOT_NEEDED
    name, content = service_file("DP_IZVPOL")
    play.do(SendReceipt(doc=doc, target=doc, content=content, file_name=name))
    assert play.status(sent.main).receipt is Receipt.FINISHED
    name, content = service_file("DP_UVUTOCH")
    play.do(RequestCorrection(doc=doc, content=content, file_name=name))
    assert EntityKind.CORRECTION_REQUEST in play.kinds(sent.main)


def test_a_file_of_another_kind_is_no_correction(play: Play) -> None:
    name, content = upd("СЧФДОП")
    send = ukd_to_send()
    document = OutgoingDocument(kind="ukd", content=content, file_name=name, function="СЧФДОП")
    with pytest.raises(errors.Invalid, match="УКД"):
        play.do(Send(from_box=send.from_box, to_box=send.to_box, document=document, own_id=send.own_id))


def test_what_no_source_tells_is_refused_before_anything_leaves() -> None:
    send = ukd_to_send()
    assert Capability.UKD not in SABY | TAXCOM
    with pytest.raises(errors.Unsupported):
        saby.check(send)
    with pytest.raises(errors.Unsupported):
        taxcom.sending(send, b"", START)
    assert (
        diadoc.message_to_post(send, b"s", lambda content: {"Content": diadoc.encoded(content)})["DocumentAttachments"][
            0
        ]["Version"]
        == codes.FORMAL["ukd"][1]
    )
