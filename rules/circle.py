"""Whom there is to tell: everybody with whom there was contact, closest first; by tag, by rule, but for a firm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.closing import helped, met
from rules.domains import PUBLIC, domain
from rules.model import address
from rules.naming import folded_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rules.language import Rule
    from rules.model import Person
    from rules.world import World

YEAR = timedelta(days=365)
"""How far back days of contact count: who was close long ago is told after who is close now."""


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody whom the user may tell, and how close they are; without `last` there was no contact yet.

    `days` are those of the last year on which we met or wrote, in either direction: a day of many mails is one.
    `helped` is what the user marked `#thanks` at meetings with them.
    """

    key: str
    person: Person
    days: int
    last: datetime | None
    meetings: int
    helped: tuple[str, ...] = ()


def circle(world: World, people: Mapping[str, Person], now: datetime) -> tuple[Near, ...]:
    """Everybody of these people, by key, with whom there was contact by now.

    Closest first: most days of contact in the last year, then the latest contact.
    """
    return tuple(one for one in closest_first(world, people, now) if one.last is not None)


def closest_first(world: World, people: Mapping[str, Person], now: datetime) -> tuple[Near, ...]:
    """All of them; those with whom there was no contact yet come last."""
    found = (_near(world, key, person, now) for key, person in people.items())
    return tuple(sorted(found, key=lambda one: (-one.days, now - one.last if one.last else timedelta.max, one.key)))


def _near(world: World, key: str, person: Person, now: datetime) -> Near:
    times = [contact.at for contact in world.contacts(key).all if contact.at <= now]
    days = {world.almanac.day_of(time) for time in times if now - time <= YEAR}
    last = max(times, default=None)
    return Near(key, person, len(days), last, len(met(world, key, now)), helped(world, key, now))


def has_tag(person: Person, tag: str) -> bool:
    """Whether an address book gives them this tag, in whatever case."""
    return tag.strip().casefold() in {one.casefold() for one in person.tags}


def rule_of(world: World, name: str) -> Rule | None:
    """The rule of this id, in whatever case."""
    return next((rule for rule in world.rules if rule.id.casefold() == name.strip().casefold()), None)


def met_under(world: World, rule: Rule, now: datetime) -> frozenset[str]:
    """The keys of those whom the rule chose at meetings that were held by now, or to whom a note of it was sent."""
    keys = {
        world.directory.key(person.email)
        for meeting in world.candidates(rule)
        if meeting.end <= now and world.attendances[meeting.identity].held
        for person in world.chosen(rule, meeting)
    }
    sent = (record for record in world.history.records if record.rule == rule.id and record.sent and not record.to_me)
    return frozenset(keys.union(*(world.keys(record.addresses) for record in sent)))


def is_of(person: Person, firm: str) -> bool:
    """Whether they belong to what a user calls a firm: a mail domain, or an organisation.

    `acme.example` and `@acme.example` are those with an address there, or below it. `Acme` is whoever has the word in
    the name of their organisation, or in a mail domain of their own: in none where everybody can have an address.
    """
    name = address(firm).removeprefix("@")
    domains = [domain(email) for email in person.emails]
    if any(one == name or one.endswith(f".{name}") for one in domains) and "." in name:
        return True
    words = folded_words(firm)
    if not words or "@" in firm:
        return False
    if _have(folded_words(person.organisation), words):
        return True
    parts = (part for one in domains if one not in PUBLIC for part in one.split(".")[:-1])
    return any("".join(folded_words(part)) == "".join(words) for part in parts)


def _have(several: tuple[str, ...] | list[str], words: tuple[str, ...] | list[str]) -> bool:
    """Whether these words stand there, one after the other."""
    wanted, count = list(words), len(words)
    return any(list(several[at : at + count]) == wanted for at in range(len(several) - count + 1))
