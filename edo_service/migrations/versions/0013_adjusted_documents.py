"""An УКД is tied to what it corrects: the documents' own side of the tie is found by an index.

Revision ID: 0013
Revises: 0014
Create Date: 2026-11-22 20:40:00.000000
"""

import sqlalchemy as sa
from alembic import op

from edo_service.migrations.going_back import refuse_while_kept

revision = "0013"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEPT = {
    "УКД": sa.text("SELECT count(*) FROM document WHERE kind = 'ukd'"),
    "documents that an УКД adjusts": sa.text("SELECT count(*) FROM document WHERE correction = 'adjusted'"),
}


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.create_index("ix_document_link_target", ["target_id"], unique=False)


def downgrade() -> None:
    """Change it back. Refused while there is what older code cannot read."""
    refuse_while_kept(revision, _KEPT)
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.drop_index("ix_document_link_target")
