"""Refusing to go back to an older schema whose code could not read what is kept."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op


class CannotGoBack(RuntimeError):
    """Rows are kept that the older code cannot read. Nothing has been changed."""


def refuse_while_kept(before: str, kept: Mapping[str, sa.TextClause]) -> None:
    """Refuse a downgrade to what was before the revision `before`.

    `kept`: what older code cannot read → the query that counts such rows. Raises CannotGoBack, which names them.
    """
    connection = op.get_bind()
    counts = {what: connection.execute(query).scalar_one() for what, query in kept.items()}
    there = [f"{what}: {count}" for what, count in counts.items() if count]
    if there:
        raise CannotGoBack(f"the schema cannot go back before {before}, older code cannot read {'; '.join(there)}")
