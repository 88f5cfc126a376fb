"""The second step of log-in: who is asked for a code, and how little a wrong one or an old ticket gives."""

import threading

import pytest

from edo_service.accounts import use_cases as accounts
from edo_service.accounts.rules import CODE_LIFE, CODE_TRIES, CODES_SENT, TRIES_WINDOW, SessionTimes, phone_of
from edo_service.accounts.use_cases import Device
from edo_service.accounts.use_cases.second_step import SecondStep
from edo_service.errors import NotLoggedIn, RateLimited, Rejected, Unavailable
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.messages import ShortMessage
from edo_service.kernel.scope import Scope
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from tests.fixtures.companies import CLIENT_INN, LESSOR_INN, PASSWORD, Employ, Employee, MakeCompany
from tests.fixtures.databases import MakeUnit

HOME = Device(address="192.0.2.1")
PHONE = "+79161234567"
BOX = SecretBox([b"k" * 32])


class Phones:
    """A texter that keeps what it was given; a real second implementation, in memory."""

    def __init__(self) -> None:
        self.messages: list[ShortMessage] = []
        self.away = False

    def send(self, message: ShortMessage) -> None:
        if self.away:
            raise Unavailable("sms.not_sent", reason="away")
        self.messages.append(message)

    @property
    def code(self) -> str:
        return self.messages[-1].text[:6]


@pytest.fixture
def phones() -> Phones:
    return Phones()


@pytest.fixture
def step(phones: Phones) -> SecondStep:
    return SecondStep(demanded=frozenset({LESSOR_INN}), secrets=BOX, texter=phones)


@pytest.fixture
def anna(company: MakeCompany, employ: Employ) -> Employee:
    return employ(company(), login=PHONE)


@pytest.fixture
def stranger(unit: MakeUnit) -> UnitOfWork:
    return unit(scope=Scope(frozenset()))


@pytest.fixture
def ticket(anna: Employee, step: SecondStep, stranger: UnitOfWork) -> str:
    """What the browser holds after the password."""
    with pytest.raises(accounts.CodeNeeded) as needed:
        accounts.log_in(PHONE, PASSWORD, device=HOME, uow=stranger, demanded=step.demanded)
    return accounts.send_code(needed.value.person_id, needed.value.phone, step=step, uow=stranger)


def enter(ticket: str | None, code: str, step: SecondStep, uow: UnitOfWork) -> str:
    return accounts.enter_code(ticket, code, device=HOME, step=step, uow=uow).token


def refusal(ticket: str | None, code: str, step: SecondStep, uow: UnitOfWork) -> str:
    with pytest.raises(Rejected) as caught:
        enter(ticket, code, step, uow)
    return caught.value.code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_right_code_opens_a_session_once(
    ticket: str, anna: Employee, phones: Phones, step: SecondStep, stranger: UnitOfWork
) -> None:
    (message,) = phones.messages
    assert message.to == PHONE
    assert len(message.text) <= 70, "one SMS"
    assert phones.code.isdecimal()
    token = enter(ticket, f" {phones.code[:3]}-{phones.code[3:]} ", step, stranger)
    found = accounts.authenticate(token, times=SessionTimes(), uow=stranger)
    assert found.person_id == anna.person_id
    assert refusal(ticket, phones.code, step, stranger) == "account.code_over", "one use"


def test_a_wrong_code_costs_a_try_and_five_are_the_end(
    ticket: str, phones: Phones, step: SecondStep, stranger: UnitOfWork
) -> None:
    for _ in range(CODE_TRIES - 1):
        assert refusal(ticket, wrong(phones.code), step, stranger) == "account.code_wrong"
    assert refusal(ticket, wrong(phones.code), step, stranger) == "account.code_over"
    assert refusal(ticket, phones.code, step, stranger) == "account.code_over", "the right one comes too late"


def test_a_code_holds_ten_minutes(
    ticket: str, phones: Phones, step: SecondStep, stranger: UnitOfWork, clock: MovableClock
) -> None:
    assert CODE_LIFE.total_seconds() <= 600
    assert CODE_LIFE < TRIES_WINDOW, "a count must outlive its ticket"
    clock.move(CODE_LIFE)
    assert refusal(ticket, phones.code, step, stranger) == "account.code_over"


def test_a_ticket_that_is_absent_changed_or_of_another_secret_opens_nothing(
    ticket: str, phones: Phones, step: SecondStep, stranger: UnitOfWork
) -> None:
    other = SecondStep(demanded=step.demanded, secrets=SecretBox([b"o" * 32]), texter=phones)
    assert refusal(ticket, phones.code, other, stranger) == "account.code_over"
    for bad in (None, "", "x", "не-билет", ticket[:-8], ticket[:20] + "AAAA" + ticket[24:]):
        assert refusal(bad, phones.code, step, stranger) == "account.code_over"


def test_a_code_of_one_log_in_does_not_fit_another(
    ticket: str, anna: Employee, phones: Phones, step: SecondStep, stranger: UnitOfWork
) -> None:
    first = phones.code
    second = accounts.send_code(anna.person_id, PHONE, step=step, uow=stranger)
    if first != phones.code:
        assert refusal(second, first, step, stranger) == "account.code_wrong"
    assert enter(ticket, first, step, stranger)


def test_codes_are_not_sent_without_end(
    anna: Employee, phones: Phones, step: SecondStep, stranger: UnitOfWork, clock: MovableClock
) -> None:
    for _ in range(CODES_SENT):
        accounts.send_code(anna.person_id, PHONE, step=step, uow=stranger)
    with pytest.raises(RateLimited):
        accounts.send_code(anna.person_id, PHONE, step=step, uow=stranger)
    assert len(phones.messages) == CODES_SENT
    clock.move(TRIES_WINDOW)
    assert accounts.send_code(anna.person_id, PHONE, step=step, uow=stranger)


def test_a_gateway_that_is_away_gives_no_ticket(
    anna: Employee, phones: Phones, step: SecondStep, stranger: UnitOfWork
) -> None:
    phones.away = True
    with pytest.raises(Unavailable):
        accounts.send_code(anna.person_id, PHONE, step=step, uow=stranger)


def test_two_right_codes_at_once_are_one_session(ticket: str, phones: Phones, step: SecondStep, unit: MakeUnit) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def go() -> None:
        start.wait()
        try:
            enter(ticket, phones.code, step, unit(scope=Scope(frozenset())))
            outcomes.append("in")
        except Rejected as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["account.code_over"] * 3 + ["in"]


def test_who_was_dismissed_between_the_steps_is_not_let_in(
    ticket: str, anna: Employee, phones: Phones, step: SecondStep, unit: MakeUnit, stranger: UnitOfWork
) -> None:
    from edo_service.kernel.actor import Actor

    actor = Actor.system("accounts.set_up")
    accounts.end_membership(anna.person_id, entity_id=anna.entity_id, actor=actor, uow=unit(scope=actor.scope))
    assert refusal(ticket, phones.code, step, stranger) == "account.code_over"


@pytest.mark.parametrize(
    ("login", "demanded", "outcome"),
    [
        (PHONE, frozenset({LESSOR_INN}), "asked"),
        (PHONE, frozenset({"*"}), "asked"),
        (PHONE, frozenset({CLIENT_INN}), "in"),
        (PHONE, frozenset(), "in"),
        ("ivanova@lessor.test", frozenset({"*"}), "in"),
    ],
)
def test_only_who_has_a_phone_and_a_company_that_demands_it_is_asked(
    company: MakeCompany, employ: Employ, stranger: UnitOfWork, login: str, demanded: frozenset[str], outcome: str
) -> None:
    employ(company(), login=login)
    try:
        session = accounts.log_in(login, PASSWORD, device=HOME, uow=stranger, demanded=demanded)
    except accounts.CodeNeeded:
        assert outcome == "asked"
    else:
        assert outcome == "in"
        assert accounts.authenticate(session.token, times=SessionTimes(), uow=stranger)


def test_a_wrong_password_sends_nothing(anna: Employee, phones: Phones, step: SecondStep, stranger: UnitOfWork) -> None:
    with pytest.raises(Rejected, match="log_in_failed"):
        accounts.log_in(PHONE, "wrong password", device=HOME, uow=stranger, demanded=step.demanded)
    assert phones.messages == []
    with pytest.raises(NotLoggedIn):
        accounts.authenticate("x", times=SessionTimes(), uow=stranger)


@pytest.mark.parametrize(
    ("login", "phone"),
    [
        ("+79161234567", "+79161234567"),
        ("+7(916)123-45-67", "+79161234567"),
        ("79161234567", None),
        ("+0123456789", None),
        ("+7916", None),
        ("anna@client.test", None),
    ],
)
def test_a_phone_is_told_from_other_log_ins(login: str, phone: str | None) -> None:
    assert phone_of(login) == phone
