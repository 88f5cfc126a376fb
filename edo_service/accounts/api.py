"""`/api/v1`: log-in for programs, log-out, who I am."""

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from edo_service.accounts.arrival import Device
from edo_service.accounts.use_cases.log_in import log_in, log_out
from edo_service.kernel.scope import SystemScope
from edo_service.portal import Portal, Visitor
from edo_service.portal.api import Shown, Strict
from edo_service.web.security import client_address


class Credentials(Strict):
    """Log-in name and password."""

    login: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


class Organization(Shown):
    """A company of the person: `code` stands in addresses; `rights` is what she may do there."""

    code: str
    name: str
    inn: str
    position: str
    rights: list[str]


class Me(Shown):
    """Who is logged in."""

    id: str
    login: str
    name: str
    organizations: list[Organization]


class Session(Shown):
    """A session: `token` goes into `Authorization: Bearer …`; it is shown once."""

    token: str
    me: Me


@dataclass(frozen=True)
class AccountsApi:
    """Log-in and identity. Companies of `demanded` (ИНН, or `*`) want a code from an SMS, which pages alone ask for."""

    portal: Portal
    demanded: frozenset[str] = frozenset()

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(prefix="/api/v1", tags=["accounts"])
        found.add_api_route("/login", self.enter, methods=["POST"], response_model=Session)
        found.add_api_route("/logout", self.leave, methods=["POST"], status_code=204)
        found.add_api_route("/me", self.who, methods=["GET"], response_model=Me)
        return found

    def enter(self, request: Request, body: Credentials) -> Session:
        """Open a session. No cookie is set: the token is in the answer."""
        device = Device(address=client_address(request), user_agent=request.headers.get("user-agent", ""))
        session = log_in(
            body.login,
            body.password,
            device=device,
            uow=self.portal.make_uow(SystemScope("accounts.log_in")),
            demanded=self.demanded,
        )
        return Session(token=session.token, me=_me(self.portal.authenticate(session.token)))

    def leave(self, request: Request) -> Response:
        """End the session of the token or the cookie."""
        self.portal.visitor(request)
        log_out(self.portal.token(request), uow=self.portal.make_uow(SystemScope("accounts.log_in")))
        return Response(status_code=204)

    def who(self, request: Request) -> Me:
        """Who is logged in, and the companies with their rights."""
        return _me(self.portal.visitor(request))


def _me(visitor: Visitor) -> Me:
    return Me(
        id=str(visitor.person_id),
        login=visitor.login,
        name=visitor.name,
        organizations=[
            Organization(
                code=one.code,
                name=one.name,
                inn=one.inn,
                position=one.position,
                rights=sorted(right.value for right in one.actor.rights),
            )
            for one in visitor.companies
        ],
    )
