"""An address book that is vCards: a .vcf file, or a folder of them as vdirsyncer and khard keep it."""

from __future__ import annotations

import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Flaw, PermanentError, PermissionNeededError, TransientError
from connectors.contacts.cards import Cards, read_cards
from connectors.local import folders

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    from rules.model import Person

MAX_BYTES = 128 * 1024 * 1024
"""Of all files together; cards with photographs are large."""
MAX_FILES = 50_000
_PATH_HINT = "Check `vcards:` in afterword.yaml, and whether its disk is there."
_MODE_HINT = "Give the user that runs Afterword the right to read it."
_SIZE_HINT = "Export the contacts without their photographs, or split the address book."


class VCards:
    """The people of a .vcf file (any number of cards), or of a folder and the folders in it.

    Hidden files, and names that do not end in .vcf, as those of files being written, are not read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def tag(self) -> str:
        """Names, sizes and times of last change (of the rights, too) of all files; nothing is read.

        Raises:
            ConnectorError: the file or the folder is not there, or may not be read.
        """
        seen = [
            f"{path}\0{one.st_mtime_ns}-{one.st_ctime_ns}-{one.st_size}-{one.st_ino}" for path, one in self._files()
        ]
        return sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        """Everybody with an email address, in the order of the files, and what could not be read.

        Raises:
            ConnectorError: the file or the folder is not there, or may not be read, or is no file of cards at all.
        """
        cards = Cards()
        left = MAX_BYTES
        for path, seen in self._files():
            left -= seen.st_size
            if left < 0:
                said = f"the cards are more than {MAX_BYTES // 1024 // 1024} MiB; from here on they are left out"
                cards.flaws.append(Flaw(said, str(path), hint=_SIZE_HINT, hides=True))
                break
            try:
                _read(path, cards)
            except ConnectorError as error:
                if path == self.path:
                    raise
                cards.flaws.append(Flaw(error.message, str(path), hint=error.hint, hides=True))
        return cards.tagged(), tuple(cards.flaws)

    def places(self) -> Iterable[str]:
        """The file, or the folder and those in it; see `connectors.base.Nearby`."""
        return folders(self.path) if self.path.is_dir() else (str(self.path),)

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        try:
            top = self.path.stat()
            if stat.S_ISREG(top.st_mode):
                return [(self.path, top)]
            if not stat.S_ISDIR(top.st_mode):
                raise PermanentError(f"{self.path} is neither a file nor a folder", _PATH_HINT, file=str(self.path))
            found = _in_folder(self.path)
        except OSError as error:
            raise _told(error, self.path) from error
        if len(found) > MAX_FILES:
            raise PermanentError(f"{self.path} holds more than {MAX_FILES} cards", "Split it.", file=str(self.path))
        return found


def _in_folder(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """The files of the folder and of the folders directly in it, by name."""
    found: list[tuple[Path, os.stat_result]] = []
    for path in sorted(_shown(folder)):
        inner = sorted(_shown(path)) if path.is_dir() else [path]
        for file in (one for one in inner if one.suffix.casefold() == ".vcf"):
            try:
                seen = file.stat()
            except FileNotFoundError:
                continue  # gone since the folder was listed
            if stat.S_ISREG(seen.st_mode):
                found.append((file, seen))
    return found


def _shown(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _read(path: Path, cards: Cards) -> None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _told(error, path) from error
    if len(data) > MAX_BYTES:
        raise PermanentError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MiB", _SIZE_HINT, file=str(path))
    count = len(cards.people), len(cards.groups), len(cards.flaws)
    read_cards(data, str(path), cards)
    if data.strip() and (len(cards.people), len(cards.groups), len(cards.flaws)) == count and not _looks_right(data):
        raise PermanentError(f"{path} holds no vCard", "Export the contacts as vCard (.vcf).", file=str(path))


def _looks_right(data: bytes) -> bool:
    """Whether there is a card at all, in ASCII or UTF-16."""
    return b"BEGIN:VCARD" in data[: 4 * 1024 * 1024].replace(b"\0", b"").upper()


def _told(error: OSError, path: Path) -> ConnectorError:
    """What the system says about a path, as what the user can do about it."""
    where = str(path)
    if isinstance(error, PermissionError):
        return PermissionNeededError(f"{where} may not be read", _MODE_HINT, file=where)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return PermanentError(f"{where} is not there", _PATH_HINT, file=where)
    return TransientError(f"{where} cannot be read: {error.strerror or error}", file=where)
