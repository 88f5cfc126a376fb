"""`op.protect_owned(table)`: PostgreSQL's row-level security on a table of owned rows; nothing on SQLite.

The policy shows and accepts rows whose owner stands in `app.entities`, which each transaction sets from its scope
(`*` for a SystemScope). Nothing set: nothing seen. FORCE subjects the table's owner too; a superuser is never
subject, so the service must not connect as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations
from alembic.operations.ops import CreateTableOp, ModifyTableOps, OpContainer

from edo_service.kernel.tables import owned_tables

POLICY = """
CREATE POLICY scope ON "{table}" USING (
    (SELECT current_setting('app.entities', true)) = '*'
    OR owner_id = ANY ((SELECT string_to_array(nullif(current_setting('app.entities', true), '*'), ','))::uuid[])
)"""


@Operations.register_operation("protect_owned")
class ProtectOwned(MigrateOperation):
    """Put the owner's wall around a table."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def protect_owned(cls, operations: Operations, table: str) -> Any:
        """Enable and force row-level security with the scope's policy on the table."""
        return operations.invoke(cls(table))

    def reverse(self) -> MigrateOperation:
        """Return the opposite."""
        return UnprotectOwned(self.table)

    def to_diff_tuple(self) -> tuple[str, str]:
        """Name the difference as alembic names its own."""
        return ("protect_owned", self.table)


@Operations.register_operation("unprotect_owned")
class UnprotectOwned(MigrateOperation):
    """Take the owner's wall away (before a table stops having owners)."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def unprotect_owned(cls, operations: Operations, table: str) -> Any:
        """Drop the policy and disable row-level security."""
        return operations.invoke(cls(table))

    def reverse(self) -> MigrateOperation:
        """Return the opposite."""
        return ProtectOwned(self.table)

    def to_diff_tuple(self) -> tuple[str, str]:
        """Name the difference as alembic names its own."""
        return ("unprotect_owned", self.table)


@Operations.implementation_for(ProtectOwned)
def _protect(operations: Operations, operation: ProtectOwned) -> None:
    if operations.get_bind().dialect.name == "postgresql":
        operations.execute(f'ALTER TABLE "{operation.table}" ENABLE ROW LEVEL SECURITY')
        operations.execute(f'ALTER TABLE "{operation.table}" FORCE ROW LEVEL SECURITY')
        operations.execute(POLICY.format(table=operation.table))


@Operations.implementation_for(UnprotectOwned)
def _unprotect(operations: Operations, operation: UnprotectOwned) -> None:
    if operations.get_bind().dialect.name == "postgresql":
        operations.execute(f'DROP POLICY scope ON "{operation.table}"')
        operations.execute(f'ALTER TABLE "{operation.table}" NO FORCE ROW LEVEL SECURITY')
        operations.execute(f'ALTER TABLE "{operation.table}" DISABLE ROW LEVEL SECURITY')


@renderers.dispatch_for(ProtectOwned)
def _render_protect(_context: Any, operation: ProtectOwned) -> str:
    return f"op.protect_owned({operation.table!r})"


@renderers.dispatch_for(UnprotectOwned)
def _render_unprotect(_context: Any, operation: UnprotectOwned) -> str:
    return f"op.unprotect_owned({operation.table!r})"


def protect_new_tables(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Add `op.protect_owned` behind every creation of a table of owned rows (alembic: process_revision_directives)."""
    for script in directives:
        for container in script.upgrade_ops_list:
            container.ops.extend([ProtectOwned(table) for table in _created(container) if table in owned_tables()])


def _created(container: OpContainer) -> Iterable[str]:
    for operation in container.ops:
        if isinstance(operation, CreateTableOp):
            yield operation.table_name
        elif isinstance(operation, OpContainer) and not isinstance(operation, ModifyTableOps):
            yield from _created(operation)
