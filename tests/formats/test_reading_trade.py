"""What people read of primary documents: who, how much, line by line, from one row of places for each kind."""

from decimal import Decimal

import pytest

from edo_service.formats import read_any
from edo_service.formats.reading_trade import PLACES
from tests.formats.paper_parts import ONE, TWO, items, total
from tests.formats.papers import PAPERS

TRADE = ("goods_note", "goods_note_172", "work_act", "work_act_172", "construction_act")


@pytest.mark.parametrize("name", TRADE)
def test_sides_sums_and_lines_of_a_primary_document(name: str) -> None:
    lines = items(3)
    net, tax, gross = total(lines)
    reading = read_any(PAPERS[name].file(3))
    assert reading.seller is not None
    assert reading.seller.name == ONE
    if name != "work_act_172":  # it does not say for whom
        assert reading.buyer is not None
        assert (reading.buyer.name, reading.buyer.inn) == (TWO, "7800000027")
    assert (reading.net, reading.tax, reading.gross) == (net, tax, gross)
    assert [(line.name, line.net) for line in reading.lines] == [(line.name, line.net) for line in lines]
    assert reading.lines[1].quantity == Decimal(2)
    assert reading.lines[0].price == Decimal("6543210.50")


def test_a_discrepancy_act_tells_what_was_found() -> None:
    reading = read_any(PAPERS["discrepancy_act"].file(2))
    assert reading.buyer is not None
    assert reading.buyer.name == TWO
    assert [line.quantity for line in reading.lines] == [Decimal("1.000"), Decimal(2)]
    assert reading.lines[0].rate == "20%"


def test_a_correction_tells_what_the_lines_became() -> None:
    reading = read_any(PAPERS["ukd"].file(2))
    assert reading.lines[0].net == Decimal("5888889.45")
    assert reading.lines[0].rate == "20%"
    old = read_any(PAPERS["correction_invoice"].file(1))
    assert (old.lines[0].net, old.lines[0].rate) == (Decimal("6543310.50"), "18%")


def test_sides_are_called_as_the_document_calls_them() -> None:
    assert read_any(PAPERS["reconciliation"].file(2)).roles == ("Отправитель", "Получатель")
    assert read_any(PAPERS["work_act"].file(1)).roles == ("Исполнитель", "Заказчик")
    assert read_any(PAPERS["upd"].file(1)).roles == ("Продавец", "Покупатель")
    assert {places.roles[0] for places in PLACES.values()} >= {"Подрядчик", "Поставщик"}
