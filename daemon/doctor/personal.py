"""The second line: what the user, the machine and the ledger call things, looked for in the finished report.

The first line is that a report can only be made of numbers and of words of our own. This one does not trust it: each
word of the report that is neither is looked for in all that may be personal; a text of three words or more as a whole.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.doctor.leaf import Ours
from daemon.doctor.machine import requirements
from daemon.doctor.vocabulary import own_words, tokens
from daemon.ledger.store import NAME, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from config.files import Plain
    from daemon.doctor.leaf import Section
    from daemon.doctor.shape import Written

_SHORT_NUMBER = re.compile(r"[0-9]{1,6}")
_PHRASE = 3
_LARGEST = 16 << 20
_OWN_TEXT = frozenset({"why", "cause", "problem", "problems", "statement"})
"""Columns in which the program itself wrote sentences: their words are looked for, but no whole sentence is."""


def leaks(text: str, report: Sequence[Section], written: Written, config: Path, state: Path) -> list[str]:
    """In which places stands something that the finished text has as well; nothing where all is well."""
    known = own_words() | _of_source(report) | {token for one in requirements() for token in tokens(one)}
    there = tokens(text)
    suspects = {token for token in there if token not in known and not _SHORT_NUMBER.fullmatch(token)}
    line = f" {' '.join(there)} "
    found: dict[str, None] = {}
    for place, one, is_phrase in _everything(written, config, state):
        words = tokens(one)
        if not suspects.isdisjoint(words) or (is_phrase and len(words) >= _PHRASE and f" {' '.join(words)} " in line):
            found[place] = None
    return list(found)


def _of_source(report: Sequence[Section]) -> set[str]:
    """The words of what was found in our own source."""
    leaves = [leaf for section in report for _, leaf in section.facts]
    leaves += [leaf for section in report for _, table in section.tables for row in table.rows for leaf in row]
    return {token for leaf in leaves if isinstance(leaf, Ours) for token in tokens(leaf)}


def _everything(written: Written, config: Path, state: Path) -> Iterator[tuple[str, str, bool]]:
    """All that may be personal, with the place where it stands, and whether it is a text of the user's own."""
    for one in _of_machine(config, state):
        yield "this machine", one, True
    for name, text in written.files.items():
        yield "the configuration", f"{name}\n{text}", False
    for _, data in written.data():
        yield from (("the configuration", one, True) for one in _scalars(data))
    for path in _files(config, ("*",)):
        yield "the files of the configuration", str(path.relative_to(config)), False
        if path.suffix in {".vcf", ".ics"}:
            yield "the files of the configuration", _read(path), False
    for path in _files(state, ("*.json", "parsing")):
        yield "the state folder", _read(path), False
    yield from (("the address books", _read(path), False) for path in _books(written))
    yield from _of_ledger(state / NAME)


def _of_machine(config: Path, state: Path) -> Iterator[str]:
    """Names of the user and of the machine; the folders, word by word."""
    with suppress(OSError, KeyError, ImportError):
        yield getpass.getuser()
    with suppress(OSError):
        yield socket.gethostname()
    for name in ("HOME", "USER", "LOGNAME", "EMAIL", "HOSTNAME", "SUDO_USER"):
        yield os.environ.get(name, "")
    for path in (config, state):
        yield str(path)


def _scalars(data: Plain) -> Iterator[str]:
    waiting: list[Plain] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            yield value


def _files(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    with suppress(OSError):
        for pattern in patterns:
            yield from (path for path in folder.rglob(pattern) if path.is_file() and ".git" not in path.parts)


def _books(written: Written) -> Iterator[Path]:
    """The vCards that the settings name, wherever they lie."""
    configuration = written.loaded.configuration
    for entry in configuration.contacts if configuration is not None else ():
        path = getattr(entry, "vcards", None)
        if path is not None:
            yield from [Path(path)] if Path(path).is_file() else _files(Path(path), ("*.vcf",))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _of_ledger(file: Path) -> Iterator[tuple[str, str, bool]]:
    """Every text in every table, as far as it can be read."""
    if not file.is_file():
        return
    with suppress(Exception), closing(readable(file)) as raw:
        raw.text_factory = lambda data: data.decode("utf-8", "replace")
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            with suppress(sqlite3.Error):
                rows = raw.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a name of the file's own
                columns = [column[0] for column in rows.description]
                for row in rows:
                    for column, value in zip(columns, row, strict=True):
                        told = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                        if isinstance(told, str):
                            yield "the ledger", told, column not in _OWN_TEXT
