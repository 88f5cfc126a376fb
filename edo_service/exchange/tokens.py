"""What an operator gave for a log-in that took its person: Saby's session, Diadoc's refresh token. Sealed at rest."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, update

from edo_service.errors import DATABASE_AWAY, Conflict, Unavailable
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.rotation import Resealed, SealedColumn, reseal_column
from edo_service.kernel.scope import Scope, SystemScope
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.uow import UnitOfWork
from operators.errors import KeeperFailed


def token_context(owner_id: UUID, operator: str) -> str:
    """What a sealed token is bound to, so that it opens for no other company or operator."""
    return f"operator_token:{owner_id}:{operator}"


class TokenUnavailable(Unavailable, KeeperFailed):
    """The database does not answer now: what adapters expect of a keeper, and what pages and jobs know already."""


@dataclass(frozen=True, kw_only=True)
class KeptToken:
    """The token of one connection (`operators.saby.SessionKeeper`, `operators.diadoc.TokenKeeper`).

    All processes share it: whoever renews it saves it, and whoever was refused looks here before it gives up. Called
    by adapters, so never with a transaction open. Both raise TokenUnavailable.
    """

    account_id: UUID
    owner_id: UUID
    operator: str
    secrets: SecretBox = field(repr=False)
    make_uow: Callable[[Scope], UnitOfWork] = field(repr=False)

    def load(self) -> str | None:
        """The token; None while there is none, while its person is waited for, and when it does not open any more."""
        with kept_elsewhere(), self._uow().reading() as uow:
            query = select(OperatorAccount.sealed_token, OperatorAccount.log_in_step)
            row = uow.session.execute(query.where(OperatorAccount.id == self.account_id)).one_or_none()
        if row is None or row.sealed_token is None or row.log_in_step is not None:
            return None
        try:
            return self.secrets.open(row.sealed_token, token_context(self.owner_id, self.operator)).decode()
        except SecretUnreadable:
            return None

    def save(self, token: str) -> None:
        """Keep a new token; nobody is waited for any more. The row's version stays: this is no move of anybody's."""
        sealed = self.secrets.seal(token.encode(), token_context(self.owner_id, self.operator))
        with kept_elsewhere(), self._uow() as uow:
            mine = update(OperatorAccount).where(OperatorAccount.id == self.account_id)
            uow.session.execute(mine.values(sealed_token=sealed, log_in_step=None))
            uow.commit()

    def _uow(self) -> UnitOfWork:
        return self.make_uow(Scope.of(self.owner_id))


@contextmanager
def kept_elsewhere() -> Iterator[None]:
    """Turn what the database cannot do now into what a keeper may raise."""
    try:
        yield
    except (Unavailable, Conflict) as error:
        raise TokenUnavailable(DATABASE_AWAY) from error


def reseal_tokens(*, secrets: SecretBox, uow: UnitOfWork, dry: bool = False) -> Resealed:
    """Seal every entity's tokens under the service's newest secret (rotation); `dry` only counts."""
    place = SealedColumn(
        table=OperatorAccount,
        column="sealed_token",
        context=lambda row: token_context(row.owner_id, row.operator),
        needs=("operator",),
        only=(OperatorAccount.sealed_token.is_not(None),),
    )
    return reseal_column(place, secrets=secrets, uow=uow.under(SystemScope("keys.rotate")), dry=dry)
