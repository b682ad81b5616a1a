"""Gmail as a mailbox: drafts laid down and taken back, and what became of them, by its history and its lists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder, Forgetful, Look, PermanentError
from connectors.google.errors import MissingError
from connectors.headers import Fields, message_ids
from connectors.mailboxes import gmail_query
from connectors.mailboxes.gmail_index import DRAFT, SENT, TRASH, Message, index
from connectors.mailboxes.gmail_look import NEWEST, Survey, unsearched
from connectors.mailboxes.gmail_requests import Requests, is_id
from connectors.mailboxes.gmail_signature import plain
from connectors.message import crlf
from rules.model import address, unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from connectors.base import Header, Memory
    from connectors.google.account import Account
    from connectors.mailboxes.gmail_requests import Whole

_SAVED = frozenset({Folder.DRAFTS, Folder.SENT, Folder.TRASH})
_ANCESTORS = 10
"""Mails of a thread that are searched for, the nearest."""


class Gmail:
    """The mailbox of a Google account. `mine` are my own addresses, in the form of `rules.model.address()`.

    `memory` keeps how far a look has come that ended early, by an error or with the process: the next one goes on from
    there. A first look at many mails takes more than Google answers in a minute, and would else begin anew each time.

    What Google's documentation says and this relies on: the id of a draft stays, its message is another after each
    edit; what is sent is a new message, and the draft is gone
    (https://developers.google.com/workspace/gmail/api/guides/drafts).
    """

    kind = "gmail"
    lays = False

    def __init__(self, account: Account, mine: frozenset[str], memory: Memory | None = None) -> None:
        self._mine = mine
        self._requests = Requests(account, mine)
        self._memory = memory or Forgetful()
        self._known: dict[str, Message] = {}
        self._made: dict[str, str] = {}
        """Message to draft, of those that were laid down here."""
        self._led = ("", "")
        """The note that the last look began with, and the one that it came to: it need not be asked for twice."""

    @property
    def account(self) -> str:
        """The address of the account; see `Mailbox.account`.

        Raises:
            ConnectorError: Google cannot be asked for it.
        """
        return self._requests.account

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        """The headers now; see `Mailbox.look`.

        All drafts, and of each person the newest mails, spam left out. One request where nothing has changed.

        Raises:
            ConnectorError: Google cannot be asked; what was known stays so.
        """
        kept, whose = self._memory.recall() or "", self.account
        begun = index(kept, self._mine, whose)
        before = kept if begun.history else note
        if not begun.history:
            begun = index(self._led[1] if note and note == self._led[0] else note, self._mine, whose)
        survey = Survey(self._requests, begun, addresses, self._memory.keep, self._made)
        try:
            survey.run()
        except ConnectorError:
            if (so_far := survey.index.note()) != before:
                self._memory.keep(so_far)
            raise
        if kept or survey.kept:
            self._memory.keep("")
        self._known = dict(survey.index.messages)
        self._led = (note, survey.index.note())
        return Look(survey.index.headers(), self._led[1])

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        """Where mails with exactly these Message-IDs lie; see `Mailbox.find`.

        Drafts by their list. Of the rest what the search finds, what it does not know yet of the newest in Sent and
        Trash, and what the last look saw: each is read anew for the folder in which it lies now.

        Raises:
            ConnectorError: as for `look`.
        """
        wanted = {_bare(message_id): message_id for message_id in message_ids}
        found: dict[str, tuple[Header, ...]] = {}
        if not wanted:
            return found
        for message in self._candidates(wanted):
            told = message.told()
            name = wanted.get(_bare(told.message_id)) if told is not None else None
            if told is None or name is None or told.folder not in _SAVED:
                continue
            before = found.get(name, ())
            if told.folder is Folder.DRAFTS and message.draft is None and any(map(_is_draft, before)):
                continue  # edited since the drafts were listed: the same draft, by its new message
            found[name] = (*before, told)
        return found

    def _candidates(self, wanted: Mapping[str, str]) -> Iterator[Message]:
        """Drafts first, then the others: what is sent in between is seen twice, and not missed."""
        drafted: set[str] = set()
        for one in self._requests.drafts():
            known = self._known.get(one.message)
            # Under its id the head of a message never changes; that it is a draft's, the list says.
            if known is not None:
                draft: Message | None = replace(known, labels=frozenset({DRAFT}), draft=one.id)
            else:
                draft = self._requests.draft(one.id)
            if draft is not None:
                self._known[draft.id] = draft
                drafted.add(draft.id)
                yield draft
        names = [name for label in (SENT, TRASH) for name in unsearched(self._requests, label)]
        for query in gmail_query.named(wanted):
            names += self._requests.search(NEWEST, query)[0]
        names += [one.id for one in self._known.values() if one.header and _bare(one.header.message_id) in wanted]
        for name in dict.fromkeys(names):
            if name not in drafted and (message := self._requests.message(name)) is not None:
                yield message

    def read(self, ref: str) -> bytes | None:
        """The bytes of a mail, or None when it is there no more. Of a draft they are those of now.

        Raises:
            ConnectorError: as for `look`.
        """
        kind, _, name = ref.partition("-")
        if not is_id(name):
            return None
        if kind == "d":
            draft = self._requests.whole_draft(name)
            return None if draft is None else draft.raw
        return self._requests.whole_message(name) if kind == "m" else None

    def place(self, message: bytes) -> None:
        """Lay a draft down, in the thread that it answers where that is known; asked once, see `Mailbox.place`.

        A draft joins a thread by its id, its References and a subject that matches
        (https://developers.google.com/workspace/gmail/api/guides/threads).

        Raises:
            ConnectorError: it may lie there, or not.
        """
        travelling = crlf(message)
        thread = self._thread(message)
        try:
            made = self._requests.create_draft(travelling, thread)
        except MissingError:
            if thread is None:
                raise
            made = self._requests.create_draft(travelling, None)  # the thread was deleted: nothing was made
        if made is not None:
            self._made[made.message] = made.id

    def _thread(self, message: bytes) -> str | None:
        """The thread of the nearest mail that this one refers to, of those that are known; else by search.

        Not one that lies in the trash or in spam: the user has done with that.
        """
        fields = Fields.of(message)
        before = message_ids(fields.all("references"))
        nearest = unique([*message_ids(fields.all("in-reply-to")), *reversed(before)])[:_ANCESTORS]
        there = [one for one in self._known.values() if one.folder not in {None, Folder.TRASH}]
        threads = {_bare(one.header.message_id): one.thread for one in there if one.header is not None}
        for one in nearest:
            if (thread := threads.get(_bare(one))) is not None:
                return thread
        for query in gmail_query.named(nearest):
            for thread in self._requests.search(1, query, put_away=False)[0].values():
                return thread
        return None

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
        """Take a draft away if, read again at the last moment, `still(bytes)` holds; whether it was taken.

        It is gone for ever then. Gmail deletes on no condition, so an edit within the last instant is lost.

        Raises:
            ConnectorError: it may be gone, or not.
        """
        meant = self._as_meant(ref, still)
        if meant is None:
            return False
        try:
            self._requests.delete_draft(meant[0])
        except MissingError:
            return False
        return True

    def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
        """Let this message take the place of a draft if, read again at the last moment, `still(bytes)` holds.

        The draft keeps its id and its thread. Gmail writes on no condition, so what is typed in Gmail within the last
        instant is lost, and comes back as soon as Gmail saves it once more.

        Raises:
            ConnectorError: it may say that, or what it said before.
        """
        meant = self._as_meant(ref, still)
        if meant is None:
            return False
        name, draft = meant
        try:
            self._requests.update_draft(name, crlf(message), draft.thread)
        except MissingError:
            return False
        return True

    def _as_meant(self, ref: str, still: Callable[[bytes], bool]) -> tuple[str, Whole] | None:
        """The id of a draft, and the draft as it is now: where it is there and `still` holds of it."""
        kind, _, name = ref.partition("-")
        if kind != "d" or not is_id(name):
            return None
        draft = self._requests.whole_draft(name)
        if draft is None or TRASH in draft.labels or not still(draft.raw):
            return None
        return name, draft

    def lay(self, message: bytes) -> None:  # noqa: ARG002 - it cannot be done
        """Refuse: to lay a mail into the inbox takes a permission to insert mails, which is not asked for.

        Raises:
            PermanentError: always.
        """
        raise PermanentError(
            "nothing can be laid into the inbox of Gmail",
            "set `notify: {command: …}` to be told of deadlines, or `notify: none`",
        )

    def laid(self, message_ids: frozenset[str], since: datetime) -> Mapping[str, datetime]:  # noqa: ARG002 - as above
        """Nothing has been laid there."""
        return {}

    def signature(self, email: str) -> str | None:
        """The signature under mails from this address, else the one of the default address, as plain text.

        None where there is none. https://developers.google.com/workspace/gmail/api/guides/alias_and_signature_settings

        Raises:
            ConnectorError: as for `look`.
        """
        aliases = self._requests.aliases()
        own = [one for one in aliases if address(str(one.get("sendAsEmail", ""))) == address(email)]
        chosen = own or [one for one in aliases if one.get("isDefault") is True]
        return plain(str(chosen[0].get("signature") or "")) or None if chosen else None


def _is_draft(one: Header) -> bool:
    return one.folder is Folder.DRAFTS


def _bare(message_id: str) -> str:
    return message_id.strip("<>")
