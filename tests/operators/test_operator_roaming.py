"""Roaming: two operators' sandboxes over one exchange, a company at each; what passes between them and what does not."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from operators import errors
from operators.port import (
    Action,
    EntityKind,
    EntityRef,
    Event,
    Executed,
    InvitationState,
    Operator,
    RelationStatus,
    Response,
    Send,
)
from operators.sandbox import Faults, Roaming, SandboxOperator, SandboxOrganization
from tests.operators.diadoc_world import KIND as DIADOC
from tests.operators.in_process import InProcess
from tests.operators.kinds import Kind
from tests.operators.parts import (
    BUYER,
    SELLER,
    HandClock,
    KeyNotary,
    PlainPapers,
    Sandbox,
    contract_to_send,
    upd_to_send,
)
from tests.operators.saby_world import KIND as SABY
from tests.operators.worlds import title

HOME = SandboxOperator(code="2XX", name="ООО «Первый оператор»", inn="7700000009")
AWAY = SandboxOperator(code="2YY", name="ООО «Второй оператор»", inn="7800000009")
GUEST = replace(BUYER, participant_id="2YY-7800000019-780001001-2")


class Side:
    """An operator's sandbox with the one company that it serves, and the adapter of that company."""

    def __init__(self, kind: Kind, operator: SandboxOperator, company: SandboxOrganization, shared: "Shared") -> None:
        self.app: FastAPI = kind.face(
            state=shared.state,
            organizations=[company],
            operator=operator,
            notary=KeyNotary(operator.name),
            papers=PlainPapers(),
            clock=shared.clock,
            faults=shared.faults,
        )
        sandbox = Sandbox(url="http://127.0.0.1", faults=shared.faults, clock=shared.clock)
        self.operator: Operator = kind.connect(sandbox, transport=InProcess(self.app))
        self.box = kind.box(company)
        self.signer = shared.signer

    def do(self, action: Action) -> Executed:
        signatures = {each.ref: self.signer.sign(each.content) for each in self.operator.prepare(action)}
        return self.operator.execute(action, signatures, key=str(uuid.uuid4()))

    def events(self) -> tuple[Event, ...]:
        return self.operator.events(self.box, None).items

    def kinds(self) -> list[EntityKind]:
        return [each.kind for event in self.events() for each in event.entities]

    def arrived(self) -> list[EntityRef]:
        wanted = {EntityKind.TITLE, EntityKind.NONFORMALIZED}
        return [each.ref for event in self.events() for each in event.entities if each.kind in wanted]

    def status(self, ref: EntityRef) -> Any:
        (found,) = [each.status for each in self.operator.message(self.box, ref.message_id) if each.ref == ref]
        return found


class Shared:
    """What the two operators have in common here: the exchange, the clock, the knobs."""

    def __init__(self, state: Path, signer: KeyNotary) -> None:
        self.state = state
        self.clock = HandClock()
        self.faults = Faults()
        self.signer = signer


class Pair:
    """A seller at one operator and a buyer at the other."""

    def __init__(self, kinds: tuple[Kind, Kind], shared: Shared) -> None:
        self.shared = shared
        self.seller = Side(kinds[0], HOME, SELLER, shared)
        self.buyer = Side(kinds[1], AWAY, GUEST, shared)
        (self.guest,) = self.seller.operator.find_participants(inn=GUEST.inn)

    def address(self, action: Send) -> Send:
        assert self.guest.box is not None
        return replace(action, from_box=self.seller.box, to_box=self.guest.box)

    def accept(self) -> None:
        """The buyer accepts in the cabinet of its operator."""
        InProcessClient(self.buyer.app).post(
            "/_sandbox/cabinet/accept", params={"box": GUEST.box_id, "other": SELLER.box_id}
        )


class InProcessClient:
    """A person at a sandbox's own addresses."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def post(self, path: str, params: dict[str, str]) -> None:
        import httpx2

        with httpx2.Client(transport=InProcess(self._app), base_url="http://sandbox.test") as http:
            assert http.post(path, params=params).status_code == 200


PairOf = Callable[[Kind, Kind], Pair]


@pytest.fixture
def pair_of(tmp_path: Path, signer: KeyNotary) -> PairOf:
    return lambda one, other: Pair((one, other), Shared(tmp_path / "exchange.sqlite", signer))


@pytest.mark.parametrize(("one", "other"), [(DIADOC, SABY), (SABY, DIADOC)], ids=["diadoc-saby", "saby-diadoc"])
def test_document_goes_to_another_operators_participant_and_back(pair_of: PairOf, one: Kind, other: Kind) -> None:
    pair = pair_of(one, other)
    assert (pair.guest.is_roaming, pair.guest.participant_id) == (True, GUEST.participant_id)
    assert [each.inn for each in pair.seller.operator.check_connection()] == [SELLER.inn], "each serves its own"
    if one is DIADOC:
        with pytest.raises(errors.RecipientRefuses):
            pair.seller.do(pair.address(upd_to_send("ДОП")))
        pair.seller.operator.invite(pair.seller.box, pair.guest, text="Давайте", key="k")
    else:
        pair.seller.do(pair.address(contract_to_send()))  # the first document is the invitation
        assert pair.buyer.arrived() == []
    pair.accept()
    before = len(pair.buyer.arrived())

    pair.shared.faults.delay_roaming = timedelta(hours=1)
    action = pair.address(upd_to_send("ДОП"))
    sent = pair.seller.do(action)
    assert len(pair.buyer.arrived()) == before
    pair.shared.clock.move(timedelta(hours=1))
    doc = pair.buyer.arrived()[-1]
    assert pair.buyer.operator.content(doc) == action.document.content
    assert EntityKind.DELIVERED in pair.seller.kinds()
    pair.buyer.do(title(doc))
    assert pair.seller.status(sent.main).response is Response.SIGNED
    assert EntityKind.BUYER_TITLE in pair.seller.kinds()


@pytest.mark.parametrize(("one", "other"), [(DIADOC, SABY), (SABY, DIADOC)], ids=["diadoc-saby", "saby-diadoc"])
def test_way_that_is_closed_or_fails_is_told_as_such(pair_of: PairOf, one: Kind, other: Kind) -> None:
    pair = pair_of(one, other)
    pair.shared.faults.roaming = Roaming.CLOSED
    with pytest.raises(errors.RoamingUnavailable):
        pair.seller.do(pair.address(contract_to_send()))
    assert pair.seller.events() == ()
    pair.shared.faults.roaming = Roaming.OPEN
    if one is DIADOC:
        pair.seller.operator.invite(pair.seller.box, pair.guest, key="k")
    else:
        pair.seller.do(pair.address(contract_to_send()))
    pair.accept()
    before = len(pair.buyer.arrived())
    pair.shared.faults.roaming = Roaming.FAILING
    pair.shared.faults.delay_roaming = timedelta(minutes=5)
    sent = pair.seller.do(pair.address(contract_to_send()))
    assert pair.seller.status(sent.main).roaming_failure is None
    pair.shared.clock.move(timedelta(minutes=5))
    assert pair.seller.kinds().count(EntityKind.DELIVERY_FAILED) == 1
    assert pair.seller.status(sent.main).roaming_failure == "Оператор контрагента не принял документ"
    assert len(pair.buyer.arrived()) == before


def test_invitation_between_operators_takes_its_time_and_may_fail(pair_of: PairOf) -> None:
    pair = pair_of(DIADOC, DIADOC)
    seller, buyer = pair.seller, pair.buyer
    pair.shared.faults.roaming = Roaming.CLOSED
    with pytest.raises(errors.RoamingUnavailable):
        seller.operator.invite(seller.box, pair.guest, key="k")
    pair.shared.faults.roaming = Roaming.FAILING
    pair.shared.faults.delay_roaming = timedelta(hours=2)
    started = seller.operator.invite(seller.box, pair.guest, key="k")
    waiting = seller.operator.invitation_result(seller.box, started.task)
    assert (waiting.state, waiting.retry_after) == (InvitationState.PENDING, 7200.0)
    pair.shared.clock.move(timedelta(hours=2))
    failed = seller.operator.invitation_result(seller.box, started.task)
    assert (failed.state, failed.reason) == (InvitationState.FAILED, "Оператор контрагента не принял приглашение")
    assert buyer.operator.relations(buyer.box).items == ()
    pair.shared.faults.roaming = Roaming.OPEN
    started = seller.operator.invite(seller.box, pair.guest, key="k2")
    pair.shared.clock.move(timedelta(hours=2))
    (theirs,) = buyer.operator.relations(buyer.box).items
    assert (theirs.status, theirs.participant.is_roaming) == (RelationStatus.INVITES_ME, True)
    with pytest.raises(errors.Forbidden):
        seller.operator.relations(buyer.box)
