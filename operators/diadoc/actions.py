"""The port's actions in Diadoc's words: what to sign, which call carries it, how its result looks when read back."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from operators.diadoc import codes
from operators.errors import Invalid, TooLarge
from operators.port import (
    AcceptAnnulment,
    Action,
    AnswerWithTitle,
    EntityKind,
    EntityRef,
    OutgoingDocument,
    PowerRef,
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

DOCUMENT = "document"
ANSWER = "answer"

FORMALIZED_LIMIT = 3 * 1024 * 1024
CONTENT_LIMIT = 70 * 1024 * 1024
SHELF_FROM = 500 * 1024
"""Content larger than that travels over the shelf, as the operator advises."""

Carry: TypeAlias = Callable[[bytes], Mapping[str, str]]
"""How bytes get into a SignedContent: inline or by their name on the shelf."""

Answer: TypeAlias = (
    SendReceipt
    | AnswerWithTitle
    | SignDocument
    | RejectDocument
    | RequestCorrection
    | ProposeAnnulment
    | AcceptAnnulment
    | RefuseAnnulment
    | SendUniversalMessage
)


FIELDS: Mapping[type[Answer], str] = {
    SendReceipt: "Receipts",
    AnswerWithTitle: "RecipientTitles",
    SignDocument: "Signatures",
    RejectDocument: "XmlSignatureRejections",
    RequestCorrection: "CorrectionRequests",
    ProposeAnnulment: "RevocationRequests",
    AcceptAnnulment: "Signatures",
    RefuseAnnulment: "XmlSignatureRejections",
    SendUniversalMessage: "UniversalMessages",
}
"""Where an answer stands in MessagePatchToPostV2."""

KINDS: Mapping[type[Answer], EntityKind] = {
    SendReceipt: EntityKind.RECEIPT,
    AnswerWithTitle: EntityKind.BUYER_TITLE,
    SignDocument: EntityKind.SIGNATURE,
    RejectDocument: EntityKind.REJECTION,
    RequestCorrection: EntityKind.CORRECTION_REQUEST,
    ProposeAnnulment: EntityKind.REVOCATION,
    AcceptAnnulment: EntityKind.SIGNATURE,
    RefuseAnnulment: EntityKind.REJECTION,
}


def kind_of(action: Answer) -> EntityKind:
    """What an answer becomes."""
    return action.purpose if isinstance(action, SendUniversalMessage) else KINDS[type(action)]


def parent_of(action: Answer) -> EntityRef:
    """The entity under which the answer hangs."""
    if isinstance(action, SendReceipt | SendUniversalMessage):
        return action.target
    return action.proposal if isinstance(action, AcceptAnnulment | RefuseAnnulment) else action.doc


def files_to_sign(action: Action) -> tuple[ToSign, ...]:
    """What to sign when the bytes are ours.

    A bare signature's bytes are the operator's and are fetched by the adapter; a universal message is not signed.
    """
    if isinstance(action, Send):
        document = action.document
        check_size(document)
        return (ToSign(ref=DOCUMENT, file_name=document.file_name, content=document.content),)
    if isinstance(action, SignDocument | AcceptAnnulment | SendUniversalMessage):
        return ()
    return (ToSign(ref=ANSWER, file_name=action.file_name, content=action.content),)


def signature_for(action: Action, signatures: Mapping[str, bytes]) -> bytes:
    """Pick the signature that the action needs; raises Invalid when it is missing or empty."""
    if isinstance(action, SendUniversalMessage):
        return b""
    ref = DOCUMENT if isinstance(action, Send | SignDocument | AcceptAnnulment) else ANSWER
    signature = signatures.get(ref, b"")
    if not signature:
        raise Invalid(f"no signature for {ref!r}", operator=codes.OPERATOR_CODE)
    return signature


def check_size(document: OutgoingDocument) -> None:
    """Raise TooLarge before anything is sent."""
    limit = FORMALIZED_LIMIT if document.kind in codes.FORMAL else CONTENT_LIMIT
    if len(document.content) > limit:
        raise TooLarge(
            f"{document.file_name}: {len(document.content)} bytes, the limit is {limit}", operator=codes.OPERATOR_CODE
        )


def message_to_post(action: Send, signature: bytes, carry: Carry, power: PowerRef | None = None) -> dict[str, Any]:
    """Send -> MessageToPost."""
    document = action.document
    attachment: dict[str, Any] = {
        "SignedContent": {**carry(document.content), **_signed(signature, power)},
        "NeedReceipt": document.needs_receipt,
        "CustomDocumentId": action.own_id,
    }
    if document.kind in codes.FORMAL:
        if document.function is None:
            raise Invalid("a formal document is sent with its function", operator=codes.OPERATOR_CODE)
        type_named_id, version = codes.FORMAL[document.kind]
        attachment |= {
            "TypeNamedId": type_named_id,
            "Function": document.function,
            "Version": document.version or version,
        }
    else:
        attachment |= {
            "TypeNamedId": "Nonformalized",
            "NeedRecipientSignature": document.needs_answer,
            "Metadata": [{"Key": "FileName", "Value": document.file_name}],
        }
    if document.comment:
        attachment["Comment"] = document.comment
    return {"FromBoxId": action.from_box, "ToBoxId": action.to_box, "DocumentAttachments": [attachment]}


def patch_to_post(action: Answer, signature: bytes, carry: Carry, power: PowerRef | None = None) -> dict[str, Any]:
    """An answer -> MessagePatchToPostV2."""
    item: dict[str, Any] = {"ParentEntityId": parent_of(action).entity_id}
    if isinstance(action, SignDocument | AcceptAnnulment):
        item |= _signed(signature, power)
    elif isinstance(action, SendUniversalMessage):
        item |= {
            "CodeGroup": codes.CODE_GROUP_NAMES[action.purpose],
            "UniversalMessageContent": dict(carry(action.content)),
            "Behaviour": "AffectsWorkflow",
        }
    else:
        item["SignedContent"] = {**carry(action.content), **_signed(signature, power)}
    if isinstance(action, AnswerWithTitle):
        item["NeedReceipt"] = False
    return {
        "BoxId": action.doc.box,
        "MessageId": action.doc.message_id,
        FIELDS[type(action)]: [item],
    }


def _signed(signature: bytes, power: PowerRef | None) -> dict[str, Any]:
    """A signature and, when it rests on one, its power by requisites (PowerOfAttorneyToPost.FullId)."""
    signed: dict[str, Any] = {"Signature": encoded(signature)}
    if power is not None:
        full = {"RegistrationNumber": power.number, "IssuerInn": power.issuer_inn}
        if power.representative_inn is not None:
            full["RepresentativeInn"] = power.representative_inn
        signed["PowerOfAttorney"] = {"FullId": full, "UseDefault": False}
    return signed


def encoded(content: bytes) -> str:
    """Bytes as Diadoc's JSON writes them."""
    return base64.b64encode(content).decode("ascii")
