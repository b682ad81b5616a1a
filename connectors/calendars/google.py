"""A calendar of Google as a set of resources: one for each event, and one for each series with its exceptions.

https://developers.google.com/workspace/calendar/api/guides/sync
https://developers.google.com/workspace/calendar/api/v3/reference/events/list
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from connectors.base import ConnectorError, Listing, PermanentError, PermissionNeededError, TransientError
from connectors.google.answers import pages, understood
from connectors.google.errors import ExpiredError, MissingError
from connectors.google.events import FIELDS, Viewer, is_cancelled, is_exception, removed, resource, to_calendar
from rules.model import address, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connectors.google.account import Account, Document

_VERSION = 1
_PAGE = 2500
"""The most that Google gives in one page."""
_TRIES = 3
"""So often a list is begun anew whose page token dies."""
_MOST_SERIES = 20
"""Each changed series is a request; more of them cost more than the whole calendar."""
_LONGEST_UID = 1000
"""Characters of an iCalUID as it is asked for. Of an address of more than 2048, googleapiclient makes a POST."""


@dataclass
class _Page:
    """What a list of events gave, over all its pages: by id, so that what moved between two pages is there once."""

    events: dict[str, Document] = field(default_factory=dict)
    token: str = ""


@dataclass(frozen=True)
class _Note:
    """What the daemon keeps for the calendar.

    `token` tells Google what is known. `of` is what that is: a digest of the tags, and of who looks. `removed` are the
    original starts of deleted instances by series: Google asks its clients to store them, and promises little about
    them afterwards (https://developers.google.com/workspace/calendar/api/v3/reference/events#status).
    """

    token: str
    of: str
    removed: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, text: str) -> _Note | None:
        """None where there is no note of ours."""
        try:
            told = json.loads(text)
            if told["version"] != _VERSION:
                return None
            removed = {str(name): [str(start) for start in starts] for name, starts in told["removed"].items()}
            return cls(str(told["sync"]), str(told["of"]), removed)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def text(self) -> str:
        """As it is kept."""
        told = {"version": _VERSION, "sync": self.token, "of": self.of, "removed": self.removed}
        return json.dumps(told, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class _Known:
    """What is known of the calendar while a listing comes about: tags and deleted instances, by resource.

    `deleted` are the resources of which Google says so.
    """

    tags: dict[str, str]
    removed: dict[str, Sequence[str]]
    deleted: set[str] = field(default_factory=set)


class GoogleCalendar:
    """A calendar of a Google account; `calendar_id` is `primary` or an address, `mine` are the user's, in order."""

    def __init__(self, id: str, account: Account, calendar_id: str, mine: Sequence[str]) -> None:  # noqa: A002 - see Calendar
        self.id = id
        self._account = account
        self._calendar_id = calendar_id
        mine = unique(map(address, mine))
        self._viewer = Viewer(mine, own=calendar_id == "primary" or address(calendar_id) in mine)
        self._data: dict[str, bytes] = {}
        self._whole = False

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        """What is there now: by what has changed since the note, else all of it.

        A tag is the hash of what is read, so that it is the same either way, and what is not read (reminders) changes
        none.

        Raises:
            ConnectorError: it cannot be known. Where Google has forgotten what was known, all is asked anew instead.
        """
        try:
            return self._changed(known, note) or self._all()
        except MissingError as error:
            raise MissingError(
                f"Google does not know the calendar {self._calendar_id}, or does not let this account see it",
                "Its settings in Google Calendar show its id, under `Integrate calendar`; `primary` is your own.",
            ) from error

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """What the last listing brought of these resources, or, where there was none, what is there now."""
        wanted = tuple(names)
        failed: ConnectorError | None = None
        if not self._whole and not self._data.keys() >= set(wanted):
            try:
                self._all()
            except ConnectorError as error:
                failed = error
        for name in wanted:
            told = TransientError(f"{name} is no longer in the calendar {self._calendar_id}", file=name)
            yield name, self._data.get(name, failed or told)

    def _all(self) -> Listing:
        """Everything, whatever was known: cancelled instances come with it, as `showDeleted` of the reference says."""
        page = self._page({})
        self._data, self._whole = {}, True
        known = _Known({}, {})
        for name, events in _by_resource(page).items():
            self._show(name, events, (), known)
        return self._listing(known, page)

    def _changed(self, tags: Mapping[str, str], note: str) -> Listing | None:
        """What is known, with what changed since the note; None where all has to be asked for.

        A token can be used again as long as nothing happened, and the note stays the same: nothing has to be written.
        """
        memory = _Note.read(note)
        if memory is None or not memory.token or memory.of != self._digest(tags):
            return None
        try:
            page = self._page({"syncToken": memory.token})
            if not page.events:
                return Listing(dict(tags), note)
            changed = self._completed(_by_resource(page))
        except ExpiredError:
            return None
        if changed is None:
            return None
        known = _Known(dict(tags), dict(memory.removed))
        for name, events in changed.items():
            known.tags.pop(name, None)
            self._data.pop(name, None)
            self._show(name, events, known.removed.pop(name, ()), known)
        return self._listing(known, page)

    def _completed(self, changed: Mapping[str, Sequence[Document]]) -> Mapping[str, Sequence[Document]] | None:
        """Resources of a delta, each with all of its events; None where too much is missing, or cannot be had."""
        partial = [name for name, events in changed.items() if not _tells_all(events)]
        if len(partial) > _MOST_SERIES:
            return None
        completed = dict(changed)
        for name in partial:
            try:
                whole = self._series(name, changed[name])
            except (PermanentError, PermissionNeededError):
                whole = None  # what of it may be seen, the list of all tells
            if whole is None:
                return None
            completed[name] = whole
        return completed

    def _show(self, name: str, events: Sequence[Document], before: Iterable[str], known: _Known) -> None:
        """Take a resource into what is known, as these events have it, if there is something to see of it."""
        without = removed(events, before)
        data = to_calendar(events, without, self._viewer)
        if data is not None:
            self._data[name] = data
            known.tags[name] = sha256(data).hexdigest()
            if without:
                known.removed[name] = sorted(without)
        elif any(is_cancelled(event) and not is_exception(event) for event in events):
            known.deleted.add(name)

    def _listing(self, known: _Known, page: _Page) -> Listing:
        note = _Note(page.token, self._digest(known.tags), known.removed).text()
        return Listing(known.tags, note, deleted=frozenset(known.deleted))

    def _series(self, name: str, changed: Iterable[Document]) -> Sequence[Document] | None:
        """The whole of a series of which something changed: a delta has the changes alone.

        All of its events have one iCalUID. None where it is too long to ask with, which whoever invites may make it.

        Raises:
            PermanentError, PermissionNeededError: nobody tells it, since an instance was deleted, and the master is
                not ours to see.
        """
        events = {event["id"]: event for event in changed}
        uid = next((event["iCalUID"] for event in events.values() if "iCalUID" in event), None)
        if uid is None:
            uid = self._ask("get", eventId=name, fields=FIELDS).get("iCalUID")
        if not isinstance(uid, str) or not uid.isprintable() or len(quote_plus(uid)) > _LONGEST_UID:
            return None
        page = self._page({"iCalUID": uid})
        events |= {key: event for key, event in page.events.items() if resource(event) == name}
        return tuple(events.values())

    def _page(self, asked: Mapping[str, Any]) -> _Page:
        """All pages of a list, from the first one again where the token of a later one dies.

        Raises:
            ExpiredError: the sync token has died, or a page token again and again.
        """
        for _ in range(_TRIES - 1):
            with suppress(_DiedError):
                return self._pages(asked)
        return self._pages(asked)

    def _pages(self, asked: Mapping[str, Any]) -> _Page:
        what, page = f"the events of {self._calendar_id}", _Page()
        for answer in pages(lambda token: self._listed(asked, token), what):
            with understood(what):
                items = answer.get("items", [])
                if not isinstance(items, list):
                    raise TypeError("a list was expected")
                page.events.update((event["id"], event) for event in items if _is_event(event))
                page.token = str(answer.get("nextSyncToken") or "")
        return page

    def _listed(self, asked: Mapping[str, Any], token: str | None) -> Document:
        try:
            return self._ask("list", **_ALWAYS, **asked, pageToken=token)
        except ExpiredError as error:
            if token is None:
                raise
            raise _DiedError(error.message, error.hint) from error

    def _ask(self, method: str, **asked: Any) -> Document:
        events = self._account.calendar.events()
        request = getattr(events, method)(calendarId=self._calendar_id, **asked)
        return self._account.ask(request, f"the calendar {self._calendar_id}")

    def _digest(self, tags: Mapping[str, str]) -> str:
        """What a note belongs to: the account, and the user's addresses, by which events are read otherwise."""
        told = [self._account.owner, self._calendar_id, list(self._viewer.mine), sorted(tags.items())]
        return sha256(json.dumps(told).encode()).hexdigest()


# With a sync token "all other query parameters should be the same as for the initial synchronization".
_ALWAYS = {"maxResults": _PAGE, "fields": f"nextPageToken,nextSyncToken,items({FIELDS})"}


class _DiedError(ExpiredError):
    """A page token died in the middle of a list."""


def _is_event(told: Any) -> bool:
    return isinstance(told, dict) and isinstance(told.get("id"), str) and bool(resource(told))


def _by_resource(page: _Page) -> Mapping[str, Sequence[Document]]:
    found: defaultdict[str, list[Document]] = defaultdict(list)
    for event in page.events.values():
        found[resource(event)].append(event)
    return found


def _tells_all(events: Sequence[Document]) -> bool:
    """Whether a delta has the whole of a resource: a single event, or one that is deleted, with all that was in it."""
    master = next((event for event in events if not is_exception(event)), None)
    if master is not None and is_cancelled(master):
        return all(map(is_cancelled, events))
    return master is not None and len(events) == 1 and not master.get("recurrence")
