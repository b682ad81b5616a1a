"""In the mailbox of which account a draft lies; of which events a calendar says that they were deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for both. Of drafts that lie there already it is not known, until they are seen again."""
    op.add_column("follow_ups", sa.Column("account", sa.Text, nullable=False, server_default=""))
    op.add_column("components", sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError
