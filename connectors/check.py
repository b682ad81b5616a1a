"""A message read again before it goes anywhere: by two parsers of the standard library and by our own."""

from __future__ import annotations

import email
import re
import unicodedata
from email import errors, policy
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import TYPE_CHECKING

from connectors.content import content
from connectors.encoding import whole
from connectors.mistakes import MessageError
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from email.message import EmailMessage, Message

    from rules.model import Recipient

_UNREADABLE = (LookupError, ValueError, AttributeError, TypeError, errors.MessageError)
"""What the standard library raises of a message, or of a text in it, that it cannot read."""
_BODY_FIELDS = ("Content-Type", "Content-Transfer-Encoding")


def checked(
    message: bytes,
    *,
    author: Recipient,
    recipients: tuple[Recipient, ...],
    subject: str,
    text: str,
    html: str | None,
    fields: Sequence[tuple[str, str]],
) -> bytes:
    """The message, when all readers find in it what was meant, and nothing else.

    Raises:
        MessageError: one of them does not; says which header.
    """
    expected = [name for name, _ in fields] + list(_BODY_FIELDS[: 1 if html is not None else 2])
    meant = dict(fields)
    try:
        new = email.message_from_bytes(message, policy=policy.default)
        old = email.message_from_bytes(message, policy=policy.compat32)
        found = {
            "the headers": (new.keys(), expected),
            "the headers, read by an old program,": (old.keys(), expected),
            "From": (_mailboxes(new, "From"), _bare([author])),
            "To": (_mailboxes(new, "To"), _bare(recipients)),
            "From, read by an old program,": (_old_mailboxes(old, "From"), _bare([author])),
            "To, read by an old program,": (_old_mailboxes(old, "To"), _bare(recipients)),
            "Subject": (str(new["Subject"]), subject),
            "Subject, read by an old program,": (
                str(make_header(decode_header(old["Subject"].replace("\n", "")))),
                subject,
            ),
            "the parts": (new.is_multipart(), html is not None),
            "the text": (_texts(new), [one for one in (text, html) if one is not None]),
        }
        for name in ("Date", "Message-ID", "In-Reply-To", "References", "MIME-Version"):
            found[name] = (str(new.get(name, "")).split(), meant.get(name, "").split())
        if new.defects or any(part.defects for part in new.walk()):
            found["the form"] = ("defects", "none")
    except _UNREADABLE as error:
        raise MessageError(
            f"the message cannot be read again: {error}", "report this, with the title and the names"
        ) from error
    for what, (seen, wanted) in found.items():
        _compare(what, seen, wanted)
    ours = content(message)
    _compare("the subject as it lies there", ours.subject, " ".join(subject.split()))
    _compare("the recipients as they lie there", ours.to, tuple(address(one.email) for one in recipients))
    _compare("hidden recipients", (*ours.cc, *ours.bcc), ())
    _compare("the text as it lies there", ours.text.rstrip("\n"), text.rstrip("\n"))
    return message


def revised_as_meant(old: bytes, new: bytes, *, subject: str, text: str, html: str | None) -> None:
    """Whether the new message says these words, and is the old one in everything else: for all readers.

    Raises:
        MessageError: one of them finds anything else; says what.
    """
    try:
        parsed = email.message_from_bytes(new, policy=policy.default)
        before, after = (email.message_from_bytes(one, policy=policy.compat32) for one in (old, new))
        words, attached = _parts(after)
        found = {
            "the headers": (_others(after), _others(before)),
            "the number of headers": (_once(after), True),
            "Subject": (" ".join(str(parsed["Subject"]).split()), " ".join(subject.split())),
            "the text": (words, [one for one in (text, html) if one is not None]),
            "what is attached": (attached, _parts(before)[1]),
        }
        if parsed.defects or any(part.defects for part in parsed.walk()):
            found["the form"] = ("defects", "none")
    except _UNREADABLE as error:
        raise MessageError(f"the draft cannot be read again: {error}", "change it in your mail program") from error
    for what, (seen, wanted) in found.items():
        _compare(what, seen, wanted, "change it in your mail program")
    mine, theirs = content(new), content(old)
    _compare("the subject as it lies there", " ".join(mine.subject.split()), " ".join(subject.split()))
    _compare("the recipients", (mine.to, mine.cc, mine.bcc), (theirs.to, theirs.cc, theirs.bcc))
    _compare("the text as it lies there", mine.text.rstrip("\n"), text.rstrip("\n"))


def legible(raw: bytes) -> bool:
    """Whether the octets of each text are such as the encoding that it names has; else only a guess could read them."""
    try:
        _parts(email.message_from_bytes(raw, policy=policy.compat32))
    except _UNREADABLE:
        return False
    return True


_MAY_DIFFER = frozenset({"subject", "mime-version", "content-type", "content-transfer-encoding"})
_MAY_GO = frozenset({"content-length", "content-md5", "lines"})


def _others(message: Message) -> list[tuple[str, str]]:
    """The fields that no revision changes, in order."""
    return [
        (name.lower(), " ".join(str(value).split()))
        for name, value in message.items()
        if name.lower() not in _MAY_DIFFER | _MAY_GO
    ]


def _once(message: Message) -> bool:
    """Whether each of the others stands there once, or not at all where the body needs none."""
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 - a message is no dict
    return names.count("subject") == 1 and all(names.count(name) <= 1 for name in _MAY_DIFFER)


def _parts(message: Message) -> tuple[list[str], list[tuple[str, str | None, bytes]]]:
    """The texts that are no attachments, and the attachments: kind, name, octets."""
    texts: list[str] = []
    attached: list[tuple[str, str | None, bytes]] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        if part.get_content_disposition() == "attachment":
            attached.append((part.get_content_type(), part.get_filename(), octets))
        else:
            texts.append(whole(octets.decode(part.get_content_charset() or "utf-8")))
    return texts, attached


def _compare(
    what: str, seen: object, wanted: object, remedy: str = "look at the title and the names for something odd"
) -> None:
    if _normal(seen) != _normal(wanted):
        raise MessageError(f"{what} of the message would not be what was meant", remedy)


def _normal(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _bare(people: Iterable[Recipient]) -> list[tuple[str, str]]:
    return [(_unspaced(one.name), one.email) for one in people]


def _unspaced(name: str) -> str:
    """Python before 3.13 leaves a space between two encoded words of a name (gh-92081), so spaces are not compared."""
    return re.sub(r"\s+", "", name)


def _mailboxes(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    return [(_unspaced(one.display_name), one.addr_spec) for one in message[name].addresses]


def _old_mailboxes(message: Message, name: str) -> list[tuple[str, str]]:
    return [
        (_unspaced(str(make_header(decode_header(shown)))), address_)
        for shown, address_ in getaddresses(message.get_all(name, []))
    ]


def _texts(message: EmailMessage) -> list[str]:
    payloads = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return [payload.decode() if isinstance(payload, bytes) else "" for payload in payloads]
