"""Some weeks of a household for tests that hold the uses of the planner together: meetings, mails, rules and limits."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.build import ZONE, at
from tests.house import Household, event

if TYPE_CHECKING:
    from pathlib import Path

FIRST, LAST = "2026-02-27 00:00", "2026-04-12 00:00"
"""Six weeks, with the change to summer time in them."""
QUIET = timedelta(hours=12)
"""A cycle runs at least so often; else when something is due, and when a mail arrives."""
PEOPLE = [f"{name}@{firm}.example" for firm in ("acme", "ito") for name in ("ana", "ben", "cem", "dora")]
TITLES = ("Coffee", "Chat about work", "Review", "Coffee and a chat", "Lunch")
SETTINGS = """\
version: 1
me:
  name: Robin Vale
  emails: [robin@example.org]
  time_zone: Europe/Lisbon
  working_hours: weekdays 09:00-18:00
calendars: [{id: feed, ics: calendar/}]
contacts: [{people: people.yaml}]
mailbox: {maildir: ../Mail}
poll: 1 day
courtesy: {min_gap: 3 days, per_day: 2, per_organisation: 3 per week}
"""
RULES = """\
rules:
  - id: soft
    when: {title: [coffee, chat], attendees: {at_most: 3}}
    unless: {title: [work]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours, window: working_hours}
      - {id: check-in, template: [check-in, news], every: 9 days, at_most: 2, window: tue-thu 09:00-11:00}
  - id: nod
    when: {title: [coffee, lunch]}
    steps: [{id: nod, template: nod, every: 5 days, expires: 1 day, window: weekdays 08:00-12:00}]
  - id: group
    when: {title: [lunch, review], attendees: {at_least: 2}}
    steps:
      - {id: all, template: group, after: 1 day, to: all, expires: 3 days}
  - id: first
    when: {title: [chat, coffee], first_meeting: true}
    steps:
      - {id: hello, template: thank-you, after: 3 hours}
      - {id: later, template: check-in, after: 6 business days, window: weekdays 09:00-12:00}
  - id: brief
    when: {title: [review], recurring: any}
    steps: [{id: brief, template: brief, before: 1 day}]
"""
TEMPLATES = {
    "nod": "---\nsubject: A nod, {{ round }}\n---\nHello.\n",
    "group": "---\nsubject: A word to all\n---\nDear all,\n\nThank you.\n",
    "brief": "---\nsubject: Before {{ meeting.title }}\n---\n{{ meeting.start }}\n",
    "news": "---\nsubject: News for {{ person.first_name }}, {{ meetings_so_far }}\n---\nHello.\n",
}


def spring(root: Path, seed: int) -> Household:
    """A household with a calendar of some months that the seed makes, and mails that came and went by themselves."""
    chance = random.Random(seed)
    home = Household.make(root, rules=RULES, settings=SETTINGS)
    for name, text in TEMPLATES.items():
        home.write(f"templates/{name}.md", text)
    for number in range(70):
        day = datetime(2026, 1, 20) + timedelta(days=chance.randrange(100))  # noqa: DTZ001 - wall-clock
        people = chance.sample(PEOPLE, chance.choice((1, 1, 2, 3)))
        start = f"{day:%Y-%m-%d} {chance.randrange(8, 20):02}:{chance.choice((0, 15, 30)):02}"
        status = "CANCELLED" if chance.random() < 0.1 else "CONFIRMED"
        extra = "DESCRIPTION:#noshow\r\n" if chance.random() < 0.05 else ""
        made = event(f"u{number}", start, *people, title=chance.choice(TITLES), status=status, extra=extra)
        home.put(f"m{number:02}", made)
    return home


@dataclass(frozen=True)
class Letter:
    """A mail that the person or I wrote, by ourselves."""

    at: datetime
    mine: bool
    who: str
    subject: str

    def deliver(self, home: Household) -> None:
        wall = self.at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")
        if self.mine:
            home.deliver("robin@example.org", wall, self.subject, ".Sent", To=self.who)
        else:
            home.deliver(self.who, wall, self.subject)


def post(seed: int) -> list[Letter]:
    """Mails of these weeks and of the one before, in the order of time."""
    chance = random.Random(seed)
    begin = at("2026-02-20 00:10")
    return sorted(
        (
            Letter(
                begin + timedelta(minutes=chance.randrange(60 * 24 * 50)),
                chance.random() < 0.5,
                chance.choice(PEOPLE),
                chance.choice(("A question", "Thanks for today", "Hello")),
            )
            for _ in range(14)
        ),
        key=lambda letter: letter.at,
    )


Note = tuple[str, datetime, datetime, str]
"""The id, when it was due, when it was drafted, and its subject."""


def lived(home: Household, letters: list[Letter]) -> set[Note]:
    """What a service drafts, cycle after cycle, for somebody who sends each note to others at once."""
    found: set[Note] = set()
    now, end = at(FIRST), at(LAST)
    waiting = [letter for letter in letters if letter.at > now]
    for letter in letters:
        if letter.at <= now:
            letter.deliver(home)
    while now < end:
        outcome = home.once(now)
        assert not outcome.problems
        for one in outcome.placed:
            assert one.placed is not None
            found.add((one.id, one.due, one.placed, one.subject))
            if not one.to_me:
                home.move(one.message_id, ".Sent")
        if not outcome.placed:
            coming = [now + QUIET, *(letter.at for letter in waiting[:1])]
            now = min([*coming, *([outcome.next_due] if outcome.next_due else [])])
            while waiting and waiting[0].at <= now:
                waiting.pop(0).deliver(home)
    return found
