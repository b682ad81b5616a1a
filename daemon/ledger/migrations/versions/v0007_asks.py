"""The meeting requests that the user asked for, and the free times that a draft offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make room for them."""
    op.add_column("follow_ups", sa.Column("slots", sa.Text))
    op.create_table(
        "asks",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("length", sa.Text, nullable=False),
        sa.Column("within", sa.Text, nullable=False),
        sa.Column("known", sa.Text, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("why", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError
