"""Credentials change while threads speak: nobody's adapter is closed under him, and the newest credentials hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from edo_service.bootstrap_operators import GRACE, Switchboard
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.kernel.ids import new_id
from edo_service.settings import Settings
from operators.diadoc import DiadocOperator
from tests.fixtures.road import ACCOUNTANT, House


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The adapters that were closed."""
    found: list[object] = []
    close = DiadocOperator.close

    def note(adapter: DiadocOperator) -> None:
        found.append(adapter)
        close(adapter)

    monkeypatch.setattr(DiadocOperator, "close", note)
    return found


def board_of(house: House, **addresses: str) -> Switchboard:
    """A board of its own, with operators at these addresses."""
    services = house.services
    return Switchboard(
        settings=Settings(data_dir=services.settings.root, **addresses),  # type: ignore[arg-type]  # addresses only
        clock=services.clock,
        secrets=services.secrets,
        company=services.company,
        kept={},
        make_uow=services.uow,
    )


def made(house: House) -> tuple[Switchboard, AccountCard]:
    """A board, and the card of an account whose credentials were read before they were changed."""
    services, owner = house.services, house.actor(ACCOUNTANT).entity
    older = AccountCard(
        id=uuid4(),
        owner_id=owner,
        operator="diadoc",
        participant_id="2BM-1",
        box=str(new_id()),
        login="accountant",
        sealed_password=services.secrets.seal(b"old", seal_context(owner, "diadoc")),
        client_id="c",
        cursor=None,
        version=1,
    )
    return board_of(house, operator_url="http://127.0.0.1:1"), older


def changed(house: House, card: AccountCard, password: bytes) -> AccountCard:
    sealed = house.services.secrets.seal(password, seal_context(card.owner_id, "diadoc"))
    return replace(card, sealed_password=sealed, version=card.version + 1)


def test_an_older_card_is_given_the_newer_adapter(house: House, closed: list[object]) -> None:
    board, older = made(house)
    newer = changed(house, older, b"new")
    first, second = board.operator(older), board.operator(newer)
    assert first is not second
    assert board.operator(older) is second
    assert board.operator(newer) is second
    assert closed == [], "a thread may still speak through the first one"
    board.close()
    assert {id(one) for one in closed} == {id(first), id(second)}


def test_a_card_read_after_another_change_keeps_its_adapter_and_outdates_those_before(house: House) -> None:
    board, first = made(house)
    adapter = board.operator(first)
    assert board.operator(replace(first, version=5)) is adapter, "a place in the feed is no credential"
    assert board.operator(changed(house, first, b"in between")) is adapter
    board.close()


def test_what_was_replaced_is_closed_when_nobody_can_speak_through_it_any_more(
    house: House, closed: list[object]
) -> None:
    board, card = made(house)
    adapters = []
    for word, pause in ((b"1", timedelta(0)), (b"2", GRACE - timedelta(seconds=1)), (b"3", timedelta(seconds=1))):
        house.clock.move(pause)
        card = changed(house, card, word)
        adapters.append(board.operator(card))
    assert closed == []
    house.clock.move(timedelta(seconds=GRACE.total_seconds() - 1))
    board.operator(changed(house, card, b"4"))
    assert closed == adapters[:1]
    board.close()
