"""Templates: the files of notes, read and checked; which one is taken for whose language."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rules.bare_names import BareName, bare_names
from rules.markup import shield
from rules.sandbox import Sandbox, TemplateFault, nearest, render
from rules.vocabulary import faults, mentions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jinja2 import Template as Compiled

__all__ = ["Rendered", "Template", "TemplateFault", "Templates", "catalogue", "check", "parse"]

SIZE = 200_000
"""Characters of a template file that are read; more is a mistake."""

_HEAD_KEYS = ("subject", "format")
_FORMATS = ("markdown", "plain")
_NEARLY_FENCE = re.compile(r"\s*[-\N{EN DASH}\N{EM DASH}_=*]{1,40}\s*")
_FENCE = re.compile(r"---[ \t]*")
_TAG_LINE = re.compile(r"\s*(?:\{%(?:(?!%\}).)*%\}\s*|\{#(?:(?!#\}).)*#\}\s*)+")
_TAG_AT_END = re.compile(r"(?<![-+])([%#]\})[ \t]*$")
_EXAMPLE = (
    "begin the file with three lines: `---`, then `subject: Thank you, {{ person.first_name }}`, then `---`; "
    "the note follows"
)


def _plainly(value: Any) -> Any:
    return "" if value is None else value


def _shielded(value: Any) -> Any:
    return "" if value is None else shield(str(value))


_PLAIN = Sandbox(_plainly)
_SHIELDED = Sandbox(_shielded)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template says for one follow-up. `markdown` has shielded values (`rules.markup`), for the HTML part.

    `left` are the texts that were to fill a gap, and for which there was none.
    """

    subject: str
    text: str
    markdown: str | None
    left: tuple[str, ...] = ()


class _Filling:
    """`gap` in the body of a note: the first gaps are filled with these texts."""

    def __init__(self, gap: Callable[[str], str], texts: Iterable[str]) -> None:
        self._gap = gap
        self._texts = deque(texts)

    def __call__(self, text: str) -> str:
        missing = self._gap(text)
        return self._texts.popleft() if self._texts else missing

    @property
    def left(self) -> tuple[str, ...]:
        return tuple(self._texts)


@dataclass(frozen=True, slots=True)
class Template:
    """A template without faults, ready to be rendered."""

    name: str
    markdown: bool
    source: str
    bare: tuple[BareName, ...]
    """What is written out unasked, of the names that are empty in some notes."""
    _subject: Compiled = field(repr=False, compare=False)
    _body: Compiled = field(repr=False, compare=False)
    _shielded_body: Compiled | None = field(repr=False, compare=False)

    @property
    def names_owed(self) -> bool:
        """Whether it says itself what is owed."""
        return mentions(self.source, "owed")

    def render(self, values: Mapping[str, Any], fills: Sequence[str] = ()) -> Rendered:
        """What the template says with these values; `fills` stand in place of the first gaps below the subject.

        Raises:
            TemplateFault: an expression failed, or the note has no end; with the line.
        """
        shielded = self._filled(self._shielded_body, values, fills)[0] if self._shielded_body else None
        subject = render(self._subject, values, self.name)
        body, left = self._filled(self._body, values, fills)
        return Rendered(subject, body, shielded, left)

    def _filled(self, body: Compiled, values: Mapping[str, Any], fills: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """What the body says, and the texts that are left over."""
        if not fills:
            return render(body, values, self.name), ()
        filling = _Filling(values["gap"], fills)
        return render(body, {**values, "gap": filling}, self.name), filling.left


@dataclass
class _Head:
    """The lines between the fences: what they say, where the subject stands, and where the body begins (from 1)."""

    subject: str = ""
    subject_place: tuple[int, int] = (0, 0)
    format: str = "plain"
    body_line: int = 0


@dataclass
class _Reading:
    """One file being read."""

    name: str
    lines: list[str]
    found: list[TemplateFault] = field(default_factory=list)
    head: _Head = field(default_factory=_Head)

    def fault(self, message: str, line: int | None, column: int | None = None, hint: str | None = None) -> None:
        self.found.append(TemplateFault(message, line, column, hint, self.name))

    def all_found(self) -> tuple[TemplateFault, ...]:
        return tuple(sorted(self.found, key=lambda fault: (fault.line or 0, fault.column or 0)))

    def read_head(self) -> bool:
        """Whether there is a head; faults in it are collected."""
        if not self.lines or not _FENCE.fullmatch(self.lines[0]):
            self.fault("the head with the subject is missing", 1, 1, _EXAMPLE)
            return False
        end = next((at for at, text in enumerate(self.lines[1:], 1) if _FENCE.fullmatch(text)), None)
        if end is None:
            self._endless()
            return False
        self.head.body_line = end + 2
        seen: set[str] = set()
        for number, text in enumerate(self.lines[1:end], 2):
            self._head_line(number, text, seen)
        if "subject" not in seen and not any("mean `subject`" in (fault.hint or "") for fault in self.found):
            self.fault(
                "the head has no subject",
                1,
                1,
                "add a line such as `subject: Thank you, {{ person.first_name }}` below this one",
            )
        return True

    def _endless(self) -> None:
        """The second fence is missing, or one line is nearly it."""
        for number, text in enumerate(self.lines[1:], 2):
            if _NEARLY_FENCE.fullmatch(text):
                message = f"the head ends with a line `---`, and this is `{text.strip()}`"
                self.fault(message, number, 1, "write three hyphens at the very left, and nothing else")
                return
        self.fault("the head has no end", 1, 1, "write a line `---` below the subject")

    def _head_line(self, number: int, text: str, seen: set[str]) -> None:
        if not text.strip() or text.lstrip().startswith("#"):
            return
        found = re.fullmatch(r"(\s*)([^\s:]+)\s*:(?:\s+(.*?)|)\s*", text)
        if not found:
            self.fault("this line of the head is no `key: value`", number, 1, "keep the subject on one line")
            return
        key, value, column = found[2], found[3] or "", found.start(2) + 1
        if key not in _HEAD_KEYS:
            self.fault(
                f"unknown key `{key}`",
                number,
                column,
                nearest(key, _HEAD_KEYS) or "the head has `subject` and `format` alone: take the line out",
            )
            return
        if key in seen:
            self.fault(f"`{key}` is there twice", number, column, "take one of the two out")
        seen.add(key)
        start = found.start(3) if found[3] else len(text)
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value, start = value[1:-1].replace('\\"', '"'), start + 1
        self._value(key, value, (number, start + 1))

    def _value(self, key: str, value: str, place: tuple[int, int]) -> None:
        if key == "subject":
            self.head.subject, self.head.subject_place = value, place
            if not value.strip():
                self.fault("the subject is empty", *place, "a mail without a subject looks like spam; write one")
        elif value in _FORMATS:
            self.head.format = value
        else:
            hint = nearest(value, _FORMATS) or "write `markdown`, or take the line out for plain text"
            self.fault(f"unknown format `{value}`", *place, hint)

    def subject_source(self) -> str:
        """The subject where it stands in the file, so that lines and columns are those of the file."""
        line, column = self.head.subject_place
        return "\n" * (line - 1) + " " * (column - 1) + self.head.subject

    def body_source(self) -> str:
        """The body where it stands in the file."""
        return "\n" * (self.head.body_line - 1) + "\n".join(self.lines[self.head.body_line - 1 :])


def _read(name: str, source: str) -> Template | tuple[TemplateFault, ...]:
    """The template, or all that is wrong in it, in the order of the file."""
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reading = _Reading(name, text.split("\n"))
    if len(source) > SIZE:
        reading.fault(f"the template is longer than {SIZE} characters", None, None, "is this the right file?")
    elif reading.read_head():
        try:
            return _finish(reading, source) or reading.all_found()
        except (RecursionError, SyntaxError):
            # SyntaxError: Python allows no more than twenty blocks in one another (CPython's CO_MAXBLOCKS).
            reading.fault("the template is nested too deeply", None, None, "take it apart")
    return reading.all_found()


def _finish(reading: _Reading, source: str) -> Template | None:
    name = reading.name
    if reading.head.subject.strip():
        reading.found += faults(reading.subject_source(), _PLAIN, name)
    if reading.body_source().strip():
        reading.found += faults(reading.body_source(), _PLAIN, name)
    else:
        reading.fault("the note is empty", reading.head.body_line - 1, 1, "write the note below the second `---`")
    if reading.found:
        return None
    body = "\n".join(_keep_line_end(text) for text in reading.body_source().split("\n"))
    markdown = reading.head.format == "markdown"
    return Template(
        name,
        markdown,
        source,
        (*bare_names(reading.subject_source(), _PLAIN), *bare_names(body, _PLAIN)),
        _compile(_PLAIN, reading.subject_source(), name),
        _compile(_PLAIN, body, name),
        _compile(_SHIELDED, body, name) if markdown else None,
    )


def _compile(environment: Sandbox, source: str, name: str) -> Compiled:
    code = environment.compile(source, name, f"{name}.md")
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def _keep_line_end(text: str) -> str:
    """A tag alone on its line goes with its line end; one at the end of a line of words leaves it there.

    Jinja2's `trim_blocks` takes the line end after every tag, which would join two lines of a letter; `+%}` keeps it.
    """
    return text if _TAG_LINE.fullmatch(text) else _TAG_AT_END.sub(r"+\1", text)


def check(name: str, source: str) -> tuple[TemplateFault, ...]:
    """All that is wrong in a template, in the order of the file; nothing when it can be used."""
    read = _read(name, source)
    return () if isinstance(read, Template) else read


def parse(name: str, source: str) -> Template:
    """The template in the text of a file: a head between `---` lines (`subject`, `format`), then the note.

    Line ends of Windows and a byte order mark are no fault. `name` is the file's name without `.md`.

    Raises:
        TemplateFault: the first fault; `check` tells all.
    """
    read = _read(name, source)
    if isinstance(read, Template):
        return read
    raise read[0]


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of a configuration, by name in lower case; `faults` are those of the files that cannot be used."""

    templates: Mapping[str, Template]
    faults: Mapping[str, tuple[TemplateFault, ...]] = field(default_factory=dict)

    def pick(self, name: str, language: str = "") -> Template:
        """The template of this name, in the person's language where there is one: `pt-BR`, then `pt`, then plain.

        Raises:
            TemplateFault: there is none of that name, or the one to be taken has faults.
        """
        for candidate in _candidates(name, language):
            if candidate in self.faults:
                raise self.faults[candidate][0]
            if candidate in self.templates:
                return self.templates[candidate]
        hint = nearest(name, self.names()) or f"write templates/{name}.md"
        raise TemplateFault(f"there is no template `{name}`", None, None, hint, name)

    def of(self, name: str) -> tuple[Template, ...]:
        """The templates of this name without faults, in all languages."""
        plain = name.casefold()
        return tuple(one for key, one in self.templates.items() if key == plain or key.startswith(f"{plain}."))

    def names(self) -> tuple[str, ...]:
        """All names, also of those with faults."""
        return tuple(sorted({*self.templates, *self.faults}))


def _candidates(name: str, language: str) -> list[str]:
    parts = language.strip().replace("_", "-").casefold().split("-") if language.strip() else []
    tags = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return [f"{name}.{tag}".casefold() for tag in tags] + [name.casefold()]


def catalogue(files: Mapping[str, str]) -> Templates:
    """The templates in these files: name of the file (`thank-you.pt.md`) to its text."""
    good: dict[str, Template] = {}
    bad: dict[str, tuple[TemplateFault, ...]] = {}
    for file, source in files.items():
        name = file.removesuffix(".md")
        read = _read(name, source)
        if isinstance(read, Template):
            good[name.casefold()] = read
        else:
            bad[name.casefold()] = read
    return Templates(good, bad)
