"""Reads YAML 1.2 and keeps the line and column of every key and value. Aliases, tags and bombs are refused.

The scanner and parser are ruamel.yaml's; what a plain scalar means is the core schema (YAML 1.2.2, section 10.3),
so that `no` is a word and `18:00` a text whatever a `%YAML` line says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.problem import Problem
from config.yaml_errors import plain_words, refused
from config.yaml_lines import LINE_END, in_single_quotes, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of mappings and indexes of lists."""
Place: TypeAlias = tuple[int, int]
"""Line and column, from 1."""
Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

DEEPEST = 20
"""Nothing of the language is nested deeper than half of this."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_OTHER_INTEGER = re.compile(r"0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,2})?")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What ruamel.yaml raises for some broken texts besides its own errors.
_STUMBLES = (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError, NotImplementedError)


def inside(value: Plain, part: str | int) -> Plain:
    """The value of a key or at an index; None where there is none."""
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


@dataclass(frozen=True)
class Document:
    """One file: its values, and where each key and each value stands. `empty` are keys without a value."""

    file: str
    data: Plain
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    empty: frozenset[Path] = frozenset()
    text: str = field(default="", repr=False)

    def at(self, path: Path, *, key: bool = False) -> Place:
        """Where the value at `path` (or its key) stands; else the nearest that encloses it."""
        if key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.values:
                return self.values[path[:length]]
        return (1, 1)

    def value(self, path: Path) -> Plain:
        """The value at `path`, or None where there is none."""
        found = self.data
        for part in path:
            found = inside(found, part)
        return found

    def line(self, number: int) -> str:
        """A line of the file, as it is written."""
        lines = lines_of(self.text)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def problem(self, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> Problem:
        """A problem of the value at `path`, or of its key."""
        line, column = self.at(path, key=key)
        return Problem(None, self.file, line, column, message, hint)


class _RefusedError(Exception):
    def __init__(self, place: Place, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.hint = hint


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read; `key` waits for its value."""

    path: Path
    content: list[Any] | dict[str, Any]
    key: str | None = None
    ignored: bool = False
    full: bool = False
    """What follows belongs to another entry, whose `-` is missing."""


@lru_cache(maxsize=8)  # the settings are read for the people files that they name, and then with all the rest
def read_yaml(text: str, file: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """The document of this text, and what is wrong with its YAML. Never raises for any text."""
    if found := _UNREADABLE.search(text):
        line, column = _place_in(text, found.start())
        message = f"the character U+{ord(found[0]):04X} has no place in a text file"
        return None, (Problem(None, file, line, column, message, "delete it, and save the file as UTF-8 text"),)
    builder = _Builder(file, text)
    try:
        for event in _events(text):
            builder.take(event)
    except _RefusedError as refused:
        return None, (*builder.problems, Problem(None, file, *refused.place, refused.message, refused.hint))
    except MarkedYAMLError as error:
        place, message, hint = plain_words(error, text)
        return None, (*builder.problems, Problem(None, file, *place, message, hint))
    except _STUMBLES:
        message = "from here on the file cannot be read as YAML"
        hint = "put texts with unusual characters in quotes"
        return None, (*builder.problems, Problem(None, file, *builder.last, message, hint))
    document = Document(file, builder.data, builder.values, builder.keys, frozenset(builder.empty), text)
    return document, tuple(builder.problems)


def _events(text: str) -> Iterator[yaml_events.Event]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _place_in(text: str, index: int) -> Place:
    lines = LINE_END.split(text[:index])
    return len(lines), len(lines[-1]) + 1


def _mark(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


class _Builder:
    """Builds the values from the events of the parser, without recursion."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.data: Plain = None
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.empty: set[Path] = set()
        self.problems: list[Problem] = []
        self.last: Place = (1, 1)
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml_events.Event) -> None:
        if event.start_mark is not None:
            self.last = _mark(event.start_mark)
        if isinstance(event, yaml_events.DocumentStartEvent):
            self._start(event)
        elif isinstance(event, yaml_events.AliasEvent):
            raise self._sign("*")
        elif isinstance(event, yaml_events.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml_events.CollectionEndEvent):
            self._open.pop()

    def _sign(self, sign: str) -> _RefusedError:
        return _RefusedError(self.last, *refused(sign, self.text, self.last))

    def _start(self, event: yaml_events.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _RefusedError(
                self.last, "this line divides the file in two", "delete it, or put what follows in a file of its own"
            )
        if event.version or event.tags:
            raise _RefusedError(self.last, "the lines above that begin with `%` are not used here", "delete them")

    def _node(self, event: yaml_events.NodeEvent) -> None:
        if event.anchor is not None:
            raise self._sign("&")
        if getattr(event, "ctag", None) is not None:
            raise self._sign("!")
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.content, dict) and parent.key is None:
            self._key(parent, event)
            return
        path = self._next(parent)
        value: Any
        if isinstance(event, yaml_events.ScalarEvent):
            value = self._scalar(event)
            if value is None:
                self.empty.add(path)
        else:
            value = [] if isinstance(event, yaml_events.SequenceStartEvent) else {}
        ignored = self._put(parent, path, value)
        if isinstance(value, list | dict):
            if len(self._open) >= DEEPEST:
                raise _RefusedError(
                    self.last, "the brackets or indents are nested too deep here", "begin anew from an example"
                )
            self._open.append(_Open(path, value, ignored=ignored))

    def _key(self, parent: _Open, event: yaml_events.NodeEvent) -> None:
        if not isinstance(event, yaml_events.ScalarEvent):
            raise _RefusedError(
                self.last,
                "brackets stand where a key should be",
                'write `key: value`; a text that begins with `{` or `[` goes in quotes, as in `"{…}"`, '
                "and `{{ … }}` belongs in templates alone",
            )
        parent.key = self._text(event)
        path = (*parent.path, parent.key)
        if parent.ignored or parent.full:
            return
        if parent.key in parent.content:
            self._twice(parent, parent.key)
        else:
            self.keys[path] = self.last

    def _twice(self, parent: _Open, key: str) -> None:
        """A key that stands there already. Where it is the first one of an entry, another entry begins with it."""
        message = f"`{key}` stands twice here; the first is in line {self.keys[(*parent.path, key)][0]}"
        hint = "keep one of the two"
        if parent.path and isinstance(parent.path[-1], int) and key == next(iter(parent.content)):
            parent.full = True
            hint = f"write `- {key}: …` if another entry of the list begins here; else {hint}"
        self.problems.append(Problem(None, self.file, *self.last, message, hint))

    def _next(self, parent: _Open | None) -> Path:
        if parent is None:
            return ()
        if isinstance(parent.content, list):
            return (*parent.path, len(parent.content))
        return (*parent.path, parent.key or "")

    def _put(self, parent: _Open | None, path: Path, value: Any) -> bool:
        """Put the value where it belongs; whether it is ignored, as the value of a key that stands twice."""
        if parent is None:
            self.data = value
        elif isinstance(parent.content, list):
            parent.content.append(value)
        else:
            key, parent.key = parent.key or "", None
            if key in parent.content or parent.full:
                self.empty.discard(path)
                return True
            parent.content[key] = value
        if parent is not None and parent.ignored:
            return True
        self.values[path] = self.last
        return False

    def _scalar(self, event: yaml_events.ScalarEvent) -> str | int | float | bool | None:
        text = self._text(event)
        return _core(text) if event.style in {None, ""} else text

    def _text(self, event: yaml_events.ScalarEvent) -> str:
        text = str(event.value)
        if found := _UNREADABLE.search(text):
            message = f"a backslash in this text makes the invisible U+{ord(found[0]):04X} of it"
            line = lines_of(self.text)[self.last[0] - 1]
            raise _RefusedError(self.last, message, in_single_quotes(line, self.last[1]))
        return text


def _core(text: str) -> str | int | float | bool | None:
    """What a plain scalar means in the core schema; numbers too long to be meant as such stay texts."""
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_INTEGER.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
