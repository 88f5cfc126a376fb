"""Rows of relations: what the operator says of a participant, and what follows from it. Inside the caller's unit of work."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import queries as accounts
from edo_service.exchange.accounts import AccountCard, card
from edo_service.exchange.lives import ACCOUNT, RELATION, WORKING, AccountEvent, RelationNews, news_of
from edo_service.exchange.tables import OperatorAccount, Relation, RelationStep
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.tables import Counterparty
from operators import port
from operators.errors import BadAnswer
from operators.words import RelationStatus

LIVE_STEPS = ("intended", "calling", "asked")
OFF = "exchange.not_connected"
"""What a promise says that waits for its connection to be switched on again."""
USABLE = WORKING | {"checked"}
"""States of a connection whose credentials may be used for relations: a set-up invites once it is tested."""


def misfit(one: port.Participant, *, ref: str | None = None) -> str | None:
    """Which identifier of a participant, or of our relation, is longer than one may be and cannot be kept; None when all fit.

    A name, a status or a letter is cut where it is kept; an identifier never is: it would name somebody else.
    """
    named: Mapping[str, tuple[str | None, int]] = {
        "operator_code": (one.operator_code, 12),
        "participant_id": (one.participant_id, 46),
        "inn": (one.inn, 12),
        "kpp": (one.kpp, 9),
        "box": (one.box, 80),
        "ref": (ref, 120),
    }
    return next((name for name, (text, limit) in named.items() if len(text or "") > limit), None)


def peer_of(participant: port.Participant) -> str:
    """What names the participant within an account: its id, else its box, else its ИНН."""
    return (participant.participant_id or participant.box or participant.inn)[:120]


def participant_of(row: Relation) -> port.Participant:
    """The participant as the port wants it."""
    return port.Participant(
        operator_code=row.operator_code,
        participant_id=row.participant_id,
        inn=row.inn,
        kpp=row.kpp,
        name=row.name,
        box=row.peer_box,
        is_roaming=row.is_roaming,
        is_active=row.is_active,
    )


def find(uow: UnitOfWork, account_id: UUID, participant: port.Participant) -> Relation | None:
    """The row of that participant within the account."""
    query = select(Relation).where(Relation.account_id == account_id, Relation.peer == peer_of(participant))
    return uow.session.scalars(query).one_or_none()


def keep(uow: UnitOfWork, account: AccountCard, participant: port.Participant) -> Relation:
    """The participant's row, made when there is none (then nothing is between us yet); its names are brought up to date."""
    row = find(uow, account.id, participant)
    if row is None:
        now = uow.clock.now()
        row = Relation(
            owner_id=account.owner_id,
            account_id=account.id,
            peer=peer_of(participant),
            state=RelationNews.NONE.value,
            to_be_signed=False,
            changed_at=now,
            created_at=now,
            inn=participant.inn[:12],
            operator_code=participant.operator_code[:12],
        )
        uow.session.add(row)
    row.participant_id = participant.participant_id
    row.peer_box = participant.box
    row.kpp, row.name = participant.kpp, participant.name[:1000]
    row.is_roaming, row.is_active = participant.is_roaming, participant.is_active
    row.search = " ".join(
        filter(None, (participant.name, participant.inn, participant.kpp, participant.participant_id))
    )
    uow.session.flush()
    return row


def take_news(uow: UnitOfWork, account: AccountCard, news: port.Relation, *, actor: Actor) -> Relation:
    """Record a line of the operator's list. A status that is not known moves nothing and is shown as it is.

    Raises operators' BadAnswer, before anything is written, for an identifier that cannot be one (`misfit`).
    """
    wrong = misfit(news.participant, ref=news.ref)
    if wrong is not None:
        raise BadAnswer(f"{wrong} is longer than it may be: {news.participant.name[:200]}")
    row = keep(uow, account, news.participant)
    word = news_of(news.status, before=row.state)
    row.raw_status = None if word else str(news.status.value)[:60]
    row.ref, row.to_be_signed = news.ref, news.signature_requested
    if word is not None:
        _move(uow, row, word, at=news.changed_at, actor=actor)
    if news.text and row.state in {"inviting", "refused", "ended"}:
        row.text_in = news.text[:5000]
    _link(uow, account, row)
    follow(uow, row, actor=actor)
    return row


def take_absence(uow: UnitOfWork, account: AccountCard, row: Relation, *, actor: Actor) -> None:
    """Record that the operator, asked about this very participant, knows of nothing between us: its list is the truth."""
    word = news_of(RelationStatus.NONE, before=row.state)
    if word is not None:
        _move(uow, row, word, at=uow.clock.now(), actor=actor)
    _link(uow, account, row)
    follow(uow, row, actor=actor)


def _move(uow: UnitOfWork, row: Relation, word: RelationNews, *, at: datetime, actor: Actor) -> None:
    if word.value == row.state:
        return
    workflow.move(uow.session, row, "state", word, RELATION, actor=actor, at=uow.clock.now())
    row.changed_at = at
    uow.journal.write(
        "relation.changed",
        owner_id=row.owner_id,
        subject=f"relation:{row.id}",
        actor=actor,
        name=row.name,
        inn=row.inn,
        state=word.value,
    )


def follow(uow: UnitOfWork, row: Relation, *, actor: Actor) -> None:
    """Move a set-up that waits for this very relation: accepted finishes it, refused lets the person invite another."""
    account = uow.session.get(OperatorAccount, row.account_id)
    if account is None or account.invited_id != row.id:
        return
    if row.state == "accepted":
        move_account(uow, account, AccountEvent.FINISH, actor=actor)
    elif row.state in {"refused", "ended", "failed"}:
        move_account(uow, account, AccountEvent.REFUSE, actor=actor)


def move_account(uow: UnitOfWork, row: OperatorAccount, event: AccountEvent, *, actor: Actor) -> bool:
    """Move the connection when its table allows it; False when it has moved on."""
    if not ACCOUNT.allows(row.state, event):
        return False
    workflow.move(uow.session, row, "state", event, ACCOUNT, actor=actor, at=uow.clock.now())
    return True


def account_of(uow: UnitOfWork, row: Relation) -> AccountCard:
    """The connection through which the relation lives."""
    return card(uow.session.get_one(OperatorAccount, row.account_id))


def is_usable(uow: UnitOfWork, account_id: UUID) -> bool:
    """Whether the connection may be spoken through now: one that is switched off is not, whatever was promised before."""
    return uow.session.get_one(OperatorAccount, account_id).state in USABLE


def live_step(uow: UnitOfWork, relation_id: UUID) -> RelationStep | None:
    """The act about the relation that is on its way."""
    query = select(RelationStep).where(RelationStep.relation_id == relation_id, RelationStep.state.in_(LIVE_STEPS))
    return uow.session.scalars(query.order_by(RelationStep.created_at.desc())).first()


def _link(uow: UnitOfWork, account: AccountCard, row: Relation) -> None:
    """Documents go to counterparties: an accepted one is kept among them, one that is over says so there."""
    found = uow.session.scalars(
        select(Counterparty).where(
            Counterparty.inn == row.inn,
            Counterparty.kpp == row.kpp if row.kpp else Counterparty.kpp.is_(None),
            Counterparty.participant_id == row.participant_id,
        )
    ).first()
    if row.state == "accepted":
        if found is None:
            here = accounts.entity_by_inn(uow, row.inn, row.kpp)
            found = Counterparty(
                owner_id=row.owner_id,
                inn=row.inn,
                kpp=row.kpp,
                participant_id=row.participant_id,
                entity_id=here.id if here else None,
                created_at=uow.clock.now(),
            )
            uow.session.add(found)
        found.name, found.operator, found.box = row.name, account.operator, row.peer_box
        found.relation = "active"
        found.search = " ".join(filter(None, (row.name, row.inn, row.kpp)))
        uow.session.flush()
    elif found is not None and row.state == "ended":
        found.relation = "ended"
    row.counterparty_id = found.id if found else None
