"""What the user writes into a calendar for a note: `#thanks: …` and `#owe: …` in a description, and whom to believe.

A note says what stands there, so it must be the user who wrote it: at a meeting that they organised, or in a calendar
that nobody else writes into. The text is a value, put in once a template has been read; it is never a template.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING

from rules import cleaning
from rules.attendance import is_mine
from rules.model import Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rules.model import Me, Meeting

THANKS = "#thanks"
OWE = "#owe"

LONGEST = 200
"""Characters that are kept of one mark."""

MOST = 10
"""Marks of each kind that are taken at one meeting."""

_TOLD = 100
"""Marks of one copy of a meeting that are told of, whatever becomes of them."""

_READ = 200_000
"""Characters of a description that are looked through."""

_TAGS = (
    "a|abbr|article|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|html|html-blob"
    "|i|img|li|link|meta|ol|o:p|p|pre|s|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|title|tr|tt|u"
    "|ul|wbr"
)
_BLOCK = re.compile(
    r"</?(?:article|blockquote|br|center|dd|div|dl|dt|footer|h[1-6]|header|hr|li|ol|p|pre|section|table|td|th|tr|ul)"
    r"(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?=[\s/>])[^<>]*>|<!--[^<>]*-->", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_MARK = re.compile(r"(?<![\w#&/=?.-])#(thanks|owe)[ \t\xa0]*[:\uff1a]", re.IGNORECASE)
_END = re.compile(
    r"[\n\r\v\f\x85\u2028\u2029]"
    r"|(?<![\w#&/=?.-])#(?:(?:thanks|owe)[ \t\xa0]*[:\uff1a]|(?:nofollow|noshow)(?![\w-]))",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w#&/=?.-])#(thanks|owe)(?![\w-])(?![ \t\xa0]*[:\uff1a])", re.IGNORECASE)
_STOPS = " .,;:"
_COLON = "a colon and the text belong behind it, as in `{}: …`"


class Writers(StrEnum):
    """Who writes into a calendar."""

    ME = "me"
    """Nobody but the user, who says so."""
    GUESTS = "guests"
    """The user, and those who invite them: the organiser of an event wrote what it says."""
    OTHERS = "others"
    """Somebody else may, and name whom they like as the organiser: it is fetched from an address."""


@dataclass(frozen=True, slots=True)
class Told:
    """A mark as it stands in the calendar, whether it is taken, and why."""

    mark: str
    text: str
    taken: bool
    why: str


def marks_of(description: str) -> Marks:
    """The marks in a description, whoever wrote it; plain text, or the HTML that Google and Outlook make of it."""
    found: dict[str, list[str]] = {THANKS: [], OWE: []}
    for mark, text in _written(description):
        if text and len(found[mark]) < MOST and text not in found[mark]:
            found[mark].append(text)
    return Marks(tuple(found[THANKS]), tuple(found[OWE]))


def with_marks(meeting: Meeting, me: Me, writers: Mapping[str, Writers]) -> Meeting:
    """The copy of a meeting with its marks, where they may be believed."""
    if "#" not in meeting.description or distrusted(meeting, me, writers):
        return meeting
    marks = marks_of(meeting.description)
    return replace(meeting, marks=marks) if marks else meeting


def distrusted(copy: Meeting, me: Me, writers: Mapping[str, Writers]) -> str:
    """Why what this copy says is not believed to be the user's; nothing where it is."""
    name = copy.calendars[0]
    who = writers.get(name, Writers.GUESTS)
    if who is Writers.ME:
        return ""
    alone = f"the entry of {name} does not say that nobody but you writes into it (`only_mine: true`)"
    if who is Writers.OTHERS:
        return f"{name} is fetched from an address, where others may write, and {alone}"
    if is_mine(copy, me):
        return ""
    organiser = copy.organiser
    assert organiser is not None
    host = cleaning.line(organiser.name, cleaning.NAME) or cleaning.line(organiser.email, cleaning.ADDRESS)
    return f"{host} organised this, and {alone}"


def digest(thanks: Sequence[str], owed: Iterable[str]) -> str:
    """What marks put into a note, be it nothing, in a few characters."""
    texts = [*(f"+{text}" for text in thanks), *(f"-{text}" for text in owed)]
    return hashlib.sha256("\x1e".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def told(meeting: Meeting, copies: Iterable[Meeting], me: Me, writers: Mapping[str, Writers]) -> tuple[Told, ...]:
    """What stands in the copies of a meeting, and what of it is taken; each once, what is taken first."""
    found: dict[tuple[str, str], Told] = {}
    for copy in copies:
        for one in islice(_told_of(copy, meeting, me, writers), _TOLD):
            key = one.mark, one.text
            if key not in found or (one.taken and not found[key].taken):
                found[key] = one
    return tuple(sorted(found.values(), key=lambda one: not one.taken))


def _told_of(copy: Meeting, meeting: Meeting, me: Me, writers: Mapping[str, Writers]) -> Iterator[Told]:
    why_not = distrusted(copy, me, writers)
    taken = {THANKS: meeting.marks.thanks, OWE: meeting.marks.owe}
    for mark, text in _written(copy.description):
        if why_not:
            yield Told(mark, text, taken=False, why=why_not)
        elif not text:
            yield Told(mark, "", taken=False, why=_COLON.format(mark))
        elif text in taken[mark]:
            yield Told(mark, text, taken=True, why=_trusted(copy, writers))
        elif len(taken[mark]) >= MOST:
            yield Told(mark, text, taken=False, why=f"at one meeting {MOST} of a kind are taken")
        else:
            yield Told(mark, text, taken=False, why="a newer copy of the meeting does not say it")
    for bare in _BARE.finditer(_plain(copy.description)):
        name = f"#{bare[1].casefold()}"
        yield Told(name, "", taken=False, why=_COLON.format(name))
    for mark in (THANKS, OWE):
        if re.search(rf"(?<![\w#]){mark}(?![\w-])", copy.title, re.IGNORECASE):
            yield Told(mark, "", taken=False, why="it stands in the title; it belongs into the description")


def _trusted(copy: Meeting, writers: Mapping[str, Writers]) -> str:
    name = next((name for name in copy.calendars if writers.get(name) is Writers.ME), None)
    return f"nobody but you writes into {name}" if name else "you organised it"


def _written(description: str) -> Iterator[tuple[str, str]]:
    """Each mark with its text: up to the end of the line, or to the next mark."""
    if "#" not in description:
        return
    plain = _plain(description)
    for found in _MARK.finditer(plain):
        end = _END.search(plain, found.end())
        said = plain[found.end() : end.start() if end else len(plain)]
        text = cleaning.line(said, LONGEST).replace("[[", "").replace("]]", "")
        yield f"#{found[1].casefold()}", text.strip().rstrip(_STOPS)


def _plain(description: str) -> str:
    """The description without tags of HTML, and with the letters that its entities stand for."""
    text = description[:_READ]
    if "<" in text:
        text = _TAG.sub("", _BLOCK.sub("\n", text))
    return _ENTITY.sub(lambda found: unescape(found[0]), text) if "&" in text else text
