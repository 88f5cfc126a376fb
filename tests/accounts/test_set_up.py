"""Companies and people: what is refused, what is found, who may do it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edo_service.accounts import queries
from edo_service.accounts import use_cases as accounts
from edo_service.accounts.rules import LONGEST_VISIT, EntityKind, Role, SessionTimes
from edo_service.errors import Conflict, Forbidden, NotFound, NotLoggedIn, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import SystemScope
from tests.fixtures.companies import CLIENT_INN, CLIENT_KPP, LESSOR_INN, LESSOR_KPP, PASSWORD, Employ, MakeCompany
from tests.fixtures.databases import MakeUnit

SYSTEM = Actor.system("accounts.set_up")
SCOPE = SystemScope("accounts.set_up")


def test_a_company_is_found_by_its_numbers(company: MakeCompany, unit: MakeUnit) -> None:
    entity_id = company(name="  ООО «ЛизингПром» ")
    with unit(entity_id) as uow:
        card = queries.entity(uow, entity_id)
        assert queries.entity_by_inn(uow, LESSOR_INN, LESSOR_KPP) == card
        assert queries.entity_by_inn(uow, LESSOR_INN) is None
        assert queries.entities(uow) == [card]
        with pytest.raises(NotFound):
            queries.entity(uow, new_id())
    assert (card.name, card.kind, card.kpp, card.ogrn) == ("ООО «ЛизингПром»", "lessor", LESSOR_KPP, None)
    assert len(card.code) == 8


@pytest.mark.parametrize(
    ("inn", "kpp", "ogrn", "code"),
    [
        ("7707083894", LESSOR_KPP, None, "account.inn_invalid"),
        (LESSOR_INN, None, None, "account.kpp_invalid"),
        (LESSOR_INN, "1", None, "account.kpp_invalid"),
        ("500100732259", LESSOR_KPP, None, "account.kpp_invalid"),
        (LESSOR_INN, LESSOR_KPP, "1027700132196", "account.ogrn_invalid"),
    ],
)
def test_wrong_numbers_are_refused(unit: MakeUnit, inn: str, kpp: str | None, ogrn: str | None, code: str) -> None:
    new = accounts.NewEntity(kind=EntityKind.CLIENT, name="ООО", inn=inn, kpp=kpp, ogrn=ogrn)
    with pytest.raises(Rejected) as caught:
        accounts.create_entity(new, actor=SYSTEM, uow=unit(scope=SCOPE))
    assert caught.value.code == code


def test_a_company_is_opened_once_and_by_the_system_only(company: MakeCompany, employ: Employ, unit: MakeUnit) -> None:
    admin = employ(company(), role=Role.ADMINISTRATOR)
    with pytest.raises(Conflict):
        company()
    assert company(kpp="770801001"), "a branch is another entity"
    new = accounts.NewEntity(kind=EntityKind.CLIENT, name="ООО", inn=CLIENT_INN, kpp=CLIENT_KPP)
    with pytest.raises(Forbidden):
        accounts.create_entity(new, actor=admin.actor, uow=unit(admin.entity_id))


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("a b", PASSWORD, "account.log_in_invalid"),
        ("ab", PASSWORD, "account.log_in_invalid"),
        ("a\nb\nc", PASSWORD, "account.log_in_invalid"),
        ("ivanova", "короткий", "account.password_length"),
        ("polarowl", "polarowl и снег", "account.password_personal"),
    ],
)
def test_a_person_needs_a_log_in_and_a_good_password(unit: MakeUnit, login: str, password: str, code: str) -> None:
    new = accounts.NewPerson(login=login, password=password, surname="Иванова", given_name="Анна")
    with pytest.raises(Rejected) as caught:
        accounts.create_person(new, actor=SYSTEM, uow=unit(scope=SCOPE))
    assert caught.value.code == code


def test_a_visitor_works_until_the_last_day_and_no_request_later(
    company: MakeCompany, employ: Employ, unit: MakeUnit, clock: MovableClock
) -> None:
    entity_id = company()
    employ(entity_id, role=Role.ACCOUNTANT, login="member")
    auditor = employ(entity_id, role=Role.AUDITOR, login="auditor")
    today = moscow_date(clock.now())
    uow = unit(scope=SCOPE)
    with uow:
        assert queries.member(uow, auditor.person_id, entity_id).valid_until == today + LONGEST_VISIT, (
            "never without an end"
        )
    last = today + timedelta(days=10)
    new = accounts.NewMembership(person_id=auditor.person_id, role=Role.AUDITOR, valid_until=last)
    accounts.add_membership(new, entity_id=entity_id, actor=SYSTEM, uow=uow)
    for wrong in (today - timedelta(days=1), today + LONGEST_VISIT + timedelta(days=1)):
        late = replace(new, valid_until=wrong)
        with pytest.raises(Rejected, match="visit_too_long"):
            accounts.add_membership(late, entity_id=entity_id, actor=SYSTEM, uow=uow)
    entered = accounts.log_in("auditor", PASSWORD, device=accounts.Device(address="127.0.0.1", user_agent="x"), uow=uow)
    times = SessionTimes(idle=timedelta(days=30), life=timedelta(days=60))
    clock.set(datetime(last.year, last.month, last.day, 20, 59, tzinfo=UTC))
    assert accounts.authenticate(entered.token, times=times, uow=uow).person_id == auditor.person_id
    clock.move(timedelta(minutes=1))  # midnight in Moscow
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(entered.token, times=times, uow=uow)
    with uow:
        assert [one.login for one in queries.members(uow, entity_id)] == ["member"]
        with pytest.raises(NotFound):
            queries.member(uow, auditor.person_id, entity_id)
        assert len(queries.members(uow, entity_id, former=True)) == 2


def test_a_log_in_is_taken_whatever_its_case(company: MakeCompany, employ: Employ) -> None:
    entity_id = company()
    employ(entity_id, login="Ivanova")
    with pytest.raises(Conflict):
        employ(entity_id, login="iVANOVA")


def test_members_are_seen_by_their_own_company_only(company: MakeCompany, employ: Employ, unit: MakeUnit) -> None:
    ours, theirs = company(), company(inn=CLIENT_INN, kpp=CLIENT_KPP)
    anna = employ(ours, head=True)
    boris = employ(theirs, login="boris")
    with unit(ours) as uow:
        card = queries.member(uow, anna.person_id, ours)
        assert [one.login for one in queries.members(uow, ours)] == ["ivanova"]
        assert queries.members(uow, theirs) == []
        assert queries.head(uow, ours).person_id == anna.person_id
        for person, entity in ((boris.person_id, theirs), (boris.person_id, ours), (new_id(), ours)):
            with pytest.raises(NotFound):
                queries.member(uow, person, entity)
        with pytest.raises(NotFound):
            queries.head(uow, theirs)
    assert (card.full_name, card.short_name, card.position) == (
        "Иванова Анна Петровна",
        "Иванова А. П.",
        "Главный бухгалтер",
    )


def test_without_a_head_whoever_may_sign_longest_signs(company: MakeCompany, employ: Employ, unit: MakeUnit) -> None:
    entity_id = company()
    employ(entity_id, role=Role.AUDITOR, login="auditor")
    signer = employ(entity_id, role=Role.ACCOUNTANT, login="signer")
    with unit(entity_id) as uow:
        assert queries.head(uow, entity_id).person_id == signer.person_id


def test_only_an_administrator_employs_and_only_for_her_company(
    company: MakeCompany, employ: Employ, unit: MakeUnit
) -> None:
    ours, theirs = company(), company(inn=CLIENT_INN, kpp=CLIENT_KPP)
    admin = employ(ours, role=Role.ADMINISTRATOR, login="admin-a")
    clerk = employ(ours, login="clerk")
    wish = accounts.NewMembership(person_id=clerk.person_id, role=Role.CLIENT)
    uow = unit(ours)
    with pytest.raises(Forbidden):
        accounts.add_membership(wish, entity_id=ours, actor=clerk.actor, uow=uow)
    with pytest.raises(NotFound):
        accounts.add_membership(wish, entity_id=theirs, actor=admin.actor, uow=uow)
    with pytest.raises(NotFound):
        accounts.end_membership(clerk.person_id, entity_id=theirs, actor=admin.actor, uow=uow)
    unknown = accounts.NewMembership(person_id=new_id(), role=Role.CLIENT)
    with pytest.raises(NotFound):
        accounts.add_membership(unknown, entity_id=ours, actor=admin.actor, uow=uow)
    accounts.add_membership(wish, entity_id=ours, actor=admin.actor, uow=uow)
    with uow:
        assert queries.member(uow, clerk.person_id, ours).role is Role.CLIENT


@pytest.mark.parametrize(
    ("inn", "snils", "code"),
    [
        ("500100732258", None, "account.inn_invalid"),
        (LESSOR_INN, None, "account.inn_invalid"),
        (None, "11223344596", "account.snils_invalid"),
    ],
)
def test_wrong_numbers_of_a_person_are_refused(
    company: MakeCompany, employ: Employ, unit: MakeUnit, inn: str | None, snils: str | None, code: str
) -> None:
    anna = employ(company())
    wish = accounts.NewMembership(person_id=anna.person_id, role=Role.CLIENT, inn=inn, snils=snils)
    with pytest.raises(Rejected) as caught:
        accounts.add_membership(wish, entity_id=anna.entity_id, actor=SYSTEM, uow=unit(scope=SCOPE))
    assert caught.value.code == code


def test_one_who_left_is_gone_and_may_come_back(company: MakeCompany, employ: Employ, unit: MakeUnit) -> None:
    anna = employ(company())
    uow = unit(scope=SCOPE)
    accounts.end_membership(anna.person_id, entity_id=anna.entity_id, actor=SYSTEM, uow=uow)
    with uow:
        assert queries.members(uow, anna.entity_id) == []
        assert [one.active for one in queries.members(uow, anna.entity_id, former=True)] == [False]
    with pytest.raises(NotFound):
        accounts.end_membership(anna.person_id, entity_id=anna.entity_id, actor=SYSTEM, uow=uow)
    back = accounts.NewMembership(person_id=anna.person_id, role=Role.MANAGER, snils="11223344595", inn="500100732259")
    accounts.add_membership(back, entity_id=anna.entity_id, actor=SYSTEM, uow=uow)
    with uow:
        card = queries.member(uow, anna.person_id, anna.entity_id)
    assert (card.role, card.snils, card.inn, card.active) == (Role.MANAGER, "11223344595", "500100732259", True)
