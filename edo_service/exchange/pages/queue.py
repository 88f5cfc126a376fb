"""«Очередь»: what waits, what failed and why, deadlines, and news of operators that was not understood."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents.receipts import RECEIPT
from edo_service.documents.recording import FINISHED, SIGNED
from edo_service.documents.use_cases.send import SIGN
from edo_service.errors import Conflict
from edo_service.exchange import queries
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.deadlines import Due, What, due_documents
from edo_service.exchange.pages.overview import route
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.queries import Connected, Odd, Waiting
from edo_service.exchange.rules import ANNUL, EVENT, INVITATIONS, RELATION, TELL
from edo_service.exchange.use_cases.queue import retry_now, settle_odd
from edo_service.exchange.views import OddRow, OverdueRow, QueuePage, QueueRow
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import is_business_day, moscow_date
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import identifier
from edo_service.texts.failures import failure_words
from edo_service.web import views
from edo_service.web.filters import plural, plural_word
from edo_service.web.slots import MenuSlot
from edo_service.web.statuses import status

KINDS: Mapping[str, str] = {
    RECEIPT: "Готовим извещение о получении",
    SIGN: "Подписываем на сервере",
    SIGNED: "Отправляем подписанное",
    FINISHED: "Передаём в архив",
    EVENT: "Принимаем от оператора",
    RELATION: "Передаём оператору приглашение или ответ",
    INVITATIONS: "Приглашаем по списку",
    ANNUL: "Передаём аннулирование",
    TELL: "Отправляем извещение о получении",
}
WHAT: Mapping[What, str] = {
    "answer": "Требуется подпись",
    "receipt": "Требуется извещение о получении",
    "confirmation": "Оператор не подтвердил отправку: напишите в его поддержку",
}
LONGEST_RAW = 4000


@dataclass(frozen=True)
class QueuePages:
    """`/o/{org}/exchange/queue`, `…/retry`, `…/settle`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes; adds the section to the menu."""
        self.portal.slots.add_menu(
            MenuSlot(
                key="queue",
                label="Очередь обмена",
                icon="queue-list",
                path="/exchange/queue",
                order=82,
                group="setup",
                allowed=lambda viewer: viewer.may(Right.OPERATORS),
                count=lambda viewer: queries.failed_jobs(uow=viewer.uow().reading()),
            )
        )
        found = APIRouter()
        found.add_api_route("/o/{org}/exchange/queue", self.show, methods=["GET"])
        found.add_api_route("/o/{org}/exchange/queue/retry", self.retry, methods=["POST"])
        found.add_api_route("/o/{org}/exchange/queue/settle", self.settle, methods=["POST"])
        return found

    def show(self, request: Request, org: str, folder: str = "all") -> Response:
        """The queue as it stands now."""
        viewer = self._viewer(request, org)
        uow = viewer.uow().reading()
        all_, failed = queries.queued_jobs(uow=uow), queries.failed_jobs(uow=uow)
        shown = queries.queue(uow=uow, failed=folder == "failed")
        accounts = {one.id: one for one in queries.accounts(uow=viewer.uow().reading())}
        today = moscow_date(viewer.now)
        with uow:
            due = due_documents(uow, today=today)
        view = QueuePage(
            folders=_folders(folder, all_, failed),
            rows=tuple(_row(one, viewer) for one in shown),
            paging=views.Paging(first=1, shown=len(shown), total=failed if folder == "failed" else all_),
            overdue=tuple(_overdue(one, viewer, today) for one in due),
            odd=tuple(_odd(one, accounts, viewer) for one in queries.odd_events(uow=viewer.uow().reading())),
            silent=tuple(
                route(one, viewer) for one in accounts.values() if one.trouble_since is not None and one.state != "off"
            ),
            empty=_empty(folder),
            retry_url=viewer.url("/exchange/queue/retry"),
            settle_url=viewer.url("/exchange/queue/settle"),
            back_url=viewer.url("/exchange"),
            shown_at=viewer.now,
        )
        return self.portal.show(request, "exchange/queue.html", view, viewer=viewer, section="queue")

    def retry(self, request: Request, org: str, job: Annotated[str, Form()] = "") -> Response:
        """Try it now."""
        viewer = self._viewer(request, org)
        said = "job_retried"
        try:
            retry_now(identifier(job), actor=viewer.actor, uow=viewer.uow())
        except Conflict:
            said = "changed"
        return see_other(viewer.url("/exchange/queue"), said=said)

    def settle(self, request: Request, org: str, event: Annotated[str, Form()] = "") -> Response:
        """Take news off the list; it stays kept."""
        viewer = self._viewer(request, org)
        settle_odd(identifier(event), actor=viewer.actor, uow=viewer.uow())
        return see_other(viewer.url("/exchange/queue"), said="odd_settled")

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.OPERATORS)
        return viewer


def _folders(folder: str, all_: int, failed: int) -> tuple[views.Folder, ...]:
    return (
        views.Folder(label="Всё", url="?folder=all", current=folder != "failed", count=all_),
        views.Folder(label="Не выполнено", url="?folder=failed", current=folder == "failed", count=failed, todo=True),
    )


def _empty(folder: str) -> views.Empty:
    if folder == "failed":
        return views.Empty(title="Невыполненных нет", text="Всё, что ждёт, портал повторит сам.")
    return views.Empty(title="Очередь пуста", text="Всё отправлено и принято. Новое появится здесь само.")


def _row(one: Waiting, viewer: Viewer) -> QueueRow:
    if one.relation_id:
        about = views.Link(label=one.title, url=viewer.url(f"/exchange/counterparties/{one.relation_id}"))
    elif one.document_id:
        about = views.Link(label=one.title, url=viewer.url(f"/documents/{one.document_id}"))
    else:
        about = None
    said = one.answer or one.error or ""
    return QueueRow(
        about=about,
        title=one.title or ("Список приглашений" if one.kind == INVITATIONS else "Новость от оператора"),
        what=KINDS.get(one.kind, "Принимаем от оператора"),
        tries=one.tries,
        since=one.since,
        next_at=one.next_at,
        status=status("queue", one.state),
        reason=failure_words(said) if said else "",
        answer=said[:LONGEST_RAW],
        trace_id=one.trace_id or "",
        retry_id=str(one.id) if one.state != "running" else "",
    )


def _odd(one: Odd, accounts: Mapping[UUID, Connected], viewer: Viewer) -> OddRow:
    account = accounts.get(one.account_id)
    document = views.Link(label=one.title or "Документ", url=viewer.url(f"/documents/{one.document_id}"))
    return OddRow(
        at=one.happened_at,
        operator=operator_name(account.operator) if account else "",
        kinds=one.kinds,
        reason=one.reason,
        message_id=one.message_id,
        raw=json.dumps(one.payload, ensure_ascii=False, indent=1)[:LONGEST_RAW],
        id=str(one.id),
        document=document if one.document_id else None,
    )


def _overdue(one: Due, viewer: Viewer, today: date) -> OverdueRow:
    return OverdueRow(
        document=views.Link(label=one.title, url=viewer.url(f"/documents/{one.document_id}")),
        counterparty=one.counterparty,
        what=WHAT[one.what],
        due=deadline(one.due, today),
    )


def deadline(due: date, today: date) -> views.Deadline:
    """«просрочен на 3 рабочих дня», «сегодня последний день», «осталось 2 рабочих дня».

    On days off between the deadline and the next business day none has passed yet: it is said without a number.
    """
    if due == today:
        return views.Deadline(day=due, nearness="soon", words="сегодня последний день")
    days = _business_days(min(due, today), max(due, today))
    count = plural(days, "рабочий день", "рабочих дня", "рабочих дней")
    if due < today:
        return views.Deadline(day=due, nearness="late", words=f"просрочен на {count}" if days else "просрочен")
    remains = plural_word(days, "остался", "осталось", "осталось")
    words = f"{remains} {count}" if days else "последний рабочий день прошёл"
    return views.Deadline(day=due, nearness="soon", words=words)


def _business_days(after: date, until: date) -> int:
    """Business days after the first day up to the second one."""
    ordinals = range(after.toordinal() + 1, until.toordinal() + 1)
    return sum(is_business_day(date.fromordinal(one)) for one in ordinals)
