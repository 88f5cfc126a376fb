"""Supplements of archived sets; what a look at signatures found is kept as values, not as words.

Revision ID: 0018
Revises: 0016
Create Date: 2026-11-23 00:10:00.000000
"""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from edo_service.migrations.going_back import refuse_while_kept

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DOUBT = re.compile(
    r"^(?:(?P<name>.*): )?the time-stamp(?: of (?P<day>\d{4}-\d\d-\d\d))? is (?P<indication>[A-Z-]+)"
    r"(?: (?P<sub>[A-Z_]+))?: it counts as no proof$"
)
_ROWS = sa.table("package_refresh", sa.column("id"), sa.column("trouble"), sa.column("refused"), sa.column("doubts"))


_KEPT = {"supplements of archived sets": sa.text("SELECT count(*) FROM package_supplement")}


def upgrade() -> None:
    """Change the schema. What came late before this is found by the clock's duty."""
    op.create_table(
        "package_supplement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("version", _WHOLE, nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("number", _WHOLE, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("made", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_supplement_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_supplement")),
        sa.UniqueConstraint("package_id", "number", name="uq_package_supplement_number"),
    )
    with op.batch_alter_table("package_supplement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_package_supplement_owner_id"), ["owner_id"], unique=False)
    op.protect_owned("package_supplement")
    with op.batch_alter_table("package_part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("supplement", _WHOLE, nullable=True))
    with op.batch_alter_table("evidence_leaf", schema=None) as batch_op:
        batch_op.add_column(sa.Column("supplement_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_evidence_leaf_supplement_id"), ["supplement_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_evidence_leaf_supplement_id_package_supplement"),
            "package_supplement",
            ["supplement_id"],
            ["id"],
        )
    with op.batch_alter_table("package_refresh", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused", _JSON, nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("doubts", _JSON, nullable=False, server_default="{}"))
    told = op.get_bind().execute(sa.text("SELECT id, trouble FROM package_refresh WHERE trouble IS NOT NULL")).all()
    for row_id, trouble in told:
        refused, doubts = read_trouble(trouble)
        changed = sa.text("UPDATE package_refresh SET refused = :refused, doubts = :doubts WHERE id = :id").bindparams(
            sa.bindparam("refused", refused, type_=_JSON), sa.bindparam("doubts", doubts, type_=_JSON), id=row_id
        )
        op.get_bind().execute(changed)


def read_trouble(trouble: str) -> tuple[dict[str, str], dict[str, list[dict[str, Any]]]]:
    """The words that rows held until now: `name: why; name: the time-stamp of … is …: it counts as no proof; …`.

    A further doubt about the same signature stood without its name.
    """
    refused: dict[str, str] = {}
    doubts: dict[str, list[dict[str, Any]]] = {}
    last = ""
    for said in trouble.split("; "):
        found = _DOUBT.match(said)
        if found is not None:
            last = found["name"] if found["name"] is not None else last
            one = {"indication": found["indication"], "sub_indication": found["sub"], "at": found["day"]}
            doubts.setdefault(last, []).append(one)
            continue
        name, colon, why = said.partition(": ")
        last = name if colon else last
        refused[last] = f"{refused[last]}; {said}" if last in refused else (why if colon else said)
    return refused, doubts


def downgrade() -> None:
    """Change it back. Refused while there is what older code cannot read."""
    refuse_while_kept(revision, _KEPT)
    with op.batch_alter_table("package_refresh", schema=None) as batch_op:
        batch_op.drop_column("doubts")
        batch_op.drop_column("refused")
    with op.batch_alter_table("evidence_leaf", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_evidence_leaf_supplement_id_package_supplement"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_evidence_leaf_supplement_id"))
        batch_op.drop_column("supplement_id")
    with op.batch_alter_table("package_part", schema=None) as batch_op:
        batch_op.drop_column("supplement")
    op.drop_table("package_supplement")
