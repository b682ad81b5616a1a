"""What a Gmail mailbox is asked for, and what its answers say.

https://developers.google.com/workspace/gmail/api/reference/rest
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from connectors.base import Folder, NoteRefusedError
from connectors.google.answers import pages, understood
from connectors.google.errors import MissingError, MisunderstoodError
from connectors.headers import header
from connectors.mailboxes.gmail_index import Message
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Header
    from connectors.google.account import Account, Document

PAGE = 500
"""Entries of a page; the reference allows no more."""

_HEAD = "id,threadId,labelIds,internalDate,sizeEstimate,payload/headers"
"""Of a message its head, and not the snippet, which is a piece of its text."""
_READ_WHOLE = 8 * 2**20
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_NAME = re.compile(r"[!-9;-~]{1,200}")
_BREAK = re.compile(r"[\r\n\0]")
_ADDRESS = re.compile(r"[^\s<>\"(),;:\\\[\]]+@[^\s<>\"(),;:\\\[\]]+")
_SENDERS = frozenset({"from", "sender"})
_LONG = 1000
_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class Change(StrEnum):
    """What has happened to a message, by the name of its field in a record of history."""

    ADDED = "messagesAdded"
    LABELLED = "labelsAdded"
    UNLABELLED = "labelsRemoved"
    DELETED = "messagesDeleted"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one message; `labels` are those that were added or removed."""

    change: Change
    id: str
    thread: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the history, in order. `record` is the last one in it, or the newest of the mailbox."""

    steps: tuple[Step, ...]
    record: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, and the message that is its content now."""

    id: str
    message: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A draft with its bytes."""

    raw: bytes
    labels: frozenset[str]
    thread: str


class Requests:
    """Asks one account. What cannot be read is an error, and never a mailbox with less in it."""

    def __init__(self, account: Account, mine: frozenset[str]) -> None:
        self._account = account
        self._mine = mine

    @cached_property
    def _users(self) -> Any:
        return self._account.gmail.users()

    @cached_property
    def _messages(self) -> Any:
        return self._users.messages()

    @cached_property
    def _drafts(self) -> Any:
        return self._users.drafts()

    @cached_property
    def account(self) -> str:
        """The address of the account, in the form of `rules.model.address()`.

        Raises:
            ConnectorError: Google cannot be asked.
        """
        return self._account.address()

    def newest_record(self) -> str:
        """The id of the newest record of history.

        Raises:
            ConnectorError: Google cannot be asked. So for all methods here.
        """
        what = "your mailbox"
        try:
            answer = self._account.ask(self._users.getProfile(userId="me", fields="historyId"), what)
        except MissingError:  # an emulator; then as Google's guide for clients has it, from the newest message
            newest, _ = self.search(1)
            if not newest:
                return "1"
            asked = self._messages.get(userId="me", id=next(iter(newest)), format="minimal", fields="historyId")
            answer = self._account.ask(asked, what)
        with understood(what):
            return str(int(answer["historyId"]))

    def history(self, since: str) -> Iterator[Page]:
        """What has happened after this record, page by page.

        Raises:
            MissingError: it is too old: "typically returns an HTTP 404 error code. […] perform a full sync".
        """
        what, newest, last = "what is new in your mailbox", "", since
        for answer in self._pages(self._users.history().list, what, startHistoryId=since, maxResults=PAGE):
            with understood(what):
                # What happens between two pages may be in none of them, so the first page says up to where they go.
                newest = newest or str(int(answer["historyId"]))
                records = answer.get("history", [])
                steps = tuple(step for record in records for step in _steps(record))
                if not answer.get("nextPageToken"):
                    last = newest
                elif records:  # a page may be empty, and not the last one
                    last = str(int(records[-1]["id"]))
            yield Page(steps, last)

    def drafts(self) -> tuple[Drafted, ...]:
        """All drafts but those in the trash."""
        what, fields = "your drafts", "drafts(id,message/id),nextPageToken"
        found: list[Drafted] = []
        for answer in self._pages(self._drafts.list, what, maxResults=PAGE, fields=fields):
            with understood(what):
                found += [Drafted(_id(one["id"]), _id(one["message"]["id"])) for one in answer.get("drafts", [])]
        return tuple(found)

    def search(
        self, most: int, query: str | None = None, label: str | None = None, *, put_away: bool = True
    ) -> tuple[dict[str, str], bool]:
        """Up to so many messages, the newest first, with their threads; whether that is all.

        `put_away` are those in spam and trash too.
        """
        what, found = "the mails in your mailbox", dict[str, str]()
        labels = None if label is None else [label]
        pages = self._pages(
            self._messages.list, what, q=query, labelIds=labels, includeSpamTrash=put_away, maxResults=most,
            fields="messages(id,threadId),nextPageToken",
        )  # fmt: skip
        for answer in pages:  # `maxResults` is the most of a page, which may hold fewer and not be the last
            with understood(what):
                found |= {_id(one["id"]): str(one["threadId"]) for one in answer.get("messages", [])}
                is_all = not answer.get("nextPageToken")
            if len(found) >= most:
                return dict(islice(found.items(), most)), is_all and len(found) == most
        return found, True

    def message(self, message_id: str) -> Message | None:
        """The head of a message, or None when it is there no more."""
        what = "a mail in your mailbox"
        request = self._messages.get(userId="me", id=message_id, format="metadata", fields=_HEAD)
        try:
            return self._message(self._account.ask(request, what), what)
        except MissingError:
            return None

    def draft(self, draft_id: str) -> Message | None:
        """The head of a draft as it is now, or None when it is there no more."""
        what = "a draft in your mailbox"
        request = self._drafts.get(userId="me", id=draft_id, format="metadata", fields=f"message({_HEAD})")
        try:
            answer = self._account.ask(request, what)
        except MissingError:
            return None
        with understood(what):
            content = answer["message"]
        message = self._message(content, what)
        return message and replace(message, draft=draft_id)

    def whole_message(self, message_id: str) -> bytes | None:
        """The bytes of a message, or None when it is there no more."""
        what = "a mail in your mailbox"
        request = self._messages.get(userId="me", id=message_id, format="raw", fields="raw")
        try:
            answer = self._account.ask(request, what)
        except MissingError:
            return None
        with understood(what):
            return _bytes(answer)

    def whole_draft(self, draft_id: str) -> Whole | None:
        """A draft as it is now, or None when it is there no more."""
        what = "a draft in your mailbox"
        request = self._drafts.get(userId="me", id=draft_id, format="raw", fields="message(raw,labelIds,threadId)")
        try:
            answer = self._account.ask(request, what)
        except MissingError:
            return None
        with understood(what):
            told = answer["message"]
            labels = frozenset(map(str, told.get("labelIds", ())))
            return Whole(_bytes(told), labels, str(told.get("threadId", "")))

    def create_draft(self, message: bytes, thread: str | None) -> Drafted | None:
        """Lay a draft down. Asked once: whether an error came before it lay there or after, nobody knows.

        None where it lies there and the answer does not say as what.

        Raises:
            MissingError: there is no such thread (any more), and no draft was made.
            NoteRefusedError: Google does not take this message.
        """
        content = {"raw": base64.urlsafe_b64encode(message).decode()}
        body = {"message": content if thread is None else {**content, "threadId": thread}}
        request = self._drafts.create(userId="me", body=body, fields="id,message/id")
        try:
            answer = self._account.once(request, "the new draft")
        except MisunderstoodError as error:
            raise NoteRefusedError(error.message, error.hint) from error
        try:
            return Drafted(_id(answer["id"]), _id(answer["message"]["id"]))
        except (KeyError, TypeError, ValueError):
            return None

    def update_draft(self, draft_id: str, message: bytes, thread: str) -> None:
        """Let a draft have another content, in the thread in which it is. Asked once.

        https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/update

        Raises:
            MissingError: it is there no more.
            NoteRefusedError: Google does not take this message.
        """
        content = {"raw": base64.urlsafe_b64encode(message).decode(), **({"threadId": thread} if thread else {})}
        request = self._drafts.update(userId="me", id=draft_id, body={"message": content}, fields="id")
        try:
            self._account.once(request, "the draft with your words")
        except MisunderstoodError as error:
            raise NoteRefusedError(error.message, error.hint) from error

    def delete_draft(self, draft_id: str) -> None:
        """Take a draft away, for ever. Asked once.

        Raises:
            MissingError: it is there no more.
        """
        self._account.once(self._drafts.delete(userId="me", id=draft_id), "the draft that is not wanted")

    def aliases(self) -> list[Document]:
        """The addresses from which the user writes, with their signatures (users.settings.sendAs)."""
        what = "the signature of your mailbox"
        answer = self._account.ask(self._users.settings().sendAs().list(userId="me"), what)
        with understood(what):
            return [dict(one) for one in answer.get("sendAs", [])]

    def _pages(self, lister: Any, what: str, **given: Any) -> Iterator[Document]:
        """All pages of a list, one after the other."""
        return pages(lambda token: self._account.ask(lister(userId="me", pageToken=token, **given), what), what)

    def _message(self, told: Document, what: str) -> Message | None:
        with understood(what):
            name, thread = _id(told["id"]), str(told["threadId"])
            labels = frozenset(map(str, told.get("labelIds", ())))
            received = _moment(int(told["internalDate"]))
            listed = told.get("payload", {}).get("headers", ())
            fields = [(str(one.get("name", "")), str(one.get("value", ""))) for one in listed]
            size = int(told.get("sizeEstimate", 0))
        head: bytes | None = _block(fields)
        if _is_unsure(fields):
            # Whether the values come with their encoded words decoded, the reference does not say. Then a name could
            # pretend to be an address, so the bytes decide; and without them nobody is taken for the sender.
            sure = [(field, value) for field, value in fields if field.casefold() not in _SENDERS]
            head = self.whole_message(name) if size <= _READ_WHOLE else _block(sure)
        return None if head is None else Message(name, thread, labels, self._header(head, name, received))

    def _header(self, head: bytes, name: str, received: datetime) -> Header | None:
        return header(head, folder=Folder.OTHER, ref="", tag=name, received=received, mine=self._mine)


def _block(fields: list[tuple[str, str]]) -> bytes:
    """The fields as they stand in a mail: each on a line of its own, whatever is in it."""
    lines = [f"{name}: {_BREAK.sub(' ', value)}\n" for name, value in fields if _NAME.fullmatch(name)]
    return "".join(lines).encode("utf-8", "replace")


def _is_unsure(fields: list[tuple[str, str]]) -> bool:
    """Whether From names more than one address, or is longer than anybody's: the expression takes its square."""
    senders = " ".join(value for name, value in fields if name.casefold() == "from")
    return len(senders) > _LONG or len({address(one) for one in _ADDRESS.findall(senders)}) > 1


def _moment(milliseconds: int) -> datetime:
    """When a message came. An import may bring any number, which hinders no other mail."""
    return datetime.fromtimestamp(min(max(milliseconds / 1000, 0.0), _LATEST), UTC)


def _steps(record: Document) -> Iterator[Step]:
    for change in Change:
        for one in record.get(change, ()):
            message = one["message"]
            labels = frozenset(map(str, one.get("labelIds", ())))
            yield Step(change, _id(message["id"]), str(message.get("threadId", "")), labels)


def _id(value: object) -> str:
    """An id that may become a part of a path."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("an id was expected")
    return value


def is_id(text: str) -> bool:
    """Whether this can be the id of a message or a draft."""
    return _ID.fullmatch(text) is not None


def _bytes(message: Document) -> bytes:
    raw = message["raw"].encode("ascii")
    return base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
