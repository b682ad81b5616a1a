"""All that survives a killed process: the folder of a household, as it can be kept, laid down again and compared."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.ledger import ballast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STATE = "state/"
BALLAST = f"{STATE}{ballast.NAME}"
"""Room that is kept: how much it is matters, and not with what it is filled."""
MAILDIR = "Maildir/"
"""What Dovecot holds of a user."""
SERVERS = ("google/", MAILDIR)
"""What servers hold: it is no part of the machine, and is laid back with it all the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a folder where `content` is None. `number` is its inode, by which connectors know a file again."""

    mode: int
    content: bytes | None
    number: int
    changed: int

    @property
    def tag(self) -> str:
        """The beginning of the tag that the Maildir gives this file."""
        return f"{len(self.content or b'')}-{self.changed}-{self.number}"


Tree = dict[str, Entry]
"""Each path below the household."""


class Disk:
    """The folder `root`. In `vault` (beside it) every mail is linked, so that it can come back as the same file."""

    def __init__(self, root: Path, vault: Path) -> None:
        self.root = root
        self._at = str(root)  # pathlib would take most of the time here
        self._vault = vault
        vault.mkdir()

    def capture(self, before: Mapping[str, Entry]) -> Tree:
        """All of it now; what has not changed since `before` is not read again."""
        tree = {}
        for path, found in self._walk(""):
            tree[path] = self._entry(path, found, before.get(path))
        return tree

    def capture_state(self, before: Mapping[str, Entry]) -> Tree:
        """The state folder as it is now, and the rest as it was before."""
        tree = {path: entry for path, entry in before.items() if not path.startswith(STATE)}
        if self.has(STATE):
            for path, found in self._walk(STATE.rstrip("/")):
                tree[path] = self._entry(path, found, before.get(path))
        return tree

    def has(self, path: str) -> bool:
        """Whether there is something at this path."""
        return os.path.exists(f"{self._at}/{path}")  # noqa: PTH110 - see `__init__`

    def restore(self, tree: Mapping[str, Entry]) -> None:
        """Make it what it was: what is so already is left alone."""
        now = self.capture(tree)
        for path in sorted(now.keys() - tree.keys(), reverse=True):
            place = self.root / path
            place.rmdir() if now[path].content is None else place.unlink()
        for path in sorted(tree):
            if now.get(path) != tree[path]:
                self._lay(path, tree[path], now.get(path))

    def _lay(self, path: str, entry: Entry, now: Entry | None) -> None:
        place = self.root / path
        if entry.content is None:
            place.mkdir(exist_ok=True)
        elif path.startswith(STATE):
            if now is None or now.content != entry.content:
                place.write_bytes(entry.content)
        else:
            place.unlink(missing_ok=True)
            kept = self._vault / str(entry.number)
            if kept.exists() and kept.stat().st_mtime_ns == entry.changed and kept.read_bytes() == entry.content:
                place.hardlink_to(kept)
            else:
                place.write_bytes(entry.content)
                os.utime(place, ns=(entry.changed, entry.changed))
        place.chmod(entry.mode)
        if path.startswith(MAILDIR):
            found = (self.root / MAILDIR).stat()
            os.chown(place, found.st_uid, found.st_gid)

    def _walk(self, below: str) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(f"{self._at}/{below}") as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            path = f"{below}/{entry.name}" if below else entry.name
            seen = entry.stat(follow_symlinks=False)
            yield path, seen
            if stat.S_ISDIR(seen.st_mode):
                yield from self._walk(path)

    def _entry(self, path: str, found: os.stat_result, before: Entry | None) -> Entry:
        mode = stat.S_IMODE(found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            return before if before and before.content is None and before.mode == mode else Entry(mode, None, 0, 0)
        same = (found.st_ino, found.st_mtime_ns)
        # The clock of files ticks in hundredths: what is written in place is read each time.
        lasting = not path.startswith((STATE, *SERVERS)) and "/tmp/" not in path
        if lasting and before and before.content is not None and (before.number, before.changed) == same:
            return before
        if path == BALLAST:
            return Entry(mode, bytes(found.st_size), 0, 0)
        place = f"{self._at}/{path}"
        with open(place, "rb", buffering=0) as file:  # noqa: PTH123 - see `__init__`
            content = file.readall()
        if path.startswith(STATE):
            again = before is not None and before.content == content and before.mode == mode
            return before if before is not None and again else Entry(mode, content, 0, 0)
        if path.startswith("Mail/"):
            kept = self._vault / str(found.st_ino)
            if not kept.exists():
                kept.hardlink_to(place)
        if path.startswith(MAILDIR):  # Dovecot knows a mail by its name, and when it came by its time
            return Entry(mode, content, 0, found.st_mtime_ns)
        return Entry(mode, content, *same)
