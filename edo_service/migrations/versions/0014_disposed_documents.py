"""Disposed documents: when a document's content ceased to be kept, and when its working copies had been cleared.

Revision ID: 0014
Revises: 0012
Create Date: 2026-11-22 20:25:00.000000
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_WHEN = """
UPDATE document SET disposed_at = (
    SELECT max(disposal_line.deleted_at) FROM disposal_line
    JOIN package ON package.id = disposal_line.package_id AND package.owner_id = disposal_line.owner_id
    WHERE package.document_id = document.id AND package.owner_id = document.owner_id
) WHERE archive = 'disposed' AND owner_id IS NOT NULL
"""
_WAITING = sa.text("state = 'disposed' AND cleared_at IS NULL")


def upgrade() -> None:
    """Change the schema. The copies of sets that were disposed of before are cleared by the clock's duty."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_package_uncleared", ["owner_id"], unique=False, sqlite_where=_WAITING, postgresql_where=_WAITING
        )
    op.execute(_WHEN)


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.drop_index("ix_package_uncleared", sqlite_where=_WAITING, postgresql_where=_WAITING)
        batch_op.drop_column("cleared_at")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("disposed_at")
