"""Ask an operator who has an ИНН."""

from collections.abc import Sequence
from uuid import UUID

from edo_service.errors import Forbidden, Rejected, Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import OperatorFactory, card
from edo_service.exchange.lives import WORKING
from edo_service.exchange.use_cases.set_up import take
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from operators import errors, port

MOST = 50


def find_participants(
    account_id: UUID, *, inn: str, kpp: str | None, actor: Actor, uow: UnitOfWork, operators: OperatorFactory
) -> Sequence[port.Participant]:
    """Everyone with that ИНН (and КПП) whom the operator knows, roaming ones last; nobody is an empty answer.

    Raises Rejected (`exchange.not_connected`, `exchange.credentials_refused`), Unavailable (`exchange.no_answer`), NotFound.
    """
    if not (actor.may(Right.COUNTERPARTIES) or actor.may(Right.OPERATORS)):
        raise Forbidden("account.right_missing", right=Right.COUNTERPARTIES.value)
    with uow:
        row = take(uow, account_id)
        if row.state not in WORKING | {"checked"}:
            raise Rejected("exchange.not_connected")
        account = card(row)
    try:
        found = operators(account).find_participants(inn=inn, kpp=kpp)
    except errors.Invalid:
        return ()
    except (errors.AuthExpired, errors.Forbidden) as error:
        raise Rejected("exchange.credentials_refused", reason=str(error)) from error
    except errors.OperatorError as error:
        raise Unavailable("exchange.no_answer", reason=str(error)) from error
    own = (account.participant_id or "").casefold()
    others = [one for one in found if (one.participant_id or "").casefold() != own and not relations.misfit(one)]
    return sorted(others, key=lambda one: (one.is_roaming, not one.is_active, one.kpp or "", one.participant_id or ""))[
        :MOST
    ]
