"""Ask the operator whether the kept credentials still work, and write the outcome down."""

from uuid import UUID

from sqlalchemy import select

from edo_service.errors import NotFound, Unavailable
from edo_service.exchange.accounts import OperatorFactory, card
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from operators.errors import OperatorError


def check_connection(account_id: UUID, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory) -> None:
    """Log in at the operator once. Raises Unavailable (`exchange.no_answer`) when that fails, NotFound, Forbidden."""
    actor.require(Right.OPERATORS)
    with uow:
        account = card(_row(uow, account_id))
    trouble: str | None = None
    try:
        operators(account).check_connection()
    except OperatorError as error:
        trouble = f"{type(error).__name__}: {error}"
    with uow:
        row = _row(uow, account_id)
        row.trouble_since = None if trouble is None else row.trouble_since or uow.clock.now()
        row.trouble = trouble
        uow.journal.write(
            "exchange.checked",
            owner_id=row.owner_id,
            subject=f"operator_account:{row.id}",
            actor=actor,
            reason=trouble or "",
        )
        uow.commit()
    if trouble is not None:
        raise Unavailable("exchange.no_answer", reason=trouble)


def _row(uow: UnitOfWork, account_id: UUID) -> OperatorAccount:
    row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
    if row is None:
        raise NotFound("exchange.account_absent", id=str(account_id))
    return row
