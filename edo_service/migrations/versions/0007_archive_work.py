"""Progress of the archive's scrub and what it found.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-22 13:40:00.000000
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "scrub_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", sa.String(length=255), nullable=False),
        sa.Column("objects", whole, nullable=False),
        sa.Column("bytes", whole, nullable=False),
        sa.Column("findings", whole, nullable=False),
        sa.Column("repaired", whole, nullable=False),
        sa.Column("version", whole, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrub_round")),
    )
    with op.batch_alter_table("scrub_round", schema=None) as batch_op:
        batch_op.create_index("ix_scrub_round_origin", ["origin", "started_at"], unique=False)
    op.create_table(
        "scrub_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("shelf", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("repaired", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["scrub_round.id"], name=op.f("fk_scrub_finding_round_id_scrub_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrub_finding")),
        sa.UniqueConstraint("round_id", "kind", "key", name="uq_scrub_finding_once"),
    )
    with op.batch_alter_table("scrub_finding", schema=None) as batch_op:
        batch_op.create_index("ix_scrub_finding_shelf", ["shelf"], unique=False)


def downgrade() -> None:
    """Change it back."""
    op.drop_table("scrub_finding")
    op.drop_table("scrub_round")
