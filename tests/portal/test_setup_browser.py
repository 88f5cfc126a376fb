"""The accountant's set-up in real Chromium: a company that has no operator, from «Включить» to its first invoice, opened.

The counterparty is outside: it answers in its operator's cabinet and sends by that operator's own wire, never through here.
One operator is set up with the whole suite, the others (and a roaming pair) in the soak.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import NoReturn
from uuid import NAMESPACE_DNS, uuid4, uuid5

import pytest
from playwright.sync_api import Browser, Page, expect

import signing
from edo_service.accounts.rules import EntityKind, Role
from edo_service.accounts.use_cases.set_up import (
    NewEntity,
    NewMembership,
    NewPerson,
    add_membership,
    create_entity,
    create_person,
)
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, SANDBOX_OPERATORS, DemoCompany
from edo_service.demo.invoice import demo_upd
from edo_service.demo.operator_side import DemoPapers
from edo_service.demo.side_servers import SandboxOf, ThreadServer, neighbour
from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import SystemClock
from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.port import Operator, OutgoingDocument, Send
from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import Faults, SandboxOrganization
from operators.sandbox.exchange.desk import Desk as OperatorDesk
from operators.sandbox.exchange.state import State
from operators.taxcom import TaxcomCabinet, TaxcomCredentials, TaxcomOperator
from tests.portal.conftest import Live
from tests.portal.desk import Desk, chromium, leave, look_at
from tests.portal.waiting import until

pytestmark = pytest.mark.browser
#: Each pair of companies has numbers of its own.
PLACES = count(10, 2)
PASSWORD = "верблюд-синий-парус-8"


@dataclass(frozen=True, kw_only=True)
class Trader(DemoCompany):
    """A company at one operator, by the participant id that it has there."""

    own_id: str

    @property
    def participant_id(self) -> str:
        return self.own_id

    @property
    def known_as(self) -> SandboxOrganization:
        """The company as its operator knows it."""
        return SandboxOrganization(
            name=self.name,
            inn=self.inn,
            kpp=self.kpp,
            ogrn=self.ogrn,
            participant_id=self.own_id,
            box_id=uuid5(NAMESPACE_DNS, self.own_id).hex,
        )


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Whose set-up it is: her operator and the counterparty's."""

    ours: SandboxOf
    theirs: SandboxOf
    way: str = "password"

    @property
    def roams(self) -> bool:
        return self.ours != self.theirs


PAIRS = [
    pytest.param(Pair(ours="saby", theirs="saby", way="sms"), id="saby"),
    pytest.param(Pair(ours="diadoc", theirs="diadoc", way="consent"), id="diadoc", marks=pytest.mark.soak),
    pytest.param(Pair(ours="taxcom", theirs="taxcom"), id="taxcom", marks=pytest.mark.soak),
    pytest.param(Pair(ours="diadoc", theirs="taxcom"), id="diadoc-to-taxcom", marks=pytest.mark.soak),
]


def inn_of(nine: str) -> str:
    """A company's ИНН: nine digits and the one that checks them."""
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return nine + str(sum(int(digit) * weight for digit, weight in zip(nine, weights, strict=True)) % 11 % 10)


def trader(operator: str, place: int, *, name: str, like: DemoCompany, inn: str = "") -> Trader:
    inn = inn or inn_of(f"78000{place:04d}")
    kpp = f"7800{place:02d}001"
    return Trader(
        code=f"trader{place}",
        kind="client",
        name=name,
        inn=inn,
        kpp=kpp,
        ogrn="1997800000010",
        address=like.address,
        region_code=like.region_code,
        people=like.people,
        own_id=f"{SANDBOX_OPERATORS[operator].code}-{inn}-{kpp}-20261101{place:09d}",
    )


@dataclass
class Market:
    """The two companies of a pair, each known to its operator only; and the counterparty's hands there."""

    live: Live
    pair: Pair
    place: int
    us: Trader = field(init=False)
    them: Trader = field(init=False)
    outside_url: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        self.us = trader(self.pair.ours, self.place, name=f"ООО «Новая линия {self.place}»", like=CLIENT_ONE)
        # its key is the demo client's, so it has that ИНН; its box and КПП are its own
        self.them = trader(
            self.pair.theirs, self.place + 1, name="ООО «Вектор», склад", like=CLIENT_TWO, inn=CLIENT_TWO.inn
        )

    def open(self, stack: ExitStack) -> None:
        """Make both known to their operators."""
        settings, clock = self.live.running.services.settings, SystemClock()
        mine = [self.us] if self.pair.roams else [self.us, self.them]
        desk = OperatorDesk(
            state=State(settings.sandbox_dir / f"{self.pair.ours}.db"),
            notary=NoNotary(),
            papers=DemoPapers(),
            operator=SANDBOX_OPERATORS[self.pair.ours],
            clock=clock,
            faults=Faults(),
        )
        desk.declare([one.known_as for one in mine], acquainted=False)
        self.outside_url = settings.operator_addresses[self.pair.ours]
        if self.pair.roams:
            app = neighbour(settings, clock, [self.them.known_as], operator=self.pair.theirs, of=self.pair.ours)
            server = ThreadServer(app).start()
            stack.callback(server.stop)
            self.outside_url = server.url

    def employ(self) -> str:
        """Make the company here, with an accountant; her log-in."""
        services = self.live.running.services
        actor, uow = Actor.system("accounts.set_up"), services.system_uow("accounts.set_up")
        new = NewEntity(kind=EntityKind.CLIENT, name=self.us.name, inn=self.us.inn, kpp=self.us.kpp, ogrn=self.us.ogrn)
        entity = create_entity(new, actor=actor, uow=uow)
        login = f"accountant{self.place}@setup.test"
        person = NewPerson(login=login, password=PASSWORD, surname="Жукова", given_name="Анна", patronymic="Сергеевна")
        person_id = create_person(person, actor=actor, uow=uow)
        membership = NewMembership(person_id=person_id, role=Role.ACCOUNTANT, position="Главный бухгалтер")
        add_membership(membership, entity_id=entity, actor=actor, uow=uow)
        self.live.logins[login] = {"password": PASSWORD}
        return login

    def operator(self) -> DiadocOperator | SabyOperator | TaxcomOperator:
        """The counterparty's own program at its operator."""
        clock, url = SystemClock(), self.outside_url
        if self.pair.theirs == "diadoc":
            return DiadocOperator(url, DiadocCredentials(client_id="c", login="demo", password="demo"), clock=clock)
        if self.pair.theirs == "saby":
            return SabyOperator(url, SabyCredentials(login="demo", password="demo"), clock=clock)
        them = self.them
        cabinet = TaxcomCabinet(
            participant_id=them.own_id, inn=them.inn, kpp=them.kpp, name=them.name, login=them.own_id, password="demo"
        )
        return TaxcomOperator(url, TaxcomCredentials(integrator_id="COMPANY_them", cabinets=(cabinet,)), clock=clock)

    def send(self, number: str) -> None:
        """The counterparty signs an invoice and sends it from its own box."""
        operator = self.operator()
        try:
            self._send(operator, number)
        finally:
            operator.close()

    def _send(self, operator: Operator, number: str) -> None:
        written = demo_upd(self.them, self.us, number=number, at=SystemClock().now())
        own = next(box for box in operator.check_connection() if box.participant_id == self.them.own_id)
        found = operator.find_participants(inn=self.us.inn, kpp=self.us.kpp)
        to = next(one.box for one in found if one.participant_id == self.us.own_id)
        assert to is not None
        document = OutgoingDocument(
            kind="upd", content=written.content, file_name=written.file_name, function="СЧФДОП", needs_answer=True
        )
        action = Send(from_box=own.id, to_box=to, document=document, own_id=str(uuid4()))
        key = self.live.pki.entity("client_two_person")
        signed = {
            wanted.ref: signing.sign_cades(
                wanted.content,
                key=key.key,
                certificate=key.certificate,
                chain=key.chain,
                signing_time=SystemClock().now(),
            )
            for wanted in operator.prepare(action)
        }
        operator.execute(action, signed, key=str(uuid4()))


class NoNotary:
    """Declaring companies takes no signature."""

    def sign(self, content: bytes) -> bytes:
        raise NotImplementedError

    def check(self, content: bytes, signature: bytes) -> bool:
        raise NotImplementedError


@pytest.fixture(scope="module")
def browser(unavailable: Callable[[str], NoReturn]) -> Iterator[Browser]:
    with chromium(unavailable) as made:
        yield made


@pytest.fixture
def market(live: Live) -> Iterator[Callable[[Pair], Market]]:
    """Opens the market of a pair; every pair has companies of its own."""
    with ExitStack() as stack:

        def make(pair: Pair) -> Market:
            made = Market(live=live, pair=pair, place=next(PLACES))
            made.open(stack)
            return made

        yield make


@contextmanager
def at_operator(desk: Desk, address: str) -> Iterator[Page]:
    """Another window, on the operator's own site."""
    base = re.sub(r"(https?://[^/]+).*", r"\1", address)
    screen = look_at(desk.browser, base, desk.width)
    screen.page.goto(address)
    yield screen.page
    leave(screen)


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.soak)])
@pytest.mark.parametrize("pair", PAIRS)
def test_from_nothing_to_the_first_invoice(
    live: Live, browser: Browser, market: Callable[[Pair], Market], pair: Pair, width: int
) -> None:
    there = market(pair)
    desk = Desk(live=live, browser=browser, width=width, login=there.employ())
    desk.log_in()
    turn_on(desk, there)
    name_participant(desk, there)
    {"password": by_password, "sms": by_sms, "consent": by_consent}[pair.way](desk, there)
    expect(desk.page.get_by_text("Связь есть").first).to_be_visible()
    desk.see("operator-tested")
    desk.page.get_by_role("link", name="Далее").click()
    if pair.ours == "saby":
        first_document_invites(desk, there)
    else:
        invite(desk, there)
    receive(desk, there)
    desk.close()


def turn_on(desk: Desk, there: Market) -> None:
    """Профиль → Общие настройки → «Включить» → the operator."""
    page = desk.page
    page.locator("summary", has_text="ваш профиль").click()
    page.get_by_role("link", name="Общие настройки").click()
    expect(page.get_by_role("heading", name="Электронные счета-фактуры")).to_be_visible()
    expect(page.get_by_text("Выключено")).to_be_visible()
    desk.see("operator-off")
    page.get_by_role("link", name="Включить и выбрать оператора").click()
    names = {"diadoc": "Диадок", "saby": "Saby", "taxcom": "Такском"}
    choice = page.get_by_role("radio", name=names[there.pair.ours])
    expect(choice).to_be_visible()
    desk.see("operator-choose")
    choice.check()
    page.get_by_role("button", name="Далее").click()


def name_participant(desk: Desk, there: Market) -> None:
    """A typing mistake is told beside the field; the right id is kept."""
    page = desk.page
    page.get_by_label("Идентификатор участника").fill("2AA-1")
    page.get_by_role("button", name="Далее").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    desk.screen.errors.clear()  # Chromium tells of the refused form's 422 itself
    desk.see("operator-id-refused")
    page.get_by_label("Идентификатор участника").fill(there.us.own_id)
    page.get_by_role("button", name="Далее").click()
    expect(page.get_by_role("heading", name="Связь", exact=True)).to_be_visible()
    desk.see("operator-connect")


def by_password(desk: Desk, there: Market) -> None:
    page = desk.page
    taxcom = there.pair.ours == "taxcom"
    page.get_by_label("Логин").fill(there.us.own_id if taxcom else "demo")
    page.get_by_label("Пароль").fill("demo")
    page.get_by_label("Идентификатор интегратора" if taxcom else "Ключ разработчика").fill("COMPANY_us")
    page.get_by_role("button", name="Проверить связь").click()


def by_sms(desk: Desk, there: Market) -> None:
    """Saby asks for a code: the telephone shows it, a wrong one is told beside the field."""
    page = desk.page
    page.get_by_label("Логин").fill("demo-sms")
    page.get_by_label("Пароль").fill("demo")
    page.get_by_role("button", name="Проверить связь").click()
    expect(page.get_by_text("Логин и пароль подошли")).to_be_visible()
    desk.see("operator-code")
    page.get_by_label("Код из СМС").fill("12")
    page.get_by_role("button", name="Подтвердить вход").click()
    expect(page.get_by_role("alert").first).to_contain_text("не подошёл")
    desk.screen.errors.clear()  # Chromium tells of the refused form's 422 itself
    with at_operator(desk, f"{there.outside_url}/cabinet/phone") as telephone:
        code = telephone.locator(".code").inner_text()
    page.get_by_label("Код из СМС").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Подтвердить вход").click()


def by_consent(desk: Desk, there: Market) -> None:
    """Without a password: she confirms on the identity server's page, where the same code stands."""
    del there
    page = desk.page
    page.get_by_role("link", name="Войти без пароля, через Контур").click()
    page.get_by_label("Идентификатор приложения").fill("portal")
    page.get_by_label("Ключ приложения").fill("key-of-the-application")
    page.get_by_role("button", name="Перейти к входу").click()
    address = page.get_by_role("link", name="Открыть страницу входа").get_attribute("href") or ""
    desk.see("operator-consent")
    page.get_by_role("button", name="Проверить вход").click()
    expect(page.get_by_role("alert").first).to_contain_text("ещё не подтверждён")
    desk.screen.errors.clear()  # Chromium tells of the refused form's 422 itself
    with at_operator(desk, address) as identity:
        code = identity.locator("b").inner_text()
        identity.get_by_role("button", name="Подтвердить вход").click()
        expect(identity.get_by_text("Вход подтверждён")).to_be_visible()
    expect(page.locator("ol b.mono")).to_have_text(code)
    page.get_by_role("button", name="Проверить вход").click()


def invite(desk: Desk, there: Market) -> None:
    """Find the counterparty, invite it; it accepts in its operator's cabinet; status and history tell."""
    page = desk.page
    page.get_by_role("textbox", name="ИНН", exact=True).fill(there.them.inn)
    page.get_by_label("КПП").fill(there.them.kpp)
    page.get_by_role("button", name="Искать у оператора").click()
    expect(page.get_by_role("radio", name=there.them.name)).to_be_checked()
    if there.pair.roams:
        expect(page.get_by_text("роуминг").first).to_be_visible()
    page.get_by_label("Письмо").fill("Подключились к ЭДО, готовы обмениваться УПД")
    desk.see("operator-invite")
    page.get_by_role("button", name="Отправить приглашение").click()
    expect(page.get_by_text("обычно за 1–2 дня")).to_be_visible()
    again(page, lambda: "Подтвердите в кабинете" in page.inner_text("main"), desk.live.unfinished)
    desk.see("operator-invited")
    with at_operator(desk, f"{there.outside_url}/cabinet?participant={there.them.own_id}") as cabinet:
        again(cabinet, lambda: cabinet.get_by_role("button", name="Принять").count() > 0)
        expect(cabinet.get_by_text("готовы обмениваться УПД")).to_be_visible()
        cabinet.get_by_role("button", name="Принять").click()
        expect(cabinet.get_by_text("Обмен включён")).to_be_visible()

    def asked() -> bool:
        if "/setup/4" in page.url:
            with page.expect_navigation():
                page.get_by_role("button", name="Проверить ответ").click()
        return "/setup/5" in page.url

    until(asked, "the answer is seen", explain=desk.live.unfinished)
    done(desk, "Отправили приглашение")


def first_document_invites(desk: Desk, there: Market) -> None:
    """Saby has no invitations: the counterparty's first document is one, she accepts it in her own cabinet."""
    page = desk.page
    expect(page.get_by_text("отдельных приглашений нет")).to_be_visible()
    address = page.get_by_role("link", name="Кабинет оператора").get_attribute("href") or ""
    desk.see("operator-implicit")
    page.get_by_role("button", name="Далее").click()
    done(desk, "Связь есть")
    there.send("Н-1")
    with at_operator(desk, address) as cabinet:
        cabinet.get_by_role("button", name="Принять").click()
        expect(cabinet.get_by_text("Обмен включён")).to_be_visible()


def done(desk: Desk, told: str) -> None:
    """The last step: connected, and how it came to be."""
    page = desk.page
    expect(page.get_by_role("heading", name="Готово", exact=True)).to_be_visible()
    expect(page.get_by_text("Подключено").first).to_be_visible()
    history = page.get_by_role("region", name="Ход настройки")
    expect(history).to_contain_text(told)
    expect(history).to_contain_text("Подключили")
    expect(history).to_contain_text("Жукова")
    desk.see("operator-done")


def receive(desk: Desk, there: Market) -> None:
    """The first invoice comes by itself and opens."""
    if there.pair.ours != "saby":
        there.send("Н-1")
    page = desk.page
    page.goto(re.sub(r"/exchange/.*", "/documents?folder=in", page.url))
    again(page, lambda: page.get_by_role("link", name=re.compile("№.Н-1 от")).count() > 0, desk.live.unfinished)
    page.get_by_role("link", name=re.compile("№.Н-1 от")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Н-1")
    expect(page.locator("main")).to_contain_text(there.them.name)
    expect(page.locator("#state")).to_contain_text("Требуется подпись")
    desk.see("operator-first-invoice")


def again(page: Page, seen: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    """Look at the page anew until it shows what is waited for."""

    def look() -> bool:
        page.reload()
        return seen()

    until(look, page.url, explain=explain)
