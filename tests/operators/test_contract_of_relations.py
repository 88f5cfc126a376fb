"""The contract of relations and annulment over every adapter that has them, and of feeds that misbehave."""

import uuid
from datetime import timedelta

import pytest

from operators import errors
from operators.port import (
    AcceptAnnulment,
    Capability,
    EntityKind,
    EntityRef,
    Invitation,
    InvitationState,
    ProposeAnnulment,
    RefuseAnnulment,
    Relation,
    RelationChange,
    RelationEvent,
    RelationStatus,
    Revocation,
    SignDocument,
    SignedFile,
)
from operators.sandbox import Fault, FaultRule
from tests.operators.parts import BUYER, SELLER, service_file, xml_file
from tests.operators.worlds import KINDS, World, receipt, title

RELATION_CALLS = {
    Capability.ACCEPT_INVITATION: "accept",
    Capability.REJECT_INVITATION: "reject",
    Capability.WITHDRAW_INVITATION: "withdraw",
    Capability.BREAK_RELATION: "break_relation",
}


def claiming(*wanted: Capability) -> pytest.MarkDecorator:
    """Run a test over the operators that claim to be able to do that."""
    able = [each for each in KINDS if each.claims >= set(wanted)]
    return pytest.mark.parametrize("kind", able, ids=lambda each: each.name)


def invited(world: World, text: str = "Давайте обмениваться") -> Invitation:
    """The seller invites the buyer; the result of the task."""
    who = world.participant(BUYER.inn, BUYER.kpp)
    started = world.operator.invite(world.seller, who, text=text, key=str(uuid.uuid4()))
    return world.operator.invitation_result(world.seller, started.task)


def sides(world: World) -> tuple[Relation, Relation]:
    """The relation as the seller and as the buyer see it."""
    return (
        world.relation(world.seller, world.participant(BUYER.inn, BUYER.kpp)),
        world.relation(world.buyer, world.participant(SELLER.inn, SELLER.kpp)),
    )


def proposal(doc: EntityRef, annulled: str) -> ProposeAnnulment:
    body = f'<Документ><СвПредАн><СведАнФайл ИмяАнФайла="{annulled}"/><ТекстПредАн>Ошибка</ТекстПредАн></СвПредАн></Документ>'
    name, content = xml_file("DP_PRANNUL", SELLER, BUYER, body)
    return ProposeAnnulment(doc=doc, content=content, file_name=name)


def finished(world: World) -> tuple[EntityRef, EntityRef, str]:
    """A УПД that both sides have finished, as the seller and as the buyer address it, and its name."""
    action = world.upd("ДОП")
    sent, doc = world.arrive(action)
    world.do(title(doc))
    return sent.main, doc, action.document.file_name.removesuffix(".xml")


def only(world: World, ref: EntityRef, kind: EntityKind) -> EntityRef:
    (found,) = world.seen(ref, kind)
    made: EntityRef = found.ref
    return made


@claiming(Capability.INVITE, Capability.ACCEPT_INVITATION, Capability.RELATIONS)
def test_invitation_is_sent_and_accepted(strangers: World) -> None:
    world = strangers
    who = world.participant(BUYER.inn, BUYER.kpp)
    before = world.operator.relation(world.seller, who)
    assert before is None or before.status is RelationStatus.NONE
    assert invited(world).state is InvitationState.DONE
    assert invited(world).state is InvitationState.DONE, "inviting again changes nothing"
    mine, theirs = sides(world)
    assert (mine.status, theirs.status) == (RelationStatus.INVITED_BY_ME, RelationStatus.INVITES_ME)
    assert theirs.text == "Давайте обмениваться"
    assert theirs.participant.participant_id == SELLER.participant_id
    assert [each.status for each in world.operator.relations(world.buyer, status=RelationStatus.INVITES_ME).items] == [
        RelationStatus.INVITES_ME
    ]
    world.operator.accept(world.buyer, theirs, text="Согласны", key="k")
    assert {each.status for each in sides(world)} == {RelationStatus.ACTIVE}
    page = world.operator.relations(world.seller)
    assert [each.participant.inn for each in page.items] == [BUYER.inn]
    assert (page.more, world.operator.relations(world.seller, cursor=page.next).items) == (False, ())
    for other in set(RelationStatus) - {RelationStatus.ACTIVE}:
        assert world.operator.relations(world.seller, status=other).items == ()
    with pytest.raises(errors.Conflict):
        world.operator.reject(world.buyer, theirs, key="late")


@claiming(Capability.INVITE, Capability.REJECT_INVITATION)
def test_invitation_is_rejected(strangers: World) -> None:
    world = strangers
    invited(world)
    _, theirs = sides(world)
    world.operator.reject(world.buyer, theirs, text="Не работаем с вами", key="k")
    mine, theirs = sides(world)
    assert (mine.status, theirs.status) == (RelationStatus.REJECTS_ME, RelationStatus.REJECTED_BY_ME)
    assert mine.text == "Не работаем с вами"


@claiming(Capability.INVITE, Capability.WITHDRAW_INVITATION)
def test_withdrawal_does_not_end_what_was_accepted_meanwhile(strangers: World) -> None:
    world = strangers
    invited(world)
    mine, theirs = sides(world)
    world.operator.withdraw(world.seller, mine, text="Передумали", key="k")
    world.operator.withdraw(world.seller, mine, text="Передумали", key="k")
    found = world.operator.relation(world.seller, mine.participant)
    assert found is None or found.status is RelationStatus.NONE
    invited(world)
    mine, theirs = sides(world)
    world.operator.accept(world.buyer, theirs, key="k2")
    with pytest.raises(errors.Conflict):
        world.operator.withdraw(world.seller, mine, key="k3")
    assert sides(world)[0].status is RelationStatus.ACTIVE


@claiming(Capability.BREAK_RELATION)
def test_broken_relation_stops_documents(world: World) -> None:
    _, theirs = sides(world)
    world.operator.break_relation(world.buyer, theirs, text="Договор закончился", key="k")
    world.operator.break_relation(world.buyer, theirs, text="Договор закончился", key="k")
    mine, theirs = sides(world)
    assert (mine.status, theirs.status) == (RelationStatus.REJECTS_ME, RelationStatus.REJECTED_BY_ME)
    assert mine.text == "Договор закончился"
    with pytest.raises(errors.RecipientRefuses):
        world.do(world.upd())


@claiming(Capability.INVITE)
def test_invitation_that_takes_its_time_is_asked_for_by_the_clock(strangers: World) -> None:
    world = strangers
    world.sandbox.faults.delay_invitations = timedelta(minutes=2)
    who = world.participant(BUYER.inn, BUYER.kpp)
    started = world.operator.invite(world.seller, who, key="k")
    waiting = world.operator.invitation_result(world.seller, started.task)
    if waiting.state is InvitationState.PENDING:
        assert waiting.retry_after == 120.0
        assert world.operator.relation(world.buyer, world.participant(SELLER.inn, SELLER.kpp)) is None
    world.sandbox.clock.move(timedelta(minutes=2))
    assert world.operator.invitation_result(world.seller, started.task).state is InvitationState.DONE
    assert sides(world)[1].status is RelationStatus.INVITES_ME
    with pytest.raises(errors.NotFound):
        world.operator.invitation_result(world.seller, str(uuid.uuid4()))


@claiming(Capability.INVITE)
def test_invitation_with_an_unknown_outcome_is_looked_up(strangers: World) -> None:
    world = strangers
    who = world.participant(BUYER.inn, BUYER.kpp)
    world.sandbox.faults.add(FaultRule(fault=Fault.RATE_LIMIT, path=world.kind.invite, retry_after=9))
    with pytest.raises(errors.RateLimited) as caught:
        world.operator.invite(world.seller, who, key="k")
    assert caught.value.retry_after == 9.0
    assert world.operator.relation(world.seller, who) is None
    world.sandbox.faults.add(FaultRule(fault=Fault.CUT, path=world.kind.invite))
    with pytest.raises(errors.OutcomeUnknown):
        world.operator.invite(world.seller, who, key="k")
    assert sides(world)[0].status is RelationStatus.INVITED_BY_ME


@claiming(Capability.INVITE)
def test_invitation_by_inn_wants_one_organisation(strangers: World) -> None:
    world = strangers
    with pytest.raises((errors.Invalid, errors.Conflict)):
        world.operator.invite(world.seller, BUYER.inn, key="k")
    world.operator.invite(world.buyer, SELLER.inn, key="k")
    assert sides(world)[0].status is RelationStatus.INVITES_ME


@claiming(Capability.INVITE, Capability.INVITATION_DOCUMENTS)
def test_invitation_with_a_file_is_accepted_by_signing_it(strangers: World) -> None:
    world = strangers
    content = b"%PDF-1.7 agreement"
    file = SignedFile(
        file_name="Соглашение.pdf", content=content, signature=world.signer.sign(content), needs_signature=True
    )
    who = world.participant(BUYER.inn, BUYER.kpp)
    started = world.operator.invite(world.seller, who, document=file, key="k")
    result = world.operator.invitation_result(world.seller, started.task)
    mine, theirs = sides(world)
    assert result.document == mine.document
    assert theirs.document is not None
    assert theirs.signature_requested
    assert world.operator.content(theirs.document) == content
    with pytest.raises(errors.Conflict):
        world.operator.accept(world.buyer, theirs, key="k")
    world.do(SignDocument(doc=theirs.document))
    assert {each.status for each in sides(world)} == {RelationStatus.ACTIVE}


@claiming(Capability.INVITE, Capability.RELATION_EVENTS)
def test_relations_have_a_feed(strangers: World) -> None:
    world = strangers
    invited(world, "раз")
    _, theirs = sides(world)
    world.operator.reject(world.buyer, theirs, text="два", key="k")
    world.sandbox.clock.move(timedelta(hours=1))
    invited(world, "три")
    events: list[RelationEvent] = []
    cursor = None
    while (page := world.operator.relation_events(world.seller, cursor, limit=1)).items:
        events += page.items
        cursor = page.next
    assert [(each.change, each.text) for each in events] == [
        (RelationChange.WE_INVITED, "раз"),
        (RelationChange.THEY_REJECTED, "два"),
        (RelationChange.WE_INVITED, "три"),
    ]
    assert {each.participant.inn for each in events} == {BUYER.inn}
    late = world.operator.relation_events(world.buyer, None, since=events[-1].at - timedelta(minutes=1))
    assert [each.change for each in late.items] == [RelationChange.THEY_INVITED]
    world.sandbox.faults.lose_cursors = 1
    try:
        again = world.operator.relation_events(world.seller, events[0].cursor).items
    except errors.CursorLost:
        again = world.operator.relation_events(world.seller, None, since=events[0].at).items
    assert {each.id for each in again} >= {each.id for each in events[1:]}


def test_what_is_not_claimed_about_relations_is_unsupported(world: World) -> None:
    assert world.operator.capabilities == world.kind.claims
    lacking = set(RELATION_CALLS) - world.operator.capabilities
    if lacking >= {Capability.ACCEPT_INVITATION}:
        who = world.participant(BUYER.inn, BUYER.kpp)
        with pytest.raises(errors.Unsupported):
            world.operator.relation(world.seller, who)
        with pytest.raises(errors.Unsupported):
            world.operator.invite(world.seller, who, key="k")
        with pytest.raises(errors.Unsupported):
            world.operator.invitation_result(world.seller, "task")
        with pytest.raises(errors.Unsupported):
            world.operator.relation_events(world.seller, None)
        return
    relation = sides(world)[0]
    for capability in lacking:
        with pytest.raises(errors.Unsupported):
            getattr(world.operator, RELATION_CALLS[capability])(world.seller, relation, key="k")


@claiming(Capability.PROPOSE_ANNULMENT, Capability.ACCEPT_ANNULMENT)
def test_annulment_is_proposed_and_accepted(world: World) -> None:
    mine, theirs, name = finished(world)
    assert world.status(mine).revocation is Revocation.NONE
    offer = proposal(mine, name)
    assert world.operator.look_up(offer) is None
    world.sandbox.faults.add(FaultRule(fault=Fault.CUT, path=world.kind.write))
    with pytest.raises(errors.OutcomeUnknown):
        world.do(offer, key="k")
    found = world.operator.look_up(offer)
    assert found is not None
    assert world.do(offer, key="k") == found
    assert (world.status(mine).revocation, world.status(theirs).revocation) == (
        Revocation.PROPOSED_BY_ME,
        Revocation.PROPOSED_TO_ME,
    )
    with pytest.raises(errors.Conflict):
        world.do(proposal(theirs, name))
    own, arrived = only(world, mine, EntityKind.REVOCATION), only(world, theirs, EntityKind.REVOCATION)
    assert world.operator.content(arrived) == offer.content
    with pytest.raises(errors.Conflict):
        world.do(AcceptAnnulment(doc=mine, proposal=own))
    consent = AcceptAnnulment(doc=theirs, proposal=arrived)
    (to_sign,) = world.operator.prepare(consent)
    assert to_sign.content == offer.content
    made = world.do(consent)
    assert world.operator.look_up(consent) == made
    assert {world.status(mine).revocation, world.status(theirs).revocation} == {Revocation.ACCEPTED}
    signers = [each.signed_by for each in world.seen(mine, EntityKind.SIGNATURE) if each.parent_id == own.entity_id]
    assert signers == [world.seller, world.buyer]
    with pytest.raises(errors.Conflict):
        world.do(proposal(mine, name))


@claiming(Capability.PROPOSE_ANNULMENT, Capability.REFUSE_ANNULMENT)
def test_annulment_is_refused_and_proposed_anew(world: World) -> None:
    mine, theirs, name = finished(world)
    world.do(proposal(theirs, name))
    notice, content = service_file("DP_UVUTOCH")
    offer = only(world, mine, EntityKind.REVOCATION)
    refusal = RefuseAnnulment(doc=mine, proposal=offer, content=content, file_name=notice)
    assert world.operator.look_up(refusal) is None
    made = world.do(refusal)
    assert world.operator.look_up(refusal) == made
    assert {world.status(mine).revocation, world.status(theirs).revocation} == {Revocation.REFUSED}
    (seen,) = world.seen(theirs, EntityKind.REJECTION)
    assert (seen.parent_id, seen.signed_by) == (only(world, theirs, EntityKind.REVOCATION).entity_id, world.seller)
    world.do(proposal(mine, name))
    assert world.status(theirs).revocation is Revocation.PROPOSED_TO_ME


@claiming(Capability.PROPOSE_ANNULMENT)
def test_what_is_not_finished_is_not_annulled(world: World) -> None:
    action = world.upd()
    sent, doc = world.arrive(action)
    name = action.document.file_name.removesuffix(".xml")
    for ref in (sent.main, doc):
        with pytest.raises(errors.Conflict) as caught:
            world.do(proposal(ref, name))
        assert caught.value.kind is errors.ConflictKind.STATE


def test_lost_cursors_and_events_out_of_order_lose_nothing(world: World) -> None:
    world.sandbox.faults.reorder_events = True
    world.sandbox.faults.unknown_entities = True
    sent, doc = world.arrive(world.upd())
    world.do(receipt(doc))
    whole = world.feed(world.seller)
    kinds = {each.kind for event in whole for each in event.entities}
    assert {EntityKind.TITLE, EntityKind.RECEIPT, EntityKind.CONFIRMATION} <= kinds
    assert EntityKind.UNKNOWN in {each.kind for event in world.feed(world.buyer) for each in event.entities}
    world.sandbox.faults.lose_cursors = 1
    try:
        rest = world.feed(world.seller, whole[0].cursor)
    except errors.CursorLost:
        page = world.operator.events(world.seller, None, since=whole[0].at - timedelta(minutes=1))
        rest = [*page.items, *world.feed(world.seller, page.next)]
    assert {event.id for event in rest} >= {event.id for event in whole[1:]}
    assert {event.message_id for event in whole} == {sent.message_id}
