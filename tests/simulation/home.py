"""The user's configuration in a year: two rules, four templates, two calendars, a mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.load import load
from daemon.view import House
from tests.simulation.diary import ME
from tests.simulation.weather import CalendarServer, MailServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.machine import Fuse

SETTINGS = """\
version: 1
me: {{name: Robin Vale, emails: [{me}], time_zone: {zone}, signature: Robin}}
calendars: [{{id: feed, ics: calendar/}}, {{id: work, ics: calendar/}}]
mailbox: {{maildir: ../Mail}}
courtesy: {{min_gap: 5 days, per_day: 8, per_organisation: 3 per week, one_open_draft: true}}
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


def house(root: Path, zone: str, fuse: Fuse) -> tuple[House, dict[str, CalendarServer], MailServer]:
    """The configuration as the user wrote it, and the servers that it speaks to."""
    config = root / "config"
    for folder in ("rules", "templates", "calendar"):
        (config / folder).mkdir(parents=True)
    (config / "afterword.yaml").write_text(SETTINGS.format(me=ME, zone=zone))
    (config / "rules" / "rules.yaml").write_text(RULES)
    for name, subject in SUBJECTS.items():
        (config / "templates" / f"{name}.md").write_text(NOTE.format(subject=subject))
    loaded = load(config)
    assert loaded.configuration is not None, loaded.problems
    calendars = {name: CalendarServer(name, fuse) for name in ("feed", "work")}
    mail = MailServer(frozenset({ME}), fuse)
    return House(loaded.configuration, list(calendars.values()), {}, mail), calendars, mail
