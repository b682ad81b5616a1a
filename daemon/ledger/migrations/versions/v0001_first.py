"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of follow-ups, of what is remembered and of what calendars showed."""
    _follow_ups()
    _remembered()
    _cycles()
    _calendars()


def downgrade() -> None:
    """There is no way back: a backup was made before the way here."""
    raise NotImplementedError


def _follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(64)),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("anchor", sa.Text, nullable=False),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("to", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("by", sa.BigInteger),
        sa.Column("expires", sa.BigInteger),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("meeting", sa.Text),
        sa.Column("placed", sa.BigInteger),
        sa.Column("sent", sa.BigInteger),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("references", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("gaps", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("snoozed_until", sa.BigInteger),
        sa.Column("absent_since", sa.BigInteger),
        sa.Column("absent_cycles", sa.Integer, nullable=False),
        sa.Column("draft_tag", sa.Text, nullable=False),
        sa.Column("group", sa.Boolean, nullable=False),
        sa.Column("to_me", sa.Boolean, nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("follow_up", sa.String(128), sa.ForeignKey("follow_ups.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "intents",
        sa.Column("follow_up", sa.String(128), sa.ForeignKey("follow_ups.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("former", sa.Text),
    )
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("follow_up", sa.String(128), nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
    )


def _remembered() -> None:
    op.create_table(
        "mails",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("direction", sa.String(4), primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("others", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("references", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("forwarded", sa.Boolean, nullable=False),
    )
    op.create_table(
        "rule_ages",
        sa.Column("rule", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "person_notes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def _cycles() -> None:
    op.create_table(
        "cycles",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("problems", sa.Text),
    )
    op.create_table(
        "sources",
        sa.Column("source", sa.String(255), primary_key=True),
        sa.Column("ok_at", sa.BigInteger),
        sa.Column("failed_since", sa.BigInteger),
        sa.Column("problem", sa.Text),
    )


def _calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("calendar", sa.String(255), primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("reading", sa.String(128), nullable=False),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("doubt_since", sa.BigInteger),
        sa.Column("doubt_answer", sa.Integer, nullable=False),
    )
    op.create_table(
        "resources",
        sa.Column("calendar", sa.String(255), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("tag", sa.Text, nullable=False),
    )
    op.create_table(
        "components",
        sa.Column("calendar", sa.String(255), primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("uid", sa.Text, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("recurring", sa.Boolean, nullable=False),
        sa.Column("expanded_from", sa.BigInteger),
        sa.Column("expanded_to", sa.BigInteger),
        sa.Column("first_start", sa.BigInteger),
        sa.Column("last_end", sa.BigInteger),
        sa.Column("first_seen", sa.Integer, nullable=False),
        sa.Column("missing_since", sa.BigInteger),
        sa.Column("meetings", sa.Text, nullable=False),
        sa.Index("components_by_time", "calendar", "last_end", "first_start"),
        sa.Index("components_by_uid", "calendar", "uid"),
    )
    op.create_table(
        "flaws",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("calendar", sa.String(255), nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Index("flaws_by_resource", "calendar", "resource"),
    )
    op.create_table(
        "held",
        sa.Column("calendar", sa.String(255), primary_key=True),
        sa.Column("identity", sa.Text, primary_key=True),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("meeting", sa.Text, nullable=False),
    )
