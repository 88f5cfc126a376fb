"""Jobs, inbox, journal, history of statuses, idempotent requests.

Revision ID: 0001
Revises: 
Create Date: 2026-11-22 07:12:05.515315
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

CONTENT = ("id", "owner_id", "at", "event", "subject", "actor_id", "actor_name", "facts")


def make_append_only() -> None:
    """Let the journal's rows be added, sealed once and never changed otherwise: for the application's role too."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in CONTENT)
    refused = f"NOT (OLD.position IS NULL AND NEW.position IS NOT NULL AND NOT ({changed}))"
    if sqlite:
        op.execute(
            "CREATE TRIGGER journal_entry_no_delete BEFORE DELETE ON journal_entry "
            "BEGIN SELECT RAISE(ABORT, 'journal_entry is append-only'); END"
        )
        op.execute(
            f"CREATE TRIGGER journal_entry_seal_once BEFORE UPDATE ON journal_entry WHEN {refused} "
            "BEGIN SELECT RAISE(ABORT, 'journal_entry is append-only'); END"
        )
        return
    op.execute(
        f"""
        CREATE FUNCTION journal_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' THEN
                RAISE EXCEPTION 'journal_entry is append-only';
            END IF;
            IF {refused} THEN
                RAISE EXCEPTION 'journal_entry is append-only';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry "
        "FOR EACH ROW EXECUTE FUNCTION journal_entry_append_only()"
    )
    op.execute(
        "CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_entry_append_only()"
    )


def upgrade() -> None:
    """Change the schema."""
    op.create_table('idempotent_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('route', sa.String(length=200), nullable=False),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('status', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('headers', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotent_request')),
    sa.UniqueConstraint('owner_id', 'route', 'key', name=op.f('uq_idempotent_request_owner_id_route_key'))
    )
    with op.batch_alter_table('idempotent_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotent_request_owner_id'), ['owner_id'], unique=False)

    op.create_table('inbox_item',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_item')),
    sa.UniqueConstraint('owner_id', 'source', 'external_id', name=op.f('uq_inbox_item_owner_id_source_external_id'))
    )
    with op.batch_alter_table('inbox_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inbox_item_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index('ix_inbox_item_unhandled', ['owner_id', 'source', 'handled_at'], unique=False)

    op.create_table('job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=True),
    sa.Column('owner_id', sa.Uuid(), nullable=True),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempt', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('failures', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('max_failures', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('again', sa.Boolean(), nullable=False),
    sa.Column('run_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.String(length=120), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_due', ['state', 'run_after'], unique=False)
        batch_op.create_index('uq_job_live_key', ['kind', 'key'], unique=True, sqlite_where=sa.text("key IS NOT NULL AND state IN ('waiting', 'running')"), postgresql_where=sa.text("key IS NOT NULL AND state IN ('waiting', 'running')"))

    op.create_table('journal_entry',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event', sa.String(length=80), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sa.String(length=400), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('previous', sa.String(length=64), nullable=True),
    sa.Column('hash', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_entry')),
    sa.UniqueConstraint('owner_id', 'position', name=op.f('uq_journal_entry_owner_id_position'))
    )
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_entry_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index('ix_journal_entry_subject', ['owner_id', 'subject'], unique=False)
        batch_op.create_index('ix_journal_entry_unsealed', ['owner_id', 'id'], unique=False, sqlite_where=sa.text('position IS NULL'), postgresql_where=sa.text('position IS NULL'))

    op.create_table('status_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('workflow', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('event', sa.String(length=60), nullable=False),
    sa.Column('old', sa.String(length=60), nullable=False),
    sa.Column('new', sa.String(length=60), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sa.String(length=400), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_change'))
    )
    with op.batch_alter_table('status_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_status_change_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index('ix_status_change_subject', ['owner_id', 'subject_id'], unique=False)

    op.protect_owned('idempotent_request')
    op.protect_owned('inbox_item')
    op.protect_owned('journal_entry')
    op.protect_owned('status_change')
    make_append_only()


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table('status_change', schema=None) as batch_op:
        batch_op.drop_index('ix_status_change_subject')
        batch_op.drop_index(batch_op.f('ix_status_change_owner_id'))

    op.drop_table('status_change')
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_entry_unsealed', sqlite_where=sa.text('position IS NULL'), postgresql_where=sa.text('position IS NULL'))
        batch_op.drop_index('ix_journal_entry_subject')
        batch_op.drop_index(batch_op.f('ix_journal_entry_owner_id'))

    op.drop_table('journal_entry')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('uq_job_live_key', sqlite_where=sa.text("key IS NOT NULL AND state IN ('waiting', 'running')"), postgresql_where=sa.text("key IS NOT NULL AND state IN ('waiting', 'running')"))
        batch_op.drop_index('ix_job_due')

    op.drop_table('job')
    with op.batch_alter_table('inbox_item', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_item_unhandled')
        batch_op.drop_index(batch_op.f('ix_inbox_item_owner_id'))

    op.drop_table('inbox_item')
    with op.batch_alter_table('idempotent_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotent_request_owner_id'))

    op.drop_table('idempotent_request')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_entry_append_only()")
