"""A sample calendar of any size, the same on every machine, and a home for Afterword around it."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
"""The moment of the first cycle: a Thursday in the middle of the calendar's three years."""
STARTER = Path(__file__).resolve().parent.parent / "config" / "starter"
ME = "robin@example.org"
SETTINGS = f"""\
version: 1
me: {{name: Robin Vale, emails: [{ME}], time_zone: Europe/Lisbon, holidays: PT, signature: Robin}}
calendars: [{{id: feed, ics: %s}}]
mailbox: {{maildir: Mail}}
"""
RULE = """\
  - id: rule-{number}
    when: {{title: [{title}], attendees: {{at_most: 5, external: true}}, person: {{email: "{people}"}}}}
    steps:
      - {{id: thank-you, template: thank-you, after: 2 hours, by: 24 hours, window: working_hours}}
      - {{id: check-in, template: check-in, every: 6 weeks, at_most: 3, window: tue-thu 09:00-11:00}}
      - {{id: brief, template: brief, before: 1 day}}
"""
FIRST = (
    "Dana",
    "Ana",
    "Ben",
    "Cem",
    "Eva",
    "Finn",
    "Grace",
    "Hugo",
    "Ines",
    "João",
    "Kenji",
    "Lena",
    "Mats",
    "Nora",
    "Olu",
)
LAST = (
    "Okafor",
    "Silva",
    "Nguyen",
    "Haddad",
    "Costa",
    "Berg",
    "Müller",
    "Rossi",
    "Tanaka",
    "Lopez",
    "Novak",
    "Smith",
    "Kaya",
)
FIRMS = (
    "acme.example",
    "borealis.example",
    "cedar.example",
    "dune.example",
    "ember.example",
    "fjord.example",
    "grove.example",
)
TITLES = (
    "Coffee with {who}",
    "Catch up {who}",
    "Lunch",
    "Customer call {who}",
    "Mentoring {who}",
    "Interview: data lead",
    "Planning",
    "Team meeting",
    "Budget",
    "Review of the quarter",
    "Workshop",
    "Call {who}",
    "Dentist",
    "Advice from {who}",
)
WORDS = (
    "agenda",
    "notes",
    "please",
    "bring",
    "the",
    "figures",
    "of",
    "last",
    "month",
    "and",
    "what",
    "you",
    "would",
    "change",
)
ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Lisbon
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
TZNAME:WEST
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
TZNAME:WET
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""


@dataclass(frozen=True)
class Mix:
    """Shares of all events; the rest are single meetings with people."""

    series: float = 0.06
    all_day: float = 0.05
    alone: float = 0.15
    declined: float = 0.06
    cancelled: float = 0.04


USUAL = Mix()
SERIES = Mix(series=0.6)


def events(count: int, mix: Mix = USUAL) -> Iterator[str]:
    """So many VEVENTs, spread over the year and a half on either side of `AT`."""
    chance = random.Random(7)
    first = AT.date() - timedelta(days=548)
    for number in range(count):
        yield _event(number, first + timedelta(days=chance.randrange(1096)), chance, mix)


def _event(number: int, day: date, chance: random.Random, mix: Mix) -> str:
    guests = (
        [] if chance.random() < mix.alone else [_person(chance) for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5)))]
    )
    title = chance.choice(TITLES).format(who=guests[0][0] if guests else "a friend")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{number:05}-{chance.getrandbits(64):016x}@calendar.example",
        "DTSTAMP:20260101T090000Z",
        f"LAST-MODIFIED:{day - timedelta(days=20):%Y%m%d}T090000Z",
        f"SEQUENCE:{chance.randrange(3)}",
        f"SUMMARY:{title}",
        f"DESCRIPTION:{' '.join(chance.choices(WORDS, k=chance.randrange(40)))}",
        f"LOCATION:{chance.choice(('Room 4', 'Café Central', 'https://meet.example/abc-defg'))}",
        f"STATUS:{'CANCELLED' if chance.random() < mix.cancelled else 'CONFIRMED'}",
        *_when(day, chance, mix),
        *_who(guests, chance, mix),
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Reminder",
        "TRIGGER:-PT10M",
        "END:VALARM",
        "END:VEVENT",
    ]
    return "\n".join(_fold(line) for line in lines)


def _person(chance: random.Random) -> tuple[str, str]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    firm = FIRMS[(FIRST.index(first) * 7 + LAST.index(last)) % len(FIRMS)]
    return f"{first} {last}", f"p{FIRST.index(first)}.{LAST.index(last)}@{firm}"


def _when(day: date, chance: random.Random, mix: Mix) -> list[str]:
    dice = chance.random()
    if dice < mix.all_day:
        return [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"]
    hour, minutes = chance.randrange(8, 18), chance.choice((30, 60, 90))
    ends = f"{hour + minutes // 60:02}{minutes % 60:02}00"
    if dice < mix.all_day + mix.series:
        rule = chance.choice(("FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=20", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY"))
        start = f"DTSTART;TZID=Europe/Lisbon:{day:%Y%m%d}T{hour:02}0000"
        return [start, f"DTEND;TZID=Europe/Lisbon:{day:%Y%m%d}T{ends}", f"RRULE:{rule}"]
    if chance.random() < 0.5:
        return [f"DTSTART:{day:%Y%m%d}T{hour:02}0000Z", f"DTEND:{day:%Y%m%d}T{ends}Z"]
    zone = ";TZID=Europe/Lisbon"
    return [f"DTSTART{zone}:{day:%Y%m%d}T{hour:02}0000", f"DTEND{zone}:{day:%Y%m%d}T{ends}"]


def _who(guests: list[tuple[str, str]], chance: random.Random, mix: Mix) -> list[str]:
    if not guests:
        return []
    declined = chance.random() < mix.declined
    mine = declined or chance.random() < 0.5
    answer = "DECLINED" if declined else "ACCEPTED"
    told = [f"ATTENDEE;CN=Robin Vale;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};RSVP=TRUE:mailto:{ME}"]
    told += [
        f"ATTENDEE;CN={name};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={_answer(chance)};RSVP=TRUE:mailto:{mail}"
        for name, mail in guests
    ]
    name, mail = guests[0] if mine else ("Robin Vale", ME)
    return [f"ORGANIZER;CN={name}:mailto:{mail}", *told]


def _answer(chance: random.Random) -> str:
    return chance.choice(("ACCEPTED", "ACCEPTED", "ACCEPTED", "NEEDS-ACTION", "DECLINED"))


def _fold(line: str) -> str:
    return "\n ".join(line[at : at + 70] for at in range(0, max(len(line), 1), 70))


def sheet(*parts: str) -> bytes:
    """A calendar of these events, with the zone where one of them is in it, as bytes with CRLF."""
    told = "\n".join(parts)
    zone = ZONE if "TZID=" in told else ""
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Sample//EN\n{zone}{told}\nEND:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def folder_home(root: Path, count: int, mix: Mix = USUAL) -> Path:
    """A home whose calendar is a folder of files with one event each; the path of the configuration."""
    config = _home(root, "calendar/")
    (config / "calendar").mkdir()
    for number, event in enumerate(events(count, mix)):
        (config / "calendar" / f"{number:05}.ics").write_bytes(sheet(event))
    return config


def file_home(root: Path, count: int, mix: Mix = USUAL) -> Path:
    """A home whose calendar is one file; the path of the configuration."""
    config = _home(root, "calendar.ics")
    (config / "calendar.ics").write_bytes(sheet(*events(count, mix)))
    return config


def many_rules(config: Path, count: int) -> None:
    """Put so many rules in the place of those that are there: each for words of a title and some of the people."""
    words = ("coffee", "chat", "catch up", "lunch", "interview", "advice", "call", "review", "workshop", "planning")
    rules = []
    for number in range(count):
        word = words[number % len(words)]
        title = word if number % 2 else f"{word}, {word} with {FIRST[number % len(FIRST)].lower()}"
        rules.append(RULE.format(number=number, title=title, people=f"p{number % len(FIRST)}.*@*"))
    shutil.rmtree(config / "rules")
    (config / "rules").mkdir()
    (config / "rules" / "many.yaml").write_text("rules:\n" + "".join(rules), "utf-8")


def _home(root: Path, calendar: str) -> Path:
    config = root / "config"
    for part in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
        (config / "Mail" / part).mkdir(parents=True)
    (config / "afterword.yaml").write_text(SETTINGS % calendar, "utf-8")
    shutil.copytree(STARTER / "rules", config / "rules")
    shutil.copytree(STARTER / "templates", config / "templates")
    return config
