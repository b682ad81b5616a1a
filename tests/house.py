"""A small household for tests of the whole cycle: configuration, calendar folder, Maildir and state in one folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from config.load import parse
from config.sources import Sources, read
from connectors.calendars.ics import IcsFolder
from connectors.mailboxes.maildir import Maildir
from daemon.cycle import Outcome, run
from daemon.drafting import Drafting
from daemon.ledger import Ledger
from daemon.view import House, view
from rules.plan import plan
from tests.build import ZONE, at

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from config.load import Configuration
    from daemon.act import Prepared

SETTINGS = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org, robin@work.example], time_zone: Europe/Lisbon, signature: Robin}
calendars: [{id: feed, ics: calendar/}]
contacts: [{people: people.yaml}]
mailbox: {maildir: ../Mail}
"""
PEOPLE = "people: []\n"
RULES = """\
rules:
  - id: soft
    when: {title: [coffee, chat]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: check-in, template: [check-in, news], every: 6 weeks, at_most: 4}
"""
THANK_YOU = """\
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

Thank you for your time {{ meeting.when }}. {{ gap("what stayed with me") }}

{{ me.signature }}
"""
CHECK_IN = """\
---
subject: Hello again, {{ person.first_name }}
---
Dear {{ person.first_name }},

How have you been?

{{ me.signature }}
"""


def event(
    uid: str,
    start: str,
    *people: str,
    title: str = "Coffee",
    minutes: int = 60,
    extra: str = "",
    status: str = "CONFIRMED",
    answer: str = "ACCEPTED",
    sequence: int = 0,
) -> str:
    """A VEVENT that I organised; `start` is wall-clock in my zone."""
    begin = datetime.strptime(start, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - wall-clock, the zone stands beside it
    finish = begin + timedelta(minutes=minutes)
    attendees = "".join(
        f"ATTENDEE;CN={one.partition('@')[0].title()};PARTSTAT={answer}:mailto:{one}\r\n" for one in people
    )
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:{sequence}\r\nSTATUS:{status}\r\n"
        f"DTSTART;TZID={ZONE}:{begin:%Y%m%dT%H%M%S}\r\nDTEND;TZID={ZONE}:{finish:%Y%m%dT%H%M%S}\r\n"
        f"SUMMARY:{title}\r\nORGANIZER;CN=Robin:mailto:robin@example.org\r\n{attendees}{extra}END:VEVENT\r\n"
    )


def calendar(*events: str) -> str:
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"


def configured(folder: Path) -> Configuration:
    """What the folder says now; worked out once for the same texts, which most cycles of a test find."""
    return _parsed(folder, read(folder).to_json())


@lru_cache(maxsize=16)
def _parsed(folder: Path, texts: str) -> Configuration:
    loaded = parse(Sources.from_json(texts), folder)
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration


@dataclass(frozen=True)
class Household:
    """Everything lies under `root`; the methods do what a user would do."""

    root: Path

    @classmethod
    def make(cls, root: Path, *, rules: str = RULES, settings: str = SETTINGS, people: str = PEOPLE) -> Self:
        home = cls(root)
        for folder in ("config/rules", "config/templates", "config/calendar", "Mail/cur", "Mail/new", "Mail/tmp"):
            (root / folder).mkdir(parents=True)
        home.write("afterword.yaml", settings)
        home.write("people.yaml", people)
        home.write("rules/rules.yaml", rules)
        home.write("templates/thank-you.md", THANK_YOU)
        home.write("templates/check-in.md", CHECK_IN)
        home.write("templates/news.md", CHECK_IN.replace("How have you been?", "Some news."))
        return home

    def copy(self, root: Path) -> Self:
        shutil.copytree(self.root, root, symlinks=True)
        return type(self)(root)

    def write(self, name: str, text: str) -> None:
        (self.root / "config" / name).write_text(text, encoding="utf-8")

    def put(self, name: str, *events: str) -> None:
        """A file in the calendar folder."""
        self.write(f"calendar/{name}.ics", calendar(*events))

    def drop(self, name: str) -> None:
        (self.root / "config" / "calendar" / f"{name}.ics").unlink()

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def mail(self) -> Path:
        return self.root / "Mail"

    def house(self) -> House:
        configuration = configured(self.root / "config")
        people = next(iter(configuration.people.values()), ())
        return House(
            configuration,
            [IcsFolder("feed", self.root / "config" / "calendar")],
            {"people": people},
            Maildir(self.mail, frozenset(configuration.me.emails)),
        )

    def once(self, when: str | datetime) -> Outcome:
        """One cycle at this wall-clock time in my zone."""
        moment = at(when) if isinstance(when, str) else when
        with Ledger.open(self.state) as ledger:
            return run(self.house(), ledger, moment)

    def files(self, folder: str) -> list[Path]:
        place = self.mail / folder if folder else self.mail
        return sorted(path for part in ("cur", "new") for path in (place / part).glob("*"))

    def drafts(self) -> list[Message]:
        return [message_from_bytes(path.read_bytes()) for path in self.files(".Drafts")]

    def subjects(self) -> list[str]:
        return sorted(str(make_header(decode_header(draft["Subject"]))) for draft in self.drafts())

    def move(self, message_id: str, folder: str) -> None:
        """Move a draft, as a mail program does when it is sent or deleted."""
        self._ensure(folder)
        (path,) = [p for p in self.files(".Drafts") if message_id.encode() in p.read_bytes()]
        path.rename(self.mail / folder / "cur" / path.name.replace(":2,D", ":2,S"))

    def edit(self, message_id: str, old: str, new: str) -> None:
        (path,) = [p for p in self.files(".Drafts") if message_id.encode() in p.read_bytes()]
        raw = path.read_bytes().replace(old.encode(), new.encode())
        path.unlink()
        (path.parent / f"edited-{path.name}").write_bytes(raw)

    def delete(self, message_id: str) -> None:
        (path,) = [p for p in self.files(".Drafts") if message_id.encode() in p.read_bytes()]
        path.unlink()

    def deliver(self, sender: str, when: str, subject: str = "Hello", folder: str = "", **headers: str) -> None:
        """A mail of somebody (or, in `.Sent`, of mine)."""
        self._ensure(folder)
        moment = at(when)
        to = headers.pop("To", "robin@example.org")
        lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {moment:%a, %d %b %Y %H:%M:%S} +0000"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if "Message_ID" not in headers:
            lines.append(f"Message-ID: <{sender}-{moment:%Y%m%d%H%M}-{len(self.files(folder))}@mail.example>")
        raw = "\n".join([*lines, "", "Words.", ""]).encode()
        name = f"{int(moment.timestamp())}.{len(self.files(folder))}.host"
        place = self.mail / folder if folder else self.mail
        (place / "cur" / f"{name}:2,S").write_bytes(raw)

    def _ensure(self, folder: str) -> None:
        if folder:
            for part in ("cur", "new", "tmp"):
                (self.mail / folder / part).mkdir(parents=True, exist_ok=True)

    def rehearsed(self, ledger: Ledger, when: str) -> Prepared:
        """The one draft that a cycle would place now, ready and not placed."""
        seen = view(self.house(), ledger, at(when), at(when))
        drafting = Drafting(self.house().configuration, ledger, at(when))
        (prepared,) = drafting.prepare(plan(at(when), seen.world).place, seen.world.records)
        return prepared
