"""The service's own road over Taxcom: containers, lists by time, an answer that says nothing but 200."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edo_service import bootstrap_operators
from edo_service.bootstrap_operators import Speaking, Speech
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR
from operators.sandbox import Fault, FaultRule
from tests.fixtures import road
from tests.fixtures.road import CLIENT, House, MakeHouse


def _taxcom(wanted: Speech) -> Speaking:
    """The demonstration's account at Диадок as one at Taxcom's sandbox: its log-in is the participant id."""
    account = replace(wanted.account, login=wanted.account.participant_id, client_id="COMPANY_demo")
    return bootstrap_operators._taxcom(replace(wanted, account=account))


@pytest.fixture
def house(make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch) -> House:
    """The service with both companies connected to the Taxcom sandbox."""
    real = road.sandbox_app
    monkeypatch.setattr(
        road,
        "sandbox_app",
        lambda settings, clock, **options: real(settings, clock, **options | {"operator": "taxcom"}),
    )
    monkeypatch.setattr(bootstrap_operators, "ADAPTERS", {"diadoc": _taxcom})
    made = make_house()
    _rename_boxes(Path(made.services.settings.root))
    return made


def _rename_boxes(root: Path) -> None:
    """The demonstration's boxes are Diadoc's: at Taxcom a box is a participant id."""
    (database,) = [each for each in root.glob("*.db") if each.stat().st_size > 0]
    with closing(sqlite3.connect(database)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            if "box" in columns:
                for company in (LESSOR, CLIENT_ONE, CLIENT_TWO):
                    statement = f"update {table} set box = ? where box = ?"  # noqa: S608 - names come from the database itself
                    connection.execute(statement, (company.participant_id, company.box))
        connection.commit()


def test_invoice_is_sent_once_received_acknowledged_and_signed(house: House) -> None:
    house.faults.add(FaultRule(fault=Fault.CUT, path="SendMessage"))
    theirs = house.deliver(house.upload())
    house.settle()
    (ours,) = house.all()
    assert (ours.delivery, ours.receipt, ours.response) == ("delivered", "received", "expected"), house.report()
    assert len(house.journal("exchange.send")) == 1
    house.prepare(theirs)
    house.sign(theirs)
    house.settle()
    (ours,), (client,) = house.all(), house.all(CLIENT)
    assert (ours.trouble, client.trouble) == (None, None), house.report()
    assert (ours.response, client.receipt, client.response) == ("counter_signed", "confirmed", "signed_confirmed")
