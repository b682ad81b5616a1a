"""In the mailbox of which account a draft lies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for it. Of drafts that lie there already it is not known, until they are seen again."""
    op.add_column("follow_ups", sa.Column("account", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError
