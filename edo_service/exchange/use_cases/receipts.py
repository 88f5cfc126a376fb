"""Choose how a box acknowledges what comes in: by a signed notice (ИоП) or by a universal message (УС)."""

from uuid import UUID

from sqlalchemy import select

from edo_service.documents.receipts import discard_unsigned, promise_receipt
from edo_service.documents.rules import Direction
from edo_service.documents.tables import Document
from edo_service.errors import Rejected
from edo_service.exchange.accounts import OperatorFactory
from edo_service.exchange.rules import ReceiptsBy
from edo_service.exchange.use_cases.capabilities import capabilities_of
from edo_service.exchange.use_cases.set_up import take
from edo_service.exchange.use_cases.tell import NEEDED
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork


def choose_receipts(
    account_id: UUID, receipts_by: ReceiptsBy, *, actor: Actor, uow: UnitOfWork, operators: OperatorFactory
) -> None:
    """Keep the choice; receipts of the box that are owed and not prepared yet are made by it at once.

    A notice that is written and not signed yet (its key may be retired) gives way to a message.

    Raises NotFound, and Rejected (`exchange.no_universal_messages`) where the operator carries none.
    """
    actor.require(Right.OPERATORS)
    if receipts_by is ReceiptsBy.MESSAGE and not carries_messages(account_id, uow=uow, operators=operators):
        raise Rejected("exchange.no_universal_messages")
    with uow:
        row = take(uow, account_id)
        if row.receipts_by == receipts_by.value:
            return
        row.receipts_by = receipts_by.value
        owed = select(Document).where(
            Document.direction == Direction.IN.value,
            Document.box == row.box,
            Document.receipt.in_(("required", "prepared")),
        )
        for document in uow.session.scalars(owed).all():
            if receipts_by is ReceiptsBy.MESSAGE:
                discard_unsigned(uow, document, actor=actor)
            if document.receipt == "required":
                promise_receipt(uow, document)
        uow.journal.write(
            "exchange.receipts_chosen",
            owner_id=row.owner_id,
            subject=f"operator_account:{row.id}",
            actor=actor,
            receipts_by=receipts_by.value,
        )
        uow.commit()


def carries_messages(account_id: UUID, *, uow: UnitOfWork, operators: OperatorFactory) -> bool:
    """Whether the operator of the connection can write and carry universal messages. Nobody is asked. NotFound."""
    return capabilities_of(account_id, uow=uow, operators=operators) >= NEEDED
