"""The card of a kept set: parts with hashes, signatures, retention, integrity, who looked; its check and its way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving import queries
from edo_service.archiving.pages.taking_out import ArchivePorts, send_out
from edo_service.archiving.queries import SetCard
from edo_service.archiving.rules import STATES
from edo_service.archiving.use_cases.check import CHECKED, check_set
from edo_service.archiving.use_cases.take_out import note_view
from edo_service.archiving.views import AccessRow, Integrity, SetPage
from edo_service.documents import queries as documents
from edo_service.documents.pages import presenting
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.journal import reading
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier
from edo_service.web import views
from edo_service.web.filters import plural, size
from edo_service.web.statuses import Status, Tone, status

LONGEST_PURPOSE = 500
UNCHECKED = Status(word="Не проверялась", tone=Tone.IDLE)
ACTS: Mapping[str, str] = {"view": "Открыл карточку", "export": "Выгрузил"}
ROLES: Mapping[str, str] = {
    "title": "Титул",
    "document": "Документ",
    "service": "Служебное сообщение",
    "signature": "Подпись",
    "signature_value": "Значение подписи",
    "timestamp": "Штамп времени",
    "certificate": "Сертификат",
    "crl": "Список отозванных",
    "ocsp": "Ответ о сертификате",
    "print_form": "Печатная форма",
    "protocol": "Протокол подписания",
    "event_log": "Ход документа",
    "manifest": "Опись",
    "manifest_signature": "Подпись описи",
    "manifest_timestamp": "Штамп времени описи",
}


@dataclass(frozen=True)
class SetPages:
    """`/o/{org}/archive/{set}`, `…/export`, `…/check`."""

    portal: Portal
    ports: ArchivePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/{package}", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/{package}/export", self.export, methods=["POST"])
        found.add_api_route("/o/{org}/archive/{package}/check", self.check, methods=["POST"])
        return found

    def show(self, request: Request, org: str, package: str, purpose: str = "") -> Response:
        """The card; opening it is journalled with the purpose of the search."""
        viewer = self._viewer(request, org)
        found = identifier(package)
        note_view(found, purpose=purpose[:LONGEST_PURPOSE], actor=viewer.actor, uow=viewer.uow())
        card = queries.set_card(found, uow=viewer.uow().reading())
        return self._page(request, viewer, card, Asked({"purpose": purpose[:LONGEST_PURPOSE]}))

    def export(self, request: Request, org: str, package: str, purpose: Annotated[str, Form()] = "") -> Response:
        """The ZIP that verifies without us."""
        viewer = self._viewer(request, org)
        card = queries.set_card(identifier(package), uow=viewer.uow().reading())
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        asked = Asked({"purpose": purpose.strip()[:LONGEST_PURPOSE]})
        asked.needed("purpose", "Зачем выгружаете: напишите цель, её увидит проверяющий")
        if asked.errors:
            return self._page(request, viewer, card, asked, code=422)
        return send_out([card.line.id], asked.text("purpose"), viewer=viewer, ports=self.ports)

    def check(self, request: Request, org: str, package: str) -> Response:
        """Read every part again; the outcome stands on the card."""
        viewer = self._viewer(request, org)
        found = identifier(package)
        check_set(found, actor=viewer.actor, uow=viewer.uow(), desk=self.ports.desk)
        return see_other(viewer.url(f"/archive/{found}"))

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        return viewer

    def _page(self, request: Request, viewer: Viewer, card: SetCard, asked: Asked, *, code: int = 200) -> Response:
        line = card.line
        view = SetPage(
            title=f"Комплект: {line.title}",
            status=status("archive", STATES[line.state]),
            back=views.Link(label="Архив", url=viewer.url("/archive")),
            document=views.Link(label="Карточка документа", url=viewer.url(f"/documents/{line.document_id}")),
            facts=_facts(card),
            parts=tuple(
                views.FileItem(
                    role=ROLES.get(part.role, part.role), name=part.name, size=part.size, sha256=part.sha256, url=""
                )
                for part in card.parts
            ),
            signatures=self._signatures(viewer, line.document_id),
            integrity=self._integrity(viewer, card),
            access=tuple(
                AccessRow(at=one.at, who=one.who, what=ACTS.get(one.act, one.act), purpose=one.purpose or "")
                for one in card.accesses
            ),
            export_url=viewer.url(f"/archive/{line.id}/export")
            if viewer.may(Right.ARCHIVE_EXPORT) and line.state == "kept"
            else "",
            manifest_sha256=card.manifest_sha256,
            purpose=asked.form,
        )
        return self.portal.show(request, "archiving/set.html", view, viewer=viewer, section="archive", status=code)

    def _signatures(self, viewer: Viewer, document_id: UUID) -> tuple[views.Verdict, ...]:
        card = documents.card(document_id, uow=viewer.uow().reading())
        return presenting.verdicts(card, viewer=viewer)

    def _integrity(self, viewer: Viewer, card: SetCard) -> Integrity:
        uow = viewer.uow().reading()
        with uow:
            found = reading.last(uow, CHECKED, subject=f"package:{card.line.id}")
        state = "damaged" if found is not None and found.facts.get("damaged") else "sound"
        return Integrity(
            status=UNCHECKED if found is None else status("integrity", state),
            checked_at=None if found is None else found.at,
            check_url=viewer.url(f"/archive/{card.line.id}/check") if card.line.state == "kept" else "",
        )


def _facts(card: SetCard) -> tuple[views.Fact, ...]:
    line = card.line
    found = []
    if line.total is not None:
        found.append(views.Fact(label="Сумма", sum=line.total, strong=True))
    found += [
        views.Fact(label="Контрагент", text=f"{line.counterparty_name}, ИНН {line.counterparty_inn}"),
        views.Fact(label="Дата документа", text=f"{line.dated:%d.%m.%Y}"),
        views.Fact(label="Хранить до", text=f"{moscow_date(line.retain_until):%d.%m.%Y}"),
        views.Fact(label="Состав", text=f"{plural(line.parts, 'часть', 'части', 'частей')}, {size(line.size)}"),
    ]
    if card.kept_at is not None:
        found.append(views.Fact(label="В архиве с", text=f"{moscow_date(card.kept_at):%d.%m.%Y}"))
    return tuple(found)
