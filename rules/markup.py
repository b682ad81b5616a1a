"""The HTML part of a note whose template is in Markdown: the template's markup counts, that of the values does not.

Every character of a value that means something in Markdown, HTML or an address is replaced by a stand-in
from a private area of Unicode before Markdown is read, and put back, escaped, in the HTML. So nothing that a
calendar says can become a link, a heading or a tag, wherever the template puts it.
"""

from __future__ import annotations

import html
import re
import string
from urllib.parse import quote

from markdown_it import MarkdownIt

_AREA = 0xF0000
"""Supplementary Private Use Area-A: no text uses it, and Markdown takes it for letters."""

_SHIELD = {ord(letter): chr(_AREA + ord(letter)) for letter in string.punctuation + "\n"}
_STAND_IN = re.compile(f"[{chr(_AREA)}-{chr(_AREA + 127)}]")
_QUOTED_STAND_IN = re.compile("%F3%B0%8([0-1])%([89AB][0-9A-F])")
"""A stand-in inside an address of a link, as the parser quotes it: its UTF-8 octets F3 B0 80-81 80-BF."""


def shield(value: str) -> str:
    """The value with stand-ins. Shielding twice is shielding once; a stand-in that came along is escaped text."""
    return value.translate(_SHIELD)


def to_html(markdown: str) -> str:
    """A small HTML document from Markdown with shielded values; raw HTML in it is text, nothing is linked by itself."""
    return _document(MarkdownIt("commonmark", {"html": False, "linkify": False}).render(markdown))


def again(markdown: str, letter: str, links: frozenset[str]) -> str:
    """The HTML of a text that its user has edited; `letter` is what it was before, `links` where that led to.

    Of the values in it nobody knows any more which they were. So nothing leads anywhere but where it led before: what
    came out of a calendar becomes bold at worst. The last paragraph, where it is as it was, keeps its lines: it is
    the signature.
    """
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.validateLink = lambda url: url in links  # type: ignore[method-assign] # markdown-it's way to say so
    body, gap, tail = markdown.rstrip("\n").rpartition("\n\n")
    if gap and tail == letter.rstrip("\n").rpartition("\n\n")[2]:
        markdown = f"{body}\n\n{shield(tail)}\n"
    return _document(parser.render(markdown))


def _document(body: str) -> str:
    body = _QUOTED_STAND_IN.sub(_octet, body)
    body = _STAND_IN.sub(_letter, body)
    return f'<html>\n<head><meta charset="utf-8"></head>\n<body>\n{body}</body>\n</html>\n'


def _letter(found: re.Match[str]) -> str:
    letter = chr(ord(found[0]) - _AREA)
    return "<br>\n" if letter == "\n" else html.escape(letter)


def _octet(found: re.Match[str]) -> str:
    code = (int(found[1], 16) << 6) | (int(found[2], 16) & 0x3F)
    return quote(chr(code), safe="")
