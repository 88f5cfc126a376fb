"""Receipts as universal messages: which boxes give them; an intent of a call whose file nobody signs. Doubts of annulments.

Revision ID: 0012
Revises: 0010
Create Date: 2026-11-22 20:30:00.000000
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema. Connections that are there go on giving notices."""
    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("receipts_by", sa.String(length=16), nullable=False, server_default=sa.text("'notice'"))
        )
    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.alter_column("signature_id", existing_type=sa.Uuid(), nullable=True)
    with op.batch_alter_table("annulment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_objection", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("answer_objection", sa.Text(), nullable=True))


def downgrade() -> None:
    """Change it back. Intents without a signature have no place in the older schema."""
    with op.batch_alter_table("annulment", schema=None) as batch_op:
        batch_op.drop_column("answer_objection")
        batch_op.drop_column("offer_objection")
    op.execute("DELETE FROM dispatch WHERE signature_id IS NULL")
    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.alter_column("signature_id", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.drop_column("receipts_by")
