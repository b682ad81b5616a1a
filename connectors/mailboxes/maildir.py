"""A Maildir as a mailbox: drafts laid down and taken back as files, and what became of them."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder, Header, Look, PermanentError
from connectors.mailboxes import delivery, files
from connectors.mailboxes.folders import Box, Configured, Layout, layout_of, make
from connectors.mailboxes.index import Index, Reader, index, lies_in, parsed, ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

_IDS = re.compile(rb"<[^<>\s]{1,998}>")
_FOLLOWED = 8
"""How often a draft is followed to a new file name: each flag that a mail program sets renames it."""


_WATCHED = 100
"""Folders that are worth watching."""


class Maildir:
    """A Maildir (https://cr.yp.to/proto/maildir.html), with Maildir++ folders or plain ones as mbsync keeps them.

    `path` is its root. `mine` are my own addresses, in the form of `rules.model.address()`. `drafts`, `sent` and
    `trash` name folders that have no usual name. `create` makes the Maildir itself where there is none.
    Single files are opened for each call; nothing is kept open. Only `place`, `remove`, `replace` and
    `lay` write anything.
    """

    kind = "maildir"
    lays = True

    def __init__(
        self,
        path: Path,
        mine: frozenset[str],
        drafts: str | None = None,
        sent: str | None = None,
        trash: str | None = None,
        *,
        create: bool = False,
    ) -> None:
        self._path = path
        self._mine = mine
        self._configured = Configured(drafts, sent, trash)
        self._create = create
        self._known: Layout | None = None

    @property
    def account(self) -> str:
        """Its own path, whatever links lead to it, with what is no UTF-8 as escapes; see `Mailbox.account`."""
        return os.fsencode(os.path.realpath(self._path)).decode("utf-8", "backslashreplace")

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        """The headers now; see `Mailbox.look`.

        Drafts are all given. Of the rest those with somebody of `addresses` on them, spam, outbox and templates left
        out. Each mail is read once; when `addresses` grow, the mails of the last three months are read again.

        Raises:
            ConnectorError: there is no Maildir, no drafts folder, or a folder that cannot be read.
        """
        layout = self._layout()
        before = index(note, self._mine, self.account)
        if before.drafts is not None and not layout.exists:
            raise PermanentError(
                f"the drafts folder of {self._path} is gone: {before.drafts or 'the inbox'}",
                f"mount its disk or bring the folder back; deleted on purpose? Make it: {make(layout.drafts.path)}",
            )
        reader = Reader(before, addresses)
        folders = {}
        headers: list[Header] = []
        for box in layout.boxes:
            if box.folder is not None:
                folders[box.key], here = reader.mails(box)
                headers += here
        drafts = layout.drafts.key if layout.exists else None
        return Look(tuple(headers), Index(before.mine, before.account, addresses, drafts, folders).note())

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        """Where mails with exactly these Message-IDs lie; every file in Drafts, Sent and Trash is read anew.

        Raises:
            ConnectorError: as for `look`.
        """
        found: dict[str, tuple[Header, ...]] = {}
        wanted = {f"<{message_id.strip('<>')}>".encode(): message_id for message_id in message_ids}
        for box in self._layout().boxes:
            if box.folder not in {Folder.DRAFTS, Folder.SENT, Folder.TRASH}:
                continue
            for mail in self._having(box, frozenset(wanted)):
                message_id = wanted.get(f"<{mail.message_id.strip('<>')}>".encode())
                if message_id is not None:
                    found[message_id] = (*found.get(message_id, ()), mail)
        return found

    def _having(self, box: Box, ids: frozenset[bytes]) -> Iterator[Header]:
        """The mails of a folder in whose head one of these ids stands somewhere."""
        for name, where in files.listing(box).items():
            head = files.head(box.path / where, name)
            if head is None or ids.isdisjoint(_IDS.findall(head.raw)):
                continue
            mail = parsed(box, name, head, self._mine)
            folder = lies_in(box, where)
            if mail and folder:
                yield replace(mail, folder=folder)

    def read(self, ref: str) -> bytes | None:
        """The bytes of a mail, or None when it is there no more.

        Raises:
            ConnectorError: its folder cannot be listed.
        """
        for _ in range(_FOLLOWED):
            path = self._file(ref, self._layout_known().boxes)
            if path is None:
                return None
            read = files.content(path)
            if read is not None:
                return read[0]
        return None

    def place(self, message: bytes) -> None:
        """Lay a draft down in `cur` with flag D: written in `tmp`, synced, renamed, the folder synced.

        Line ends become those of the file system. The same message placed twice lies there twice: the caller looks
        first.

        Raises:
            ConnectorError: nothing was laid down: the disk is full, read-only, or not ours to write.
        """
        layout = self._layout()
        if not layout.exists:
            delivery.make_folder(layout.drafts.path, self._path)
            self._known = None
        delivery.deliver(layout.drafts, message.replace(b"\r\n", b"\n"))

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
        """Take a draft away if, read again at the last moment, `still(bytes)` holds; whether it was taken.

        A draft that the user marked as deleted is left to the user.

        Raises:
            ConnectorError: its folder cannot be listed or written to.
        """
        return self._taken(ref, still, delivery.take_away)

    def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
        """Lay a message down beside a draft, durably, and take the draft away if it is still the one that was read.

        Else the message is taken back. A file of its own, and not that of the draft with other words: mbsync takes a
        message for one that never changes, and Dovecot for one with just that size. It keeps the flags of the draft.

        Raises:
            ConnectorError: as for `remove`; or nothing could be laid down, and the draft is as it was.
        """
        octets = message.replace(b"\r\n", b"\n")

        def instead(path: Path, read: os.stat_result) -> bool:
            (box,) = (box for box in self._layout_known().boxes if box.path == path.parent.parent)
            flags = "".join(sorted({*files.flags(path.name), "D"}))
            laid = delivery.deliver(box, octets, flags)
            taken = False
            try:
                taken = delivery.take_away(path, read)
            finally:
                if not taken:
                    delivery.take_back(laid)
            return taken

        return self._taken(ref, still, instead)

    def _taken(self, ref: str, still: Callable[[bytes], bool], take: Callable[[Path, os.stat_result], bool]) -> bool:
        """Take a draft, under whatever name it has now, while `still` holds; whether it was taken."""
        drafts = tuple(box for box in self._layout_known().boxes if box.folder is Folder.DRAFTS)
        for _ in range(_FOLLOWED):
            path = self._file(ref, drafts)
            if path is None or "T" in files.flags(path.name):
                return False
            read = files.content(path)
            if read is None:
                continue
            if not still(read[0]):
                return False
            if take(path, read[1]):
                return True
        return False

    def lay(self, message: bytes) -> None:
        """Lay a message into `new` of the inbox: written in `tmp`, synced, renamed, the folder synced.

        Raises:
            ConnectorError: nothing was laid down; or there is no inbox here.
        """
        delivery.deliver_new(self._inbox(), message.replace(b"\r\n", b"\n"))

    def laid(self, message_ids: frozenset[str], since: datetime) -> Mapping[str, datetime]:
        """Which of these ids the inbox names, and when; the head of each mail in it that came later is read anew.

        Raises:
            ConnectorError: there is no inbox, or it cannot be listed.
        """
        box = self._inbox()
        wanted = {message_id.encode(): message_id for message_id in message_ids}
        found: dict[str, datetime] = {}
        for name, where in files.listing(box).items():
            head = None if files.came_before(name, since) else files.head(box.path / where, name)
            if head is not None:
                found |= {wanted[named]: head.received for named in wanted.keys() & set(_IDS.findall(head.raw))}
        return found

    def places(self) -> Iterable[str]:
        """Drafts, Sent and Trash, and where mail comes in, as they were last seen; see `connectors.base.Nearby`.

        Not all of the inbox: each mail that is read there gets a flag, and so another name.
        """
        try:
            layout = self._layout_known()
        except ConnectorError:
            return
        told = (Folder.DRAFTS, Folder.SENT, Folder.TRASH)
        boxes = [(box, inside) for box in layout.boxes if box.folder in told for inside in ("cur", "new")]
        inbox = layout.inbox
        for box, inside in [*boxes[:_WATCHED], *([(inbox, "new")] if inbox is not None else [])]:
            yield os.path.join(box.path, inside, "")  # noqa: PTH118 - pathlib takes a slash at the end away

    def _inbox(self) -> Box:
        inbox = self._layout().inbox
        if inbox is None:
            raise PermanentError(
                f"there is no inbox in {self._path} to lay a message into",
                f"make one: {make(self._path / 'INBOX')}; or set `notify: {{command: …}}`, or `notify: none`",
            )
        return inbox

    def _file(self, wanted: str, boxes: tuple[Box, ...]) -> Path | None:
        """The file that a ref names now, under whatever flags."""
        for box in boxes:
            start = ref(box, "")
            if not wanted.startswith(start) or "/" in wanted[len(start) :]:
                continue
            where = files.listing(box).get(wanted[len(start) :])
            if where is not None:
                return box.path / where
        return None

    def _layout(self) -> Layout:
        if self._create and not self._path.exists():
            delivery.make_maildir(self._path)
        self._known = layout_of(self._path, self._configured)
        return self._known

    def _layout_known(self) -> Layout:
        return self._known or self._layout()
