"""The port's actions in Saby's words: the document to write, the stage and action that carry an answer."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lxml import etree

from operators.errors import Invalid, TooLarge, Unsupported
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
from operators.saby import codes
from operators.saby.reading import side_of

DOCUMENT, ANSWER = "document", "answer"
SENDING, APPROVAL, ANNULMENT = "Отправка", "Утверждение", "Аннулирование"
SEND, APPROVE, DECLINE, PROCESS = "Отправить", "Утвердить", "Отклонить", "Обработать служебное"
ANNUL = "Аннулировать"
FORMALIZED_LIMIT = 3 * 1024 * 1024
ATTACHMENT_LIMIT = 73 * 1024 * 1024
NO_REASON = "Отказ в подписи, причина в приложенном уведомлении"
NAMESPACE = uuid.UUID("6f2f0a5e-52f4-5d0c-9a53-0d3f1f0c2be0")

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

KINDS: Mapping[type[Answer], EntityKind] = {
    SendReceipt: EntityKind.RECEIPT,
    AnswerWithTitle: EntityKind.BUYER_TITLE,
    SignDocument: EntityKind.SIGNATURE,
    RejectDocument: EntityKind.REJECTION,
    ProposeAnnulment: EntityKind.REVOCATION,
    AcceptAnnulment: EntityKind.SIGNATURE,
    RefuseAnnulment: EntityKind.REJECTION,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stage and an action of a document. `file` None: what lies in the document already is signed."""

    document_id: str
    stage: Mapping[str, str]
    action: Mapping[str, str]
    file_id: str
    file_name: str
    content: bytes | None = field(repr=False)

    def to_prepare(self) -> dict[str, Any]:
        """Parameters of ПодготовитьДействие."""
        if self.content is None:
            return self._params([])
        file = {"Имя": self.file_name, "ДвоичныеДанные": encoded(self.content)}
        return self._params([{"Идентификатор": self.file_id, "Файл": file}])

    def to_execute(self, file_id: str, signature: bytes) -> dict[str, Any]:
        """Parameters of ВыполнитьДействие."""
        file = {"Имя": f"{self.file_name}.sgn", "ДвоичныеДанные": encoded(signature)}
        return self._params([{"Идентификатор": file_id, "Подпись": [{"Файл": file}]}])

    def _params(self, files: list[Mapping[str, Any]]) -> dict[str, Any]:
        stage: dict[str, Any] = {**self.stage, "Действие": dict(self.action)}
        if files:
            stage["Вложение"] = files
        return {"Документ": {"Идентификатор": self.document_id, "Этап": stage}}


def parent_of(action: Answer) -> EntityRef:
    """The entity under which an answer hangs; what a bare signature stands on."""
    return action.proposal if isinstance(action, AcceptAnnulment | RefuseAnnulment) else action.doc


def document_id(action: Send) -> str:
    """The GUID under which a document is written: our id when it is one, else made of it."""
    try:
        return str(uuid.UUID(action.own_id))
    except ValueError:
        return str(uuid.uuid5(NAMESPACE, action.own_id))


def to_write(action: Send) -> dict[str, Any]:
    """Parameters of ЗаписатьДокумент."""
    document = action.document
    kind = "ДокОтгрИсх" if document.kind == "upd" else "ДоговорИсх" if document.needs_answer else "КоррИсх"
    file = {"Имя": document.file_name, "ДвоичныеДанные": encoded(document.content)}
    value: dict[str, Any] = {
        "Идентификатор": document_id(action),
        "Тип": kind,
        "НашаОрганизация": side_of(action.from_box).json(),
        "Контрагент": side_of(action.to_box).json(),
        "Вложение": [{"Идентификатор": attachment_id(document_id(action)), "Файл": file}],
    }
    if document.comment:
        value["Примечание"] = document.comment
    return {"Документ": value}


def sending(action: Send) -> Step:
    """The step that sends a written document."""
    return Step(
        document_id=document_id(action),
        stage={"Название": SENDING},
        action={"Название": SEND},
        file_id=attachment_id(document_id(action)),
        file_name=action.document.file_name,
        content=None,
    )


def answering(action: Answer, stage: Mapping[str, str], key: str) -> Step:
    """The step that carries an answer; `stage` is what the document offers, `key` names the brought file."""
    words = {"Название": _verb(action)}
    if isinstance(action, RejectDocument | RefuseAnnulment):
        words["Комментарий"] = reason(action.content)
    if isinstance(action, SignDocument | AcceptAnnulment | RequestCorrection | SendUniversalMessage):
        file_id, name, content = parent_of(action).entity_id, "document", None
    else:
        file_id, name, content = attachment_id(key), action.file_name, action.content
    return Step(
        document_id=action.doc.message_id,
        stage=stage,
        action=words,
        file_id=file_id,
        file_name=name,
        content=content,
    )


def _verb(action: Answer) -> str:
    if isinstance(action, SendReceipt):
        return PROCESS
    if isinstance(action, ProposeAnnulment | AcceptAnnulment):
        return ANNUL
    return DECLINE if isinstance(action, RejectDocument | RefuseAnnulment) else APPROVE


def files_to_sign(action: Action) -> tuple[ToSign, ...]:
    """What to sign when the bytes are ours; raises TooLarge, Unsupported."""
    check(action)
    if isinstance(action, Send):
        return (ToSign(ref=DOCUMENT, file_name=action.document.file_name, content=action.document.content),)
    if isinstance(action, SignDocument | AcceptAnnulment):
        return ()
    return (ToSign(ref=ANSWER, file_name=action.file_name, content=action.content),)


def check(action: Action) -> None:
    """Refuse what the operator does not do or takes no file of that size for, before anything leaves."""
    if isinstance(action, SendUniversalMessage):
        raise Unsupported("Saby's universal messages are not known to this adapter", operator=codes.OPERATOR_CODE)
    if isinstance(action, RequestCorrection):
        raise Unsupported("Saby has no request for correction besides declining", operator=codes.OPERATOR_CODE)
    if isinstance(action, SendReceipt) and action.target != action.doc:
        raise Unsupported("Saby asks for receipts on documents only", operator=codes.OPERATOR_CODE)
    if isinstance(action, Send) and action.document.kind == "ukd":
        raise Unsupported("no source tells how Saby carries УКД", operator=codes.OPERATOR_CODE)
    if isinstance(action, Send):
        size = len(action.document.content)
        limit = FORMALIZED_LIMIT if action.document.kind == "upd" else ATTACHMENT_LIMIT
        if size > limit:
            raise TooLarge(
                f"{action.document.file_name}: {size} bytes, the limit is {limit}", operator=codes.OPERATOR_CODE
            )


def signature_for(action: Action, signatures: Mapping[str, bytes]) -> bytes:
    """Pick the signature that the action needs; raises Invalid when it is missing or empty."""
    ref = DOCUMENT if isinstance(action, Send | SignDocument | AcceptAnnulment) else ANSWER
    signature = signatures.get(ref, b"")
    if not signature:
        raise Invalid(f"no signature for {ref!r}", operator=codes.OPERATOR_CODE)
    return signature


def attachment_id(seed: str) -> str:
    """A GUID for a file, the same on a repeat."""
    return str(uuid.uuid5(NAMESPACE, f"file/{seed}"))


def reason(content: bytes) -> str:
    """The text of a refusal, which the operator wants as a comment besides: ТекстУведУточ of the notice."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return NO_REASON
    found = [each.text.strip() for each in root.iter("{*}ТекстУведУточ") if each.text and each.text.strip()]
    return found[0][:1000] if found else NO_REASON


def encoded(content: bytes) -> str:
    """Bytes as Saby's JSON writes them."""
    return base64.b64encode(content).decode("ascii")
