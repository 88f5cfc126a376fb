"""How an account shows itself to Diadoc: by password (`DiadocAuth`, older) or by OpenID Connect (`Bearer`).

The operator has declared `DiadocAuth` obsolete in favour of OIDC; both work. A refresh token may be replaced on every
use, so whoever gives `OidcCredentials` keeps the new one (`TokenKeeper`). The first one comes with
the consent of its person (RFC 8628, the device flow: it needs no address of ours that the identity server would call).
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeAlias
from urllib.parse import urlencode, urlsplit

from operators.diadoc import codes
from operators.errors import (
    AuthExpired,
    BadAnswer,
    Invalid,
    KeeperFailed,
    NotConfirmed,
    OutcomeUnknown,
    PersonNeeded,
    Temporary,
)
from operators.port import Clock, LogInStep
from operators.wire import Reply, Request

logger = logging.getLogger(__name__)

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
TOKEN_AGE = timedelta(hours=23)
"""The operator's token lives 24 hours; renewing earlier saves a write from meeting a 401."""
SPARE = timedelta(seconds=60)
"""How long before its end an access token is renewed."""

SCOPE = "openid offline_access Diadoc.PublicAPI"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CONSENT_LIFE = 600
"""Seconds that a consent is waited for when the identity server does not tell."""

SECRET_FIELDS = frozenset({"client_id", "client_secret", "refresh_token", "device_code"})

DEFAULT_LIFE = 300
"""Seconds that an access token is trusted when the identity server does not tell."""

PAUSES = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0)
"""Seconds before each look for the token that another process got for the refused one and may not have saved yet."""

Ask: TypeAlias = Callable[[Request, Mapping[str, str]], Reply]
"""One call on the wire with these headers."""


@dataclass(frozen=True, kw_only=True)
class DiadocCredentials:
    """The integrator's key (ddauth_api_client_id) and a user's log-in. Its repr shows the log-in's name only."""

    client_id: str = field(repr=False)
    login: str
    password: str = field(repr=False)


class TokenKeeper(Protocol):
    """Keeps the refresh token between processes. It is a secret."""

    def load(self) -> str | None:
        """Return the kept token; None when there is none newer than the credentials'. Raises KeeperFailed."""

    def save(self, token: str) -> None:
        """Keep a new token. Raises KeeperFailed: it is asked again later."""


@dataclass(frozen=True, kw_only=True)
class OidcCredentials:
    """A client of the identity server and a user's refresh token; `account` names the log-in for limits.

    `token_url`: https://identity.kontur.ru/connect/token or its test. Without a refresh token, given or kept, a log-in
    raises PersonNeeded. `scope`: what is asked for with the person's consent.
    """

    account: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    token_url: str = "https://identity.kontur.ru/connect/token"  # noqa: S105 - an address
    scope: str = SCOPE
    keeper: TokenKeeper | None = None


class Authority(Protocol):
    """A way of logging in. `account` names the log-in for limits, never a secret."""

    @property
    def account(self) -> str:
        """The log-in's name."""

    def obtain(self, ask: Ask) -> str:
        """Log in and return a token."""

    def age(self) -> timedelta:
        """How long the last token is good."""

    def headers(self, token: str | None) -> Mapping[str, str]:
        """Headers of a request with a token."""


def authority_for(credentials: DiadocCredentials | OidcCredentials, wait: Callable[[float], None]) -> Authority:
    """Return the way of logging in that the credentials are for; `wait` is the pause between looks at a keeper."""
    if isinstance(credentials, OidcCredentials):
        return Oidc(credentials, wait)
    return Password(credentials)


class Password:
    """`POST /V3/Authenticate?type=password`; `Authorization: DiadocAuth ddauth_api_client_id=…,ddauth_token=…`."""

    def __init__(self, credentials: DiadocCredentials) -> None:
        self._credentials = credentials
        self.account = credentials.login

    def age(self) -> timedelta:
        """See `Authority`."""
        return TOKEN_AGE

    def headers(self, token: str | None) -> Mapping[str, str]:
        """See `Authority`."""
        value = f"DiadocAuth ddauth_api_client_id={self._credentials.client_id}"
        return {"Authorization": value if token is None else f"{value},ddauth_token={token}"}

    def obtain(self, ask: Ask) -> str:
        """See `Authority`."""
        body = {"login": self._credentials.login, "password": self._credentials.password}
        path = "/V3/Authenticate"
        request = Request(
            method="POST",
            path=path,
            name=path,
            params={"type": "password"},
            body=json.dumps(body).encode(),
            content_type=JSON,
            secrets=(self._credentials.password,),
        )
        token = ask(request, self.headers(None)).content.decode("ascii", "replace").strip()
        if not token:
            raise BadAnswer("log-in gave an empty token", operator=codes.OPERATOR_CODE)
        return token


class Oidc:
    """`POST <token_url>` with grant_type=refresh_token (RFC 6749, 6); `Authorization: Bearer …`.

    A refresh token is good for one use and processes share it. One that the keeper did not take goes on from memory and
    is offered again before each call; one that was refused may be just replaced by another process: its is waited for.
    """

    def __init__(self, credentials: OidcCredentials, wait: Callable[[float], None]) -> None:
        self._credentials = credentials
        self._wait = wait
        self._refresh_token: str | None = None
        self._unsaved = False
        self._kept: str | None = None
        """What the keeper had when the present token was asked for."""
        self._lost: str | None = None
        """A refused token whose successor was waited for in vain."""
        self._age = timedelta(0)
        self.account = credentials.account

    def age(self) -> timedelta:
        """See `Authority`. Asked under the log-in's lock before each call, so an unsaved token is saved soon."""
        self._settle()
        return self._age

    def headers(self, token: str | None) -> Mapping[str, str]:
        """See `Authority`."""
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def obtain(self, ask: Ask) -> str:
        """See `Authority`."""
        used = self._present()
        if not used:
            raise PersonNeeded("no refresh token yet", operator=codes.OPERATOR_CODE)
        pauses = iter(PAUSES)
        while True:
            try:
                return self._refresh(ask, used)
            except AuthExpired:
                newer = self._newer(used, pauses)
                if newer is None:
                    raise
                used = newer

    def begin(self, ask: Ask, clock: Clock) -> LogInStep:
        """Ask for a consent (RFC 8628, 3.1). Raises AuthExpired when the client is refused."""
        reply = self._ask(ask, "deviceauthorization", {"scope": self._credentials.scope})
        answer = reply.json()
        device, user, url = (answer.get(name) for name in ("device_code", "user_code", "verification_uri"))
        if not (isinstance(device, str) and isinstance(user, str) and isinstance(url, str) and _is_page(url)):
            raise reply.bad("the identity server gave no code to confirm")
        whole, lives = answer.get("verification_uri_complete"), answer.get("expires_in")
        seconds = lives if isinstance(lives, int) else CONSENT_LIFE
        return LogInStep(
            secret=device,
            url=whole if isinstance(whole, str) and _is_page(whole) else url,
            user_code=user,
            until=clock.now() + timedelta(seconds=seconds),
        )

    def finish(self, ask: Ask, secret: str) -> str:
        """Get the tokens that the person has consented to (RFC 8628, 3.4). Raises NotConfirmed, AuthExpired."""
        self._present()  # a keeper that does not answer is met before the consent is used up
        return self._read(self._ask(ask, "token", {"grant_type": DEVICE_GRANT, "device_code": secret}))

    def _present(self) -> str:
        self._settle()
        keeper = self._credentials.keeper
        if not self._unsaved:
            self._kept = keeper.load() if keeper is not None else None
        newest = self._refresh_token if self._unsaved else self._kept
        return newest or self._refresh_token or self._credentials.refresh_token

    def _newer(self, used: str, pauses: Iterator[float]) -> str | None:
        """The token that another process got for the used one; None when there is none within the pauses."""
        for pause in pauses:
            if pause and used == self._lost:
                break
            self._wait(pause)
            newer = self._present()
            if newer and newer != used:
                return newer
        self._lost = used
        return None

    def _settle(self) -> None:
        """Save what is unsaved, unless the keeper has got another one meanwhile (a newer consent): that one holds."""
        keeper = self._credentials.keeper
        if not self._unsaved or keeper is None or self._refresh_token is None:
            return
        try:
            if keeper.load() == self._kept:
                keeper.save(self._refresh_token)
        except KeeperFailed as error:  # the token is good all the same
            logger.warning("a new refresh token of %s is not saved yet: %s", self.account, error)
        else:
            self._unsaved = False

    def _refresh(self, ask: Ask, refresh_token: str) -> str:
        return self._read(self._ask(ask, "token", {"grant_type": "refresh_token", "refresh_token": refresh_token}))

    def _ask(self, ask: Ask, endpoint: str, form: Mapping[str, str]) -> Reply:
        client = {"client_id": self._credentials.client_id, "client_secret": self._credentials.client_secret}
        request = Request(
            method="POST",
            path=self._credentials.token_url.removesuffix("token") + endpoint,
            name=f"/connect/{endpoint}",
            body=urlencode({**form, **client}).encode(),
            content_type=FORM,
            secrets=tuple(value for name, value in {**form, **client}.items() if name in SECRET_FIELDS),
            write=True,  # a token may be replaced on use: asking again with the old one would lock us out
        )
        try:
            return ask(request, {})
        except Invalid as error:  # invalid_grant, invalid_client, authorization_pending: RFC 6749, 5.2; RFC 8628, 3.5
            said = error.raw or ""
            if "authorization_pending" in said or "slow_down" in said:
                raise NotConfirmed("not confirmed yet", operator=error.operator, status=error.status) from error
            raise AuthExpired(
                f"the identity server refused: {said[:100]}", operator=error.operator, status=error.status
            ) from error
        except OutcomeUnknown as error:
            raise Temporary("the identity server did not answer", operator=error.operator) from error

    def _read(self, reply: Reply) -> str:
        answer = reply.json()
        token, refresh, lives = answer.get("access_token"), answer.get("refresh_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            raise reply.bad("the identity server gave no access token")
        if isinstance(refresh, str) and refresh:
            self._refresh_token, self._unsaved = refresh, self._credentials.keeper is not None
            self._settle()
        seconds = lives if isinstance(lives, int) else DEFAULT_LIFE
        self._age = max(timedelta(seconds=seconds) - SPARE, timedelta(0))
        return token


def _is_page(url: str) -> bool:
    """Whether an address may be shown to a person as a link."""
    parts = urlsplit(url)
    return parts.scheme in {"https", "http"} and bool(parts.netloc)
