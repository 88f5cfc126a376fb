"""The port's actions as parcels: transaction, type, what is answered; and what has to be signed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from operators.errors import Conflict, ConflictKind, Invalid, NotFound, TooLarge, Unsupported
from operators.port import (
    AcceptAnnulment,
    Action,
    AnswerWithTitle,
    EntityKind,
    EntityRef,
    ProposeAnnulment,
    RefuseAnnulment,
    RejectDocument,
    RequestCorrection,
    Send,
    SendReceipt,
    SendUniversalMessage,
    SignDocument,
    ToSign,
)
from operators.taxcom import codes, layout
from operators.taxcom.container import Docflow, Part
from operators.taxcom.packing import Parcel

DOCUMENT, ANSWER = "document", "answer"
FORMALIZED_LIMIT = 3 * 1024 * 1024
ATTACHMENT_LIMIT = 70 * 1024 * 1024
"""What other operators take; Taxcom publishes no number."""

Answer: TypeAlias = (
    SendReceipt
    | AnswerWithTitle
    | SignDocument
    | RejectDocument
    | RequestCorrection
    | ProposeAnnulment
    | AcceptAnnulment
    | RefuseAnnulment
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A transaction that carries an answer; `bare`: what it answers is signed as it is."""

    transaction: str
    kind: EntityKind
    type_name: str
    bare: bool = False


STEPS: Mapping[type[Answer], Step] = {
    SendReceipt: Step(transaction=layout.RECEIPT, kind=EntityKind.RECEIPT, type_name=layout.RECEIPT_TYPE),
    AnswerWithTitle: Step(transaction=layout.TITLE, kind=EntityKind.BUYER_TITLE, type_name=""),
    SignDocument: Step(transaction=layout.RESIGN, kind=EntityKind.SIGNATURE, type_name="", bare=True),
    RejectDocument: Step(transaction=layout.REJECT, kind=EntityKind.REJECTION, type_name=layout.NOTICE_TYPE),
    RequestCorrection: Step(
        transaction=layout.CORRECTION, kind=EntityKind.CORRECTION_REQUEST, type_name=layout.NOTICE_TYPE
    ),
    ProposeAnnulment: Step(transaction=layout.OFFER, kind=EntityKind.REVOCATION, type_name=layout.OFFER_TYPE),
    AcceptAnnulment: Step(
        transaction=layout.OFFER_RESIGN, kind=EntityKind.SIGNATURE, type_name=layout.RECEIPT_TYPE, bare=True
    ),
    RefuseAnnulment: Step(transaction=layout.OFFER_REJECT, kind=EntityKind.REJECTION, type_name=layout.NOTICE_TYPE),
}


def check(action: Action) -> None:
    """Refuse what the operator does not do or takes no file of that size for, before anything leaves."""
    if isinstance(action, SendUniversalMessage):
        raise Unsupported("universal messages go by another method of Taxcom", operator=codes.OPERATOR_CODE)
    if isinstance(action, Send):
        size = len(action.document.content)
        limit = FORMALIZED_LIMIT if action.document.kind == "upd" else ATTACHMENT_LIMIT
        if size > limit:
            raise TooLarge(
                f"{action.document.file_name}: {size} bytes, the limit is {limit}", operator=codes.OPERATOR_CODE
            )


def files_to_sign(action: Action) -> tuple[ToSign, ...]:
    """What to sign when the bytes are ours; empty when they lie at the operator. Raises TooLarge, Unsupported."""
    check(action)
    if isinstance(action, Send):
        return (ToSign(ref=DOCUMENT, file_name=action.document.file_name, content=action.document.content),)
    if isinstance(action, SignDocument | AcceptAnnulment | SendUniversalMessage):
        return ()
    return (ToSign(ref=ANSWER, file_name=action.file_name, content=action.content),)


def signature_for(action: Action, signatures: Mapping[str, bytes]) -> bytes:
    """Pick the signature that the action needs; raises Invalid when it is missing or empty."""
    ref = DOCUMENT if isinstance(action, Send | SignDocument | AcceptAnnulment) else ANSWER
    signature = signatures.get(ref, b"")
    if not signature:
        raise Invalid(f"no signature for {ref!r}", operator=codes.OPERATOR_CODE)
    return signature


def as_answer(action: Action) -> Answer:
    """What is left of actions besides sending and universal messages; raises Unsupported."""
    if isinstance(action, Send | SendUniversalMessage):
        raise Unsupported(f"{type(action).__name__} answers nothing here", operator=codes.OPERATOR_CODE)
    return action


def content_of(action: Answer) -> bytes | None:
    """The file that an answer brings; None for a bare signature."""
    return None if isinstance(action, SignDocument | AcceptAnnulment) else action.content


def target_of(action: Answer) -> EntityRef:
    """What an action answers: the document, one of its files, or the proposal of an annulment."""
    if isinstance(action, SendReceipt):
        return action.target
    return action.proposal if isinstance(action, AcceptAnnulment | RefuseAnnulment) else action.doc


def sending(action: Send, signature: bytes, at: datetime) -> Parcel:
    """The parcel that opens a docflow; our id is its ExternalIdentifier."""
    document = action.document
    if document.kind == "ukd":
        raise Unsupported("no source tells how Taxcom carries УКД", operator=codes.OPERATOR_CODE)
    is_upd = document.kind == "upd"
    function = document.function or "СЧФДОП"
    names = {value: key for key, value in layout.FUNCTIONS.items()}
    if is_upd and function not in names:
        raise Invalid(f"no type of Taxcom for the function {function!r}", operator=codes.OPERATOR_CODE)
    other = layout.CONTRACT_TYPE if document.needs_answer else layout.OTHER_TYPE
    return Parcel(
        transaction=layout.SEND_INVOICE if is_upd else layout.SEND_OTHER,
        regulation=layout.INVOICE if is_upd else layout.NONFORMALIZED,
        type_name=names[function] if is_upd else other,
        external_id=action.own_id,
        title=document.file_name,
        receiver=action.to_box,
        at=at,
        file_name=document.file_name,
        content=document.content,
        signature=signature,
        resign=document.needs_answer or (is_upd and function in layout.CUSTOMER_TYPES),
        comment=document.comment,
    )


def answering(action: Answer, docflow: Docflow, signature: bytes, at: datetime) -> Parcel:
    """The parcel that answers a document of a docflow; raises NotFound, Conflict."""
    step, main = STEPS[type(action)], docflow.main
    target = docflow.part(target_of(action).entity_id)
    if main is None or target is None:
        raise NotFound(f"no document {target_of(action).entity_id} in {docflow.id}", operator=codes.OPERATOR_CODE)
    content = content_of(action)
    if isinstance(action, SignDocument | AcceptAnnulment):
        name = "document" if target.file is None else target.file.name
    else:
        name = action.file_name
    is_upd = main.kind is EntityKind.TITLE
    return Parcel(
        transaction=step.transaction,
        regulation=layout.INVOICE if is_upd else layout.NONFORMALIZED,
        type_name=_type_name(step, main),
        external_id=external_id(action, content or signature),
        title=name,
        receiver=_other_side(action, docflow),
        at=at,
        file_name=name,
        content=content,
        signature=signature,
        docflow=docflow.id,
        parent=target.id,
    )


def external_id(action: Answer, content: bytes) -> str:
    """Our id of an answer: the same for the same bytes to the same document."""
    ref = target_of(action)
    whole = f"{type(action).__name__}/{ref.message_id}/{ref.entity_id}/".encode() + content
    return hashlib.sha256(whole).hexdigest()[:32]


def _type_name(step: Step, main: Part) -> str:
    if step.kind is EntityKind.BUYER_TITLE:
        function = layout.FUNCTIONS.get(main.type_name, "")
        if function not in layout.CUSTOMER_TYPES:
            error = Conflict(f"{main.type_name} is not answered by a title", operator=codes.OPERATOR_CODE)
            error.kind = ConflictKind.STATE
            raise error
        return layout.CUSTOMER_TYPES[function]
    return step.type_name or main.type_name


def _other_side(action: Answer, docflow: Docflow) -> str:
    main = docflow.main
    sides = () if main is None else (main.card.sender, main.card.receiver)
    return next((each for each in sides if each and each.casefold() != action.doc.box.casefold()), "")
