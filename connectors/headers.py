"""The headers of a mail, read from any bytes at all: who, to whom, when, in answer to what. Never raises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.base import Folder, Header
from connectors.encoding import decoded_words
from connectors.hops import came_from_outside
from connectors.kinds import is_forwarded, kind_of
from rules.cleaning import line
from rules.model import address, unique

_BLOCK = 256 * 1024
"""Octets of a header block that are read."""

_VALUE = 64 * 1024
_ADDRESSES = 1000
_SUBJECT = 1000
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_NAME = re.compile(rb"[!-9;-~]{1,200}")
_END = re.compile(rb"^\r?\n|\r?\n\r?\n")
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a header block, names in lower case, values unfolded, encoded words as they are."""

    items: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, raw: bytes) -> Fields:
        """The fields up to the first empty line. Lines that are none are passed over."""
        block = raw[:_BLOCK]
        if found := _END.search(block):
            block = block[: found.start()]
        fields: list[tuple[str, list[bytes]]] = []
        for text in block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
            if text[:1] in {b" ", b"\t"}:
                if fields:
                    fields[-1][1].append(text)
                continue
            name, colon, value = text.partition(b":")
            if colon and _NAME.fullmatch(name := name.rstrip()):
                fields.append((name.decode("ascii").lower(), [value]))
        return cls(tuple((name, _as_text(b"".join(parts))) for name, parts in fields))

    def __contains__(self, name: str) -> bool:
        return any(name == one for one, _ in self.items)

    def get(self, name: str) -> str:
        """The first field of this name (in lower case), or nothing."""
        return next((value for one, value in self.items if one == name), "")

    def each(self, name: str) -> tuple[str, ...]:
        """Every field of this name (in lower case), from the top."""
        return tuple(value for one, value in self.items if one == name)

    def all(self, name: str) -> str:
        """All fields of this name, as one list."""
        return ", ".join(self.each(name))


def _as_text(octets: bytes) -> str:
    octets = octets[:_VALUE].replace(b"\0", b"").strip()
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def addresses(value: str) -> tuple[str, ...]:
    """The addresses in a list as it stands in To or From (RFC 5322 section 3.4), each once, normalised.

    Names, comments, groups and routes are passed over. An unclosed quote or bracket hides nothing.
    """
    value = value[:_VALUE]
    found, closed = _scanned(value)
    if not closed:
        found, _ = _scanned(re.sub(r"[\"()]", " ", value))
    return unique(address(one) for one in found[:_ADDRESSES])


def _scanned(value: str) -> tuple[list[str], bool]:
    scan = _AddressScan()
    for letter in value:
        scan.take(letter)
    scan.flush()
    return scan.found, not (scan.quoted or scan.depth)


class _AddressScan:
    """Goes through an address list letter by letter: linear, without recursion, whatever is in it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.plain: list[str] = []
        self.angle: list[str] | None = None
        self.inside = False
        self.quoted = False
        self.escaped = False
        self.depth = 0

    def take(self, letter: str) -> None:
        if self.escaped:
            self.escaped = False
            self._keep(letter)
        elif letter == "\\" and (self.quoted or self.depth):
            self.escaped = True
        elif self.quoted or letter == '"':
            self._quote(letter)
        elif self.depth or letter == "(":
            self.depth += (letter == "(") - (letter == ")")
        else:
            self._outside(letter)

    def _quote(self, letter: str) -> None:
        if letter == '"':
            self.quoted = not self.quoted
        else:
            self._keep(letter)

    def _keep(self, letter: str) -> None:
        """What is quoted belongs to an address only between its brackets."""
        if self.inside and self.angle is not None and not self.depth:
            self.angle.append(letter)

    def _outside(self, letter: str) -> None:
        if letter == "<":
            self.angle, self.inside = [], True
        elif letter == ">":
            self.inside = False
        elif self.inside and self.angle is not None:
            self.angle.append(letter)
        elif letter in ",;":
            self.flush()
        elif letter == ":":
            self.plain = []
        else:
            self.plain.append(letter)

    def flush(self) -> None:
        text = "".join(self.plain if self.angle is None else self.angle)
        text = "".join(text.rpartition(":")[2].split())  # a route: <@one,@two:dana@acme.example>
        local, _, domain = text.rpartition("@")
        if local and domain:
            self.found.append(text)
        self.plain, self.angle, self.inside = [], None, False


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a field, in their order."""
    return unique(_MESSAGE_ID.findall(value))


def subject_of(fields: Fields) -> str:
    """The subject, decoded, on one clean line."""
    return line(decoded_words(fields.get("subject")), _SUBJECT)


def header(
    raw_headers: bytes, *, folder: Folder, ref: str, tag: str, received: datetime, mine: frozenset[str]
) -> Header | None:
    """The headers of one mail, from its bytes up to the body or beyond; None when there is no field at all.

    `received` (aware) stands in for a Date that is missing or unreadable. `mine` are my
    addresses, as `address()` writes them: my own mail is never taken for automatic by its subject. Bcc, which only
    a copy of mine can have, counts as Cc.
    """
    fields = Fields.of(raw_headers)
    if not fields.items:
        return None
    senders = addresses(fields.all("from")) or addresses(fields.get("sender"))
    sender = senders[0] if senders else ""
    subject = subject_of(fields)
    parents = message_ids(fields.all("in-reply-to"))
    own = message_ids(fields.get("message-id"))
    return Header(
        folder=folder,
        ref=ref,
        tag=tag,
        message_id=own[0] if own else fields.get("message-id")[:1000],
        sender=sender,
        to=addresses(fields.all("to")),
        cc=addresses(f"{fields.all('cc')}, {fields.all('bcc')}"),
        subject=subject,
        at=_date(fields, received),
        references=unique((*message_ids(fields.all("references")), *parents)),
        kind=kind_of(fields, sender, subject, mine=sender in mine, me=mine),
        forwarded=is_forwarded(fields, subject, mine),
        received=received,
        outside=came_from_outside(fields.each("received"), fields.each("authentication-results")),
    )


def _date(fields: Fields, received: datetime) -> datetime:
    try:
        at = parsedate_to_datetime(fields.get("date")[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return received
    if not _FIRST_YEAR < at.year < _LAST_YEAR:
        return received
    # -0000 is UTC of which the zone is not told (RFC 5322 section 3.3), and comes without one.
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
