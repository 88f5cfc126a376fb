"""The second step of log-in: a code from an SMS (ASVS 5.0 6.6.1-6.6.3: six digits, ten minutes, five tries, one use).

Nothing of a code is stored in the open: the browser carries a sealed ticket (who, until when, the code's hash), and the
counted tries of that ticket in the database say whether it was used up. A ticket opens nothing without its code.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from edo_service.accounts import queries
from edo_service.accounts.arrival import Device, NewSession, count_try, open_session, subject
from edo_service.accounts.rules import CODE_LIFE, CODE_TRIES, CODES_SENT
from edo_service.accounts.tables import LogInTries, Person
from edo_service.errors import RateLimited, Rejected
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.kernel.messages import ShortMessage, Texter
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.uow import UnitOfWork

_SCOPE = SystemScope("accounts.log_in")
_CONTEXT = "account.code"
_USED_UP = 1000


@dataclass(frozen=True, kw_only=True)
class SecondStep:
    """What the second step needs: companies that demand it (ИНН, or `*`), the sealing of tickets, the way to phones."""

    demanded: frozenset[str]
    secrets: SecretBox
    texter: Texter


@dataclass(frozen=True, kw_only=True)
class _Ticket:
    """Who was let through the first step, until when the code holds, and the code's salted hash."""

    id: UUID
    person_id: UUID
    until: datetime
    code_hash: str = field(repr=False)

    @property
    def counted(self) -> str:
        """What its tries are counted by."""
        return subject("code", str(self.id))


def send_code(person_id: UUID, phone: str, *, step: SecondStep, uow: UnitOfWork) -> str:
    """Send a fresh code to the phone and return the ticket for the browser.

    RateLimited `account.too_many_tries` after five codes in 15 minutes; Unavailable `sms.not_sent`.
    """
    uow = uow.under(_SCOPE)
    code, ticket_id = f"{secrets.randbelow(10**6):06d}", new_id()
    with uow:
        sent = count_try(uow, subject("codes sent", str(person_id)))
        ticket = _Ticket(
            id=ticket_id,
            person_id=person_id,
            until=uow.clock.now() + CODE_LIFE,
            code_hash=_hash(ticket_id, code),
        )
        if sent.count <= CODES_SENT:
            person = uow.session.get_one(Person, person_id)
            for one in queries.organizations(uow, person):
                uow.journal.write(
                    "account.code_sent",
                    owner_id=one.entity.id,
                    subject=f"person:{person_id}",
                    actor=Actor.system("accounts.log_in"),
                    phone=f"…{phone[-4:]}",
                )
        uow.commit()
    if sent.count > CODES_SENT:
        raise RateLimited("account.too_many_tries", retry_after=sent.wait)
    minutes = CODE_LIFE.seconds // 60
    text = f"{code} — код входа в Кабинет ЭДО, {minutes} минут. Никому не говорите"
    step.texter.send(ShortMessage(id=ticket_id, to=phone, text=text))
    return _seal(ticket, step.secrets)


def enter_code(
    ticket: str | None,
    code: str,
    *,
    device: Device,
    step: SecondStep,
    uow: UnitOfWork,
    old_token: str | None = None,
) -> NewSession:
    """Open the session that the right code of a living ticket gives; once.

    Rejected `account.code_wrong` with the tries left, `account.code_over` for a ticket that is absent, foreign, too old,
    used or tried too often.
    """
    uow = uow.under(_SCOPE)
    known = _open(ticket, step.secrets)
    if known is None:
        raise Rejected("account.code_over")
    with uow:
        tries = count_try(uow, known.counted)
        over = tries.count > CODE_TRIES or uow.clock.now() >= known.until
        person = uow.session.get(Person, known.person_id)
        organizations = queries.organizations(uow, person) if person is not None else ()
        fits = hmac.compare_digest(known.code_hash, _hash(known.id, "".join(one for one in code if one.isdigit())))
        if over or not fits or not organizations:
            for one in organizations:
                uow.journal.write(
                    "account.log_in_failed",
                    owner_id=one.entity.id,
                    subject=f"person:{known.person_id}",
                    actor=Actor.system("accounts.log_in"),
                    address=device.address,
                )
            uow.commit()
            if over or not organizations or tries.count == CODE_TRIES:
                raise Rejected("account.code_over")
            raise Rejected("account.code_wrong", left=CODE_TRIES - tries.count)
        _use_up(known, uow)
        session = open_session(uow, known.person_id, organizations, device=device, old_token=old_token)
        uow.commit()
    return session


def _use_up(ticket: _Ticket, uow: UnitOfWork) -> None:
    """Spend the ticket. Counting the try has locked its row, so of two right codes at once the second finds it spent.

    The count outlives the ticket: its window is longer.
    """
    uow.session.execute(
        update(LogInTries)
        .where(LogInTries.subject == ticket.counted)
        .values(tries=_USED_UP)
        .execution_options(synchronize_session=False)
    )


def _hash(ticket_id: UUID, code: str) -> str:
    return hashlib.sha256(f"{ticket_id}:{code}".encode()).hexdigest()


def _seal(ticket: _Ticket, box: SecretBox) -> str:
    facts = [str(ticket.id), str(ticket.person_id), ticket.until.isoformat(), ticket.code_hash]
    return base64.urlsafe_b64encode(box.seal(json.dumps(facts).encode(), _CONTEXT)).decode("ascii")


def _open(text: str | None, box: SecretBox) -> _Ticket | None:
    if not text:
        return None
    try:
        facts = json.loads(box.open(base64.urlsafe_b64decode(text.encode("ascii")), _CONTEXT))
    except (SecretUnreadable, binascii.Error, UnicodeError):
        return None
    ticket_id, person_id, until, code_hash = facts
    return _Ticket(
        id=UUID(ticket_id), person_id=UUID(person_id), until=datetime.fromisoformat(until), code_hash=code_hash
    )
