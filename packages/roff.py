"""Text into roff, the language of man pages (man(7)): what has a meaning there stands for itself."""

from __future__ import annotations

import re
import textwrap

_WIDTH = 78
"""mandoc finds fault with source lines longer than 80 bytes."""
_SPECIAL = {"\\": r"\(rs", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}


def escaped(text: str) -> str:
    """The text as it is; a hyphen before or within an option can be copied into a shell."""
    text = "".join(_SPECIAL.get(character, character) for character in text)
    return re.sub(r"(?<![\w)])--?[a-z][\w-]*", lambda found: found[0].replace("-", r"\-"), text)


def inline(text: str) -> str:
    """The text with its `code` in bold."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a lone backtick
        return escaped(text)
    return "".join(rf"\fB{escaped(part)}\fR" if odd % 2 else escaped(part) for odd, part in enumerate(parts))


def filled(text: str) -> list[str]:
    """The source lines of a paragraph; none begins with what would be a request."""
    lines = textwrap.wrap(inline(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [rf"\&{line}" if line.startswith(".") else line for line in lines]


def paragraphs(text: str) -> list[str]:
    """Paragraphs that are parted by empty lines."""
    found: list[str] = []
    for number, one in enumerate(re.split(r"\n\s*\n", text.strip())):
        found += [".PP"] if number else []
        found += filled(" ".join(one.split()))
    return found


def section(title: str) -> str:
    """The heading of a section."""
    return f".SH {title}"


def item(term: str, text: str) -> list[str]:
    """A term that is already roff, and under it what it is."""
    return [".TP", term, *filled(text)]


def title(name: str, date: str, version: str) -> list[str]:
    """The first lines of a page of section 1: left-aligned, words not cut in two."""
    return [f'.TH "{name.upper()}" "1" "{date}" "afterword {version}" "Afterword"', ".ad l", ".nh"]
