"""«Вам пришёл документ»: a letter to everyone of the company who may sign, promised with the document itself."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.documents import recording
from edo_service.documents.tables import Document
from edo_service.kernel.actor import Right
from edo_service.kernel.letters import Letter
from edo_service.kernel.uow import UnitOfWork

LETTER = "document.letter"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Where links in letters lead."""

    address: str


def promise_letters(uow: UnitOfWork, document: Document) -> int:
    """Promise one letter to each member who may sign, when the document waits for an answer. Returns how many."""
    if document.response != "required":
        return 0
    with uow.session.no_autoflush:  # the document need not be written before people are read
        people = accounts.members(uow, document.owner_id)
    members = [one for one in people if Right.SIGN in one.rights and "@" in one.login]
    for member in members:
        uow.jobs.put(
            LETTER,
            owner_id=document.owner_id,
            key=f"{document.id}:{member.person_id}",
            queue="mail",
            payload={"document_id": str(document.id), "person_id": str(member.person_id)},
        )
    return len(members)


def write_letter(document_id: UUID, person_id: UUID, *, envelope: Envelope, uow: UnitOfWork) -> Letter | None:
    """The letter; None when the person has left or the document is answered already. Always the same id for both."""
    with uow:
        document = recording.take(uow, document_id)
        company = accounts.entity(uow, document.owner_id)
        members = {one.person_id: one for one in accounts.members(uow, document.owner_id)}
    member = members.get(person_id)
    if member is None or document.response != "required":
        return None
    until = f" Ответить нужно до {document.answer_due:%d.%m.%Y}." if document.answer_due else ""
    return Letter(
        id=uuid.uuid5(document.id, str(person_id)),
        to=member.login,
        subject=" ".join(f"{document.counterparty_name}: {document.title} ждёт вашей подписи".split()),
        text=(
            f"{member.given_name} {member.patronymic}".strip() + ",\n\n"
            f"{document.counterparty_name} отправил вашей компании {company.name} документ: {document.title}.{until}\n\n"
            f"Открыть документ: {envelope.address}/o/{company.code}/documents/{document.id}\n\n"
            "Письмо отправлено автоматически, отвечать на него не нужно.\n"
        ),
    )
