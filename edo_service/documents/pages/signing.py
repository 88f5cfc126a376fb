"""The recipient's acts: prepare the answer, sign it by one of the ways, change one's mind, refuse; each is a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

import signing
from edo_service.documents import queries
from edo_service.documents.pages import presenting, words
from edo_service.documents.pages.card import SHOWN_CONFLICTS, CardPages, once
from edo_service.documents.pages.panel import (
    ACCEPTED,
    WITH_REMARKS,
    company_name,
    frozen,
    signer_of,
    ways,
)
from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.queries import Card
from edo_service.documents.use_cases.answer import MAX_REASON, Answer, change_mind, prepare_answer, prepare_refusal
from edo_service.documents.use_cases.clarify import promise_signature, request_text
from edo_service.documents.use_cases.sign import accept_upload, sign_with_own_key
from edo_service.documents.views import RejectPage, SignPage
from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, refused
from edo_service.web import views

MAX_SIGNATURE = 1024 * 1024
MAX_REMARK = 500
ASKED_UNDO = "Отправленный запрос отозвать нельзя. Документ остаётся в силе, пока не придёт исправление."


@dataclass(frozen=True)
class SigningPages:
    """`…/prepare`, `…/sign`, `…/change-mind`, `…/reject`."""

    portal: Portal
    ports: DocumentPorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        base = "/o/{org}/documents/{document}"
        found.add_api_route(f"{base}/prepare", self.prepare, methods=["POST"])
        found.add_api_route(f"{base}/sign", self.show, methods=["GET"])
        found.add_api_route(f"{base}/sign", self.sign, methods=["POST"])
        found.add_api_route(f"{base}/change-mind", self.change_mind, methods=["POST"])
        found.add_api_route(f"{base}/reject", self.ask_reason, methods=["GET"])
        found.add_api_route(f"{base}/reject", self.reject, methods=["POST"])
        return found

    def prepare(
        self,
        request: Request,
        org: str,
        document: str,
        answer: Annotated[str, Form()] = ACCEPTED,
        remark: Annotated[str, Form()] = "",
    ) -> Response:
        """Freeze what will be signed, then show it."""
        viewer, card = self._begin(request, org, document)
        asked = Asked({"answer": answer, "remark": remark.strip()})
        if answer not in {ACCEPTED, WITH_REMARKS}:
            asked.refuse("answer", "Ваш ответ: выберите один из предложенных")
        if answer == WITH_REMARKS and not asked.text("remark"):
            asked.refuse("remark", "Какие расхождения: напишите, контрагент это увидит")
        if len(remark) > MAX_REMARK:
            asked.refuse("remark", f"Какие расхождения: сократите до {MAX_REMARK} знаков")
        if not asked.errors:
            try:
                return once(
                    viewer.url(f"/documents/{card.line.id}/sign"),
                    lambda: prepare_answer(
                        card.line.id,
                        answer=Answer(outcome=answer, remark=asked.text("remark") or None),
                        actor=viewer.actor,
                        uow=viewer.uow(),
                        objects=self.ports.objects,
                        ukd=self.ports.ukd,
                    ),
                    "",
                )
            except (Rejected, Unavailable) as error:
                asked.errors.extend(refused(error, "answer").errors)
        view = CardPages(self.portal, self.ports).view(card, viewer, form=asked.form)
        return self.portal.show(request, "documents/card.html", view, viewer=viewer, section="documents", status=422)

    def show(self, request: Request, org: str, document: str) -> Response:
        """What is signed, for whom, the whole hash, the ways. Without anything to sign the card is shown."""
        viewer, card = self._begin(request, org, document)
        return self._page(request, card, viewer)

    def sign(
        self,
        request: Request,
        org: str,
        document: str,
        way: Annotated[str, Form()] = "",
        key_id: Annotated[str, Form()] = "",
        pin: Annotated[str, Form()] = "",
        signature: Annotated[UploadFile | str | None, File()] = None,
    ) -> Response:
        """Sign the frozen file with one's own key, or take the signature made elsewhere."""
        viewer, card = self._begin(request, org, document)
        asking = card.line.correction == "prepared"
        if way not in {"own", "upload", *(("server",) if asking else ())}:
            raise Rejected("document.way_unknown")
        url = viewer.url(f"/documents/{card.line.id}")
        said = "clarified" if asking else "refused" if card.line.response == "refusal_prepared" else "signed"
        try:
            if way == "server":
                promise_signature(card.line.id, actor=viewer.actor, uow=viewer.uow())
            elif way == "own":
                self._with_own_key(card, viewer, key_id, pin)
            else:
                self._with_upload(card, viewer, signature)
        except Conflict as error:
            if error.code not in SHOWN_CONFLICTS:
                raise
            return see_other(url, said=SHOWN_CONFLICTS[error.code])
        except (Rejected, Unavailable) as error:
            form = refused(error, {"own": "pin", "upload": "signature"}.get(way, ""))
            status = 422 if isinstance(error, Rejected) else 503
            return self._page(request, card, viewer, refusal=(way, form), status=status)
        return see_other(url, said=said)

    def change_mind(self, request: Request, org: str, document: str) -> Response:
        """Discard the frozen answer while it is not signed."""
        viewer, card = self._begin(request, org, document)
        url = viewer.url(f"/documents/{card.line.id}")
        return once(url, lambda: change_mind(card.line.id, actor=viewer.actor, uow=viewer.uow()), "")

    def ask_reason(self, request: Request, org: str, document: str) -> Response:
        """Why the signature is refused."""
        viewer, card = self._begin(request, org, document, right=Right.REJECT)
        if card.line.response != "required":
            return see_other(viewer.url(f"/documents/{card.line.id}"))
        return self._reject_page(request, card, viewer, views.EMPTY_FORM)

    def reject(self, request: Request, org: str, document: str, reason: Annotated[str, Form()] = "") -> Response:
        """Freeze the refusal, then show it to be signed."""
        viewer, card = self._begin(request, org, document, right=Right.REJECT)
        try:
            return once(
                viewer.url(f"/documents/{card.line.id}/sign"),
                lambda: prepare_refusal(
                    card.line.id, reason=reason, actor=viewer.actor, uow=viewer.uow(), objects=self.ports.objects
                ),
                "",
            )
        except Rejected as error:
            form = refused(error, "reason", {"reason": reason})
            return self._reject_page(request, card, viewer, form, status=422)

    def _begin(self, request: Request, org: str, document: str, *, right: Right = Right.SIGN) -> tuple[Viewer, Card]:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        card = queries.card(identifier(document), uow=viewer.uow().reading())
        viewer.actor.require(right)
        return viewer, card

    def _with_own_key(self, card: Card, viewer: Viewer, key_id: str, pin: str) -> None:
        if not pin.strip():
            raise Rejected("key.pin_empty")
        with _signing_errors():
            sign_with_own_key(
                card.line.id,
                key_id=identifier(key_id),
                pin=pin.strip(),
                actor=viewer.actor,
                uow=viewer.uow(),
                desk=self.ports.desk,
                keys=self.ports.keys,
            )

    def _with_upload(self, card: Card, viewer: Viewer, signature: UploadFile | str | None) -> None:
        content = b"" if signature is None or isinstance(signature, str) else signature.file.read(MAX_SIGNATURE + 1)
        if not content:
            raise Rejected("document.signature_empty")
        if len(content) > MAX_SIGNATURE:
            raise Rejected("document.signature_too_large")
        with _signing_errors():
            accept_upload(card.line.id, content, actor=viewer.actor, uow=viewer.uow(), desk=self.ports.desk)

    def _page(
        self,
        request: Request,
        card: Card,
        viewer: Viewer,
        *,
        refusal: tuple[str, views.Form] | None = None,
        status: int = 200,
    ) -> Response:
        url = viewer.url(f"/documents/{card.line.id}")
        part = card.part_to_sign
        if part is None:
            return see_other(url)
        asking, draft = card.line.correction == "prepared", words.is_draft(card.line)
        refusing = card.line.response == "refusal_prepared" and not asking
        facts = list(presenting.facts(card))
        facts.append(views.Fact(label="Кому" if draft else "От кого", text=card.line.counterparty_name))
        if refusing:
            facts.append(views.Fact(label="Причина отказа", text=card.refusal_reason or ""))
        if asking:
            text = request_text(self.ports.objects.get(card.owner_id, part.sha256))
            facts.append(views.Fact(label="Что исправить", text=text))
        view = SignPage(
            title=f"{'Запрос уточнения: ' if asking else 'Отказ: ' if refusing else 'Подписать: '}{card.line.title}",
            document=views.Link(label=card.line.title, url=url),
            company=company_name(viewer),
            signer=signer_of(viewer),
            facts=tuple(facts),
            frozen=frozen(card, part, viewer=viewer, ports=self.ports),
            ways=ways(card, part, viewer=viewer, refused=refusal),
            answer=_answer(asking=asking, refusing=refusing, draft=draft),
            undo=ASKED_UNDO if asking else SignPage.undo,
            change_url="" if draft else f"{url}/change-mind",
        )
        return self.portal.show(request, "documents/sign.html", view, viewer=viewer, section="documents", status=status)

    def _reject_page(
        self, request: Request, card: Card, viewer: Viewer, form: views.Form, *, status: int = 200
    ) -> Response:
        url = viewer.url(f"/documents/{card.line.id}")
        view = RejectPage(
            title=f"Отказать в подписи: {card.line.title}",
            document=views.Link(label=card.line.title, url=url),
            counterparty=card.line.counterparty_name,
            form=form,
            action=f"{url}/reject",
            limit=MAX_REASON,
            signer=signer_of(viewer),
        )
        return self.portal.show(
            request, "documents/reject.html", view, viewer=viewer, section="documents", status=status
        )


def _answer(*, asking: bool, refusing: bool, draft: bool) -> str:
    if draft:
        return ""
    return "Запрос уточнения" if asking else "Отказ в подписи" if refusing else "Документ принят"


@contextmanager
def _signing_errors() -> Iterator[None]:
    """Errors of the signing library as ours: a silent TSA may be asked again, anything else refuses the signature."""
    try:
        yield
    except signing.TimestampFailed as error:
        raise Unavailable("document.tsa_silent") from error
    except signing.SigningError as error:
        raise Rejected("document.signature_unreadable", reason=str(error)) from error
