"""Progress of the archive's scrub and mirror.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-22 13:40:00.000000
"""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""


def downgrade() -> None:
    """Change it back."""
