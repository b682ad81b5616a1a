"""A calendar of files in memory for the tests of sync, which fails on request and counts what is read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def event(
    uid: str,
    start: str,
    *lines: str,
    hours: int = 1,
    title: str = "Coffee",
    people: tuple[str, ...] = ("dana@acme.example",),
) -> str:
    """One VEVENT; `start` as in `20260303T150000Z`."""
    attendees = [f"ATTENDEE;CN=Somebody;PARTSTAT=ACCEPTED:mailto:{address}" for address in people]
    told = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", f"DURATION:PT{hours}H", f"SUMMARY:{title}"]
    return "\r\n".join([*told, *attendees, *lines, "END:VEVENT"])


def sheet(*events: str) -> bytes:
    """A whole calendar."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *events, "END:VCALENDAR", ""]).encode()


class Shelf:
    """Names and bytes, as a calendar."""

    def __init__(self, files: Mapping[str, bytes] | None = None, id: str = "feed") -> None:  # noqa: A002 - see Calendar
        self.id = id
        self.files = dict(files or {})
        self.down: ConnectorError | None = None
        self.unreadable: dict[str, ConnectorError] = {}
        self.breaks_while_reading = False
        self.read_names: list[str] = []
        self.listed: list[tuple[dict[str, str], str]] = []

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        self.listed.append((dict(known), note))
        if self.down is not None:
            raise self.down
        return Listing({name: hashlib.sha256(data).hexdigest()[:16] for name, data in self.files.items()}, "noted")

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        for name in names:
            self.read_names.append(name)
            if self.breaks_while_reading:
                raise ConnectorError("the line broke")
            yield name, self.unreadable.get(name, self.files[name])
