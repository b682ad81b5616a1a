"""A household as its user configured it, and what the user sees of it."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.message import content
from daemon.cli import run_command
from daemon.ledger import Ledger
from daemon.sight import house_of
from daemon.view import view
from tests.build import at
from tests.house import Household, configured, event

if TYPE_CHECKING:
    from typing import Unpack

    from config.problem import Problem
    from daemon.view import House
    from rules.history import Record, State
    from tests.fields import EventFields

THANKS = """\
rules:
  - id: soft
    when: {title: [coffee, chat]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
"""
CHECK_INS = """\
rules:
  - id: soft
    when: {title: [coffee, chat]}
    steps:
      - {id: check-in, template: [check-in, news], every: 6 weeks, at_most: 4}
"""


def settings(calendars: str = "{id: feed, ics: calendar/}", more: str = "", mailbox: str = "{maildir: ../Mail}") -> str:
    """The settings of Robin, with these calendars and whatever else is said."""
    return (
        "version: 1\n"
        "me: {name: Robin Vale, emails: [robin@example.org, robin@work.example], time_zone: Europe/Lisbon,"
        " signature: Robin}\n"
        f"calendars: [{calendars}]\ncontacts: [{{people: people.yaml}}]\nmailbox: {mailbox}\n{more}"
    )


def rule(name: str = "soft", step: str = "thank-you", **fields: str) -> str:
    """A rule file with one rule and one step; a field is written as it stands in the file."""
    when = fields.pop("when", "{title: [coffee, chat]}")
    given = {"template": "thank-you", "after": "2 hours", "by": "24 hours"} | fields
    said = ", ".join(f"{key}: {value}" for key, value in given.items() if value)
    return f"rules:\n  - id: {name}\n    when: {when}\n    steps:\n      - {{id: {step}, {said}}}\n"


def coffee(
    home: Home, *people: str, start: str = "2026-03-03 10:00", name: str = "coffee", **fields: Unpack[EventFields]
) -> None:
    """A coffee with these people stands in the calendar."""
    home.put(name, event(name, start, *people, **fields))


@dataclass(frozen=True)
class Home(Household):
    """Everything is made from the settings, as the command does it; the methods tell what a user would see."""

    def house(self) -> House:
        return house_of(configured(self.root / "config"), self.state, write=True)

    def cycles(self, *moments: str) -> None:
        for moment in moments:
            self.once(moment)

    def to(self) -> list[str]:
        """The addresses of the drafts that lie there, one for each draft."""
        return sorted(str(draft["To"]).rpartition("<")[2].rstrip(">") for draft in self.drafts())

    def text(self) -> str:
        """The words of the one draft that lies there."""
        (path,) = self.files(".Drafts")
        return content(path.read_bytes()).text

    def id(self) -> str:
        """The Message-ID of the one draft that lies there."""
        (draft,) = self.drafts()
        return str(draft["Message-ID"])

    def folder(self, name: str) -> None:
        """Make a mail folder."""
        self._ensure(name)

    def records(self) -> list[Record]:
        with Ledger.open(self.state, write=False) as ledger:
            return sorted(ledger.records(), key=lambda record: (record.due, record.id))

    def states(self) -> list[State]:
        return [record.state for record in self.records()]

    def record(self) -> Record:
        (record,) = self.records()
        return record

    def causes(self) -> list[str]:
        """What `show` tells of the one follow-up: the cause of each change, in order."""
        with Ledger.open(self.state, write=False) as ledger:
            return [event.cause for event in ledger.events(self.record().id)]

    def standing(self, when: str) -> list[Problem]:
        """What `status` tells of the sources, though it is no news."""
        with Ledger.open(self.state, write=False) as ledger:
            return view(self.house(), ledger, at(when), at(when)).standing

    def command(self, *arguments: str, when: str) -> tuple[int, Any, str]:
        """The command, in this process: its exit code, its JSON, and what it said to the user."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        given = ["--config", str(self.root / "config"), "--state", str(self.state), *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run_command([*given, "--at", at(when).isoformat(), "--json"])
            out.flush()
        told = out.buffer.getvalue().decode()
        return code, json.loads(told) if told else None, err.getvalue()

    def raw(self, name: str, data: bytes) -> None:
        """A file of the calendar, byte by byte."""
        (self.root / "config" / "calendar" / name).write_bytes(data)
