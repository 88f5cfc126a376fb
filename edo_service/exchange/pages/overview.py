"""«Настройки ЭДО»: connections and their state, checking one, switching it off and on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.exchange import queries
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.lives import SETTING_UP
from edo_service.exchange.pages.ports import ExchangePorts, account_status
from edo_service.exchange.queries import Connected
from edo_service.exchange.rules import ReceiptsBy
from edo_service.exchange.use_cases.check import check_connection
from edo_service.exchange.use_cases.log_in import renew_log_in
from edo_service.exchange.use_cases.receipts import carries_messages
from edo_service.exchange.use_cases.switch import Left, left_in, switch_off, switch_on
from edo_service.exchange.views import ExchangePage, RouteCard, SwitchOffPage
from edo_service.kernel.actor import Right
from edo_service.keys import queries as keys
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier, words
from edo_service.texts.failures import failure_words
from edo_service.web import views
from edo_service.web.filters import plural
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

OFF = status("operator", "off")
STEP_OF = {"draft": 2, "checking": 3, "checked": 4, "invited": 4, "confirm": 4}


@dataclass(frozen=True)
class OverviewPages:
    """`/o/{org}/exchange`, `…/{account}/check`, `…/{account}/off`, `…/{account}/on`, `…/{account}/renew`."""

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
                profile="Общие настройки",
                allowed=lambda viewer: viewer.may(Right.OPERATORS),
            )
        )
        found = APIRouter()
        found.add_api_route("/o/{org}/exchange", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/{account}/check", self.check, methods=["POST"])
        found.add_api_route("/o/{org}/exchange/{account}/renew", self.renew, methods=["POST"])
        found.add_api_route("/o/{org}/exchange/{account}/off", self.ask_off, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/{account}/off", self.off, methods=["POST"])
        found.add_api_route("/o/{org}/exchange/{account}/on", self.on, methods=["POST"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """The routes and how the queue stands."""
        viewer = self._viewer(request, org)
        return self._page(request, viewer)

    def check(self, request: Request, org: str, account: str) -> Response:
        """Ask the operator now; the outcome stands on the page."""
        viewer = self._viewer(request, org)
        try:
            check_connection(identifier(account), actor=viewer.actor, uow=viewer.uow(), operators=self.ports.operators)
        except Unavailable:
            return see_other(viewer.url("/exchange"))
        return see_other(viewer.url("/exchange"), said="checked")

    def renew(self, request: Request, org: str, account: str) -> Response:
        """Ask for the log-in anew; the connection goes on meanwhile."""
        viewer = self._viewer(request, org)
        draft = renew_log_in(identifier(account), actor=viewer.actor, uow=viewer.uow(), secrets=self.ports.secrets)
        return see_other(viewer.url(f"/exchange/setup/3?of={draft}"))

    def ask_off(self, request: Request, org: str, account: str) -> Response:
        """What is still to leave through it, and the two ways to switch it off."""
        viewer = self._viewer(request, org)
        one = queries.account(identifier(account), uow=viewer.uow().reading())
        view = SwitchOffPage(
            name=operator_name(one.operator),
            participant_id=one.participant_id,
            unfinished=_left(left_in(one.id, uow=viewer.uow().reading()), viewer),
            action=viewer.url(f"/exchange/{one.id}/off"),
            back_url=viewer.url("/exchange"),
            closing=one.state == "closing",
        )
        return self.portal.show(request, "exchange/switch_off.html", view, viewer=viewer, section="exchange")

    def off(self, request: Request, org: str, account: str, when: Annotated[str, Form()] = "") -> Response:
        """Switch it off: when the queue is empty, or `when=now`."""
        viewer = self._viewer(request, org)
        said = "operator_off"
        try:
            state = switch_off(identifier(account), at_once=when == "now", actor=viewer.actor, uow=viewer.uow())
            said = "operator_off" if state == "off" else "operator_closing"
        except Conflict:
            said = "changed"
        return see_other(viewer.url("/exchange"), said=said)

    def on(self, request: Request, org: str, account: str) -> Response:
        """Switch it on again when its credentials work."""
        viewer = self._viewer(request, org)
        try:
            switch_on(identifier(account), actor=viewer.actor, uow=viewer.uow(), operators=self.ports.operators)
        except Conflict:
            return see_other(viewer.url("/exchange"), said="changed")
        except (Rejected, Unavailable) as error:
            form = views.Form(errors=(views.FieldError(field="", message=words(error)),))
            return self._page(request, viewer, form, status=422 if isinstance(error, Rejected) else 503)
        return see_other(viewer.url("/exchange"), said="operator_on")

    def _route(self, one: Connected, viewer: Viewer, *, keyed: bool) -> RouteCard:
        able = carries_messages(one.id, uow=viewer.uow(), operators=self.ports.operators)
        return route(one, viewer, able=able, keyed=keyed)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.OPERATORS)
        return viewer

    def _page(
        self, request: Request, viewer: Viewer, form: views.Form = views.EMPTY_FORM, *, status: int = 200
    ) -> Response:
        cards = queries.accounts(uow=viewer.uow().reading())
        uow = viewer.uow().reading()
        state, text = _queue(queries.queued_jobs(uow=uow), queries.failed_jobs(uow=uow))
        with uow:
            keyed = keys.automatic_key(uow) is not None
        view = ExchangePage(
            routes=(*(self._route(one, viewer, keyed=keyed) for one in cards), _direct()),
            queue=state,
            queue_text=text,
            queue_url=viewer.url("/exchange/queue"),
            counterparties_url=viewer.url("/exchange/counterparties"),
            set_up_url=viewer.url("/exchange/setup/1"),
            off=OFF,
            empty=not cards,
            form=form,
        )
        return self.portal.show(
            request, "exchange/settings.html", view, viewer=viewer, section="exchange", status=status
        )


def route(one: Connected, viewer: Viewer, *, able: bool = False, keyed: bool = True) -> RouteCard:
    """A connection as a card with what may be done about it.

    `able`: its operator carries universal messages; `keyed`: the company has an automatic key, which notices need.
    """
    url = viewer.url(f"/exchange/{one.id}")
    open_ = one.state in {"connected", "invited", "confirm", "closing"}
    step = viewer.url(f"/exchange/setup/{STEP_OF.get(one.state, 5)}?of={one.id}")
    return RouteCard(
        name=operator_name(one.operator),
        status=account_status(one),
        text=_text(one),
        box=one.box,
        participant_id=one.participant_id,
        login=one.login,
        checked_at=one.checked_at,
        received_at=one.polled_at,
        trace_id=one.trace_id or "",
        check_url=f"{url}/check" if open_ else "",
        off_url=f"{url}/off" if open_ else "",
        on_url=f"{url}/on" if one.state in {"off", "closing"} else "",
        renew_url=f"{url}/renew" if one.state == "connected" else "",
        renew_label="Войти заново" if _wants_person(one) else "Сменить логин или пароль",
        continue_link=views.Link(label="Продолжить настройку", url=step) if one.state in SETTING_UP else None,
        receipts=_receipts(one, able=able, keyed=keyed) if open_ else "",
        receipts_url=f"{url}/receipts" if open_ and able else "",
    )


def _receipts(one: Connected, *, able: bool, keyed: bool) -> str:
    if one.receipts_by == ReceiptsBy.MESSAGE.value and able:
        return "универсальное сообщение, подпись не нужна"
    now = (
        "файл ИоП с подписью ключа компании"
        if keyed
        else "ждут: файл ИоП подписывает ключ компании, а его на портале нет"
    )
    return now if able else f"{now}. Универсальные сообщения через этого оператора портал не передаёт"


def _left(left: Left, viewer: Viewer) -> Sequence[tuple[str, str]]:
    """What is unfinished: the words and the page of each kind."""
    queue, documents = viewer.url("/exchange/queue"), viewer.url("/documents")
    lines = (
        (left.to_send, ("дело к отправке", "дела к отправке", "дел к отправке"), queue),
        (
            left.answers,
            ("ответ контрагента", "ответа контрагентов", "ответов контрагентов"),
            f"{documents}?folder=out",
        ),
        (
            left.receipts,
            ("извещение о получении", "извещения о получении", "извещений о получении"),
            f"{documents}?folder=out",
        ),
        (
            left.confirmations,
            ("подтверждение оператора", "подтверждения оператора", "подтверждений оператора"),
            documents,
        ),
        (left.annulments, ("аннулирование", "аннулирования", "аннулирований"), documents),
        (left.unread, ("новость оператора", "новости оператора", "новостей оператора"), queue),
    )
    return tuple((plural(number, *words), url) for number, words, url in lines if number)


_TEXTS = {
    "off": "Обмен через этот ящик выключен. Место в ленте сохранено: при включении дочитаем всё, что пришло.",
    "closing": "Выключаем: новые документы не принимаем, очередь уходит, ответы ждём и читаем через этот ящик.",
    "invited": "Документы уже ходят. Приглашение передано оператору.",
    "confirm": "Документы уже ходят. Приглашение ждёт подтверждения в кабинете оператора.",
}
_RESYNC = "Оператор забыл наше место в ленте: перечитываем её по времени, ничего не потеряется."


def _text(one: Connected) -> str:
    if one.state in {"draft", "checking", "checked"}:
        return f"Настройка не закончена: шаг {STEP_OF[one.state]} из 5. Документы через этот ящик пока не ходят."
    if one.trouble_since is not None and one.state != "off":
        said = failure_words(one.trouble or "")
        if _wants_person(one):
            return f"С {one.trouble_since:%d.%m.%Y} оператор просит войти заново: прежний вход устарел. Документы ждут в очереди."
        return f"Оператор не отвечает с {one.trouble_since:%d.%m.%Y}. {said} Пробуем сами, делать ничего не нужно."
    if one.resync_from is not None and one.state != "off":
        return _RESYNC
    return _TEXTS.get(one.state, "Документы уходят и приходят через оператора.")


def _wants_person(one: Connected) -> bool:
    """Whether nobody but a person can bring the connection back."""
    return one.trouble_since is not None and (one.trouble or "").startswith("PersonNeeded:")


def _direct() -> RouteCard:
    return RouteCard(
        name="Напрямую",
        status=status("operator", "connected"),
        text="Договоры уходят без оператора контрагентам, у которых есть кабинет на этом портале.",
    )


def _queue(waiting: int, failed: int) -> tuple[views.Status, str]:
    if failed:
        count = plural(failed, "задание", "задания", "заданий")
        return status("queue", "dead"), f"{count} портал не смог выполнить сам. Посмотрите, почему, и повторите."
    if waiting:
        count = plural(waiting, "задание", "задания", "заданий")
        return status("queue", "waiting"), f"В очереди {count}. Делать ничего не нужно."
    return status("queue", "empty"), "Всё отправлено и принято."
