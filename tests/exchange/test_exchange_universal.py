"""A receipt as a universal message (УС): made here for what comes in, taken for what went out; nobody signs one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from edo_service.documents.queries import PartCard
from edo_service.exchange import queries
from edo_service.exchange.rules import ReceiptsBy
from edo_service.exchange.use_cases.receipts import choose_receipts
from edo_service.kernel.actor import Right
from tests.fixtures.road import ACCOUNTANT, CLIENT, House, MakeHouse


def by_message(house: House, receipts_by: ReceiptsBy = ReceiptsBy.MESSAGE) -> None:
    """The client's administrator chooses how she acknowledges what comes in."""
    actor = replace(house.actor(CLIENT), rights=frozenset(Right))
    (account,) = queries.accounts(uow=house.uow(actor).reading())
    choose_receipts(account.id, receipts_by, actor=actor, uow=house.uow(actor), operators=house.services.operator)


def receipt_of(house: House, document_id: UUID, person: object) -> PartCard:
    (part,) = [one for one in house.card(document_id, person).parts if "receipt" in one.role]  # type: ignore[arg-type]
    return part


def test_what_comes_in_is_acknowledged_by_a_message_and_both_sides_archive_it(make_house: MakeHouse) -> None:
    house = make_house()
    by_message(house)
    ours = house.upload(house.write(function="СЧФ"))
    theirs = house.deliver(ours)
    house.settle(lambda: all(one.archive == "kept" for one in (house.card(ours).line, house.card(theirs, CLIENT).line)))
    assert (house.card(ours).line.receipt, house.card(theirs, CLIENT).line.receipt) == ("received", "told")
    sides = [receipt_of(house, ours, ACCOUNTANT), receipt_of(house, theirs, CLIENT)]
    assert [(one.role, one.parent_role, list(one.signatures), one.objection) for one in sides] == [
        ("universal_receipt", "seller_title", [], None)
    ] * 2
    assert sides[0].sha256 == sides[1].sha256
    assert [one.origin for one in sides] == ["counterparty", "ours"]
