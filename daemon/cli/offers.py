"""What `afterword init` offers for an answer: what is found on this machine, and the provider of the addresses."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from daemon.cli import accounts, starters
from daemon.cli.doubts import CALENDAR, google_calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.discover import Found

_GMAIL = "gmail"
_OURS = "a new folder for .ics files"
_PARTS = re.compile(r"[,\s]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that has a number, and what it is; of those that are `local` several can be taken."""

    answer: str
    about: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """What was found; without a search, nothing but what follows from the answers."""

    calendars: tuple[Found, ...] = ()
    books: tuple[Found, ...] = ()
    mailboxes: tuple[Found, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_this_machine(cls) -> Self:
        """Look around in the home folder."""
        from daemon import discover  # noqa: PLC0415 - `init --help` needs nothing of it

        machine = discover.Machine.of(os.environ)
        found = discover.calendars(machine), discover.address_books(machine), discover.mailboxes(machine)
        return cls(*found, starters.abouts())

    def choices(self, name: str, answers: Mapping[str, str]) -> tuple[Choice, ...]:
        """The answers that have a number, the likeliest first; none where there is nothing to choose from."""
        if name == "calendar":
            return (*_around(self.calendars, accounts.likely(name, answers)), Choice(CALENDAR, _OURS))
        if name == "maildir":
            at_google = google_calendar(answers.get("calendar", ""))
            return _around(self.mailboxes, _GMAIL if at_google else accounts.likely(name, answers))
        if name == "vcards":
            return _around(self.books, "")
        return tuple(Choice(rule, about) for rule, about in self.rules.items()) if name == "rules" else ()

    def default(self, name: str, answers: Mapping[str, str]) -> str:
        """What Enter takes; empty where nobody can tell."""
        if name == "rules":
            return starters.FIRST
        if name == "google_contacts":
            return "n"
        choices = self.choices(name, answers)
        if choices:
            return choices[0].answer
        return accounts.NONE if name == "vcards" else accounts.likely(name, answers)

    def local(self, name: str) -> str:
        """What is found on this machine, for where nobody is asked; empty where nothing is."""
        return next((one.answer for one in self.choices(name, {}) if one.local), "")


def picked(text: str, choices: tuple[Choice, ...], *, several: bool = False) -> list[str]:
    """The answers of these numbers; anything else is one answer, as it was written.

    Raises:
        ValueError: there is no such number, or only one can be taken.
    """
    parts = [part for part in _PARTS.split(text) if part]
    if not choices or not parts or not all(part.isascii() and part.isdecimal() for part in parts):
        return [text]
    if wrong := [part for part in parts if not 1 <= int(part) <= len(choices)]:
        raise ValueError(f"there is no {wrong[0]} in the list; it goes from 1 to {len(choices)}")
    taken = list({int(part): choices[int(part) - 1] for part in parts}.values())
    if len(taken) > 1 and not (several and all(one.local for one in taken)):
        alone = next((one.answer for one in taken if several and not one.local), "")
        raise ValueError(f"{alone or 'one of them'} can only be taken alone")
    return [one.answer for one in taken]


def _around(found: tuple[Found, ...], provider: str) -> tuple[Choice, ...]:
    """What is found, the provider before what is seldom meant."""
    first = [Choice(one.path, one.about, local=True) for one in found if not one.lesser]
    last = [Choice(one.path, one.about, local=True) for one in found if one.lesser]
    return (*first, *([Choice(provider, "at your provider")] if provider else []), *last)
