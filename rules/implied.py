"""What follows from conditions whatever the meeting: whether all that some of them let through, others let through too.

A yes is certain and a no is not: what two regular expressions have in common, say, nobody works out.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.language import AttendeeConditions, PersonConditions
from rules.match import found, is_expression, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rules.language import Conditions

SHORTEST_DAY = timedelta(hours=22)
"""An all-day event runs from midnight to midnight, and no day is shorter when the clocks go forward."""

PHRASES = ("title", "description", "location")
_ALONE = ("calendar", "organiser", "recurring", "all_day", "first_meeting", *PHRASES, "duration", "person")
_WILD = re.compile(r"[*?\[]")


def given(conditions: Conditions) -> tuple[str, ...]:
    """The conditions that are given, by name; of `attendees` the numbers and `external` each by itself."""
    names = [name for name in _ALONE if getattr(conditions, name) not in (None, ())]
    if numbered(conditions.attendees):
        names.append("attendees")
    if conditions.attendees is not None and conditions.attendees.external is not None:
        names.append("external")
    return tuple(names)


def implies(specific: Conditions, general: Conditions, name: str, mine: frozenset[str] | None = None) -> bool:
    """Whether the condition of this name in `general`, which gives it, holds wherever all of `specific` do.

    A condition on people holds for whomever `specific` chooses. What `specific` does not say may be anything, but
    somebody is there besides me. `mine` are my own mail domains; None where they are not known.
    """
    if name == "external":
        return _external(specific, general, mine)
    return _FOLLOWS[name](specific, general)


@lru_cache(maxsize=1 << 16)
def covers(wide: str, narrow: str) -> bool:
    """Whether a text that has one phrase always has another, as `rules.match` looks for them."""
    if wide == narrow:
        return True
    if is_expression(narrow):
        return False
    # What stands around a phrase in a text is no letter, and between its words are blanks, as here.
    text = " ".join(unicodedata.normalize("NFC", narrow).split())
    if wide.isascii() and text.isascii() and " ".join(wide.lower().split()).strip("/") not in text.lower():
        return False  # the usual case, told without a search
    if is_expression(wide) and not (wide.isascii() and wide[1:-1].isalnum()):
        return False  # it may look at what stands around the phrase
    return found((wide,), text) is not None


def _phrases(name: str) -> Callable[[Conditions, Conditions], bool]:
    def follows(specific: Conditions, general: Conditions) -> bool:
        narrow, wide = getattr(specific, name), getattr(general, name)
        return bool(narrow) and all(any(covers(one, phrase) for one in wide) for phrase in narrow)

    return follows


def _kind(name: str) -> Callable[[Conditions, Conditions], bool]:
    def follows(specific: Conditions, general: Conditions) -> bool:
        wanted = getattr(general, name)
        return wanted == "any" or getattr(specific, name) is wanted

    return follows


def _same(name: str) -> Callable[[Conditions, Conditions], bool]:
    return lambda specific, general: bool(getattr(specific, name) == getattr(general, name))


def _calendar(specific: Conditions, general: Conditions) -> bool:
    return bool(specific.calendar) and set(specific.calendar) <= set(general.calendar)


def _duration(specific: Conditions, general: Conditions) -> bool:
    least, most = _lengths(specific)
    shortest, longest = _lengths(general.model_copy(update={"all_day": None}))
    return shortest <= least and (longest is None or (most is not None and most <= longest))


def _lengths(conditions: Conditions) -> tuple[timedelta, timedelta | None]:
    """How long a meeting must last at least, and may at most."""
    said = conditions.duration
    least = said.at_least.roughly if said is not None and said.at_least is not None else timedelta()
    most = said.at_most.roughly if said is not None and said.at_most is not None else None
    return max(least, SHORTEST_DAY) if conditions.all_day is True else least, most


def _attendees(specific: Conditions, general: Conditions) -> bool:
    inner, outer = (one.attendees or AttendeeConditions() for one in (specific, general))
    few = outer.at_most is None or (inner.at_most is not None and inner.at_most <= outer.at_most)
    return few and outer.at_least <= max(inner.at_least, 1)


def _external(specific: Conditions, general: Conditions, mine: frozenset[str] | None) -> bool:
    wanted = general.attendees.external if general.attendees is not None else None
    said = specific.attendees.external if specific.attendees is not None else None
    return said is wanted or (wanted is True and mine is not None and not mine)


def _person(specific: Conditions, general: Conditions) -> bool:
    return _suits(specific.person or PersonConditions(), general.person or PersonConditions())


def _suits(specific: PersonConditions, general: PersonConditions) -> bool:
    if general.tag and not (specific.tag and _folded(specific.tag) <= _folded(general.tag)):
        return False
    emails = specific.email or ("*",)
    if general.email and not all(any(_within(one, other) for other in general.email) for one in emails):
        return False
    known = True if specific.tag else specific.known  # tags come from an address book
    return general.known is None or known is general.known


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _within(narrow: str, wide: str) -> bool:
    """Whether every address of one pattern is one of another."""
    narrow, wide = narrow.strip().casefold(), wide.strip().casefold()
    if wide in {narrow, "*"}:
        return True
    # A star of the narrow one can only be taken up by a star of the wide one, and so can whatever it stands for.
    plain = not _WILD.search(narrow) or not (set("?[") & {*narrow, *wide})
    return plain and fnmatch.fnmatchcase(narrow, wide)


_FOLLOWS: dict[str, Callable[[Conditions, Conditions], bool]] = {
    "calendar": _calendar,
    **{name: _phrases(name) for name in PHRASES},
    "duration": _duration,
    "organiser": _same("organiser"),
    "recurring": _kind("recurring"),
    "all_day": _kind("all_day"),
    "attendees": _attendees,
    "person": _person,
    "first_meeting": _same("first_meeting"),
}
