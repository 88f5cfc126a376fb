"""The recipient asks for a correction: a notice (УоУ, DP_UVUTOCH of order 36@) with her text is frozen, then signed and sent.

It closes nothing: the document may be signed or refused meanwhile, and a mistake may be found after the signature too.
"""

from collections.abc import Callable
from uuid import UUID

from edo_service import formats
from edo_service.documents import held, papers, recording, rules
from edo_service.documents.tables import Document
from edo_service.documents.use_cases.answer import MAX_REASON, question_of
from edo_service.documents.use_cases.send import SIGN
from edo_service.documents.use_cases.sign import part_to_sign
from edo_service.errors import Conflict, Rejected
from edo_service.formats.service import CorrectionNotice
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys

MAX_TEXT = MAX_REASON
CarriesRequests = Callable[[UnitOfWork, UUID, str | None], bool]
"""Whether the operator of an owner's box carries requests for a correction."""


def may_ask(document: Document) -> bool:
    """Whether a correction of this document can be asked for: an incoming УПД or УКД of an operator, asked about once."""
    return (
        document.direction == rules.Direction.IN.value
        and document.kind in rules.FORMAL
        and document.route == rules.Route.OPERATOR.value
        and document.message_ref is not None
        and document.correction == "none"
        and document.response in rules.ASKABLE
    )


def prepare_request(
    document_id: UUID,
    *,
    text: str,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
    carries: CarriesRequests | None = None,
) -> str:
    """Freeze the request with its text (the seller will read it). Returns the SHA-256 of what is to be signed.

    `carries` tells whether the document's operator takes such a request: one that nobody can carry is not frozen.
    Raises Rejected (`document.clarification_empty`, `document.reason_too_long`, `document.clarification_invalid`),
    Conflict (`document.clarification_not_possible`, `document.clarification_not_carried`), NotFound, Forbidden.
    """
    actor.require(Right.REJECT)
    words = " ".join(text.split())
    if not words:
        raise Rejected("document.clarification_empty")
    if len(words) > MAX_TEXT:
        raise Rejected("document.reason_too_long", limit=MAX_TEXT)
    with uow:
        document = _askable(uow, document_id)
        if carries is not None and not carries(uow, document.owner_id, document.box):
            raise Conflict("document.clarification_not_carried", id=str(document_id))
        question = question_of(uow, document, actor)
    try:
        seller, signatures = question.seller(objects)
        notice = papers.refusal_notice(
            papers.buyer_and_seller(seller),
            file_name=seller.file_id,
            signatures=signatures,
            text=words,
            at=question.now,
            signer=question.member,
            power=question.power,
        )
        written = formats.write_correction_notice(notice)
    except formats.FormatError as error:
        raise Rejected("document.clarification_invalid", reason=str(error)) from error
    sha256 = objects.put(written.content, owner=question.owner_id)
    with uow:
        document = _askable(uow, document_id)
        recording.move(uow, document, "correction", rules.CorrectionEvent.PREPARE, actor=actor)
        recording.freeze(
            uow,
            document,
            role=rules.Role.CORRECTION_REQUEST,
            file_name=written.file_name,
            content=written.content,
            sha256=sha256,
        )
        uow.journal.write(
            "correction.prepared",
            owner_id=document.owner_id,
            subject=f"document:{document.id}",
            actor=actor,
            sha256=sha256,
            text=words,
        )
        uow.commit()
        return sha256


def promise_signature(document_id: UUID, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Promise to sign the frozen request with the organisation's key on the server. Returns the job's id.

    Raises Conflict (`key.none_usable`, `document.nothing_to_sign`, `document.already_signed`), Forbidden, NotFound.
    """
    actor.require(Right.SIGN)
    with uow:
        document = recording.take(uow, document_id)
        if document.correction != "prepared":
            raise Conflict("document.nothing_to_sign", id=str(document_id))
        key = keys.organization_key(uow, actor=actor)
        part = part_to_sign(uow, document)
        signature = recording.intend_signature(uow, part, means="server_key", key_id=key.id, person_id=actor.user_id)
        if signature.state != "intended":
            raise Conflict("document.already_signed", id=str(document_id))
        held.say(document, None)
        job = uow.jobs.put(
            SIGN,
            owner_id=document.owner_id,
            key=str(signature.id),
            queue="signing",
            payload={"signature_id": str(signature.id)},
        )
        uow.commit()
        return job


def request_text(content: bytes) -> str:
    """What a request says is wrong; empty when the file cannot be read."""
    try:
        if formats.is_universal_message(content):
            return formats.read_universal_message(content).text
        return formats.read_service(content, CorrectionNotice).text
    except formats.FormatError:
        return ""


def _askable(uow: UnitOfWork, document_id: UUID) -> Document:
    document = recording.take(uow, document_id)
    if not may_ask(document):
        raise Conflict("document.clarification_not_possible", id=str(document_id))
    return document
