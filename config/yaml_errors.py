"""Says in plain words what a YAML parser stumbled over, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

Told: TypeAlias = tuple[tuple[int, int], str, str]
"""Line and column from 1, the message, and the remedy."""

QUOTES = "put the text in quotes"
QUOTES_AS_IN = 'put the text in quotes, as in `"*@acme.example"`'
ALIAS = "a text that begins with `*` is an alias in YAML, and there are none here"
ANCHOR = "a text that begins with `&` is an anchor in YAML, and there are none here"
TAG = "a text that begins with `!` is a tag in YAML, and there are none here"

_START = re.compile(r"found character ['\"](.+)['\"] that cannot start any token")
_FIT = "this line does not fit the indentation of the lines above"
_OWN_LINE = "in a line of its own, indented"
_KNOWN = (
    # What stands in ruamel.yaml's own words; our message; the remedy.
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        "put a text with `: ` in it in quotes; if a key was meant, check the indentation",
    ),
    (
        "could not find expected ':'",
        "this line is neither `key: value` nor a `- ` of a list",
        "write a `:` and a space after the key, or indent the line as part of the text above",
    ),
    (
        "but found '<scalar>'",
        "something stands behind the end of the value",
        "put the whole text in one pair of quotes",
    ),
    ("expected <block end>", _FIT, "give the keys of one mapping, and the `-` of one list, the same indentation"),
    ("expected the node content", "a value is missing here", "write one; `[` ends with `]`, and `{` with `}`"),
    ("block collections", "a list or mapping cannot begin in this line", f"begin it {_OWN_LINE}"),
    ("sequence entries are not allowed", "a `- ` cannot stand here", f"begin the list {_OWN_LINE}"),
    ("mapping keys are not allowed", "a key cannot stand here", f"begin the mapping {_OWN_LINE}"),
    ("alias", ALIAS, QUOTES_AS_IN),
    ("anchor", ANCHOR, QUOTES),
    ("tag", TAG, QUOTES),
    ("directive", "lines that begin with `%` are not used here", "delete the line, or put the text in quotes"),
    ("block scalar", "after `|` or `>` the text begins in the next line", "break the line there, and indent the text"),
    ("document start", "something stands after the end of the document", "delete what follows: a file holds one"),
    ("indentation", _FIT, "indent with two spaces for each step"),
)


def plain_words(error: MarkedYAMLError, text: str) -> Told:
    """What an error of ruamel.yaml means to the user."""
    place = _place(error.problem_mark or error.context_mark)
    line = _line(text, place[0])
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        told = "a tab stands in the indentation", "indent with spaces, two for each step"
        return (place[0], indent.index("\t") + 1), *told
    if error.context_mark is not None and (told_inside := _inside(error, place)):
        return told_inside
    problem, context = str(error.problem or ""), str(error.context or "")
    if found := _START.search(problem):
        shown = {"\\t": "a tab", "`": "a backtick"}.get(found[1], f"`{found[1]}`")
        return place, f"a text cannot begin with {shown}", f"{QUOTES}, or take the character away"
    for piece, message, hint in _KNOWN:
        if piece in problem or piece in context:
            return place if "expected ':'" not in piece else _place(error.context_mark), message, hint
    return place, "this cannot be read as YAML", QUOTES


def _inside(error: MarkedYAMLError, place: tuple[int, int]) -> Told | None:
    """What went wrong inside quotes or brackets, which began somewhere else."""
    problem, context = str(error.problem or ""), str(error.context or "")
    opened = _place(error.context_mark)
    if "quoted scalar" in context and ("unexpected end" in problem or "document separator" in problem):
        return opened, "a quote is opened here and never closed", "close it in the same line"
    if "quoted scalar" in context or "double-quoted" in context:
        return place, "a backslash in double quotes begins an escape, and this is none", "use single quotes '…'"
    if "flow sequence" in context:
        return opened, "the list that `[` opens here is not closed, or lacks a comma", "write it as in `[one, two]`"
    if "flow mapping" in context:
        message = "the mapping that `{` opens here is not closed, or lacks a comma"
        return opened, message, "write it as in `{one: 1, two: 2}`"
    return None


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _line(text: str, number: int) -> str:
    lines = re.split("\r\n|\r|\n", text)
    return lines[number - 1] if number <= len(lines) else ""
