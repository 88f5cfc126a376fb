"""Logging in and out: who gets in, who does not, and how little a stranger learns."""

import hashlib
import statistics
import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from edo_service.accounts import hashing, queries
from edo_service.accounts import use_cases as accounts
from edo_service.accounts.rules import Role, SessionTimes
from edo_service.accounts.tables import Person, UserSession
from edo_service.accounts.use_cases import Device
from edo_service.errors import EdoError, Forbidden, NotFound, NotLoggedIn, RateLimited, Rejected
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.journal import PLATFORM, JournalEntry
from edo_service.kernel.scope import Scope, SystemScope
from edo_service.kernel.uow import UnitOfWork
from tests.fixtures.companies import CLIENT_INN, CLIENT_KPP, PASSWORD, Employ, Employee, MakeCompany
from tests.fixtures.databases import MakeUnit

TIMES = SessionTimes()
HOME = Device(address="192.0.2.1", user_agent="Mozilla/5.0 (Яндекс)")
AWAY = Device(address="198.51.100.7")


@pytest.fixture
def anna(company: MakeCompany, employ: Employ) -> Employee:
    return employ(company())


@pytest.fixture
def stranger(unit: MakeUnit) -> UnitOfWork:
    """A unit of work of somebody who is nobody yet."""
    return unit(scope=Scope(frozenset()))


def log_in(uow: UnitOfWork, login: str = "ivanova", password: str = PASSWORD, device: Device = HOME) -> str:
    return accounts.log_in(login, password, device=device, uow=uow).token


def events(unit: MakeUnit) -> list[tuple[str, UUID, str]]:
    with unit(scope=SystemScope("health")) as uow:
        found = uow.session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        return [(row.event, row.owner_id, row.subject) for row in found if "log" in row.event]


def test_the_right_password_opens_a_session(anna: Employee, stranger: UnitOfWork, unit: MakeUnit) -> None:
    token = log_in(stranger, "  IVANOVA ")

    logged_in = accounts.authenticate(token, times=TIMES, uow=stranger)

    assert (logged_in.person_id, logged_in.login, logged_in.name) == (
        anna.person_id,
        "ivanova",
        "Иванова Анна Петровна",
    )
    (organization,) = logged_in.organizations
    assert organization.role is Role.ACCOUNTANT
    actor = logged_in.actor(organization.entity.code)
    assert actor == anna.actor
    assert actor.scope == Scope.of(anna.entity_id)
    actor.require(Right.SIGN)
    with pytest.raises(Forbidden):
        actor.require(Right.KEYS)
    with pytest.raises(NotFound):
        logged_in.actor("unknown1")
    assert events(unit) == [("account.logged_in", anna.entity_id, f"person:{anna.person_id}")]


def test_nothing_plain_is_stored(anna: Employee, stranger: UnitOfWork, unit: MakeUnit) -> None:
    token = log_in(stranger)
    with unit(scope=SystemScope("health")) as uow:
        session = uow.session.scalars(select(UserSession)).one()
        person = uow.session.scalars(select(Person)).one()
    assert session.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43
    assert person.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (session.address, session.user_agent) == (HOME.address, HOME.user_agent)


@pytest.mark.parametrize(("login", "password"), [("ivanova", "Полярная сова 43"), ("nobody", PASSWORD), ("", "")])
def test_every_failure_looks_the_same(
    anna: Employee, stranger: UnitOfWork, unit: MakeUnit, login: str, password: str
) -> None:
    with pytest.raises(Rejected) as caught:
        log_in(stranger, login, password)
    assert (caught.value.code, caught.value.params) == ("account.log_in_failed", {})
    owner = anna.entity_id if login == "ivanova" else PLATFORM
    assert [(event, entity) for event, entity, _ in events(unit)] == [("account.log_in_failed", owner)]


def test_a_failure_takes_the_same_time_for_an_unknown_name() -> None:
    """What takes the time is the hash: the same function does the same work for nobody."""
    hashed = hashing.hash_password(PASSWORD)
    hashing.password_fits(None, "warm up")
    known, unknown = [], []
    for _ in range(15):
        for kept, sample in ((hashed, known), (None, unknown)):
            begun = time.thread_time()
            assert not hashing.password_fits(kept, "wrong")
            sample.append(time.thread_time() - begun)
    assert 0.6 < statistics.median(known) / statistics.median(unknown) < 1.7
    assert statistics.median(unknown) > 0.005


def test_the_ten_and_first_bad_try_is_refused_unheard(
    anna: Employee, stranger: UnitOfWork, clock: MovableClock
) -> None:
    for _ in range(10):
        with pytest.raises(Rejected):
            log_in(stranger, password="wrong password")
        clock.move(timedelta(seconds=30))

    with pytest.raises(RateLimited) as caught:
        log_in(stranger)
    assert caught.value.retry_after == timedelta(minutes=10)
    assert caught.value.params == {"retry_after": 600}
    with pytest.raises(RateLimited):
        log_in(stranger, "IVANOVA")
    assert log_in(stranger, device=AWAY), "the owner at another address gets in"

    clock.move(timedelta(minutes=10))
    assert log_in(stranger), "after the window"


def test_success_forgives_earlier_tries(anna: Employee, stranger: UnitOfWork) -> None:
    for _ in range(2):
        for _ in range(9):
            with pytest.raises(Rejected):
                log_in(stranger, password="wrong password")
        log_in(stranger)


def test_tries_at_once_are_all_counted(anna: Employee, unit: MakeUnit) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        try:
            log_in(unit(scope=Scope(frozenset())), password="wrong password")
        except EdoError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert sorted(outcomes) == ["account.log_in_failed"] * 10 + ["account.too_many_tries"] * 6


def test_a_session_ends_when_idle_and_at_last(anna: Employee, stranger: UnitOfWork, clock: MovableClock) -> None:
    token = log_in(stranger)
    for _ in range(25):
        clock.move(timedelta(minutes=28))
        accounts.authenticate(token, times=TIMES, uow=stranger)
    clock.move(timedelta(minutes=28))
    with pytest.raises(NotLoggedIn) as caught:
        accounts.authenticate(token, times=TIMES, uow=stranger)
    assert caught.value.code == "account.session_over"

    token = log_in(stranger)
    clock.move(timedelta(minutes=31))
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(token, times=TIMES, uow=stranger)


def test_logging_out_ends_the_session_at_once(anna: Employee, stranger: UnitOfWork) -> None:
    token, other = log_in(stranger), log_in(stranger)
    accounts.log_out(token, uow=stranger)
    accounts.log_out("unknown", uow=stranger)
    accounts.log_out(None, uow=stranger)
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(token, times=TIMES, uow=stranger)
    accounts.authenticate(other, times=TIMES, uow=stranger)


def test_logging_in_again_in_one_browser_ends_its_old_session(anna: Employee, stranger: UnitOfWork) -> None:
    planted = log_in(stranger)
    fresh = accounts.log_in("ivanova", PASSWORD, device=HOME, uow=stranger, old_token=planted).token
    assert fresh != planted
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(planted, times=TIMES, uow=stranger)
    accounts.authenticate(fresh, times=TIMES, uow=stranger)


@pytest.mark.parametrize("token", [None, "", "x" * 43, "нелатинский"])
def test_without_a_token_nobody_is_logged_in(stranger: UnitOfWork, token: str | None) -> None:
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(token, times=TIMES, uow=stranger)


def test_a_right_taken_away_is_gone_with_the_next_request(
    anna: Employee, stranger: UnitOfWork, unit: MakeUnit, company: MakeCompany
) -> None:
    admin, uow = Actor.system("accounts.set_up"), unit(scope=SystemScope("accounts.set_up"))
    other = company(inn=CLIENT_INN, kpp=CLIENT_KPP, name="ООО «Вектор»")
    membership = accounts.NewMembership(person_id=anna.person_id, role=Role.AUDITOR)
    accounts.add_membership(membership, entity_id=other, actor=admin, uow=uow)
    token = log_in(stranger)
    before = accounts.authenticate(token, times=TIMES, uow=stranger)
    assert [one.entity.name for one in before.organizations] == ["ООО «Вектор»", "ООО «ЛизингПром»"]

    demoted = accounts.NewMembership(person_id=anna.person_id, role=Role.MANAGER)
    accounts.add_membership(demoted, entity_id=anna.entity_id, actor=admin, uow=uow)
    after = accounts.authenticate(token, times=TIMES, uow=stranger)
    actor = next(one.actor for one in after.organizations if one.entity.id == anna.entity_id)
    assert not actor.may(Right.SIGN)

    accounts.end_membership(anna.person_id, entity_id=anna.entity_id, actor=admin, uow=uow)
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(token, times=TIMES, uow=stranger)
    fresh = accounts.authenticate(log_in(stranger), times=TIMES, uow=stranger)
    assert [one.entity.id for one in fresh.organizations] == [other]

    accounts.end_membership(anna.person_id, entity_id=other, actor=admin, uow=uow)
    with pytest.raises(Rejected):
        log_in(stranger)


def test_an_old_hash_is_made_anew_at_log_in(anna: Employee, stranger: UnitOfWork, unit: MakeUnit) -> None:
    from argon2 import PasswordHasher

    with unit(scope=SystemScope("health")) as uow:
        person = uow.session.scalars(select(Person)).one()
        person.password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        uow.commit()
    log_in(stranger)
    with unit(scope=SystemScope("health")) as uow:
        assert "m=19456,t=2,p=1" in uow.session.scalars(select(Person)).one().password_hash
    log_in(stranger)


def test_changing_the_password_ends_every_session(anna: Employee, stranger: UnitOfWork, unit: MakeUnit) -> None:
    tokens = [log_in(stranger), log_in(stranger, device=AWAY)]
    fresh = "совсем другая фраза"
    with pytest.raises(Rejected) as wrong:
        accounts.change_password(anna.person_id, old="not this one", new=fresh, uow=stranger)
    assert wrong.value.code == "account.password_wrong"
    with pytest.raises(Rejected) as weak:
        accounts.change_password(anna.person_id, old=PASSWORD, new="лизингпром навсегда", uow=stranger)
    assert weak.value.code == "account.password_personal"

    accounts.change_password(anna.person_id, old=PASSWORD, new=fresh, uow=stranger)

    for token in tokens:
        with pytest.raises(NotLoggedIn):
            accounts.authenticate(token, times=TIMES, uow=stranger)
    with pytest.raises(Rejected):
        log_in(stranger)
    assert log_in(stranger, password=fresh)


def test_an_administrator_gives_a_new_password_to_her_own_people_only(
    anna: Employee, stranger: UnitOfWork, unit: MakeUnit, company: MakeCompany, employ: Employ
) -> None:
    admin = employ(anna.entity_id, role=Role.ADMINISTRATOR, login="admin-anna")
    foreign = employ(
        company(inn=CLIENT_INN, kpp=CLIENT_KPP, name="ООО «Вектор»"), role=Role.ADMINISTRATOR, login="vektor"
    )
    fresh = "совсем другая фраза"
    with pytest.raises(NotFound):
        accounts.set_password(anna.person_id, new=fresh, actor=foreign.actor, uow=unit(foreign.entity_id))
    with pytest.raises(Forbidden):
        accounts.set_password(admin.person_id, new=fresh, actor=anna.actor, uow=unit(anna.entity_id))
    accounts.set_password(anna.person_id, new=fresh, actor=admin.actor, uow=unit(anna.entity_id))
    assert log_in(stranger, password=fresh)


def test_sessions_can_be_listed_and_ended(anna: Employee, employ: Employ, stranger: UnitOfWork, unit: MakeUnit) -> None:
    first, second = log_in(stranger), log_in(stranger, device=AWAY)
    other = employ(anna.entity_id, login="petrova")
    theirs = log_in(stranger, "petrova")
    uow = unit(anna.entity_id)
    with uow:
        listed = queries.live_sessions(uow, anna.person_id)
    assert {one.address for one in listed} == {HOME.address, AWAY.address}
    away = next(one for one in listed if one.address == AWAY.address)

    with pytest.raises(NotFound):
        accounts.revoke_session(away.id, person_id=other.person_id, uow=uow)
    accounts.revoke_session(away.id, person_id=anna.person_id, uow=uow)
    with pytest.raises(NotFound):
        accounts.revoke_session(away.id, person_id=anna.person_id, uow=uow)
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(second, times=TIMES, uow=stranger)

    present = accounts.authenticate(first, times=TIMES, uow=stranger)
    log_in(stranger)
    assert accounts.revoke_all_sessions(person_id=anna.person_id, uow=uow, but=present.session_id) == 1
    accounts.authenticate(first, times=TIMES, uow=stranger)
    assert accounts.revoke_all_sessions(person_id=anna.person_id, uow=uow) == 1
    with pytest.raises(NotLoggedIn):
        accounts.authenticate(first, times=TIMES, uow=stranger)
    accounts.authenticate(theirs, times=TIMES, uow=stranger)


def test_form_tokens_belong_to_their_session(anna: Employee, stranger: UnitOfWork) -> None:
    one = accounts.authenticate(log_in(stranger), times=TIMES, uow=stranger)
    two = accounts.authenticate(log_in(stranger), times=TIMES, uow=stranger)
    assert one.form_token == hashing.form_token(one.csrf_secret)
    assert one.form_token != two.form_token


def test_old_sessions_and_tries_are_tidied_up(
    anna: Employee, stranger: UnitOfWork, unit: MakeUnit, clock: MovableClock
) -> None:
    log_in(stranger)
    with pytest.raises(Rejected):
        log_in(stranger, "nobody")
    clock.move(timedelta(days=91))
    kept = log_in(stranger)
    accounts.prune(uow=stranger)
    with unit(anna.entity_id) as uow:
        assert len(uow.session.scalars(select(UserSession)).all()) == 1
    accounts.authenticate(kept, times=TIMES, uow=stranger)
