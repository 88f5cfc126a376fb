"""The axes of a document's life read from Saby's state, stages and attachments."""

from collections.abc import Mapping
from datetime import datetime

from operators.port import DocumentStatus, EntityKind, Receipt, Response, Revocation, SenderSignature
from operators.saby import codes
from operators.saby.forms import Json, is_outbound, items, moment, state, text

WITH_RECEIPT = frozenset({"СЧФ", "СЧФДОП"})


def read_status(document: Json, attachments: list[Json], kinds: list[EntityKind]) -> DocumentStatus:
    """Документ -> its axes; `kinds` are those of its attachments, in order."""
    found = document.get("Состояние")
    delivered = state(document) in codes.AT_RECIPIENT
    main = next((each for each in attachments if each.get("Служебный") != "Да"), {})
    return DocumentStatus(
        sender_signature=SenderSignature.WAITING if state(document) in codes.DRAFT_STATES else SenderSignature.UNKNOWN,
        response=_response(document, main, kinds),
        receipt=_receipt(document, main, kinds),
        delivered_at=_delivered_at(document) if delivered else None,
        text=str(found.get("Название", "")) if isinstance(found, Mapping) else "",
        revocation=_revocation(document, attachments, kinds),
        roaming_failure=_words(found) if state(document) == codes.FAILED else None,
    )


def _response(document: Json, main: Json, kinds: list[EntityKind]) -> Response:
    match state(document):
        case codes.DECLINED:
            return Response.REJECTED
        case codes.DONE | codes.ANNULLED:
            theirs = "Входящий" if is_outbound(document) else "Исходящий"
            countersigned = any(each.get("Направление") == theirs for each in items(main, "Подпись"))
            answered = countersigned or EntityKind.BUYER_TITLE in kinds
            return Response.SIGNED if answered else Response.NOT_NEEDED
        case codes.DELIVERED:
            return Response.WAITING
    return Response.UNKNOWN


def _receipt(document: Json, main: Json, kinds: list[EntityKind]) -> Receipt:
    if EntityKind.RECEIPT in kinds:
        return Receipt.FINISHED
    function = codes.FUNCTIONS.get(str(main.get("Тип", "")))
    if function not in WITH_RECEIPT:
        return Receipt.NOT_NEEDED
    return Receipt.WAITING if is_outbound(document) else Receipt.TO_BE_SENT


def _delivered_at(document: Json) -> datetime | None:
    """The time of the first event of an outgoing document that brings no file; of an incoming one, of its first event."""
    lines = list(items(document, "Событие"))
    wanted = [line for line in lines if not is_outbound(document) or not list(items(line, "Вложение"))]
    return moment(text(wanted[0], "ДатаВремя")) if wanted else None


def _words(found: object) -> str:
    """Состояние in the operator's words."""
    return str(found.get("Описание") or found.get("Название") or "") if isinstance(found, Mapping) else ""


def _revocation(document: Json, attachments: list[Json], kinds: list[EntityKind]) -> Revocation:
    if state(document) == codes.ANNULLED:
        return Revocation.ACCEPTED
    proposals = [each for each, kind in zip(attachments, kinds, strict=True) if kind is EntityKind.REVOCATION]
    if not proposals:
        return Revocation.NONE
    last = proposals[-1]
    if text(last, "Идентификатор") in refusals(attachments, kinds).values():
        return Revocation.REFUSED
    return Revocation.PROPOSED_BY_ME if last.get("Направление") == "Исходящий" else Revocation.PROPOSED_TO_ME


def refusals(attachments: list[Json], kinds: list[EntityKind]) -> Mapping[str, str]:
    """Which notices refuse an annulment: id -> the proposal's id.

    The operator does not tell what a notice is about. One that follows the other side's proposal is about that.
    """
    found: dict[str, str] = {}
    proposal: Json | None = None
    for attachment, kind in zip(attachments, kinds, strict=True):
        if kind is EntityKind.REVOCATION:
            proposal = attachment
            continue
        answers = proposal is not None and attachment.get("Направление") != proposal.get("Направление")
        if kind is EntityKind.CORRECTION_REQUEST and proposal is not None and answers:
            found[text(attachment, "Идентификатор")] = text(proposal, "Идентификатор")
            proposal = None
    return found


def rejection(document: Json, attachments: list[Json], kinds: list[EntityKind]) -> str | None:
    """Which notice has declined the document: the last that refuses no annulment; None when it is not declined.

    The operator writes a request for a correction and a refusal alike (УведУточн). What came before was a request: a
    recipient of another operator may ask and then refuse.
    """
    if state(document) != codes.DECLINED:
        return None
    of_annulment = refusals(attachments, kinds)
    notices = [
        text(attachment, "Идентификатор")
        for attachment, kind in zip(attachments, kinds, strict=True)
        if kind is EntityKind.CORRECTION_REQUEST and text(attachment, "Идентификатор") not in of_annulment
    ]
    return notices[-1] if notices else None
