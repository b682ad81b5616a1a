"""Text from outside, made fit to stand in a letter: no control characters, no hidden directions, no endless length."""

from __future__ import annotations

import re
import unicodedata

TITLE = 200
"""Characters that are kept of a title or a place."""

NAME = 100
"""Characters that are kept of a name."""

SUBJECT = 300
"""Characters that are kept of a subject."""

ADDRESS = 254
"""Octets of the longest address that can be delivered to (RFC 5321 section 4.5.3.1.3, less the brackets)."""

PROSE = 20_000
"""Characters that are kept of notes on a person, a signature or a decision."""

_BREAKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Unicode's directional formatting characters (UAX #9): they make an address or a name read as another."""

_UNSEEN = "\ufeff\u00ad\ufff9\ufffa\ufffb"
_UNWANTED = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_BIDI}{_UNSEEN}\ud800-\udfff]")
_NOT_IN_BODIES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_BREAK = re.compile(f"[{_BREAKS}]")
_NEWLINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_ENCODED_WORD = re.compile(r"=(?=\?)")
_SLACK = 8
"""How many times the limit is looked at, so that ten megabytes cost no more than a page."""


def line(text: str, limit: int = TITLE) -> str:
    """The text as one clean line of at most `limit` characters; a longer one ends in an ellipsis."""
    text = _UNWANTED.sub("", _BREAK.sub(" ", text[: limit * _SLACK]))
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def prose(text: str, limit: int = PROSE) -> str:
    """The text with its lines, clean, without blank lines around it; of at most `limit` characters."""
    text = _NEWLINE.sub("\n", text[: limit * _SLACK])
    lines = (_UNWANTED.sub("", part.replace("\t", " ")).rstrip() for part in text.split("\n"))
    text = unicodedata.normalize("NFC", "\n".join(lines)).strip("\n ")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def body(text: str) -> str:
    """The text of a whole letter: lines that end in LF, no control characters; what the user wrote stays otherwise."""
    return _NOT_IN_BODIES.sub("", _NEWLINE.sub("\n", text))


def header(text: str, limit: int = SUBJECT) -> str:
    """One clean line in which nobody's mail program can find an encoded word (RFC 2047) that was never meant.

    `=?UTF-8?Q?=0ABcc:_…?=` in a title is inert as long as it is decoded once; programs that let the user edit
    the headers of a draft, or that parse and fold them anew, decode twice. So `=?` becomes `= ?`.
    """
    return line(_ENCODED_WORD.sub("= ", line(text, limit)), limit)
