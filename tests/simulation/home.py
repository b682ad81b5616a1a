"""The user's configuration in a year: two rules, four templates, two calendars, a mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from config.load import load
from daemon.view import House
from tests.simulation.diary import ME
from tests.simulation.weather import CalendarServer, MailServer

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration
    from tests.simulation.diary import Diary
    from tests.simulation.gmail import GmailServer
    from tests.simulation.machine import Fuse
    from tests.simulation.year import Year

SETTINGS = """\
version: 1
me: {{name: Robin Vale, emails: [{me}], time_zone: {zone}, signature: Robin}}
courtesy: {{min_gap: 5 days, per_day: 8, per_organisation: 3 per week, one_open_draft: true}}
"""
SOURCES = """\
calendars: [{id: feed, ics: calendar/}, {id: work, ics: calendar/}]
mailbox: {maildir: ../Mail}
"""
RULES = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: check-in, template: [check-in, news], every: 6 weeks, at_most: 3}
  - id: closer
    when: {title: [strategy]}
    steps:
      - {id: follow-up, template: follow-up, after: 3 days, window: weekdays 09:00-12:00}
"""
NOTE = """\
---
subject: {subject}, {{{{ person.first_name }}}}
---
Regarding {{{{ meeting.title }}}} {{{{ meeting.when }}}}.
Start: {{{{ meeting.start.isoformat() }}}}

{{{{ me.signature }}}}
"""
SUBJECTS = {"thank-you": "Thank you", "check-in": "Hello again", "news": "Some news", "follow-up": "Following up"}


def configured(root: Path, zone: str, sources: str) -> Configuration:
    """The configuration as the user wrote it."""
    config = root / "config"
    for folder in ("rules", "templates", "calendar"):
        (config / folder).mkdir(parents=True)
    (config / "afterword.yaml").write_text(SETTINGS.format(me=ME, zone=zone) + sources)
    (config / "rules" / "rules.yaml").write_text(RULES)
    for name, subject in SUBJECTS.items():
        (config / "templates" / f"{name}.md").write_text(NOTE.format(subject=subject))
    loaded = load(config)
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration


class Side(Protocol):
    """The servers of a year, and the household that works with them."""

    calendars: dict[str, CalendarServer]
    mail: MailServer | GmailServer

    def begin(self, year: Year) -> None:
        """Enter what these servers bring to the year besides what all do."""
        ...

    def house(self) -> House:
        """What a cycle makes of the settings."""
        ...

    def show(self, diary: Diary, now: datetime) -> None:
        """The calendars show what is in the diary."""
        ...


class MemorySide:
    """Calendars and mailbox in memory."""

    def __init__(self, root: Path, zone: str, fuse: Fuse) -> None:
        self.calendars = {name: CalendarServer(name, fuse) for name in ("feed", "work")}
        self.mail = MailServer(frozenset({ME}), fuse)
        configuration = configured(root, zone, SOURCES)
        self._house = House(configuration, list(self.calendars.values()), {}, self.mail)

    def begin(self, year: Year) -> None:
        """Nothing more than what all do."""

    def house(self) -> House:
        """See `Side`."""
        return self._house

    def show(self, diary: Diary, now: datetime) -> None:
        """See `Side`."""
        for name, calendar in self.calendars.items():
            calendar.resources = diary.resources(name, now)
