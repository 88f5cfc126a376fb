"""What is one's own: profile, password, sessions, appearance."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.accounts import queries
from edo_service.accounts.use_cases.passwords import change_password
from edo_service.accounts.use_cases.sessions import revoke_all_sessions, revoke_session
from edo_service.accounts.views import PasswordPage, ProfilePage, SessionRow, SessionsPage
from edo_service.errors import NotFound, Rejected
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.uow import UnitOfWork
from edo_service.portal import Company, Portal
from edo_service.portal.desk import YEAR, see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import theme, views
from edo_service.web.problems import safe_next
from edo_service.web.security import SESSION_COOKIE, clear_cookie, set_cookie

_BROWSERS = (
    ("Edg/", "Edge"),
    ("YaBrowser/", "Яндекс Браузер"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class OwnPages:
    """`/me…` and `/password`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/me", self.profile, methods=["GET"])
        found.add_api_route("/me/security", self.sessions, methods=["GET"])
        found.add_api_route("/me/security/revoke", self.revoke, methods=["POST"])
        found.add_api_route("/me/security/revoke-others", self.revoke_others, methods=["POST"])
        found.add_api_route("/password", self.password, methods=["GET"])
        found.add_api_route("/password", self.change, methods=["POST"])
        found.add_api_route("/me/appearance", self.appearance, methods=["GET"])
        found.add_api_route("/me/appearance", self.dress, methods=["POST"])
        return found

    def profile(self, request: Request) -> Response:
        """Who I am and for whom I work."""
        visitor = self.portal.visitor(request)
        view = ProfilePage(
            name=visitor.name,
            facts=(
                views.Fact(label="Вход", text=visitor.login),
                *(views.Fact(label=one.name, text=_work(one), url=one.home) for one in visitor.companies),
            ),
            links=(
                views.Link(label="Мои сеансы", url="/me/security"),
                views.Link(label="Сменить пароль", url="/password"),
                views.Link(label="Оформление", url="/me/appearance"),
            ),
        )
        return self.portal.show_bare(request, "accounts/me.html", view, visitor=visitor)

    def sessions(self, request: Request) -> Response:
        """Where I am logged in."""
        visitor = self.portal.visitor(request)
        uow = self._uow()
        with uow:
            cards = queries.live_sessions(uow, visitor.person_id)
        view = SessionsPage(
            rows=tuple(
                SessionRow(
                    id=str(card.id),
                    device=device_name(card.user_agent),
                    address=card.address,
                    started_at=card.created_at,
                    seen_at=card.seen_at,
                    current=card.id == visitor.session_id,
                )
                for card in cards
            ),
            revoke_url="/me/security/revoke",
            revoke_others_url="/me/security/revoke-others",
        )
        return self.portal.show_bare(request, "accounts/sessions.html", view, visitor=visitor)

    def revoke(self, request: Request, session: Annotated[str, Form()] = "") -> Response:
        """End one session; one that has ended meanwhile is no error."""
        visitor = self.portal.visitor(request)
        try:
            revoke_session(identifier(session), person_id=visitor.person_id, uow=self._uow())
        except NotFound:
            return see_other("/me/security", said="already")
        return see_other("/me/security", said="session_ended")

    def revoke_others(self, request: Request) -> Response:
        """End all sessions but this one."""
        visitor = self.portal.visitor(request)
        revoke_all_sessions(person_id=visitor.person_id, but=visitor.session_id, uow=self._uow())
        return see_other("/me/security", said="sessions_ended")

    def password(self, request: Request) -> Response:
        """The form for a new password."""
        visitor = self.portal.visitor(request)
        return self.portal.show_bare(
            request, "accounts/password.html", PasswordPage(form=views.EMPTY_FORM), visitor=visitor
        )

    def change(
        self,
        request: Request,
        old: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        """Change the password: every session ends, this one too."""
        visitor = self.portal.visitor(request)
        asked = Asked({})
        if not old:
            asked.refuse("old", "Текущий пароль: напишите его")
        if new != again:
            asked.refuse("again", "Новый пароль ещё раз: не совпал с первым")
        if not asked.errors:
            try:
                change_password(visitor.person_id, old=old, new=new, uow=self._uow())
            except Rejected as error:
                asked.refuse("old" if error.code == "account.password_wrong" else "new", words(error))
            else:
                answer = see_other("/login")
                clear_cookie(answer, SESSION_COOKIE)
                return answer
        view = PasswordPage(form=asked.form)
        return self.portal.show_bare(request, "accounts/password.html", view, visitor=visitor, status=422)

    def appearance(self, request: Request, next: str = "/", saved: str = "") -> Response:  # noqa: A002 - in the address
        """Theme, contrast and size; also before log-in."""
        view = views.AppearancePage(
            theme=theme.Theme.from_cookies(request.cookies), next=safe_next(next), saved=bool(saved)
        )
        return self.portal.show_bare(request, "appearance.html", view, visitor=self.portal.guest_or_visitor(request))

    def dress(
        self,
        colour: Annotated[str, Form()] = "",
        contrast: Annotated[str, Form()] = "",
        size: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002 - the name of the field
    ) -> Response:
        """Remember the look in this browser and go back."""
        answer = see_other(safe_next(next))
        set_cookie(answer, theme.COOKIE, theme.Theme.parse(colour, contrast, size).cookie(), max_age=YEAR)
        return answer

    def _uow(self) -> UnitOfWork:
        return self.portal.make_uow(SystemScope("accounts.log_in"))


def _work(company: Company) -> str:
    until = "" if company.until is None else f", доступ до {company.until:%d.%m.%Y} включительно"
    return f"{company.position or 'сотрудник'}{until}"


def device_name(user_agent: str) -> str:
    """«Chrome, Linux» of a user agent; the first words of an unknown one."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or user_agent[:40] or "Неизвестное устройство"
