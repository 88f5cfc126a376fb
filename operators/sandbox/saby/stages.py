"""Preparing and executing actions: what has to be signed, and the step itself. The state alone judges a repeat."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from operators.sandbox.exchange import answers, messages, relations, rows
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.files import check_signature_form
from operators.sandbox.exchange.ledger import Ledger
from operators.sandbox.exchange.model import Answer, AnswerDraft, PatchDraft, Revocation
from operators.sandbox.exchange.refusals import Absent, BadRequest, WrongState
from operators.sandbox.saby import shelf, view
from operators.sandbox.saby.rpc import Json, items, maybe, part, text
from operators.sandbox.saby.shelf import File
from operators.sandbox.saby.view import ANNUL, ANNULMENT, APPROVAL, DECLINE, SENDING, SERVICE

ACTIONS: Mapping[tuple[str, str], Answer] = {
    (SERVICE, "Обработать служебное"): Answer.RECEIPT,
    (APPROVAL, "Утвердить"): Answer.TITLE,
    (APPROVAL, DECLINE): Answer.REJECTION,
    (ANNULMENT, ANNUL): Answer.ANNULMENT,
    (ANNULMENT, DECLINE): Answer.REJECTION,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A document's stage and action as a call names them; `files` are the stage's attachments."""

    document_id: str
    stage: str
    action: str
    comment: str | None
    files: list[Json]


def read_step(params: Json) -> Step:
    """Документ{Идентификатор, Этап{Название, Действие{Название}, Вложение[]}} -> step; raises BadRequest."""
    document = part(params, "Документ")
    stage = part(document, "Этап")
    action = part(stage, "Действие")
    return Step(
        document_id=text(document, "Идентификатор").lower(),
        stage=text(stage, "Название"),
        action=text(action, "Название"),
        comment=maybe(action, "Комментарий"),
        files=items(stage, "Вложение"),
    )


def prepare(connection: sqlite3.Connection, step: Step, base: str) -> Json:
    """Tell what has to be signed; files that the client brings are kept for the execution."""
    if step.stage == SENDING:
        draft = _draft(connection, step)
        ready = {"Название": SENDING, "Вложение": [view.prepared(draft.id, draft.file, base)]}
        return dict(view.draft_document(connection, draft, base)) | {"Этап": [ready]}
    seen, kind = _answerable(connection, step)
    brought = [shelf.read_file(each) for each in step.files]
    for file in brought:
        shelf.bring(connection, step.document_id, step.stage, file)
    if not brought:
        if kind not in {Answer.TITLE, Answer.SIGNATURE}:
            raise BadRequest("Песочница не пишет служебных документов сама: приложите файл к этапу")
        main = rows.entity(connection, seen.message.id, _parent(step, seen))
        brought = [File(id=main.id, name=main.file_name or "", content=main.content)]
    shown = [view.prepared(step.document_id, file, base) for file in brought]
    document = view.document(connection, seen, base, events=())
    return dict(document) | {"Этап": [{"Название": step.stage, "Вложение": shown}]}


def execute(desk: Desk, step: Step) -> str:
    """Do the step; returns the document's id."""
    if len(step.files) != 1:
        raise BadRequest("Ожидается одно подписанное вложение")
    file_id = text(step.files[0], "Идентификатор").lower()
    signature = shelf.decoded(text(part(part(step.files[0], "Подпись"), "Файл"), "ДвоичныеДанные"))
    check_signature_form(signature)
    if step.stage == SENDING:
        return _send(desk, step, file_id, signature)
    return _answer(desk, step, file_id, signature)


def _send(desk: Desk, step: Step, file_id: str, signature: bytes) -> str:
    with desk.reading() as connection:
        box, file = "", None
        known = shelf.draft(connection, step.document_id)
        if known is not None:
            box, file = known.box, known.file

    def work(ledger: Ledger) -> str:
        draft = _draft(ledger.connection, step)
        if draft.file.id != file_id:
            raise Absent(f"Вложение {file_id} не найдено")
        _check(ledger, draft.file.content, signature)
        if relations.is_blocked(ledger.connection, by=draft.other, other=draft.box):
            raise WrongState("Контрагент не принимает документы от вашей организации")
        messages.post_message(ledger, draft.to_send(signature), invite_first=True)
        shelf.forget(ledger.connection, draft.id)
        return draft.id

    return desk.accept(box, [] if file is None else [("document", file.content)], work)


def _answer(desk: Desk, step: Step, file_id: str, signature: bytes) -> str:
    with desk.reading() as connection:
        seen = view.find_sent(connection, step.document_id)
        if seen is None:
            raise Absent(f"Документ {step.document_id} не найден")
        bare = file_id in {seen.document.entity_id, seen.document.revocation_id}
        if bare:
            content = rows.entity(connection, seen.message.id, file_id).content
        else:
            content = shelf.brought(connection, step.document_id, file_id, step.stage).content

    def work(ledger: Ledger) -> str:
        found, kind = _answerable(ledger.connection, step)
        if kind is Answer.REJECTION and step.comment is None:
            raise BadRequest("Не указан комментарий: для отклонения он обязателен")
        if kind is Answer.SIGNATURE and not bare:
            raise WrongState("Предложение об аннулировании уже отправлено: этап требует подписи этого предложения")
        _check(ledger, content, signature)
        answer = AnswerDraft(
            kind=Answer.SIGNATURE if bare else kind,
            parent_id=_parent(step, found),
            content=None if bare else content,
            signature=signature,
        )
        answers.post_patch(ledger, PatchDraft(box=found.box, message_id=found.message.id, answers=(answer,)))
        return step.document_id

    kind = ACTIONS.get((step.stage, step.action), Answer.SIGNATURE)
    return desk.accept(seen.box, [((Answer.SIGNATURE if bare else kind).value, content)], work)


def _parent(step: Step, seen: view.Seen) -> str:
    """What the stage is about: the proposal of annulment that waits for an answer, else the document."""
    document = seen.document
    if step.stage == ANNULMENT and document.revocation is Revocation.PROPOSED and document.revocation_id is not None:
        return document.revocation_id
    return document.entity_id


def _check(ledger: Ledger, content: bytes, signature: bytes) -> None:
    if not ledger.notary.check(content, signature):
        raise BadRequest("Подпись не соответствует вложению")


def _draft(connection: sqlite3.Connection, step: Step) -> shelf.Draft:
    found = shelf.draft(connection, step.document_id)
    if found is not None and step.action == "Отправить":
        return found
    if found is None and view.find_sent(connection, step.document_id) is None:
        raise Absent(f"Документ {step.document_id} не найден")
    raise WrongState("Этап недоступен: документ уже отправлен")


def _answerable(connection: sqlite3.Connection, step: Step) -> tuple[view.Seen, Answer]:
    seen = view.find_sent(connection, step.document_id)
    if seen is None:
        raise Absent(f"Документ {step.document_id} не найден")
    kind = ACTIONS.get((step.stage, step.action))
    offered = {
        (str(stage["Название"]), str(action["Название"]))
        for stage in [*view.stages(seen), *view.service_stages(seen)]
        for action in stage["Действие"]
    }
    if kind is None or (step.stage, step.action) not in offered:
        raise WrongState(f"Этап «{step.stage}» с действием «{step.action}» для документа недоступен")
    if kind is Answer.ANNULMENT and seen.document.revocation is Revocation.PROPOSED:
        kind = Answer.SIGNATURE
    return seen, kind
