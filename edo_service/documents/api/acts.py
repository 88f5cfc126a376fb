"""Acts upon documents, each carried out once per Idempotency-Key: upload, send, answer, sign, refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

import signing
from edo_service import formats
from edo_service.documents import queries
from edo_service.documents.api.shapes import (
    PREFIX,
    AnswerBody,
    ApiPorts,
    Checked,
    ClarifyBody,
    ContractQuery,
    Created,
    Discarded,
    Done,
    FileQuery,
    Frozen,
    OwnKeyBody,
    Promised,
    RefusalBody,
    SendBody,
    Signed,
    checked_shown,
    frozen_shown,
)
from edo_service.documents.use_cases.answer import Answer, change_mind, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.clarify import prepare_request
from edo_service.documents.use_cases.clear_doubt import clear_doubt
from edo_service.documents.use_cases.discard import discard_draft
from edo_service.documents.use_cases.send import send_document, take_back
from edo_service.documents.use_cases.sign import accept_upload, sign_with_own_key
from edo_service.documents.use_cases.upload import MAX_FILE, preview_upd, upload_contract, upload_upd
from edo_service.errors import Conflict, NotFound, Rejected, Unavailable
from edo_service.kernel.actor import Right
from edo_service.kernel.money import Money
from edo_service.keys import queries as keys
from edo_service.portal import Viewer
from edo_service.portal.api import KEY_PARAMETER, Door, Raw, file_body, file_or_refusal
from edo_service.portal.forms import identifier

MAX_SIGNATURE = 1024 * 1024
XML, CMS = "application/xml", "application/pkcs7-signature"
AGREED = (
    "application/pdf",
    "image/jpeg",
    "image/png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    XML,
    "application/zip",
)
"""Files that two companies may agree upon; what a body really is, its bytes tell."""


@dataclass(frozen=True)
class ActsApi:
    """POST only."""

    door: Door
    ports: ApiPorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(prefix=PREFIX)
        keyed, xml = dict(KEY_PARAMETER), dict(file_body(XML))
        for path, act, shape, status, extra in (
            ("", self.upload, Created, 201, xml),
            ("/contracts", self.contract, Created, 201, dict(file_body(*AGREED))),
            ("/check", self.check, Checked, 200, {"requestBody": xml["requestBody"]}),
            ("/{document}/send", self.send, Promised, 202, keyed),
            ("/{document}/take-back", self.take_back, Done, 200, keyed),
            ("/{document}/discard", self.discard, Discarded, 200, keyed),
            ("/{document}/clear-doubt", self.clear_doubt, Done, 200, keyed),
            ("/{document}/prepare", self.prepare, Frozen, 200, keyed),
            ("/{document}/reject", self.reject, Frozen, 200, keyed),
            ("/{document}/clarify", self.clarify, Frozen, 200, keyed),
            ("/{document}/change-mind", self.change_mind, Done, 200, keyed),
            ("/{document}/sign", self.sign, Signed, 200, dict(file_body(CMS))),
            ("/{document}/sign-with-own-key", self.sign_with_own_key, Signed, 200, keyed),
        ):
            found.add_api_route(
                path, act, methods=["POST"], response_model=shape, status_code=status, openapi_extra=extra
            )
        return found

    def check(self, request: Request, org: str, query: Annotated[FileQuery, Query()], body: Raw) -> Checked:
        """Read and check a УПД or an УКД; nothing is stored. Needs no Idempotency-Key."""
        viewer = self._viewer(request, org)
        viewer.actor.require(Right.UPLOAD)
        content = file_or_refusal(body, limit=MAX_FILE)
        try:
            preview = preview_upd(
                content,
                query.file_name,
                actor=viewer.actor,
                uow=viewer.uow().reading(),
                official=self.ports.official,
                carries_ukd=None if self.ports.ukd is None else self.ports.ukd.carries,
            )
        except formats.FormatError as error:
            raise Rejected("document.upd_invalid", file_name=query.file_name, reason=error.text_ru) from error
        return checked_shown(preview)

    def upload(self, request: Request, org: str, query: Annotated[FileQuery, Query()], body: Raw) -> Response:
        """Keep a valid УПД 5.03 or УКД of 736@ of ours as a draft. The body is the XML."""
        viewer = self._viewer(request, org)

        def act() -> Created:
            content = file_or_refusal(body, limit=MAX_FILE)
            document_id = upload_upd(
                content,
                query.file_name,
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
                official=self.ports.official,
                carries_ukd=None if self.ports.ukd is None else self.ports.ukd.carries,
            )
            return Created(id=document_id, url=_base(org, document_id))

        return self.door.once(request, viewer, body, act, status=201)

    def contract(self, request: Request, org: str, query: Annotated[ContractQuery, Query()], body: Raw) -> Response:
        """Keep a contract or another agreed file for a counterparty with an account here. The body is the file."""
        viewer = self._viewer(request, org)

        def act() -> Created:
            document_id = upload_contract(
                file_or_refusal(body, limit=MAX_FILE),
                query.file_name,
                number=query.number,
                dated=query.dated,
                counterparty_id=query.counterparty,
                total=None if query.total is None else Money.of(query.total),
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
            )
            return Created(id=document_id, url=_base(org, document_id))

        return self.door.once(request, viewer, body, act, status=201)

    def send(self, request: Request, org: str, document: str, body: Raw, wish: SendBody | None = None) -> Response:
        """Promise to sign with the organisation's key and to send."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Promised:
            viewer.actor.require(Right.SEND)
            key_id = wish.key_id if wish else None
            job = send_document(found, actor=viewer.actor, uow=viewer.uow(), key_id=key_id)
            return Promised(id=found, job=job)

        return self.door.once(request, viewer, body, act, status=202)

    def take_back(self, request: Request, org: str, document: str, body: Raw) -> Response:
        """Back to the drafts while nothing is signed."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Done:
            viewer.actor.require(Right.SEND)
            take_back(found, actor=viewer.actor, uow=viewer.uow())
            return _done(viewer, found)

        return self.door.once(request, viewer, body, act)

    def discard(self, request: Request, org: str, document: str, body: Raw) -> Response:
        """Delete a draft that is neither signed nor sent. What is deleted already answers the same."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Discarded:
            discard_draft(found, actor=viewer.actor, uow=viewer.uow())
            return Discarded(id=found)

        return self.door.once(request, viewer, body, act)

    def clear_doubt(self, request: Request, org: str, document: str, body: Raw) -> Response:
        """Take a document in doubt that nobody has to answer as it is; what spoke against it stays beside it."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Done:
            viewer.actor.require(Right.SIGN)
            clear_doubt(found, actor=viewer.actor, uow=viewer.uow())
            return _done(viewer, found)

        return self.door.once(request, viewer, body, act)

    def prepare(
        self, request: Request, org: str, document: str, body: Raw, answer: AnswerBody | None = None
    ) -> Response:
        """Freeze what the recipient will sign."""
        viewer, found = self._viewer(request, org), identifier(document)
        wish = answer or AnswerBody()

        def act() -> Frozen:
            prepare_answer(
                found,
                answer=Answer(outcome=wish.outcome, remark=wish.remark),
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
                ukd=self.ports.ukd,
            )
            return self._frozen(viewer, org, found)

        return self.door.once(request, viewer, body, act)

    def reject(self, request: Request, org: str, document: str, body: Raw, refusal: RefusalBody) -> Response:
        """Freeze the refusal with its reason; it is signed as an answer is."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Frozen:
            prepare_refusal(
                found,
                reason=refusal.reason,
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
            )
            return self._frozen(viewer, org, found)

        return self.door.once(request, viewer, body, act)

    def clarify(self, request: Request, org: str, document: str, body: Raw, wish: ClarifyBody) -> Response:
        """Freeze a request for a correction (УоУ) with its text; it is signed as an answer is."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Frozen:
            prepare_request(
                found,
                text=wish.text,
                actor=viewer.actor,
                uow=viewer.uow(),
                objects=self.ports.objects,
                carries=self.ports.carries_requests,
            )
            return self._frozen(viewer, org, found)

        return self.door.once(request, viewer, body, act)

    def change_mind(self, request: Request, org: str, document: str, body: Raw) -> Response:
        """Discard a frozen answer, or a frozen request, that is not signed yet."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Done:
            change_mind(found, actor=viewer.actor, uow=viewer.uow())
            return _done(viewer, found)

        return self.door.once(request, viewer, body, act)

    def sign(self, request: Request, org: str, document: str, body: Raw) -> Response:
        """Take a detached signature made elsewhere over the frozen file. The body is the `.sig`."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Signed:
            content = file_or_refusal(body, limit=MAX_SIGNATURE)
            with _signing_errors():
                signature = accept_upload(found, content, actor=viewer.actor, uow=viewer.uow(), desk=self.ports.desk)
            return Signed(signature=signature, **_done(viewer, found).model_dump())

        return self.door.once(request, viewer, body, act)

    def sign_with_own_key(self, request: Request, org: str, document: str, body: Raw, wish: OwnKeyBody) -> Response:
        """Sign the frozen file with one's own key kept here, opened by its PIN for this act."""
        viewer, found = self._viewer(request, org), identifier(document)

        def act() -> Signed:
            viewer.actor.require(Right.SIGN)
            with _signing_errors():
                signature = sign_with_own_key(
                    found,
                    key_id=wish.key_id or _own_key(viewer),
                    pin=wish.pin,
                    actor=viewer.actor,
                    uow=viewer.uow(),
                    desk=self.ports.desk,
                    keys=self.ports.keys,
                )
            return Signed(signature=signature, **_done(viewer, found).model_dump())

        return self.door.once(request, viewer, body, act)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.door.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        return viewer

    def _frozen(self, viewer: Viewer, org: str, document_id: UUID) -> Frozen:
        card = queries.card(document_id, uow=viewer.uow().reading())
        part = card.part_to_sign
        if part is None:
            raise Conflict("document.nothing_to_sign", id=str(document_id))
        content = self.ports.objects.get(card.owner_id, part.sha256)
        return frozen_shown(part, content, _base(org, document_id))


def _base(org: str, document_id: UUID) -> str:
    return f"/api/v1/o/{org}/documents/{document_id}"


def _done(viewer: Viewer, document_id: UUID) -> Done:
    line = queries.card(document_id, uow=viewer.uow().reading()).line
    return Done(
        id=line.id,
        delivery=line.delivery,
        response=line.response,
        correction=line.correction,
        archive=line.archive,
    )


def _own_key(viewer: Viewer) -> UUID:
    uow = viewer.uow().reading()
    with uow:
        key = keys.personal_key(uow, viewer.actor.user_id)
    if key is None:
        raise NotFound("key.absent")
    return key.id


@contextmanager
def _signing_errors() -> Iterator[None]:
    try:
        yield
    except signing.TimestampFailed as error:
        raise Unavailable("document.tsa_silent") from error
    except signing.SigningError as error:
        raise Rejected("document.signature_unreadable", reason=str(error)) from error
