"""The mailbox of the stand-in, and the hand of the user on it. Each change makes a record of history.

https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.history
https://developers.google.com/workspace/gmail/api/guides/drafts
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tests.google.paging import Pages

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable
    from email.message import Message as Head

_REPLY = re.compile(r"^((re|fwd?|aw|wg)\s*:\s*)+", re.IGNORECASE)
START = 1_000
"""The historyId of an empty mailbox."""


@dataclass
class Stored:
    """One message. Its bytes never change; its labels do.

    `history` is the record that modified it last, `came` the one that brought it.
    """

    id: str
    raw: bytes
    thread: str
    labels: list[str]
    at: datetime
    history: int
    came: int

    @cached_property
    def head(self) -> Head:
        return BytesHeaderParser(policy=policy.compat32).parsebytes(self.raw)

    @property
    def subject(self) -> str:
        return _REPLY.sub("", str(self.head.get("Subject", "")).strip()).casefold()


@dataclass(frozen=True)
class Record:
    """One change. `kind` is the field of Google's History resource; `labels` are those that were added or removed."""

    id: int
    kind: str
    message: str
    thread: str
    had: frozenset[str]
    labels: tuple[str, ...] = ()


@dataclass
class Mail:
    """All mail of the account. `page_size` bounds each page of each list."""

    lock: threading.RLock
    page_size: int = 500
    signature: str = ""
    name: str = ""
    decodes_heads: bool = False
    """Whether values of header fields are told with their encoded words decoded: Google's reference does not say."""
    messages: dict[str, Stored] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    """Draft to message."""
    history: list[Record] = field(default_factory=list)
    serial: int = START
    oldest: int = START
    """History that begins before this is not known any more."""
    _lagging: int | None = None
    _made: int = 0

    def __post_init__(self) -> None:
        self.pages = {name: Pages(name) for name in ("messages", "drafts", "history")}

    # --- the user's hand ---

    def deliver(self, raw: bytes, labels: Iterable[str] = ("INBOX", "UNREAD"), at: datetime | None = None) -> str:
        """A message comes: its id. It came `at`, or at its Date, or a minute after the one before."""
        with self.lock:
            return self._add(raw, labels, at=at).id

    def draft(self, raw: bytes) -> str:
        """The user begins a draft: its draft id."""
        with self.lock:
            return self.keep_draft(raw, None)

    def edit_draft(self, draft_id: str, raw: bytes) -> str:
        """Same draft, new message: its id. A new subject is a new thread."""
        with self.lock:
            old = self.messages[self.drafts[draft_id]]
            self._remove(old)
            stored = self._add(raw, ("DRAFT",), choose=lambda one: old.thread if one.subject == old.subject else one.id)
            self.drafts[draft_id] = stored.id
            return stored.id

    def send_draft(self, draft_id: str, message_id: str | None = None, at: datetime | None = None) -> str:
        """The draft is deleted; a message with a new id appears in SENT, perhaps with another Message-ID."""
        with self.lock:
            old = self.messages[self.drafts.pop(draft_id)]
            self._remove(old)
            raw = old.raw if message_id is None else _renamed(old.raw, message_id)
            return self._add(raw, ("SENT",), choose=lambda _: old.thread, at=at).id

    def trash(self, message_id: str) -> None:
        """Into the trash: a label more, and out of the inbox."""
        with self.lock:
            message = self.messages[message_id]
            self.label(message_id, add=("TRASH",), remove=[one for one in ("INBOX",) if one in message.labels])

    def label(self, message_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Change the labels of a message."""
        with self.lock:
            message = self.messages[message_id]
            for kind, changed in (("labelsAdded", tuple(add)), ("labelsRemoved", tuple(remove))):
                if changed:
                    kept = [one for one in message.labels if one not in changed]
                    message.labels = [*kept, *changed] if kind == "labelsAdded" else kept
                    self._record(kind, message, changed)

    def delete(self, message_id: str) -> None:
        """For ever; a draft of it goes too."""
        with self.lock:
            self.drafts = {one: message for one, message in self.drafts.items() if message != message_id}
            self._remove(self.messages[message_id])

    def expire_history(self) -> None:
        """What was before is not known any more."""
        with self.lock:
            self._step()
            self.oldest = self.serial

    @property
    def search_lags(self) -> bool:
        """While it does, `q` does not find what came since."""
        return self._lagging is not None

    @search_lags.setter
    def search_lags(self, lags: bool) -> None:
        with self.lock:
            self._lagging = self.serial if lags else None

    # --- what the methods need ---

    def searchable(self, message: Stored) -> bool:
        """Whether the search index has it by now."""
        return self._lagging is None or message.came <= self._lagging

    def keep_draft(self, raw: bytes, thread: str | None) -> str:
        """Make a draft, in this thread if it fits there; its draft id.

        https://developers.google.com/workspace/gmail/api/guides/threads#adding_drafts_and_messages_to_threads
        """
        stored = self._add(raw, ("DRAFT",), choose=lambda one: thread if thread and self._fits(one, thread) else one.id)
        self._made += 1
        draft_id = f"r{self._made:015d}"
        self.drafts[draft_id] = stored.id
        return draft_id

    def change_draft(self, draft_id: str, raw: bytes, thread: str | None) -> None:
        """Another message in its place, in this thread where it fits there: as for `keep_draft`.

        A draft that is alone in its thread stays in it while its subject does.
        """
        old = self.messages[self.drafts[draft_id]]
        stored = self._add(
            raw,
            ("DRAFT",),
            choose=lambda one: (
                thread if thread and (self._fits(one, thread) or (thread == old.thread and one.subject == old.subject))
                else one.id
            ),
        )  # fmt: skip
        self._remove(old)
        self.drafts[draft_id] = stored.id

    def drop_draft(self, draft_id: str) -> None:
        """For ever: "does not simply trash it"."""
        self._remove(self.messages[self.drafts.pop(draft_id)])

    def _fits(self, message: Stored, thread: str) -> bool:
        """References or In-Reply-To name a message of the thread, and the subjects match."""
        others = [one for one in self.messages.values() if one.thread == thread and one is not message]
        named = f"{message.head.get('References', '')} {message.head.get('In-Reply-To', '')}".split()
        return any(one.head.get("Message-ID", "").strip() in named and one.subject == message.subject for one in others)

    def _add(
        self,
        raw: bytes,
        labels: Iterable[str],
        *,
        choose: Callable[[Stored], str] | None = None,
        at: datetime | None = None,
    ) -> Stored:
        self._made += 1
        name = f"{0x18C0000000 + self._made:016x}"
        stored = Stored(name, raw, name, list(labels), at or self._moment(raw), 0, 0)
        stored.thread = choose(stored) if choose else self._thread(stored)
        self.messages[name] = stored
        self._record("messagesAdded", stored)
        stored.came = self.serial
        return stored

    def _thread(self, message: Stored) -> str:
        threads = dict.fromkeys(one.thread for one in self.messages.values())
        return next((one for one in threads if self._fits(message, one)), message.id)

    def _remove(self, message: Stored) -> None:
        del self.messages[message.id]
        self._record("messagesDeleted", message)

    def _record(self, kind: str, message: Stored, labels: tuple[str, ...] = ()) -> None:
        self._step()
        message.history = self.serial
        had = frozenset(message.labels).union(labels)
        self.history.append(Record(self.serial, kind, message.id, message.thread, had, labels))

    def _step(self) -> None:
        self.serial += 1 + self.serial * 7 % 5  # "not contiguous with random gaps"

    def _moment(self, raw: bytes) -> datetime:
        date = BytesHeaderParser(policy=policy.compat32).parsebytes(raw).get("Date")
        try:
            read = parsedate_to_datetime(str(date))
        except ValueError:
            return datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=self._made)
        return read if read.tzinfo else read.replace(tzinfo=UTC)


def _renamed(raw: bytes, message_id: str) -> bytes:
    pattern = re.compile(rb"^message-id:.*?(?=\r?\n[^ \t])", re.IGNORECASE | re.MULTILINE | re.DOTALL)
    return pattern.sub(lambda _: f"Message-ID: {message_id}".encode(), raw, count=1)
