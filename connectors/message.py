"""The one builder of messages: it cleans, serialises, reads its own bytes again and compares.

Lines end in LF, as Maildir files do; `crlf` gives the form of the wire (RFC 5322 section 2.3) for IMAP APPEND.
Headers are ASCII: text is in encoded words of our own making (RFC 2047), domains are in their ASCII form (IDNA).
An address with letters beyond ASCII before its @ is refused: it would need servers that speak SMTPUTF8 (RFC 6531).
"""

from __future__ import annotations

import binascii
import hashlib
import re
from email.utils import format_datetime
from typing import TYPE_CHECKING

from connectors.check import checked
from connectors.content import Content, content, same
from connectors.encoding import ascii_domain, encoded_words
from connectors.mistakes import MessageError
from rules import cleaning
from rules.model import Recipient, aware

if TYPE_CHECKING:
    from datetime import datetime

    from rules.model import Note, Thread

__all__ = [
    "Content",
    "MessageError",
    "build",
    "content",
    "crlf",
    "message_id_for",
    "same",
    "token_for",
    "travelling_address",
]

TEXT = 1_000_000
"""Characters that the text of a note may have."""

_LINE = 998
"""Octets of the longest line (RFC 5322 section 2.1.1)."""

_FOLD = 76
_LONG_WORD = 60
_REFERENCES = 30
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_OUR_FORM = re.compile(r"<[0-9a-f]{32}@[^<>@\s]+>")
_TOKEN, _HEAD = 32, 24
"""How many hexadecimal digits stand before the @, and how many of them say what the draft is."""
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}@[!-;=?-~]{1,254}>")
_ID = re.compile(r"<[!-;=?-~]{1,900}>")


def travelling_address(email: str) -> str:
    """The address as it stands in a header: its domain in ASCII.

    Raises:
        MessageError: it is no address, or more than one.
    """
    local, at, domain = email.rpartition("@")
    remedy = "correct the address in the calendar or the address book"
    shown = cleaning.line(email, 80)
    if not at or not _LOCAL.fullmatch(local):
        raise MessageError(f"'{shown}' is not an address that can be written to", remedy)
    try:
        travelling = f"{local}@{ascii_domain(domain)}"
    except ValueError as error:
        raise MessageError(f"'{shown}' is not an address: {cleaning.line(str(error), 120)}", remedy) from None
    if not _DOMAIN.fullmatch(travelling.rpartition("@")[2]) or len(travelling) > cleaning.ADDRESS:
        raise MessageError(f"'{shown}' is not an address that can be written to", remedy)
    return travelling


def message_id_for(follow_up_id: str, revision: int, sender: str) -> str:
    """The Message-ID of a follow-up's draft: the same for the same id and revision, and telling nothing of either.

    Raises:
        MessageError: `sender` is no address.
    """
    return f"<{token_for(follow_up_id, revision)}@{travelling_address(sender).rpartition('@')[2].lower()}>"


def token_for(follow_up_id: str, revision: int) -> str:
    """What stands before the @ of the Message-ID of this revision: 32 hexadecimal digits.

    The last eight follow from the others, so that `is_our_form` knows them; to everybody else all of them are chance.
    """
    head = _digest(f"{follow_up_id}\n{revision}")[:_HEAD]
    return head + _digest(head)[: _TOKEN - _HEAD]


def is_our_form(message_id: str) -> bool:
    """Whether a Message-ID is one of `message_id_for`, whatever ledger it came from.

    Webmail makes 32 hexadecimal digits as well, others at each saving: Roundcube with my own host behind them.
    """
    token = message_id[1 : 1 + _TOKEN]
    return _OUR_FORM.fullmatch(message_id) is not None and token[_HEAD:] == _digest(token[:_HEAD])[: _TOKEN - _HEAD]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def crlf(message: bytes) -> bytes:
    """The message with the line ends of the wire."""
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def build(
    note: Note,
    *,
    sender: Recipient,
    to: tuple[Recipient, ...],
    message_id: str,
    date: datetime,
    reply: Thread | None,
    automatic: bool = False,
) -> bytes:
    """A whole message (RFC 5322) for a note; the same bytes for the same arguments. Nothing in it names a program.

    `automatic` says that nobody wrote it (Auto-Submitted, RFC 3834 section 5): for what is only from me to me.

    Raises:
        MessageError: there is no subject, no text, nobody to write to or no usable address; or the bytes, read
            again, would say anything else than was meant.
        ValueError: `date` has no time zone.
    """
    aware(date, "the date of a message")
    author = _recipient(sender)
    recipients = _each_once(to)
    subject = cleaning.header(note.subject)
    text = _text(note.text)
    html = _text(note.html) if note.html is not None else None
    _refuse(subject, text, recipients, message_id)
    fields = [
        ("Date", format_datetime(date)),
        ("From", _mailbox(author)),
        ("To", ",\n ".join(_mailbox(one) for one in recipients)),
        ("Subject", unstructured(subject, len("Subject: "))),
        ("Message-ID", message_id),
        *_thread(reply),
        *([("Auto-Submitted", "auto-generated")] if automatic else []),
        ("MIME-Version", "1.0"),
    ]
    head = "".join(f"{name}: {value}\n" for name, value in fields)
    message = head.encode("ascii") + (part("plain", text) if html is None else both(text, html, message_id))
    return checked(message, author=author, recipients=recipients, subject=subject, text=text, html=html, fields=fields)


def _refuse(subject: str, text: str, recipients: tuple[Recipient, ...], message_id: str) -> None:
    if not subject:
        raise MessageError("the note has no subject", "give its template one")
    if not text.strip():
        raise MessageError("the note has no text", "give its template some")
    if not recipients:
        raise MessageError("the note has nobody to go to", "name an address")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise MessageError(f"'{cleaning.line(message_id, 80)}' is not a Message-ID", "it looks like <…@example.org>")


def _recipient(one: Recipient) -> Recipient:
    return Recipient(cleaning.header(one.name, cleaning.NAME), travelling_address(one.email))


def _each_once(to: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    found: dict[str, Recipient] = {}
    for one in map(_recipient, to):
        found.setdefault(one.email.casefold(), one)
    return tuple(found.values())


def _text(text: str) -> str:
    if len(text) > TEXT:
        raise MessageError(f"the note is longer than {TEXT} characters", "look for a loop in its template")
    return cleaning.body(text).rstrip("\n") + "\n"


def _mailbox(one: Recipient) -> str:
    """A name and an address (RFC 5322 section 3.4)."""
    if not one.name:
        return one.email
    if not one.name.isascii():
        return f"{encoded_words(one.name)}\n <{one.email}>"
    if _ATOMS.fullmatch(one.name):
        return f"{one.name} <{one.email}>"
    quoted = one.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"\n <{one.email}>'


def unstructured(text: str, column: int) -> str:
    """The value of a field such as Subject, which begins at this column.

    A line of text: as it is when it is ASCII, folded at its spaces; else in encoded words.
    """
    words = text.split(" ")
    if not text.isascii() or any(len(word) > _LONG_WORD for word in words):
        return encoded_words(text)
    lines: list[str] = []
    current = words[0]
    for word in words[1:]:
        if column + len(current) + 1 + len(word) > _FOLD:
            lines.append(current)
            current, column = word, 1
        else:
            current = f"{current} {word}"
    return "\n ".join([*lines, current])


def _thread(reply: Thread | None) -> list[tuple[str, str]]:
    """In-Reply-To and References (RFC 5322 section 3.6.4); of a long thread its beginning and its end."""
    if reply is None or not _ID.fullmatch(reply.message_id):
        return []
    before = [one for one in dict.fromkeys(reply.references) if _ID.fullmatch(one) and one != reply.message_id]
    if len(before) > _REFERENCES:
        before = [before[0], *before[1 - _REFERENCES :]]
    return [("In-Reply-To", reply.message_id), ("References", "\n ".join([*before, reply.message_id]))]


def part(subtype: str, text: str) -> bytes:
    """A text with the fields that say how it is written, its lines ending in LF."""
    octets = text.encode()
    lines = octets.split(b"\n")
    # Programs that keep mail in mbox files change a line that begins with "From ".
    plain = octets.isascii() and all(len(line) <= _LINE and not line.startswith(b"From ") for line in lines)
    head = f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: "
    if plain:
        return f"{head}7bit\n\n".encode() + octets
    quoted = b"\n".join(binascii.b2a_qp(line, istext=False) for line in lines[:-1]) + b"\n"
    quoted = re.sub(rb"^From ", b"=46rom ", quoted, flags=re.MULTILINE)
    return f"{head}quoted-printable\n\n".encode() + quoted


def both(text: str, html: str, message_id: str) -> bytes:
    """Text and HTML of the same note (RFC 2046 section 5.1.4), the better form last."""
    parts = (part("plain", text), part("html", html))
    boundary = _boundary(message_id, b"".join(parts))
    mark = boundary.encode()
    head = f'Content-Type: multipart/alternative; boundary="{boundary}"\n\n'.encode()
    return head + b"".join(b"--" + mark + b"\n" + part + b"\n" for part in parts) + b"--" + mark + b"--\n"


def _boundary(message_id: str, parts: bytes) -> str:
    """A boundary like those of other mail programs, the same for the same message, and not in its parts."""
    turn = 0
    while True:
        token = hashlib.sha256(f"{message_id}\n{turn}".encode()).hexdigest()[:24]
        if token.encode() not in parts:
            return f"------------{token}"
        turn += 1
