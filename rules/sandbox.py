"""Where templates run: Jinja2's sandbox, strict, with a short list of what it may cost."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from jinja2 import Template as Compiled
    from jinja2.runtime import Context

RENDERED = 100_000
"""Characters that a note may have; nobody writes a longer letter."""

LOOPS = 10_000
"""Numbers that all `range()` of one rendering may yield together."""

_PADDING = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs", "format", "format_map"})
"""Methods of text that make a gigabyte out of a number."""

_FILTERS_LEFT_OUT = ("random", "center", "format", "filesizeformat", "pprint", "xmlattr", "urlize")
"""`random` would make two drafts of one note differ; the others pad, or make markup."""

_GLOBALS_LEFT_OUT = ("lipsum", "cycler")
_REMEDY = "correct this line of the template, or guard it with {% if … %}"
_FACTOR = 10**6


class TemplateFault(Exception):  # noqa: N818 - the word of the house for what is wrong in a template
    """What is wrong in a template, where, and what would be right. Lines and columns count from 1."""

    def __init__(
        self, message: str, line: int | None = None, column: int | None = None, hint: str | None = None, name: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint
        self.name = name
        """The template, without .md."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.name, self.line, self.column) if part)
        said = f"{place}: {self.message}" if place else self.message
        return f"{said}; {self.hint}" if self.hint else said


class Absent:
    """What is not there (no meeting, no last contact): false in an `if`, and a gap where it is written out."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"[[{self._what}]]"

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> Absent:
        """A method of what is not there: `last_contact.strftime("%A")`."""
        return self


class Missing(StrictUndefined):
    """A name that nothing stands behind: an error wherever it is used."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return str(self._undefined_hint)
        return f"unknown name `{self._undefined_name}`"


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 for letters: no autoescape, a tag alone on its line leaves no line behind, nothing padded or powered."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, finalize: Callable[[Any], Any]) -> None:
        super().__init__(
            # Letters are text; the values in an HTML part are shielded in `rules.markup`.
            undefined=Missing,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=finalize,
        )
        for name in _FILTERS_LEFT_OUT:
            del self.filters[name]
        for name in _GLOBALS_LEFT_OUT:
            del self.globals[name]
        self.tests["none"] = _is_none

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """No private names, nothing that modifies, no padding of text."""
        return super().is_safe_attribute(obj, attr, value) and not (isinstance(obj, str) and attr in _PADDING)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiplication of small numbers only: text times a million is no letter."""
        numbers = all(isinstance(side, int | float) for side in (left, right))
        if operator == "**" or not numbers or (operator == "*" and max(abs(left), abs(right)) > _FACTOR):
            raise SecurityError(f"`{operator}` is for small numbers only")
        return super().call_binop(context, operator, left, right)


def _is_none(value: object) -> bool:
    return value is None or isinstance(value, Absent)


def limited_range() -> Callable[..., range]:
    """A `range` for one rendering, which ends a template that would never end.

    Raises:
        SecurityError: more than `LOOPS` numbers in all.
    """
    spent = 0

    def counted(*arguments: int) -> range:
        nonlocal spent
        numbers = range(*arguments)
        try:
            spent += len(numbers)
        except OverflowError:
            spent = LOOPS + 1
        if spent > LOOPS:
            raise SecurityError(f"`range` counts further than {LOOPS}")
        return numbers

    return counted


def render(template: Compiled, values: Mapping[str, Any], name: str) -> str:
    """What the template says with these values.

    Raises:
        TemplateFault: with the line, whatever Jinja2 or an expression in the template raised.
    """
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(**values, range=limited_range()):
            pieces.append(piece)
            size += len(piece)
            if size > RENDERED:
                break
    except (
        TemplateError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        AssertionError,
    ) as error:
        line = _line_of(error.__traceback__, template.filename)
        raise TemplateFault(_said(error), line, None, _REMEDY, name) from error
    except (MemoryError, RecursionError) as error:
        line = _line_of(error.__traceback__, template.filename)
        raise TemplateFault("this never comes to an end", line, None, "say it without the loop", name) from error
    if size > RENDERED:
        raise TemplateFault(
            f"the note would be longer than {RENDERED} characters",
            None,
            None,
            "look for a loop that runs too far",
            name,
        )
    return "".join(pieces)


def _said(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return re.sub(r"['\"]rules\.\w+\.(\w+) object['\"]", lambda found: found[1].removesuffix("View").lower(), text)


def _line_of(traceback: TracebackType | None, filename: str | None) -> int | None:
    """The deepest line of the template that the error passed (Jinja2 rewrites tracebacks to template lines)."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def nearest(name: str, known: Iterable[str]) -> str | None:
    """`did you mean …?`, when one of the known names is close."""
    found = difflib.get_close_matches(name[:60], list(known), n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else None
