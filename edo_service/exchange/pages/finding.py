"""Search for a company at the operators and invite it, with a letter and, where the operator has it, a signed file."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.exchange import queries
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.lives import WORKING, RelationAct
from edo_service.exchange.pages.hits import find_hits, pick_hit
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.queries import Connected
from edo_service.exchange.use_cases.capabilities import capabilities_of
from edo_service.exchange.use_cases.relate import Enclosure, Wish, invite
from edo_service.exchange.views import FindPage
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from operators.port import Capability

LARGEST = 3 * 1024 * 1024
NOT_CONNECTED = "Приглашать пока не через кого: подключите оператора в настройках ЭДО."


@dataclass(frozen=True)
class FindPages:
    """`/o/{org}/exchange/counterparties/find`, `…/invite`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/exchange/counterparties/find", self.find, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/counterparties/invite", self.invite, methods=["POST"])
        return found

    def find(
        self, request: Request, org: str, *, account: str = "", inn: str = "", kpp: str = "", search: str = ""
    ) -> Response:
        """The form; with an ИНН what the operator has found."""
        viewer = self._viewer(request, org)
        chosen = _chosen(account, viewer)
        asked = Asked({"inn": inn, "kpp": kpp, "account": str(chosen.id) if chosen else ""})
        view = self._view(viewer, chosen, asked.form)
        if chosen is None or not (inn or search):
            return self._show(request, viewer, view)
        hits = find_hits(asked, chosen.id, viewer=viewer, ports=self.ports)
        view = replace(view, form=asked.form, hits=tuple(hit for hit, _ in hits), searched=not asked.errors)
        return self._show(request, viewer, view, status=422 if asked.errors else 200)

    def invite(
        self,
        request: Request,
        org: str,
        *,
        account: Annotated[str, Form()] = "",
        hit: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
        file: Annotated[UploadFile | str | None, File()] = None,
        signature: Annotated[UploadFile | str | None, File()] = None,
    ) -> Response:
        """Promise the invitation; the card of the relation shows what becomes of it."""
        viewer = self._viewer(request, org)
        asked = Asked({"account": account, "text": text, "inn": hit.partition("|")[0]})
        account_id = identifier(account)
        try:
            wish = Wish(act=RelationAct.INVITE, text=text, enclosure=self._enclosure(viewer, file, signature))
            to = pick_hit(hit, account_id, viewer=viewer, ports=self.ports)
            relation = invite(account_id, to, wish, actor=viewer.actor, uow=viewer.uow())
        except (Rejected, Conflict, Unavailable) as error:
            asked.refuse(_FIELDS.get(error.code, "inn"), words(error))
            view = self._view(viewer, _chosen(account, viewer), asked.form)
            return self._show(request, viewer, view, status=503 if isinstance(error, Unavailable) else 422)
        return see_other(viewer.url(f"/exchange/counterparties/{relation}"), said="relation_asked")

    def _enclosure(
        self, viewer: Viewer, file: UploadFile | str | None, signature: UploadFile | str | None
    ) -> Enclosure | None:
        """The signed file that goes with the invitation: its signature is judged before anything is promised."""
        content, name = _bytes(file)
        cms, _ = _bytes(signature)
        if not content and not cms:
            return None
        if not content or not cms:
            raise Rejected("exchange.enclosure_unsigned")
        if len(content) > LARGEST or len(cms) > LARGEST:
            raise Rejected("request.file_too_large", limit=LARGEST)
        kept = self.ports.desk.judge_kept(content, cms, owner=viewer.actor.entity)
        if kept.judgement.failed:
            raise Rejected("document.signature_of_other_file")
        return Enclosure(
            file_name=name or "document.pdf",
            sha256=self.ports.desk.objects.put(content, owner=viewer.actor.entity),
            signature_sha256=kept.sha256,
        )

    def _view(self, viewer: Viewer, chosen: Connected | None, form: views.Form) -> FindPage:
        can = self._capabilities(viewer, chosen)
        accounts = _working(viewer)
        return FindPage(
            form=form,
            accounts=tuple(
                views.Choice(
                    value=str(one.id),
                    label=f"{operator_name(one.operator)}, {one.participant_id}",
                    selected=chosen is not None and one.id == chosen.id,
                )
                for one in accounts
            ),
            action=viewer.url("/exchange/counterparties/find"),
            invite_action=viewer.url("/exchange/counterparties/invite"),
            back_url=viewer.url("/exchange/counterparties"),
            operator=operator_name(chosen.operator) if chosen else "",
            implicit=_IMPLICIT if chosen and Capability.INVITE not in can else "",
            enclosure=Capability.INVITATION_DOCUMENTS in can,
            trouble="" if accounts else NOT_CONNECTED,
        )

    def _capabilities(self, viewer: Viewer, chosen: Connected | None) -> frozenset[Capability]:
        if chosen is None:
            return frozenset()
        return capabilities_of(chosen.id, uow=viewer.uow(), operators=self.ports.operators)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.COUNTERPARTIES)
        return viewer

    def _show(self, request: Request, viewer: Viewer, view: FindPage, *, status: int = 200) -> Response:
        return self.portal.show(
            request, "exchange/find.html", view, viewer=viewer, section="counterparties", status=status
        )


_IMPLICIT = "У этого оператора отдельных приглашений нет: отправьте компании документ. Он дойдёт, когда она согласится на обмен."
_FIELDS = {
    "exchange.text_too_long": "text",
    "exchange.enclosure_unsigned": "file",
    "request.file_too_large": "file",
    "document.signature_of_other_file": "signature",
    "document.signature_unreadable": "signature",
}


def _working(viewer: Viewer) -> list[Connected]:
    return [one for one in queries.accounts(uow=viewer.uow().reading()) if one.state in WORKING]


def _chosen(account: str, viewer: Viewer) -> Connected | None:
    """The connection that the form names, else the first one that works; a foreign id is NotFound."""
    if account:
        return queries.account(identifier(account), uow=viewer.uow().reading())
    return next(iter(_working(viewer)), None)


def _bytes(file: UploadFile | str | None) -> tuple[bytes, str]:
    """Content and name of an uploaded file; nothing when the field was left empty."""
    if file is None or isinstance(file, str):
        return b"", ""
    return file.file.read(LARGEST + 1), (file.filename or "")[-200:]
