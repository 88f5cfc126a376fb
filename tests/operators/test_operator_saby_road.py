"""The service's own road over Saby: what exchange does with an operator that is not Diadoc-shaped."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edo_service import bootstrap_operators
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoCompany
from operators.diadoc import DiadocCredentials
from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import Fault, FaultRule
from tests.fixtures import road
from tests.fixtures.road import CLIENT, House, MakeHouse


def _box(company: DemoCompany) -> str:
    return f"{company.inn}-{company.kpp}@{company.participant_id}"


def _saby(address: str, credentials: DiadocCredentials, **options: Any) -> SabyOperator:
    return SabyOperator(address, SabyCredentials(login=credentials.login, password=credentials.password), **options)


@pytest.fixture
def house(make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch) -> House:
    """The service with both companies connected to the Saby sandbox."""
    real = road.sandbox_app
    monkeypatch.setattr(
        road, "sandbox_app", lambda settings, clock, **options: real(settings, clock, **options | {"operator": "saby"})
    )
    monkeypatch.setattr(bootstrap_operators, "DiadocOperator", _saby)
    made = make_house()
    _rename_boxes(Path(made.services.settings.root))
    return made


def _rename_boxes(root: Path) -> None:
    """The demonstration's boxes are Diadoc's: give the companies those of Saby."""
    (database,) = [each for each in root.glob("*.db") if each.stat().st_size > 0]
    with closing(sqlite3.connect(database)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            if "box" in columns:
                for company in (LESSOR, CLIENT_ONE, CLIENT_TWO):
                    statement = f"update {table} set box = ? where box = ?"  # noqa: S608 - names come from the database itself
                    connection.execute(statement, (_box(company), company.box))
        connection.commit()


def _standing(house: House) -> tuple[str, ...]:
    """Delivery, receipt and response on both sides."""
    (ours,), (theirs,) = house.all(), house.all(CLIENT)
    assert (ours.trouble, theirs.trouble) == (None, None), house.report()
    return ours.delivery, ours.receipt, ours.response, theirs.receipt, theirs.response


def test_invoice_is_sent_once_received_acknowledged_and_signed(house: House) -> None:
    house.faults.add(FaultRule(fault=Fault.CUT, path="ВыполнитьДействие"))
    theirs = house.deliver(house.upload())
    house.settle()
    assert _standing(house) == ("delivered", "received", "expected", "confirmed", "required")
    assert len(house.journal("exchange.send")) == 1
    house.prepare(theirs)
    house.sign(theirs)
    house.settle()
    assert _standing(house) == ("delivered", "received", "counter_signed", "confirmed", "signed_confirmed")


def test_refusal_travels(house: House) -> None:
    theirs = house.deliver(house.upload())
    house.settle()
    house.refuse(theirs, "Сумма не та")
    house.sign(theirs)
    house.settle()
    assert _standing(house) == ("delivered", "received", "counter_refused", "confirmed", "refused_confirmed")
