"""When two disks are the same: what is accidental in them, and decides nothing, is left out of the comparison."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.daemon.crash import held
from tests.daemon.crash.disk import BALLAST, MAILDIR, STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.daemon.crash.disk import Entry

LEDGER = f"{STATE}ledger.sqlite3"
JOURNAL = f"{LEDGER}-journal"
BACKUPS = f"{STATE}backups/"
TOKEN = f"{STATE}google-token.json"
_PROCESS = re.compile(r"(\.R[0-9a-f]{16})P\d+(Q\d+\.)")
"""The number of a process, in the name of a mail that it laid down."""
_BACKUP = re.compile(r"(\.backup-\w+-)\d+")
"""The number of a backup: each death in the middle of a migration leaves one more of the same content."""
_TAG = re.compile(r"(\d+-\d{15,}-\d+)-")
_NUMBERED = frozenset({"flaws", "cycles"})
"""Tables whose rows have a number that is used for nothing."""
_TOLD = "events"
"""The table of history."""
_TOKEN = re.compile(rb'"access_token": "ya29\.access-\d+"|"expires": "[^"]+"')
"""What Google gives anew, by its clock; that a token is the old one, which it accepts no more, stays."""
_HOLDER = re.compile(rb'"pid": \d+')


def likeness(tree: Mapping[str, Entry]) -> str:
    """A digest, the same for disks that are the same.

    Left out is what no cycle reads: process numbers in names and locks, times and inodes of files (but whether a tag
    fits a file stays), half-written mails in `tmp`, what Dovecot keeps beside the mails and their UIDs, cycles that
    began and never ended, and the lines of history that `show` tells. A tree with a journal is to be settled before:
    its ledger is what SQLite makes of both.
    """
    tags = frozenset(entry.tag for entry in tree.values() if entry.content is not None)
    found: set[tuple[object, ...]] = {*held.mails(tree), *held.numbers(tree)}
    for path, entry in tree.items():
        if path.startswith(MAILDIR):
            continue
        assert path != JOURNAL
        if path.startswith("config/") or (path.startswith("Mail/") and "/tmp/" in path and entry.content is not None):
            continue  # nobody writes the one, and nobody reads the other
        content = entry.content
        if path.endswith(".new"):  # the next who writes it writes over it
            content = b""
        name = _BACKUP.sub(r"\1N", _PROCESS.sub(r"\1P\2", path))
        if path == LEDGER or (path.startswith(BACKUPS) and path.endswith(".sqlite3")):
            content = _ledger(content or b"", tags)
        if path.startswith(STATE) and path.endswith(".lock") and content is not None:
            content = _HOLDER.sub(b"", content)
        if path == BALLAST and content is not None:
            content = str(len(content)).encode()
        if path == TOKEN and content is not None:
            content = _TOKEN.sub(b"", content)
        found.add((name, entry.mode, content))
    digest = hashlib.sha256()
    for one in sorted(found, key=repr):
        digest.update(repr(one).encode())
    return digest.hexdigest()


def _ledger(file: bytes, tags: frozenset[str]) -> bytes:
    if not file:
        return b""

    def judged(found: re.Match[str]) -> str:
        return "fitting-" if found[1] in tags else "stale-"

    return _PROCESS.sub(r"\1P\2", _TAG.sub(judged, dumped(file))).encode()


@functools.lru_cache(maxsize=4096)
def dumped(file: bytes) -> str:
    """The rows of all tables."""
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(file)
        names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return "\n".join(f"{name}: {_rows(copy, name)}" for (name,) in names if name != _TOLD)


def _rows(copy: sqlite3.Connection, table: str) -> list[str]:
    rows: list[tuple[Any, ...]] = copy.execute(f'SELECT * FROM "{table}"').fetchall()
    if table == "cycles":
        rows = [row for row in rows if row[2] is not None]
    if table == "memory":
        rows = [(key, _without_marks(text) if key == "quiet" else text) for key, text in rows]
    if table in _NUMBERED:
        rows = [row[1:] for row in rows]
    return sorted({repr(row) for row in rows})


def _without_marks(text: str) -> str:
    """A digest over the tags of files, among others, which all stand elsewhere in the ledger."""
    return json.dumps({**json.loads(text), "marks": ""})
