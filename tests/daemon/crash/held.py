"""What Dovecot holds of a user, as a client could ask for it: mails by folder and UID, with their flags."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tests.daemon.crash.disk import MAILDIR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.daemon.crash.disk import Entry

_UIDS = "dovecot-uidlist"
_FLAGS = ":2,"


class Mail(NamedTuple):
    """A mail in a folder; `uid` is 0 where Dovecot has not counted it yet."""

    folder: str
    uid: int
    flags: str
    content: bytes


def mails(tree: Mapping[str, Entry]) -> list[Mail]:
    """All of them, in order. By what name a file lies there, and since when, is nothing that anybody is told."""
    uids = _uids(tree)
    found = []
    for path, entry in tree.items():
        folder, _, name = path.rpartition("/")
        if path.startswith(MAILDIR) and folder.endswith(("/cur", "/new")) and entry.content is not None:
            base, _, flags = name.partition(_FLAGS)
            folder = folder[:-4]
            found.append(Mail(folder, uids[folder].get(base, 0), flags, entry.content))
    return sorted(found)


def numbers(tree: Mapping[str, Entry]) -> list[tuple[str, bytes]]:
    """UIDVALIDITY and the next UID of each folder, as the first line of a list has them."""
    return sorted((path, (entry.content or b"").partition(b" G")[0]) for path, entry in _lists(tree).items())


def _lists(tree: Mapping[str, Entry]) -> dict[str, Entry]:
    return {path: entry for path, entry in tree.items() if path.startswith(MAILDIR) and path.endswith(f"/{_UIDS}")}


def _uids(tree: Mapping[str, Entry]) -> Mapping[str, dict[str, int]]:
    """The UIDs in each folder by the names of files (https://doc.dovecot.org/2.3/admin_manual/mailbox_formats/maildir)."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for path, entry in _lists(tree).items():
        for line in (entry.content or b"").decode().splitlines()[1:]:
            head, _, name = line.partition(" :")
            found[path.rpartition("/")[0]][name.partition(_FLAGS)[0]] = int(head.split()[0])
    return found
