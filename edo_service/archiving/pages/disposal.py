"""The desk of disposal: what is ripe, acts with their two approvals, the act's paper."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

import archive
from edo_service.archiving import queries_disposal as queries
from edo_service.archiving.pages.taking_out import ArchivePorts
from edo_service.archiving.papers import SPARED
from edo_service.archiving.queries_disposal import Act, ActLine
from edo_service.archiving.use_cases.disposal import approve_disposal, propose_disposal, reject_disposal
from edo_service.archiving.views_control import ActPage, ActRow, DisposalPage, SetItem
from edo_service.errors import Conflict, NotFound, Rejected, Unavailable
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.downloads import download
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from edo_service.web.filters import moment, plural, size
from edo_service.web.statuses import status

SHOWN = 100


@dataclass(frozen=True)
class DisposalPages:
    """`/o/{org}/archive/disposal`, `…/{act}`, `…/{act}/approve`, `…/{act}/reject`, `…/{act}/act.pdf`."""

    portal: Portal
    ports: ArchivePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/disposal", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/disposal", self.propose, methods=["POST"])
        found.add_api_route("/o/{org}/archive/disposal/{act}", self.one, methods=["GET"])
        found.add_api_route("/o/{org}/archive/disposal/{act}/approve", self.approve, methods=["POST"])
        found.add_api_route("/o/{org}/archive/disposal/{act}/reject", self.reject, methods=["POST"])
        found.add_api_route("/o/{org}/archive/disposal/{act}/act.pdf", self.paper, methods=["GET"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """What is ripe, and every act."""
        return self._desk(request, self._viewer(request, org), Asked({}))

    def propose(self, request: Request, org: str, reason: Annotated[str, Form()] = "") -> Response:
        """Propose everything that is ripe."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_PROPOSE)
        asked = Asked({"reason": reason[:2000]})
        why = asked.needed("reason", "Почему: напишите, например «плановое выделение за 2026 год»")
        if not asked.errors:
            try:
                act = propose_disposal(reason=why, actor=viewer.actor, uow=viewer.uow())
                return see_other(viewer.url(f"/archive/disposal/{act}"), said="act_proposed")
            except Rejected as error:
                asked.refuse("", words(error))
        return self._desk(request, viewer, asked, code=422)

    def one(self, request: Request, org: str, act: str) -> Response:
        """One act with its sets."""
        return self._act(request, self._viewer(request, org), act, Asked({}))

    def approve(self, request: Request, org: str, act: str) -> Response:
        """Approve it."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_APPROVE)
        found = identifier(act)
        try:
            approve_disposal(found, actor=viewer.actor, uow=viewer.uow())
        except Conflict as error:
            asked = Asked({})
            asked.refuse("", words(error))
            return self._act(request, viewer, act, asked, code=409)
        return see_other(viewer.url(f"/archive/disposal/{found}"), said="act_approved")

    def reject(self, request: Request, org: str, act: str, reason: Annotated[str, Form()] = "") -> Response:
        """Reject it."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_APPROVE)
        found, asked = identifier(act), Asked({"reason": reason[:2000]})
        queries.act(found, uow=viewer.uow().reading(), limit=1)
        why = asked.needed("reason", "Почему отклоняете: напишите причину, она останется в акте")
        if not asked.errors:
            try:
                reject_disposal(found, reason=why, actor=viewer.actor, uow=viewer.uow())
                return see_other(viewer.url(f"/archive/disposal/{found}"), said="act_rejected")
            except Conflict as error:
                asked.refuse("", words(error))
        return self._act(request, viewer, act, asked, code=422)

    def paper(self, request: Request, org: str, act: str) -> Response:
        """The act as it lies in the archive."""
        viewer = self._viewer(request, org)
        found, _ = queries.act(identifier(act), uow=viewer.uow().reading(), limit=1)
        if found.paper_sha256 is None:
            raise NotFound("archive.act_absent", id=act)
        try:
            content = self.ports.desk.store.get(f"{viewer.actor.entity}/{found.paper_sha256}")
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error
        return download(content, f"Акт № {found.number} об уничтожении.pdf", "application/pdf")

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        viewer.actor.require(Right.JOURNAL)
        return viewer

    def _desk(self, request: Request, viewer: Viewer, asked: Asked, *, code: int = 200) -> Response:
        uow = viewer.uow().reading()
        ripe = queries.ripe_counts(uow=uow)
        view = DisposalPage(
            back=views.Link(label="Архив", url=viewer.url("/archive")),
            ripe=ripe.sets,
            ripe_size=ripe.size,
            unknown_end=ripe.unknown_end,
            rows=tuple(_row(one, viewer) for one in queries.acts(uow=uow)),
            form=asked.form,
            propose_url=viewer.url("/archive/disposal") if viewer.may(Right.ARCHIVE_PROPOSE) and ripe.sets else "",
            empty=views.Empty(
                title="Актов ещё не было",
                text="Когда выйдет срок хранения, здесь можно предложить комплекты к уничтожению. Само ничего не удаляется.",
            ),
        )
        return self.portal.show(request, "archiving/disposal.html", view, viewer=viewer, section="archive", status=code)

    def _act(self, request: Request, viewer: Viewer, act: str, asked: Asked, *, code: int = 200) -> Response:
        found, lines = queries.act(identifier(act), uow=viewer.uow().reading(), limit=SHOWN)
        waits, may = found.state in {"proposed", "approved_once"}, viewer.may(Right.ARCHIVE_APPROVE)
        own = viewer.actor.user_id is not None and viewer.actor.user_id == found.first_by
        base = viewer.url(f"/archive/disposal/{found.id}")
        view = ActPage(
            title=f"Акт № {found.number}",
            status=_status(found),
            back=views.Link(label="Уничтожение", url=viewer.url("/archive/disposal")),
            facts=_facts(found),
            steps=_steps(found),
            sets=tuple(_item(one, viewer) for one in lines),
            total=found.sets,
            form=asked.form,
            approve_url=f"{base}/approve" if waits and may and not own else "",
            reject_url=f"{base}/reject" if (waits or found.state == "approved") and may else "",
            paper_url=f"{base}/act.pdf" if found.paper_sha256 else "",
            refused="Вы согласовали. Теперь нужен второй человек." if waits and own else "",
            last=found.state == "approved_once",
        )
        return self.portal.show(request, "archiving/act.html", view, viewer=viewer, section="archive", status=code)


def _row(one: Act, viewer: Viewer) -> ActRow:
    names = [name for name in (one.first_by_name, one.second_by_name) if name]
    return ActRow(
        title=f"Акт № {one.number}",
        url=viewer.url(f"/archive/disposal/{one.id}"),
        status=_status(one),
        sets=one.sets,
        size=one.size,
        proposed=f"{moment(one.proposed_at)}, {one.proposed_by_name}",
        approved=", ".join(names) or "никто",
    )


def _status(one: Act) -> views.Status:
    return status("disposal", "halted" if one.state == "executing" and one.halted else one.state)


def _facts(one: Act) -> tuple[views.Fact, ...]:
    return (
        views.Fact(
            label="Комплектов", text=f"{plural(one.sets, 'комплект', 'комплекта', 'комплектов')}, {size(one.size)}"
        ),
        views.Fact(label="Почему", text=one.reason),
        views.Fact(label="Закон", text=one.law),
    )


def _steps(one: Act) -> tuple[views.Fact, ...]:
    rows = [
        ("Предложен", one.proposed_by_name, one.proposed_at), ("Согласован", one.first_by_name, one.first_at),
        ("Согласован вторым", one.second_by_name, one.second_at), ("Отклонён", one.rejected_by_name, one.rejected_at),
        ("Исполнен", "портал", one.done_at),
    ]  # fmt: skip
    found = [views.Fact(label=label, text=f"{moment(at)}, {who}") for label, who, at in rows if at is not None]
    if one.rejected_reason:
        found.append(views.Fact(label="Почему отклонён", text=one.rejected_reason))
    return tuple(found)


def _item(one: ActLine, viewer: Viewer) -> SetItem:
    return SetItem(
        title=one.title,
        url=viewer.url(f"/archive/{one.package_id}"),
        counterparty=one.counterparty,
        day=one.dated,
        until=moscow_date(one.retain_until),
        sum=one.total,
        status=status("disposal_line", "halted" if one.state == "deleting" and one.spared else one.state),
        note=SPARED.get(one.spared or "", ""),
    )
