"""An answer that the operator refused and that is held: a panel on the document's card, and the button that sends it again."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import recording
from edo_service.documents.tables import Document, Signature
from edo_service.errors import Conflict, Unavailable
from edo_service.exchange.accounts import account_of_box
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.refusals import held
from edo_service.exchange.rules import Act
from edo_service.exchange.tables import Dispatch
from edo_service.exchange.use_cases.repeat import may_repeat, repeat_answer
from edo_service.exchange.views import HeldPanel
from edo_service.kernel.actor import Right
from edo_service.kernel.uow import UnitOfWork
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.texts.failures import failure_words
from edo_service.web import views

TITLES = {Act.REJECT.value: "Отказ не отправлен"}
WHAT = {Act.REJECT.value: "отказ в подписи"}
KEPT = "Подпись сохранена, подписывать заново не нужно. Когда причина устранена, отправьте ещё раз."
OTHERS = "Подпись сохранена. Отправить ещё раз может тот, кто подписал ({signer}), или тот, кто настраивает обмен."


@dataclass(frozen=True)
class HeldPages:
    """`/o/{org}/documents/{document}/repeat`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The route; adds the panel to the card."""
        self.portal.slots.add_panel(10, panel)
        found = APIRouter()
        found.add_api_route("/o/{org}/documents/{document}/repeat", self.repeat, methods=["POST"])
        return found

    def repeat(self, request: Request, org: str, document: str) -> Response:
        """Send the held answer again; a second press shows what came of the first."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        found = identifier(document)
        said = "answer_repeated"
        try:
            repeat_answer(found, actor=viewer.actor, uow=viewer.uow())
        except Conflict:
            said = "already"
        return see_other(viewer.url(f"/documents/{found}"), said=said)


def panel(viewer: Viewer, document: str) -> views.Panel | None:
    """What is held, why, and who may send it again; nothing while nothing is held."""
    uow = viewer.uow().reading()
    with uow:
        row = recording.take(uow, UUID(document))
        found = held(uow, row)
        if found is None:
            return None
        dispatch, signature = found
        view = _view(uow, row, dispatch, signature, viewer)
    return views.Panel(template="exchange/held_panel.html", view=view, place="act")


def _view(uow: UnitOfWork, document: Document, row: Dispatch, signature: Signature, viewer: Viewer) -> HeldPanel:
    able = may_repeat(row, signature, actor=viewer.actor)
    return HeldPanel(
        title=TITLES.get(row.act, "Ответ не отправлен"),
        text=f"{_operator(uow, document)} не принял {WHAT.get(row.act, 'ваш ответ')}.",
        reason=failure_words(row.trouble or ""),
        kept=KEPT if able else OTHERS.format(signer=signature.signer_name or "его имя в подписи"),
        trace_id=row.trace_id or "",
        action=viewer.url(f"/documents/{document.id}/repeat") if able else "",
    )


def _operator(uow: UnitOfWork, document: Document) -> str:
    try:
        return operator_name(account_of_box(uow, document.owner_id, document.box).operator)
    except Unavailable:  # the connection is off: the answer waits for it as well
        return "Оператор"
