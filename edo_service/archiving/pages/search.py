"""The search of compliance: by counterparty, period, kind, number and sum, with the purpose journalled."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving import queries
from edo_service.archiving.pages.taking_out import ArchivePorts, send_out
from edo_service.archiving.queries import Results, Search, SetLine
from edo_service.archiving.rules import STATES
from edo_service.archiving.use_cases.take_out import note_search
from edo_service.archiving.views import SearchPage, SetRow
from edo_service.errors import NotFound
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.forms import Asked, identifier
from edo_service.web import views
from edo_service.web.statuses import status

PAGE = 25
MOST_SETS = 50
LONGEST_PURPOSE = 500
FIELDS = ("q", "counterparty", "since", "until", "kind", "number", "sum_from", "sum_to")
KINDS = (("", "Любой вид"), ("upd", "УПД"), ("contract", "Договоры"))
PURPOSE = "Зачем смотрите: напишите цель, её увидит проверяющий"


@dataclass(frozen=True)
class SearchPages:
    """`/o/{org}/archive`, `…/archive/export`."""

    portal: Portal
    ports: ArchivePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/archive/export", self.export, methods=["POST"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """The form; with anything in the address, also what was found."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        typed = {name: request.query_params.get(name, "").strip()[:200] for name in FIELDS}
        asked = Asked({**typed, "purpose": request.query_params.get("purpose", "").strip()[:LONGEST_PURPOSE]})
        purpose_needed = needs_purpose(viewer)
        if not request.query_params and purpose_needed:
            return self._page(request, viewer, asked)
        wish = _wish(asked, after=request.query_params.get("after", ""))
        if purpose_needed:
            asked.needed("purpose", PURPOSE)
        if asked.errors:
            return self._page(request, viewer, asked, code=422)
        results = queries.search(wish, uow=viewer.uow().reading())
        if wish.after is None and request.query_params:
            used = {name: value for name, value in typed.items() if value}
            note_search(
                purpose=asked.text("purpose"),
                query=used,
                found=results.found,
                actor=viewer.actor,
                uow=viewer.uow(),
            )
        return self._page(request, viewer, asked, results=results, first=_number(request.query_params.get("first")))

    def export(
        self,
        request: Request,
        org: str,
        purpose: Annotated[str, Form()] = "",
        id: Annotated[list[str] | None, Form()] = None,  # noqa: A002 - the name of the field
    ) -> Response:
        """Take the ticked sets out."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        asked = Asked({"purpose": purpose.strip()[:LONGEST_PURPOSE]})
        asked.needed("purpose", PURPOSE)
        chosen = list(dict.fromkeys(identifier(one) for one in id or ()))
        if not chosen:
            asked.refuse("", "Отметьте хотя бы один комплект в списке найденного")
        if len(chosen) > MOST_SETS:
            asked.refuse("", f"За один раз выгружаем до {MOST_SETS} комплектов")
        if asked.errors:
            return self._page(request, viewer, asked, code=422)
        return send_out(chosen, asked.text("purpose"), viewer=viewer, ports=self.ports)

    def _page(
        self,
        request: Request,
        viewer: Viewer,
        asked: Asked,
        *,
        results: Results | None = None,
        first: int = 1,
        code: int = 200,
    ) -> Response:
        rows: tuple[SetRow, ...] = ()
        paging = None
        if results is not None:
            rows = tuple(_row(line, viewer, asked.text("purpose")) for line in results.lines)
            paging = _paging(results, asked, first)
        view = SearchPage(
            form=asked.form,
            kinds=tuple(views.Choice(value=value, label=label) for value, label in KINDS),
            rows=rows,
            paging=paging,
            applied=_applied(asked) if results is not None else (),
            searched=results is not None,
            purpose_needed=needs_purpose(viewer),
            export_url=viewer.url("/archive/export") if viewer.may(Right.ARCHIVE_EXPORT) else "",
            empty=views.Empty(
                title="По этим условиям ничего нет",
                text="В архив попадают документы, по которым обмен закончен. Уберите часть условий.",
            )
            if results is not None
            else None,
        )
        return self.portal.show(request, "archiving/search.html", view, viewer=viewer, section="archive", status=code)


def needs_purpose(viewer: Viewer) -> bool:
    """Control says why it looks at other people's work; whoever made these documents looks at her own."""
    return not viewer.may(Right.SIGN)


def _wish(asked: Asked, *, after: str) -> Search:
    since, until = asked.day("since", "Дата с"), asked.day("until", "Дата по")
    if since and until and since > until:
        asked.refuse("until", "Дата по: она раньше, чем «Дата с»")
    low, high = asked.sum("sum_from", "Сумма от"), asked.sum("sum_to", "Сумма до")
    if low is not None and high is not None and low > high:
        asked.refuse("sum_to", "Сумма до: она меньше, чем «Сумма от»")
    kind = asked.text("kind")
    return Search(
        text=asked.text("q"),
        counterparty=asked.text("counterparty"),
        since=since,
        until=until,
        kind=kind if kind in dict(KINDS) and kind else None,
        number=asked.text("number"),
        total_from=low,
        total_to=high,
        after=_after(after),
        limit=PAGE,
    )


def _after(text: str) -> tuple[date, UUID] | None:
    if not text:
        return None
    day, _, last = text.partition("_")
    try:
        return date.fromisoformat(day), identifier(last)
    except ValueError as error:
        raise NotFound("request.absent") from error


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else 1


def _query(asked: Asked, **changes: str) -> str:
    return "?" + urlencode({name: value for name, value in {**asked.values, **changes}.items() if value})


def _paging(results: Results, asked: Asked, first: int) -> views.Paging:
    more = ""
    if results.more:
        last = results.lines[-1]
        more = _query(asked, after=f"{last.dated.isoformat()}_{last.id}", first=str(first + len(results.lines)))
    return views.Paging(
        shown=len(results.lines),
        total=results.found,
        first=first,
        more_url=more,
        more=max(min(PAGE, results.found - first - len(results.lines) + 1), 0),
    )


def _applied(asked: Asked) -> tuple[views.Applied, ...]:
    labels = {
        "q": "Слова", "counterparty": "Контрагент", "since": "С", "until": "По", "kind": "Вид", "number": "Номер",
        "sum_from": "Сумма от", "sum_to": "Сумма до",
    }  # fmt: skip
    shown = {**asked.values, "kind": dict(KINDS).get(asked.text("kind"), "")}
    return tuple(
        views.Applied(label=f"{label}: {shown[name]}", drop_url=_query(asked, **{name: ""}))
        for name, label in labels.items()
        if asked.text(name)
    )


def _row(line: SetLine, viewer: Viewer, purpose: str) -> SetRow:
    return SetRow(
        id=str(line.id),
        title=line.title,
        url=viewer.url(f"/archive/{line.id}?{urlencode({'purpose': purpose})}"),
        day=line.dated,
        counterparty=line.counterparty_name,
        inn=line.counterparty_inn,
        sum=line.total,
        status=status("archive", STATES[line.state]),
        keep_until=moscow_date(line.retain_until),
    )
