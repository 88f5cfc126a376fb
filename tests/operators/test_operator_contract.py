"""What Diadoc does besides the contract of all adapters (`test_contract_of_adapters`), on a real socket."""

import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from operators.diadoc import DiadocOperator
from operators.errors import Conflict, NotFound
from operators.port import (
    Action,
    AnswerWithTitle,
    Entity,
    EntityKind,
    EntityRef,
    Event,
    Executed,
    Operator,
    Receipt,
    RejectDocument,
    RequestCorrection,
    Response,
    Send,
    SenderSignature,
    SendReceipt,
    SignDocument,
)
from tests.operators.parts import (
    BRANCH,
    BUYER,
    SELLER,
    KeyNotary,
    Sandbox,
    buyer_title,
    contract_to_send,
    service_file,
    upd_to_send,
)


def do(operator: Operator, action: Action, signer: KeyNotary, *, key: str | None = None) -> Executed:
    """Sign what has to be signed and execute."""
    signatures = {each.ref: signer.sign(each.content) for each in operator.prepare(action)}
    return operator.execute(action, signatures, key=key or str(uuid.uuid4()))


def feed(operator: Operator, box: str, cursor: str | None = None, *, limit: int = 100) -> list[Event]:
    """Read a feed to its present end."""
    events: list[Event] = []
    while True:
        page = operator.events(box, cursor, limit=limit)
        if not page.items:
            return events
        events += page.items
        cursor = page.next


def seen(operator: Operator, box: str, message_id: str, kind: EntityKind) -> list[Entity]:
    """Parts of a kind that a box sees in a message."""
    return [each for each in operator.message(box, message_id) if each.kind is kind]


def received(operator: Operator, sent: Executed) -> EntityRef:
    """The sent document as the buyer's box addresses it."""
    return replace(sent.main, box=BUYER.box_id)


def receipt_for(doc: EntityRef) -> SendReceipt:
    name, content = service_file("DP_IZVPOL")
    return SendReceipt(doc=doc, target=doc, content=content, file_name=name)


def title_for(doc: EntityRef, outcome: int = 1) -> AnswerWithTitle:
    name, content = buyer_title(outcome)
    return AnswerWithTitle(doc=doc, content=content, file_name=name)


def rejection_of(doc: EntityRef) -> RejectDocument:
    name, content = service_file("DP_UVUTOCH")
    return RejectDocument(doc=doc, content=content, file_name=name)


def correction_of(doc: EntityRef) -> RequestCorrection:
    name, content = service_file("DP_UVUTOCH")
    return RequestCorrection(doc=doc, content=content, file_name=name)


def test_sent_upd_reaches_the_buyer_with_the_operators_papers(operator: DiadocOperator, signer: KeyNotary) -> None:
    action = upd_to_send()
    sent = do(operator, action, signer)

    arrival = feed(operator, BUYER.box_id)[0]
    assert (arrival.message_id, arrival.from_box, arrival.to_box) == (sent.message_id, SELLER.box_id, BUYER.box_id)
    kinds = [each.kind for each in arrival.entities]
    assert kinds == [EntityKind.TITLE, EntityKind.SIGNATURE, EntityKind.CONFIRMATION, EntityKind.SIGNATURE]
    title, signature, paper, stamp = arrival.entities
    assert operator.content(title.ref) == action.document.content
    assert signer.check(action.document.content, operator.content(signature.ref))
    assert title.file_name == action.document.file_name
    assert (title.function, title.needs_answer, title.own_id) == ("СЧФДОП", True, None)
    assert paper.file_name is not None
    assert paper.file_name.startswith("DP_PDOTPR_")
    assert paper.parent_id == title.ref.entity_id
    assert operator.content(signature.ref).hex().encode() in operator.content(paper.ref)
    assert stamp.parent_id == paper.ref.entity_id
    assert stamp.signed_by not in {SELLER.box_id, BUYER.box_id}

    own = feed(operator, SELLER.box_id)
    assert [each.kind for event in own for each in event.entities] == [
        EntityKind.TITLE,
        EntityKind.SIGNATURE,
        EntityKind.CONFIRMATION,
        EntityKind.SIGNATURE,
        EntityKind.DELIVERED,
    ]
    assert own[0].entities[0].own_id == action.own_id
    (paper,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.CONFIRMATION)
    assert paper.file_name is not None
    assert paper.file_name.startswith("DP_PDPOL_")


def test_confirmation_of_one_side_is_hidden_from_the_other(operator: DiadocOperator, signer: KeyNotary) -> None:
    sent = do(operator, upd_to_send(), signer)
    (paper,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.CONFIRMATION)
    with pytest.raises(NotFound):
        operator.content(replace(paper.ref, box=BUYER.box_id))


def test_whole_road_of_an_invoice(operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox) -> None:
    sent = do(operator, upd_to_send(), signer)
    doc = received(operator, sent)
    mine, theirs = feed(operator, SELLER.box_id)[-1].cursor, feed(operator, BUYER.box_id)[-1].cursor
    sandbox.clock.move(timedelta(minutes=1))

    receipt = receipt_for(doc)
    made = do(operator, receipt, signer)
    assert operator.content(made.main) == receipt.content
    to_seller, to_buyer = feed(operator, SELLER.box_id, mine), feed(operator, BUYER.box_id, theirs)
    assert _names(to_seller) == ["DP_IZVPOL", "DP_PDOTPR"]
    assert _names(to_buyer) == ["DP_IZVPOL", "DP_PDPOL"]
    assert to_buyer[1].entities[0].parent_id == made.main.entity_id
    status = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)[0].status
    assert status is not None
    assert (status.receipt, status.response) == (Receipt.FINISHED, Response.WAITING)
    assert status.sender_signature is SenderSignature.VALID
    assert status.delivered_at == sandbox.clock.now() - timedelta(minutes=1)

    answer = title_for(doc)
    do(operator, answer, signer)
    to_seller, to_buyer = feed(operator, SELLER.box_id, to_seller[-1].cursor), feed(operator, BUYER.box_id, theirs)
    assert _names(to_seller) == ["ON_NSCHFDOPPOK", "DP_PDOTPR"]
    assert _names(to_buyer)[2:] == ["ON_NSCHFDOPPOK", "DP_PDPOL"]
    (got,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.BUYER_TITLE)
    assert operator.content(got.ref) == answer.content
    assert got.signed_by == BUYER.box_id
    (title,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)
    assert title.status is not None
    assert (title.status.response, title.status.text) == (Response.SIGNED, "Подписан")


def _names(events: list[Event]) -> list[str]:
    """Prefixes of the files' names, in the order of the feed."""
    files = [each.file_name for event in events for each in event.entities if each.file_name]
    return ["_".join(name.split("_")[:2]) for name in files]


@pytest.mark.parametrize(
    ("outcome", "response"), [(1, Response.SIGNED), (2, Response.SIGNED_PARTIALLY), (3, Response.REJECTED)]
)
def test_outcome_of_the_buyers_title_becomes_the_response(
    operator: DiadocOperator, signer: KeyNotary, outcome: int, response: Response
) -> None:
    sent = do(operator, upd_to_send("ДОП"), signer)
    do(operator, title_for(received(operator, sent), outcome), signer)
    (title,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)
    assert title.status is not None
    assert title.status.response is response


def test_rejection_closes_and_correction_does_not(operator: DiadocOperator, signer: KeyNotary) -> None:
    sent = do(operator, upd_to_send(), signer)
    doc = received(operator, sent)
    do(operator, correction_of(doc), signer)
    (title,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)
    assert title.status is not None
    assert title.status.response is Response.WAITING
    do(operator, rejection_of(doc), signer)
    (title,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)
    assert title.status is not None
    assert title.status.response is Response.REJECTED
    assert len(seen(operator, SELLER.box_id, sent.message_id, EntityKind.CORRECTION_REQUEST)) == 1
    assert len(seen(operator, SELLER.box_id, sent.message_id, EntityKind.REJECTION)) == 1
    with pytest.raises(Conflict):
        do(operator, title_for(doc), signer)


def test_contract_can_be_rejected(operator: DiadocOperator, signer: KeyNotary) -> None:
    sent = do(operator, contract_to_send(), signer)
    do(operator, rejection_of(received(operator, sent)), signer)
    (document,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.NONFORMALIZED)
    assert document.status is not None
    assert document.status.response is Response.REJECTED
    assert seen(operator, SELLER.box_id, sent.message_id, EntityKind.CONFIRMATION) == []


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        ("СЧФДОП", title_for, title_for),
        ("СЧФДОП", rejection_of, title_for),
        ("СЧФДОП", correction_of, correction_of),
        ("ДОП", None, lambda doc: SignDocument(doc=doc)),
    ],
)
def test_business_order_is_kept(
    operator: DiadocOperator, signer: KeyNotary, function: str, first: Any, second: Any
) -> None:
    doc = received(operator, do(operator, upd_to_send(function), signer))
    if first is not None:
        do(operator, first(doc), signer)
    with pytest.raises(Conflict) as caught:
        do(operator, second(doc), signer)
    assert caught.value.kind == "state"


@pytest.mark.parametrize(
    ("needs_answer", "answer"),
    [(True, title_for), (True, correction_of), (True, receipt_for), (False, lambda doc: SignDocument(doc=doc))],
)
def test_business_order_of_contracts_is_kept(
    operator: DiadocOperator, signer: KeyNotary, *, needs_answer: bool, answer: Any
) -> None:
    doc = received(operator, do(operator, contract_to_send(needs_answer=needs_answer), signer))
    with pytest.raises(Conflict):
        do(operator, answer(doc), signer)


def test_nothing_is_answered_before_delivery(operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox) -> None:
    sandbox.faults.delay_delivery = timedelta(hours=1)
    sent = do(operator, upd_to_send(), signer)
    doc = received(operator, sent)
    assert feed(operator, BUYER.box_id) == []
    with pytest.raises(NotFound):
        operator.message(BUYER.box_id, sent.message_id)
    with pytest.raises(Conflict):
        do(operator, title_for(doc), signer)
    sandbox.clock.move(timedelta(hours=1))
    assert [event.message_id for event in feed(operator, BUYER.box_id)] == [sent.message_id]
    do(operator, title_for(doc), signer)


def test_wrong_signature_of_the_sender_stops_the_document(operator: DiadocOperator, signer: KeyNotary) -> None:
    action = upd_to_send()
    sent = operator.execute(action, {"document": signer.sign(b"something else")}, key="k1")
    (title,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)
    assert title.status is not None
    assert title.status.sender_signature is SenderSignature.INVALID
    assert title.status.delivered_at is None
    assert feed(operator, BUYER.box_id) == []
    assert seen(operator, SELLER.box_id, sent.message_id, EntityKind.CONFIRMATION) == []


def test_wrong_signature_of_the_buyer_leaves_the_way_open_three_times(
    operator: DiadocOperator, signer: KeyNotary, sandbox: Sandbox
) -> None:
    sent = do(operator, upd_to_send(), signer)
    doc = received(operator, sent)
    for _ in range(3):
        operator.execute(title_for(doc), {"answer": signer.sign(b"something else")}, key=str(uuid.uuid4()))
    (title,) = seen(operator, SELLER.box_id, sent.message_id, EntityKind.TITLE)
    assert title.status is not None
    assert title.status.response is Response.INVALID_SIGNATURE
    assert seen(operator, SELLER.box_id, sent.message_id, EntityKind.BUYER_TITLE) == []
    with pytest.raises(Conflict):
        operator.execute(title_for(doc), {"answer": signer.sign(b"something else")}, key=str(uuid.uuid4()))
    good = title_for(doc)
    made = do(operator, good, signer)
    assert operator.look_up(good) == made
    assert len(seen(operator, SELLER.box_id, sent.message_id, EntityKind.BUYER_TITLE)) == 1


def test_large_file_goes_over_the_shelf(operator: DiadocOperator, signer: KeyNotary) -> None:
    action = contract_to_send(size=1_200_000)
    sent = do(operator, action, signer, key="large")
    assert operator.content(received(operator, sent)) == action.document.content


def test_same_key_is_the_same_message(operator: DiadocOperator, signer: KeyNotary) -> None:
    action = upd_to_send()
    first = do(operator, action, signer, key="Key-1")
    again = do(operator, action, signer, key="kEY-1")
    assert again == first
    assert len([event for event in feed(operator, BUYER.box_id) if event.from_box]) == 1
    doc = received(operator, first)
    receipt = receipt_for(doc)
    assert do(operator, receipt, signer, key="Key-1") == do(operator, receipt, signer, key="Key-1")


def test_threads_share_one_log_in_and_one_key_is_one_message(
    operator: DiadocOperator, signer: KeyNotary, tmp_path: Path
) -> None:
    action = upd_to_send()
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: do(operator, action, signer, key="k1"), range(4)))
    assert len({each.message_id for each in sent}) == 1
    with closing(sqlite3.connect(tmp_path / "sandbox.sqlite")) as state:
        assert state.execute("select count(*) from token").fetchone() == (1,)
        assert state.execute("select count(*) from message").fetchone() == (1,)


@pytest.mark.parametrize("make", [upd_to_send, contract_to_send])
def test_sent_document_is_found_again(operator: DiadocOperator, signer: KeyNotary, make: Any) -> None:
    action: Send = make()
    assert operator.look_up(action) is None
    do(operator, make(), signer)
    assert operator.look_up(action) is None
    sent = do(operator, action, signer)
    assert operator.look_up(action) == sent
    assert operator.look_up(action, since=sent.at) == sent
    assert operator.look_up(action, since=sent.at + timedelta(hours=1)) is None
    assert operator.look_up(replace(action, to_box=BRANCH.box_id)) is None


def test_request_for_correction_is_found_again(operator: DiadocOperator, signer: KeyNotary) -> None:
    doc = received(operator, do(operator, upd_to_send(), signer))
    action, other = correction_of(doc), correction_of(doc)
    assert operator.look_up(action) is None
    made = do(operator, action, signer)
    assert operator.look_up(action) == made
    assert operator.look_up(other) is None, "a colleague's answer of the same kind is not ours"
    assert operator.look_up(replace(action, doc=replace(doc, message_id=str(uuid.uuid4())))) is None


def test_comment_travels_as_an_unknown_part(operator: DiadocOperator, signer: KeyNotary) -> None:
    action = contract_to_send()
    sent = do(operator, replace(action, document=replace(action.document, comment="Посмотрите пункт 4")), signer)
    (comment,) = seen(operator, BUYER.box_id, sent.message_id, EntityKind.UNKNOWN)
    assert comment.raw_type == "AttachmentComment"
    assert operator.content(comment.ref).decode() == "Посмотрите пункт 4"
