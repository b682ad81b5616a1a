"""The tables of the ledger, as they are after the last migration; `daemon.ledger.columns` has the kinds of columns."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from daemon.ledger.columns import Content, Instant, Json, Key, Name, Number, Words

SCHEMAS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""The revisions of `migrations/versions`, oldest first; the last is what the tables below are."""

metadata = MetaData()

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Key(128), primary_key=True),
    Column("state", Key(16), nullable=False),
    Column("rule", Key(64)),
    Column("step", Key(64), nullable=False),
    Column("template", Words, nullable=False),
    Column("anchor", Words, nullable=False),
    Column("addresses", Json, nullable=False),
    Column("to", Json, nullable=False),
    Column("due", Instant, nullable=False),
    Column("by", Instant),
    Column("expires", Instant),
    Column("changed", Instant, nullable=False),
    Column("revision", Number, nullable=False),
    Column("round", Number, nullable=False),
    Column("meeting", Json),
    Column("placed", Instant),
    Column("sent", Instant),
    Column("message_id", Words, nullable=False),
    Column("references", Json, nullable=False),
    Column("subject", Words, nullable=False),
    Column("gaps", Number, nullable=False),
    Column("why", Words, nullable=False),
    Column("snoozed_until", Instant),
    Column("absent_since", Instant),
    Column("absent_cycles", Number, nullable=False),
    Column("draft_tag", Words, nullable=False),
    Column("group", Boolean, nullable=False),
    Column("to_me", Boolean, nullable=False),
    Column("account", Words, nullable=False),
    Column("slots", Json),
)
"""A column for each field of `rules.history.Record`."""

messages = Table(
    "messages",
    metadata,
    Column("follow_up", String(128), ForeignKey("follow_ups.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("content", Content, nullable=False),
)
"""The bytes of each draft as they were placed."""

intents = Table(
    "intents",
    metadata,
    Column("follow_up", Key(128), ForeignKey("follow_ups.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Key(8), nullable=False),
    Column("revision", Number, nullable=False),
    Column("outcome", Key(16)),
    Column("cause", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("former", Json),
    Column("content", Content),
    Column("base", Words, nullable=False),
)
"""What is about to be done in a mailbox and is not yet known to be done: at most one for each follow-up.

`former` is the row of the follow-up before the intent, for when it comes to nothing. Where the user edits a draft,
`content` are the bytes that are to take the place of those of which `base` is the digest.
"""

kept_words = Table(
    "kept_words",
    metadata,
    Column("follow_up", Key(128), primary_key=True),
    Column("base", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What the user typed into a draft, on top of which version of it, as long as it is not in there.

Each window of the review page has a row of its own, its name behind the id of the follow-up (`ID WINDOW`).
"""

events = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("follow_up", String(128), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("cause", Text, nullable=False),
)
"""What happened to a follow-up, line by line. No foreign key: the history outlives what it tells of."""

mails = Table(
    "mails",
    metadata,
    Column("key", Text, primary_key=True),
    Column("direction", String(4), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("others", Json, nullable=False),
    Column("subject", Text, nullable=False),
    Column("references", Json, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("forwarded", Boolean, nullable=False),
    Column("away_until", Instant),
)
"""The headers of mails; `away_until` is all that is kept of the words of an automatic answer."""

nudges = Table(
    "nudges",
    metadata,
    Column("subject", Key(255), primary_key=True),
    Column("kind", Key(16), primary_key=True),
    Column("people", Json, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What was brought to the user's mind: of which follow-up (or source), in which way, about whom, when."""

rule_ages = Table(
    "rule_ages",
    metadata,
    Column("rule", Key(64), primary_key=True),
    Column("fingerprint", Words, nullable=False),
    Column("since", Instant, nullable=False),
)

memory = Table("memory", metadata, Column("key", Key(255), primary_key=True), Column("text", Words, nullable=False))
"""Small texts by key: the note of a mailbox, cursors."""

person_notes = Table(
    "person_notes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("address", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Words, nullable=False),
)

promises = Table(
    "promises",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("text", Words, nullable=False),
    Column("meeting", Json, nullable=False),
    Column("addresses", Json, nullable=False),
    Column("kept", Instant),
    Column("withdrawn", Boolean, nullable=False),
)
"""A column for each field of `rules.history.Promise`. They outlive their meetings in the calendar."""

decisions = Table(
    "decisions",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("text", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("people", Json, nullable=False),
    Column("check_ins", Key(16), nullable=False),
    Column("undone", Instant),
)
"""A column for each field of `rules.history.Decision`."""

asks = Table(
    "asks",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("email", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("template", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("length", Words, nullable=False),
    Column("within", Words, nullable=False),
    Column("known", Json, nullable=False),
    Column("ended", Instant),
    Column("why", Words, nullable=False),
)
"""A column for each field of `rules.history.Ask`; durations as the user writes them."""

cycles = Table(
    "cycles",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("began", Instant, nullable=False),
    Column("ended", Instant),
    Column("problems", Json),
)

sources = Table(
    "sources",
    metadata,
    Column("source", Key(255), primary_key=True),
    Column("ok_at", Instant),
    Column("failed_since", Instant),
    Column("problem", Json),
)

calendars = Table(
    "calendars",
    metadata,
    Column("calendar", Key(255), primary_key=True),
    Column("note", Words, nullable=False),
    Column("reading", Key(128), nullable=False),
    Column("answers", Number, nullable=False),
    Column("doubt_since", Instant),
    Column("doubt_answer", Number, nullable=False),
)
"""How far each calendar is known. `reading` says how it was read: another zone of the user, or another version
of the reading code, and all of it is read again. `answers` counts what was taken in."""

resources = Table(
    "resources",
    metadata,
    Column("calendar", String(255), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("tag", Text, nullable=False),
)
"""What a calendar showed at the last listing; an empty tag asks for it to be read again."""

components = Table(
    "components",
    metadata,
    Column("calendar", String(255), primary_key=True),
    Column("resource", Name, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("recurring", Boolean, nullable=False),
    Column("expanded_from", Instant),
    Column("expanded_to", Instant),
    Column("first_start", Instant),
    Column("last_end", Instant),
    Column("first_seen", Integer, nullable=False),
    Column("missing_since", Instant),
    Column("meetings", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Index("components_by_time", "calendar", "last_end", "first_start"),
    Index("components_by_uid", "calendar", "uid"),
)
"""The events of a resource by UID, expanded between two instants (None: `meetings` are all there will ever be).

`first_start` and `last_end` (None: no end) span the whole event. `first_seen` is the number of the answer that it
came with. `missing_since`: the calendar lacks it, and that
is not believed yet; `deleted`: it says that it was deleted.
"""

flaws = Table(
    "flaws",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("calendar", String(255), nullable=False),
    Column("resource", Name, nullable=False),
    Column("uid", Text, nullable=False),
    Column("problem", Json, nullable=False),
    Index("flaws_by_resource", "calendar", "resource"),
)
"""What could not be used of a calendar: a resource (`uid` is empty) or an event that was set aside."""

held = Table(
    "held",
    metadata,
    Column("calendar", String(255), primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("uid", Text, nullable=False),
    Column("meeting", Text, nullable=False),
)
"""Past meetings that a calendar no longer shows because it shows nothing that old: they took place."""
