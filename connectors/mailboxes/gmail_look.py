"""One look at a Gmail mailbox: what is new since the last one, and the mails of people not asked for before.

https://developers.google.com/workspace/gmail/api/guides/sync
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.google.errors import MissingError
from connectors.mailboxes import gmail_query
from connectors.mailboxes.gmail_index import APART, DRAFT, TRASH, Index
from connectors.mailboxes.gmail_requests import Change
from connectors.mailboxes.index import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from connectors.mailboxes.gmail_requests import Requests, Step

NEWEST = 100
"""Messages of a list that are looked at because the search may not know them yet."""

_MOST = 250
"""Mails with one person that are looked at: the newest."""
_MOST_TAGGED = 50
_STEP = 200
"""Mails that are looked at between two times that the look is kept."""
_REST = 50
"""So many more are asked of the search than of the list, which may have another order."""


class Survey:
    """Brings an index up to now, step by step: what it has become is worth keeping wherever an error ends it."""

    def __init__(
        self,
        requests: Requests,
        index: Index,
        addresses: frozenset[str],
        keep: Callable[[str], None],
        made: Mapping[str, str] | None = None,
    ) -> None:
        """`made` are drafts that were just made, by the message that each is: they need not be listed.

        `keep` is given the note of how far a long look has come, now and then: the process may be ended in it.
        """
        self.index = index
        self.kept = False
        self._keep = keep
        self._taken = 0
        self._requests = requests
        self._addresses = addresses
        self._wanted = spellings(addresses)
        self._made = made or {}

    def run(self) -> None:
        """Look.

        Raises:
            ConnectorError: Google cannot be asked, or not to the end.
        """
        is_first = not self.index.whole
        try:
            if self.index.history:
                self._follow()
        except MissingError:  # the history does not reach back so far
            self.index, is_first = Index(self.index.mine, self.index.account), True
        if not self.index.history:
            self.index.history = self._requests.newest_record()  # before all else: what happens meanwhile is after it
        if is_first:
            self._list_drafts()
        self._ask_for(self._addresses - self.index.addresses)
        if is_first:
            self._follow()
        if not self.index.whole:
            self._list_drafts()
        self.index.keep(self._addresses)

    def _follow(self) -> None:
        """What the history tells. Each change is told in order, so one that is known already does no harm."""
        for page in self._requests.history(self.index.history):
            new: dict[str, None] = {}
            for step in page.steps:
                self._apply(step, new)
            self._take(new)
            if page.steps:
                self._doubt()
            self.index.history = page.record

    def _apply(self, step: Step, new: dict[str, None]) -> None:
        """Change what is known; `new` are messages to be looked at."""
        known = self.index.messages.get(step.id)
        if step.change is Change.DELETED:
            self.index.messages.pop(step.id, None)
            new.pop(step.id, None)
        elif known is not None:
            labels = known.labels
            if step.change is Change.LABELLED:
                labels |= step.labels
            elif step.change is Change.UNLABELLED:
                labels -= step.labels
            self.index.messages[step.id] = replace(known, labels=labels, thread=step.thread or known.thread)
        elif (
            step.change is Change.ADDED
            or (step.change is Change.LABELLED and DRAFT in step.labels)
            or (step.change is Change.UNLABELLED and step.labels & {TRASH, *APART})
        ):
            new[step.id] = None

    def _take(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.index.messages and (message := self._requests.message(name)) is not None:
                self.index.add(replace(message, draft=self._made.get(name)), self._wanted)
                self._taken += 1
                if self._taken % _STEP == 0:
                    self._keep(self.index.note())
                    self.kept = True

    def _doubt(self) -> None:
        """A draft whose id is not known wants the list; so it is kept, should an error come before that."""
        if any(one.folder is Folder.DRAFTS and one.draft is None for one in self.index.messages.values()):
            self.index.whole = False

    def _list_drafts(self) -> None:
        """Only the list of drafts tells which message belongs to which draft."""
        listed = self._requests.drafts()
        contents = {one.id: one.message for one in listed}
        messages = self.index.messages
        for name, message in list(messages.items()):
            if message.draft is not None and contents.get(message.draft, name) != name:
                del messages[name]  # what it was before an edit
        for one in listed:
            if (known := messages.get(one.message)) is not None:
                messages[one.message] = replace(known, draft=one.id)
            elif (draft := self._requests.draft(one.id)) is not None:
                self.index.add(draft, self._wanted)
        self.index.whole = True

    def _ask_for(self, addresses: frozenset[str]) -> None:
        """All mails with these people."""
        if not addresses:
            return
        self._take(unsearched(self._requests))  # before anybody counts as known: an error may end it at any place
        searched: set[str] = set()
        for batch in gmail_query.batches(spellings(addresses)):
            self._take(self._with(batch))
            self._take(self._requests.search(_MOST_TAGGED, gmail_query.tagged(batch))[0])
            searched.update(batch)
            self._doubt()  # a draft that was begun or edited since the history was read may be among them
            self.index.addresses |= {one for one in addresses if spellings([one]) <= searched}

    def _with(self, emails: Sequence[str]) -> dict[str, str]:
        """The newest mails with each of these people; the mails with one do not push those with another out."""
        found, is_all = self._requests.search(_MOST, gmail_query.on(emails))
        if is_all or len(emails) == 1:
            return found
        middle = len(emails) // 2
        return self._with(emails[:middle]) | self._with(emails[middle:])


def unsearched(requests: Requests, label: str | None = None) -> list[str]:
    """The newest messages that are listed and that the search does not find yet.

    How far the search lags behind the mailbox, Google does not say.
    """
    listed, _ = requests.search(NEWEST, label=label)
    found, _ = (
        requests.search(NEWEST + _REST, f"in:{label.lower()}" if label else "in:anywhere") if listed else ({}, True)
    )
    return [name for name in listed if name not in found]
