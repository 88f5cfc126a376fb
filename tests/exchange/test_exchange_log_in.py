"""Log-ins that take their person: a consent at Diadoc's identity server, kept, renewed, asked for anew when it is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import delete

from edo_service.demo.companies import LESSOR, OPERATOR_CLIENT, OPERATOR_LOGIN, OPERATOR_PASSWORD
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from edo_service.exchange import queries
from edo_service.exchange.accounts import card
from edo_service.exchange.queries import Connected
from edo_service.exchange.tables import OperatorAccount, Relation
from edo_service.exchange.tokens import KeptToken, reseal_tokens, token_context
from edo_service.exchange.use_cases.log_in import confirm_log_in, forget_step, renew_log_in
from edo_service.exchange.use_cases.poll import poll
from edo_service.exchange.use_cases.set_up import Credentials, choose_operator, finish, name_participant, try_connection
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.scope import Scope
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts.failures import failure_words
from operators.diadoc import DiadocOperator
from operators.errors import AuthExpired, KeeperFailed, PersonNeeded
from tests.fixtures.road import ACCOUNTANT, COMPLIANCE, House

CONSENT = Credentials(login="", password="key-of-the-application", client_id="portal", by="consent")
PASSWORD = Credentials(login=OPERATOR_LOGIN, password=OPERATOR_PASSWORD, client_id=OPERATOR_CLIENT)


class Entering:
    """The accountant's hands on a log-in."""

    def __init__(self, house: House) -> None:
        self.house, self.actor = house, house.actor(ACCOUNTANT)

    def begin(self) -> UUID:
        uow, secrets = self.house.uow(self.actor), self.house.services.secrets
        account = choose_operator("diadoc", actor=self.actor, uow=uow, secrets=secrets)
        name_participant(account, LESSOR.participant_id, demo=True, actor=self.actor, uow=uow)
        return account

    def _with(self, verb: Callable[..., UUID], account: UUID, wish: object) -> UUID:
        services = self.house.services
        return verb(
            account,
            wish,
            actor=self.actor,
            uow=self.house.uow(self.actor),
            operators=services.operator,
            secrets=services.secrets,
        )

    def test(self, account: UUID, wish: Credentials = CONSENT) -> UUID:
        return self._with(try_connection, account, wish)

    def confirm(self, account: UUID, code: str = "") -> UUID:
        return self._with(confirm_log_in, account, code)

    def consent(self, account: UUID) -> None:
        """She confirms on the page whose address was shown."""
        awaited = self.see(account).awaited
        assert awaited is not None
        page = httpx2.get(awaited.url)
        assert awaited.user_code in page.text
        address = re.sub(r"\?.*", "", awaited.url)
        done = httpx2.post(address, data={"user_code": awaited.user_code}, follow_redirects=True)
        assert "Вход подтверждён" in done.text

    def see(self, account: UUID) -> Connected:
        return queries.account(account, uow=self.house.uow(self.actor))

    def row(self, account: UUID) -> OperatorAccount:
        with self.house.uow(self.actor) as uow:
            return uow.session.get_one(OperatorAccount, account)

    def kept(self, account: UUID) -> KeptToken:
        services = self.house.services
        return KeptToken(
            account_id=account,
            owner_id=self.actor.entity,
            operator="diadoc",
            secrets=services.secrets,
            make_uow=services.uow,
        )


def test_a_database_that_is_away_is_told_as_what_it_is() -> None:
    def away(_: Scope) -> UnitOfWork:
        raise Unavailable("database.unavailable")

    kept = KeptToken(
        account_id=new_id(), owner_id=new_id(), operator="diadoc", secrets=SecretBox([b"k" * 32]), make_uow=away
    )
    for use in (kept.load, partial(kept.save, "token")):
        with pytest.raises(KeeperFailed) as caught:
            use()
        assert isinstance(caught.value, Unavailable), "pages and jobs treat it as the database's silence"
        assert caught.value.code == "database.unavailable"


@pytest.fixture
def entering(house: House) -> Entering:
    """The lessor has no connection yet."""
    made = Entering(house)
    with house.uow(made.actor) as uow:
        uow.session.execute(delete(Relation))
        uow.session.execute(delete(OperatorAccount))
        uow.commit()
    return made


def test_a_consent_is_awaited_confirmed_and_kept(entering: Entering) -> None:
    account = entering.begin()
    with pytest.raises(Conflict, match="nobody_awaited"):
        entering.confirm(account)
    entering.test(account)
    waiting = entering.see(account)
    assert (waiting.state, waiting.box, waiting.log_in_by) == ("checking", "", "consent")
    assert waiting.awaited is not None
    assert waiting.awaited.until > entering.house.clock.now()
    assert entering.kept(account).load() is None, "what waits is no token"
    with pytest.raises(Rejected, match="not_consented"):
        entering.confirm(account)
    entering.consent(account)
    entering.confirm(account)
    tested = entering.see(account)
    assert (tested.state, tested.box, tested.awaited) == ("checked", LESSOR.box, None)
    token = entering.kept(account).load()
    assert token
    assert token.encode() not in (entering.row(account).sealed_token or b"")


def test_a_kept_consent_serves_other_processes_until_it_is_over(
    entering: Entering, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = partial(DiadocOperator, wait=lambda _: None)
    monkeypatch.setattr("edo_service.bootstrap_operators.DiadocOperator", hasty)
    house, services = entering.house, entering.house.services
    account = entering.begin()
    entering.test(account)
    entering.consent(account)
    entering.confirm(account)
    finish(account, actor=entering.actor, uow=house.uow(entering.actor))
    first = entering.kept(account).load()
    services.switchboard.close()
    services._operators.clear()  # as another process begins
    poll(account, uow=house.uow(entering.actor), operators=services.operator)
    assert entering.kept(account).load() not in {None, first}, "a refresh token is good for one use"
    house.clock.move(timedelta(days=31))
    entering.kept(account).save("used up long ago")
    with pytest.raises(AuthExpired, match="refused") as lost:
        poll(account, uow=house.uow(entering.actor), operators=services.operator)
    assert entering.see(account).trouble == f"{type(lost.value).__name__}: {lost.value}"


def test_logging_in_anew_gives_the_connection_what_was_tested(entering: Entering) -> None:
    house = entering.house
    account = entering.begin()
    entering.test(account, PASSWORD)
    finish(account, actor=entering.actor, uow=house.uow(entering.actor))
    draft = renew_log_in(account, actor=entering.actor, uow=house.uow(entering.actor), secrets=house.services.secrets)
    assert draft != account
    begun = entering.see(draft)
    assert (begun.participant_id, begun.login, begun.state) == (LESSOR.participant_id, OPERATOR_LOGIN, "draft")
    assert entering.see(account).state == "connected", "the connection goes on meanwhile"
    entering.test(draft)
    entering.consent(draft)
    assert entering.confirm(draft) == account
    assert (entering.see(account).log_in_by, entering.see(account).state) == ("consent", "connected")
    assert entering.kept(account).load()
    with pytest.raises(NotFound):
        entering.see(draft)
    poll(account, uow=house.uow(entering.actor), operators=house.services.operator)


def test_a_consent_that_is_over_is_begun_anew(entering: Entering) -> None:
    account = entering.begin()
    entering.test(account)
    entering.house.clock.move(timedelta(hours=1))
    with pytest.raises(Rejected, match="consent_over"):
        entering.confirm(account)
    assert entering.see(account).awaited is None
    entering.test(account, replace(CONSENT, password=""))
    entering.consent(account)
    assert entering.confirm(account) == account


def test_a_token_is_read_while_somebody_writes(entering: Entering) -> None:
    account = entering.begin()
    entering.kept(account).save("token")
    with entering.house.uow(entering.actor) as writing:
        writing.session.get_one(OperatorAccount, account).login = "somebody"
        writing.session.flush()
        assert entering.kept(account).load() == "token"


def test_other_credentials_forget_the_token(entering: Entering) -> None:
    account = entering.begin()
    entering.test(account)
    entering.consent(account)
    entering.confirm(account)
    entering.test(account, PASSWORD)
    assert (entering.see(account).state, entering.see(account).log_in_by) == ("checked", "password")
    assert entering.row(account).sealed_token is None


def test_tokens_are_resealed_with_the_secrets(entering: Entering) -> None:
    services = entering.house.services
    account = entering.begin()
    entering.kept(account).save("token")
    done = reseal_tokens(secrets=services.secrets, uow=services.system_uow("keys.rotate"), dry=True)
    assert (done.current, done.unreadable) == (1, ())
    assert services.rotate_secrets(dry=True)["operator tokens"].current == 1
    with entering.house.uow(entering.actor) as uow:
        row = uow.session.get_one(OperatorAccount, account)
        row.sealed_token = services.secrets.seal(b"foreign", token_context(account, "diadoc"))
        uow.commit()
    assert entering.kept(account).load() is None, "what was sealed for another company does not open"


def test_rights_of_a_log_in(entering: Entering) -> None:
    house, compliance = entering.house, entering.house.actor(COMPLIANCE)
    account = entering.begin()
    with pytest.raises(Forbidden):
        forget_step(account, actor=compliance, uow=house.uow(compliance))
    with pytest.raises(Forbidden):
        renew_log_in(account, actor=compliance, uow=house.uow(compliance), secrets=house.services.secrets)
    stranger = Actor.automatic("test", account)
    with pytest.raises(NotFound):
        renew_log_in(account, actor=stranger, uow=house.uow(stranger), secrets=house.services.secrets)


def test_a_log_in_that_wants_its_person_is_told_in_words(entering: Entering) -> None:
    house = entering.house
    account = entering.begin()
    entering.test(account, PASSWORD)
    finish(account, actor=entering.actor, uow=house.uow(entering.actor))
    with house.uow(entering.actor) as uow:
        row = uow.session.get_one(OperatorAccount, account)
        row.log_in_by, known = "consent", card(row)
        uow.commit()
    with pytest.raises(PersonNeeded):
        house.services.operator(replace(known, log_in_by="consent")).events(known.box, None)
    with pytest.raises(PersonNeeded):
        poll(account, uow=house.uow(entering.actor), operators=house.services.operator)
    assert failure_words(entering.see(account).trouble or "").startswith("Оператор просит подтвердить вход")
