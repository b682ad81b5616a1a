"""The files of one Maildir folder: their names, their flags and the heads of the mails in them."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.mailboxes.faults import fault

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.mailboxes.folders import Box

HEAD = 64 * 1024
"""More than this is no header that anybody reads."""

_FIRST = 8 * 1024
_INFO = re.compile(r"[:;!]2,([A-Za-z]*)$")
_UID = re.compile(r",U=\d+")
_SECONDS = re.compile(r"(\d{9,11})\.")
_LAST_SECOND = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of one mail as bytes. `tag` changes when the file does; `received` is the time of delivery."""

    raw: bytes
    tag: str
    received: datetime


def unique(name: str) -> str:
    """What names a mail for good: its file name without flags, and without the UID that mbsync writes into it."""
    base = _INFO.sub("", name)
    return _UID.sub("", base)


def flags(name: str) -> str:
    """The flags in a file name (https://cr.yp.to/proto/maildir.html): `D` a draft, `T` deleted, `S` seen."""
    info = _INFO.search(name)
    return info[1] if info else ""


def shown(name: str) -> str:
    """A file name as text that can be stored: bytes that are no UTF-8 are spelled out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def listing(box: Box) -> dict[str, str]:
    """The mails of a folder now, unique name to path below it (`cur/…`), in order.

    `new` is listed first: a mail that moves to `cur` meanwhile is seen twice, not missed.

    Raises:
        ConnectorError: the folder cannot be listed.
    """
    found: dict[str, str] = {}
    for inside in ("new", "cur"):
        try:
            names = os.listdir(box.path / inside)  # noqa: PTH208 - names are enough, and a folder can hold 100,000
        except FileNotFoundError as error:
            if inside == "cur" and box.folder is Folder.DRAFTS:
                raise fault(error, box.path / inside, "read") from error
            continue
        except OSError as error:
            raise fault(error, box.path / inside, "read") from error
        found |= {shown(unique(name)): f"{inside}/{name}" for name in sorted(names) if not name.startswith(".")}
    return dict(sorted(found.items()))


def tag(path: Path, name: str) -> str | None:
    """The tag of a mail without reading it, or None when it is gone."""
    try:
        return _tag(path.stat(), name)
    except OSError:
        return None


def _tag(status: os.stat_result, name: str) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}-{name}"


def _received(status: os.stat_result, name: str) -> datetime:
    """When a mail was delivered: the seconds that its name begins with, else the time of the file.

    The name lasts: copying or restoring a mailbox makes every file new.
    """
    named = _SECONDS.match(name)
    seconds = int(named[1]) if named else int(status.st_mtime)
    return datetime.fromtimestamp(min(max(seconds, 0), _LAST_SECOND), UTC)


def came_before(name: str, instant: datetime) -> bool:
    """Whether a mail was surely delivered before this, as far as its name tells."""
    named = _SECONDS.match(name)
    return named is not None and int(named[1]) < instant.timestamp()


def head(path: Path, name: str) -> Head | None:
    """The head of a mail, or None for one that is gone, is unreadable or is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        raw = os.read(descriptor, _FIRST)
        while len(raw) < HEAD and _end(raw) is None:
            more = os.read(descriptor, HEAD - len(raw))
            if not more:
                break
            raw += more
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return Head(raw[: _end(raw)], _tag(status, name), _received(status, name))


def _end(raw: bytes) -> int | None:
    """Where the body begins, or None when that is further on."""
    ends = [at + len(blank) for blank in (b"\n\n", b"\n\r\n") if (at := raw.find(blank)) >= 0]
    return min(ends, default=None)


def content(path: Path) -> tuple[bytes, os.stat_result] | None:
    """A whole mail and the state of its file before reading, or None as for `head`."""
    try:
        with open(path, "rb", opener=lambda name, how: os.open(name, how | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            return (file.read(), status) if stat.S_ISREG(status.st_mode) else None
    except OSError:
        return None
