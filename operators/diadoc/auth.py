"""How an account shows itself to Diadoc: by password (`DiadocAuth`, older) or by OpenID Connect (`Bearer`).

The operator has declared `DiadocAuth` obsolete in favour of OIDC; both work. A refresh token may be replaced on every
use, so whoever gives `OidcCredentials` keeps the new one (`TokenKeeper`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeAlias
from urllib.parse import urlencode

from operators.diadoc import codes
from operators.errors import AuthExpired, BadAnswer, Invalid, OutcomeUnknown, Temporary
from operators.wire import Reply, Request

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
TOKEN_AGE = timedelta(hours=23)
"""The operator's token lives 24 hours; renewing earlier saves a write from meeting a 401."""
SPARE = timedelta(seconds=60)
"""How long before its end an access token is renewed."""

DEFAULT_LIFE = 300
"""Seconds that an access token is trusted when the identity server does not tell."""

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
        """Return the kept token; None when there is none newer than the credentials'."""

    def save(self, token: str) -> None:
        """Keep a new token."""


@dataclass(frozen=True, kw_only=True)
class OidcCredentials:
    """A client of the identity server and a user's refresh token; `account` names the log-in for limits.

    `token_url`: https://identity.kontur.ru/connect/token or its test.
    """

    account: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_url: str = "https://identity.kontur.ru/connect/token"  # noqa: S105 - an address
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


def authority_for(credentials: DiadocCredentials | OidcCredentials) -> Authority:
    """Return the way of logging in that the credentials are for."""
    if isinstance(credentials, OidcCredentials):
        return Oidc(credentials)
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
        )
        token = ask(request, self.headers(None)).content.decode("ascii", "replace").strip()
        if not token:
            raise BadAnswer("log-in gave an empty token", operator=codes.OPERATOR_CODE)
        return token


class Oidc:
    """`POST <token_url>` with grant_type=refresh_token (RFC 6749, 6); `Authorization: Bearer …`."""

    def __init__(self, credentials: OidcCredentials) -> None:
        self._credentials = credentials
        self._refresh_token: str | None = None
        self._age = timedelta(0)
        self.account = credentials.account

    def age(self) -> timedelta:
        """See `Authority`."""
        return self._age

    def headers(self, token: str | None) -> Mapping[str, str]:
        """See `Authority`."""
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def obtain(self, ask: Ask) -> str:
        """See `Authority`."""
        keeper = self._credentials.keeper
        kept = keeper.load() if keeper is not None else None
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "refresh_token": kept or self._refresh_token or self._credentials.refresh_token,
        }
        request = Request(
            method="POST",
            path=self._credentials.token_url,
            name="/connect/token",
            body=urlencode(form).encode(),
            content_type=FORM,
            write=True,  # a token may be replaced on use: asking again with the old one would lock us out
        )
        try:
            reply = ask(request, {})
        except Invalid as error:  # invalid_grant, invalid_client: RFC 6749, 5.2
            raise AuthExpired(
                "the identity server refused the refresh token", operator=error.operator, status=error.status
            ) from error
        except OutcomeUnknown as error:
            raise Temporary("the identity server did not answer", operator=error.operator) from error
        return self._read(reply)

    def _read(self, reply: Reply) -> str:
        answer = reply.json()
        token, refresh, lives = answer.get("access_token"), answer.get("refresh_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            raise reply.bad("the identity server gave no access token")
        if isinstance(refresh, str) and refresh:
            self._refresh_token = refresh
            if self._credentials.keeper is not None:
                self._credentials.keeper.save(refresh)
        seconds = lives if isinstance(lives, int) else DEFAULT_LIFE
        self._age = max(timedelta(seconds=seconds) - SPARE, timedelta(0))
        return token
