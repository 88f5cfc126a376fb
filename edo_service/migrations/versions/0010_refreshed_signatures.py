"""Refreshed signatures of archived sets: when each set is due.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-22 17:40:00.000000
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema. Sets that are there are looked at when the setting is switched on."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "package_refresh",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("version", whole, nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("underway", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_refresh_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_refresh")),
        sa.UniqueConstraint("package_id", name="uq_package_refresh_package"),
    )
    with op.batch_alter_table("package_refresh", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_package_refresh_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_package_refresh_due", ["owner_id", "due_at"], unique=False)
    op.protect_owned("package_refresh")


def downgrade() -> None:
    """Change it back."""
    op.drop_table("package_refresh")
