"""Text in headers and bodies of mail: encoded words, charsets and transfer encodings, read from any bytes at all.

Reading never raises: what cannot be decoded is shown as well as it can be.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re

import idna

_CHUNK = 39
"""Octets of UTF-8 in one encoded word: with its frame 64 characters, which fit a line behind any header's name."""

_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"[ \t\r\n]+")
_NO_TEXT = frozenset({"unicode_escape", "raw_unicode_escape", "undefined", "idna", "punycode", "mbcs", "oem"})
"""Codecs of Python that no mail means, and that warn, fail or cost much."""

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def decoded(octets: bytes, charset: str = "") -> str:
    """The text in these octets: in the charset named, else UTF-8, else the octets one by one (Windows-1252)."""
    name = charset.strip().partition("*")[0]  # RFC 2231 section 5 puts a language behind it
    if name.casefold() in {"us-ascii", "ascii", "unknown-8bit", ""}:
        name = "utf-8"
    try:
        codec = codecs.lookup(name).name.replace("-", "_")
        if codec not in _NO_TEXT:
            return whole(octets.decode(codec))
    except (LookupError, ValueError):
        pass
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def whole(text: str) -> str:
    """The text, where no character in it is but half of one: UTF-7 can write that down, and no page can show it.

    Raises:
        UnicodeEncodeError: one is.
    """
    text.encode("utf-8")
    return text


def decoded_words(value: str) -> str:
    """The text of a header with its encoded words (RFC 2047) decoded, once; the white space between two is dropped."""
    pieces: list[str] = []
    pending: list[tuple[str, bytes]] = []
    end = 0
    for found in _ENCODED.finditer(value):
        between = value[end : found.start()]
        if not (pending and (not between or _BETWEEN.fullmatch(between))):
            pieces += [_joined(pending), between]
            pending = []
        pending.append((found[1], _word(found[2], found[3])))
        end = found.end()
    return "".join([*pieces, _joined(pending), value[end:]])


def _word(how: str, text: str) -> bytes:
    octets = text.encode("utf-8", "surrogatepass")
    if how in "bB":
        return from_base64(octets)
    return binascii.a2b_qp(octets, header=True)


def _joined(words: list[tuple[str, bytes]]) -> str:
    """A character may be cut in two between words of one charset, against the rule."""
    text = ""
    run: list[bytes] = []
    for at, (charset, octets) in enumerate(words):
        run.append(octets)
        if at + 1 == len(words) or words[at + 1][0].casefold() != charset.casefold():
            text += decoded(b"".join(run), charset)
            run = []
    return text


def from_base64(octets: bytes) -> bytes:
    """The octets in base64, whatever stands between; a cut-off end is dropped."""
    bare = _NOT_BASE64.sub(b"", octets)
    whole = len(bare) - len(bare) % 4
    rest = bare[whole:]
    bare = bare[:whole] + (rest + b"=" * (-len(rest) % 4) if len(rest) > 1 else b"")
    try:
        return binascii.a2b_base64(bare)
    except binascii.Error:
        return b""


def encoded_words(text: str) -> str:
    """The text as encoded words (RFC 2047), each on a line of its own when there are several."""
    words: list[str] = []
    chunk = b""
    for letter in text:
        octets = letter.encode()
        if len(chunk) + len(octets) > _CHUNK:
            words.append(_framed(chunk))
            chunk = b""
        chunk += octets
    return "\n ".join([*words, _framed(chunk)])


def _framed(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode()}?="


def ascii_domain(domain: str) -> str:
    """The domain as it travels: IDNA 2008 (RFC 5891), mapped as browsers do (UTS #46).

    Raises:
        ValueError: it is not a domain.
    """
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError(f"'{domain}' is not a domain: {error}") from None
