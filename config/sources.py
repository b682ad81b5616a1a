"""The texts of a configuration: read from its folder with caps, and kept as the last good one."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.files import read_yaml
from config.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.files import Document
    from config.files import Path as Way

SETTINGS = "afterword.yaml"
RULES = "rules"
TEMPLATES = "templates"
TESTS = "rules/tests"
"""Tests of the rules: no part of a configuration, and read for `afterword test` alone."""
LARGEST = 1_000_000
"""No file of a configuration is larger than this, in bytes."""
MOST_FILES = 1000
"""No folder of a configuration has more files than this."""

INIT = "run `afterword init` to begin with one that works"
"""The remedy where there is no configuration; said where a file of it lacks, too."""
_WORDS = {
    FileNotFoundError: "there is no such file",
    PermissionError: "the file may not be read",
    IsADirectoryError: "this is a folder, and a file is wanted",
    NotADirectoryError: "there is no such file",
}
_REMEDIES = {
    PermissionError: "give yourself the right to read it (`chmod u+r`; a service of the machine: `chmod o+rX`)",
    FileNotFoundError: "write the file, or take its name out",
    IsADirectoryError: "move the folder away, and write a text file of this name",
}
_OTHER_TEXTS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""How files in other encodings begin; some editors call this one `Unicode`."""


class _Endings(NamedTuple):
    """How the names of files end, and how they do not though somebody may think so."""

    right: str
    wrong: tuple[str, ...]


_YAML = _Endings(".yaml", (".yml",))
_MARKDOWN = _Endings(".md", (".markdown", ".txt"))


@dataclass(frozen=True)
class Sources:
    """The texts by their names relative to the folder, `/` between the parts, and what could not be read.

    A people file outside the folder goes by the name that the settings give it.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> str:
        """One text, for the state folder. Equal sources give equal texts."""
        problems = [problem.as_json() for problem in self.problems]
        return json.dumps({"files": dict(self.files), "problems": problems}, ensure_ascii=True, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Sources:
        """The sources that `to_json` wrote.

        Raises:
            ValueError: the text is not from `to_json`.
        """
        try:
            found = json.loads(text)
            files = {str(name): str(content) for name, content in found["files"].items()}
            return cls(files, tuple(Problem(**problem) for problem in found["problems"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("the kept configuration cannot be read") from error

    def within(self, folder: str, ending: str) -> Iterator[tuple[str, str]]:
        """Name and text of the files of one folder, sorted by name."""
        for name in sorted(self.files):
            if name.startswith(f"{folder}/") and name.endswith(ending) and name.count("/") == 1:
                yield name, self.files[name]


class _UnreadableError(Exception):
    """A file that cannot be taken; message and remedy for the user."""

    def __init__(self, message: str, hint: str | None, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line
        self.column = column


def read(folder: Path) -> Sources:
    """All texts of the configuration in this folder. Never raises: what cannot be read becomes a problem."""
    if not folder.is_dir():
        problem = Problem(None, SETTINGS, None, None, f"there is no configuration folder {_shown(folder)}", INIT)
        return Sources(problems=(problem,))
    files: dict[str, str] = {}
    problems: list[Problem] = []
    _take(folder / SETTINGS, SETTINGS, files, problems)
    for place, endings in ((RULES, _YAML), (TEMPLATES, _MARKDOWN)):
        _take_all(folder, place, endings, files, problems)
    _people(folder, files, problems)
    return Sources(files, tuple(problems))


def read_tests(folder: Path) -> Sources:
    """The texts of the rule tests in this folder of a configuration. Never raises; there may be none."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    _take_all(folder, TESTS, _YAML, files, problems)
    return Sources(files, tuple(problems))


def read_file(path: Path, name: str) -> Sources:
    """The text of one file, by the name that it is to have in messages. Never raises."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    _take(path, name, files, problems)
    return Sources(files, tuple(problems))


def people_key(name: str) -> str:
    """The name by which a people file of the settings stands in `Sources.files`."""
    return os.path.normpath(name)


def absolute(folder: Path, name: str) -> Path:
    """A path of the settings: `~` is the home, and relative ones start at the folder of the configuration."""
    return Path(os.path.abspath(folder / os.path.expanduser(name)))  # noqa: PTH100, PTH111 - Path's own may raise, and follow links


def people_files(document: Document) -> Iterator[tuple[Way, str]]:
    """The people files that the settings name, with the place of each name, checked or not."""
    contacts = document.value(("contacts",))
    for number in range(len(contacts) if isinstance(contacts, list) else 0):
        way = ("contacts", number, "people")
        name = document.value(way)
        if isinstance(name, str) and name.strip():
            yield way, name


def _people(folder: Path, files: dict[str, str], problems: list[Problem]) -> None:
    document, _ = read_yaml(files.get(SETTINGS, ""), SETTINGS)
    for way, name in people_files(document) if document else ():
        key = people_key(name)
        if key in files:
            continue
        try:
            files[key] = _text(absolute(folder, name))
        except _UnreadableError as error:
            if error.line is None and document:
                problems.append(document.problem(way, f"{key}: {error.message}", error.hint))
            else:
                problems.append(Problem(None, key, error.line, error.column, error.message, error.hint))


def _take_all(folder: Path, place: str, endings: _Endings, files: dict[str, str], problems: list[Problem]) -> None:
    """All files of one folder of the configuration that end so; those that end like a mistake are problems."""
    for name in _names(folder / place, place, problems):
        shown = _shown(Path(place, name))
        if name.endswith(endings.right):
            _take(folder / place / name, shown, files, problems)
        elif name.endswith(endings.wrong):
            message = f"files in {place}/ end in `{endings.right}`; this one is not read"
            problems.append(Problem(None, shown, None, None, message, f"rename it to end in `{endings.right}`"))


def _names(folder: Path, shown: str, problems: list[Problem]) -> list[str]:
    """The names in a folder, sorted, without hidden ones: editors keep their locks and copies there."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208 - names only
    except OSError as error:
        if shown == RULES or not isinstance(error, FileNotFoundError):
            missing = isinstance(error, FileNotFoundError)
            message = f"there is no folder {shown}/" if missing else f"the folder {shown}/ cannot be read"
            problems.append(Problem(None, shown, None, None, message, INIT if missing else _REMEDIES[PermissionError]))
        return []
    if shown == RULES and not any(name.endswith((".yaml", *_YAML.wrong)) for name in names):
        hint = f"{INIT}; if you want none, write a file with `rules: []`"
        problems.append(Problem(None, shown, None, None, "there are no rules in rules/", hint))
    if len(names) > MOST_FILES:
        message = f"there are {len(names)} files in {shown}/, and at most {MOST_FILES} are read"
        problems.append(Problem(None, shown, None, None, message, "is this the right folder?"))
    return names[:MOST_FILES]


def _take(path: Path, name: str, files: dict[str, str], problems: list[Problem]) -> None:
    try:
        files[name] = _text(path)
    except _UnreadableError as error:
        hint = INIT if name == SETTINGS and isinstance(error.__cause__, FileNotFoundError) else error.hint
        problems.append(Problem(None, name, error.line, error.column, error.message, hint))


def _text(path: Path) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        _UnreadableError: it is missing, no plain file, too large or not UTF-8.
    """
    try:
        # Without O_NONBLOCK a named pipe would hold the service for ever.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise _UnreadableError("this is not a plain file", "put a text file in its place")
            content = file.read(LARGEST + 1)
    except OSError as error:
        message = _WORDS.get(type(error), f"the file cannot be read: {error.strerror}")
        raise _UnreadableError(message, _REMEDIES.get(type(error))) from error
    if len(content) > LARGEST:
        raise _UnreadableError(f"the file is larger than {LARGEST // 1_000_000} MB", "is this the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
        hint = "save it as UTF-8 in your editor"
        if other := _OTHER_TEXTS.get(content[:2]):
            raise _UnreadableError(f"the file is saved as {other}, and is to be UTF-8", hint, 1, 1) from error
        message = "the file is not UTF-8 text from here on"
        raise _UnreadableError(message, hint, len(before), len(before[-1]) + 1) from error


def _shown(path: Path) -> str:
    return os.fspath(path).encode("utf-8", "replace").decode("utf-8")
