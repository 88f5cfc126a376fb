"""Connect the company to an operator: the credentials are tried first, then kept sealed."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import queries as accounts
from edo_service.errors import Rejected, Unavailable
from edo_service.exchange.accounts import AccountCard, OperatorFactory
from edo_service.exchange.lives import AccountEvent
from edo_service.exchange.relations import move_account
from edo_service.exchange.rules import POLL
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.ids import new_id
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from operators.errors import AuthExpired, OperatorError
from operators.errors import Forbidden as OperatorForbids


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What the accountant types in: the operator's code, our box there and the account to speak through."""

    operator: str
    participant_id: str
    login: str
    password: str = field(repr=False)
    client_id: str


def connect(wish: Connection, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory, secrets: SecretBox) -> UUID:
    """Try the credentials at the operator, find our box by participant id, keep all of it. Returns the account's id.

    Raises Rejected (`exchange.credentials_refused`, `exchange.box_not_found`, `exchange.box_of_other_organization`) or
    Unavailable when the operator is silent.
    """
    actor.require(Right.OPERATORS)
    sealed = secrets.seal(wish.password.encode(), context=seal_context(actor.entity, wish.operator))
    card = AccountCard(
        id=new_id(),
        owner_id=actor.entity,
        operator=wish.operator,
        participant_id=wish.participant_id,
        box="",
        login=wish.login,
        sealed_password=sealed,
        client_id=wish.client_id,
        cursor=None,
    )
    try:
        boxes = operators(card).check_connection()
    except (AuthExpired, OperatorForbids) as error:
        raise Rejected("exchange.credentials_refused", reason=str(error)) from error
    except OperatorError as error:
        raise Unavailable("exchange.no_answer", reason=str(error)) from error
    box = next((box for box in boxes if box.participant_id == wish.participant_id), None)
    if box is None:
        raise Rejected("exchange.box_not_found", participant_id=wish.participant_id)
    with uow:
        inn = accounts.entity(uow, actor.entity).inn
    if box.inn != inn:  # an account at the operator may see boxes of several companies; each reads its own only
        raise Rejected("exchange.box_of_other_organization", expected=inn, found=box.inn)
    return _keep(card, box.id, actor=actor, uow=uow)


def seal_context(owner_id: UUID, operator: str) -> str:
    """What the sealed password is bound to, so that it opens for no other company or operator."""
    return f"operator_account:{owner_id}:{operator}"


def _keep(card: AccountCard, box: str, *, actor: Actor, uow: UnitOfWork) -> UUID:
    with uow:
        row = uow.session.scalars(
            select(OperatorAccount).where(OperatorAccount.operator == card.operator, OperatorAccount.box == box)
        ).one_or_none()
        if row is None:
            row = OperatorAccount(
                id=card.id,
                owner_id=card.owner_id,
                operator=card.operator,
                participant_id=card.participant_id,
                box=box,
                state="connected",
                created_at=uow.clock.now(),
            )
            uow.session.add(row)
        row.login, row.sealed_password, row.client_id = card.login, card.sealed_password, card.client_id
        row.trouble, row.trouble_since, row.checked_at = None, None, uow.clock.now()
        for event in (AccountEvent.SWITCH_ON, AccountEvent.FINISH):
            move_account(uow, row, event, actor=actor)
        uow.journal.write(
            "exchange.connected",
            owner_id=card.owner_id,
            subject=f"operator_account:{row.id}",
            actor=actor,
            operator=card.operator,
            box=box,
        )
        uow.jobs.put(
            POLL, owner_id=card.owner_id, key=str(row.id), queue="exchange", payload={"account_id": str(row.id)}
        )
        uow.commit()
        return row.id
