"""The signature of a Gmail account as plain text: it is kept as HTML (users.settings.sendAs, `signature`)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from unicodedata import category

_LONGEST = 20_000
"""Gmail allows half of it; of what is malformed the parser takes the square."""
_SECTION = re.compile(r"<!\[(?:(?!-->)[^>])*>?")
"""`<![endif]>`, and others at which the parser stops with an error; the end of a comment is left."""
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "div", "dl", "dd", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul",
})  # fmt: skip
_APART = frozenset({"p", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Blocks with an empty line around them."""
_UNSEEN = frozenset({"script", "style", "head", "title", "template"})
_CELLS = frozenset({"td", "th"})


def plain(html: str) -> str:
    """The words of a piece of HTML, on the lines on which they are seen. Pictures and where links lead are left out."""
    reader = _Reader()
    reader.feed(_SECTION.sub(" ", html[:_LONGEST]))
    reader.close()
    text = "".join(one for one in "".join(reader.pieces) if one == "\n" or category(one) not in {"Cc", "Cs"})
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


class _Reader(HTMLParser):
    """Takes down text, and a line break where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0
        self._fresh = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        """A block begins a line."""
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "body":
            self._unseen = 0  # what is before need not be closed
        elif tag == "br":
            self._break(1)
        elif tag in _BLOCKS:
            self._begin(tag)
        elif tag in _CELLS:
            self._say(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As a beginning; nothing that is not seen has begun."""
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """A block ends a line."""
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._begin(tag)

    def handle_data(self, data: str) -> None:
        """Text; its own line breaks are spaces."""
        if not self._unseen and data:
            self._say(" ".join(re.split(r"\s", data)))

    def _say(self, text: str) -> None:
        self.pieces.append(text)
        self._fresh = self._fresh and not text.strip()

    def _begin(self, tag: str) -> None:
        if not self._fresh:
            self._break(2 if tag in _APART else 1)

    def _break(self, lines: int) -> None:
        self.pieces.append("\n" * lines)
        self._fresh = True
