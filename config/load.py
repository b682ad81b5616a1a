"""Reads the folder of the configuration, and makes one `Configuration` of it, or all its problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.sources import Sources, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config.problem import Problem
    from config.settings import CalendarSettings, ContactSettings, MailboxSettings, Notify, Settings
    from rules.language import Courtesy, Rule
    from rules.model import Me, Person
    from rules.templates import Templates
    from rules.timing import Almanac, Duration

__all__ = ["Configuration", "Loaded", "Sources", "load", "parse", "read"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the user wrote, checked: nothing in it needs a second look.

    `calendars`, `contacts` and `mailbox` are the settings with absolute paths. `people` holds those of each
    people file, by the path that its entry in `contacts` has.
    """

    folder: Path
    settings: Settings
    me: Me
    almanac: Almanac
    calendars: tuple[CalendarSettings, ...]
    contacts: tuple[ContactSettings, ...]
    mailbox: MailboxSettings
    courtesy: Courtesy
    notify: Notify | None
    poll: Duration
    backfill: Duration
    rules: tuple[Rule, ...]
    templates: Templates
    people: Mapping[str, tuple[Person, ...]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The outcome: `configuration` is None exactly when there are problems."""

    configuration: Configuration | None
    problems: tuple[Problem, ...]
    sources: Sources


def load(folder: Path) -> Loaded:
    """What the folder says now. Never raises for anything that is in it."""
    return parse(read(folder), folder)


def parse(sources: Sources, folder: Path) -> Loaded:
    """What these texts say; `folder` is where relative paths start. Reads no file."""
    raise NotImplementedError
