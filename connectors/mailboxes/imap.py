"""A mailbox on an IMAP server: drafts laid down and taken back, and what became of them."""

from __future__ import annotations

import re
import weakref
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from connectors.base import Folder, Forgetful, Look, PermissionNeededError, TransientError
from connectors.headers import Fields
from connectors.headers import message_ids as ids_in
from connectors.imap import errors
from connectors.imap.folders import Box, Layout, layout_of
from connectors.imap.index import index
from connectors.imap.look import DELETED, Survey, parsed
from connectors.imap.refs import place_of, same_folder
from connectors.imap.removals import Removals
from connectors.imap.session import Session, entered
from connectors.mailboxes.delivery import dated
from connectors.mailboxes.folders import Configured
from connectors.message import crlf
from connectors.retry import Patience, again
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from connectors.base import Header, Memory
    from connectors.imap.client import Server

_SAVED = frozenset({Folder.DRAFTS, Folder.SENT, Folder.TRASH})
_IDS = re.compile(rb"<[^<>\s]{1,998}>")
_PLAIN_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_NEWEST = 100
"""Mails of Sent and Trash that are listed beside what a search finds: an index may lag."""
_FEW = 20
"""More Message-IDs than this are not searched for one by one: all mails are listed."""
_DAY = timedelta(days=1)

Result = TypeVar("Result")


class Imap:
    """A mailbox on an IMAP server (RFC 3501). `mine` are my own addresses, in the form of `rules.model.address()`.

    `memory` keeps which drafts are just being taken away; with `tidies` what an earlier process began is finished.
    `pause` waits so many seconds before a question is asked again; without it tenacity's own does.

    One connection serves all calls; it ends with this object. Only `place`, `remove`,
    `replace` and `lay` write anything.
    """

    kind = "imap"
    lays = True

    def __init__(
        self,
        server: Server,
        mine: frozenset[str],
        configured: Configured | None = None,
        memory: Memory | None = None,
        *,
        tidies: bool = False,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._server = server
        self._mine = mine
        self._configured = configured or Configured()
        self._removals = Removals(memory or Forgetful())
        self._tidies = tidies
        self._pause = pause
        self._patience = Patience(server.waits.retries)
        self._session: Session | None = None
        self._folders: Layout | None = None
        self._refused: PermissionNeededError | None = None
        """Why nobody was let in. A wrong password is not said again and again: servers lock out who does that."""
        self._unsure: set[str] = set()
        """Message-IDs of drafts that may lie there, or not: no answer came."""

    @property
    def account(self) -> str:
        """The address by which the user logs in, else user and host; see `Mailbox.account`."""
        user = self._server.user
        return address(user) if "@" in user else address(f"{user}@{self._server.host}")

    def folders(self) -> dict[Folder, str]:
        """The names of Drafts, Sent and Trash as a mail program shows them, where there are such.

        Raises:
            ConnectorError: the server cannot be asked, or there is no drafts folder.
        """
        layout = self._asked(self._layout)
        found = {box.folder: box.shown for box in reversed(layout.boxes) if box.folder in _SAVED}
        return {Folder.DRAFTS: layout.drafts.shown} | {
            folder: found[folder] for folder in (Folder.SENT, Folder.TRASH) if folder in found
        }

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        """The headers now; see `Mailbox.look`.

        Drafts are all given. Of the rest those with somebody of `addresses` on them, spam, outbox and templates left
        out. Folders in which nothing has come or gone are not opened.

        Raises:
            ConnectorError: the server cannot be asked, or there is no drafts folder; what was known stays so.
        """
        before = index(note, self._mine, self.account)

        def ask(session: Session) -> Look:
            layout = self._layout(session, anew=True)
            self._finish(session)
            survey = Survey(session, layout, before, addresses, self._removals)
            headers = survey.run()
            return Look(headers, survey.index.note())

        return self._asked(ask)

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        """Where mails with exactly these Message-IDs lie; see `Mailbox.find`.

        All drafts are listed. Of Sent and Trash what the server finds, and the newest whatever it finds.

        Raises:
            ConnectorError: as for `look`; and where a draft was just laid down, no answer came and it is not there
                (yet): the server may still be at it.
        """
        wanted = {_bare(one): one for one in message_ids}

        def ask(session: Session) -> dict[str, tuple[Header, ...]]:
            found: dict[str, tuple[Header, ...]] = {}
            layout = self._layout(session)
            self._finish(session)
            for box in layout.boxes:
                for mail in self._having(session, box, wanted) if wanted and box.folder in _SAVED else ():
                    name = wanted[_bare(mail.message_id)]
                    found[name] = (*found.get(name, ()), mail)
            return found

        found = self._asked(ask)
        self._unsure -= {_bare(one) for one in found}
        if self._unsure & wanted.keys():
            raise TransientError(
                f"{self._server.place} has not said whether it took a draft", "The next cycle looks for it."
            )
        return found

    def _having(self, session: Session, box: Box, wanted: Mapping[str, str]) -> Iterator[Header]:
        """The mails of a folder that have one of these Message-IDs."""
        now = session.open(box.name, "your drafts" if box.folder is Folder.DRAFTS else "the mails in a folder")
        if not now.count:
            return
        candidates = session.all()
        flags = session.flags() if box.folder is Folder.DRAFTS else {}
        if box.folder is not Folder.DRAFTS and len(wanted) <= _FEW:
            newest = candidates[-_NEWEST:]
            searched = [uid for one in wanted if _PLAIN_ID.fullmatch(f"<{one}>") for uid in session.named(f"<{one}>")]
            candidates = sorted({*newest, *searched})
        having = [
            uid
            for uid, told in session.names(candidates).items()
            if not wanted.keys().isdisjoint(_bare(one) for one in _own(told.raw or b""))
        ]
        for uid, told in session.heads(having).items():
            marks = flags.get(uid, told.flags)
            mail = parsed(box, now.validity, uid, told, self._mine)
            if mail is None or _bare(mail.message_id) not in wanted:
                continue
            if box.folder is Folder.DRAFTS and DELETED in marks:
                if self._removals.has(box.name, now.validity, uid):
                    continue
                mail = _in_trash(mail)
            yield mail

    def read(self, ref: str) -> bytes | None:
        """The bytes of a mail, or None when it is there no more.

        Raises:
            ConnectorError: as for `look`; or the folder was made anew since, and who knows which mail is meant.
        """
        return self._asked(lambda session: self._read(session, ref))

    def _read(self, session: Session, ref: str) -> bytes | None:
        place = place_of(ref)
        box = self._layout(session).box(place[2]) if place else None
        if place is None or box is None:
            return None
        now = session.open(box.name, "a mail in your mailbox")
        same_folder(now.validity, place[0], self._server.place)
        told = session.whole(place[1])
        return None if told is None else told.raw

    def place(self, message: bytes) -> None:
        """Lay a draft down, with the flag of drafts and the time of its Date; asked once, see `Mailbox.place`.

        Raises:
            ConnectorError: it lies there, or not: where no answer came, nobody knows yet.
        """
        name = _bare(Fields.of(message).get("message-id"))

        def ask(session: Session) -> None:
            drafts = self._layout(session).drafts
            try:
                told = session.append(drafts.name, crlf(message), ("\\Draft",), dated(message), "the new draft")
            except errors.RefusedError as error:
                raise errors.message_refused(error) from error
            except errors.FolderGoneError:
                raise
            except TransientError:
                self._unsure.add(name)
                raise
            if not told and not any(True for _ in self._having(session, drafts, {name: name})):
                self._unsure.add(name)  # it says OK, and does not show it: no UIDPLUS, and perhaps a copy elsewhere
                raise TransientError(
                    f"{self._server.place} took the draft, and does not show it", "The next cycle looks."
                )

        self._once(ask)

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
        """Take a draft away if, read again at the last moment, `still(bytes)` holds; whether it was taken.

        A draft that the user marked as deleted is left to the user. An edit makes another mail, so none can be lost.
        Where the server can remove only all that is marked (no UIDPLUS) and something else is, it stays there marked.

        Raises:
            ConnectorError: it may be gone, or not; or the folder was made anew since.
        """

        def ask(session: Session) -> bool:
            found = self._draft(session, ref)
            if found is None or not _stands(session, found[1], still):
                return False
            self._expunged(session, *found)
            return True

        return self._once(ask)

    def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
        """Lay a message down beside a draft, and take the draft away if, read once more, it is what it was.

        Else the message is taken back: the user has taken the draft away meanwhile, or marked it as deleted. A mail
        program that saves it anew makes another mail of it, which the caller finds when it looks again.

        Raises:
            ConnectorError: as for `place` and `remove`: both may lie there, or either.
        """
        octets = crlf(message)

        def ask(session: Session) -> bool:
            found = self._draft(session, ref)
            if found is None or not _stands(session, found[1], still):
                return False
            box, uid, validity = found
            before = set(session.all())
            try:
                session.append(box.name, octets, ("\\Draft",), dated(message), "the draft with your words")
            except errors.RefusedError as error:
                raise errors.message_refused(error) from error
            self._draft(session, ref)  # opened anew, it shows what came and went since
            if _stands(session, uid, still):
                self._expunged(session, box, uid, validity)
                return True
            for ours in sorted(set(session.all()) - before):
                if _stands(session, ours, lambda raw: crlf(raw) == octets):
                    self._expunged(session, box, ours, validity)
            return False

        return self._once(ask)

    def _draft(self, session: Session, ref: str) -> tuple[Box, int, int] | None:
        """The folder, the UID and the UIDVALIDITY of a draft, its folder open for writing."""
        place = place_of(ref)
        box = self._layout(session).box(place[2]) if place else None
        if place is None or box is None or box.folder is not Folder.DRAFTS:
            return None
        validity, uid, name = place
        now = session.open(name, "a draft that is taken away", write=True)
        same_folder(now.validity, validity, self._server.place)
        return box, uid, validity

    def _expunged(self, session: Session, box: Box, uid: int, validity: int) -> None:
        """Remove a draft from the open folder."""
        self._removals.begin(box.name, validity, uid)
        session.mark_deleted(uid)
        if session.expunge(uid):
            self._removals.end(box.name, validity, uid)

    def _finish(self, session: Session) -> None:
        """Remove what was marked when a process ended early; what was not marked is a draft as before."""
        if not self._tidies:
            return
        for name, validity, uid in self._removals:
            try:
                now = session.open(name, "a draft that is taken away", write=True)
            except errors.FolderGoneError:
                self._removals.end(name, validity, uid)
                continue
            marked = now.validity == validity and uid in session.deleted()
            if not marked or session.expunge(uid):
                self._removals.end(name, validity, uid)

    def lay(self, message: bytes) -> None:
        """Lay a message into the inbox, unread; asked once.

        Raises:
            ConnectorError: it lies there, or not.
        """
        self._once(
            lambda session: session.append(
                self._layout(session).inbox, crlf(message), (), dated(message), "a message in your inbox"
            )
        )

    def laid(self, message_ids: frozenset[str], since: datetime) -> Mapping[str, datetime]:
        """Which of these ids the inbox names, and when; the heads of all mails in it that came later are read anew.

        Raises:
            ConnectorError: as for `look`.
        """
        wanted = {message_id.encode(): message_id for message_id in message_ids}

        def ask(session: Session) -> dict[str, datetime]:
            found: dict[str, datetime] = {}
            if not session.open(self._layout(session).inbox, "your inbox").count:
                return found
            # SINCE knows days, of a zone that nobody tells (RFC 3501 section 6.4.4).
            for told in session.names(session.since((since - _DAY).date())).values():
                for named in wanted.keys() & set(_IDS.findall(told.raw or b"")):
                    found[wanted[named]] = told.received
            return found

        return self._asked(ask)

    # --- the connection ------------------------------------------------------------------------------------

    def _layout(self, session: Session, *, anew: bool = False) -> Layout:
        """The folders: listed once a connection, and with each look."""
        if self._folders is not None and not anew:
            return self._folders
        archive = session.can("X-GM-EXT-1")
        self._folders = layout_of(session.folders(), self._configured, self._server.place, archive=archive)
        return self._folders

    def _asked(self, ask: Callable[[Session], Result]) -> Result:
        """Ask, and ask again over a new connection where one breaks: what only reads may be repeated."""
        return again(lambda: self._trying(self._connected(), ask), self._pause, self._patience)

    def _once(self, ask: Callable[[Session], Result]) -> Result:
        """Ask once, over a connection that was just seen to stand."""

        def standing() -> Session:
            session = self._connected()
            self._trying(session, Session.check)
            return session

        return self._trying(again(standing, self._pause, self._patience), ask)

    def _connected(self) -> Session:
        if self._refused is not None:
            raise self._refused
        if self._session is None:
            try:
                self._session = entered(self._server)
            except PermissionNeededError as error:
                self._refused = error
                raise
            weakref.finalize(self, self._session.close)
        return self._session

    def _trying(self, session: Session, ask: Callable[[Session], Result]) -> Result:
        """A connection on which something went wrong is not used any more: who knows what it still has to say."""
        try:
            return ask(session)
        except BaseException:
            session.close()
            self._session = self._folders = None
            raise


def _stands(session: Session, uid: int, still: Callable[[bytes], bool]) -> bool:
    """Whether a draft is there, not marked as deleted, and says what it is to say."""
    told = session.whole(uid)
    return told is not None and DELETED not in told.flags and still(told.raw or b"")


def _in_trash(mail: Header) -> Header:
    return replace(mail, folder=Folder.TRASH)


def _own(raw: bytes) -> Iterable[str]:
    """What may be the Message-ID in these fields."""
    fields = Fields.of(raw)
    return (fields.get("message-id"), *ids_in(fields.get("message-id")))


def _bare(message_id: str) -> str:
    return message_id.strip("<>")
