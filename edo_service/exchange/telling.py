"""What is told to the other side of a signature besides its bytes: the power (МЧД) that it rests on."""

from uuid import UUID

from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import queries as powers
from operators.port import PowerRef


def power_behind(uow: UnitOfWork, owner_id: UUID, signature_id: UUID | None) -> PowerRef | None:
    """The power of our signature by its requisites; None for one that rests on none.

    Requisites suffice: a power that the register does not know makes no signature of ours (`powers.desk.is_good`).
    """
    card = None if signature_id is None else powers.behind(uow, owner_id, signature_id)
    if card is None:
        return None
    power, principal = card.power, card.power.principals[0]
    return PowerRef(
        number=power.number,
        issuer_inn=principal.organization_inn or principal.inn or "",
        representative_inn=power.agents[0].inn if len(power.agents) == 1 else None,
        valid_from=power.issued,
        valid_to=power.expires,
    )
