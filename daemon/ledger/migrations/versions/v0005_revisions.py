"""Drafts that the user edits on the review page: what is about to be written, and words that are in no draft yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room for both."""
    op.add_column("intents", sa.Column("content", sa.LargeBinary))
    op.add_column("intents", sa.Column("base", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "kept_words",
        sa.Column("follow_up", sa.String(128), primary_key=True),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError
