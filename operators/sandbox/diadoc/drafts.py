"""Diadoc's posted structures (MessageToPost, MessagePatchToPostV2) read into drafts of the exchange."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from operators.port import PowerRef
from operators.sandbox.exchange.desk import box_key
from operators.sandbox.exchange.files import universal_codes
from operators.sandbox.exchange.invitations import InvitationFile
from operators.sandbox.exchange.model import Answer, AnswerDraft, DocumentDraft, MessageDraft, PatchDraft
from operators.sandbox.exchange.refusals import BadRequest

Json: TypeAlias = Mapping[str, Any]
Shelf: TypeAlias = Callable[[str], bytes]
TestSigner: TypeAlias = Callable[[bytes], bytes]

ANSWERS: Mapping[str, Answer] = {
    "Receipts": Answer.RECEIPT,
    "RecipientTitles": Answer.TITLE,
    "XmlSignatureRejections": Answer.REJECTION,
    "CorrectionRequests": Answer.CORRECTION,
    "Signatures": Answer.SIGNATURE,
    "RevocationRequests": Answer.ANNULMENT,
    "UniversalMessages": Answer.INFORMATION,
}
"""Lists of a patch that the sandbox understands."""
GROUPS: Mapping[str, Answer] = {
    "Receipt": Answer.RECEIPT,
    "AmendmentRequest": Answer.CORRECTION,
    "Rejection": Answer.REJECTION,
    "InformationMessage": Answer.INFORMATION,
}
"""UniversalMessageCodeGroup -> what it does."""
CODE_GROUPS: Mapping[str, str] = {
    "1999": "Receipt",
    "2007": "AmendmentRequest",
    "2999": "AmendmentRequest",
    "3999": "Rejection",
}
"""СтатусУС -> UniversalMessageCodeGroup; every other code only informs."""
UNSUPPORTED_FLAGS = ("IsDraft", "LockDraft", "IsInternal", "DelaySend", "ProxyBoxId", "LockPacket")


class Reader:
    """Reads drafts; `shelf` gives a file by its name, `test_signer` signs where SignWithTestSignature asks for it."""

    def __init__(self, *, shelf: Shelf, test_signer: TestSigner) -> None:
        self._shelf = shelf
        self._test_signer = test_signer

    def message(self, body: Json) -> MessageDraft:
        """MessageToPost -> draft; raises BadRequest."""
        for flag in UNSUPPORTED_FLAGS:
            if body.get(flag):
                raise BadRequest(f"{flag} песочница не поддерживает")
        known = {"FromBoxId", "ToBoxId", "DocumentAttachments"}
        others = [name for name, value in body.items() if name not in known and isinstance(value, list) and value]
        if others:
            raise BadRequest(f"{others[0]} песочница не поддерживает, используйте DocumentAttachments")
        return MessageDraft(
            from_box=box_key(_text(body, "FromBoxId")),
            to_box=box_key(_text(body, "ToBoxId")),
            documents=tuple(self._document(item) for item in _items(body, "DocumentAttachments")),
        )

    def patch(self, body: Json) -> PatchDraft:
        """MessagePatchToPostV2 -> draft; raises BadRequest."""
        others = [name for name, value in body.items() if name not in ANSWERS and isinstance(value, list) and value]
        if others:
            raise BadRequest(f"{others[0]} песочница не поддерживает")
        return PatchDraft(
            box=box_key(_text(body, "BoxId")),
            message_id=_text(body, "MessageId").lower(),
            answers=tuple(self._answer(kind, item) for name, kind in ANSWERS.items() for item in _items(body, name)),
        )

    def _document(self, item: Json) -> DocumentDraft:
        content, signature = self._signed(item)
        metadata = {_text(line, "Key").lower(): _text(line, "Value") for line in _items(item, "Metadata")}
        return DocumentDraft(
            type_named_id=_text(item, "TypeNamedId"),
            function=maybe(item, "Function"),
            version=maybe(item, "Version"),
            content=content,
            signature=signature,
            file_name=metadata.get("filename"),
            custom_id=maybe(item, "CustomDocumentId"),
            comment=maybe(item, "Comment"),
            needs_answer=item.get("NeedRecipientSignature") is True,
            needs_receipt=item.get("NeedReceipt") is True,
            power=_power(item["SignedContent"]),
        )

    def invitation(self, body: Json) -> InvitationFile | None:
        """InvitationDocument of AcquireCounteragentRequest; raises BadRequest."""
        item = body.get("InvitationDocument")
        if not item:
            return None
        if not isinstance(item, Mapping):
            raise BadRequest("InvitationDocument не является объектом")
        content, signature = self._signed(item)
        return InvitationFile(
            file_name=_text(item, "FileName"),
            content=content,
            signature=signature,
            needs_signature=item.get("SignatureRequested") is True,
        )

    def _answer(self, kind: Answer, item: Json) -> AnswerDraft:
        parent_id = _text(item, "ParentEntityId").lower()
        if kind is Answer.INFORMATION:
            return self._universal(item, parent_id)
        if kind is Answer.SIGNATURE:
            signature = self._bytes(item, "Signature", "SignatureNameOnShelf")
            if signature is None:
                raise BadRequest("Подпись отсутствует")
            return AnswerDraft(kind=kind, parent_id=parent_id, content=None, signature=signature, power=_power(item))
        content, signature = self._signed(item)
        needs_receipt = item.get("NeedReceipt") is True
        return AnswerDraft(
            kind=kind,
            parent_id=parent_id,
            content=content,
            signature=signature,
            needs_receipt=needs_receipt,
            power=_power(item["SignedContent"]),
        )

    def _universal(self, item: Json, parent_id: str) -> AnswerDraft:
        """UniversalMessageAttachment -> draft: what it does is in its codes, which the group has to agree with."""
        holder = item.get("UniversalMessageContent")
        content = self._bytes(holder, "Content", "NameOnShelf") if isinstance(holder, Mapping) else None
        if content is None:
            raise BadRequest("Не указано поле UniversalMessageContent")
        group = maybe(item, "CodeGroup")
        found = universal_group(universal_codes(content))
        if group not in {None, "UnknownUniversalMessageCodeGroup", found}:
            raise BadRequest(f"CodeGroup {group} не соответствует кодам сообщения: {found}")
        aside = item.get("Behaviour") == "DoesNotAffectWorkflow"
        kind = Answer.INFORMATION if aside else GROUPS[found]
        return AnswerDraft(kind=kind, parent_id=parent_id, content=content, signature=b"", universal=True)

    def _signed(self, item: Json) -> tuple[bytes, bytes]:
        signed = item.get("SignedContent")
        if not isinstance(signed, Mapping):
            raise BadRequest("Не указано поле SignedContent")
        content = self._bytes(signed, "Content", "NameOnShelf")
        if content is None:
            raise BadRequest("В SignedContent нет содержимого")
        signature = self._bytes(signed, "Signature", "SignatureNameOnShelf")
        if signature is None and signed.get("SignWithTestSignature") is True:
            signature = self._test_signer(content)
        return content, signature or b""

    def _bytes(self, item: Json, inline: str, on_shelf: str) -> bytes | None:
        name = maybe(item, on_shelf)
        if name is not None:
            return self._shelf(name)
        text = maybe(item, inline)
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:  # binascii.Error, or letters that are not ASCII
            raise BadRequest(f"{inline} не в кодировке base64") from error


def _power(signed: Json) -> PowerRef | None:
    """PowerOfAttorneyToPost: exactly one way to name a power; the sandbox takes requisites (FullId) only."""
    told = signed.get("PowerOfAttorney")
    if told is None:
        return None
    if not isinstance(told, Mapping):
        raise BadRequest("PowerOfAttorney не является объектом")
    others = [
        name for name in ("UseDefault", "Content", "Contents", "UseDocumentContent", "SendAsFile") if told.get(name)
    ]
    if others:
        raise BadRequest(f"PowerOfAttorney.{others[0]} песочница не поддерживает, используйте FullId")
    full = told.get("FullId")
    if not isinstance(full, Mapping):
        raise BadRequest("В PowerOfAttorney не указано поле FullId")
    return PowerRef(
        number=_text(full, "RegistrationNumber"),
        issuer_inn=_text(full, "IssuerInn"),
        representative_inn=maybe(full, "RepresentativeInn"),
    )


def universal_group(codes: Sequence[str]) -> str:
    """Return the group of a message with these codes, the first that changes a state; raises BadRequest for none."""
    if not codes:
        raise BadRequest("В универсальном сообщении нет СтатусУС")
    return next((CODE_GROUPS[code] for code in codes if code in CODE_GROUPS), "InformationMessage")


def _text(item: Json, name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"Не указано поле {name}")
    return value


def maybe(item: Json, name: str) -> str | None:
    """Return a string or None; empty counts as absent. Raises BadRequest."""
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"Поле {name} не является строкой")
    return value or None


def _items(item: Json, name: str) -> list[Json]:
    value = item.get(name) or []
    if not isinstance(value, list) or not all(isinstance(line, Mapping) for line in value):
        raise BadRequest(f"Поле {name} не является списком объектов")
    return value
