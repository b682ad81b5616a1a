"""Tries each source that the configuration names once, and changes nothing: `afterword check --connect`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from config.problem import Problem
from config.settings import Maildir
from connectors.base import ConnectorError, Folder
from connectors.calendars.ics import IcsFolder
from connectors.mailboxes.folders import Configured, layout_of
from daemon.connect import Connect
from daemon.logins import Logins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration
    from connectors.base import AddressBook, Calendar, Mailbox
    from rules.model import Person

    Question = Callable[[], tuple[str, tuple[Problem, ...]]]

_SHOWN = {Folder.DRAFTS: "Drafts", Folder.SENT: "Sent", Folder.TRASH: "Trash"}


@runtime_checkable
class NamesFolders(Protocol):
    """A mailbox that can say what its folders are called."""

    def folders(self) -> Mapping[Folder, str]:
        """The names of Drafts, Sent and Trash, where there are such."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """What went wrong, and a line for the user on each source that answered."""

    problems: tuple[Problem, ...]
    found: tuple[str, ...]


def unheard(source: str) -> None:
    """For nobody who waits."""


def trial(configuration: Configuration, state: Path, now: datetime, asking: Callable[[str], None] = unheard) -> Tried:
    """Ask every calendar, address book and the mailbox what they have. A refused password is said again.

    `asking` is called with the name of each before it is asked.
    """
    connect = Connect(configuration, state, logins=Logins(state, configuration.almanac, now, insists=True))
    questions: list[tuple[str, Question]] = [
        (calendar.id, partial(_calendar, calendar)) for calendar in connect.calendars()
    ]
    questions += [(name, partial(_book, name, book)) for name, book in connect.address_books().items()]
    questions.append(("mailbox", partial(_mailbox, configuration, connect.mailbox())))
    problems: list[Problem] = []
    found: list[str] = []
    for source, ask in questions:
        asking(source)
        try:
            line, flaws = ask()
        except ConnectorError as error:
            problems.append(Problem(source, error.file, None, None, error.message, error.hint))
        else:
            found.append(f"{source}: {line}")
            problems.extend(flaws)
    return Tried(tuple(problems), tuple(found))


def _calendar(calendar: Calendar) -> tuple[str, tuple[Problem, ...]]:
    listing = calendar.list({}, "")
    if listing.whole_calendars:
        return "answers", ()
    count = len(listing.tags)
    what = "event file" if isinstance(calendar, IcsFolder) else "event"  # a series is one
    names = getattr(calendar, "called", ())  # of an account with several
    inside = f" in {', '.join(names)}" if names else ""
    return f"{count} {what}{'' if count == 1 else 's'}{inside}", ()


def _book(name: str, book: AddressBook | tuple[Person, ...]) -> tuple[str, tuple[Problem, ...]]:
    people, flaws = (book, ()) if isinstance(book, tuple) else book.people()
    problems = tuple(Problem(name, flaw.file, flaw.line, None, flaw.message, flaw.hint) for flaw in flaws)
    return f"{len(people)} {'person' if len(people) == 1 else 'people'}", problems


def _mailbox(configuration: Configuration, mailbox: Mailbox) -> tuple[str, tuple[Problem, ...]]:
    """Look whole, as a cycle does; and name the folders."""
    seen = mailbox.look("", frozenset())
    one = configuration.mailbox
    if isinstance(mailbox, NamesFolders):
        return _named(mailbox.folders()), ()
    if not isinstance(one, Maildir):
        count = sum(header.folder is Folder.DRAFTS for header in seen.headers)
        return f"answers; {count} {'draft lies' if count == 1 else 'drafts lie'} there", ()
    layout = layout_of(one.path, Configured(one.drafts, one.sent, one.trash))
    named = {box.folder: box.key for box in reversed(layout.boxes) if box.folder is not None}
    named.setdefault(Folder.DRAFTS, f"{layout.drafts.key} (made with the first draft)")
    return _named(named), ()


def _named(folders: Mapping[Folder, str]) -> str:
    return ", ".join(f"{_SHOWN[folder]} is {folders[folder]}" for folder in _SHOWN if folder in folders)
