"""The card of a kept set: signatures then and now, evidence, term, integrity, who looked; its check, copy and way out."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

import archive
from edo_service.archiving import queries, queries_disposal
from edo_service.archiving.evidence_views import evidence_chain
from edo_service.archiving.pages import describing
from edo_service.archiving.pages.taking_out import ArchivePorts, send_out
from edo_service.archiving.pages.visits import Visits
from edo_service.archiving.queries import SetCard
from edo_service.archiving.retention import CHOICES, TERMS
from edo_service.archiving.rules import STATES
from edo_service.archiving.use_cases.check import check_set
from edo_service.archiving.use_cases.retain import extend_term
from edo_service.archiving.use_cases.take_out import note_access, note_view
from edo_service.archiving.viewing import marked_copy
from edo_service.archiving.views import AccessRow, SetPage, Term
from edo_service.documents import queries as documents
from edo_service.documents.pages import presenting
from edo_service.errors import Conflict, NotFound, Rejected, Unavailable
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.downloads import download
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from edo_service.web.filters import moment
from edo_service.web.statuses import status


@dataclass(frozen=True)
class SetPages:
    """`/o/{org}/archive/{set}`, `…/export`, `…/check`, `…/copy`, `…/term`."""

    portal: Portal
    ports: ArchivePorts
    visits: Visits

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/{package}", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/{package}/export", self.export, methods=["POST"])
        found.add_api_route("/o/{org}/archive/{package}/check", self.check, methods=["POST"])
        found.add_api_route("/o/{org}/archive/{package}/copy", self.copy, methods=["POST"])
        found.add_api_route("/o/{org}/archive/{package}/term", self.term, methods=["POST"])
        return found

    def show(self, request: Request, org: str, package: str) -> Response:
        """The card; opening it is journalled with the purpose of the visit."""
        viewer = self._viewer(request, org)
        found = self._present(package, viewer)
        purpose = self.visits.purpose(request, viewer)
        note_view(found, purpose=purpose, actor=viewer.actor, uow=viewer.uow())
        card = queries.set_card(found, uow=viewer.uow().reading())
        return self._page(request, viewer, card, Asked({}))

    def export(self, request: Request, org: str, package: str) -> Response:
        """The ZIP that verifies without us."""
        viewer = self._viewer(request, org)
        card = queries.set_card(identifier(package), uow=viewer.uow().reading())
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        purpose = self._purpose(request, viewer, card.line.id)
        return send_out([card.line.id], purpose, viewer=viewer, ports=self.ports)

    def check(self, request: Request, org: str, package: str) -> Response:
        """Read every part again and judge the signatures anew; the outcome stands on the card."""
        viewer = self._viewer(request, org)
        found = self._present(package, viewer)
        purpose = self._purpose(request, viewer, found)
        check_set(found, purpose=purpose, actor=viewer.actor, uow=viewer.uow(), desk=self.ports.desk)
        return see_other(viewer.url(f"/archive/{found}"))

    def copy(self, request: Request, org: str, package: str) -> Response:
        """The printed form, marked with who looks, when and what for."""
        viewer = self._viewer(request, org)
        card = queries.set_card(identifier(package), uow=viewer.uow().reading())
        printed = describing.printed(card)
        if printed is None:
            raise NotFound("archive.printed_form_absent")
        purpose = self._purpose(request, viewer, card.line.id)
        note_access(card.line.id, "copy", purpose=purpose, actor=viewer.actor, uow=viewer.uow())
        try:
            pdf = self.ports.desk.store.get(f"{card.line.owner_id}/{printed.sha256}")
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error
        who = f"{viewer.actor.name}, {moment(viewer.now)}"
        content = marked_copy(
            pdf,
            mark="Копия для просмотра",
            lines=(
                f"Смотрит {who}",
                f"Зачем: {purpose}",
                f"Комплект {card.line.id}. Не заменяет документ",
            ),
        )
        return download(content, f"Копия для просмотра {card.line.title}.pdf", "application/pdf")

    def term(
        self,
        request: Request,
        org: str,
        package: str,
        kind: Annotated[str, Form()] = "",
        counted_from: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        """Move the term forward."""
        viewer = self._viewer(request, org)
        found = identifier(package)
        card = queries.set_card(found, uow=viewer.uow().reading())
        viewer.actor.require(Right.ARCHIVE_RETENTION)
        asked = Asked({"kind": kind, "counted_from": counted_from[:20], "reason": reason[:2000]})
        day = asked.day("counted_from", "День")
        why = asked.needed("reason", "Почему: напишите, из какого документа это видно")
        if not asked.errors:
            try:
                extend_term(found, kind=kind, counted_from=day, reason=why, actor=viewer.actor, uow=viewer.uow())
                return see_other(viewer.url(f"/archive/{found}"), said="term_extended")
            except (Rejected, Conflict) as error:
                asked.refuse("counted_from", words(error))
        return self._page(request, viewer, card, asked, code=422)

    def _purpose(self, request: Request, viewer: Viewer, package: UUID) -> str:
        return self.visits.purpose(request, viewer, back=viewer.url(f"/archive/{package}"))

    def _present(self, package: str, viewer: Viewer) -> UUID:
        """The id of a set that is hers to see: nobody is asked what for about one that is absent or foreign."""
        found = identifier(package)
        queries.require_set(found, uow=viewer.uow().reading())
        return found

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        return viewer

    def _page(self, request: Request, viewer: Viewer, card: SetCard, asked: Asked, *, code: int = 200) -> Response:
        line, base = card.line, viewer.url(f"/archive/{card.line.id}")
        uow = viewer.uow().reading()
        document = documents.card(line.document_id, uow=uow)
        act = queries_disposal.act_of(line.id, uow=uow) if line.state in {"proposed", "disposing", "disposed"} else None
        holds = queries_disposal.holds_of(line.id, uow=uow)
        control = viewer.may(Right.JOURNAL)
        view = SetPage(
            title=f"Комплект: {line.title}",
            status=status("archive", STATES[line.state]),
            back=views.Link(label="Архив", url=viewer.url("/archive")),
            document=views.Link(label="Карточка документа", url=viewer.url(f"/documents/{line.document_id}")),
            facts=describing.facts(card),
            parts=describing.parts(card),
            supplements=describing.supplements(card),
            signatures=presenting.verdicts(document, viewer=viewer),
            then_and_now=describing.then_and_now(card, document),
            chain=describing.chain(evidence_chain(line.id, uow=uow)),
            integrity=describing.integrity(card, f"{base}/check" if line.is_kept else ""),
            access=tuple(
                AccessRow(at=one.at, who=one.who, what=describing.ACTS.get(one.act, one.act), purpose=one.purpose or "")
                for one in card.accesses
            ),
            seen=card.seen,
            export_url=f"{base}/export" if viewer.may(Right.ARCHIVE_EXPORT) and line.is_kept else "",
            copy_url=f"{base}/copy" if line.is_kept and describing.printed(card) else "",
            manifest_sha256=card.manifest_sha256,
            form=asked.form,
            visit=self.visits.bar(request, viewer, back=base),
            term=_term(card, viewer, asked, f"{base}/term"),
            holds=tuple(
                views.Link(
                    label=f"Запрет № {one.number}: {one.ground}",
                    url=viewer.url(f"/archive/holds/{one.id}") if control else "",
                )
                for one in holds
                if one.state != "lifted"
            ),
            act=views.Link(
                label=f"Акт № {act.number}", url=viewer.url(f"/archive/disposal/{act.id}") if control else ""
            )
            if act
            else None,
        )
        return self.portal.show(request, "archiving/set.html", view, viewer=viewer, section="archive", status=code)


def _term(card: SetCard, viewer: Viewer, asked: Asked, url: str) -> Term | None:
    term = TERMS.get(card.retention_kind)
    if term is None:
        return None
    may = viewer.may(Right.ARCHIVE_RETENTION) and card.line.state in {
        "assembled",
        "kept",
        "held",
        "proposed",
        "damaged",
    }
    return Term(
        words=term.words,
        law=term.law,
        ceiling=term.ceiling,
        unknown=describing.end_unknown(card),
        changes=tuple(
            f"{moment(one.at)}, {one.who}: до {describing.last_day(one.new_until)} — {one.reason}" for one in card.terms
        ),
        form=asked.form,
        kinds=tuple(
            views.Choice(value=kind, label=TERMS[kind].name, selected=kind == card.retention_kind) for kind in CHOICES
        ),
        url=url if may else "",
    )
