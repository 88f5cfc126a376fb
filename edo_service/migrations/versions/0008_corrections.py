"""Corrections: whether a document has to be corrected, and which one an исправление replaces.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-22 17:10:00.000000
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SET = sa.text("corrects_id IS NOT NULL")


def upgrade() -> None:
    """Change the schema. Documents that are there have no correction asked for."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("correction", sa.String(length=32), nullable=False, server_default="none"))
        batch_op.add_column(sa.Column("corrects_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            "ix_document_corrects", ["corrects_id"], unique=False, sqlite_where=_SET, postgresql_where=_SET
        )


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_corrects", sqlite_where=_SET, postgresql_where=_SET)
        batch_op.drop_column("corrects_id")
        batch_op.drop_column("correction")
