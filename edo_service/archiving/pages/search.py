"""The search of compliance: by everything a set is found by, with facets, saved searches and the purpose journalled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving import queries, queries_desk
from edo_service.archiving.pages import finding
from edo_service.archiving.pages.finding import KINDS, LABELS, STATUSES, address
from edo_service.archiving.pages.visits import ASKED, Visits, needs_purpose
from edo_service.archiving.queries import Results, SetLine
from edo_service.archiving.rules import STATES
from edo_service.archiving.use_cases.saved import forget_search, save_search
from edo_service.archiving.use_cases.take_out import note_search
from edo_service.archiving.views import Bulk, SavedRow, SearchPage, SetRow
from edo_service.errors import Conflict
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from edo_service.web.statuses import status

EXPORTS = (
    ("verified", "Архив с проверкой"),
    ("tax", "Для ответа на требование: реестр и файлы"),
    ("audit", "Аудитору: с доступом, сроками и проверками"),
)


@dataclass(frozen=True)
class SearchPages:
    """`/o/{org}/archive`, `…/archive/searches`."""

    portal: Portal
    visits: Visits

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/searches", self.save, methods=["POST"])
        found.add_api_route("/o/{org}/archive/searches/{search}/forget", self.forget, methods=["POST"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """The form; with anything in the address, also what was found. The first search of a visit says what for."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        asked = finding.asked_of(request.query_params)
        if not request.query_params and needs_purpose(viewer):
            return self.page(request, viewer, asked)
        wish = finding.wish_of(asked, after=request.query_params.get("after", ""))
        known = self.visits.said(request, viewer)
        just_said = "" if known else self.visits.just_said(request, back=viewer.url(f"/archive{address(asked)}"))
        purpose = known or just_said
        if not purpose:
            asked.refuse("purpose", ASKED)
        if asked.errors:
            return self.page(request, viewer, asked, code=422)
        results = queries.search(wish, uow=viewer.uow().reading())
        if request.query_params:  # every page of it: whoever names a place to begin at sees sets as well
            note_search(
                purpose=purpose,
                query=finding.used(asked) | finding.place(wish),
                found=results.found,
                actor=viewer.actor,
                uow=viewer.uow(),
            )
        answer = self.page(
            request, viewer, asked, results=results, first=_number(request.query_params.get("first")), said=just_said
        )
        if just_said:
            self.visits.keep(answer, viewer, just_said)
        return answer

    def save(self, request: Request, org: str, sent: finding.Sent) -> Response:
        """Keep the search under a name."""
        form = {name: str(value) for name, value in sent.items()}
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        asked = finding.asked_of(form)
        asked.values["name"] = form.get("name", "").strip()[:100]
        asked.needed("name", "Название: напишите, как назвать поиск")
        if not asked.errors:
            try:
                save_search(asked.text("name"), finding.used(asked), actor=viewer.actor, uow=viewer.uow())
            except Conflict as error:
                asked.refuse("name", words(error))
        if asked.errors:
            return self.page(request, viewer, asked, code=422)
        return see_other(viewer.url(f"/archive{address(asked, name='')}"), said="search_saved")

    def forget(self, request: Request, org: str, search: str, purpose: Annotated[str, Form()] = "") -> Response:
        """Forget a saved search of one's own."""
        del purpose
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        forget_search(identifier(search), actor=viewer.actor, uow=viewer.uow())
        return see_other(viewer.url("/archive"))

    def page(
        self,
        request: Request,
        viewer: Viewer,
        asked: Asked,
        *,
        results: Results | None = None,
        first: int = 1,
        said: str = "",
        code: int = 200,
    ) -> Response:
        """The page, with results or without; `said`: the purpose that this very request states."""
        back = viewer.url(f"/archive{address(asked) if results is not None else ''}")
        head = queries_desk.search_head(viewer.actor.user_id, uow=viewer.uow().reading())
        view = SearchPage(
            form=asked.form,
            kinds=tuple(views.Choice(value=value, label=label) for value, label in KINDS),
            statuses=tuple(views.Choice(value=value, label=label) for value, label in STATUSES),
            own=not needs_purpose(viewer),
            visit=self.visits.bar(request, viewer, back=back, said=said),
            more_open=any(asked.text(name) for name in finding.FURTHER),
            saved=_saved(head.saved, viewer),
            save_url=viewer.url("/archive/searches") if finding.used(asked) else "",
            links=_links(viewer),
            unindexed=head.unindexed,
            searched=results is not None,
            **({} if results is None else _found(results, viewer, asked, first)),  # type: ignore[arg-type]  # fields by name
        )
        return self.portal.show(request, "archiving/search.html", view, viewer=viewer, section="archive", status=code)


def _found(results: Results, viewer: Viewer, asked: Asked, first: int) -> Mapping[str, object]:
    return {
        "rows": tuple(_row(line, viewer) for line in results.lines),
        "paging": _paging(results, asked, first),
        "applied": _applied(asked),
        "facets": _facets(results, asked),
        "total_size": results.size,
        "bulk": _bulk(results, viewer, asked),
        "empty": views.Empty(
            title="По этим условиям ничего нет",
            text="В архив попадают документы, по которым обмен закончен. Уберите часть условий.",
        ),
    }


def _saved(rows: Mapping[str, tuple[str, Mapping[str, str]]], viewer: Viewer) -> tuple[SavedRow, ...]:
    return tuple(
        SavedRow(
            name=name,
            url=viewer.url(f"/archive{address(Asked(query))}"),
            drop_url=viewer.url(f"/archive/searches/{id_}/forget"),
        )
        for id_, (name, query) in rows.items()
    )


def _links(viewer: Viewer) -> tuple[views.Link, ...]:
    links = [
        (Right.ARCHIVE_EXPORT, "Выгрузки", "/archive/exports"),
        (Right.JOURNAL, "Запреты", "/archive/holds"),
        (Right.JOURNAL, "Уничтожение", "/archive/disposal"),
        (Right.JOURNAL, "Неполные комплекты", "/archive/incomplete"),
        (Right.JOURNAL, "Отчёт о целости", "/archive/report"),
    ]
    return tuple(views.Link(label=label, url=viewer.url(path)) for right, label, path in links if viewer.may(right))


def _bulk(results: Results, viewer: Viewer, asked: Asked) -> Bulk | None:
    export, hold = viewer.may(Right.ARCHIVE_EXPORT), viewer.may(Right.ARCHIVE_HOLD)
    if not results.found or not (export or hold):
        return None
    return Bulk(
        query={name: value for name, value in asked.values.items() if value},
        total=results.found,
        export_url=viewer.url("/archive/export") if export else "",
        exports=tuple(views.Choice(value=value, label=label) for value, label in EXPORTS) if export else (),
        hold_url=viewer.url("/archive/holds/new") if hold else "",
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 1


def _paging(results: Results, asked: Asked, first: int) -> views.Paging:
    more = ""
    if results.more:
        last = results.lines[-1]
        more = address(asked, after=f"{last.dated.isoformat()}_{last.id}", first=str(first + len(results.lines)))
    return views.Paging(
        shown=len(results.lines),
        total=results.found,
        first=first,
        more_url=more,
        more=max(min(finding.PAGE, results.found - first - len(results.lines) + 1), 0),
    )


def _applied(asked: Asked) -> tuple[views.Applied, ...]:
    shown = {
        **asked.values,
        "kind": dict(KINDS).get(asked.text("kind"), ""),
        "status": dict(STATUSES).get(asked.text("status"), ""),
        "hold": "один",
    }
    return tuple(
        views.Applied(label=f"{label}: {shown[name]}", drop_url=address(asked, **{name: ""}))
        for name, label in LABELS.items()
        if asked.text(name)
    )


def _facets(results: Results, asked: Asked) -> tuple[tuple[str, tuple[views.Folder, ...]], ...]:
    """How what was found divides; a facet of one member says nothing and is left out."""
    years = {str(year): count for year, count in sorted(results.years.items(), reverse=True)}
    return tuple(
        (title, tuple(
            views.Folder(label=names.get(value, value), url=address(asked, **{name: value}), count=count)
            for value, count in counts.items()
        ))
        for title, name, counts, names in (
            ("Вид", "kind", results.kinds, dict(KINDS)),
            ("Состояние", "status", results.statuses, dict(STATUSES)),
            ("Год", "year", years, {}),
        )
        if len(counts) > 1
    )  # fmt: skip


def _row(line: SetLine, viewer: Viewer) -> SetRow:
    return SetRow(
        id=str(line.id),
        title=line.title,
        url=viewer.url(f"/archive/{line.id}"),
        day=line.dated,
        counterparty=line.counterparty_name,
        inn=line.counterparty_inn,
        sum=line.total,
        status=status("archive", STATES[line.state]),
        keep_until=moscow_date(line.retain_until),
    )
