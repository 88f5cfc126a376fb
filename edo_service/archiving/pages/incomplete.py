"""What is not in the archive yet: narrowed by what is missing, by counterparty, by what is overdue; counted on home and menu."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving.queries_incomplete import (
    CONFIRMATION,
    MISSING,
    Incomplete,
    IncompleteSets,
    IncompleteWish,
    count_overdue,
    incomplete,
)
from edo_service.archiving.views_control import IncompletePage, IncompleteRow
from edo_service.documents.pages import words as document_words
from edo_service.documents.rules import DECISION, Role
from edo_service.errors import NotFound
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.forms import identifier
from edo_service.web import views
from edo_service.web.filters import plural_word
from edo_service.web.statuses import main_status

PAGE = 25
KINDS = {
    "delivery": "Доставка",
    DECISION: "Решение по замечанию",
    "response": "Ответ второй стороны",
    Role.RECEIPT_NOTICE.value: "Извещение о получении",
    Role.CORRECTION_REQUEST.value: "Уведомление об уточнении",
    CONFIRMATION: "Только подтверждения оператора",
}
"""`MISSING` in words."""
KIND_CHOICES = {"": "Чего не хватает: всё", **KINDS}
LATE_CHOICES = {"": "Любой срок", "1": "Только просроченные"}
LATE_WORDS = ("неполный комплект просрочен", "неполных комплекта просрочены", "неполных комплектов просрочены")


@dataclass(frozen=True)
class IncompletePages:
    """`/o/{org}/archive/incomplete`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The route."""
        found = APIRouter()
        found.add_api_route("/o/{org}/archive/incomplete", self.show, methods=["GET"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """Documents that are not in the archive yet, the overdue first."""
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        viewer.actor.require(Right.JOURNAL)
        typed = request.query_params
        wish = IncompleteWish(
            missing=typed.get("missing", "") if typed.get("missing", "") in MISSING else "",
            counterparty=typed.get("q", "").strip()[:200],
            late=typed.get("late") == "1",
            after=_after(typed.get("after", "")),
            limit=PAGE,
        )
        first = typed.get("first", "1")
        found = incomplete(wish, today=moscow_date(viewer.now), uow=viewer.uow().reading())
        view = _page(wish, found, viewer, first=int(first) if first.isdecimal() and len(first) < 8 else 1)
        return self.portal.show(request, "archiving/incomplete.html", view, viewer=viewer, section="archive")


def overdue(viewer: Viewer) -> int:
    """The number at the archive in the menu and on home: for control, which sees to it."""
    if not viewer.may(Right.JOURNAL) or not viewer.may(Right.ARCHIVE_SEARCH):
        return 0
    return viewer.once("incomplete", lambda: count_overdue(today=moscow_date(viewer.now), uow=viewer.uow().reading()))


def todo(viewer: Viewer) -> Iterator[views.Todo]:
    """The same number as a row of home."""
    late = overdue(viewer)
    if late:
        yield views.Todo(
            text=plural_word(late, *LATE_WORDS),
            url=viewer.url("/archive/incomplete?late=1"),
            button="Открыть",
            count=late,
            icon="archive-box",
            nearness="late",
        )  # fmt: skip


def _page(wish: IncompleteWish, found: IncompleteSets, viewer: Viewer, *, first: int) -> IncompletePage:
    shown = len(found.rows)
    more = ""
    if found.more:
        last = found.rows[-1]
        after = f"{int(last.late)}_{last.dated.isoformat()}_{last.id}"
        more = _address(wish, after=after, first=str(first + shown))
    applied = _applied(wish)
    return IncompletePage(
        rows=tuple(_row(one, viewer) for one in found.rows),
        back=views.Link(label="Архив", url=viewer.url("/archive")),
        paging=views.Paging(
            shown=shown, total=found.found, first=first, more_url=more, more=min(PAGE, max(found.found - first - shown + 1, 0))
        ),
        late=found.late,
        query=wish.counterparty,
        filters=(
            views.Filter(name="missing", label="Чего не хватает", choices=_choices(KIND_CHOICES, wish.missing)),
            views.Filter(name="late", label="Срок", choices=_choices(LATE_CHOICES, "1" if wish.late else "")),
        ),
        applied=applied,
        facets=tuple(
            views.Folder(label=KINDS[name], url=_address(wish, missing=name), count=count)
            for name, count in found.missing.items()
            if count and not wish.missing
        ),
        reset_url="?" if applied else "",
        empty=_empty(applied),
    )  # fmt: skip


def _choices(pairs: dict[str, str], current: str) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(value=value, label=label, selected=value == current) for value, label in pairs.items())


def _applied(wish: IncompleteWish) -> tuple[views.Applied, ...]:
    found = []
    if wish.missing:
        label = f"Не хватает: {KINDS[wish.missing].lower()}"
        found.append(views.Applied(label=label, drop_url=_address(wish, missing="")))
    if wish.counterparty:
        found.append(views.Applied(label=f"Контрагент: {wish.counterparty}", drop_url=_address(wish, q="")))
    if wish.late:
        found.append(views.Applied(label="Только просроченные", drop_url=_address(wish, late="")))
    return tuple(found)


def _empty(applied: tuple[views.Applied, ...]) -> views.Empty:
    if applied:
        return views.Empty(
            title="По этим отборам ничего нет",
            text="Уберите отбор, чтобы увидеть остальные неполные комплекты.",
            link=views.Link(label=f"Убрать отбор «{applied[-1].label}»", url=applied[-1].drop_url),
        )
    return views.Empty(title="Неполных комплектов нет", text="Всё, по чему обмен закончен, уже в архиве.")


def _address(wish: IncompleteWish, **changes: str) -> str:
    known = {"missing": wish.missing, "q": wish.counterparty, "late": "1" if wish.late else "", **changes}
    return "?" + urlencode({name: value for name, value in known.items() if value})


def _after(text: str) -> tuple[bool, date, UUID] | None:
    if not text:
        return None
    late, _, rest = text.partition("_")
    day, _, last = rest.partition("_")
    try:
        return late == "1", date.fromisoformat(day), identifier(last)
    except ValueError as error:
        raise NotFound("request.absent") from error


def _row(one: Incomplete, viewer: Viewer) -> IncompleteRow:
    return IncompleteRow(
        title=one.title,
        url=viewer.url(f"/documents/{one.id}"),
        counterparty=f"{one.counterparty_name}, ИНН {one.counterparty_inn}",
        day=one.dated,
        status=main_status(one.lives),
        missing=", ".join(dict.fromkeys(missing_words(word) for word in one.missing)),
        due="" if one.due is None else f"{one.due:%d.%m.%Y}{', просрочен' if one.late else ''}",
        late=one.late,
    )


def missing_words(word: str) -> str:
    """What a set lacks, in words: `role`, `role:parent`, `delivery`, `decision` or `response` of `missing_for_archive`."""
    if word == "delivery":
        return "доставка"
    if word == "response":
        return "ответ второй стороны"
    if word == DECISION:
        return "решение по замечанию"
    role, _, parent = word.partition(":")
    name = document_words.ROLES.get(role, document_words.ROLES["unknown"]).lower()
    about = document_words.ABOUT.get(parent, "")
    return f"{name} ({about})" if about else name
