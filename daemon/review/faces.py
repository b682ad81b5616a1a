"""Everybody as the page People lists them: last contact, next note, a year of contact, what is owed and noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.acquaintance import coming, last_contact, owed
from daemon.outlook import notes_on
from daemon.review.entries import draft_path
from daemon.review.keys import person_path, person_word
from daemon.review.sparkline import SMALL, Size, Sparkline, Touch, sparkline
from daemon.sight import drafted_at
from rules.cleaning import line
from rules.greeting import called
from rules.history import Record
from rules.model import Direction
from rules.moments import day
from rules.naming import folded, folded_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from daemon.outlook import Standing
    from daemon.sight import Sight
    from rules.world import World

ORDERS: Mapping[str, str] = {
    "longest": "Not contacted for longest",
    "recent": "Contacted last",
    "next": "Next note",
    "owed": "Owed most",
    "name": "Name",
}
_WHY = 300
_EXCERPT = 160
_DAY, _WEEK, _MONTH = 1, 7, 30
_FEW_DAYS, _FEW_WEEKS, _FEW_MONTHS = 14, 60, 730


@dataclass(frozen=True, slots=True)
class Face:
    """One person in the list. All texts are one clean line each.

    `last` is `Tue 3 March, met` and `ago` how long that is; `next` says what is coming, or why nothing is, and
    `next_path` where that is opened. `note` is the latest of `notes`.
    """

    key: str
    path: str
    name: str
    organisation: str
    tags: tuple[str, ...]
    last: str
    ago: str
    next: str
    next_path: str
    has_next: bool
    spark: Sparkline
    owes: tuple[str, ...]
    note: str
    notes: int
    closed: str = ""
    """Why nothing is written to them: `do not contact`, or the user's word here."""

    @property
    def word(self) -> str:
        """Who it is, in an address of the page."""
        return person_word(self.key)

    @property
    def year(self) -> str:
        """The drawing in words."""
        return in_words(self.spark)


@dataclass(frozen=True)
class Faces:
    """Everybody whom `sight` knows. `kept` are the notes on everybody, `left` since when the user wants no more."""

    sight: Sight
    kept: tuple[tuple[str, datetime, str], ...]
    left: Mapping[str, datetime]

    def chosen(self, words: str, order: str) -> list[Standing]:
        """Those who fit all the words, in this order."""
        asked = folded_words(words)
        whole = folded(words.strip())
        found = [one for one in self.sight.everybody if _fits(one, asked, whole)]
        return self._ordered(found, order)

    def _ordered(self, found: list[Standing], order: str) -> list[Standing]:
        now = self.sight.now
        if order == "recent":
            known = [one for one in found if one.last is not None]
            return [*reversed(known), *(one for one in found if one.last is None)]
        if order == "name":
            return sorted(found, key=lambda one: (folded(name_of(one)), one.key))
        if order == "next":
            return sorted(found, key=lambda one: (one.next is None, _when(one, now), one.key))
        if order == "owed":
            return sorted(found, key=lambda one: -len(owed(self.sight, one)))
        return found  # as `afterword people` has them

    def face(self, standing: Standing) -> Face:
        """One of them, in words."""
        sight, person = self.sight, standing.person
        assert sight.view is not None
        notes = notes_on(self.kept, sight.view.world.directory, person)
        almanac = sight.almanac
        ago = "" if standing.last is None else since(almanac.day_of(standing.last.at), almanac.day_of(sight.now))
        return Face(
            standing.key,
            person_path(standing.key),
            name_of(standing),
            line(person.organisation),
            tuple(map(line, person.tags)),
            last_contact(sight, standing),
            ago,
            line(coming(sight, standing) if standing.next is not None else f"No note: {standing.why}", _WHY),
            _path(standing, sight),
            standing.next is not None,
            sparkline(touches(sight.view.world, standing.key, sight.now), sight.now, SMALL),
            tuple(line(one.text) for one in owed(sight, standing)),
            line(notes[-1][1], _EXCERPT) if notes else "",
            len(notes),
            self.closed(standing),
        )

    def closed(self, standing: Standing) -> str:
        """Why nothing is written to this person; empty where nothing stands in the way."""
        when = self.left_since(standing)
        if when is not None:
            almanac = self.sight.almanac
            return f"nothing more, by your word of {day(almanac.day_of(when), almanac.day_of(self.sight.now))}"
        return "do not contact, says your address book" if standing.person.do_not_contact else ""

    def left_since(self, standing: Standing) -> datetime | None:
        """Since when the user wants nothing more written to them, by their word here."""
        return min((self.left[email] for email in standing.person.emails if email in self.left), default=None)

    def spark(self, standing: Standing, size: Size) -> Sparkline:
        """The year of contact, so large."""
        assert self.sight.view is not None
        return sparkline(touches(self.sight.view.world, standing.key, self.sight.now), self.sight.now, size)


def name_of(standing: Standing) -> str:
    """What to call them, on one clean line."""
    return line(called(standing.person)) or line(standing.person.email)


def touches(world: World, key: str, now: datetime) -> Iterator[tuple[datetime, Touch]]:
    """Everything that was between us by now: meetings held, and mails either way, each once."""
    letters = world.mails.get(key, ())
    for contact in world.contacts(key).all:
        if contact.at > now:
            break
        if contact.meeting is not None:
            yield contact.at, Touch.MET
    for mail in letters:
        if mail.at <= now:
            yield mail.at, Touch.THEIRS if mail.direction is Direction.IN else Touch.MINE
    known = {mail.message_id for mail in letters}
    for contact in world.contacts(key).all:
        # Sent by way of a draft of ours, and so far seen in no folder of sent mail.
        if contact.meeting is None and not contact.theirs and contact.anchor not in known and contact.at <= now:
            yield contact.at, Touch.MINE


def in_words(spark: Sparkline) -> str:
    """`In a year: 3 meetings, 2 mails from them, 1 from you`."""
    if spark.is_empty:
        return "No contact within a year"
    met, theirs, mine = (spark.totals[one] for one in Touch)
    told = [f"{met} meeting{'' if met == 1 else 's'}"] if met else []
    told += [f"{theirs} mail{'' if theirs == 1 else 's'} from them"] if theirs else []
    told += [f"{mine} mail{'' if mine == 1 else 's'} from you"] if mine else []
    return f"In a year: {', '.join(told)}"


def since(when: date, today: date) -> str:
    """`today`, `3 days ago`, `5 weeks ago`, `8 months ago`."""
    days = (today - when).days
    if days < _DAY:
        return "today"
    if days < _FEW_DAYS:
        return "yesterday" if days == 1 else f"{days} days ago"
    if days < _FEW_WEEKS:
        return f"{days // _WEEK} weeks ago"
    return f"{days // _MONTH} months ago" if days < _FEW_MONTHS else f"{days // 365} years ago"


def _fits(standing: Standing, asked: Sequence[str], whole: str) -> bool:
    """Whether each word begins one of theirs; or the whole is a part of an address."""
    if not whole:
        return True
    person = standing.person
    if any(whole in email for email in person.emails):
        return True
    theirs = folded_words(" ".join((person.name, person.organisation, *person.tags, *person.emails)))
    return bool(asked) and all(any(word.startswith(one) for word in theirs) for one in asked)


def _when(standing: Standing, now: datetime) -> datetime:
    following = standing.next
    if following is None:
        return now
    if isinstance(following, Record):
        return following.by or now
    return drafted_at(following, now)


def _path(standing: Standing, sight: Sight) -> str:
    following = standing.next
    if following is None:
        return ""
    if isinstance(following, Record):
        return draft_path(following.id)
    return f"/coming/{following.id}" if any(one.id == following.id for one in sight.planned) else ""
