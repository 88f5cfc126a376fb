"""«Извещения о получении»: how a box acknowledges what comes in."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Rejected
from edo_service.exchange import queries
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.queries import Connected
from edo_service.exchange.rules import ReceiptsBy
from edo_service.exchange.use_cases.receipts import carries_messages, choose_receipts
from edo_service.exchange.views import ReceiptsPage
from edo_service.kernel.actor import Right
from edo_service.keys import queries as keys
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views

LABELS = {
    ReceiptsBy.NOTICE: "Извещение о получении (ИоП)",
    ReceiptsBy.MESSAGE: "Универсальное сообщение (УС)",
}
HINTS = {
    ReceiptsBy.NOTICE: "Файл подписывает ключ компании. Операторы пока принимают оба вида",
    ReceiptsBy.MESSAGE: "Новый вид служебного документа, его составляет оператор. Подпись и ключ компании не нужны",
}


@dataclass(frozen=True)
class ReceiptsPages:
    """`/o/{org}/exchange/{account}/receipts`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/exchange/{account}/receipts", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/{account}/receipts", self.keep, methods=["POST"])
        return found

    def show(self, request: Request, org: str, account: str) -> Response:
        """The choice as it is."""
        viewer = self._viewer(request, org)
        one = queries.account(identifier(account), uow=viewer.uow().reading())
        return self._page(request, viewer, one)

    def keep(self, request: Request, org: str, account: str, receipts_by: Annotated[str, Form()] = "") -> Response:
        """Keep the choice; one that the operator cannot carry is refused in words."""
        viewer = self._viewer(request, org)
        one = queries.account(identifier(account), uow=viewer.uow().reading())
        asked = Asked({"receipts_by": receipts_by})
        if receipts_by not in list(ReceiptsBy):
            asked.refuse("receipts_by", "Чем извещать: выберите один из двух способов")
            return self._page(request, viewer, one, asked.form, status=422)
        try:
            choose_receipts(
                one.id,
                ReceiptsBy(receipts_by),
                actor=viewer.actor,
                uow=viewer.uow(),
                operators=self.ports.operators,
            )
        except Rejected as error:
            asked.refuse("receipts_by", words(error))
            return self._page(request, viewer, one, asked.form, status=422)
        return see_other(viewer.url("/exchange"), said="receipts_chosen")

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.OPERATORS)
        return viewer

    def _page(
        self,
        request: Request,
        viewer: Viewer,
        one: Connected,
        form: views.Form = views.EMPTY_FORM,
        *,
        status: int = 200,
    ) -> Response:
        able = carries_messages(one.id, uow=viewer.uow(), operators=self.ports.operators)
        with viewer.uow().reading() as uow:
            keyed = keys.automatic_key(uow) is not None
        view = ReceiptsPage(
            name=operator_name(one.operator),
            participant_id=one.participant_id,
            action=viewer.url(f"/exchange/{one.id}/receipts"),
            back_url=viewer.url("/exchange"),
            choices=tuple(
                views.Choice(value=way.value, label=LABELS[way], hint=HINTS[way], selected=one.receipts_by == way.value)
                for way in ReceiptsBy
            ),
            able=able,
            keyless=not keyed,
            form=form,
        )
        return self.portal.show(
            request, "exchange/receipts.html", view, viewer=viewer, section="exchange", status=status
        )
