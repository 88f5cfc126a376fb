"""How a connection logs in at its operator: by what, the token that the operator gave, the step that waits for its person.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-22 17:15:00.000000
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema. Connections that are there log in by password."""
    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("log_in_by", sa.String(length=16), nullable=False, server_default=sa.text("'password'"))
        )
        batch_op.add_column(sa.Column("sealed_token", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("log_in_step", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.drop_column("log_in_step")
        batch_op.drop_column("sealed_token")
        batch_op.drop_column("log_in_by")
