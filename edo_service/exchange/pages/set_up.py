"""The set-up of an operator: five steps, each with an address of its own, each kept on «Далее»."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Conflict, EdoError, NotFound, Rejected, Unavailable
from edo_service.exchange import queries
from edo_service.exchange.catalogue import OPERATORS
from edo_service.exchange.lives import RelationAct
from edo_service.exchange.pages.hits import find_hits, pick_hit
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.pages.steps import page_of_step
from edo_service.exchange.queries import Connected
from edo_service.exchange.set_up_views import SetUpPage
from edo_service.exchange.use_cases.log_in import confirm_log_in
from edo_service.exchange.use_cases.refresh_relations import ask_about_invitation
from edo_service.exchange.use_cases.relate import Wish, invite
from edo_service.exchange.use_cases.set_up import (
    Credentials,
    choose_operator,
    finish,
    name_participant,
    try_connection,
)
from edo_service.exchange.views import Hit
from edo_service.kernel.actor import Right
from edo_service.parties.use_cases import keep_own_box
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views

LAST = 5
REACHED = {"draft": 3, "checking": 3, "checked": 4, "invited": 4, "confirm": 4}
"""The last step that a connection's state allows."""


@dataclass(frozen=True)
class SetUpPages:
    """`/o/{org}/exchange/setup`, `…/setup/{step}` (`?of=` names the connection)."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/exchange/setup", self.begin, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/setup/{step}", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/setup/{step}", self.keep, methods=["POST"])
        return found

    def begin(self, request: Request, org: str) -> Response:
        """The first step."""
        return see_other(self._viewer(request, org).url("/exchange/setup/1"))

    def show(
        self,
        request: Request,
        org: str,
        step: str,
        *,
        of: str = "",
        operator: str = "",
        inn: str = "",
        kpp: str = "",
        by: str = "",
    ) -> Response:
        """One step; a step that is too early leads to the one that comes first."""
        viewer = self._viewer(request, org)
        number = _number(step)
        if number == 1 or not of:
            if number != 1:
                return see_other(viewer.url("/exchange/setup/1"))
            return self._page(request, viewer, 1, None, form=views.Form(values={"operator": operator}))
        account = queries.account(identifier(of), uow=viewer.uow().reading())
        last = _last(account)
        if number > last or (number == 4 and last == LAST):
            return see_other(viewer.url(f"/exchange/setup/{last}?of={account.id}"))
        if number == 4 and inn:
            return self._search(request, viewer, account, inn=inn, kpp=kpp)
        form = views.Form(values={"log_in_by": by}) if by in {"password", "consent"} else views.EMPTY_FORM
        return self._page(request, viewer, number, account, form=form)

    def keep(  # noqa: PLR0913 - the fields of the steps' forms
        self,
        request: Request,
        org: str,
        step: str,
        *,
        of: Annotated[str, Form()] = "",
        operator: Annotated[str, Form()] = "",
        participant_id: Annotated[str, Form()] = "",
        login: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        client_id: Annotated[str, Form()] = "",
        hit: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
        later: Annotated[str, Form()] = "",
        log_in_by: Annotated[str, Form()] = "",
        confirm: Annotated[str, Form()] = "",
        code: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
        look: Annotated[str, Form()] = "",
    ) -> Response:
        """«Далее»: the step is kept and the next one opens; what is refused is said beside its field."""
        viewer = self._viewer(request, org)
        number = _number(step)
        asked = Asked(
            {
                "operator": operator,
                "participant_id": participant_id,
                "login": login,
                "client_id": client_id,
                "log_in_by": log_in_by,
                "code": code,
                "text": text,
            }
        )
        if number == 1:
            return self._choose(request, viewer, asked)
        account = queries.account(identifier(of), uow=viewer.uow().reading())
        if number == 2:
            return self._name(request, viewer, account, asked)
        if number == 3 and confirm:
            return self._confirm(request, viewer, account, asked)
        if number == 3:
            return self._try(request, viewer, account, asked, password, again=bool(again))
        if number == 4 and look:
            return self._look(viewer, account)
        if number == 4:
            return self._invite(request, viewer, account, asked, hit=hit, later=bool(later))
        raise NotFound("request.absent")

    def _choose(self, request: Request, viewer: Viewer, asked: Asked) -> Response:
        if asked.text("operator") not in OPERATORS:
            asked.refuse("operator", "Оператор: выберите, через кого пойдут документы")
            return self._page(request, viewer, 1, None, form=asked.form, status=422)
        account = choose_operator(
            asked.text("operator"), actor=viewer.actor, uow=viewer.uow(), secrets=self.ports.secrets
        )
        return _to(viewer, 2, account)

    def _name(self, request: Request, viewer: Viewer, account: Connected, asked: Asked) -> Response:
        participant = asked.needed(
            "participant_id", "Идентификатор участника: напишите его, он есть в кабинете оператора"
        )
        if not asked.errors:
            try:
                name_participant(account.id, participant, demo=self.ports.demo, actor=viewer.actor, uow=viewer.uow())
            except Rejected as error:
                asked.refuse("participant_id", words(error))
            except Conflict:
                return see_other(viewer.url("/exchange"), said="changed")
        if asked.errors:
            return self._page(request, viewer, 2, account, form=asked.form, status=422)
        return _to(viewer, 3, account.id)

    def _try(
        self,
        request: Request,
        viewer: Viewer,
        account: Connected,
        asked: Asked,
        password: str,
        *,
        again: bool,
    ) -> Response:
        """Try what she typed; `again`: what is kept (a new code by SMS)."""
        if again:
            wish = Credentials(login=account.login, password="", client_id=account.client_id, by=account.log_in_by)
        else:
            wish = credentials_asked(account, asked, password)
        if asked.errors:
            return self._page(request, viewer, 3, account, form=asked.form, status=422)
        try:
            account_id = try_connection(
                account.id,
                wish,
                actor=viewer.actor,
                uow=viewer.uow(),
                operators=self.ports.operators,
                secrets=self.ports.secrets,
            )
        except Conflict:
            return see_other(viewer.url("/exchange"), said="changed")
        except (Rejected, Unavailable) as error:
            asked.refuse(field_of(error, wish), words(error))
            code = 422 if isinstance(error, Rejected) else 503
            now = queries.account(account.id, uow=viewer.uow().reading())
            return self._page(request, viewer, 3, now, form=asked.form, status=code)
        return self._tested(viewer, account, account_id)

    def _confirm(self, request: Request, viewer: Viewer, account: Connected, asked: Asked) -> Response:
        """The code that came by SMS, or «Проверить вход»."""
        if account.awaited is not None and account.awaited.telephone:
            asked.needed("code", "Код из СМС: введите цифры из сообщения оператора")
        if asked.errors:
            return self._page(request, viewer, 3, account, form=asked.form, status=422)
        try:
            account_id = confirm_log_in(
                account.id,
                "".join(asked.text("code").split()).replace("-", ""),
                actor=viewer.actor,
                uow=viewer.uow(),
                operators=self.ports.operators,
                secrets=self.ports.secrets,
            )
        except Conflict:
            return _to(viewer, 3, account.id)
        except (Rejected, Unavailable) as error:
            asked.refuse("code", words(error))
            now = queries.account(account.id, uow=viewer.uow().reading())
            code = 422 if isinstance(error, Rejected) else 503
            return self._page(request, viewer, 3, now, form=asked.form, status=code)
        return self._tested(viewer, account, account_id)

    def _tested(self, viewer: Viewer, account: Connected, account_id: UUID) -> Response:
        """Keep the box that was found; an older connection of the same box has got the new credentials."""
        found = queries.account(account_id, uow=viewer.uow().reading())
        if found.box:
            self._keep_box(viewer, found)
        if account_id != account.id:
            return see_other(viewer.url("/exchange"), said="operator_on")
        return _to(viewer, 3, account_id)

    def _keep_box(self, viewer: Viewer, found: Connected) -> None:
        keep_own_box(
            operator=found.operator,
            participant_id=found.participant_id,
            box=found.box,
            actor=viewer.actor,
            uow=viewer.uow(),
        )

    def _search(self, request: Request, viewer: Viewer, account: Connected, *, inn: str, kpp: str) -> Response:
        asked = Asked({"inn": inn, "kpp": kpp})
        hits = find_hits(asked, account.id, viewer=viewer, ports=self.ports)
        code = 422 if asked.errors else 200
        return self._page(
            request, viewer, 4, account, form=asked.form, hits=hits, searched=not asked.errors, status=code
        )

    def _invite(
        self, request: Request, viewer: Viewer, account: Connected, asked: Asked, *, hit: str, later: bool
    ) -> Response:
        if later:
            finish(account.id, actor=viewer.actor, uow=viewer.uow())
            return _to(viewer, LAST, account.id)
        try:
            to = pick_hit(hit, account.id, viewer=viewer, ports=self.ports)
            invite(
                account.id,
                to,
                Wish(act=RelationAct.INVITE, text=asked.text("text")),
                actor=viewer.actor,
                uow=viewer.uow(),
                first=True,
            )
        except EdoError as error:
            if not isinstance(error, Rejected | Conflict | Unavailable):
                raise
            asked.refuse("text" if error.code == "exchange.text_too_long" else "inn", words(error))
            return self._page(request, viewer, 4, account, form=asked.form, status=422)
        return _to(viewer, 4, account.id)

    def _look(self, viewer: Viewer, account: Connected) -> Response:
        """Whether the invitation was confirmed meanwhile."""
        ask_about_invitation(account.id, actor=viewer.actor, uow=viewer.uow(), operators=self.ports.operators)
        return _to(viewer, 4, account.id)

    def _page(
        self,
        request: Request,
        viewer: Viewer,
        number: int,
        account: Connected | None,
        *,
        form: views.Form = views.EMPTY_FORM,
        hits: tuple[tuple[Hit, object], ...] = (),
        searched: bool = False,
        status: int = 200,
    ) -> Response:
        view: SetUpPage = page_of_step(
            number, account, viewer=viewer, ports=self.ports, form=form, hits=hits, searched=searched
        )
        return self.portal.show(request, "exchange/setup.html", view, viewer=viewer, section="exchange", status=status)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.OPERATORS)
        return viewer


def credentials_asked(account: Connected, asked: Asked, password: str) -> Credentials:
    """What the form of step 3 says; what is missing is refused beside its field."""
    kind = OPERATORS[account.operator]
    by = "consent" if asked.text("log_in_by") == "consent" and kind.consent_at else "password"
    if by == "consent":
        asked.needed("client_id", "Идентификатор приложения: напишите, без него страница входа не откроется")
    else:
        asked.needed("login", "Логин: напишите логин учётной записи у оператора")
        if kind.client_needed:
            asked.needed("client_id", f"{kind.client_label}: напишите, без этого оператор не пустит")
    if not password and (account.checked_at is None or by != account.log_in_by):
        named = (
            "Ключ приложения: напишите его" if by == "consent" else "Пароль: напишите пароль учётной записи у оператора"
        )
        asked.refuse("password", named)
    login = "" if by == "consent" else asked.text("login")
    return Credentials(login=login, password=password, client_id=asked.text("client_id"), by=by)


def field_of(error: EdoError, wish: Credentials) -> str:
    """The field that a refusal belongs to."""
    if error.code == "exchange.credentials_refused":
        return "password"
    return "client_id" if wish.by == "consent" else "login"


def _number(step: str) -> int:
    if step not in {"1", "2", "3", "4", "5"}:
        raise NotFound("request.absent")
    return int(step)


def _last(account: Connected) -> int:
    if account.state == "draft" and not account.participant_id:
        return 2
    return REACHED.get(account.state, LAST)


def _to(viewer: Viewer, number: int, account_id: UUID) -> Response:
    return see_other(viewer.url(f"/exchange/setup/{number}?of={account_id}"))
