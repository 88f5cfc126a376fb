"""Taxcom and Диадок as each other's other operator: what passes, and what is told when it does not."""

import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from operators import errors
from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.port import Action, EntityKind, EntityRef, Executed, InvitationState, Response
from operators.sandbox import (
    Faults,
    Roaming,
    SandboxOperator,
    SandboxOrganization,
    create_app,
    create_taxcom_app,
)
from operators.taxcom import TaxcomCredentials, TaxcomOperator
from tests.operators.in_process import InProcess
from tests.operators.parts import BUYER, SELLER, HandClock, KeyNotary, PlainPapers, upd_to_send
from tests.operators.taxcom_world import cabinet
from tests.operators.worlds import title

HOME = SandboxOperator(code="2XX", name="ООО «Первый оператор»", inn="7700000009")
AWAY = SandboxOperator(code="2YY", name="ООО «Второй оператор»", inn="7800000009")
GUEST = replace(BUYER, participant_id="2YY-7800000019-780001001-2")
URL = "http://127.0.0.1"


class Side:
    """A sandbox over the shared exchange with the one company that it serves, and its adapter."""

    def __init__(self, name: str, operator: SandboxOperator, company: SandboxOrganization, shared: Any) -> None:
        state, self.signer, clock, faults = shared
        face = create_taxcom_app if name == "taxcom" else create_app
        self.app = face(
            state=state,
            organizations=[company],
            operator=operator,
            notary=KeyNotary(operator.name),
            papers=PlainPapers(),
            clock=clock,
            faults=faults,
        )
        door = InProcess(self.app)
        self.operator: TaxcomOperator | DiadocOperator
        if name == "taxcom":
            credentials = TaxcomCredentials(integrator_id="COMPANY_1", cabinets=(cabinet(company),))
            self.operator = TaxcomOperator(URL, credentials, transport=door, clock=clock, wait=lambda _: None)
        else:
            known = DiadocCredentials(client_id="c", login="demo", password="demo")
            self.operator = DiadocOperator(URL, known, transport=door, clock=clock)
        self.company = company
        self.box = self.operator.check_connection()[0].id

    def do(self, action: Action) -> Executed:
        signatures = {each.ref: self.signer.sign(each.content) for each in self.operator.prepare(action)}
        return self.operator.execute(action, signatures, key=str(uuid.uuid4()))

    def kinds(self) -> list[EntityKind]:
        return [each.kind for event in self.operator.events(self.box, None).items for each in event.entities]

    def arrived(self) -> list[EntityRef]:
        events = self.operator.events(self.box, None).items
        return [each.ref for event in events for each in event.entities if each.kind is EntityKind.TITLE]

    def status(self, ref: EntityRef) -> Any:
        (found,) = [each.status for each in self.operator.message(self.box, ref.message_id) if each.ref == ref]
        return found

    def accept(self, other: SandboxOrganization) -> None:
        """In the cabinet of its operator."""
        with httpx2.Client(transport=InProcess(self.app), base_url=URL) as http:
            ids = {"box": self.company.box_id, "other": other.box_id}
            assert http.post("/_sandbox/cabinet/accept", params=ids).status_code == 200


@pytest.mark.parametrize(("one", "other"), [("taxcom", "diadoc"), ("diadoc", "taxcom")])
def test_document_goes_to_the_other_operator_and_back(tmp_path: Path, signer: KeyNotary, one: str, other: str) -> None:
    clock, faults = HandClock(), Faults()
    shared = (tmp_path / "exchange.sqlite", signer, clock, faults)
    seller, buyer = Side(one, HOME, SELLER, shared), Side(other, AWAY, GUEST, shared)
    (guest,) = seller.operator.find_participants(inn=GUEST.inn)
    assert (guest.is_roaming, guest.participant_id, guest.operator_code) == (True, GUEST.participant_id, "2YY")
    draft = upd_to_send("ДОП")
    assert guest.box is not None
    with pytest.raises(errors.RecipientRefuses):
        seller.do(replace(draft, from_box=seller.box, to_box=guest.box))
    seller.operator.invite(seller.box, guest, text="Давайте", key="k")
    buyer.accept(SELLER)

    faults.delay_roaming = timedelta(hours=1)
    action = replace(upd_to_send("ДОП"), from_box=seller.box, to_box=guest.box)
    sent = seller.do(action)
    assert buyer.arrived() == []
    assert EntityKind.DELIVERED not in seller.kinds()
    clock.move(timedelta(hours=1))
    (doc,) = buyer.arrived()
    assert buyer.operator.content(doc) == action.document.content
    assert EntityKind.DELIVERED in seller.kinds()
    buyer.do(title(doc))
    assert seller.status(sent.main).response is Response.SIGNED

    faults.roaming = Roaming.FAILING
    lost = seller.do(replace(upd_to_send("ДОП"), from_box=seller.box, to_box=guest.box))
    assert seller.status(lost.main).roaming_failure is None
    clock.move(timedelta(hours=1))
    assert seller.status(lost.main).roaming_failure == "Оператор контрагента не принял документ"
    assert seller.kinds().count(EntityKind.DELIVERY_FAILED) == 1
    assert len(buyer.arrived()) == 1
    seller.operator.close()
    buyer.operator.close()


def test_invitation_to_the_other_operator_may_fail(tmp_path: Path, signer: KeyNotary) -> None:
    clock, faults = HandClock(), Faults(roaming=Roaming.CLOSED)
    shared = (tmp_path / "exchange.sqlite", signer, clock, faults)
    seller, buyer = Side("taxcom", HOME, SELLER, shared), Side("diadoc", AWAY, GUEST, shared)
    (guest,) = seller.operator.find_participants(inn=GUEST.inn)
    with pytest.raises(errors.RoamingUnavailable):
        seller.operator.invite(seller.box, guest, key="k1")
    faults.roaming, faults.delay_roaming = Roaming.FAILING, timedelta(hours=2)
    started = seller.operator.invite(seller.box, guest, key="k2")
    clock.move(timedelta(hours=2))
    failed = seller.operator.invitation_result(seller.box, started.task)
    assert (failed.state, failed.reason) == (InvitationState.FAILED, "Оператор контрагента не принял приглашение")
    seller.operator.close()
    buyer.operator.close()
