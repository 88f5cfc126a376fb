"""Who holds a content, and which sets are not in the archive yet, is found by indexes.

Revision ID: 0015
Revises: 0013
Create Date: 2026-11-22 21:40:00.000000
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

_NOT_YET = sa.text("archive = 'not_yet'")


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.create_index("ix_part_content", ["owner_id", "sha256"], unique=False)
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index("ix_signature_content", ["owner_id", "sha256"], unique=False)
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            "ix_document_not_yet", ["owner_id"], unique=False, sqlite_where=_NOT_YET, postgresql_where=_NOT_YET
        )


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_not_yet", sqlite_where=_NOT_YET, postgresql_where=_NOT_YET)
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index("ix_signature_content")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_index("ix_part_content")
