"""A draft with other words: its subject and its text are written anew, and every other byte of it stays what it was.

A draft may come from any mail program by now: with fields of its own in the head, with attachments. So it is not made
again from what is known of it. Its words are cut out and others put in, and then the old and the new message are read
by two parsers of the standard library and by our own, and compared (`connectors.check.revised_as_meant`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from connectors import check
from connectors.content import body_of, content, split, text_of_part, type_of
from connectors.headers import Fields
from connectors.message import TEXT, MessageError, both, part, unstructured
from rules import cleaning

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 25 * 2**20
"""Octets of a draft that is written anew: no server takes much more."""

_ELSEWHERE = "Change it in your mail program."
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_OF_THE_BODY = frozenset({b"content-type", b"content-transfer-encoding", b"content-length", b"content-md5", b"lines"})
"""Fields that say how the body is written, and nothing about what it says."""
_PLAIN_TAGS = frozenset({"html", "head", "meta", "title", "body", "div", "p", "br", "span", "wbr"})
"""HTML of these alone looks like its text: mail programs write it where nobody has formatted anything."""
_PLAIN_ATTRIBUTES = frozenset({"dir", "lang", "http-equiv", "content", "charset", "name", "class"})
_TAG = re.compile(r"<[/!?]?([a-zA-Z][a-zA-Z0-9]*)?((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=")


class FixedError(Exception):
    """Why a draft can be changed in a mail program only: a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft taken apart: its words, and the bytes around them, with line ends of LF.

    `html` is the form for the eye that stands beside the text, as it is written; `attachments` are their names.
    """

    subject: str
    text: str
    html: str | None
    attachments: tuple[str, ...]
    raw: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    """Name in lower case and the whole field, in order."""
    start: int
    end: int
    """Where the part with the words begins and ends in `raw`; it is the whole message where nothing is attached."""


def taken_apart(raw: bytes) -> Letter:
    """The draft taken apart.

    Raises:
        FixedError: its words cannot be changed without the danger that something else is.
    """
    if len(raw) > LARGEST:
        raise FixedError(f"It is larger than {LARGEST // 2**20} MB.")
    raw = raw.replace(b"\r\n", b"\n")
    if b"\r" in raw or b"\0" in raw:
        raise FixedError("It has bytes in it that stand in no text.")
    head, blank, _ = raw.partition(b"\n\n")
    if not blank:
        raise FixedError("It has no text yet.")
    fields = tuple(_fields(head + b"\n"))
    kind, parameters = type_of(Fields.of(raw).get("content-type"))
    start, end, attachments = len(head) + 2, len(raw), tuple[str, ...]()
    words = raw
    if kind == "multipart/mixed":
        start, end = _first(raw, start, parameters.get("boundary", ""))
        words = raw[start:end]
        attachments = tuple(_attached(split(raw[len(head) + 2 :], parameters.get("boundary", ""))[1:]))
    else:
        start = 0
    said = content(raw)
    text, html = _words(words)
    if text is None:
        text = said.text
    if text.rstrip("\n") != said.text.rstrip("\n"):
        raise FixedError("Its text stands in several parts.")
    if not check.legible(raw):
        raise FixedError("Some of its letters are broken: it has bytes that the encoding it names does not know.")
    return Letter(said.subject, said.text, html, attachments, raw, fields, start, end)


def revised(letter: Letter, subject: str, text: str, html: str | None = None) -> bytes:
    """The draft with this subject and this text; with `html` beside it, else without any.

    Raises:
        MessageError: the words are too long, or there are none; or the bytes, read again, would say anything else.
    """
    subject, text = clean_subject(subject, letter), clean_text(text)
    message_id = Fields.of(letter.raw).get("message-id")
    body = part("plain", text) if html is None else both(text, clean_text(html), message_id)
    fields = [(name, field) for name, field in letter.fields if letter.start or name not in _OF_THE_BODY]
    if b"mime-version" not in dict(fields):
        fields.append((b"mime-version", b"MIME-Version: 1.0\n"))
    if subject != letter.subject:
        line = f"Subject: {unstructured(subject, len('Subject: '))}\n".encode("ascii")
        fields = [(name, line if name == b"subject" else field) for name, field in fields]
        if b"subject" not in dict(fields):
            fields.append((b"subject", line))
    head = b"".join(field for _, field in fields)
    if letter.start:
        old_head = letter.raw.index(b"\n\n") + 2
        new = head + b"\n" + letter.raw[old_head : letter.start] + body + letter.raw[letter.end :]
    else:
        new = head + body
    check.revised_as_meant(letter.raw, new, subject=subject, text=text, html=None if html is None else clean_text(html))
    return new


def clean_subject(subject: str, letter: Letter | None = None) -> str:
    """The subject as it can stand in a message; one that was not changed stays as it is.

    Raises:
        MessageError: there is none, or it is too long.
    """
    if letter is not None and subject == letter.subject and subject:
        return subject
    if len(subject) > 2 * cleaning.SUBJECT:
        raise MessageError(f"the subject is longer than {cleaning.SUBJECT} characters", "Make it shorter.")
    cleaned = cleaning.header(subject, 2 * cleaning.SUBJECT)
    if len(cleaned) > cleaning.SUBJECT:
        raise MessageError(f"the subject is longer than {cleaning.SUBJECT} characters", "Make it shorter.")
    if not cleaned:
        raise MessageError("the subject is empty", "Write one: mail without a subject is easily passed over.")
    return cleaned


def clean_text(text: str) -> str:
    """The text as it can stand in a message: lines that end in LF, no control characters.

    Raises:
        MessageError: there is none, or it is too long.
    """
    if len(text) > TEXT:
        raise MessageError(
            f"the text is longer than {TEXT} characters", "Make it shorter, or attach it in your mail program."
        )
    cleaned = cleaning.body(text).rstrip("\n") + "\n"
    if not cleaned.strip():
        raise MessageError(
            "the text is empty", "Write one; to have no draft, skip it, or delete it in your mail program."
        )
    return cleaned


def links_in(html: str) -> frozenset[str]:
    """Where the HTML leads to."""
    return frozenset(unescape(one) for one in re.findall(r'(?:href|src)="([^"]*)"', html))


def looks_like_its_text(html: str) -> bool:
    """Whether there is nothing in the HTML that its text does not say: no formatting, no links, no pictures."""
    if len(html) > TEXT or "<!--" in html:
        return False
    rest = _TAG.sub("", html)
    if "<" in rest or ">" in rest:
        return False
    for name, inside in _TAG.findall(html):
        if name and name.lower() not in _PLAIN_TAGS:
            return False
        if name and not _PLAIN_ATTRIBUTES.issuperset(one.lower() for one in _ATTRIBUTE.findall(inside)):
            return False
    return True


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The fields of a head, each with its folded lines."""
    for line in re.findall(rb"[^\n]+\n(?:[ \t][^\n]*\n)*", head):
        name = _FIELD.match(line)
        if name is None:
            raise FixedError("Its head has lines in it that are no fields.")
        yield name[1].lower(), line


def _first(raw: bytes, begin: int, boundary: str) -> tuple[int, int]:
    """Where the first part of a message with attachments begins and ends."""
    mark = re.escape(boundary.encode("utf-8", "replace"))
    marks = list(re.finditer(rb"(?:^|(?<=\n))--" + mark + rb"(?:--)?[ \t]*(?:\n|\Z)", raw[begin:])) if boundary else []
    if len(marks) < 2:  # noqa: PLR2004 - one before it, and one behind it
        raise FixedError("Its form is one that cannot be told for sure.")
    return begin + marks[0].end(), begin + marks[1].start() - 1


def _attached(parts: list[bytes]) -> Iterator[str]:
    """The names of what is attached; each part must say that it is that."""
    for number, one in enumerate(parts, 1):
        fields = Fields.of(one)
        disposition, parameters = type_of(fields.get("content-disposition"))
        if disposition != "attachment":
            raise FixedError("Something stands behind its text that is not attached in so many words.")
        name = parameters.get("filename") or type_of(fields.get("content-type"))[1].get("name", "")
        yield cleaning.line(name, 100) or f"attachment {number}"


def _words(words: bytes) -> tuple[str | None, str | None]:
    """The text and the HTML of the part that has the words; the text is None where there is HTML only."""
    fields = Fields.of(words)
    kind, parameters = type_of(fields.get("content-type"))
    if fields.get("content-disposition").casefold().startswith("attachment"):
        raise FixedError("It has attachments and no text.")
    if kind in {"text/plain", "text", ""}:
        return text_of_part(words), None
    if kind == "text/html":
        return None, text_of_part(words)
    if kind == "multipart/alternative":
        inner = split(body_of(words), parameters.get("boundary", ""))
        kinds = [type_of(Fields.of(one).get("content-type"))[0] for one in inner]
        if kinds == ["text/plain", "text/html"]:
            return text_of_part(inner[0]), text_of_part(inner[1])
    if kind in {"multipart/signed", "multipart/encrypted", "application/pkcs7-mime"}:
        raise FixedError("It is signed or encrypted.")
    raise FixedError("It has pictures or other parts inside its text.")
