"""«Пригласить списком»: a table of companies, and the report of what became of each row."""

import csv
import io
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from edo_service.errors import Rejected
from edo_service.exchange import counterparties, queries
from edo_service.exchange.catalogue import operator_name
from edo_service.exchange.counterparties import BatchCard, BatchCount, BatchLine
from edo_service.exchange.invitees import read_invitees
from edo_service.exchange.lives import WORKING
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.queries import Connected
from edo_service.exchange.sheets import LARGEST_FILE, read_lines
from edo_service.exchange.use_cases.capabilities import capabilities_of
from edo_service.exchange.use_cases.invite_many import keep_list
from edo_service.exchange.views import BatchPage, BatchRow, EarlierBatch, ImportPage
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views
from edo_service.web.statuses import status
from operators.port import Capability

UNDECIDED = ("waiting", "sending")
"""Outcomes that are not final: the page is worth looking at again."""
FOLDERS = (
    ("all", "Все", ()),
    ("invited", "Приглашены", ("invited",)),
    ("attention", "Нужно внимание", ("refused", "several", "absent", "faulty")),
    ("already", "Уже связаны", ("already",)),
    ("waiting", "В очереди", UNDECIDED),
)
EARLIER = 10
BLOCKED = "Подключите оператора, у которого есть приглашения: в настройках ЭДО такого пока нет."


@dataclass(frozen=True)
class ImportPages:
    """`/o/{org}/exchange/invitations/import`, `…/{batch}`, `…/{batch}/report.csv`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        base = "/o/{org}/exchange/invitations"
        found.add_api_route(f"{base}/import", self.ask, methods=["GET"])
        found.add_api_route(f"{base}/import", self.take, methods=["POST"])
        found.add_api_route(f"{base}/{{batch}}", self.show, methods=["GET"])
        found.add_api_route(f"{base}/{{batch}}/report.csv", self.download, methods=["GET"])
        return found

    def ask(self, request: Request, org: str) -> Response:
        """The form."""
        viewer = self._viewer(request, org)
        return self._form(request, viewer, views.EMPTY_FORM)

    def take(
        self,
        request: Request,
        org: str,
        *,
        account: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
        file: Annotated[UploadFile | str | None, File()] = None,
    ) -> Response:
        """Read the table and promise to go through it; what cannot be read is said beside the file."""
        viewer = self._viewer(request, org)
        asked = Asked({"account": account, "text": text})
        if file is None or isinstance(file, str) or not file.filename:
            asked.refuse("file", "Файл: выберите таблицу XLSX или CSV")
            return self._form(request, viewer, asked.form, status=422)
        try:
            invitees = read_invitees(read_lines(file.file.read(LARGEST_FILE + 1), file.filename))
            batch = keep_list(
                identifier(account),
                invitees,
                file_name=file.filename,
                text=text.strip(),
                actor=viewer.actor,
                uow=viewer.uow(),
            )
        except Rejected as error:
            asked.refuse("text" if error.code == "exchange.text_too_long" else "file", words(error))
            return self._form(request, viewer, asked.form, status=422)
        return see_other(viewer.url(f"/exchange/invitations/{batch}"))

    def show(self, request: Request, org: str, batch: str, folder: str = "all") -> Response:
        """The report, row by row."""
        viewer = self._viewer(request, org)
        card = counterparties.batch(identifier(batch), uow=viewer.uow().reading())
        states = next((states for name, _, states in FOLDERS if name == folder), ())
        rows = [row for row in card.rows if not states or row.outcome in states]
        waiting = sum(row.outcome in UNDECIDED for row in card.rows)
        url = viewer.url(f"/exchange/invitations/{card.id}")
        view = BatchPage(
            file_name=card.file_name,
            by=card.by,
            at=card.at,
            rows=tuple(_row(row, viewer) for row in rows),
            folders=_folders(card, folder),
            total=len(card.rows),
            done=len(card.rows) - waiting,
            back_url=viewer.url("/exchange/counterparties"),
            download_url=f"{url}/report.csv",
            refresh_url=url if waiting else "",
        )
        return self.portal.show(request, "exchange/batch.html", view, viewer=viewer, section="counterparties")

    def download(self, request: Request, org: str, batch: str) -> Response:
        """The same report as CSV; no cell can begin a formula."""
        viewer = self._viewer(request, org)
        card = counterparties.batch(identifier(batch), uow=viewer.uow().reading())
        out = io.StringIO()
        table = csv.writer(out, delimiter=";", lineterminator="\r\n")
        table.writerow(("Строка", "ИНН", "КПП", "Название", "Итог", "Почему"))
        for row in card.rows:
            word = status("invitation", row.outcome).word
            cells = (str(row.number), row.inn, row.kpp or "", row.name, word, row.reason or "")
            table.writerow([harmless(cell) for cell in cells])
        headers = {"Content-Disposition": f'attachment; filename="invitations-{card.id}.csv"'}
        return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)

    def _form(self, request: Request, viewer: Viewer, form: views.Form, *, status: int = 200) -> Response:
        accounts = self._inviting(viewer)
        view = ImportPage(
            form=form,
            accounts=tuple(
                views.Choice(value=str(one.id), label=f"{operator_name(one.operator)}, {one.participant_id}")
                for one in accounts
            ),
            action=viewer.url("/exchange/invitations/import"),
            back_url=viewer.url("/exchange/counterparties"),
            blocked="" if accounts else BLOCKED,
            earlier=tuple(
                _earlier(one, viewer) for one in counterparties.batches(limit=EARLIER, uow=viewer.uow().reading())
            ),
        )
        return self.portal.show(
            request, "exchange/import.html", view, viewer=viewer, section="counterparties", status=status
        )

    def _inviting(self, viewer: Viewer) -> list[Connected]:
        return [
            one
            for one in queries.accounts(uow=viewer.uow().reading())
            if one.state in WORKING
            and Capability.INVITE in capabilities_of(one.id, uow=viewer.uow(), operators=self.ports.operators)
        ]

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.COUNTERPARTIES)
        return viewer


def harmless(cell: str) -> str:
    """A cell that no table program takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _folders(card: BatchCard, folder: str) -> tuple[views.Folder, ...]:
    known = {name for name, _, _ in FOLDERS}
    current = folder if folder in known else "all"
    return tuple(
        views.Folder(
            label=label,
            url=f"?folder={name}",
            current=name == current,
            count=sum(not states or row.outcome in states for row in card.rows),
            todo=name == "attention",
        )
        for name, label, states in FOLDERS
    )


def _earlier(one: BatchCount, viewer: Viewer) -> EarlierBatch:
    counts = {name: sum(one.outcomes.get(state, 0) for state in states) for name, _, states in FOLDERS}
    return EarlierBatch(
        report=views.Link(label=one.file_name, url=viewer.url(f"/exchange/invitations/{one.id}")),
        at=one.at,
        by=one.by,
        rows=sum(one.outcomes.values()),
        invited=counts["invited"],
        attention=counts["attention"],
        waiting=counts["waiting"],
    )


def _row(row: BatchLine, viewer: Viewer) -> BatchRow:
    return BatchRow(
        number=row.number,
        inn=row.inn,
        kpp=row.kpp or "",
        name=row.name,
        status=status("invitation", row.outcome),
        reason=row.reason or "",
        url=viewer.url(f"/exchange/counterparties/{row.relation_id}") if row.relation_id else "",
    )
