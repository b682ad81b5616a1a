"""What a mail says (subject, recipients, text), read from any bytes at all; and whether two say the same.

Never raises: these are the mails of the user, and anything may be among them.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from dataclasses import dataclass, field
from html import unescape
from string import ascii_uppercase

from connectors.encoding import ascii_domain, decoded, from_base64
from connectors.headers import Fields, addresses, subject_of
from rules.model import gaps

_READ = 8 * 1024 * 1024
"""Octets of a mail that are read: attachments come after the text."""

_DEPTH = 12
_PARTS = 200
_PARAMETER = re.compile(r";\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;\"]*))")
_CHARS_OF_TYPE = 4000
_BODY = re.compile(rb"^\r?\n|\r?\n\r?\n")
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr"}
)
_UNSEEN = frozenset({"style", "script", "title", "template"})
_LOWER = {ord(letter): letter.lower() for letter in ascii_uppercase}
"""Letters of tags only: `str.lower` makes two characters of some, and places would no longer agree."""

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,20})")


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says. Addresses in the form of `rules.model.address()`; `text` has lines that end in LF."""

    subject: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    text: str
    only_html: bool = False
    """The text was taken out of HTML, and its line ends mean little."""

    @property
    def gaps(self) -> int:
        """How many places `[[…]]` the user has yet to fill, in the subject and the text."""
        return gaps(self.subject) + gaps(self.text)


def content(raw: bytes) -> Content:
    """What a mail says, in whatever way a mail program has written it down.

    The plain text is preferred to HTML; attachments are passed over.
    """
    raw = raw[:_READ]
    fields = Fields.of(raw)
    reading = _Reading()
    reading.part(fields, body_of(raw), 0)
    text = "\n".join(reading.plain)
    only_html = not text.strip() and any(html.strip() for html in reading.html)
    if only_html:
        text = "\n".join(_text_of(html) for html in reading.html)
    return Content(
        subject_of(fields),
        addresses(fields.all("to")),
        addresses(fields.all("cc")),
        addresses(fields.all("bcc")),
        text,
        only_html,
    )


def same(a: bytes, b: bytes) -> bool:
    """Not edited: subject, recipients and text are equal after decoding, in NFC, but for line ends and trailing space.

    Where a mail program has left only HTML, all white space counts as one.
    """
    if a == b:
        return True
    one, other = content(a), content(b)
    loosely = one.only_html or other.only_html
    return (
        _subject(one) == _subject(other)
        and _recipients(one) == _recipients(other)
        and _comparable(one.text, loosely=loosely) == _comparable(other.text, loosely=loosely)
    )


def _subject(one: Content) -> str:
    return unicodedata.normalize("NFC", " ".join(one.subject.split()))


def _recipients(one: Content) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(_travelling, group)) for group in (one.to, one.cc, one.bcc))


def _travelling(email: str) -> str:
    local, _, domain = email.rpartition("@")
    try:
        return f"{local}@{ascii_domain(domain)}"
    except ValueError:
        return email


def _comparable(text: str, *, loosely: bool) -> str:
    text = unicodedata.normalize("NFC", text)
    if loosely:
        return " ".join(text.split())
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip()


def body_of(raw: bytes) -> bytes:
    """What follows on the head of a message or a part."""
    found = _BODY.search(raw)
    return raw[found.end() :] if found else b""


@dataclass
class _Reading:
    """The parts of one mail, as far as they are text."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    parts: int = 0

    def part(self, fields: Fields, body: bytes, depth: int) -> None:
        self.parts += 1
        if depth > _DEPTH or self.parts > _PARTS:
            return
        kind, parameters = type_of(fields.get("content-type"))
        if fields.get("content-disposition").casefold().startswith("attachment"):
            return
        if kind.startswith("multipart/"):
            for inner in split(body, parameters.get("boundary", "")):
                self.part(Fields.of(inner), body_of(inner), depth + 1)
        elif kind in {"text/plain", "text", ""}:
            self.plain.append(_plain(_text(fields, body, parameters), parameters))
        elif kind == "text/html":
            self.html.append(_text(fields, body, parameters))


def type_of(value: str) -> tuple[str, dict[str, str]]:
    """The value of such a field as Content-Type, in lower case, and its parameters."""
    value = value[:_CHARS_OF_TYPE]
    parameters = {
        found[1].casefold().rstrip("*"): re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3].strip()
        for found in reversed(list(_PARAMETER.finditer(value)))
    }
    return value.partition(";")[0].strip().casefold(), parameters


def split(body: bytes, boundary: str) -> list[bytes]:
    """The parts between the boundaries (RFC 2046 section 5.1.1); the end may be missing."""
    if not boundary:
        return []
    mark = re.escape(boundary.encode("utf-8", "replace"))
    pieces = re.split(rb"(?:^|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)", body)
    parts: list[bytes] = []
    for closing, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if closing is not None:
            break
        # A part without fields begins with an empty line: only the line end of the boundary is taken away.
        parts.append(re.sub(rb"\A\r?\n", b"", piece))
    return parts


def text_of_part(raw: bytes) -> str:
    """The text of one part, as it is written there: of HTML its source."""
    fields = Fields.of(raw)
    kind, parameters = type_of(fields.get("content-type"))
    text = _text(fields, body_of(raw), parameters)
    return text if kind == "text/html" else _plain(text, parameters)


def _text(fields: Fields, body: bytes, parameters: dict[str, str]) -> str:
    how = fields.get("content-transfer-encoding").strip().casefold()
    if how == "base64":
        body = from_base64(body)
    elif how == "quoted-printable":
        body = binascii.a2b_qp(body)
    text = decoded(body, parameters.get("charset", "")).replace("\0", "").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(text: str, parameters: dict[str, str]) -> str:
    """Text as it was before format=flowed (RFC 3676) took lines apart."""
    if parameters.get("format", "").casefold() != "flowed":
        return text
    between_dropped = parameters.get("delsp", "").casefold() == "yes"
    lines: list[str] = []
    flowing = False
    for stuffed in text.split("\n"):
        line = stuffed.removeprefix(" ")
        soft = line.endswith(" ") and line != "-- "
        kept = line[:-1] if soft and between_dropped else line
        if flowing:
            lines[-1] += kept
        else:
            lines.append(kept)
        flowing = soft
    return "\n".join(lines)


def _text_of(html: str) -> str:
    """The text of HTML: blocks on lines of their own, what is not shown left out.

    By hand: html.parser takes minutes for some broken input (CVE-2025-6069). Every step here goes forward.
    """
    pieces: list[str] = []
    lower = html.translate(_LOWER)
    at = 0
    while (start := html.find("<", at)) >= 0:
        pieces.append(_shown(html[at:start]))
        if found := _TAG.match(html, start):
            name = found[1].lower()
            pieces.append("\n" if name in _BLOCKS else "")
            at = _behind(lower, f"</{name}", found.end()) if name in _UNSEEN and html[start + 1] != "/" else start + 1
            at = _behind(lower, ">", at)
        elif html.startswith(("<!", "<?"), start):
            at = _behind(lower, "-->" if html.startswith("<!--", start) else ">", start)
        else:
            pieces.append("<")
            at = start + 1
    pieces.append(_shown(html[at:]))
    lines = (re.sub(r" {2,}", " ", line).strip() for line in "".join(pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _behind(html: str, mark: str, at: int) -> int:
    found = html.find(mark, at)
    return found + len(mark) if found >= 0 else len(html)


def _shown(text: str) -> str:
    return re.sub(r"[ \t\r\n\xa0]+", " ", unescape(text))
