"""An УКД is tied to what it corrects: the documents' own side of the tie is found by an index.

Revision ID: 0013
Revises: 0014
Create Date: 2026-11-22 20:40:00.000000
"""

from alembic import op

revision = "0013"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.create_index("ix_document_link_target", ["target_id"], unique=False)


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.drop_index("ix_document_link_target")
