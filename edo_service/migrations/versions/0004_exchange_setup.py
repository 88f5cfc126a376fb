"""Set-up of operators, invitations and counterparties.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-22 13:40:00.000000
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""


def downgrade() -> None:
    """Change it back."""
