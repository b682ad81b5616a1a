"""An iCalendar feed (RFC 5545) in a file: whole or not at all, and left alone where nothing has changed."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

from connectors import whole
from connectors.base import PermanentError
from rules import cleaning

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRODUCT = "-//Afterword//Plan//EN"
_LENGTH = timedelta(minutes=15)
_REFRESH = timedelta(hours=1)
_STAMP = re.compile(rb"^DTSTAMP:.*\r?\n", re.MULTILINE)
_LARGEST = 16 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the feed. It begins at `at`, is short, and keeps nobody's time."""

    uid: str
    at: datetime
    summary: str
    description: str


def feed(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """The feed as bytes. `now` is the moment at which it is made."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", name)  # RFC 7986; X-WR-CALNAME is what older programs read
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", entry.at.astimezone(UTC).replace(microsecond=0))
    event.add("duration", _LENGTH)
    event.add("summary", cleaning.line(entry.summary))
    event.add("description", cleaning.prose(entry.description))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def keep(path: Path, made: bytes) -> bool:
    """Put the feed into the file, for its owner's eyes only; whether there was anything to change.

    Raises:
        PermanentError: something lies there that is no feed of ours; or it cannot be read or written.
    """
    try:
        there = _read(path)
        if there and f"PRODID:{PRODUCT}".encode() not in there:
            message = f"{path} is no feed of Afterword, and is left as it is"
            raise PermanentError(message, "Name another file.", file=str(path))
        if there is not None and _STAMP.sub(b"", there) == _STAMP.sub(b"", made):
            return False
        whole.write(path, made.decode())
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        hint = "Name a file in a folder that is there, and that may be written to."
        if error.errno == errno.EROFS:
            hint += " Where only the service cannot write there, `afterword service install` gives it leave."
        raise PermanentError(f"the feed {path} cannot be written: {words}", hint, file=str(path)) from None
    return True


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except FileNotFoundError:
        return None
