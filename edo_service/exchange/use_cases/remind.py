"""Remind people of deadlines: one letter a day for each document that is due or overdue, to everyone who may sign.

An answer is reminded of before its deadline and after it, a receipt after it.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.accounts.queries import MemberCard
from edo_service.documents import recording
from edo_service.documents.letters import Envelope
from edo_service.exchange.deadlines import late_receipt, near_answer, unreminded
from edo_service.exchange.rules import REMINDER
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import MOSCOW, is_business_day, moscow_date
from edo_service.kernel.letters import Letter
from edo_service.kernel.uow import UnitOfWork

FIRST_HOUR = 9


def promise_reminders(*, uow: UnitOfWork) -> int:
    """Promise the letters of this business day, of every owner in the scope. Returns how many documents they are about.

    Harmless when done twice: a document is reminded of once a day, from nine in the morning Moscow time.
    """
    now = uow.clock.now()
    today = moscow_date(now)
    if not is_business_day(today) or now.astimezone(MOSCOW).hour < FIRST_HOUR:
        return 0
    total = 0
    while done := _promise_some(today, uow=uow):
        total += done
    return total


def _promise_some(today: date, *, uow: UnitOfWork) -> int:
    """Promise the letters about the next documents, and note that it is done, in one transaction."""
    with uow:
        found = unreminded(uow, today=today)
        signers: dict[UUID, Sequence[MemberCard]] = {}
        for document in found:
            document.reminded_on, owner = today, document.owner_id
            if owner not in signers:
                signers[owner] = [
                    one for one in accounts.members(uow, owner) if Right.SIGN in one.rights and "@" in one.login
                ]
            for member in signers[owner]:
                payload = {
                    "document_id": str(document.id),
                    "person_id": str(member.person_id),
                    "day": today.isoformat(),
                }
                key = f"{document.id}:{member.person_id}"
                uow.jobs.put(REMINDER, owner_id=owner, key=key, queue="mail", payload=payload)
        uow.commit()
        return len(found)


def write_reminder(
    document_id: UUID, person_id: UUID, day: date, *, envelope: Envelope, uow: UnitOfWork
) -> Letter | None:
    """The letter of that day; None when it is of no use any more: nothing is owed, or the person has left."""
    with uow:
        document = recording.take(uow, document_id)
        company = accounts.entity(uow, document.owner_id)
        members = {one.person_id: one for one in accounts.members(uow, document.owner_id)}
    member = members.get(person_id)
    answer, receipt = near_answer(document, today=day), late_receipt(document, today=day)
    if member is None or (answer is None and receipt is None):
        return None
    return Letter(
        id=uuid.uuid5(document.id, f"{person_id}:{day.isoformat()}"),
        to=member.login,
        subject=" ".join(f"{document.title}: {_subject(answer, day)}".split()),
        text=(
            f"{member.given_name} {member.patronymic}".strip() + ",\n\n"
            f"документ от {document.counterparty_name} ждёт {'ответа' if answer else 'извещения о получении от'} "
            f"вашей компании {company.name}: {document.title}. {' '.join(_sentences(answer, receipt, day))}\n\n"
            f"Открыть документ: {envelope.address}/o/{company.code}/documents/{document.id}\n\n"
            "Письмо отправлено автоматически, отвечать на него не нужно.\n"
        ),
    )


def _subject(answer: date | None, day: date) -> str:
    if answer is None:
        return "срок извещения о получении прошёл"
    return "срок ответа прошёл" if answer < day else "подходит срок ответа"


def _sentences(answer: date | None, receipt: date | None, day: date) -> Iterator[str]:
    if answer is not None:
        yield f"Срок ответа прошёл {answer:%d.%m.%Y}." if answer < day else f"Ответить нужно до {answer:%d.%m.%Y}."
    if receipt is not None:
        yield f"Извещение о получении нужно было отправить до {receipt:%d.%m.%Y}, оно не отправлено."
