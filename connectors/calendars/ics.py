"""Calendars that are plain iCalendar: a file, a folder of files, an address on the web."""

from __future__ import annotations

import json
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Listing, PermanentError, PermissionNeededError, TransientError
from connectors.calendars import sheet
from connectors.local import folders
from connectors.retry import again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from connectors.calendars.download import Answer

_MOUNT_HINT = "Check the path in afterword.yaml, and whether its disk is there."
_MODE_HINT = "Give the user that runs Afterword the right to read it."


class IcsFile:
    """One .ics file with a whole calendar in it."""

    def __init__(self, id: str, path: Path) -> None:  # noqa: A002 - the field of the protocol
        self.id = id
        self.path = path

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - a file needs no memory
        """The file, by the time of its last change, its size and its inode.

        Raises:
            ConnectorError: it is not there, is no file, or may not be read.
        """
        with _told(self.path):
            found = self.path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise PermanentError(f"{self.path} is not a file", _MOUNT_HINT, file=str(self.path))
        return Listing({self.path.name: _tag(found)}, whole_calendars=True)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """The bytes of the file, or why it cannot be read just now."""
        for name in names:
            yield name, _read(self.path)

    def places(self) -> Iterable[str]:
        """The file; see `connectors.base.Nearby`."""
        return (str(self.path),)


class IcsFolder:
    """A folder of .ics files: a vdir as vdirsyncer and khal keep it, or exports that the user put there.

    The files of the folder and of the folders in it (khal's collections) are read; hidden ones, and names that
    do not end in .ics, as those of files being written, are not.
    """

    def __init__(self, id: str, path: Path) -> None:  # noqa: A002 - the field of the protocol
        self.id = id
        self.path = path

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - a folder needs no memory
        """All files by their path in the folder. An empty folder is an empty calendar.

        Raises:
            ConnectorError: the folder, or one in it, is not there or may not be read.
        """
        return Listing({name: _tag(found) for name, (_, found) in self._files().items()})

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """The bytes of these files; one that cannot be read says so and hinders no other."""
        try:
            files = self._files()
        except ConnectorError as error:
            yield from ((name, error) for name in names)
            return
        for name in names:
            if name in files:
                yield name, _read(Path(files[name][0]))
            else:
                yield name, TransientError(f"{name} is no longer in {self.path}", file=name)

    def places(self) -> Iterable[str]:
        """The folder and those in it; see `connectors.base.Nearby`."""
        return folders(self.path)

    def _files(self) -> dict[str, tuple[str, os.stat_result]]:
        found: dict[str, tuple[str, os.stat_result]] = {}
        for entry in _entries(self.path):
            if _is_calendar(entry):
                _add(found, entry, "")
            elif entry.is_dir() and not (entry.is_symlink() and self.path.resolve().is_relative_to(_resolved(entry))):
                for inner in _entries(Path(entry.path)):
                    if _is_calendar(inner):
                        _add(found, inner, f"{entry.name}/")
        return found


class IcsAddress:
    """A calendar that is published at an http, https or webcal address."""

    def __init__(
        self,
        id: str,  # noqa: A002 - the field of the protocol
        address: str,
        *,
        local: bool = False,
        seconds: float = 30.0,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.id = id
        scheme, colon, rest = address.partition(":")
        self.address = f"https:{rest}" if colon and scheme.casefold() in {"webcal", "webcals"} else address
        self.local = local
        self.seconds = seconds
        self.pause = pause
        self._body: bytes | None = None

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        """Ask whether the calendar has changed, and keep what came for `read`.

        `note` holds the validators of the last answer (ETag, Last-Modified; RFC 9110 section 8.8).

        Raises:
            ConnectorError: there was no answer, or one that is no whole calendar.
        """
        memory = _memory(note)
        name = "calendar"
        asked = {"If-None-Match": memory["etag"], "If-Modified-Since": memory["modified"]}
        unchanged = bool(memory["tag"]) and known.get(name) == memory["tag"]
        answer = self._ask({key: value for key, value in asked.items() if value} if unchanged else {})
        if answer.body is None:
            if not unchanged:
                raise TransientError("the server says that nothing has changed, without being asked")
            return Listing({name: memory["tag"]}, note, whole_calendars=True)
        sheet.check(answer.body)
        self._body = answer.body
        tag = sha256(answer.body).hexdigest()
        told = {"etag": answer.etag, "modified": answer.modified, "tag": tag}
        return Listing({name: tag}, json.dumps(told), whole_calendars=True)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """The bytes that the last listing brought, or those that are there now."""
        for name in names:
            try:
                yield name, self._body if self._body is not None else self._fetch()
            except ConnectorError as error:
                yield name, error

    def _fetch(self) -> bytes:
        answer = self._ask({})
        if answer.body is None:
            raise TransientError("the server says that nothing has changed, without being asked")
        sheet.check(answer.body)
        self._body = answer.body
        return answer.body

    def _ask(self, headers: Mapping[str, str]) -> Answer:
        from connectors.calendars.download import Bounds, download  # noqa: PLC0415 - files need no HTTP

        bounds = Bounds(sheet.MAX_BYTES, self.seconds)
        return again(lambda: download(self.address, headers, bounds, local=self.local), self.pause)


def _memory(note: str) -> dict[str, str]:
    try:
        told = json.loads(note or "{}")
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return {key: str(told.get(key, "")) for key in ("etag", "modified", "tag")}


class _told:  # noqa: N801 - reads as a sentence: with _told(path)
    """Turns what the system says about a path into what the user can do about it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise _as_connector_error(error, self.path) from error


def _as_connector_error(error: OSError, path: Path) -> ConnectorError:
    where = str(path)
    if isinstance(error, PermissionError):
        return PermissionNeededError(f"{where} may not be read", _MODE_HINT, file=where)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return PermanentError(f"{where} is not there", _MOUNT_HINT, file=where)
    return TransientError(f"{where} cannot be read: {error.strerror or error}", file=where)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with _told(folder), os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)


def _is_calendar(entry: os.DirEntry[str]) -> bool:
    """A file, or a link whatever it leads to: that its disk is away must not look as if it were deleted."""
    return entry.name.casefold().endswith(".ics") and (entry.is_file(follow_symlinks=False) or entry.is_symlink())


def _resolved(entry: os.DirEntry[str]) -> Path:
    return Path(entry.path).resolve()


def _add(found: dict[str, tuple[str, os.stat_result]], entry: os.DirEntry[str], folder: str) -> None:
    """Take a file into the listing under a name that can be written down, whatever bytes are in it."""
    try:
        seen = entry.stat()
    except OSError as error:
        if not entry.is_symlink() and isinstance(error, FileNotFoundError):
            return  # gone since the folder was listed
        with _told(Path(entry.path)):
            seen = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(seen.st_mode) or stat.S_ISFIFO(seen.st_mode):
        return
    name = f"{folder}{entry.name}"
    if not name.isascii():
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    found[name] = (entry.path, seen)


def _tag(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}-{found.st_ino}"


def _read(path: Path) -> bytes | ConnectorError:
    """The bytes of a file, if it stayed the same while they were read."""
    try:
        # Not waiting for a writer, should the file have become a pipe.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > sheet.MAX_BYTES:
                return sheet.too_large(before.st_size)
            data = file.read(sheet.MAX_BYTES + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        return _as_connector_error(error, path)
    if _tag(before) != _tag(after):
        return TransientError(f"{path} was being written; it is read again the next time", file=str(path))
    return data
