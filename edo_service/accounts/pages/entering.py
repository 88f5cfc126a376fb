"""Log-in, log-out, the first page, and old addresses without a company."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from edo_service.accounts.arrival import Device, NewSession
from edo_service.accounts.rules import CODE_LIFE
from edo_service.accounts.use_cases.log_in import CodeNeeded, log_in, log_out
from edo_service.accounts.use_cases.second_step import SecondStep, enter_code, send_code
from edo_service.accounts.views import ChooseOrganizationPage, CodePage, LoginPage
from edo_service.errors import AccessOver, NotFound, RateLimited, Rejected, Unavailable
from edo_service.kernel.scope import SystemScope
from edo_service.portal import Portal
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, words
from edo_service.web import views
from edo_service.web.problems import safe_next
from edo_service.web.security import SESSION_COOKIE, VISIT_COOKIE, clear_cookie, client_address, set_cookie

#: Sections whose addresses may be typed without the company.
SECTIONS = ("documents", "archive", "exchange", "organisation", "keys", "office")
CODE_COOKIE = "__Host-edo-code"
_SCOPE = SystemScope("accounts.log_in")


@dataclass(frozen=True)
class EnteringPages:
    """`/`, `/login`, `/login/code`, `/logout` and the redirects of old addresses."""

    portal: Portal
    step: SecondStep

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/", self.first, methods=["GET"])
        found.add_api_route("/login", self.show, methods=["GET"])
        found.add_api_route("/login", self.enter, methods=["POST"])
        found.add_api_route("/login/code", self.ask_code, methods=["GET"])
        found.add_api_route("/login/code", self.take_code, methods=["POST"])
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
                    demanded=self.step.demanded,
                )
                return _enter(session, next)
            except CodeNeeded as needed:
                try:
                    return self._send_code(needed, next)
                except Unavailable as error:
                    asked.refuse("", words(error))
                    status = 429 if isinstance(error, RateLimited) else 503
            except RateLimited as error:
                asked.refuse("", words(error))
                status = 429
            except AccessOver as error:
                asked.refuse("", words(error))
                status = 403
            except Rejected as error:
                asked.refuse("password", words(error))
        view = LoginPage(form=asked.form, next=safe_next(next))
        return self.portal.show_bare(request, "accounts/login.html", view, status=status)

    def _send_code(self, needed: CodeNeeded, next_page: str) -> Response:
        uow = self.portal.make_uow(_SCOPE)
        ticket = send_code(needed.person_id, needed.phone, step=self.step, uow=uow)
        answer = see_other(f"/login/code?{urlencode({'next': safe_next(next_page)})}")
        set_cookie(answer, CODE_COOKIE, ticket, max_age=int(CODE_LIFE.total_seconds()))
        return answer

    def ask_code(self, request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
        """The form for the code; without a ticket the first step comes first."""
        if CODE_COOKIE not in request.cookies:
            return see_other(f"/login?{urlencode({'next': safe_next(next)})}")
        return self._code_page(request, Asked({}), next)

    def take_code(
        self,
        request: Request,
        code: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002 - the name of the field
    ) -> Response:
        """The right code opens the session; a ticket that is used up leads back to the first step."""
        asked = Asked({"code": code.strip()[:40]})
        asked.needed("code", "Код из СМС: напишите шесть цифр")
        if asked.errors:
            return self._code_page(request, asked, next, status=422)
        try:
            session = enter_code(
                request.cookies.get(CODE_COOKIE),
                code,
                device=device(request),
                step=self.step,
                uow=self.portal.make_uow(_SCOPE),
                old_token=request.cookies.get(SESSION_COOKIE),
            )
        except Rejected as error:
            if error.code != "account.code_over":
                asked.refuse("code", words(error))
                return self._code_page(request, asked, next, status=422)
            first = Asked({})
            first.refuse("", words(error))
            view = LoginPage(form=first.form, next=safe_next(next))
            answer = self.portal.show_bare(request, "accounts/login.html", view, status=422)
            clear_cookie(answer, CODE_COOKIE)
            return answer
        answer = _enter(session, next)
        clear_cookie(answer, CODE_COOKIE)
        return answer

    def _code_page(self, request: Request, asked: Asked, next_page: str, *, status: int = 200) -> Response:
        view = CodePage(form=asked.form, next=safe_next(next_page), minutes=CODE_LIFE.seconds // 60)
        return self.portal.show_bare(request, "accounts/code.html", view, status=status)

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


def _enter(session: NewSession, next_page: str) -> Response:
    answer = see_other(safe_next(next_page))
    set_cookie(answer, SESSION_COOKIE, session.token)
    clear_cookie(answer, VISIT_COOKIE)
    return answer


def device(request: Request) -> Device:
    """Where the request comes from."""
    return Device(address=client_address(request), user_agent=request.headers.get("user-agent", ""))
