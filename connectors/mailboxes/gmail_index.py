"""What is remembered of a Gmail mailbox between two looks, and in which folder a message counts as lying."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.mailboxes.index import concerns, packed, spellings, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.base import Header

VERSION = 1
DRAFT, SENT, TRASH = "DRAFT", "SENT", "TRASH"
APART = frozenset({"SPAM", "CHAT"})
"""What lies there is no answer: forged as often as not, or no mail."""

_TELLING = frozenset({DRAFT, SENT, TRASH, *APART})
_MINE = frozenset({DRAFT, SENT})
"""Labels that nobody can put on a message, and Gmail puts only on what the user writes
(https://developers.google.com/workspace/gmail/api/guides/labels)."""

_RECORD = re.compile(r"[0-9]{1,20}")


def folder_of(labels: frozenset[str]) -> Folder | None:
    """Where a message with these labels lies; None for what is apart."""
    if labels & APART:
        return None
    for label, folder in ((TRASH, Folder.TRASH), (DRAFT, Folder.DRAFTS), (SENT, Folder.SENT)):
        if label in labels:
            return folder
    return Folder.OTHER


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Under its id its head never changes; its labels and its thread may.

    `header` is None where there is no field at all. `draft` is the id of the draft that it is the content of.
    """

    id: str
    thread: str
    labels: frozenset[str]
    header: Header | None
    draft: str | None = None

    @property
    def folder(self) -> Folder | None:
        """Where it lies."""
        return folder_of(self.labels)

    def matters(self, wanted: frozenset[str]) -> bool:
        """Whether it is a draft, or one of the people whose addresses these are is on it."""
        folder = self.folder
        if folder is Folder.DRAFTS:
            return True
        return folder is not None and self.header is not None and concerns(self.header, wanted)

    def told(self) -> Header | None:
        """Its headers for the rest of the house.

        A draft is named by its draft id, which survives an edit; its message is another after each.
        """
        folder = self.folder
        if folder is None or self.header is None:
            return None
        is_draft = folder is Folder.DRAFTS and self.draft is not None
        return replace(
            self.header,
            folder=folder,
            ref=f"d-{self.draft}" if is_draft else f"m-{self.id}",
            tag=self.id,
            outside=self.header.outside and not self.labels & _MINE,
        )


@dataclass
class Index:
    """The messages of `account` that matter, up to the record `history`, and the addresses for which all are known.

    `whole` says that all drafts are. An index that was not finished is one with fewer addresses: it is gone on with.
    """

    mine: tuple[str, ...]
    account: str = ""
    history: str = ""
    addresses: frozenset[str] = frozenset()
    whole: bool = False
    messages: dict[str, Message] = field(default_factory=dict)

    def add(self, message: Message, wanted: frozenset[str]) -> None:
        """Know this message, if it matters."""
        if message.matters(wanted):
            self.messages[message.id] = message

    def keep(self, addresses: frozenset[str]) -> None:
        """Know nothing but what has to do with these people."""
        wanted = spellings(addresses)
        self.addresses = addresses
        self.messages = {name: one for name, one in self.messages.items() if one.matters(wanted)}

    def headers(self) -> tuple[Header, ...]:
        """The headers of all messages, in a steady order."""
        told = (self.messages[name].told() for name in sorted(self.messages))
        return tuple(one for one in told if one is not None)

    def note(self) -> str:
        """As text, the same for the same knowledge."""
        return json.dumps({
            "version": VERSION,
            "mine": self.mine,
            "account": self.account,
            "history": self.history,
            "addresses": sorted(self.addresses),
            "whole": self.whole,
            "messages": {
                one.id: [one.thread, sorted(one.labels & _TELLING), one.draft, one.header and packed(one.header)]
                for one in sorted(self.messages.values(), key=lambda one: one.id)
            },
        }, separators=(",", ":"))  # fmt: skip


def index(note: str, mine: Iterable[str], account: str = "") -> Index:
    """The index in a note; an empty one when the note is empty, not ours, of another account or other addresses."""
    empty = Index(tuple(sorted(mine)), account)
    try:
        kept = json.loads(note) if note else {}
        if kept.get("version") != VERSION or (tuple(kept["mine"]), kept["account"]) != (empty.mine, account):
            return empty
        history = str(kept["history"])
        if history and not _RECORD.fullmatch(history):
            return empty
        return Index(
            empty.mine,
            account,
            history,
            frozenset(map(str, kept["addresses"])),
            bool(kept["whole"]),
            {name: _message(name, *one) for name, one in kept["messages"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return empty


def _message(name: str, thread: str, labels: list[str], draft: str | None, header: list[object] | None) -> Message:
    return Message(
        name, str(thread), frozenset(map(str, labels)), None if header is None else unpacked(header),
        None if draft is None else str(draft),
    )  # fmt: skip
