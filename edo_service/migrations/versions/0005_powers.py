"""Powers of attorney (МЧД) and what rested on them.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22 13:40:00.000000
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "power_of_attorney",
        sa.Column("number", sa.String(length=36), nullable=False),
        sa.Column("own_number", sa.String(length=255), nullable=False),
        sa.Column("principal_name", sa.String(length=1000), nullable=False),
        sa.Column("principal_inn", sa.String(length=12), nullable=False),
        sa.Column("agent_name", sa.String(length=1000), nullable=False),
        sa.Column("agent_inn", sa.String(length=12), nullable=True),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("facts", _json(), nullable=False),
        sa.Column("decided", _json(), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature_sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_of_attorney")),
        sa.UniqueConstraint("owner_id", "number", name="uq_power_of_attorney"),
    )
    with op.batch_alter_table("power_of_attorney", schema=None) as batch_op:
        batch_op.create_index("ix_power_of_attorney_agent", ["owner_id", "agent_inn"], unique=False)
        batch_op.create_index(batch_op.f("ix_power_of_attorney_owner_id"), ["owner_id"], unique=False)
    op.create_table(
        "power_use",
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checks", _json(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_use")),
        sa.UniqueConstraint("owner_id", "signature_id", name="uq_power_use"),
    )
    with op.batch_alter_table("power_use", schema=None) as batch_op:
        batch_op.create_index("ix_power_use_number", ["owner_id", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_power_use_owner_id"), ["owner_id"], unique=False)
    op.protect_owned("power_of_attorney")
    op.protect_owned("power_use")


def downgrade() -> None:
    """Change it back."""
    op.drop_table("power_use")
    op.drop_table("power_of_attorney")
