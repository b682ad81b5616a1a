"""Until when somebody is away, as their automatic answer says; what was brought to the user's mind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make room for both."""
    op.add_column("mails", sa.Column("away_until", sa.BigInteger))
    op.create_table(
        "nudges",
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("people", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError
