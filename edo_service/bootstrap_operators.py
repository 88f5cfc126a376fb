"""Which adapter speaks for an account: a registry by the operator's word, with limits and a breaker around each call.

A part of the composition root: besides `bootstrap` the only module that names adapters. The limits are counted over all
processes of the machine (files under `limits` in the data folder) and, where there is a Redis, over all machines.
"""

import threading
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol
from uuid import UUID

from edo_service.accounts.queries import EntityCard
from edo_service.errors import Unavailable
from edo_service.exchange.accounts import AccountCard
from edo_service.exchange.tokens import KeptToken
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.kernel.clock import Clock
from edo_service.kernel.scope import Scope
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.uow import UnitOfWork
from edo_service.settings import Settings
from operators.diadoc import DiadocCredentials, DiadocOperator, OidcCredentials
from operators.guards import Breaker, FileThrottle, Observation, Safeguards, SharedRate, Throttle
from operators.port import Operator
from operators.saby import LogInHelp, SabyCredentials, SabyOperator
from operators.taxcom import TaxcomCabinet, TaxcomCredentials, TaxcomOperator


class Speaking(Operator, Protocol):
    """An adapter that holds connections."""

    def close(self) -> None:
        """Close the connections."""


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What an adapter is made of: where the operator answers, for whom it speaks, and what surrounds each call.

    `token`: keeps what the operator gives for a log-in that took its person; `identity` is where such a one is asked for.
    """

    address: str
    identity: str
    token: KeptToken
    account: AccountCard
    company: Callable[[], EntityCard]
    password: str = field(repr=False)
    clock: Clock
    guards: Safeguards


def _diadoc(wanted: Speech) -> Speaking:
    account = wanted.account
    credentials: DiadocCredentials | OidcCredentials
    if account.log_in_by == "consent":
        credentials = OidcCredentials(
            account=account.participant_id,
            client_id=account.client_id,
            client_secret=wanted.password,
            token_url=f"{wanted.identity}/connect/token",
            keeper=wanted.token,
        )
    else:
        credentials = DiadocCredentials(client_id=account.client_id, login=account.login, password=wanted.password)
    return DiadocOperator(wanted.address, credentials, clock=wanted.clock, guards=wanted.guards)


def _saby(wanted: Speech) -> Speaking:
    account = wanted.account
    credentials = SabyCredentials(login=account.login, password=wanted.password, account=account.client_id or None)
    log_in = LogInHelp(keeper=wanted.token)
    return SabyOperator(wanted.address, credentials, clock=wanted.clock, log_in=log_in, guards=wanted.guards)


def _taxcom(wanted: Speech) -> Speaking:
    account, company = wanted.account, wanted.company()
    cabinet = TaxcomCabinet(
        participant_id=account.participant_id,
        inn=company.inn,
        kpp=company.kpp or None,
        name=company.name,
        login=account.login,
        password=wanted.password,
    )
    credentials = TaxcomCredentials(integrator_id=account.client_id, cabinets=(cabinet,))
    return TaxcomOperator(wanted.address, credentials, clock=wanted.clock, guards=wanted.guards)


ADAPTERS: Mapping[str, Callable[[Speech], Speaking]] = {"diadoc": _diadoc, "saby": _saby, "taxcom": _taxcom}
"""The operator's word of an account -> how its adapter is made. Addresses: `Settings.operator_addresses`."""

GRACE = timedelta(hours=1)
"""How long an adapter whose credentials have changed may still be spoken through: longer than any job's calls."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """An adapter that is kept for an account: with which credentials it speaks and of which version of the row."""

    credentials: tuple[str, str, bytes, str, str]
    version: int
    adapter: Speaking


Kept = MutableMapping[UUID, Line]


@dataclass(frozen=True, kw_only=True)
class Switchboard:
    """Gives each account its adapter; kept, so that its token is, until the credentials change.

    One that has been replaced may be in use by another thread: it is closed after `GRACE`, when the next one is replaced,
    or with all the others.
    """

    settings: Settings
    clock: Clock
    secrets: SecretBox
    company: Callable[[UUID], EntityCard]
    kept: Kept
    make_uow: Callable[[Scope], UnitOfWork]
    observe: Callable[[Observation], None] | None = field(default=None, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)
    _retired: list[tuple[datetime, Speaking]] = field(default_factory=list, init=False, repr=False, compare=False)

    def operator(self, account: AccountCard) -> Operator:
        """The adapter that speaks for the account. Unavailable: no address, or a password that does not open.

        A card that was read before the credentials changed is given the newer adapter: its own would take its place.
        """
        make, address = ADAPTERS.get(account.operator), self.settings.operator_addresses.get(account.operator)
        if make is None or address is None:
            raise Unavailable("exchange.no_operator_address")
        by, participant = account.log_in_by, account.participant_id
        credentials = (by, account.login, account.sealed_password, account.client_id, participant)
        with self._making:  # of two threads one makes it: the other would be left with what was closed
            known = self.kept.get(account.id)
            if known is not None and known.credentials == credentials:
                if known.version < account.version:
                    self.kept[account.id] = replace(known, version=account.version)
                return known.adapter
            if known is not None and known.version > account.version:
                return known.adapter
            made = make(self._speech(account, address))
            self.kept[account.id] = Line(credentials=credentials, version=account.version, adapter=made)
            if known is not None:
                self._retire(known.adapter)
            return made

    def _retire(self, adapter: Speaking) -> None:
        """Put an adapter off, and close those that were put off long ago."""
        now = self.clock.now()
        over = [one for one in self._retired if one[0] <= now - GRACE]
        self._retired[:] = [*(one for one in self._retired if one not in over), (now, adapter)]
        for _, one in over:
            one.close()

    def _speech(self, account: AccountCard, address: str) -> Speech:
        try:
            context = seal_context(account.owner_id, account.operator)
            password = self.secrets.open(account.sealed_password, context).decode()
        except SecretUnreadable as error:
            raise Unavailable("exchange.credentials_damaged", id=str(account.id)) from error
        return Speech(
            address=address,
            identity=self.settings.identity_address,
            token=self._token_of(account),
            account=account,
            company=lambda: self.company(account.owner_id),
            password=password,
            clock=self.clock,
            guards=Safeguards(throttle=self._throttle, breaker=Breaker(self.clock), observe=self.observe),
        )

    def _token_of(self, account: AccountCard) -> KeptToken:
        return KeptToken(
            account_id=account.id,
            owner_id=account.owner_id,
            operator=account.operator,
            secrets=self.secrets,
            make_uow=self.make_uow,
        )

    def close(self) -> None:
        """Close every adapter's connections."""
        for line in self.kept.values():
            line.adapter.close()
        for _, adapter in self._retired:
            adapter.close()

    @cached_property
    def _throttle(self) -> Throttle:
        here = FileThrottle(self.settings.limits_dir)
        if self.settings.redis_url is None:
            return here
        from edo_service.adapters.rate_redis import RedisRateLimiter

        return SharedRate(RedisRateLimiter(self.settings.redis_url.get_secret_value()).take, here)
