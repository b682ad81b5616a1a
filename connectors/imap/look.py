"""One look at an IMAP mailbox: what has changed since the last one, folder by folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from connectors.base import Folder, TransientError
from connectors.headers import header
from connectors.imap.errors import FolderGoneError, RefusedError, UnreadableError
from connectors.imap.index import Index, Shelf
from connectors.mailboxes.index import concerns, may_concern, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Header
    from connectors.imap.client import Opened
    from connectors.imap.folders import Box, Layout
    from connectors.imap.removals import Removals
    from connectors.imap.session import Session, Told

MOST = 50_000
"""Mails of one folder that are looked at, the newest."""
_YOUNG = 90
"""Days. A mail older than this, counted from the newest, is not asked for again when a new person turns up."""
_FIRST = date(1970, 1, 1).toordinal()
DELETED, DRAFT = "\\deleted", "\\draft"


def ref(name: str, validity: int, uid: int) -> str:
    """What names a mail to the rest of the house."""
    return f"{validity}/{uid}/{name}"


class Survey:
    """Reads the folders against what the last look knew; `index` is then what this one knows.

    Drafts are read before it is asked what the other folders hold: what moves on meanwhile is seen twice, not missed.
    """

    def __init__(
        self, session: Session, layout: Layout, before: Index, addresses: frozenset[str], removals: Removals
    ) -> None:
        self._session = session
        self._layout = layout
        self._before = before
        self._mine = frozenset(before.mine)
        self._wanted = spellings(addresses)
        self._grown = bool(addresses - before.addresses)
        self._removals = removals
        newest = max((shelf.newest for shelf in before.folders.values()), default=0)
        self._since = date.fromordinal(max(newest - _YOUNG, _FIRST))
        self.index = Index(before.mine, before.account, addresses)

    def run(self) -> tuple[Header, ...]:
        """The headers now.

        Raises:
            ConnectorError: it cannot be known what lies in Drafts, Sent, Trash or the inbox.
        """
        drafts = [box for box in self._layout.boxes if box.folder is Folder.DRAFTS]
        others = [box for box in self._layout.boxes if box.folder is not Folder.DRAFTS]
        for box in drafts:
            self.index.folders[box.name] = self._drafts(box)
        now = self._session.statuses(box.name for box in others)
        for box in others:
            shelf = self._shelf(box, now.get(box.name))
            if shelf is not None:
                self.index.folders[box.name] = shelf
        return tuple(mail for box in self._layout.boxes for mail in self._told(box))

    def _told(self, box: Box) -> Iterator[Header]:
        shelf = self.index.folders.get(box.name)
        for uid, mail in sorted(shelf.mails.items()) if shelf else ():
            if mail is not None:
                marked = shelf is not None and uid in shelf.marked
                yield replace(mail, folder=Folder.TRASH if marked else box.folder or Folder.OTHER)

    def _drafts(self, box: Box) -> Shelf:
        """All drafts, and which of them are marked as deleted: small enough to be listed whole, whatever the server.

        Where it counts changes (CONDSTORE), it need not be asked when there were none.
        """
        now = self._session.open(box.name, "your drafts")
        known = self._known(box, now)
        if known.is_still(now) and now.changes is not None and known.changes == now.changes:
            return known
        flags = self._session.flags() if now.count else {}
        if len(flags) < now.count:
            now = self._session.open(box.name, "your drafts")
            flags = self._session.flags() if now.count else {}
            if len(flags) < now.count:
                raise TransientError(f"only {len(flags)} of {now.count} drafts were listed", "It is asked again.")
        there = {uid: marks for uid, marks in flags.items() if not self._going(box, now.validity, uid, marks)}
        mails = {uid: mail for uid, mail in known.mails.items() if uid in there}
        for uid, told in self._session.heads(uid for uid in there if uid not in mails).items():
            mails[uid] = self._header(box, now.validity, uid, told)
        if unread := there.keys() - mails.keys():
            unread &= self._session.flags().keys()  # those that were not removed meanwhile
        if unread:
            raise TransientError(
                f"{len(unread)} of your drafts cannot be read: the server lists it and does not hand it out",
                "Open Drafts in your mail program; a draft that cannot be opened there either is best deleted.",
            )
        marked = frozenset(uid for uid in mails if DELETED in there[uid])
        newest = max((mail.at.toordinal() for mail in mails.values() if mail), default=0)
        return Shelf(now.validity, now.next, now.count, now.changes, newest, mails, marked)

    def _going(self, box: Box, validity: int, uid: int, flags: frozenset[str]) -> bool:
        """Whether it is a draft that was being taken away when a cycle ended early: the user has not deleted it."""
        return DELETED in flags and self._removals.has(box.name, validity, uid)

    def _shelf(self, box: Box, status: Opened | None) -> Shelf | None:
        """What is known now of a folder that is none of drafts.

        One of the user's own that cannot be read just now stays as it was known; Sent, Trash and inbox must be read.
        """
        known = self._before.folders.get(box.name)
        if known is not None and status is not None and known.is_still(status) and not self._grown:
            return self._of_interest(known)
        try:
            return self._mails(box)
        except (FolderGoneError, RefusedError, UnreadableError) as error:
            if box.folder is not Folder.OTHER or box.levels == ("inbox",):
                raise
            return None if isinstance(error, FolderGoneError) or known is None else self._of_interest(known)

    def _mails(self, box: Box) -> Shelf:
        """Those that came since are read for who is on them; of the rest, which are still there."""
        now = self._session.open(box.name, "the mails in a folder")
        known = self._known(box, now)
        uids = self._session.all() if now.count else []
        there = set(uids)
        mails = {uid: mail for uid, mail in known.mails.items() if uid in there}
        unread = [uid for uid in uids if uid >= known.next][-MOST:] if self._wanted else []
        if self._grown and known.next > 1:
            young = self._session.since(self._since)
            unread += [uid for uid in young if uid < known.next and uid in there and uid not in mails][-MOST:]
        newest, matter = known.newest, []
        addressed = self._session.addressed(unread)
        for uid, told in addressed.items():
            newest = max(newest, told.received.toordinal())
            is_draft = DRAFT in told.flags and box.folder is Folder.OTHER  # nobody sent it
            if not is_draft and may_concern(told.raw or b"", self._wanted):
                matter.append(uid)
        for uid, told in self._session.heads(matter).items():
            mails[uid] = self._header(box, now.validity, uid, told)
        following = max([now.next, *(uid + 1 for uid in uids[-1:])])
        following = min([following, *(uid for uid in unread if uid not in addressed and uid >= known.next)])
        return self._of_interest(Shelf(now.validity, following, len(uids), None, newest, mails))

    def _of_interest(self, shelf: Shelf) -> Shelf:
        kept = {uid: mail for uid, mail in shelf.mails.items() if mail and concerns(mail, self._wanted)}
        mails: dict[int, Header | None] = {**kept}
        return replace(shelf, mails=mails)

    def _known(self, box: Box, now: Opened) -> Shelf:
        """What the last look knew of a folder; nothing, if its UIDs have another meaning now (RFC 3501 2.3.1.1)."""
        known = self._before.folders.get(box.name)
        return known if known is not None and known.validity == now.validity else Shelf(now.validity)

    def _header(self, box: Box, validity: int, uid: int, told: Told) -> Header | None:
        return parsed(box, validity, uid, told, self._mine)


def parsed(box: Box, validity: int, uid: int, told: Told, mine: frozenset[str]) -> Header | None:
    """The headers of a mail. Under its UID its bytes never change: an edited draft is another mail."""
    return header(
        told.raw or b"",
        folder=box.folder or Folder.OTHER,
        ref=ref(box.name, validity, uid),
        tag=f"{validity}-{uid}",
        received=told.received,
        mine=mine,
    )
