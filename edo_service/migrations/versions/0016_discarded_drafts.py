"""Drafts that were discarded: when nothing of their files was left in the working store.

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-23 00:10:00.000000
"""

import sqlalchemy as sa
from alembic import op

from edo_service.migrations.going_back import refuse_while_kept

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WAITING = sa.text("delivery = 'discarded' AND cleared_at IS NULL")
_KEPT = {"discarded drafts": sa.text("SELECT count(*) FROM document WHERE delivery = 'discarded'")}


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_document_uncleared", ["owner_id"], unique=False, sqlite_where=_WAITING, postgresql_where=_WAITING
        )


def downgrade() -> None:
    """Change it back. Refused while there is what older code cannot read."""
    refuse_while_kept(revision, _KEPT)
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_uncleared", sqlite_where=_WAITING, postgresql_where=_WAITING)
        batch_op.drop_column("cleared_at")
