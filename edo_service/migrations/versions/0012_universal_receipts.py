"""Receipts as universal messages: which boxes give them; an intent of a call whose file nobody signs. Doubts of annulments.

Revision ID: 0012
Revises: 0010
Create Date: 2026-11-22 20:30:00.000000
"""

import sqlalchemy as sa
from alembic import op

from edo_service.migrations.going_back import refuse_while_kept

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEPT = {
    "documents acknowledged by a message": sa.text("SELECT count(*) FROM document WHERE receipt = 'told'"),
    "universal messages": sa.text("SELECT count(*) FROM part WHERE role = 'universal_receipt'"),
    "calls without a signature": sa.text("SELECT count(*) FROM dispatch WHERE signature_id IS NULL"),
    "jobs of kinds it does not know": sa.text(
        "SELECT count(*) FROM job WHERE kind IN ('exchange.tell', 'exchange.retake') AND state <> 'done'"
    ),
}


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
    """Change it back. Refused while there is what has no place in the older schema."""
    refuse_while_kept(revision, _KEPT)
    with op.batch_alter_table("annulment", schema=None) as batch_op:
        batch_op.drop_column("answer_objection")
        batch_op.drop_column("offer_objection")
    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.alter_column("signature_id", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.drop_column("receipts_by")
