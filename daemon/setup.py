"""Lays the files of a first configuration down: each whole or not at all, and none over one that is there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.init import names, starter
from config.load import Sources, parse
from config.sources import RULES, SETTINGS, TESTS
from daemon.failure import ExitCode, Failure
from daemon.schemas import lay_schemas

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from config.init import Answers


@dataclass(frozen=True, slots=True)
class There:
    """What of the starter files is there already; of the rules no file is missed where there is any."""

    names: tuple[str, ...]
    missing: tuple[str, ...]
    rules: bool

    @property
    def settings(self) -> bool:
        """Whether the settings are there: then no answer would be written."""
        return SETTINGS in self.names


def there(folder: Path) -> There:
    """Look at the folder before anything is asked or written."""
    rules = any((folder / RULES).glob("*.yaml"))
    found = [name for name in names() if os.path.lexists(folder / name)]  # a link that leads nowhere is one, too
    missing = [name for name in names() if name not in found and not name.startswith(f"{RULES}/")]
    return There(tuple(found), tuple(missing), rules)


def lay(folder: Path, answers: Answers | None, rules: Collection[str]) -> tuple[str, ...]:
    """Write the starter files, of the rules and their tests only those named, and the calendar's own folder.

    Without answers the settings are left as they are. The names of the files that were written; none was overwritten,
    but for the schemas of another version.

    Raises:
        Failure: the answers make no configuration that works (2), or a file cannot be written (75, 77).
    """
    files = {name: text for name, text in starter(answers).items() if _wanted(name, rules)}
    if answers is not None:
        _refuse_what_does_not_work(files, folder)
    written: list[str] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in files.items():
            if _is_of_ours(name, files, folder):
                written += [name] if _write(folder / name, text) else []
        if answers is not None and _ours(answers.calendar):
            (folder / answers.calendar).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        code = ExitCode.PERMISSION_NEEDED if isinstance(error, PermissionError) else ExitCode.CANNOT_NOW
        message = f"{error.filename or folder} cannot be written: {(error.strerror or str(error)).lower()}"
        hint = "Make the folder writable, or name another one with --config DIR; what was written stays."
        raise Failure(code, message, hint) from None
    return (*written, *lay_schemas(folder).written)


def _ours(calendar: str) -> bool:
    """Whether this is a folder inside the configuration's: an empty one is an empty calendar, and no problem."""
    return calendar.endswith("/") and "://" not in calendar and not calendar.startswith(("/", "~", ".."))


def _wanted(name: str, rules: Collection[str]) -> bool:
    return not name.startswith("rules/") or Path(name).stem in rules


def _is_of_ours(name: str, files: Mapping[str, str], folder: Path) -> bool:
    """Whether a file is no test, or a test of a rule file that is as we wrote it: what you changed may do otherwise."""
    if not name.startswith(f"{TESTS}/"):
        return True
    rules = f"{RULES}/{Path(name).name}"
    try:
        return (folder / rules).read_text("utf-8") == files[rules]
    except (OSError, UnicodeDecodeError):
        return False


def _refuse_what_does_not_work(files: Mapping[str, str], folder: Path) -> None:
    loaded = parse(Sources(files), folder)
    if loaded.problems:
        raise Failure(
            ExitCode.USAGE,
            "with these answers the configuration would not work; nothing was written",
            "See `afterword init --help`.",
            loaded.problems,
            texts=files,
        )


def _write(path: Path, text: str) -> bool:
    """Write the file whole under its name, unless something of that name is there; whether it was written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with half.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        # A link, unlike a rename, does not take the place of what is there.
        os.link(half, path)
    except FileExistsError:
        return False
    finally:
        half.unlink(missing_ok=True)
    return True
