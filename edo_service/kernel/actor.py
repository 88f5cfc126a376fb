"""Who acts, for which entity, with which rights. Filled by `accounts`, asked by every use case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from edo_service.errors import Forbidden
from edo_service.kernel.scope import AnyScope, Scope, SystemScope


class Right(StrEnum):
    """What may be allowed. Roles are presets of rights (`accounts.rules`); code asks for rights, never for roles."""

    READ = "document.read"
    UPLOAD = "document.upload"
    SIGN = "document.sign"
    SEND = "document.send"
    REJECT = "document.reject"
    ANNUL = "document.annul"
    COUNTERPARTIES = "counterparty.manage"
    OPERATORS = "exchange.manage"
    KEYS = "key.manage"
    ARCHIVE_SEARCH = "archive.search"
    ARCHIVE_EXPORT = "archive.export"
    ARCHIVE_RETENTION = "archive.retention"
    ARCHIVE_HOLD = "archive.hold"
    ARCHIVE_RELEASE = "archive.release"
    ARCHIVE_PROPOSE = "archive.propose"
    ARCHIVE_APPROVE = "archive.approve"
    JOURNAL = "journal.read"
    PEOPLE = "account.manage"
    JOBS = "job.manage"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One acting person (or duty of the system) for one entity.

    `user_id` is None for the system. `entity_id` is the entity acted for now (None for a system-wide duty), `scope` the
    rows visible, `rights` what the membership allows.
    """

    user_id: UUID | None
    name: str
    entity_id: UUID | None
    scope: AnyScope
    rights: frozenset[Right]

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the act."""
        return self.user_id is None

    @property
    def entity(self) -> UUID:
        """The entity acted for; Forbidden when the actor acts for none."""
        if self.entity_id is None:
            raise Forbidden("account.no_entity")
        return self.entity_id

    def may(self, right: Right) -> bool:
        """Tell whether the right is held (for buttons and menus)."""
        return right in self.rights

    def require(self, right: Right) -> None:
        """Raise Forbidden unless the right is held."""
        if right not in self.rights:
            raise Forbidden("account.right_missing", right=right.value)

    @classmethod
    def system(cls, name: str) -> Actor:
        """Return the system acting under the named SystemScope, over every entity."""
        return cls(user_id=None, name=name, entity_id=None, scope=SystemScope(name), rights=frozenset(Right))

    @classmethod
    def automatic(cls, name: str, entity_id: UUID) -> Actor:
        """Return the system acting for one entity only (a job's handler): its scope is that entity."""
        return cls(user_id=None, name=name, entity_id=entity_id, scope=Scope.of(entity_id), rights=frozenset(Right))
