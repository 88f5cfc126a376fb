"""Corrections: a panel on the document's card, and the page where the recipient asks for one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import adjustments, corrections, recording
from edo_service.documents.adjustments import Adjusted
from edo_service.documents.corrections import Tied
from edo_service.documents.rules import FORMAL, Direction, Kind, Origin, Role, Route
from edo_service.documents.tables import Document, Part
from edo_service.documents.use_cases.clarify import MAX_TEXT, may_ask, prepare_request, request_text
from edo_service.documents.views import RejectPage
from edo_service.errors import Conflict, NotFound, Rejected, Unavailable
from edo_service.exchange.accounts import account_of_box
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.use_cases.capabilities import carries_requests
from edo_service.exchange.views import CorrectionPanel, Reference
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier, refused
from edo_service.web import views
from edo_service.web.statuses import status

ASK = (
    "Если в документе ошибка, попросите продавца её исправить. Документ остаётся как есть, пока не придёт исправление."
)
TEXTS = {
    "prepared": "Запрос готов. Продавец получит его после вашей подписи.",
    "asking": "Запрос передаём оператору.",
    "requested": "Запрос отправлен продавцу. Ждём исправление, подписать документ можно и без него.",
    "required": "Получатель просит исправить документ. Загрузите УПД с тем же номером и датой, с номером и датой "
    "исправления, а если изменилась стоимость — УКД к этому документу: свяжем их сами.",
    "adjusted": "К документу составлен УКД. Документ действует вместе с ним.",
    "corrected": "Действует исправление. Прежний документ и всё о нём остаётся у вас.",
    "untied": "Документ до контрагента не дошёл. Исправление дошло и действует само.",
}
UKD_ASKED = "Получатель просит исправить УКД. Составьте новый УКД с другим номером к тому же документу."
AFTER_REFUSAL = (
    "Контрагент отказал в подписи. Если он прав, загрузите УПД с тем же номером и датой, с номером и датой исправления."
)
CORRECTS = "Этот документ заменяет прежний."


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the panel is made of, read in one short transaction."""

    document: Document
    corrects: Tied | None
    newer: Tied | None
    request: Part | None
    adjusts: tuple[Adjusted, ...] = ()
    adjusted_by: tuple[Tied, ...] = ()


@dataclass(frozen=True)
class CorrectionPages:
    """`/o/{org}/documents/{document}/clarify`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes; adds the panel to the card."""
        self.portal.slots.add_panel(55, self.panel)
        found = APIRouter()
        base = "/o/{org}/documents/{document}/clarify"
        found.add_api_route(base, self.ask, methods=["GET"])
        found.add_api_route(base, self.keep, methods=["POST"])
        return found

    def ask(self, request: Request, org: str, document: str) -> Response:
        """What has to be corrected; a document that cannot be asked about is shown instead."""
        viewer = self._viewer(request, org)
        found = identifier(document)
        row = _read(viewer, found).document
        if not may_ask(row) or not self._can_ask(viewer, row):
            return see_other(viewer.url(f"/documents/{found}"))
        return self._page(request, viewer, row, views.EMPTY_FORM)

    def keep(self, request: Request, org: str, document: str, *, reason: Annotated[str, Form()] = "") -> Response:
        """Freeze the request, then show it to be signed."""
        viewer = self._viewer(request, org)
        found = identifier(document)
        row = _read(viewer, found).document
        url = viewer.url(f"/documents/{found}")
        if not self._can_ask(viewer, row):
            return see_other(url, said="already")
        try:
            prepare_request(found, text=reason, actor=viewer.actor, uow=viewer.uow(), objects=self.ports.desk.objects)
        except Conflict:
            return see_other(url, said="already")
        except Rejected as error:
            form = refused(error, "reason", {"reason": reason})
            return self._page(request, viewer, row, form, status=422)
        return see_other(f"{url}/sign")

    def panel(self, viewer: Viewer, document: str) -> views.Panel | None:
        """What the document corrects or is replaced by, what was asked, and what may be done; nothing for the rest."""
        found = _read(viewer, UUID(document))
        row = found.document
        if row.kind not in FORMAL or row.route != Route.OPERATOR.value:
            return None
        text, url, label = self._move(found, viewer)
        references = tuple(_references(found, viewer))
        if not text and not references:
            return None
        view = CorrectionPanel(
            status=status("correction", row.correction) if row.correction != "none" else None,
            text=text,
            asked=self._asked(found),
            references=references,
            url=url,
            label=label,
            todo=row.correction == "required",
        )
        return views.Panel(template="exchange/correction_panel.html", view=view, place="aside")

    def _move(self, found: _Found, viewer: Viewer) -> tuple[str, str, str]:
        """What is said, where the button leads and how it is called; no button for who may not."""
        row = found.document
        if row.correction != "none":
            uploads = row.correction == "required" and viewer.may(Right.UPLOAD) and not _is_under_way(found)
            is_ukd = row.kind == Kind.UKD.value
            text = UKD_ASKED if is_ukd and row.correction == "required" else TEXTS[row.correction]
            label = "Загрузить УКД" if is_ukd else "Загрузить исправление или УКД"
            return text, viewer.url("/documents/new") if uploads else "", label
        if row.direction == Direction.OUT.value and row.response == "counter_refused" and row.kind == Kind.UPD.value:
            uploads = viewer.may(Right.UPLOAD) and found.newer is None
            return AFTER_REFUSAL, viewer.url("/documents/new") if uploads else "", "Загрузить исправление"
        if may_ask(row) and viewer.may(Right.REJECT):
            if self._can_ask(viewer, row):
                return ASK, viewer.url(f"/documents/{row.id}/clarify"), "Запросить уточнение"
            if row.response == "required":
                return self._cannot(viewer, row), "", ""
        return (CORRECTS if found.corrects else ""), "", ""

    def _can_ask(self, viewer: Viewer, row: Document) -> bool:
        """Whether the document's operator carries requests for a correction; not while it is switched off."""
        uow = viewer.uow().reading()
        with uow:
            return carries_requests(uow, row.owner_id, row.box, operators=self.ports.operators)

    @staticmethod
    def _cannot(viewer: Viewer, row: Document) -> str:
        uow = viewer.uow().reading()
        try:
            with uow:
                name = operator_name(account_of_box(uow, row.owner_id, row.box).operator)
        except Unavailable:
            return ""
        return f"{name} не передаёт запросов уточнения. Если в документе ошибка, откажите в подписи и напишите, что исправить."

    def _asked(self, found: _Found) -> str:
        part = found.request
        if part is None:
            return ""
        try:
            return request_text(self.ports.desk.objects.get(part.owner_id, part.sha256))
        except NotFound:  # destroyed with its document
            return ""

    def _page(
        self, request: Request, viewer: Viewer, row: Document, form: views.Form, *, status: int = 200
    ) -> Response:
        url = viewer.url(f"/documents/{row.id}")
        view = RejectPage(
            title=f"Запросить уточнение: {row.title}",
            document=views.Link(label=row.title, url=url),
            counterparty=row.counterparty_name,
            form=form,
            action=f"{url}/clarify",
            limit=MAX_TEXT,
            clarify=True,
            signer=", ".join(filter(None, (viewer.visitor.name, viewer.company.position.lower()))),
        )
        return self.portal.show(
            request, "documents/reject.html", view, viewer=viewer, section="documents", status=status
        )

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        viewer.actor.require(Right.REJECT)
        return viewer


def _read(viewer: Viewer, document: UUID) -> _Found:
    """The company's document with its ties; NotFound for an absent and for a foreign one."""
    uow = viewer.uow().reading()
    with uow:
        row = recording.take(uow, document)
        corrects, newer = corrections.ties(uow, row)
        request = recording.part_of_role(uow, row, Role.CORRECTION_REQUEST) if row.correction != "none" else None
        if request is not None and request.objection and request.origin == Origin.COUNTERPARTY.value:
            request = None
        return _Found(
            document=row,
            corrects=corrects,
            newer=newer,
            request=request,
            adjusts=adjustments.adjusts(uow, row),
            adjusted_by=adjustments.adjusted_by(uow, row),
        )


def _is_under_way(found: _Found) -> bool:
    """Whether what answers a request is here already, sent or not."""
    return found.newer is not None or bool(found.adjusted_by)


def _references(found: _Found, viewer: Viewer) -> Iterator[Reference]:
    for word, tied in (
        ("Исправляет", found.corrects),
        ("Исправлен, см." if found.document.correction == "corrected" else "Исправление готовится:", found.newer),
    ):
        if tied is not None:
            yield _reference(word, tied, viewer)
    for one in found.adjusts:
        if one.original is not None:
            yield _reference("Корректирует", one.original, viewer)
        else:
            yield Reference(word="Корректирует", link=views.Link(label=f"{one.words} (на портале его нет)", url=""))
    for tied in found.adjusted_by:
        yield _reference("Есть корректировка, см.", tied, viewer)


def _reference(word: str, tied: Tied, viewer: Viewer) -> Reference:
    return Reference(word=word, link=views.Link(label=tied.title, url=viewer.url(f"/documents/{tied.id}")))
