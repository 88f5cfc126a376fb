"""Own boxes and counterparties: kept once, found by what documents name, seen by their owner only."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from edo_service.accounts.rules import Role
from edo_service.errors import Forbidden, NotFound, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import JournalEntry
from edo_service.parties import queries
from edo_service.parties import use_cases as parties
from edo_service.parties.use_cases import NewCounterparty
from tests.fixtures.companies import CLIENT_INN, CLIENT_KPP, Employ, MakeCompany
from tests.fixtures.databases import MakeUnit

VEKTOR = NewCounterparty(
    inn=CLIENT_INN,
    kpp=CLIENT_KPP,
    name="ООО «Вектор»",
    operator="diadoc",
    participant_id="2BM-5036045205-1",
    box="abc@diadoc.ru",
)


def test_a_box_is_kept_once_and_may_change(company: MakeCompany, unit: MakeUnit) -> None:
    entity_id = company()
    actor, uow = Actor.automatic("test", entity_id), unit(entity_id)
    first = parties.keep_own_box(operator="diadoc", participant_id="2BM-1", box="a", actor=actor, uow=uow)
    assert parties.keep_own_box(operator="diadoc", participant_id="2BM-1", box="b", actor=actor, uow=uow) == first
    with uow:
        (card,) = queries.own_boxes(uow)
        assert queries.own_box(uow, participant_id="2BM-1") == card
        assert queries.own_box(uow, participant_id="2BM-2") is None
        assert queries.own_box(uow, participant_id=None) is None
    assert (card.id, card.box) == (first, "b")


def test_a_counterparty_is_kept_once_and_found(company: MakeCompany, unit: MakeUnit) -> None:
    entity_id = company()
    actor, uow = Actor.automatic("test", entity_id), unit(entity_id)
    first = parties.keep_counterparty(VEKTOR, actor=actor, uow=uow)
    renamed = replace(VEKTOR, name="ООО «Вектор плюс»", relation="invited")
    assert parties.keep_counterparty(renamed, actor=actor, uow=uow) == first
    with uow:
        card = queries.counterparty(uow, first)
        assert queries.counterparty_by_participant(uow, VEKTOR.participant_id) == card
        assert queries.counterparty_by_box(uow, VEKTOR.box) == card
        assert queries.counterparty_by_participant(uow, None) is None
        assert queries.counterparty_by_box(uow, None) is None
        assert [one.id for one in queries.counterparties(uow, text="ВЕКТОР плюс")] == [first]
        assert [one.id for one in queries.counterparties(uow, text=f"вектор {CLIENT_INN[:5]}")] == [first]
        assert queries.counterparties(uow, text="100%") == []
        assert queries.counterparties(uow, text="северный") == []
    assert (card.name, card.relation, card.kpp) == ("ООО «Вектор плюс»", "invited", CLIENT_KPP)
    with uow:
        told = set(uow.session.scalars(select(JournalEntry.subject).where(JournalEntry.event == "party.kept")))
    assert told == {f"counterparty:{first}"}


def test_a_sole_trader_without_kpp_is_kept_once(company: MakeCompany, unit: MakeUnit) -> None:
    entity_id = company()
    actor, uow = Actor.automatic("test", entity_id), unit(entity_id)
    trader = NewCounterparty(inn="500100732259", kpp=None, name="ИП Иванов")
    assert parties.keep_counterparty(trader, actor=actor, uow=uow) == parties.keep_counterparty(
        trader, actor=actor, uow=uow
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inn": "5036045206"}, "party.bad_inn"),
        ({"kpp": "12"}, "party.bad_kpp"),
        ({"kpp": "abcdefghi"}, "party.bad_kpp"),
    ],
)
def test_wrong_numbers_are_refused(company: MakeCompany, unit: MakeUnit, change: dict[str, str], code: str) -> None:
    entity_id = company()
    with pytest.raises(Rejected) as caught:
        parties.keep_counterparty(
            replace(VEKTOR, **change), actor=Actor.automatic("test", entity_id), uow=unit(entity_id)
        )
    assert caught.value.code == code
    with pytest.raises(Rejected):
        parties.keep_own_box(
            operator="d", participant_id="ж", box="a", actor=Actor.automatic("test", entity_id), uow=unit(entity_id)
        )


def test_a_foreign_counterparty_is_as_an_absent_one(company: MakeCompany, unit: MakeUnit) -> None:
    ours, theirs = company(), company(inn=CLIENT_INN, kpp=CLIENT_KPP)
    mine = parties.keep_counterparty(VEKTOR, actor=Actor.automatic("test", ours), uow=unit(ours))
    own = parties.keep_counterparty(VEKTOR, actor=Actor.automatic("test", theirs), uow=unit(theirs))
    assert own != mine, "each keeps its own"
    for wanted in (mine, new_id()):
        with unit(theirs) as uow, pytest.raises(NotFound):
            queries.counterparty(uow, wanted)
    with unit(theirs) as uow:
        assert [one.id for one in queries.counterparties(uow)] == [own]


def test_rights_are_asked(company: MakeCompany, employ: Employ, unit: MakeUnit) -> None:
    auditor = employ(company(), role=Role.AUDITOR)
    uow = unit(auditor.entity_id)
    with pytest.raises(Forbidden):
        parties.keep_counterparty(VEKTOR, actor=auditor.actor, uow=uow)
    with pytest.raises(Forbidden):
        parties.keep_own_box(operator="d", participant_id="2BM-1", box="a", actor=auditor.actor, uow=uow)
