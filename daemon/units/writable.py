"""What a user's service writes to, by its configuration; and whether it can do with that alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Maildir, Notify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.load import Configuration

_OPEN_TO_ALL = tuple(map(Path, ("/tmp", "/var/tmp", "/dev/shm")))  # noqa: S108 - which strict.conf gives anew or hides
_WRITE_NOTHING = frozenset({"notify-send", "secret-tool", "cat", "keyctl"})
"""Commands that ask others over a socket, and leave nothing on the disk."""
_OF_GNUPG = frozenset({"pass", "gopass", "gpg", "gpg2"})
"""Commands that lock the keys of GnuPG while they read them."""


def writable(configuration: Configuration, state: Path, runtime: Path | None) -> list[Path]:
    """The folders that it writes to. `runtime` is $XDG_RUNTIME_DIR, where GnuPG's agent has its sockets."""
    places = [state]
    if isinstance(configuration.mailbox, Maildir):
        places.append(Path(configuration.mailbox.maildir))
    if configuration.plan_ics is not None:
        places.append(configuration.plan_ics.parent)
    if any(_name(command) in _OF_GNUPG for command in commands(configuration)):
        places.append(Path.home() / ".gnupg")
        places += [runtime / "gnupg"] if runtime else []
    return list(dict.fromkeys(places))


def why_not(configuration: Configuration, state: Path, program: Iterable[Path]) -> str:
    """Why a service of this configuration cannot do with that: as a sentence goes on after "since"; else empty.

    `program` is where the program lies, all its parts.
    """
    known = _WRITE_NOTHING | _OF_GNUPG
    for command in commands(configuration):
        if _name(command) not in known:
            return f"nobody knows what {command[0]}, a command of yours, has to write to"
    read = [*_files(configuration), configuration.folder, *program]
    for place in (*writable(configuration, state, None), *read):
        if any(place.is_relative_to(one) for one in _OPEN_TO_ALL):
            return f"{place} lies where a strict service has a folder of its own"
    return ""


def commands(configuration: Configuration) -> list[tuple[str, ...]]:
    """The user's own commands that a cycle runs: for passwords, tokens and notices."""
    found = [configuration.notify.command] if isinstance(configuration.notify, Notify) else []
    for one in (*configuration.calendars, *configuration.contacts, configuration.mailbox):
        several = (getattr(getattr(one, name, None), "command", None) for name in ("password", "oauth"))
        found += [tuple(command) for command in several if command]
    return found


def password_files(configuration: Configuration) -> list[Path]:
    """The files beside the configuration that hold a password; each is its owner's alone, or not used."""
    several = (getattr(one, "password", None) for one in
               (*configuration.calendars, *configuration.contacts, configuration.mailbox))  # fmt: skip
    found = [Path(one.file) for one in several if one is not None and one.file is not None]
    return [path for path in found if path.is_relative_to(configuration.folder)]


def _files(configuration: Configuration) -> Iterator[Path]:
    """Files and folders on this machine that the configuration names for reading."""
    for one in (*configuration.calendars, *configuration.contacts):
        for name in ("ics", "vcards", "people"):
            value = getattr(one, name, None)
            if isinstance(value, str) and value.startswith("/"):
                yield Path(value)


def _name(command: tuple[str, ...]) -> str:
    return Path(command[0]).name
