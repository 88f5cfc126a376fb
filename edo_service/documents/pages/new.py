"""A new document: the file is read, checked and shown; what cannot be sent is shown with the reasons and not stored."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from edo_service import formats
from edo_service.documents import queries
from edo_service.documents.pages.marks import findings_of
from edo_service.documents.pages.parsed import preview_page
from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.use_cases.upload import MAX_FILE, inspected, preview_upd, upload_contract, upload_upd
from edo_service.documents.views import FindingRow, Findings, NewPage
from edo_service.errors import Conflict, EdoError, NotFound, Rejected
from edo_service.kernel import idempotency
from edo_service.kernel.actor import Right
from edo_service.parties import queries as parties
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.web import views

KINDS = (
    views.Choice(
        value="upd", label="УПД или УКД", hint="Файл XML. Прочитаем, проверим и покажем до сохранения", selected=True
    ),
    views.Choice(
        value="contract",
        label="Договор или другой файл",
        hint="PDF, JPEG, PNG, DOCX, XML или ZIP. Контрагенту с кабинетом здесь уйдёт напрямую, остальным через оператора",
    ),
)


LONGEST_NAME = 200


@dataclass(frozen=True)
class Typed:
    """What was typed beside the file; all but `kind` are for contracts and other files."""

    kind: Annotated[str, Form()] = "upd"
    counterparty: Annotated[str, Form()] = ""
    name: Annotated[str, Form()] = ""
    number: Annotated[str, Form()] = ""
    day: Annotated[str, Form()] = ""
    sum: Annotated[str, Form()] = ""


@dataclass(frozen=True, kw_only=True)
class Picked:
    """An uploaded file."""

    name: str
    content: bytes


@dataclass(frozen=True)
class NewPages:
    """`/o/{org}/documents/new`, `…/new/save`."""

    portal: Portal
    ports: DocumentPorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        found.add_api_route("/o/{org}/documents/new", self.ask, methods=["GET"])
        found.add_api_route("/o/{org}/documents/new", self.take, methods=["POST"])
        found.add_api_route("/o/{org}/documents/new/save", self.save, methods=["POST"])
        return found

    def ask(self, request: Request, org: str) -> Response:
        """The form."""
        viewer = self._viewer(request, org)
        return self._form(request, viewer, views.EMPTY_FORM)

    def take(
        self,
        request: Request,
        org: str,
        typed: Annotated[Typed, Depends()],
        file: Annotated[UploadFile | str | None, File()] = None,
    ) -> Response:
        """Read the file: a УПД or an УКД is shown checked, a contract or another file becomes a draft."""
        viewer = self._viewer(request, org)
        asked = Asked(asdict(typed))
        picked = _picked(file, asked)
        if picked is None:
            return self._form(request, viewer, asked.form, status=422)
        if typed.kind == "contract":
            return self._contract(request, viewer, asked, picked)
        return self._upd(request, viewer, asked, picked)

    def save(
        self,
        request: Request,
        org: str,
        sha256: Annotated[str, Form()] = "",
        file_name: Annotated[str, Form()] = "",
    ) -> Response:
        """Keep the shown УПД or УКД as a draft. Pressed twice, it is one draft."""
        viewer = self._viewer(request, org)
        content = self.ports.objects.get(viewer.actor.entity, sha256)

        def keep() -> UUID:
            return upload_upd(
                content,
                file_name,
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
                official=self.ports.official,
                carries_ukd=None if self.ports.ukd is None else self.ports.ukd.carries,
            )

        try:
            return self._once(viewer, f"upd:{sha256}", keep)
        except Rejected as error:
            asked = Asked({"kind": "upd"})
            asked.refuse("file", words(error))
            return self._form(request, viewer, asked.form, status=422)

    def _upd(self, request: Request, viewer: Viewer, asked: Asked, picked: Picked) -> Response:
        try:
            preview = preview_upd(
                picked.content,
                picked.name,
                actor=viewer.actor,
                uow=viewer.uow().reading(),
                official=self.ports.official,
                carries_ukd=None if self.ports.ukd is None else self.ports.ukd.carries,
            )
        except formats.FormatError as error:
            return self._unreadable(request, viewer, asked, picked, error)
        if preview.result.kind is None:
            return self._form(
                request, viewer, asked.form, status=422, findings=findings_of(picked.name, preview.result)
            )
        sha256 = ""
        if preview.may_be_sent:
            sha256 = self.ports.objects.put(picked.content, owner=viewer.actor.entity)
        view = preview_page(preview, picked.name, picked.content, viewer=viewer, sha256=sha256)
        status = 200 if preview.may_be_sent else 422
        return self.portal.show(
            request, "documents/parsed.html", view, viewer=viewer, section="documents", status=status
        )

    def _unreadable(
        self, request: Request, viewer: Viewer, asked: Asked, picked: Picked, error: formats.FormatError
    ) -> Response:
        row = FindingRow(path=error.element or "—", line=error.line, message=error.text_ru)
        findings = Findings(file_name=picked.name, format="", violations=(row,))
        return self._form(request, viewer, asked.form, status=422, findings=findings)

    def _contract(self, request: Request, viewer: Viewer, asked: Asked, picked: Picked) -> Response:
        try:
            inspected(picked.content, picked.name)
        except Rejected as error:
            asked.refuse("file", str(error.params["reason"]))
        name = asked.text("name")
        if len(name) > LONGEST_NAME:
            asked.refuse("name", f"Название: сократите до {LONGEST_NAME} знаков")
        number = asked.needed("number", "Номер: напишите номер договора")
        if len(number) > 100:
            asked.refuse("number", "Номер: сократите до 100 знаков")
        day = asked.day("day", "Дата")
        if day is None and not asked.form.error("day"):
            asked.refuse("day", "Дата: напишите день договора как 17.11.2026")
        total = asked.sum("sum", "Сумма")
        if not asked.text("counterparty"):
            asked.refuse("counterparty", "Кому: выберите контрагента")
        if asked.errors or day is None:
            return self._form(request, viewer, asked.form, status=422)
        key = hashlib.sha256("\n".join((name, number, str(day), asked.text("counterparty"))).encode() + picked.content)

        def keep() -> UUID:
            return upload_contract(
                picked.content,
                picked.name,
                name=name,
                number=number,
                dated=day,
                counterparty_id=identifier(asked.text("counterparty")),
                total=total,
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
            )

        try:
            return self._once(viewer, f"contract:{key.hexdigest()}", keep)
        except (Rejected, NotFound) as error:
            asked.refuse(
                "counterparty" if isinstance(error, NotFound) or error.code == "document.not_here" else "file",
                words(error),
            )
            return self._form(request, viewer, asked.form, status=422)

    def _once(self, viewer: Viewer, key: str, keep: Callable[[], UUID]) -> Response:
        """One draft for one press of the button, however often it is pressed; what is there already is shown."""
        try:
            begun = idempotency.begin(
                key=key, owner_id=viewer.actor.entity, route="documents/new", body=key.encode(), uow=viewer.uow()
            )
        except Conflict:
            return see_other(viewer.url("/documents?folder=drafts"), said="already")
        if isinstance(begun, idempotency.Replay):
            known = identifier(begun.body.decode())
            return _shown(viewer, known, "already") if _is_kept(viewer, known) else self._kept(viewer, keep)
        try:
            answer = self._kept(viewer, keep)
        except EdoError:
            idempotency.forget(begun.request_id, uow=viewer.uow())
            raise
        kept = answer.headers["location"].rpartition("/")[2]
        finished = idempotency.Replay(status=303, headers={}, body=kept.encode())
        idempotency.finish(begun.request_id, answer=finished, uow=viewer.uow())
        return answer

    @staticmethod
    def _kept(viewer: Viewer, keep: Callable[[], UUID]) -> Response:
        try:
            return _shown(viewer, keep(), "saved")
        except Conflict as error:
            if error.code != "document.uploaded_already":
                raise
            return _shown(viewer, identifier(str(error.params["id"])), "already")

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.UPLOAD)
        return viewer

    def _form(
        self,
        request: Request,
        viewer: Viewer,
        form: views.Form,
        *,
        status: int = 200,
        findings: Findings | None = None,
    ) -> Response:
        uow = viewer.uow().reading()
        with uow:
            known = parties.counterparties(uow)
        choices = [views.Choice(value="", label="Выберите контрагента")]
        choices += [
            views.Choice(value=str(one.id), label=f"{one.name}, ИНН {one.inn}") for one in known if one.entity_id
        ]
        view = NewPage(
            form=form,
            action=viewer.url("/documents/new"),
            kinds=KINDS,
            counterparties=tuple(choices),
            back_url=viewer.url("/documents"),
            findings=findings,
        )
        return self.portal.show(request, "documents/new.html", view, viewer=viewer, section="documents", status=status)


def _is_kept(viewer: Viewer, document_id: UUID) -> bool:
    """False for a document that failed or was discarded since: the file may be uploaded again."""
    try:
        return queries.card(document_id, uow=viewer.uow().reading()).line.delivery != "failed"
    except NotFound:
        return False


def _shown(viewer: Viewer, document_id: UUID, said: str) -> Response:
    return see_other(viewer.url(f"/documents/{document_id}"), said=said)


def _picked(file: UploadFile | str | None, asked: Asked) -> Picked | None:
    if file is None or isinstance(file, str) or not file.filename:
        asked.refuse("file", "Файл документа: выберите файл")
        return None
    content = file.file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        asked.refuse("file", f"Файл документа: {file.filename} больше 25 МБ. Уменьшите его или разделите")
        return None
    if not content:
        asked.refuse("file", f"Файл документа: {file.filename} пуст")
        return None
    return Picked(name=file.filename.replace("\\", "/").rpartition("/")[2][:255], content=content)
