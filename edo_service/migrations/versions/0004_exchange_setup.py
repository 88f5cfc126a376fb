"""Set-up of operators, invitations and counterparties; news that was not understood; letters about deadlines.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-22 13:40:00.000000
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OFFERED = sa.text("side = 'ours' AND state IN ('proposing', 'expected')")


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "invitation_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["operator_account.id"], name=op.f("fk_invitation_batch_account_id_operator_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_batch")),
    )
    with op.batch_alter_table("invitation_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_batch_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "odd_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("kinds", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["operator_account.id"], name=op.f("fk_odd_event_account_id_operator_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odd_event")),
        sa.UniqueConstraint("owner_id", "account_id", "external_id", name="uq_odd_event"),
    )
    with op.batch_alter_table("odd_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_odd_event_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "relation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("peer", sa.String(length=120), nullable=False),
        sa.Column("participant_id", sa.String(length=46), nullable=True),
        sa.Column("peer_box", sa.String(length=120), nullable=True),
        sa.Column("operator_code", sa.String(length=12), nullable=False),
        sa.Column("inn", sa.String(length=12), nullable=False),
        sa.Column("kpp", sa.String(length=9), nullable=True),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("is_roaming", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=True),
        sa.Column("ref", sa.String(length=120), nullable=True),
        sa.Column("text_in", sa.Text(), nullable=True),
        sa.Column("text_out", sa.Text(), nullable=True),
        sa.Column("to_be_signed", sa.Boolean(), nullable=False),
        sa.Column("counterparty_id", sa.Uuid(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["operator_account.id"], name=op.f("fk_relation_account_id_operator_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
        sa.UniqueConstraint("owner_id", "account_id", "peer", name="uq_relation_peer"),
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_inn"), ["inn"], unique=False)
        batch_op.create_index("ix_relation_list", ["owner_id", "state", "search", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "invitation_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inn", sa.String(length=40), nullable=False),
        sa.Column("kpp", sa.String(length=40), nullable=True),
        sa.Column("participant_id", sa.String(length=80), nullable=True),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("relation_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["invitation_batch.id"], name=op.f("fk_invitation_row_batch_id_invitation_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_row")),
        sa.UniqueConstraint("batch_id", "number", name="uq_invitation_row_number"),
    )
    with op.batch_alter_table("invitation_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_row_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "relation_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("relation_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("file_name", sa.String(length=400), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("signature_sha256", sa.String(length=64), nullable=True),
        sa.Column("task", sa.String(length=200), nullable=True),
        sa.Column("calls", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.String(length=120), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["relation_id"], ["relation.id"], name=op.f("fk_relation_step_relation_id_relation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation_step")),
        sa.UniqueConstraint("key", name=op.f("uq_relation_step_key")),
    )
    with op.batch_alter_table("relation_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_step_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_relation_step_relation", ["owner_id", "relation_id"], unique=False)

    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trace_id", sa.String(length=120), nullable=True))

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminded_on", sa.Date(), nullable=True))

    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trace_id", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("boxes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("resync_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("relations_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("invited_id", sa.Uuid(), nullable=True))

    op.protect_owned("invitation_batch")
    op.protect_owned("odd_event")
    op.protect_owned("relation")
    op.protect_owned("invitation_row")
    op.protect_owned("relation_step")
    op.create_table(
        "annulment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("signature_sha256", sa.String(length=64), nullable=True),
        sa.Column("message_ref", sa.String(length=80), nullable=False),
        sa.Column("entity_ref", sa.String(length=80), nullable=True),
        sa.Column("answer_name", sa.String(length=400), nullable=True),
        sa.Column("answer_sha256", sa.String(length=64), nullable=True),
        sa.Column("answer_signature_sha256", sa.String(length=64), nullable=True),
        sa.Column("answer_text", sa.Text(), nullable=True),
        sa.Column("act", sa.String(length=16), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.String(length=120), nullable=True),
        sa.Column("by_name", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["operator_account.id"], name=op.f("fk_annulment_account_id_operator_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annulment")),
        sa.UniqueConstraint("key", name=op.f("uq_annulment_key")),
        sa.UniqueConstraint("owner_id", "message_ref", "entity_ref", name="uq_annulment_ref"),
    )
    with op.batch_alter_table("annulment", schema=None) as batch_op:
        batch_op.create_index("ix_annulment_document", ["owner_id", "document_id"], unique=False)
        batch_op.create_index(
            "uq_annulment_offered",
            ["owner_id", "document_id"],
            unique=True,
            sqlite_where=_OFFERED,
            postgresql_where=_OFFERED,
        )
        batch_op.create_index(batch_op.f("ix_annulment_owner_id"), ["owner_id"], unique=False)
    op.protect_owned("annulment")


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("annulment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_annulment_owner_id"))
        batch_op.drop_index("uq_annulment_offered", sqlite_where=_OFFERED, postgresql_where=_OFFERED)
        batch_op.drop_index("ix_annulment_document")
    op.drop_table("annulment")
    with op.batch_alter_table("operator_account", schema=None) as batch_op:
        batch_op.drop_column("invited_id")
        batch_op.drop_column("relations_at")
        batch_op.drop_column("resync_from")
        batch_op.drop_column("last_event_at")
        batch_op.drop_column("checked_at")
        batch_op.drop_column("boxes")
        batch_op.drop_column("trace_id")

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("reminded_on")

    with op.batch_alter_table("dispatch", schema=None) as batch_op:
        batch_op.drop_column("trace_id")

    with op.batch_alter_table("relation_step", schema=None) as batch_op:
        batch_op.drop_index("ix_relation_step_relation")
        batch_op.drop_index(batch_op.f("ix_relation_step_owner_id"))

    op.drop_table("relation_step")
    with op.batch_alter_table("invitation_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_row_owner_id"))

    op.drop_table("invitation_row")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_owner_id"))
        batch_op.drop_index("ix_relation_list")
        batch_op.drop_index(batch_op.f("ix_relation_inn"))

    op.drop_table("relation")
    with op.batch_alter_table("odd_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_odd_event_owner_id"))

    op.drop_table("odd_event")
    with op.batch_alter_table("invitation_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_batch_owner_id"))

    op.drop_table("invitation_batch")
