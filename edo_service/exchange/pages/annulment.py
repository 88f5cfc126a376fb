"""Annulment: a panel on the document's card, and the page where it is proposed, agreed to or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import recording
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, NotFound, Rejected, Unavailable
from edo_service.exchange import annulment_doubts as doubts
from edo_service.exchange import annulments
from edo_service.exchange.pages.ports import ExchangePorts
from edo_service.exchange.tables import Annulment
from edo_service.exchange.use_cases.annul import Unlock, answer_annulment, may_annul, propose_annulment
from edo_service.exchange.views import AnnulmentPage, AnnulmentPanel
from edo_service.kernel.actor import Right
from edo_service.keys import queries as keys
from edo_service.keys.queries import KeyCard
from edo_service.portal import Portal, Viewer
from edo_service.portal.desk import see_other
from edo_service.portal.forms import Asked, identifier, words
from edo_service.powers import queries as powers
from edo_service.powers.queries import UseCard
from edo_service.powers.words import by_power
from edo_service.texts import trouble_words
from edo_service.texts.failures import failure_words
from edo_service.web import views
from edo_service.web.statuses import status

SHOWN = {"proposing": "expected", "agreeing": "expected", "refusing": "expected", "failed": "refused"}
TEXTS = {
    "proposing": "Предложение аннулировать передаём оператору.",
    "expected": "Предложение у контрагента. Документ действует, пока он не согласится.",
    "required": "Контрагент предлагает аннулировать документ. Решайте вы: без согласия обеих сторон он действует.",
    "agreeing": "Ваше согласие передаём оператору.",
    "refusing": "Ваш отказ передаём оператору.",
    "annulled": "Обе стороны согласились. Документ и всё о нём остаётся у вас.",
    "refused": "Аннулирования не было, документ действует. Можно предложить ещё раз.",
    "failed": "Оператор предложение не принял, документ действует.",
}
GIVEN_BACK = frozenset({"failed", "required"})
"""States of a proposal whose last word of ours the operator has refused, when there is a trouble."""
BY_MESSAGE = ("Отказ", "Пришёл универсальным сообщением: подписи под ним не бывает.", "")


@dataclass(frozen=True)
class AnnulmentPages:
    """`/o/{org}/documents/{document}/annul`."""

    portal: Portal
    ports: ExchangePorts

    def router(self) -> APIRouter:
        """The routes; adds the panel to the card."""
        self.portal.slots.add_panel(60, panel)
        found = APIRouter()
        base = "/o/{org}/documents/{document}/annul"
        found.add_api_route(base, self.ask, methods=["GET"])
        found.add_api_route(base, self.keep, methods=["POST"])
        return found

    def ask(self, request: Request, org: str, document: str) -> Response:
        """What is to be decided, and by which key it is signed."""
        viewer = self._viewer(request, org)
        return self._page(request, viewer, document, views.EMPTY_FORM)

    def keep(
        self,
        request: Request,
        org: str,
        document: str,
        *,
        act: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        pin: Annotated[str, Form()] = "",
        proposal: Annotated[str, Form()] = "",
    ) -> Response:
        """Sign and promise: `act` is propose, accept or refuse; `proposal` is the one that was read with the form."""
        viewer = self._viewer(request, org)
        asked, found = Asked({"reason": reason}), identifier(document)
        url = viewer.url(f"/documents/{found}")
        _document(viewer, found)
        last = _last(viewer, found)
        if act not in {"propose", "accept", "refuse"}:
            raise NotFound("request.absent")
        try:
            still(last, proposal)
            unlock = self._unlock(viewer, found, pin)
            common = {"unlock": unlock, "actor": viewer.actor, "uow": viewer.uow(), "desk": self.ports.desk}
            if act == "propose":
                propose_annulment(found, reason=reason, **common)  # type: ignore[arg-type]  # names of one call's ports
            elif last is None:
                return see_other(url, said="already")
            else:
                answer_annulment(last.id, consent=act == "accept", reason=reason, **common)  # type: ignore[arg-type]  # as above
        except Conflict as error:
            if error.code == "exchange.annulment_changed":
                asked.refuse("reason", words(error))
                return self._page(request, viewer, document, asked.form, status=409)
            if error.code.startswith("exchange.annulment"):
                return see_other(url, said="already")
            asked.refuse("pin", words(error))
        except (Rejected, Unavailable) as error:
            asked.refuse("reason" if error.code.startswith("document.reason") else "pin", words(error))
        if asked.errors:
            return self._page(request, viewer, document, asked.form, status=422)
        return see_other(url, said="relation_asked")

    def _unlock(self, viewer: Viewer, document: UUID, pin: str) -> Unlock:
        """The organisation's key on the server for who may use it, else her own by PIN."""
        server, own = _keys(viewer)
        room, uow = self.ports.keys, viewer.uow()
        if server is not None:
            return lambda: room.unlock_server_key(server.id, actor=viewer.actor, uow=uow)
        if own is None:
            raise Rejected("key.none_usable")
        return lambda: room.unlock_personal(
            own.id, pin=pin, purpose=f"annulment:{document}", actor=viewer.actor, uow=uow
        )

    def _page(
        self, request: Request, viewer: Viewer, document: str, form: views.Form, *, status: int = 200
    ) -> Response:
        found = identifier(document)
        row = _document(viewer, found)
        last, (server, own) = _last(viewer, found), _keys(viewer)
        answering = last is not None and last.state == "required"
        key = server or own
        view = AnnulmentPage(
            title=row.title,
            counterparty=row.counterparty_name,
            answering=answering,
            reason=last.reason if last is not None and answering else "",
            proposal=_id(last),
            action=viewer.url(f"/documents/{found}/annul"),
            back_url=viewer.url(f"/documents/{found}"),
            key=f"{key.label}, действует до {key.not_after:%d.%m.%Y}" if key else "",
            pin_needed=server is None,
            form=form,
            blocked=_blocked(row, last, key),
            doubt=trouble_words(last.offer_objection)
            if last is not None and answering and last.offer_objection
            else "",
            refusal_only=last is not None and answering and doubts.stops_consent(last),
        )
        return self.portal.show(
            request, "exchange/annulment.html", view, viewer=viewer, section="documents", status=status
        )

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.ANNUL)
        return viewer


def panel(viewer: Viewer, document: str) -> views.Panel | None:
    """How an annulment stands, or where one is proposed; nothing for a document that cannot be annulled."""
    found = UUID(document)
    row = _document(viewer, found)
    last = _last(viewer, found)
    may, url = viewer.may(Right.ANNUL), viewer.url(f"/documents/{found}/annul")
    if last is None and not (may and may_annul(row)):
        return None
    again = last is None or last.state in {"refused", "failed"}
    view = AnnulmentPanel(
        status=status("annulment", SHOWN.get(last.state, last.state)) if last else None,
        text=TEXTS.get(last.state, "") if last else "Подписанный документ отменяют по согласию сторон.",
        reason=last.reason if last else "",
        answer=(last.answer_text or "") if last else "",
        trouble=trouble_of(last) if last else "",
        trace_id=(last.trace_id or "") if last and trouble_of(last) else "",
        signatures=_signatures(viewer, last) if last else (),
        url=url if may and ((last is not None and last.state == "required") or (again and may_annul(row))) else "",
        label="Согласиться или отказать"
        if last is not None and last.state == "required"
        else "Предложить аннулировать",
        todo=last is not None and last.state == "required",
    )
    return views.Panel(template="exchange/annulment_panel.html", view=view, place="aside")


def trouble_of(row: Annulment) -> str:
    """Why our word waits, or why the operator gave it back; nothing once the other side's word has ended the matter."""
    return failure_words(row.trouble) if row.trouble and (row.act or row.state in GIVEN_BACK) else ""


def _signatures(viewer: Viewer, row: Annulment) -> tuple[tuple[str, str, str], ...]:
    with viewer.uow().reading() as uow:
        return words_of_signatures(row, powers.uses(uow, row.document_id))


def words_of_signatures(row: Annulment, uses: Mapping[UUID, UseCard]) -> tuple[tuple[str, str, str], ...]:
    """The signatures of an annulment of which something is to say: whose, by which power, what speaks against it.

    A refusal without a signature is an УС: that is said, since every other answer has one.
    """
    found: tuple[tuple[str, Literal["offer", "answer"], str | None, str | None], ...] = (
        ("Подпись под предложением", "offer", row.signature_sha256, row.offer_objection),
        ("Подпись под ответом", "answer", row.answer_signature_sha256, row.answer_objection),
    )
    lines = (
        (whose, by_power(uses.get(annulments.signature_key(row, what))), trouble_words(doubt) if doubt else "")
        for whose, what, sha256, doubt in found
        if sha256
    )
    unsigned = row.state == "refused" and row.answer_sha256 is not None and row.answer_signature_sha256 is None
    return (*(line for line in lines if line[1] or line[2]), *((BY_MESSAGE,) if unsigned else ()))


def _document(viewer: Viewer, document: UUID) -> Document:
    """The company's document; NotFound for an absent and for a foreign one."""
    uow = viewer.uow().reading()
    with uow:
        return recording.take(uow, document)


def _last(viewer: Viewer, document: UUID) -> Annulment | None:
    uow = viewer.uow().reading()
    with uow:
        return next(iter(annulments.of_document(uow, document)), None)


def still(last: Annulment | None, proposal: str) -> None:
    """Conflict when the newest proposal is not the one that she has read: `exchange.annulment_changed` when it is theirs."""
    if proposal != _id(last):
        theirs = last is not None and last.state == "required"
        raise Conflict("exchange.annulment_changed" if theirs else "exchange.annulment_open")


def _id(row: Annulment | None) -> str:
    return "" if row is None else str(row.id)


def _keys(viewer: Viewer) -> tuple[KeyCard | None, KeyCard | None]:
    """The server's key that this person may use, and her own."""
    uow = viewer.uow().reading()
    with uow:
        own = keys.personal_key(uow, viewer.actor.user_id)
        try:
            return keys.organization_key(uow, actor=viewer.actor), own
        except Conflict:
            return None, own


def _blocked(document: Document, last: Annulment | None, key: KeyCard | None) -> str:
    """Why nothing can be done on the page now."""
    if last is not None and last.state not in {"required", "refused", "failed"}:
        return TEXTS.get(last.state, "")
    if (last is None or last.state != "required") and not may_annul(document):
        return "Аннулировать можно документ, который прошёл через оператора и подписан всеми, кто должен."
    if key is None:
        return "Подписать нечем: на портале нет действующего ключа, которым можете подписать вы."
    return ""
