"""Powers of attorney (МЧД) and their checks.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22 13:40:00.000000
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""


def downgrade() -> None:
    """Change it back."""
