"""Hostile bytes to the content lines of RFC 5545 section 3.1: decoded, unfolded, without control characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Everything of C0 and C1 but the tab; U+2028 and the like are text.
CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
# Marks that turn text around, which can make one title or address look like another. The plain
# directional marks U+200E and U+200F, which Hebrew and Arabic need, stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_HEAD = re.compile(r'(?:[^":]|"[^"]*")*(?=:)')
_FOLD = re.compile(rb"\n[ \t]")
_WIDE = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"B\x00E\x00", "utf-16-le"), (b"\x00B\x00E", "utf-16-be"))


def lines(data: bytes) -> Iterator[str]:
    """The content lines of an iCalendar file, however it was saved.

    UTF-8 with or without byte order mark, UTF-16, and for lines that are neither, Windows-1252. Line ends may
    be CRLF, LF or CR. Folds are undone before decoding, because a fold may fall inside a character.
    """
    for mark, name in _WIDE:
        if data.startswith(mark):
            data = data.decode(name, "replace").encode("utf-8", "replace")
            break
    data = data.removeprefix(b"\xef\xbb\xbf")
    data = data.replace(b"\r\n", b"\n") if b"\n" in data else data.replace(b"\r", b"\n")
    for raw in _FOLD.sub(b"", data).split(b"\n"):
        line = _decode(raw)
        yield CONTROLS.sub("", line) if CONTROLS.search(line) else line


def cut(line: str) -> tuple[str, str]:
    """A content line at the colon that ends its name and parameters; a colon inside quotes does not."""
    if '"' in line and (found := _HEAD.match(line)):
        return line[: found.end()], line[found.end() + 1 :]
    head, _, value = line.partition(":")
    return head, value


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def one_line(text: str) -> str:
    """Text from a calendar as it may stand in a title or a name: one line, no control or turning characters."""
    return " ".join(_TURNING.sub("", CONTROLS.sub(" ", text)).split())
