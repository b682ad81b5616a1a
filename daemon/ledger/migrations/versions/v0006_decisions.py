"""What the user decided, and whom they want to tell of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for it."""
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("people", sa.Text, nullable=False),
        sa.Column("check_ins", sa.String(16), nullable=False),
        sa.Column("undone", sa.BigInteger),
    )


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError
