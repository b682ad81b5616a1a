"""The calendars, address books and mailboxes that other programs keep in a home folder; nothing is opened elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from connectors.base import ConnectorError, Folder
from connectors.mailboxes.folders import Configured, layout_of
from daemon import foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connectors.mailboxes.folders import Layout

_MOST = 20_000
"""Files are counted up to here; what more there is makes no difference to a choice."""
_LARGEST = 32 * 2**20
_EVENT = b"BEGIN:VEVENT"
_MAILS = ("Maildir", "Mail", "mail", ".mail", ".maildir")


@dataclass(frozen=True, slots=True)
class Machine:
    """The home folder, and where programs keep data and settings in it (XDG Base Directory Specification)."""

    home: Path
    data: Path
    config: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """As $XDG_DATA_HOME and $XDG_CONFIG_HOME say; a relative one counts as none."""
        home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path's own fails without a home
        return cls(
            home,
            _absolute(environment.get("XDG_DATA_HOME")) or home / ".local" / "share",
            _absolute(environment.get("XDG_CONFIG_HOME")) or home / ".config",
        )

    def written(self, path: Path) -> str:
        """The path as a person writes it: from `~` on where it is in the home folder."""
        return f"~/{path.relative_to(self.home)}" if path.is_relative_to(self.home) else str(path)


@dataclass(frozen=True, slots=True)
class Found:
    """A place as the settings take it, and what it is in a few words; `lesser` ones are seldom what is meant."""

    path: str
    about: str
    lesser: bool = False


def calendars(machine: Machine) -> tuple[Found, ...]:
    """Calendars with something in them: folders of .ics files first, then the single files of desktop programs.

    Those that khal and vdirsyncer are told of, the usual folders, those of Evolution and GNOME, and of KOrganizer.
    Thunderbird keeps its own in a database that is no iCalendar.
    """
    named = [*foreign.khal(machine.config, machine.home), *foreign.vdirsyncer(machine.config, machine.home, ".ics")]
    usual = [machine.home / name for name in (".calendars", ".calendar", "Calendars", "calendars")]
    usual += [machine.data / name for name in ("calendars", "khal/calendars", "vdirsyncer/calendars", "vdirsyncer")]
    return (*_holding(machine, [*named, *usual], ".ics", "event file"), *_of_desktops(machine))


def address_books(machine: Machine) -> tuple[Found, ...]:
    """Folders with vCards: those that khard and vdirsyncer are told of, the usual ones, and that of KAddressBook."""
    named = [*foreign.khard(machine.config, machine.home), *foreign.vdirsyncer(machine.config, machine.home, ".vcf")]
    usual = [machine.home / name for name in (".contacts", "Contacts", "contacts")]
    usual += [machine.data / name for name in ("contacts", "vdirsyncer/contacts")]
    return tuple(_holding(machine, [*named, *usual], ".vcf", "card"))


def mailboxes(machine: Machine) -> tuple[Found, ...]:
    """The Maildirs in the usual folders, or the accounts in them as mbsync lays them out; those with Drafts first."""
    found: list[tuple[bool, Found]] = []
    for root in _distinct([*(machine.home / name for name in _MAILS), machine.data / "mail"]):
        layout = _layout(root)
        inside = [] if layout else [(path, one) for path in _folders(root) if (one := _layout(path)) and one.exists]
        accounts = [(root, layout)] if layout else inside
        found += [(one.exists, Found(machine.written(path), _mailbox(one))) for path, one in accounts]
        if not accounts and _is_mailbox(root):
            found.append((False, Found(machine.written(root), "no folder there is known as Drafts", lesser=True)))
    return tuple(one for _, one in sorted(found, key=lambda pair: not pair[0]))


def _of_desktops(machine: Machine) -> Iterator[Found]:
    evolution = sorted(machine.data.glob("evolution/calendar/*/calendar.ics"))
    organizer = [*machine.data.glob("korganizer/*.ics"), *machine.data.glob("apps/korganizer/*.ics")]
    for path in _distinct([*evolution, *sorted(organizer)]):
        if number := _events(path):
            name = foreign.evolution_name(machine.config, path.parent.name) if path in evolution else "KOrganizer"
            yield Found(machine.written(path), f"{_numbered(number, 'event')}, {name}", lesser=True)


def _holding(machine: Machine, paths: Iterable[Path], ending: str, what: str) -> Iterator[Found]:
    """The folders that have such files; none that is read together with the folder around it."""
    numbers = {path: number for path in _distinct(paths) if (number := _files(path, ending))}
    for path, number in numbers.items():
        if numbers.get(path.parent, 0) < number:
            yield Found(machine.written(path), _numbered(number, what))


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """Each place once, whatever links lead there, without those whose name no settings can hold."""
    kept: dict[tuple[int, int], Path] = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        if str(path).isprintable():
            kept.setdefault((status.st_dev, status.st_ino), path)
    return list(kept.values())


def _files(folder: Path, ending: str) -> int:
    """How many files that end so the connectors would read there: in the folder, and in those directly inside it."""
    names = (entry.name for place in (folder, *_folders(folder)) for entry in _entries(place))
    return sum(1 for name in islice(names, _MOST) if name.endswith(ending) and not name.startswith("."))


def _events(path: Path) -> int:
    try:
        if not path.is_file():  # a pipe would have us wait
            return 0
        with path.open("rb") as stream:
            return stream.read(_LARGEST).count(_EVENT)
    except OSError:
        return 0


def _layout(root: Path) -> Layout | None:
    """The folders of a Maildir in which drafts can be laid; None where there is none, or no telling which is Drafts."""
    try:
        layout = layout_of(root, Configured())
    except (ConnectorError, OSError):
        return None
    return layout if layout.boxes else None


def _is_mailbox(root: Path) -> bool:
    return any((place / "cur").is_dir() for place in (root, *_folders(root)))


def _mailbox(layout: Layout) -> str:
    mails = (
        entry
        for box in layout.boxes
        if box.folder is not Folder.DRAFTS
        for part in ("cur", "new")
        for entry in _entries(box.path / part)
    )
    number = _numbered(sum(1 for _ in islice(mails, _MOST)), "mail")
    drafts = f"Drafts is {layout.drafts.key or 'the inbox'}"
    return f"{number}, {drafts}{'' if layout.exists else ' (made with the first draft)'}"


def _numbered(number: int, what: str) -> str:
    many = f"{number:,}" if number < _MOST else f"more than {_MOST:,}"
    return f"{many} {what}{'' if number == 1 else 's'}"


def _folders(folder: Path) -> list[Path]:
    return sorted(Path(entry.path) for entry in _entries(folder) if not entry.name.startswith(".") and entry.is_dir())


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What is in a folder; nothing where there is none, or one that is closed to us."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _absolute(written: str | None) -> Path | None:
    return Path(written) if written and Path(written).is_absolute() else None
