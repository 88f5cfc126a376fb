"""Settings of the exchange: connections, their state, connecting a new one, and what stands in the queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents.recording import FINISHED, SIGNED
from edo_service.documents.use_cases.send import SIGN
from edo_service.errors import Rejected, Unavailable
from edo_service.exchange import queries
from edo_service.exchange.accounts import OperatorFactory
from edo_service.exchange.queries import Connected, Waiting
from edo_service.exchange.use_cases.check import check_connection
from edo_service.exchange.use_cases.connect import Connection, connect
from edo_service.exchange.views import ExchangePage, QueueRow, RouteCard
from edo_service.kernel.actor import Right
from edo_service.kernel.secrets import SecretBox
from edo_service.parties.use_cases import keep_own_box
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

OPERATORS: Mapping[str, str] = {"diadoc": "Диадок"}
KINDS: Mapping[str, str] = {
    SIGN: "Подписываем на сервере",
    SIGNED: "Отправляем подписанное",
    FINISHED: "Передаём в архив",
}


@dataclass(frozen=True, kw_only=True)
class ExchangePorts:
    """What the pages need from outside; given by `main`."""

    operators: OperatorFactory
    secrets: SecretBox


@dataclass(frozen=True)
class ExchangePages:
    """`/o/{org}/exchange`, `…/connect`, `…/{account}/check`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="exchange",
                label="Настройки ЭДО",
                icon="arrows-right-left",
                path="/exchange",
                order=80,
                group="setup",
                allowed=lambda viewer: viewer.may(Right.OPERATORS),
            )
        )
        found = APIRouter(include_in_schema=False)
        found.add_api_route("/o/{org}/exchange", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/connect", self.connect, methods=["POST"])
        found.add_api_route("/o/{org}/exchange/{account}/check", self.check, methods=["POST"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """The routes and the queue."""
        viewer = self._viewer(request, org)
        return self._page(request, viewer, views.EMPTY_FORM)

    def connect(
        self,
        request: Request,
        org: str,
        operator: Annotated[str, Form()] = "diadoc",
        participant_id: Annotated[str, Form()] = "",
        login: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        client_id: Annotated[str, Form()] = "",
    ) -> Response:
        """Try the credentials; when they work keep them sealed and begin to receive."""
        viewer = self._viewer(request, org)
        asked = Asked({"participant_id": participant_id, "login": login, "client_id": client_id})
        asked.needed("participant_id", "Идентификатор участника: напишите его, он начинается с кода оператора")
        asked.needed("login", "Логин: напишите логин учётной записи у оператора")
        asked.needed("client_id", "Ключ разработчика: напишите его, его выдаёт оператор")
        if not password:
            asked.refuse("password", "Пароль: напишите пароль учётной записи у оператора")
        if operator not in OPERATORS:
            asked.refuse("participant_id", "Идентификатор участника: этот оператор пока не поддерживается")
        if asked.errors:
            return self._page(request, viewer, asked.form, status=422)
        try:
            self._keep(viewer, operator, asked, password)
        except (Rejected, Unavailable) as error:
            field = (
                "participant_id"
                if error.code
                in {"exchange.box_not_found", "exchange.box_of_other_organization", "party.bad_participant_id"}
                else "password"
            )
            asked.refuse(field, words(error))
            return self._page(request, viewer, asked.form, status=422 if isinstance(error, Rejected) else 503)
        return see_other(viewer.url("/exchange"), said="connected")

    def check(self, request: Request, org: str, account: str) -> Response:
        """Ask the operator now; the outcome stands on the page."""
        viewer = self._viewer(request, org)
        try:
            check_connection(identifier(account), actor=viewer.actor, uow=viewer.uow(), operators=self.ports.operators)
        except Unavailable:
            return see_other(viewer.url("/exchange"))
        return see_other(viewer.url("/exchange"), said="checked")

    def _keep(self, viewer: Viewer, operator: str, asked: Asked, password: str) -> None:
        wish = Connection(
            operator=operator,
            participant_id=asked.text("participant_id"),
            login=asked.text("login"),
            password=password,
            client_id=asked.text("client_id"),
        )
        account_id = connect(
            wish,
            actor=viewer.actor,
            uow=viewer.uow(),
            operators=self.ports.operators,
            secrets=self.ports.secrets,
        )
        box = next(one.box for one in queries.accounts(uow=viewer.uow().reading()) if one.id == account_id)
        keep_own_box(
            operator=operator,
            participant_id=wish.participant_id,
            box=box,
            actor=viewer.actor,
            uow=viewer.uow(),
        )

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.OPERATORS)
        return viewer

    def _page(self, request: Request, viewer: Viewer, form: views.Form, *, status: int = 200) -> Response:
        cards = queries.accounts(uow=viewer.uow().reading())
        view = ExchangePage(
            routes=(*(_route(one, viewer) for one in cards), _direct()),
            queue=tuple(_row(one, viewer) for one in queries.queue(uow=viewer.uow().reading())),
            counterparties_url=viewer.url("/exchange/counterparties"),
            connect_url=viewer.url("/exchange/connect"),
            form=form,
        )
        return self.portal.show(
            request, "exchange/settings.html", view, viewer=viewer, section="exchange", status=status
        )


def _route(one: Connected, viewer: Viewer) -> RouteCard:
    lost = one.trouble_since is not None
    if one.state != "connected":
        state, text = "off", "Обмен через этот ящик выключен."
    elif lost:
        state, text = (
            "lost",
            f"Оператор не отвечает с {one.trouble_since:%d.%m.%Y}. Пробуем сами, делать ничего не нужно.",
        )
    else:
        state, text = "connected", "Документы уходят и приходят через оператора."
    return RouteCard(
        name=f"Оператор {OPERATORS.get(one.operator, one.operator)}",
        status=status("operator", state),
        text=text,
        box=one.box,
        participant_id=one.participant_id,
        login=one.login,
        received_at=one.polled_at,
        check_url=viewer.url(f"/exchange/{one.id}/check"),
    )


def _direct() -> RouteCard:
    return RouteCard(
        name="Напрямую",
        status=status("operator", "connected"),
        text="Договоры уходят без оператора контрагентам, у которых есть кабинет на этом портале.",
    )


def _row(one: Waiting, viewer: Viewer) -> QueueRow:
    url = viewer.url(f"/documents/{one.document_id}" if one.document_id else "/documents?folder=all")
    return QueueRow(
        document=views.Link(label=one.title or "Новость от оператора", url=url),
        what=KINDS.get(one.kind, "Принимаем от оператора"),
        tries=one.tries,
        next_at=one.next_at,
        status=status("queue", one.state),
        reason=(one.error or "")[:200],
    )
