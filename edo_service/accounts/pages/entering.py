"""Log-in, log-out, the first page, and old addresses without a company."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from edo_service.accounts.use_cases.log_in import Device, log_in, log_out
from edo_service.accounts.views import ChooseOrganizationPage, LoginPage
from edo_service.errors import NotFound, RateLimited, Rejected
from edo_service.kernel.scope import SystemScope
from edo_service.portal import Portal
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, words
from edo_service.web import views
from edo_service.web.problems import safe_next
from edo_service.web.security import SESSION_COOKIE, VISIT_COOKIE, clear_cookie, client_address, set_cookie

#: Sections whose addresses may be typed without the company.
SECTIONS = ("documents", "archive", "exchange", "organisation", "keys", "office")
_SCOPE = SystemScope("accounts.log_in")


@dataclass(frozen=True)
class EnteringPages:
    """`/`, `/login`, `/logout` and the redirects of old addresses."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/", self.first, methods=["GET"])
        found.add_api_route("/login", self.show, methods=["GET"])
        found.add_api_route("/login", self.enter, methods=["POST"])
        found.add_api_route("/logout", self.leave, methods=["POST"])
        for section in SECTIONS:
            found.add_api_route(f"/{section}", self.old_address, methods=["GET"])
            found.add_api_route(f"/{section}/{{rest:path}}", self.old_address, methods=["GET"])
        return found

    def first(self, request: Request) -> Response:
        """Home of the only company, or the choice between several."""
        visitor = self.portal.visitor(request)
        if len(visitor.companies) == 1:
            return see_other(visitor.companies[0].home)
        links = tuple(
            views.OrganizationLink(id=one.code, name=one.name, inn=one.inn, url=one.home) for one in visitor.companies
        )
        return self.portal.show_bare(
            request, "accounts/choose.html", ChooseOrganizationPage(organizations=links), visitor=visitor
        )

    def show(self, request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
        """The form; whoever is logged in already goes on."""
        if self.portal.guest_or_visitor(request) is not None:
            return see_other(safe_next(next))
        return self.portal.show_bare(
            request, "accounts/login.html", LoginPage(form=views.EMPTY_FORM, next=safe_next(next))
        )

    def enter(
        self,
        request: Request,
        login: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002 - the name of the field
    ) -> Response:
        """Check the password, start a session under a fresh token."""
        asked = Asked({"login": login.strip()})
        asked.needed("login", "Электронная почта: напишите адрес, с которым вас зарегистрировали")
        if not password:
            asked.refuse("password", "Пароль: напишите пароль")
        status = 422
        if not asked.errors:
            try:
                session = log_in(
                    login.strip(),
                    password,
                    device=device(request),
                    uow=self.portal.make_uow(_SCOPE),
                    old_token=request.cookies.get(SESSION_COOKIE),
                )
            except RateLimited as error:
                asked.refuse("", words(error))
                status = 429
            except Rejected as error:
                asked.refuse("password", words(error))
            else:
                answer = see_other(safe_next(next))
                set_cookie(answer, SESSION_COOKIE, session.token)
                clear_cookie(answer, VISIT_COOKIE)
                return answer
        view = LoginPage(form=asked.form, next=safe_next(next))
        return self.portal.show_bare(request, "accounts/login.html", view, status=status)

    def leave(self, request: Request) -> Response:
        """End the session. An ended one is no error."""
        log_out(request.cookies.get(SESSION_COOKIE), uow=self.portal.make_uow(_SCOPE))
        answer = see_other("/login")
        clear_cookie(answer, SESSION_COOKIE)
        return answer

    def old_address(self, request: Request) -> Response:
        """The same path under the company looked at last."""
        visitor = self.portal.visitor(request)
        if not visitor.companies:
            raise NotFound("request.absent")
        query = f"?{request.url.query}" if request.url.query else ""
        code = self.portal.last_company(request, visitor)
        return RedirectResponse(f"/o/{code}{request.url.path}{query}", status_code=303)


def device(request: Request) -> Device:
    """Where the request comes from."""
    return Device(address=client_address(request), user_agent=request.headers.get("user-agent", ""))
