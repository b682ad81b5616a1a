"""What has changed in the collections of an account: cheaply where the server can be believed, else by all ETags."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Listing, TransientError
from connectors.calendars.errors import Unreadable
from connectors.dav.client import Client, refused
from connectors.dav.find import Collection, NotThereError, choose, collections, places, told
from connectors.dav.kind import ETAG, TYPE, propfind, sync_collection
from connectors.dav.memory import CTAG, SYNC, Known, Memory, digest
from connectors.dav.multistatus import DAV, read
from connectors.dav.place import ForeignError, folder, is_in, parent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.dav.client import Account
    from connectors.dav.find import Place
    from connectors.dav.kind import Kind
    from connectors.dav.multistatus import Response

_MULTISTATUS, _NOT_FOUND, _GONE, _FULL = 207, 404, 410, 507
_OK = range(200, 300)
_UNSUPPORTED = frozenset({404, 405, 415, 501})
"""Answers of a server that knows no sync-collection."""
_MOST_PAGES = 1000
PROVED = 3
"""So many changes told by sync-collection are compared with all ETags before it is believed."""
_MOST_REFUSED = _MOST_IDLE = 3


@dataclass(slots=True)
class Delta:
    """What sync-collection told: members with their ETags, and members that were deleted."""

    token: str
    changed: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def onto(self, known: Mapping[str, str]) -> dict[str, str]:
        """The members after it."""
        return {name: tag for name, tag in {**known, **self.changed}.items() if name not in self.deleted}


@dataclass(frozen=True, slots=True)
class _Look:
    """A collection as it is now."""

    tags: Mapping[str, str]
    known: Known
    deleted: frozenset[str] = frozenset()


class Changes:
    """The members of all collections of an account, or of those of these `names`; by ETags, as `Calendar.list` does."""

    def __init__(self, account: Account, kind: Kind, names: Sequence[str] = ()) -> None:
        self._account = account
        self._kind = kind
        self._names = tuple(names)
        self._client: Client | None = None
        self.called: tuple[str, ...] = ()
        """The names of the collections that the last look saw."""

    def client(self, scheme: str = "") -> Client:
        """The one that asks, with the password as it was shown before."""
        if self._client is None:
            self._client = Client(self._account, scheme)
        return self._client

    def look(self, tags: Mapping[str, str], note: str) -> Listing:
        """What is there now. Costs one question for each home while nothing changes.

        Raises:
            ConnectorError: it cannot be known.
        """
        account = [self._account.url, self._account.user]
        who, mark = digest([*account, sorted(self._names), self._kind.service]), f" {digest(account)[:8]}"
        memory, tags = Memory.read(note, who), _unmarked(tags, mark)
        client = self.client(memory.scheme)
        where, found = self._found(memory)
        chosen = choose(found, self._names, self._kind, str(client.origin))
        self.called = tuple(one.name for one in chosen)
        known = memory.collections
        if memory.of != _listed(tags):  # something has to be read again, and so is not among the tags
            known = {name: one.anew() for name, one in known.items()}
        self._check_gone(known, found)
        members = _by_collection(tags)
        names = {client.origin.name(one.address): one for one in chosen}
        look = {name: self._look(one, known.get(name), members.get(name, {})) for name, one in names.items()}
        shown = {name: tag for one in look.values() for name, tag in one.tags.items()}
        kept = Memory(who, _listed(shown), client.scheme, where, {name: one.known for name, one in look.items()})
        deleted = frozenset(name for one in look.values() for name in one.deleted)
        return Listing(_marked(shown, mark), kept.text(), deleted=deleted - shown.keys())

    def _found(self, memory: Memory) -> tuple[tuple[Place, ...], list[Collection]]:
        """Where collections were the last time, and those that are there; anew where that place is no more."""
        client = self.client()
        known = tuple(place for place in memory.places if client.origin.owns(place.address))
        try:
            if known:
                return known, collections(client, self._kind, known)
        except NotThereError:
            pass
        where = places(client, self._kind)
        return where, collections(client, self._kind, where)

    def _check_gone(self, known: Mapping[str, Known], found: Sequence[Collection]) -> None:
        """A collection that is listed no more is gone only where it is not there, either.

        Raises:
            ConnectorError: it is, or that cannot be known.
        """
        client = self.client()
        there = {client.origin.name(one.address) for one in found}
        for name in known.keys() - there:
            address = client.origin.address(name)
            if address is None:
                continue
            try:
                ((_, one), *_) = told(client, self._kind, client.ask("PROPFIND", address, propfind(TYPE), Depth="0"))
            except NotThereError:
                continue
            kinds = one.kinds()
            if kinds and self._kind.collection not in kinds:
                # In Nextcloud's trash it is a `deleted-calendar` for thirty days, at the address that it had
                # (nextcloud/server, apps/dav/lib/CalDAV/CalDavBackend.php, addResourceTypeToCalendar).
                continue
            raise TransientError(
                f"{client.origin} no longer lists the {self._kind.one} {name[:200]}, though it is there",
                f"If you left it, name those that you want with `{self._kind.key}:` in afterword.yaml.",
            )

    def _look(self, one: Collection, before: Known | None, members: Mapping[str, str]) -> _Look:
        """A collection, by the cheapest way that can be believed."""
        if before is None:
            return self._all(one, Known(one.token, one.ctag), {})
        now = replace(before, token=one.token, ctag=one.ctag).believed()
        other = bool(one.ctag and before.ctag) and one.ctag != before.ctag
        if SYNC in before.ways and one.token and before.token:
            if one.token != before.token:
                return self._synced(one, before, now, members)
            if not other or CTAG not in before.ways:
                return _Look(members, now)
            look = self._all(one, now, members)
            return replace(look, known=now.without(SYNC)) if look.tags != members else look
        if CTAG in before.ways and one.ctag and one.ctag == before.ctag:
            return _Look(members, now)
        return self._all(one, now, members)

    def _synced(self, one: Collection, before: Known, now: Known, members: Mapping[str, str]) -> _Look:
        """Its token has changed: what sync-collection tells, compared with all ETags the first times."""
        delta = self._delta(one, before.token)
        if isinstance(delta, int):
            unable = delta in _UNSUPPORTED or before.refused + 1 >= _MOST_REFUSED
            now = now.without(SYNC) if unable else replace(now, refused=before.refused + 1)
            return self._all(one, now, members)
        told = delta.onto(members)
        now = replace(now, token=delta.token, refused=0)
        if told != members and one.ctag and one.ctag == before.ctag:
            now = now.without(CTAG)  # it stood still while something changed
        if now.proved < PROVED:
            there = self._all(one, now, told).tags
            if there != told:
                late = self._delta(one, delta.token)  # something may have changed in between
                if isinstance(late, int) or late.onto(told) != there:
                    return _Look(there, replace(now, token=one.token).without(SYNC))
                now, delta.deleted = replace(now, token=late.token), delta.deleted | late.deleted
            now, told = replace(now, proved=now.proved + bool(told != members)), dict(there)
        now = _judged(now, stood=told == members and bool(one.ctag) and one.ctag == before.ctag)
        return _Look(told, now, frozenset(delta.deleted & members.keys()))

    def _delta(self, one: Collection, token: str) -> Delta | int:
        """What has changed since the token, over all pages; the status with which it was refused.

        What cannot be made sense of counts as refused, too: the ETags tell it then.
        """
        client = self.client()
        delta = Delta(token)
        for _ in range(_MOST_PAGES):
            reply = client.ask("REPORT", one.address, sync_collection(delta.token), Depth="0")
            if reply.status != _MULTISTATUS:
                return reply.status
            try:
                answer = read(reply.body, str(client.origin))
                more = self._take(one, reply.address, answer.responses, delta)
            except ConnectorError:
                return reply.status
            if not answer.token or (more and answer.token == delta.token):
                return reply.status
            delta.token = answer.token
            if not more:
                return delta
        return _MULTISTATUS

    def _take(
        self,
        one: Collection,
        base: str,
        responses: Sequence[Response],
        delta: Delta,
        members: Mapping[str, str] | None = None,
    ) -> bool:
        """What a page says; whether there is more (507 for the collection itself, RFC 6578 section 3.6).

        A member that the server cannot tell of just now stays what it was among these `members`.

        Raises:
            ConnectorError: it says what makes no sense.
        """
        more = False
        origin = self.client().origin
        for response in responses:
            address = origin.resolve(base, response.href)
            name = origin.name(address)
            if folder(address) == folder(one.address):
                more |= response.status == _FULL
                if response.status not in {None, _FULL} and response.status not in _OK:
                    raise TransientError(f"{origin} says {response.status} of the {self._kind.one} `{one.name}`")
            elif not is_in(address, one.address):
                if not address.startswith(folder(one.address)):
                    raise ForeignError(
                        f"{origin} names {name[:200]} where it was asked for {one.address[:200]}",
                        "Behind a proxy, the server has to know the path by which it is asked.",
                    )
            elif response.status in {_NOT_FOUND, _GONE}:
                delta.changed.pop(name, None)
                delta.deleted.add(name)
            elif response.status is not None and response.status not in _OK:
                if members is None:
                    raise Unreadable(f"{origin} says {response.status} of {name[:200]}")
                delta.changed |= {name: members[name]} if name in members else {}
            elif f"{DAV}collection" not in response.kinds():
                delta.deleted.discard(name)
                delta.changed[name] = response.text(ETAG)
        return more

    def _all(self, one: Collection, known: Known, members: Mapping[str, str]) -> _Look:
        """All members by their ETags; `members` are those that were known.

        Raises:
            ConnectorError: it cannot be known, or only a part of it.
        """
        client = self.client()
        reply = client.ask("PROPFIND", one.address, propfind(ETAG, TYPE), Depth="1")
        if reply.status != _MULTISTATUS:
            raise refused(reply, client.origin, f"{self._kind.one} `{one.name}`")
        answer = read(reply.body, str(client.origin))
        delta = Delta("")
        if not answer.responses:
            raise Unreadable(f"{client.origin} says nothing at all of the {self._kind.one} `{one.name}`")
        if not self._take(one, reply.address, answer.responses, delta, members):
            return _Look(delta.changed, known)
        whole = self._delta(one, "")
        if isinstance(whole, int):
            raise TransientError(
                f"{client.origin} tells only a part of the {self._kind.one} `{one.name}`", "It is asked again."
            )
        return _Look(whole.changed, replace(known, token=whole.token))


def _judged(known: Known, *, stood: bool) -> Known:
    """After a token that moved; `stood`: the ctag did not, and nothing had changed.

    A token that is another one each time costs a question each time. It is left for the ctag where that one was seen
    to move along with a change (`proved`).
    """
    known = replace(known, idle=known.idle + 1 if stood and known.proved and CTAG in known.ways else 0)
    return known.without(SYNC) if known.idle >= _MOST_IDLE else known


def _by_collection(tags: Mapping[str, str]) -> dict[str, dict[str, str]]:
    members: dict[str, dict[str, str]] = {}
    for name, tag in tags.items():
        members.setdefault(parent(name), {})[name] = tag
    return members


def _marked(tags: Mapping[str, str], mark: str) -> dict[str, str]:
    """Tags that are those of this account: another server may give the same ETag to another event."""
    return {name: tag and f"{tag}{mark}" for name, tag in tags.items()}


def _unmarked(tags: Mapping[str, str], mark: str) -> dict[str, str]:
    return {name: tag.removesuffix(mark) for name, tag in tags.items() if tag.endswith(mark)}


def _listed(tags: Mapping[str, str]) -> str:
    return digest(sorted(tags.items()))
