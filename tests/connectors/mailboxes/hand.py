"""The user's hand in a Maildir: what mail programs do to the files."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.mailboxes.maildir import Maildir
from tests.conformance.mailboxes import MINE

if TYPE_CHECKING:
    from pathlib import Path

PLUS_PLUS = {Folder.DRAFTS: ".Drafts", Folder.SENT: ".Sent", Folder.TRASH: ".Trash", Folder.OTHER: "."}
PLAIN = {Folder.DRAFTS: "Drafts", Folder.SENT: "Sent", Folder.TRASH: "Trash", Folder.OTHER: "INBOX"}


def make(root: Path, *names: str) -> Path:
    """A mail folder for each name, and the root."""
    for name in names:
        for inside in ("cur", "new", "tmp"):
            (root / name / inside).mkdir(parents=True, exist_ok=True)
    return root


def files(folder: Path) -> list[str]:
    """The names of the mails in a folder, with their flags."""
    return sorted(path.name for inside in ("cur", "new") for path in (folder / inside).iterdir())


class Hand:
    """Each mail is a file; mails are found by their Message-ID."""

    def __init__(self, root: Path, names: dict[Folder, str]) -> None:
        self._root = root
        self._names = names
        self._numbers = count()

    def folder(self, folder: Folder) -> Path:
        return self._root / self._names[folder]

    def deliver(self, folder: Folder, message: bytes) -> None:
        self.put(folder, message)

    def put(self, folder: Folder, message: bytes, *, inside: str = "new", flags: str = "") -> Path:
        path = self.folder(folder) / inside / f"17725500{next(self._numbers):02}.M{next(self._numbers)}P1.host{flags}"
        path.write_bytes(message)
        return path

    def path(self, message_id: str) -> Path:
        wanted = f"\nMessage-ID: {message_id}\n".encode()
        mails = (path for inside in ("cur", "new") for path in self._root.rglob(f"{inside}/*") if path.is_file())
        return next(path for path in sorted(mails) if wanted in path.read_bytes())

    def move(self, message_id: str, folder: Folder) -> None:
        path = self.path(message_id)
        path.rename(self.folder(folder) / "cur" / f"17725500{next(self._numbers):02}.Q{next(self._numbers)}P1.host:2,S")

    def edit(self, message_id: str, message: bytes) -> None:
        """As mutt does it: the old file goes, the edited draft lands in `new` without a flag."""
        self.path(message_id).unlink()
        self.put(Folder.DRAFTS, message)

    def discard(self, message_id: str) -> None:
        self.path(message_id).unlink()

    def flag(self, message_id: str, flags: str) -> Path:
        """Set the flags of a mail: the file gets another name, in `cur`."""
        path = self.path(message_id)
        named = path.parent.parent / "cur" / f"{path.name.partition(':')[0]}:2,{flags}"
        return path.rename(named)


class MaildirBackend:
    """A Maildir in one of the two layouts, and its user."""

    def __init__(self, root: Path, names: dict[Folder, str]) -> None:
        self.root = make(root, *names.values())
        self.user = Hand(root, names)

    def mailbox(self) -> Maildir:
        return Maildir(self.root, MINE)
