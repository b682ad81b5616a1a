"""Lays the schemas for the user's editor into the configuration: on request alone, and over no file of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from config.editor import SCHEMAS, is_ours, schema_files
from connectors import whole
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 10_000_000


class Laid(NamedTuple):
    """The names of the files that were written, and of those that are not ours and were left alone."""

    written: tuple[str, ...]
    others: tuple[str, ...]


def lay_schemas(folder: Path) -> Laid:
    """Write the schemas of this version where they are missing, and over those of another.

    Raises:
        Failure: the folder cannot be written to (75, 77).
    """
    written: list[str] = []
    others: list[str] = []
    try:
        for name, text in schema_files().items():
            there = _read(folder / name)
            if there is not None and not is_ours(there):
                others.append(name)
            elif there != text:
                (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                whole.write(folder / name, text)
                written.append(name)
    except OSError as error:
        code = ExitCode.PERMISSION_NEEDED if isinstance(error, PermissionError) else ExitCode.CANNOT_NOW
        message = f"{error.filename or folder} cannot be written: {(error.strerror or str(error)).lower()}"
        raise Failure(code, message, "Make the folder writable, or name another one with --config DIR.") from None
    return Laid(tuple(written), tuple(others))


def outdated(folder: Path) -> tuple[str, ...]:
    """The schemas in this folder that another version wrote. Never raises, and writes nothing."""
    try:
        if not (folder / SCHEMAS).is_dir():
            return ()
        there = {name: (_read(folder / name), text) for name, text in schema_files().items()}
    except OSError:
        return ()
    return tuple(name for name, (old, text) in there.items() if old is not None and is_ours(old) and old != text)


def _read(path: Path) -> str | None:
    """The text of a schema; None where there is no such file. Nothing waits for one who writes into a pipe there."""
    if path.exists() and not path.is_file():
        return ""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except FileNotFoundError:
        return None
