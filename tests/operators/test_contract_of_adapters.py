"""One contract over every adapter and its sandbox: what the service may rely on, whichever operator it is."""

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from operators import errors
from operators.guards import Observation, Safeguards
from operators.port import (
    Capability,
    EntityKind,
    Generator,
    PowerRef,
    Receipt,
    RequestCorrection,
    Response,
    SendUniversalMessage,
    ServicePaper,
    SignDocument,
)
from operators.sandbox import (
    Fault,
    FaultRule,
)
from tests.operators.kinds import QUICK
from tests.operators.parts import (
    BRANCH,
    BUYER,
    SELLER,
    Stage,
    service_file,
)
from tests.operators.worlds import World, receipt, rejection, title

TELLS_POWERS = "2BM"
"""The operator whose wire brings the other side the power behind a signature."""


def test_connection_lists_boxes_and_participants_are_found(world: World) -> None:
    boxes = {each.id: each for each in world.operator.check_connection()}
    assert set(boxes) == {world.seller, world.buyer, world.branch}
    assert (boxes[world.seller].inn, boxes[world.seller].organization) == (SELLER.inn, SELLER.name)
    assert world.operator.code == world.kind.code
    found = world.operator.find_participants(inn=BUYER.inn)
    assert {each.participant_id for each in found} == {BUYER.participant_id, BRANCH.participant_id}
    (one,) = world.operator.find_participants(inn=BUYER.inn, kpp=BUYER.kpp)
    assert (one.box, one.inn, one.kpp, one.is_roaming) == (world.buyer, BUYER.inn, BUYER.kpp, False)
    assert world.operator.find_participants(inn="7736050003") == ()


def test_a_refused_password_is_not_tried_by_every_call(world: World) -> None:
    seen: list[Observation] = []
    guards = Safeguards(observe=seen.append)
    stranger = world.kind.connect(world.sandbox, password="guess-secret", guards=guards)
    for _ in range(5):
        with pytest.raises(errors.AuthExpired):
            stranger.events(world.seller, None)
    assert len(seen) == 1, "five wrong passwords would lock the account out"
    with pytest.raises(errors.AuthExpired):
        stranger.check_connection()
    assert len(seen) == 2, "whom a person asks for is tried"
    world.sandbox.clock.move(timedelta(minutes=6))
    with pytest.raises(errors.AuthExpired):
        stranger.events(world.seller, None)
    assert len(seen) == 3
    stranger.close()


def test_wrong_password_is_auth_expired(world: World) -> None:
    stranger = world.kind.connect(world.sandbox, password="guess-secret")
    with pytest.raises(errors.AuthExpired) as caught:
        stranger.check_connection()
    assert (caught.value.operator, caught.value.status) == (world.kind.code, 401)
    stranger.close()


def test_invoice_walks_the_whole_road(world: World) -> None:
    action = world.upd()
    sent, doc = world.arrive(action)
    (arrived,) = world.seen(doc, EntityKind.TITLE)
    assert world.operator.content(doc) == action.document.content
    assert (arrived.file_name, arrived.function, arrived.needs_answer, arrived.own_id) == (
        action.document.file_name,
        "СЧФДОП",
        True,
        None,
    )
    (own,) = world.seen(sent.main, EntityKind.TITLE)
    assert own.own_id == action.own_id
    signatures = [each for each in world.seen(doc, EntityKind.SIGNATURE) if each.parent_id == doc.entity_id]
    assert [each.signed_by for each in signatures] == [world.seller]
    assert world.signer.check(action.document.content, world.operator.content(signatures[0].ref))
    assert [each.kind for event in world.feed(world.seller) for each in event.entities].count(EntityKind.DELIVERED) == 1

    assert world.status(doc).receipt is Receipt.TO_BE_SENT
    assert world.status(sent.main).response is Response.WAITING
    given = receipt(doc)
    made = world.do(given)
    assert world.operator.content(made.main) == given.content
    assert world.status(sent.main).receipt is Receipt.FINISHED
    answer = title(doc)
    world.do(answer)
    (got,) = world.seen(sent.main, EntityKind.BUYER_TITLE)
    assert (world.operator.content(got.ref), got.signed_by) == (answer.content, world.buyer)
    assert world.status(sent.main).response is Response.SIGNED
    kinds = [each.kind for event in world.feed(world.seller) for each in event.entities]
    assert {EntityKind.RECEIPT, EntityKind.BUYER_TITLE, EntityKind.CONFIRMATION} <= set(kinds)
    papers = {name[:9] for each in world.seen(doc, EntityKind.CONFIRMATION) if (name := each.file_name)}
    assert papers == {"DP_PDOTPR", "DP_PDPOL_"}


def test_a_receipt_by_message_finishes_it_where_the_operator_carries_messages(world: World) -> None:
    sent, doc = world.arrive(world.upd("СЧФ"))
    contract = (
        b'<UniversalMessage><UniversalMessageInfos><UniversalMessageInfo StatusCode="1999"/></UniversalMessageInfos>'
    )
    contract += b"</UniversalMessage>"
    action = SendUniversalMessage(doc=doc, target=doc, purpose=EntityKind.RECEIPT, content=b"<a/>", file_name="a.xml")
    if not {Capability.UNIVERSAL_MESSAGES, Capability.GENERATORS} <= world.operator.capabilities:
        with pytest.raises(errors.Unsupported):
            world.do(action)
        return
    assert isinstance(world.operator, Generator)
    written = world.operator.generate_paper(ServicePaper.UNIVERSAL_MESSAGE, doc, contract=contract)
    action = replace(action, content=written.content, file_name=written.file_name)
    assert world.operator.prepare(action) == (), "nobody signs it"
    made = world.do(action)
    assert world.operator.look_up(action) == made
    (got,) = world.seen(sent.main, EntityKind.RECEIPT)
    assert (world.operator.content(got.ref), got.signed_by) == (written.content, world.buyer)
    assert world.status(sent.main).receipt is Receipt.FINISHED
    assert [one for one in world.seen(sent.main, EntityKind.CONFIRMATION) if one.parent_id == got.ref.entity_id] == []


def test_contract_gets_both_signatures_over_the_same_bytes(world: World) -> None:
    action = world.contract(size=700_000)
    sent, doc = world.arrive(action)
    (to_sign,) = world.operator.prepare(SignDocument(doc=doc))
    assert (to_sign.content, to_sign.file_name) == (action.document.content, "Договор.pdf")
    assert world.operator.look_up(SignDocument(doc=doc)) is None, "the sender's own signature is not the answer"
    made = world.do(SignDocument(doc=doc))
    both = [each for each in world.seen(sent.main, EntityKind.SIGNATURE) if each.parent_id == sent.main.entity_id]
    assert [each.signed_by for each in both] == [world.seller, world.buyer]
    assert all(world.signer.check(action.document.content, world.operator.content(each.ref)) for each in both)
    assert world.status(sent.main).response is Response.SIGNED
    assert world.operator.look_up(SignDocument(doc=doc)) == made


def test_files_of_a_message_are_fetched_together(world: World) -> None:
    _, doc = world.arrive(world.contract())
    world.do(SignDocument(doc=doc))
    refs = [each.ref for each in world.operator.message(doc.box, doc.message_id)]
    files = world.operator.contents([*refs, doc])
    assert files == {ref: world.operator.content(ref) for ref in refs}
    assert len(files) >= 3
    assert world.operator.contents(()) == {}
    with pytest.raises(errors.NotFound):
        world.operator.contents([*refs, replace(doc, entity_id=str(uuid.uuid4()))])


def test_rejection_closes_the_document(world: World) -> None:
    sent, doc = world.arrive(world.upd())
    refusal = rejection(doc)
    made = world.do(refusal)
    assert world.operator.content(made.main) == refusal.content
    assert world.status(sent.main).response is Response.REJECTED
    assert [each.signed_by for each in world.seen(sent.main, EntityKind.REJECTION)] == [world.buyer]
    with pytest.raises(errors.Conflict) as caught:
        world.do(title(doc))
    assert caught.value.kind is errors.ConflictKind.STATE


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [("СЧФДОП", receipt, receipt), ("СЧФДОП", title, rejection), ("СЧФ", None, title), ("СЧФ", None, rejection)],
)
def test_business_order_is_kept(world: World, function: str, first: Any, second: Any) -> None:
    _, doc = world.arrive(world.upd(function))
    if first is not None:
        world.do(first(doc))
    with pytest.raises(errors.Conflict) as caught:
        world.do(second(doc))
    assert caught.value.kind is errors.ConflictKind.STATE


@pytest.mark.parametrize("answer", [receipt, title, rejection])
def test_only_the_recipient_answers(world: World, answer: Any) -> None:
    sent, _ = world.arrive(world.upd())
    with pytest.raises(errors.Conflict):
        world.do(answer(sent.main))


def test_what_an_operator_cannot_do_it_does_not_claim(world: World) -> None:
    _, doc = world.arrive(world.upd())
    name, content = service_file("DP_UVUTOCH")
    wish = RequestCorrection(doc=doc, content=content, file_name=name)
    if Capability.CORRECTION_REQUESTS in world.operator.capabilities:
        assert world.do(wish).entities
    else:
        with pytest.raises(errors.Unsupported):
            world.do(wish)
    if Capability.RELATIONS in world.operator.capabilities:
        assert world.operator.relations(world.seller).items
    else:
        with pytest.raises(errors.Unsupported):
            world.operator.relations(world.seller)


def test_foreign_documents_and_boxes_are_closed(world: World) -> None:
    _, doc = world.arrive(world.upd())
    elsewhere = replace(doc, box=world.branch)
    with pytest.raises(errors.NotFound):
        world.operator.message(world.branch, doc.message_id)
    with pytest.raises(errors.NotFound):
        world.operator.content(elsewhere)
    with pytest.raises((errors.NotFound, errors.Conflict)):
        world.do(title(elsewhere))
    assert world.feed(world.branch) == []
    with pytest.raises(errors.Forbidden):
        world.operator.events(world.kind.foreign_box, None)


def test_bad_requests_never_leave_or_are_refused(world: World) -> None:
    action = world.upd()
    with pytest.raises(errors.Invalid):
        world.operator.execute(action, {}, key="k")
    with pytest.raises(ValueError, match="key"):
        world.operator.execute(action, {"document": b"0"}, key="")
    with pytest.raises(errors.Invalid):
        world.operator.execute(action, {"document": b"not a signature"}, key="k")
    large = replace(action, document=replace(action.document, content=b" " * (3 * 1024 * 1024 + 1)))
    with pytest.raises(errors.TooLarge):
        world.operator.prepare(large)
    with pytest.raises(errors.TooLarge):
        world.operator.execute(large, {"document": b"0"}, key="k")
    assert world.feed(world.seller) == []
    assert world.operator.look_up(action) is None


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR_AFTER, Fault.WITHHOLD])
def test_accepted_without_an_answer_is_looked_up(world: World, fault: Fault) -> None:
    action = world.upd()
    hasty = world.kind.connect(world.sandbox, timeouts=QUICK, wait=world.waits.append)
    world.sandbox.faults.add(FaultRule(fault=fault, path=world.kind.write))
    with pytest.raises(errors.OutcomeUnknown):
        world.do(action, key="k", operator=hasty)
    hasty.close()
    found = world.operator.look_up(action)
    assert found is not None
    assert world.do(action, key="k") == found, "a repeat gives the first result"
    assert len(world.arrivals()) == 1
    assert set(world.counts("accepted").values()) == {1}


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.SERVER_ERROR])
def test_not_accepted_without_an_answer_is_repeated(world: World, fault: Fault) -> None:
    action = world.upd()
    world.sandbox.faults.add(FaultRule(fault=fault, path=world.kind.write))
    with pytest.raises(errors.OutcomeUnknown):
        world.do(action, key="k")
    assert world.operator.look_up(action) is None
    sent = world.do(action, key="k")
    assert world.operator.look_up(action) == sent
    assert len(world.arrivals()) == 1


@pytest.mark.parametrize("answer", [receipt, title, rejection])
def test_answer_with_an_unknown_outcome_is_found_and_not_doubled(world: World, answer: Any) -> None:
    _, doc = world.arrive(world.upd())
    action, other = answer(doc), answer(doc)
    assert world.operator.look_up(action) is None
    world.sandbox.faults.add(FaultRule(fault=Fault.CUT, path=world.kind.write))
    with pytest.raises(errors.OutcomeUnknown):
        world.do(action, key="k")
    found = world.operator.look_up(action)
    assert found is not None
    assert world.do(action, key="k") == found
    assert world.operator.look_up(other) is None, "a colleague's answer of the same kind is not ours"


def test_write_is_not_repeated_on_429_and_reads_are(world: World) -> None:
    action = world.upd()
    world.sandbox.faults.add(FaultRule(fault=Fault.RATE_LIMIT, path=world.kind.write, retry_after=7))
    with pytest.raises(errors.RateLimited) as caught:
        world.do(action)
    assert (caught.value.retry_after, world.waits) == (7.0, [])
    assert world.counts("accepted") == {}
    world.sandbox.faults.add(
        FaultRule(fault=Fault.RATE_LIMIT, path=world.kind.feed, retry_after=4),
        FaultRule(fault=Fault.CUT, path=world.kind.feed),
    )
    assert world.feed(world.seller) == []
    assert world.waits == [4.0, 2.0]
    world.sandbox.faults.add(FaultRule(fault=Fault.SERVER_ERROR, path=world.kind.feed, times=3))
    with pytest.raises(errors.Temporary):
        world.operator.events(world.seller, None)


def test_running_operation_is_asked_again(world: World) -> None:
    action = world.upd()
    world.sandbox.faults.add(FaultRule(fault=Fault.IN_PROGRESS, path=world.kind.write, retry_after=3))
    with pytest.raises(errors.InProgress) as caught:
        world.do(action, key="k")
    assert caught.value.retry_after == 3.0
    world.do(action, key="k")
    assert len(world.arrivals()) == 1


def test_threads_with_one_action_make_one_document(world: World) -> None:
    action = world.upd()
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: world.do(action, key="k"), range(4)))
    assert len(set(map(str, sent))) == 1
    assert len(world.arrivals()) == 1


def test_feed_is_read_by_pieces_and_from_a_time(world: World) -> None:
    for _ in range(2):
        world.do(world.upd())
    before = world.feed(world.seller)
    world.sandbox.clock.move(timedelta(hours=2))
    late = world.do(world.upd())
    whole = world.feed(world.seller)
    assert world.feed(world.seller, limit=2) == whole
    assert len({event.id for event in whole}) == len(whole)
    assert world.operator.events(world.seller, None, limit=1).more
    end = world.operator.events(world.seller, whole[-1].cursor)
    assert (end.items, end.next, end.more) == ((), whole[-1].cursor, False)
    since = world.operator.events(world.seller, None, since=late.at - timedelta(minutes=1))
    assert list(since.items) == whole[len(before) :]


def test_lost_cursor_is_recovered_without_loss(world: World) -> None:
    for _ in range(2):
        world.do(world.upd())
    whole = world.feed(world.seller)
    known, lost = whole[:2], str(uuid.uuid4())
    broken = whole[1].cursor.replace(whole[1].id, lost) if world.kind.name == "saby" else "0" * 48
    try:
        rest = world.feed(world.seller, broken)
    except errors.CursorLost:
        page = world.operator.events(world.seller, None, since=whole[1].at - timedelta(minutes=5))
        rest = [*page.items, *world.feed(world.seller, page.next)]
    assert {event.id for event in known} | {event.id for event in rest} == {event.id for event in whole}
    with pytest.raises(errors.CursorLost):
        world.operator.events(world.seller, lost)


def test_late_and_doubled_events_lose_nothing(world: World) -> None:
    world.sandbox.faults.delay_events = timedelta(hours=1)
    world.do(world.upd())
    world.sandbox.faults.delay_events = timedelta(0)
    world.do(world.upd())
    page = world.operator.events(world.buyer, None)
    assert page.items == ()
    world.sandbox.clock.move(timedelta(hours=1))
    world.sandbox.faults.duplicate_events = True
    assert len({event.message_id for event in world.feed(world.buyer, page.next)}) == 2


def test_old_log_in_is_renewed_in_the_middle_of_a_write(world: World) -> None:
    world.operator.check_connection()
    world.sandbox.clock.move(timedelta(days=22))
    world.do(world.upd())
    assert len(world.arrivals()) == 1


def test_nobody_at_the_address_is_temporary(world: World) -> None:
    nowhere = world.kind.connect(replace(world.sandbox, url="http://127.0.0.1:1"), wait=world.waits.append)
    with pytest.raises(errors.Temporary):
        nowhere.execute(world.upd(), {"document": world.signer.sign(b"x")}, key="k")
    nowhere.close()


def test_state_survives_a_restart(world: World, stage: Stage, tmp_path: Path) -> None:
    sent, doc = world.arrive(world.upd())
    before = world.feed(world.seller)
    stage.open(tmp_path / "sandbox.sqlite", face=world.kind.face)
    assert world.feed(world.seller) == before
    world.do(title(doc))
    assert world.status(sent.main).response is Response.SIGNED


def test_secrets_stay_out_of_logs_errors_and_reprs(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        stranger = world.kind.connect(world.sandbox, password="guess-secret")
        with pytest.raises(errors.AuthExpired) as caught:
            stranger.check_connection()
        world.arrive(world.upd())
        with pytest.raises(errors.NotFound) as missing:
            world.operator.message(world.seller, str(uuid.uuid4()))
    token, credentials = world.kind.secrets(world.operator)
    shown = [caplog.text, repr(credentials), str(vars(caught.value)), str(vars(missing.value))]
    for hidden in ("guess-secret", "client-secret", "'demo'", token):
        assert hidden not in "\n".join(shown).replace("login='demo'", "")
    stranger.close()


def test_the_power_behind_a_signature_goes_with_it(world: World) -> None:
    """On the sender's title, the buyer's title and a bare signature; an operator without a place for it carries the rest."""
    power = PowerRef(number=str(uuid.uuid4()), issuer_inn=SELLER.inn, representative_inn="500100732259")
    told = power if world.kind.code == TELLS_POWERS else None
    world.do(world.upd(), power=power)
    world.do(world.contract())
    arrived, contract = world.arrivals()
    assert [each.power for each in world.seen(arrived, EntityKind.SIGNATURE) if each.signed_by == world.seller] == [
        told
    ]
    assert [each.power for each in world.seen(contract, EntityKind.SIGNATURE)] == [None]
    world.do(title(arrived), power=power)
    world.do(SignDocument(doc=contract), power=power)
    for ref in (arrived, contract):
        parts = world.operator.message(ref.box, ref.message_id)
        ours = [each for each in parts if each.kind is EntityKind.SIGNATURE and each.signed_by == world.buyer]
        assert [each.power for each in ours] == [told]
        assert EntityKind.UNKNOWN not in {each.kind for each in parts}
