"""Laying a file into a Maildir folder and taking it out again, durably."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from itertools import count
from typing import TYPE_CHECKING

from connectors.mailboxes import files
from connectors.mailboxes.faults import fault
from connectors.whole import make_durable

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.mailboxes.folders import Box

_OURS = re.compile(r"\d+\.R[0-9a-f]{16}P\d+Q\d+\.")
_LEFT_OVER = 3600
"""Seconds after which a file of ours in `tmp` is what a crash left there."""

_EPOCH = datetime.fromtimestamp(0, UTC)


def deliver(box: Box, message: bytes, flags: str = "D") -> Path:
    """Lay a draft down: write in `tmp`, sync, rename into `cur` with flag D, sync the folder. Where it lies then.

    Raises:
        ConnectorError: nothing lies in `cur`.
    """
    return _laid(box, message, "cur", f":2,{flags}")


def deliver_new(box: Box, message: bytes) -> None:
    """Lay a mail down that nobody has seen: likewise, into `new`.

    Raises:
        ConnectorError: nothing lies in `new`.
    """
    _laid(box, message, "new", "")


def _laid(box: Box, message: bytes, inside: str, flags: str) -> Path:
    name = _name(message, frozenset(files.listing(box)))
    half = box.path / "tmp" / name
    whole = box.path / inside / (name + flags)
    try:
        for path in (half, whole):
            path.parent.mkdir(mode=0o700, exist_ok=True)
        _written(half, message)
        _swept(half)
        half.rename(whole)
        make_durable(whole.parent)
    except OSError as error:
        for path in (half, whole):
            with suppress(OSError):
                path.unlink()
        raise fault(error, box.path, "write to") from error
    return whole


def _name(message: bytes, taken: frozenset[str]) -> str:
    """A name that nobody has: the time of the message's own Date, a hash of it, this process, a number, this host."""
    digest = hashlib.sha256(message).hexdigest()[:16]
    host = os.uname().nodename.replace("/", r"\057").replace(":", r"\072") or "localhost"
    names = (f"{int(dated(message).timestamp())}.R{digest}P{os.getpid()}Q{number}.{host}" for number in count())
    return next(name for name in names if name not in taken)


def dated(message: bytes) -> datetime:
    """The Date of a message of ours: the time it is laid down, as the caller's clock has it. 1970 where it has none."""
    head = BytesHeaderParser().parsebytes(message[: files.HEAD])
    try:
        return max(parsedate_to_datetime(str(head["date"])).astimezone(UTC), _EPOCH)
    except (ValueError, TypeError, OverflowError):
        return _EPOCH


def _written(path: Path, message: bytes) -> None:
    path.unlink(missing_ok=True)  # left by a process of the same number; the name is ours alone
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())


def _swept(newest: Path) -> None:
    """Remove what crashes of ours left in `tmp`; the file just written tells the file system's own time."""
    now = newest.stat().st_mtime
    for path in newest.parent.iterdir():
        with suppress(OSError):
            if _OURS.match(path.name) and path != newest and now - path.stat().st_mtime > _LEFT_OVER:
                path.unlink()


def take_away(path: Path, read: os.stat_result) -> bool:
    """Remove the file if it is still the one that was `read`; False when it has changed or moved since.

    Raises:
        ConnectorError: it cannot be removed.
    """
    try:
        now = path.stat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (read.st_ino, read.st_size, read.st_mtime_ns):
            return False
        path.unlink()
        make_durable(path.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise fault(error, path.parent, "write to") from error
    return True


def take_back(path: Path) -> None:
    """Remove what was just laid down, if it can be had still.

    Raises:
        ConnectorError: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
        make_durable(path.parent)
    except OSError as error:
        raise fault(error, path.parent, "write to") from error


def make_folder(path: Path, root: Path) -> None:
    """Make a mail folder, in Maildir++ with the empty file that says so, and the root's own directories with it."""
    make_maildir(root)
    make_maildir(path)
    try:
        (path / "maildirfolder").touch(mode=0o600)
        make_durable(path)
        make_durable(root)
    except OSError as error:
        raise fault(error, path, "write to") from error


def make_maildir(path: Path) -> None:
    """Make `cur`, `new` and `tmp`, whichever are missing.

    Raises:
        ConnectorError: that is not allowed here.
    """
    try:
        is_new = not path.exists()
        for inside in ("tmp", "new", "cur"):
            (path / inside).mkdir(mode=0o700, parents=True, exist_ok=True)
        make_durable(path)
        if is_new:
            make_durable(path.parent)
    except OSError as error:
        raise fault(error, path, "write to") from error
