"""Folders of documents with filters and keyset pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import queries
from edo_service.documents.pages import presenting, words
from edo_service.documents.queries import FolderName, Listing, Wish
from edo_service.documents.views import BulkAction, ListPage
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.forms import identifier
from edo_service.web import views

PAGE = 25
FOLDERS = (
    (FolderName.TODO, "Требуют действия"),
    (FolderName.IN, "Входящие"),
    (FolderName.OUT, "Исходящие"),
    (FolderName.DRAFTS, "Черновики"),
    (FolderName.ALL, "Все"),
)
KINDS = (("", "Любой вид"), ("upd", "УПД"), ("ukd", "УКД"), ("contract", "Договоры"))
PERIODS = (
    ("", "За всё время"),
    ("month", "Этот месяц"),
    ("last-month", "Прошлый месяц"),
    ("year", "Этот год"),
    ("last-year", "Прошлый год"),
)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What stands in the address, cleaned: unknown words are dropped."""

    folder: FolderName
    q: str
    kind: str
    period: str

    def query(self, **changes: str) -> str:
        """The address of the same list with changes."""
        values = {"folder": self.folder.value, "q": self.q, "kind": self.kind, "period": self.period, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class ListPages:
    """`/o/{org}/documents`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/documents", self.show, methods=["GET"])
        return found

    def show(
        self,
        request: Request,
        org: str,
        folder: str = "",
        q: str = "",
        kind: str = "",
        period: str = "",
        after: str = "",
        first: int = 1,
    ) -> Response:
        """One page of a folder."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        today = moscow_date(viewer.now)
        counts = queries.folder_counts(uow=viewer.uow().reading())
        chosen = _clean(folder, q, kind, period, counts)
        since, until = span(chosen.period, today)
        wish = Wish(
            folder=chosen.folder,
            text=chosen.q,
            kind=chosen.kind or None,
            since=since,
            until=until,
            after=identifier(after) if after else None,
            limit=PAGE,
        )
        listing = queries.list_documents(wish, uow=viewer.uow().reading())
        view = _page(listing, chosen, counts, viewer=viewer, today=today, first=max(first, 1) if after else 1)
        return self.portal.show(request, "documents/list.html", view, viewer=viewer, section="documents")


def _clean(folder: str, q: str, kind: str, period: str, counts: Mapping[FolderName, int]) -> Chosen:
    known = {name.value for name, _ in FOLDERS}
    usual = FolderName.TODO if counts[FolderName.TODO] and not q else FolderName.ALL
    return Chosen(
        folder=FolderName(folder) if folder in known else usual,
        q=" ".join(q.split())[:200],
        kind=kind if kind in dict(KINDS) else "",
        period=period if period in dict(PERIODS) else "",
    )


def span(period: str, today: date) -> tuple[date | None, date | None]:
    """First and last day of a named period."""
    month = today.replace(day=1)
    if period == "month":
        return month, None
    if period == "last-month":
        end = month - timedelta(days=1)
        return end.replace(day=1), end
    if period == "year":
        return date(today.year, 1, 1), None
    if period == "last-year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    return None, None


def _page(
    listing: Listing,
    chosen: Chosen,
    counts: Mapping[FolderName, int],
    *,
    viewer: Viewer,
    today: date,
    first: int,
) -> ListPage:
    rows = tuple(presenting.row(line, viewer=viewer, today=today) for line in listing.lines)
    left = listing.found - (first + len(rows) - 1)
    more = chosen.query(after=rows[-1].id, first=str(first + len(rows))) if listing.more and rows else ""
    applied = _applied(chosen)
    return ListPage(
        folder=chosen.folder.value,
        folders=tuple(
            views.Folder(
                label=label,
                url=Chosen(folder=name, q="", kind="", period="").query(),
                current=name is chosen.folder,
                count=counts[name] if name in {FolderName.TODO, FolderName.DRAFTS} else 0,
                todo=name is FolderName.TODO,
            )
            for name, label in FOLDERS
        ),
        rows=rows,
        paging=views.Paging(shown=len(rows), total=listing.found, first=first, more_url=more, more=min(PAGE, left)),
        query=chosen.q,
        filters=(
            views.Filter(name="kind", label="Вид", choices=_choices(KINDS, chosen.kind)),
            views.Filter(name="period", label="Период", choices=_choices(PERIODS, chosen.period)),
        ),
        applied=applied,
        reset_url=chosen.query(q="", kind="", period=""),
        total_sum=listing.total,
        bulk=_bulk(chosen, viewer),
        empty=_empty(chosen, applied, viewer),
        new_url=viewer.url("/documents/new") if viewer.may(Right.UPLOAD) else "",
    )


def _bulk(chosen: Chosen, viewer: Viewer) -> tuple[BulkAction, ...]:
    """What may be done with several documents of the folder at once."""
    if chosen.folder is not FolderName.DRAFTS or not viewer.may(Right.UPLOAD):
        return ()
    return (BulkAction(label="Удалить {n} документ", url=viewer.url("/documents/discard")),)


def _choices(pairs: tuple[tuple[str, str], ...], current: str) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(value=value, label=label, selected=value == current) for value, label in pairs)


def _applied(chosen: Chosen) -> tuple[views.Applied, ...]:
    found = []
    if chosen.q:
        found.append(views.Applied(label=f"Слова: {chosen.q}", drop_url=chosen.query(q="")))
    if chosen.kind:
        found.append(views.Applied(label=f"Вид: {words.KINDS[chosen.kind]}", drop_url=chosen.query(kind="")))
    if chosen.period:
        found.append(views.Applied(label=dict(PERIODS)[chosen.period], drop_url=chosen.query(period="")))
    return tuple(found)


def _empty(chosen: Chosen, applied: tuple[views.Applied, ...], viewer: Viewer) -> views.Empty:
    if applied:
        return views.Empty(
            title="По этим отборам ничего нет",
            text="Уберите отбор или поищите во всех документах.",
            link=views.Link(label=f"Убрать отбор «{applied[-1].label}»", url=applied[-1].drop_url),
        )
    if chosen.folder is FolderName.TODO:
        return views.Empty(title="Сейчас ничего не нужно", text="Всё подписано. Новые документы появятся здесь сами.")
    upload = views.Link(label="Загрузить документ", url=viewer.url("/documents/new"))
    return views.Empty(
        title="Здесь пока пусто",
        text="Документы появятся, когда придут от контрагентов или вы загрузите свои.",
        link=upload if viewer.may(Right.UPLOAD) else None,
    )
