"""Whose rows may be seen: the scope of a unit of work.

A `Scope` is the set of entities an actor acts for. A `SystemScope` sees every entity and may be opened only under a
name of `SYSTEM_SCOPES`, so that the places that see everything can be counted. `kernel.guard` enforces both on every
statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

SYSTEM_SCOPES: Final[dict[str, str]] = {
    "accounts.log_in": "nobody is logged in yet: person, memberships and sessions are looked up by log-in or token",
    "accounts.set_up": "entities, people and memberships are created from outside any entity (command line, demo)",
    "archiving.command_line": "the administrator searches and exports the archive of every entity (`edo archive`)",
    "archiving.scrub": "damage is looked for in the archive of every entity",
    "backup": "every row of every entity is written into a backup, or read back from one into an empty database",
    "demo": "the demonstration sets up companies and walks both sides of the road",
    "documents.direct": "the direct route writes the same document for both parties",
    "exchange.poll": "event feeds are read for every participant of this service",
    "exchange.remind": "letters about deadlines are promised for every participant of this service",
    "health": "readiness counts lag over all entities",
    "journal.seal": "the sealer chains the journal of every entity",
    "migrate": "schema changes may touch every row",
    "keys.rotate": "sealed keys and operator passwords of every entity are sealed anew under the newest secret",
}
"""Name → why it must see every entity. A test pins this list: adding a name is a decision."""


class UnscopedQuery(Exception):
    """A statement touched a table of owned rows without (enough of) a scope.

    A defect of the program, never of the user.
    """


class ForeignOwner(UnscopedQuery):
    """A row of an entity outside the scope was about to be written, or a row was about to change its owner."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The entities whose rows may be seen and written."""

    entities: frozenset[UUID]

    @classmethod
    def of(cls, *entities: UUID) -> Scope:
        """Make a scope of the entities named."""
        return cls(frozenset(entities))

    def allows(self, owner_id: UUID | None) -> bool:
        """Tell whether rows of the owner may be touched."""
        return owner_id in self.entities


@dataclass(frozen=True, slots=True)
class SystemScope:
    """Every entity's rows, for one named duty of the system; ValueError for a name that SYSTEM_SCOPES lacks."""

    name: str

    def __post_init__(self) -> None:
        if self.name not in SYSTEM_SCOPES:
            raise ValueError(f"{self.name!r} is not in SYSTEM_SCOPES")

    def allows(self, owner_id: UUID | None) -> bool:
        """Tell whether rows of the owner may be touched: always, once an owner is named."""
        return owner_id is not None


AnyScope = Scope | SystemScope


def wire(scope: AnyScope) -> str:
    """Write the scope as PostgreSQL's row-level security reads it from `app.entities`: `*` or UUIDs with commas."""
    return "*" if isinstance(scope, SystemScope) else _joined(scope.entities)


def _joined(entities: Iterable[UUID]) -> str:
    return ",".join(sorted(str(one) for one in entities))
