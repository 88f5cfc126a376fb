"""Holds, disposal acts, saved searches, exports of the archive desk; daily roots and evidence records.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-22 13:40:00.000000
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWNED = (
    "retention_change", "legal_hold", "legal_hold_set", "disposal_act", "disposal_line", "archive_check",
    "saved_search", "archive_export", "archive_export_set", "archive_export_access",
)  # fmt: skip
EVIDENCE = ("evidence_tree", "evidence_leaf")
EVIDENCE_INDEXES = (
    ("evidence_tree", ("owner_id",)),
    ("evidence_tree", ("owner_id", "state", "renewed_by_id", "ages_at")),
    ("evidence_leaf", ("owner_id",)),
    ("evidence_leaf", ("package_id",)),
    ("evidence_leaf", ("renews_id",)),
)


def upgrade() -> None:
    """Change the schema."""
    desk_tables()
    evidence_tables()
    for table in (*OWNED, *EVIDENCE):
        op.protect_owned(table)
    desk_columns()
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("valid_until", sa.Date(), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("valid_until")
    for table in reversed(EVIDENCE):
        op.drop_table(table)
    drop_desk_columns()
    drop_desk_tables()


def evidence_tables() -> None:
    """Hash trees with their time-stamps, and what hangs on them."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "evidence_tree",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("leaves", whole, nullable=False),
        sa.Column("journal_position", whole, nullable=True),
        sa.Column("journal_hash", sa.String(length=128), nullable=True),
        sa.Column("root", sa.String(length=128), nullable=True),
        sa.Column("list_sha256", sa.String(length=64), nullable=True),
        sa.Column("token_sha256", sa.String(length=64), nullable=True),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=True),
        sa.Column("renewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("authority", sa.String(length=400), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ages_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["renewed_by_id"], ["evidence_tree.id"], name=op.f("fk_evidence_tree_renewed_by_id_evidence_tree")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_tree")),
        sa.UniqueConstraint("owner_id", "kind", "day", "digest", name="uq_evidence_tree_day"),
    )
    op.create_table(
        "evidence_leaf",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("tree_id", sa.Uuid(), nullable=False),
        sa.Column("position", whole, nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=True),
        sa.Column("renews_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tree_id"], ["evidence_tree.id"], name=op.f("fk_evidence_leaf_tree_id_evidence_tree")),
        sa.ForeignKeyConstraint(
            ["renews_id"], ["evidence_tree.id"], name=op.f("fk_evidence_leaf_renews_id_evidence_tree")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_evidence_leaf_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_leaf")),
        sa.UniqueConstraint("tree_id", "position", name="uq_evidence_leaf_position"),
    )
    for table, columns in EVIDENCE_INDEXES:
        name = op.f(f"ix_{table}_{columns[0]}") if len(columns) == 1 else f"ix_{table}_due"
        op.create_index(name, table, list(columns), unique=False)


def desk_columns() -> None:
    """What the search and the disposal ask a set for; the sets that are there get it from their own rows."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("CREATE VIRTUAL TABLE package_fts USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')")
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.add_column(sa.Column("year", whole, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("size", whole, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("proposed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("retention_kind", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("counted_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sound", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("indexed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("text_row", whole, nullable=True))
        batch_op.add_column(
            sa.Column("text_vector", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True)
        )
        batch_op.create_check_constraint(op.f("ck_package_held"), "NOT held OR state NOT IN ('disposing', 'disposed')")
    year = "CAST(substr(dated, 1, 4) AS INTEGER)" if sqlite else "EXTRACT(YEAR FROM dated)"
    size = "json_extract(summary, '$.size')" if sqlite else "(summary ->> 'size')::bigint"
    op.execute(f"UPDATE package SET year = {year}, size = coalesce({size}, 0), retention_kind = kind")
    with op.batch_alter_table("package", schema=None) as batch_op:
        batch_op.create_index(
            "ix_package_facets",
            ["owner_id", "kind", "state", "held", "proposed", "year", "dated", "total", "size", "text_row", "id"],
        )
        batch_op.create_index("ix_package_term", ["owner_id", "retain_until", "id"])
        batch_op.create_index("ix_package_text_row", ["text_row"])
        batch_op.create_index("ix_package_text_vector", ["text_vector"], postgresql_using="gin")
        batch_op.create_index("ix_package_unindexed", ["owner_id", "indexed_at"])
    with op.batch_alter_table("package_part", schema=None) as batch_op:
        batch_op.create_index("ix_package_part_content", ["owner_id", "sha256", "package_id"])


def drop_desk_columns() -> None:
    """Take the columns and the full text away."""
    with op.batch_alter_table("package_part", schema=None) as batch_op:
        batch_op.drop_index("ix_package_part_content")
    with op.batch_alter_table("package", schema=None) as batch_op:
        for name in ("unindexed", "text_vector", "text_row", "term", "facets"):
            batch_op.drop_index(f"ix_package_{name}")
        batch_op.drop_constraint(op.f("ck_package_held"), type_="check")
        for name in (
            "text_vector", "text_row", "indexed_at", "sound", "checked_at", "counted_from", "retention_kind",
            "proposed", "held", "size", "year",
        ):  # fmt: skip
            batch_op.drop_column(name)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE package_fts")


def desk_tables() -> None:
    """Terms, holds, disposal, checks, saved searches, exports."""
    op.create_table('archive_export',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('sets', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('done', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('person_name', sa.String(length=400), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_export'))
    )
    with op.batch_alter_table('archive_export', schema=None) as batch_op:
        batch_op.create_index('ix_archive_export_at', ['owner_id', 'ordered_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_archive_export_owner_id'), ['owner_id'], unique=False)

    op.create_table('disposal_act',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('law', sa.Text(), nullable=False),
    sa.Column('sets', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=True),
    sa.Column('proposed_by_name', sa.String(length=400), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_by', sa.Uuid(), nullable=True),
    sa.Column('first_by_name', sa.String(length=400), nullable=True),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('second_by', sa.Uuid(), nullable=True),
    sa.Column('second_by_name', sa.String(length=400), nullable=True),
    sa.Column('second_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rejected_by_name', sa.String(length=400), nullable=True),
    sa.Column('rejected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rejected_reason', sa.Text(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paper_sha256', sa.String(length=64), nullable=True),
    sa.Column('register_sha256', sa.String(length=64), nullable=True),
    sa.Column('keep_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state NOT IN ('approved', 'executing', 'done') OR (first_by IS NOT NULL AND second_by IS NOT NULL)", name=op.f('ck_disposal_act_approved')),
    sa.CheckConstraint('second_by IS NULL OR (first_by IS NOT NULL AND first_by <> second_by)', name=op.f('ck_disposal_act_two_persons')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disposal_act')),
    sa.UniqueConstraint('owner_id', 'number', name='uq_disposal_act_number')
    )
    with op.batch_alter_table('disposal_act', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disposal_act_owner_id'), ['owner_id'], unique=False)

    op.create_table('legal_hold',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('ground', sa.String(length=400), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('set_by', sa.Uuid(), nullable=True),
    sa.Column('set_by_name', sa.String(length=400), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_by', sa.Uuid(), nullable=True),
    sa.Column('lifted_by_name', sa.String(length=400), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lift_reason', sa.Text(), nullable=True),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state NOT IN ('lifting', 'lifted') OR lifted_at IS NOT NULL", name=op.f('ck_legal_hold_lifted')),
    sa.CheckConstraint('lifted_by IS NULL OR set_by IS NULL OR lifted_by <> set_by', name=op.f('ck_legal_hold_two_persons')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold')),
    sa.UniqueConstraint('owner_id', 'number', name='uq_legal_hold_number')
    )
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_hold_owner_id'), ['owner_id'], unique=False)

    op.create_table('saved_search',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('query', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search')),
    sa.UniqueConstraint('owner_id', 'person_id', 'name', name='uq_saved_search')
    )
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_search_owner_id'), ['owner_id'], unique=False)

    op.create_table('archive_check',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('person_name', sa.String(length=400), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('parts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('damaged', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('verdicts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['package_id'], ['package.id'], name=op.f('fk_archive_check_package_id_package')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_check'))
    )
    with op.batch_alter_table('archive_check', schema=None) as batch_op:
        batch_op.create_index('ix_archive_check_at', ['owner_id', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_archive_check_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_archive_check_package_id'), ['package_id'], unique=False)

    op.create_table('archive_export_access',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('export_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('person_name', sa.String(length=400), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['export_id'], ['archive_export.id'], name=op.f('fk_archive_export_access_export_id_archive_export')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_export_access'))
    )
    with op.batch_alter_table('archive_export_access', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_archive_export_access_export_id'), ['export_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_archive_export_access_owner_id'), ['owner_id'], unique=False)

    op.create_table('archive_export_set',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('export_id', sa.Uuid(), nullable=False),
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['export_id'], ['archive_export.id'], name=op.f('fk_archive_export_set_export_id_archive_export')),
    sa.ForeignKeyConstraint(['package_id'], ['package.id'], name=op.f('fk_archive_export_set_package_id_package')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archive_export_set')),
    sa.UniqueConstraint('export_id', 'position', name='uq_archive_export_set')
    )
    with op.batch_alter_table('archive_export_set', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_archive_export_set_owner_id'), ['owner_id'], unique=False)

    op.create_table('disposal_line',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('act_id', sa.Uuid(), nullable=False),
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('title', sa.String(length=400), nullable=False),
    sa.Column('counterparty', sa.String(length=1100), nullable=False),
    sa.Column('dated', sa.Date(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('law', sa.Text(), nullable=False),
    sa.Column('retain_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=False),
    sa.Column('parts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('spared', sa.String(length=60), nullable=True),
    sa.Column('intended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['act_id'], ['disposal_act.id'], name=op.f('fk_disposal_line_act_id_disposal_act')),
    sa.ForeignKeyConstraint(['package_id'], ['package.id'], name=op.f('fk_disposal_line_package_id_package')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disposal_line')),
    sa.UniqueConstraint('act_id', 'package_id', name='uq_disposal_line')
    )
    with op.batch_alter_table('disposal_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disposal_line_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index('uq_disposal_line_live', ['package_id'], unique=True, sqlite_where=sa.text("state IN ('listed', 'deleting', 'deleted')"), postgresql_where=sa.text("state IN ('listed', 'deleting', 'deleted')"))

    op.create_table('legal_hold_set',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('hold_id', sa.Uuid(), nullable=False),
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['hold_id'], ['legal_hold.id'], name=op.f('fk_legal_hold_set_hold_id_legal_hold')),
    sa.ForeignKeyConstraint(['package_id'], ['package.id'], name=op.f('fk_legal_hold_set_package_id_package')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold_set')),
    sa.UniqueConstraint('hold_id', 'package_id', name='uq_legal_hold_set')
    )
    with op.batch_alter_table('legal_hold_set', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_hold_set_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_legal_hold_set_package_id'), ['package_id'], unique=False)
        batch_op.create_index('ix_legal_hold_set_waiting', ['owner_id', 'settled_at', 'released_at'], unique=False)

    op.create_table('retention_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('counted_from', sa.Date(), nullable=True),
    sa.Column('old_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('new_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('person_name', sa.String(length=400), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('new_until >= old_until', name=op.f('ck_retention_change_forward')),
    sa.ForeignKeyConstraint(['package_id'], ['package.id'], name=op.f('fk_retention_change_package_id_package')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_change'))
    )
    with op.batch_alter_table('retention_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_retention_change_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_retention_change_package_id'), ['package_id'], unique=False)
        batch_op.create_index('ix_retention_change_waiting', ['owner_id', 'applied_at'], unique=False)


def drop_desk_tables() -> None:
    """Take them away, children first."""
    with op.batch_alter_table('retention_change', schema=None) as batch_op:
        batch_op.drop_index('ix_retention_change_waiting')
        batch_op.drop_index(batch_op.f('ix_retention_change_package_id'))
        batch_op.drop_index(batch_op.f('ix_retention_change_owner_id'))

    op.drop_table('retention_change')
    with op.batch_alter_table('legal_hold_set', schema=None) as batch_op:
        batch_op.drop_index('ix_legal_hold_set_waiting')
        batch_op.drop_index(batch_op.f('ix_legal_hold_set_package_id'))
        batch_op.drop_index(batch_op.f('ix_legal_hold_set_owner_id'))

    op.drop_table('legal_hold_set')
    with op.batch_alter_table('disposal_line', schema=None) as batch_op:
        batch_op.drop_index('uq_disposal_line_live', sqlite_where=sa.text("state IN ('listed', 'deleting', 'deleted')"), postgresql_where=sa.text("state IN ('listed', 'deleting', 'deleted')"))
        batch_op.drop_index(batch_op.f('ix_disposal_line_owner_id'))

    op.drop_table('disposal_line')
    with op.batch_alter_table('archive_export_set', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_archive_export_set_owner_id'))

    op.drop_table('archive_export_set')
    with op.batch_alter_table('archive_export_access', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_archive_export_access_owner_id'))
        batch_op.drop_index(batch_op.f('ix_archive_export_access_export_id'))

    op.drop_table('archive_export_access')
    with op.batch_alter_table('archive_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_archive_check_package_id'))
        batch_op.drop_index(batch_op.f('ix_archive_check_owner_id'))
        batch_op.drop_index('ix_archive_check_at')

    op.drop_table('archive_check')
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_search_owner_id'))

    op.drop_table('saved_search')
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_legal_hold_owner_id'))

    op.drop_table('legal_hold')
    with op.batch_alter_table('disposal_act', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_disposal_act_owner_id'))

    op.drop_table('disposal_act')
    with op.batch_alter_table('archive_export', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_archive_export_owner_id'))
        batch_op.drop_index('ix_archive_export_at')

    op.drop_table('archive_export')
