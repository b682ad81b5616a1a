"""The address book of a Google account, through the People API: what changed since the last time, at most once an hour.

https://developers.google.com/people/api/rest/v1/people.connections/list
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

from connectors.base import Flaw, PermanentError
from connectors.contacts.cards import is_address, is_language
from connectors.google.answers import pages, understood
from connectors.google.errors import ExpiredError
from rules.model import Person, address, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.base import Memory
    from connectors.google.account import Account, Document

HOUR = timedelta(hours=1)
"""So long what is known is fresh: address books change slowly, and each look is two requests."""
FIELDS = "names,emailAddresses,organizations,biographies,memberships,locales,metadata"
MOST = 50_000
_PAGE = 1000
_VERSION = 1
_WHAT = "your Google contacts"
_LONGEST_NAME, _LONGEST_NOTE, _MOST_EMAILS = 500, 64 * 1024, 20
_SYSTEM = "SYSTEM_CONTACT_GROUP"


@dataclass(frozen=True, slots=True)
class _Contact:
    """What is kept of a contact, cleaned; `labels` are their names at Google."""

    name: str
    emails: Sequence[str]
    organisation: str
    language: str
    notes: str
    labels: Sequence[str]

    @classmethod
    def kept(cls, told: Mapping[str, Any]) -> _Contact:
        """As the memory has it.

        Raises:
            KeyError, TypeError: it is damaged.
        """
        name, organisation, language, notes = (
            _is_text(told[one]) for one in ("name", "organisation", "language", "notes")
        )
        return cls(name, _are_texts(told["emails"]), organisation, language, notes, _are_texts(told["labels"]))

    @classmethod
    def told(cls, one: Document) -> _Contact:
        """As Google tells it."""
        names, organisations = _primary(one.get("names")), _primary(one.get("organizations"))
        language = str(_primary(one.get("locales")).get("value", ""))
        memberships = (entry.get("contactGroupMembership") or {} for entry in one.get("memberships") or ())
        return cls(
            name=_line(names.get("displayName")),
            emails=[str(entry.get("value", "")) for entry in _ranked(one.get("emailAddresses"))][:_MOST_EMAILS],
            organisation=_line(organisations.get("name")),
            language=language if is_language(language) else "",
            notes=_text(_primary(one.get("biographies")).get("value")),
            labels=[str(entry.get("contactGroupResourceName", "")) for entry in memberships],
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known: whose contacts, since when, by which token, the labels and the people by their names at Google."""

    of: str
    at: datetime
    token: str
    labels: Mapping[str, str]
    people: Mapping[str, _Contact]

    @classmethod
    def kept(cls, text: str | None, owner: str) -> _Known | None:
        """From the memory; None where it holds nothing of use for this owner: then all is asked for anew."""
        try:
            read = json.loads(text or "")
            at = datetime.fromisoformat(read["at"])
            if (read["version"], read["of"]) != (_VERSION, owner) or at.tzinfo is None:
                return None
            labels = {name: _is_text(label) for name, label in read["labels"].items()}
            people = {name: _Contact.kept(told) for name, told in read["people"].items()}
            return cls(owner, at, _is_text(read["token"]), labels, people)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def text(self) -> str:
        """For the memory."""
        return json.dumps({"version": _VERSION, **asdict(self), "at": self.at.isoformat()}, ensure_ascii=True)


class GoogleContacts:
    """The contacts of an account. `now` is the time, aware; what is younger than `fresh` is not asked for again."""

    def __init__(self, account: Account, memory: Memory, now: datetime, fresh: timedelta = HOUR) -> None:
        self._account = account
        self._memory = memory
        self._now = now
        self._fresh = fresh
        self._found: _Known | None = None

    def tag(self) -> str:
        """See `AddressBook.tag`.

        Raises:
            ConnectorError: Google cannot be asked; what was known is kept.
        """
        known = self._look()
        told = json.dumps([known.labels, asdict(known)["people"]], sort_keys=True)
        return sha256(told.encode("utf-8", "replace")).hexdigest()

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        """See `AddressBook.people`: everybody with an address, by their names at Google; labels are tags.

        Raises:
            ConnectorError: as in `tag`.
        """
        known = self._look()
        flaws: list[Flaw] = []
        found = []
        for _, one in sorted(known.people.items()):
            emails = _emails(one.emails, one.name, flaws)
            if emails:
                tags = unique(known.labels[label] for label in one.labels if label in known.labels)
                found.append(Person(name=one.name, emails=emails, organisation=one.organisation,
                                    language=one.language, notes=one.notes, tags=tags))  # fmt: skip
        return tuple(found), tuple(flaws)

    def _look(self) -> _Known:
        if self._found is None:
            known = _Known.kept(self._memory.recall(), self._account.owner)
            if known is None or not timedelta() <= self._now - known.at < self._fresh:
                known = self._asked(known)
                self._memory.keep(known.text())
            self._found = known
        return self._found

    def _asked(self, known: _Known | None) -> _Known:
        if known is not None and known.token:
            try:
                return self._changed(known, known.token)
            except (ExpiredError, PermanentError):
                pass  # a token serves for seven days after the last full look, and never for another account
        return self._changed(_Known(self._account.owner, self._now, "", {}, {}), "")

    def _changed(self, known: _Known, token: str) -> _Known:
        people, since = dict(known.people), token
        for answer in pages(lambda page: self._page(token, page), _WHAT):
            with understood(_WHAT):
                _take(answer.get("connections") or (), people)
                since = _is_text(answer.get("nextSyncToken") or since)
        return _Known(known.of, self._now, since, self._labels(), people)

    def _page(self, token: str, page: str | None) -> Document:
        connections = self._account.people.people().connections()
        request = connections.list(
            resourceName="people/me", personFields=FIELDS, pageSize=_PAGE, requestSyncToken=True,
            syncToken=token or None, pageToken=page,
        )  # fmt: skip
        return self._account.ask(request, _WHAT)

    def _labels(self) -> dict[str, str]:
        """The user's own labels by their names at Google; `myContacts` and its like are everybody's."""
        labels: dict[str, str] = {}
        groups = self._account.people.contactGroups()
        for answer in pages(lambda page: self._account.ask(groups.list(pageSize=_PAGE, pageToken=page), _WHAT), _WHAT):
            with understood(_WHAT):
                for group in answer.get("contactGroups") or ():
                    name = _line(group.get("name"))
                    if group.get("groupType") != _SYSTEM and name:
                        labels[_is_text(group["resourceName"])] = name
        return labels


def _take(told: Iterable[Document], people: dict[str, _Contact]) -> None:
    """What a page says of somebody: there, changed, under another name than before, or gone.

    "The resource name may change when adding or removing fields that link a contact and profile": with the former one
    kept, the contact would be there twice, and for ever as it was.
    """
    there: dict[str, _Contact] = {}
    for one in told:
        name, metadata = _is_text(one["resourceName"]), one.get("metadata") or {}
        for former in (name, *(metadata.get("previousResourceNames") or ())):
            people.pop(former, None)
        if not metadata.get("deleted"):
            there[name] = _Contact.told(one)
    people.update(islice(there.items(), max(0, MOST - len(people))))


def _is_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _are_texts(values: object) -> list[str]:
    if not isinstance(values, list):
        raise TypeError("a list was expected")
    return [_is_text(one) for one in values]


def _ranked(entries: Any) -> list[Mapping[str, Any]]:
    """The entries of a field, that which the user prefers first."""
    several = [entry for entry in entries or () if isinstance(entry, dict)]
    return sorted(several, key=lambda entry: not (entry.get("metadata") or {}).get("primary", False))


def _primary(entries: Any) -> Mapping[str, Any]:
    return next(iter(_ranked(entries)), {})


def _emails(spelled: Iterable[str], name: str, flaws: list[Flaw]) -> tuple[str, ...]:
    found = []
    for one in spelled:
        email = address(one)
        if is_address(email):
            found.append(email)
        elif one.strip():
            shown = _line(one)[:60]
            flaws.append(Flaw(f"'{shown}' of {name or 'somebody without a name'} is not an email address",
                              hint="Correct it in your Google contacts."))  # fmt: skip
    return unique(found)


def _line(value: object) -> str:
    return " ".join(_text(value).split())[:_LONGEST_NAME]


def _text(value: object) -> str:
    """A text without what is no letter: control characters, and half a surrogate pair."""
    text = value[:_LONGEST_NOTE] if isinstance(value, str) else ""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs"})
