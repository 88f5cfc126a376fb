"""The business order of answers: who may add what to a document, and when. Pure; every refusal is a WrongState.

Follows Приказ Минфина 05.02.2021 № 14н and the operator's description of УПД (СЧФ, ДОП, СЧФДОП) and of non-formalised
documents: a receipt (ИоП) and the response are two independent axes; a request for correction (УоУ) closes nothing.
"""

from dataclasses import replace

from operators.sandbox.exchange.model import (
    OPEN_RESPONSES,
    TITLE_FUNCTIONS,
    Answer,
    Document,
    Response,
    Revocation,
)
from operators.sandbox.exchange.refusals import WrongState

WRONG_SIGNATURES_A_DAY = 3


def first_response(*, is_formal: bool, function: str, signature_requested: bool) -> Response:
    """Return the response axis of a new document."""
    needed = function in TITLE_FUNCTIONS if is_formal else signature_requested
    return Response.WAITING if needed else Response.NOT_NEEDED


def check_author(*, is_recipient: bool, delivered: bool) -> None:
    """Only the recipient answers, and only what has reached it."""
    if not is_recipient:
        raise WrongState("Ответить на документ может только его получатель")
    if not delivered:
        raise WrongState("Документ ещё не доставлен получателю")


def check_answer(document: Document, kind: Answer) -> None:
    """Check a recipient's answer against the document's axes."""
    if document.revocation is Revocation.ACCEPTED:
        raise WrongState("Документ аннулирован")
    if kind is Answer.RECEIPT:
        _check_receipt(document)
    elif kind is Answer.CORRECTION:
        _check_correction(document)
    else:
        _check_response(document, kind)


def check_title_receipt(document: Document, kind: Answer, *, is_sender: bool) -> None:
    """Check the seller's receipt on the buyer's title."""
    if kind is not Answer.RECEIPT:
        raise WrongState("На титул покупателя отправляют только извещение о получении")
    if not is_sender:
        raise WrongState("Извещение о получении титула покупателя отправляет продавец")
    if not document.title_receipt:
        raise WrongState("Извещение о получении титула покупателя не запрошено")
    if document.title_receipt_at is not None:
        raise WrongState("Извещение о получении титула покупателя уже отправлено")


def after_answer(document: Document, kind: Answer, *, at: int, outcome: Response, title_receipt: bool) -> Document:
    """Return the document's axes after an accepted answer; `outcome` is what a title's КодИтога says."""
    if kind is Answer.RECEIPT:
        return replace(document, receipt_at=at)
    if kind is Answer.CORRECTION:
        return replace(document, correction_at=at)
    if kind is Answer.REJECTION:
        return replace(document, response=Response.REJECTED)
    if kind is Answer.TITLE:
        return replace(document, response=outcome, title_receipt=title_receipt)
    return replace(document, response=Response.SIGNED)


def after_title_receipt(document: Document, *, at: int) -> Document:
    """Return the axes after the seller's receipt on the buyer's title."""
    return replace(document, title_receipt_at=at)


def after_wrong_signature(document: Document, kind: Answer) -> Document:
    """Return the axes after an answer whose signature does not fit.

    A wrong title or signature shows on the response.
    """
    if kind in {Answer.TITLE, Answer.SIGNATURE}:
        return replace(document, response=Response.INVALID)
    return document


def check_proposal(document: Document, *, delivered: bool, on_document: bool) -> None:
    """Either side proposes to annul what both have finished: an invoice (СЧФ) as soon as it is delivered."""
    if not on_document:
        raise WrongState("Предложение об аннулировании отправляют по документу")
    if not delivered:
        raise WrongState("Документ ещё не доставлен получателю")
    if document.revocation is Revocation.ACCEPTED:
        raise WrongState("Документ уже аннулирован")
    if document.revocation is Revocation.PROPOSED:
        raise WrongState("Предложение об аннулировании уже отправлено")
    if document.response in OPEN_RESPONSES or document.response is Response.REJECTED:
        raise WrongState("Аннулировать можно документ, по которому завершён документооборот")


def check_answer_to_proposal(document: Document, kind: Answer, *, box: str, proposal: str) -> None:
    """The other side signs the proposal or refuses it, once."""
    if kind not in {Answer.SIGNATURE, Answer.REJECTION}:
        raise WrongState("На предложение об аннулировании отвечают подписью или отказом")
    if document.revocation is not Revocation.PROPOSED or document.revocation_id != proposal:
        raise WrongState("На предложение об аннулировании уже дан ответ")
    if box == document.revocation_by:
        raise WrongState("На своё предложение об аннулировании ответить нельзя")


def after_proposal(document: Document, *, by: str, proposal: str) -> Document:
    """Return the axes after a proposal of annulment; after a refusal a new one is possible."""
    return replace(document, revocation=Revocation.PROPOSED, revocation_by=by, revocation_id=proposal)


def after_answer_to_proposal(document: Document, kind: Answer) -> Document:
    """Return the axes after the answer to a proposal."""
    accepted = kind is Answer.SIGNATURE
    return replace(document, revocation=Revocation.ACCEPTED if accepted else Revocation.REFUSED)


def _check_receipt(document: Document) -> None:
    if not document.is_formal and not document.needs_receipt:
        raise WrongState("Извещение о получении этого документа не запрошено")
    if document.receipt_at is not None:
        raise WrongState("Извещение о получении уже отправлено")


def _check_correction(document: Document) -> None:
    if not document.is_formal:
        raise WrongState("Уведомление об уточнении для неформализованного документа не предусмотрено")
    if document.correction_at is not None:
        raise WrongState("Уведомление об уточнении уже отправлено")


def _check_response(document: Document, kind: Answer) -> None:
    if document.response is Response.NOT_NEEDED:
        raise WrongState("Ответ на этот документ не предусмотрен")
    if document.response not in OPEN_RESPONSES:
        raise WrongState("На документ уже дан ответ")
    if kind is Answer.SIGNATURE and document.is_formal:
        raise WrongState("Документ подписывается титулом получателя, а не подписью без титула")
    if kind is Answer.TITLE and not document.is_formal:
        raise WrongState("Для неформализованного документа титул получателя не предусмотрен")
