"""The sandboxes' common model: its file's older form, cabinets, implicit invitations from both sides."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.port import EntityKind, RelationStatus
from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import Faults, create_app, create_saby_app
from operators.sandbox.exchange.state import SCHEMA, VERSION, State
from tests.operators.in_process import InProcess
from tests.operators.parts import BUYER, COMPANIES, SELLER, HandClock, KeyNotary, PlainPapers, contract_to_send
from tests.operators.saby_world import box as saby_box

HERE = "http://127.0.0.1"


def serve(face: Callable[..., FastAPI], state: Path, *, acquainted: bool) -> FastAPI:
    return face(
        state=state,
        organizations=COMPANIES,
        notary=KeyNotary(),
        papers=PlainPapers(),
        clock=HandClock(),
        faults=Faults(),
        acquainted=acquainted,
    )


def test_state_of_the_first_form_is_brought_up(tmp_path: Path, signer: KeyNotary) -> None:
    """A sandbox's file written before invitations, annulment and roaming is taken over with what lies in it."""
    path = tmp_path / "sandbox.sqlite"
    with closing(sqlite3.connect(path)) as old:
        for statement in filter(str.strip, SCHEMA.split(";\n")):
            old.execute(statement)
        one, other = "1" * 32, "2" * 32
        old.execute(
            "insert into organisation values (?, 'org', 'Старое имя', ?, ?, '1', 'p')", (one, SELLER.inn, SELLER.kpp)
        )
        old.execute(
            "insert into relation (index_key, box, other, status, changed_at) values ('k', ?, ?, 'RejectsMe', 1)",
            (one, other),
        )
        old.execute("pragma user_version=1")
        old.commit()
    app = serve(create_app, path, acquainted=True)
    operator = DiadocOperator(
        HERE, DiadocCredentials(client_id="c", login="demo", password="demo"), InProcess(app), clock=HandClock()
    )
    assert {each.organization for each in operator.check_connection()} == {each.name for each in COMPANIES}
    lines = {each.participant.inn + str(each.participant.kpp): each for each in operator.relations(SELLER.box_id).items}
    assert lines[BUYER.inn + str(BUYER.kpp)].status is RelationStatus.REJECTS_ME, "what was there stays"
    operator.close()
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("pragma user_version").fetchone() == (VERSION,)
        now.execute(f"pragma user_version={VERSION + 1}")
    with pytest.raises(ValueError, match="newer"):
        State(path)


def test_documents_sent_both_ways_are_each_others_invitation(tmp_path: Path, signer: KeyNotary) -> None:
    app = serve(create_saby_app, tmp_path / "sandbox.sqlite", acquainted=False)
    operator = SabyOperator(HERE, SabyCredentials(login="demo", password="demo"), InProcess(app), clock=HandClock())
    seller, buyer = saby_box(SELLER), saby_box(BUYER)

    def send(from_box: str, to_box: str) -> None:
        action = replace(contract_to_send(), from_box=from_box, to_box=to_box)
        operator.execute(action, {"document": signer.sign(action.document.content)}, key="k")

    def arrived(box: str) -> int:
        events = operator.events(box, None).items
        return sum(e.kind is EntityKind.NONFORMALIZED and e.own_id is None for each in events for e in each.entities)

    send(seller, buyer)
    assert arrived(buyer) == 0, "it waits for the invitation's acceptance"
    send(buyer, seller)
    assert (arrived(seller), arrived(buyer)) == (1, 1)
    with httpx2.Client(transport=InProcess(app), base_url=HERE) as cabinet:
        params = {"box": BUYER.box_id, "other": SELLER.box_id, "text": "Хватит"}
        assert cabinet.post("/_sandbox/cabinet/reject", params=params).status_code == 200
    operator.close()
