"""What an account's operator can do: screens offer only that."""

from uuid import UUID

from edo_service.errors import Unavailable
from edo_service.exchange.accounts import OperatorFactory, account_of_box, card
from edo_service.exchange.use_cases.set_up import take
from edo_service.kernel.uow import UnitOfWork
from operators.port import Capability


def capabilities_of(account_id: UUID, *, uow: UnitOfWork, operators: OperatorFactory) -> frozenset[Capability]:
    """The adapter's capabilities (nobody is asked); none when no adapter can be made for it. NotFound."""
    with uow.reading() as reading:
        account = card(take(reading, account_id))
    try:
        return operators(account).capabilities
    except Unavailable:
        return frozenset()


def carries_requests(uow: UnitOfWork, owner_id: UUID, box: str | None, *, operators: OperatorFactory) -> bool:
    """Whether the operator of the box carries requests for a correction; not while it is switched off.

    In the caller's unit of work; nobody is asked.
    """
    try:
        return Capability.CORRECTION_REQUESTS in operators(account_of_box(uow, owner_id, box)).capabilities
    except Unavailable:
        return False
