"""The address book of the stand-in, and the methods of the People API that a connector asks for.

https://developers.google.com/people/api/rest/v1/people.connections/list
https://developers.google.com/people/api/rest/v1/contactGroups/list
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tests.google.answers import Document, Refusal, missing_here
from tests.google.methods import methods
from tests.google.paging import Asking, Pages, asking

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

_LARGEST_PAGE = 1000
_FREE = frozenset(
    {"pageToken", "syncToken", "requestSyncToken", "alt", "fields", "prettyPrint", "quotaUser", "$.xgafv"}
)
"""What need not be as in the first call. Google's example asks for a delta without `requestSyncToken`."""
_GROUPS_PAGE = 30


@dataclass
class People:
    """The contacts of the account and their labels. `page_size` bounds each page."""

    lock: threading.RLock
    page_size: int = _LARGEST_PAGE
    persons: dict[str, Document] = field(default_factory=dict)
    groups: dict[str, Document] = field(default_factory=dict)
    serial: int = 0
    since: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, tuple[int, Asking]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pages = {name: Pages(name) for name in ("connections", "contactGroups")}
        self.group("myContacts", system=True)

    def put(self, person: Document) -> str:
        """A new contact, or another state of one with this `resourceName`; its name."""
        with self.lock:
            self.serial += 1
            stored = copy.deepcopy(person)
            name = str(stored.setdefault("resourceName", f"people/c{self.serial}"))
            stored.setdefault("metadata", {"objectType": "PERSON"})
            stored["etag"] = f"%{self.serial}"
            self.persons.pop(name, None)  # "older entries first"
            self.persons[name], self.changed[name] = stored, self.serial
            return name

    def delete(self, name: str) -> None:
        """The user deletes a contact."""
        with self.lock:
            self.serial += 1
            self.persons.pop(name)
            deleted = {"objectType": "PERSON", "deleted": True}
            self.persons[name] = {"resourceName": name, "etag": f"%{self.serial}", "metadata": deleted}
            self.changed[name] = self.serial

    def rename(self, name: str, new: str) -> None:
        """The contact is linked with a profile, or no longer, and has another resource name from then on."""
        with self.lock:
            person = self.persons.pop(name)
            del self.changed[name]
            former = [*person["metadata"].get("previousResourceNames", ()), name]
            self.put(
                {**person, "resourceName": new, "metadata": {"objectType": "PERSON", "previousResourceNames": former}}
            )

    def group(self, name: str, *, system: bool = False) -> str:
        """A label: its resource name, for `memberships` of a person."""
        with self.lock:
            resource = f"contactGroups/{name}" if system else f"contactGroups/g{len(self.groups)}"
            kind = "SYSTEM_CONTACT_GROUP" if system else "USER_CONTACT_GROUP"
            self.groups[resource] = {"resourceName": resource, "groupType": kind, "name": name, "formattedName": name}
            return resource

    def rename_group(self, resource: str, name: str) -> None:
        """The user gives a label another name; no contact changes by it."""
        with self.lock:
            self.groups[resource] |= {"name": name, "formattedName": name}

    def expire_sync_tokens(self) -> None:
        """Those that were given before are too old: they last for seven days."""
        with self.lock:
            self.serial += 1
            self.since = self.serial


def list_connections(people: People, query: Mapping[str, list[str]]) -> Document:
    """One page of the contacts, or of what changed since a sync token; of each the fields that are asked for."""
    one = {name: values[0] for name, values in query.items()}
    fields = _fields(one)
    asked = asking(query, _FREE)
    size = _size(one, 100, people)
    since = _since(people, one["syncToken"], asked) if "syncToken" in one else None
    pages = people.pages["connections"]
    if "pageToken" in one:
        page = pages.following(one["pageToken"], asked, size)
    else:
        found = [_told(person, fields, synced=since is not None) for person in _found(people, since)]
        page = pages.first(found, people.serial, asked, size)
    answer: Document = {"connections": list(page.items)} if page.items else {}
    if page.next is not None:
        return answer | {"nextPageToken": page.next}
    if one.get("requestSyncToken") == "true":
        token = f"people-sync-{page.serial}-{sha256(repr(asked).encode()).hexdigest()[:8]}"
        people.tokens[token] = (page.serial, asked)
        answer["nextSyncToken"] = token
    alive = sum(1 for person in people.persons.values() if not person["metadata"].get("deleted"))
    return answer | ({} if since is not None else {"totalItems": alive, "totalPeople": alive})


def list_groups(people: People, query: Mapping[str, list[str]]) -> Document:
    """The labels; their members are not told."""
    one = {name: values[0] for name, values in query.items()}
    if {"syncToken", "groupFields"} & one.keys():
        raise missing_here("contactGroups.list with syncToken or groupFields")
    pages, asked, size = people.pages["contactGroups"], asking(query, _FREE), _size(one, _GROUPS_PAGE, people)
    page = (
        pages.following(one["pageToken"], asked, size)
        if "pageToken" in one
        else pages.first(list(people.groups.values()), people.serial, asked, size)
    )
    answer: Document = {"contactGroups": list(page.items), "totalItems": len(people.groups)}
    return answer | ({"nextPageToken": page.next} if page.next else {"nextSyncToken": "groups-sync"})


def _found(people: People, since: int | None) -> list[Document]:
    if since is None:
        return [person for person in people.persons.values() if not person["metadata"].get("deleted")]
    return [person for name, person in people.persons.items() if people.changed[name] > since]


def _told(person: Document, fields: frozenset[str], *, synced: bool) -> Document:
    kept = {"resourceName", "etag", *fields}
    metadata = dict(person["metadata"])
    if metadata.get("deleted"):
        kept.add("metadata")  # "a person with PersonMetadata.deleted set to true", whatever was asked for
    if not synced:  # "populated only for people.connections.list requests that include a sync token"
        metadata.pop("previousResourceNames", None)
    return {name: value for name, value in {**person, "metadata": metadata}.items() if name in kept}


def _fields(one: Mapping[str, str]) -> frozenset[str]:
    described = next(method for method in methods() if method.id == "people.people.connections.list")
    valid = set(re.findall(r"\* (\w+)", str(described.parameters["personFields"]["description"])))
    asked = {name for name in one.get("personFields", "").split(",") if name}
    if not asked or not asked <= valid:
        raise Refusal(400, "INVALID_ARGUMENT", "personFields mask is required. Please specify one or more valid paths.")
    if {"sources", "sortOrder", "requestMask.includeField"} & one.keys():
        raise missing_here("sources, sortOrder and requestMask")
    return frozenset(asked)


def _size(one: Mapping[str, str], usual: int, people: People) -> int:
    most = int(one.get("pageSize", "0")) or usual
    if most > _LARGEST_PAGE:
        raise Refusal(400, "INVALID_ARGUMENT", "Page size must be between 1 and 1000.")
    return min(most, people.page_size)


def _since(people: People, token: str, asked: Any) -> int:
    if token not in people.tokens:
        raise Refusal(400, "INVALID_ARGUMENT", "Sync token is invalid.")
    serial, first = people.tokens[token]
    if serial < people.since:
        told = "Sync token is expired. Clear local cache and retry call without the sync token."
        raise Refusal(400, "EXPIRED_SYNC_TOKEN", told)
    if asked != first:
        raise Refusal(400, "INVALID_ARGUMENT", "Request parameters do not match the first call of this sync token.")
    return serial
