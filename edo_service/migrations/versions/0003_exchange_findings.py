"""One upload a file, every signature of a part, objections to files, holders of staff keys.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22 10:30:00.000000
"""

import sqlalchemy as sa
from alembic import op

import signing

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NOT_FAILED = sa.text("delivery <> 'failed'")
_OWN = sa.text("means <> 'received'")


def upgrade() -> None:
    """Change the schema. Rows that the new rules would refuse stay as they are, outside of the rules."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("upload_sha256", sa.String(length=64), nullable=True))
    op.execute(
        "UPDATE document SET upload_sha256 = content_sha256 WHERE direction = 'out' AND (delivery = 'failed' OR id IN ("
        " SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY owner_id, counterparty_id, content_sha256"
        " ORDER BY created_at, id) AS place FROM document WHERE direction = 'out' AND delivery <> 'failed') ranked"
        " WHERE place = 1))"
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            "uq_document_upload",
            ["owner_id", "counterparty_id", "upload_sha256"],
            unique=True,
            sqlite_where=_NOT_FAILED,
            postgresql_where=_NOT_FAILED,
        )
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("objection", sa.Text(), nullable=True))
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_constraint("uq_signature_part_origin", type_="unique")
        batch_op.create_unique_constraint("uq_signature_bytes", ["part_id", "origin", "sha256"])
        batch_op.create_index("uq_signature_own", ["part_id"], unique=True, sqlite_where=_OWN, postgresql_where=_OWN)
    _name_holders()


def downgrade() -> None:
    """Change it back. Of several signatures of a part the first stays: the old rule allows one."""
    op.execute(
        "DELETE FROM signature WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY part_id, origin"
        " ORDER BY created_at, id) AS place FROM signature) ranked WHERE place > 1)"
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index("uq_signature_own", sqlite_where=_OWN, postgresql_where=_OWN)
        batch_op.drop_constraint("uq_signature_bytes", type_="unique")
        batch_op.create_unique_constraint("uq_signature_part_origin", ["part_id", "origin"])
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_column("objection")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("uq_document_upload", sqlite_where=_NOT_FAILED, postgresql_where=_NOT_FAILED)
        batch_op.drop_column("upload_sha256")


def _name_holders() -> None:
    """Give staff keys whose certificate names a person to the one member of the company who is that person.

    By СНИЛС, else by surname and given names. A key that nobody or more than one fits stays without a holder, and
    nobody may sign with it until it is kept anew (ADR 0007).
    """
    connection = op.get_bind()
    keys = connection.execute(
        sa.text(
            "SELECT id, owner_id, certificate FROM signing_key"
            " WHERE purpose = 'staff' AND person_id IS NULL AND retired_at IS NULL"
        )
    ).all()
    for key_id, owner_id, certificate in keys:
        subject = signing.Certificate.load(bytes(certificate)).subject
        if not subject.surname:
            continue
        members = connection.execute(
            sa.text(
                "SELECT m.person_id, m.snils, p.surname, p.given_name, p.patronymic FROM membership m"
                " JOIN person p ON p.id = m.person_id WHERE m.owner_id = :owner AND m.active"
            ),
            {"owner": owner_id},
        ).all()
        named = (subject.surname, subject.given_name)
        fits = [row.person_id for row in members if row.snils and row.snils == subject.snils] or [
            row.person_id for row in members if (row.surname, f"{row.given_name} {row.patronymic}".strip()) == named
        ]
        if len(fits) == 1:
            connection.execute(
                sa.text("UPDATE signing_key SET person_id = :person WHERE id = :key"),
                {"person": fits[0], "key": key_id},
            )
