"""«Главная»: what must I do now, then what happened."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import held, queries
from edo_service.documents.pages import words
from edo_service.documents.queries import FolderName, Wish
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.web import views
from edo_service.web.filters import plural_word

RECENT = 8


@dataclass(frozen=True)
class HomePages:
    """`/o/{org}/`."""

    portal: Portal

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/", self.show, methods=["GET"])
        found.add_api_route("/o/{org}", self.show, methods=["GET"])
        return found

    def show(self, request: Request, org: str) -> Response:
        """What waits for me, and the last moves of documents."""
        viewer = self.portal.viewer(request, org)
        counts = queries.folder_counts(uow=viewer.uow().reading())
        recent = queries.recent(RECENT, uow=viewer.uow().reading())
        events = []
        for line, happening in recent:
            found = words.event_words(happening) if happening else None
            events.append(
                views.EventRow(
                    at=happening.at if happening else line.created_at,
                    title=line.title,
                    url=viewer.url(f"/documents/{line.id}"),
                    text=f"{found[0] if found else 'Получен' if line.direction == 'in' else 'Загружен'} · {line.counterparty_name}",
                    status=words.chip(line),
                )
            )
        view = views.HomePage(
            organization=viewer.company.name,
            today=moscow_date(viewer.now),
            updated_at=viewer.now,
            todo=self.portal.slots.todo(viewer),
            events=tuple(events),
            events_url=viewer.url("/documents?folder=all"),
            facts=tuple(
                views.Fact(label=label, text=str(counts[name]), url=viewer.url(f"/documents?folder={name}"))
                for label, name in (
                    ("Входящие", FolderName.IN),
                    ("Исходящие", FolderName.OUT),
                    ("Черновики", FolderName.DRAFTS),
                )
            ),
            actions=(views.Link(label="Загрузить документ", url=viewer.url("/documents/new")),)
            if viewer.may(Right.UPLOAD)
            else (),
            links=tuple(
                views.Link(label=label, url=viewer.url(path))
                for right, label, path in (
                    (Right.ARCHIVE_SEARCH, "Найти комплект в архиве", "/archive"),
                    (Right.JOURNAL, "Журнал", "/office/journal"),
                )
                if viewer.may(right)
            ),
        )
        return self.portal.show(request, "home.html", view, viewer=viewer, section="home")


def todo(viewer: Viewer) -> Iterator[views.Todo]:
    """Documents that wait for a signature, answers to be sent again, documents to be corrected, then drafts."""
    if viewer.may(Right.SIGN):
        yield from _to_answer(viewer)
    if any(viewer.may(right) for right in (Right.SIGN, Right.REJECT, Right.OPERATORS)):
        again = held.count_held(uow=viewer.uow().reading())
        if again:
            yield views.Todo(
                text=f"{plural_word(again, 'ответ', 'ответа', 'ответов')} не принял оператор: отправьте ещё раз",
                url=viewer.url("/documents?folder=todo"),
                button="Открыть",
                count=again,
            )
    if viewer.may(Right.SEND):
        asked = queries.count_to_correct(uow=viewer.uow().reading())
        if asked:
            yield views.Todo(
                text=f"{plural_word(asked, 'документ просят', 'документа просят', 'документов просят')} исправить",
                url=viewer.url("/documents?folder=todo"),
                button="Открыть",
                count=asked,
            )
        drafts = queries.folder_counts(uow=viewer.uow().reading())[FolderName.DRAFTS]
        if drafts:
            yield views.Todo(
                text=f"{plural_word(drafts, 'черновик ждёт', 'черновика ждут', 'черновиков ждут')} отправки",
                url=viewer.url("/documents?folder=drafts"),
                button="Открыть",
                count=drafts,
            )


def _to_answer(viewer: Viewer) -> Iterator[views.Todo]:
    waiting = queries.count_todo(uow=viewer.uow().reading())
    if not waiting:
        return
    listing = queries.list_documents(Wish(folder=FolderName.TODO, limit=100), uow=viewer.uow().reading())
    today = moscow_date(viewer.now)
    days = [found for line in listing.lines if (found := words.answer_deadline(line, today)) is not None]
    nearest = min(days, key=lambda found: found.day) if days else None
    only = [line for line in listing.lines if words.is_your_move(line) and not words.awaits_correction(line)]
    single = waiting == 1 and len(only) == 1
    yield views.Todo(
        text=f"{plural_word(waiting, 'документ ждёт', 'документа ждут', 'документов ждут')} вашей подписи",
        url=viewer.url(f"/documents/{only[0].id}" if single else "/documents?folder=todo"),
        button="Подписать",
        count=waiting,
        hint=f"{'Срок' if single else 'Ближайший срок'}: {nearest.words}" if nearest else "",
        nearness=nearest.nearness if nearest else "later",
    )
