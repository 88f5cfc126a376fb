"""The connection to an operator as the verbs see it, and the factory that turns it into a speaking adapter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from edo_service.errors import Unavailable
from edo_service.exchange.lives import WORKING
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.guard import standing
from edo_service.kernel.rotation import Resealed, SealedColumn, reseal_column
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from operators.port import Operator


@dataclass(frozen=True, kw_only=True)
class AccountCard:
    """One box with its (still sealed) credentials and its place in the feed; `version`: of two cards the greater is newer."""

    id: UUID
    owner_id: UUID
    operator: str
    participant_id: str
    box: str
    login: str
    sealed_password: bytes
    client_id: str
    cursor: str | None
    resync_from: datetime | None = None
    log_in_by: str = "password"
    version: int = 0


OperatorFactory = Callable[[AccountCard], Operator]
_OF_BOX = standing(
    select(OperatorAccount).where(
        OperatorAccount.owner_id == bindparam("owner_id"),
        OperatorAccount.box.is_not_distinct_from(bindparam("box")),
        OperatorAccount.state.in_(WORKING),
    )
)


def card(row: OperatorAccount) -> AccountCard:
    """The row as a value that outlives the session."""
    return AccountCard(
        id=row.id,
        owner_id=row.owner_id,
        operator=row.operator,
        participant_id=row.participant_id,
        box=row.box,
        login=row.login,
        sealed_password=row.sealed_password,
        client_id=row.client_id,
        cursor=row.cursor,
        resync_from=row.resync_from,
        log_in_by=row.log_in_by,
        version=row.version,
    )


def account_of_box(uow: UnitOfWork, owner_id: UUID, box: str | None) -> AccountCard:
    """The connected account of the owner's box. Unavailable when the exchange is not set up or switched off."""
    row = uow.session.scalars(_OF_BOX, {"owner_id": owner_id, "box": box}).one_or_none()
    if row is None:
        raise Unavailable("exchange.not_connected")
    return card(row)


def reseal_passwords(
    *, context: Callable[[UUID, str], str], secrets: SecretBox, uow: UnitOfWork, dry: bool = False
) -> Resealed:
    """Seal every entity's operator passwords under the service's newest secret (rotation); `dry` only counts.

    `context` is what `connect` sealed them for: (owner, operator). May be interrupted and repeated.
    """
    place = SealedColumn(
        table=OperatorAccount,
        column="sealed_password",
        context=lambda row: context(row.owner_id, row.operator),
        needs=("operator",),
    )
    return reseal_column(place, secrets=secrets, uow=uow.under(SystemScope("keys.rotate")), dry=dry)
