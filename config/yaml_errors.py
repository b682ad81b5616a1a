"""Says in plain words what a YAML parser stumbled over, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from config.yaml_lines import (
    above,
    code,
    fitting,
    in_quotes,
    in_single_quotes,
    indent_of,
    key_in,
    last_key,
    lines_of,
    quoted,
    unspaced,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ruamel.yaml.error import MarkedYAMLError

Place: TypeAlias = tuple[int, int]
Told: TypeAlias = tuple[Place, str, str]
"""Line and column from 1, the message, and the remedy."""

_START = re.compile(r"found character ['\"](.+?)['\"] that cannot start any token")
_GOT = re.compile(r"but (?:got|found) '(.+)'$")
_COMMENT = re.compile(r"(?<=[\[{,\s])#\S*")
_PAIRS = {"[": "]", "{": "}"}
_FIT = "this line does not fit the indentation of the lines above"
_NEITHER = "this line is neither `key: value` nor a `- ` of a list"
_COLON = "write a `:` and a space after the key, or indent the line as part of the text above"
_OWN_LINE = "in a line of its own, indented by two spaces more"
_KNOWN = (
    # What stands in ruamel.yaml's own words; our message; the remedy.
    ("block collections", "a list or a key cannot begin in this line", f"begin it {_OWN_LINE}"),
    ("sequence entries are not allowed", "the `- ` of a list cannot stand here", f"begin the list {_OWN_LINE}"),
    ("mapping keys are not allowed", "a `? ` cannot stand here", "put the text in quotes"),
    ("directive", "lines that begin with `%` are not used here", "delete the line, or put the text in quotes"),
    (
        "block scalar",
        "behind `|` or `>` the line ends; the text begins in the next one",
        "break the line here, and indent the text",
    ),
)


def refused(sign: str, text: str, place: Place) -> tuple[str, str]:
    """Message and remedy for what begins with a sign that means something in YAML, and nothing here."""
    what = {"*": "aliases", "&": "anchors", "!": "tags"}[sign]
    remedy = in_quotes(_line(lines_of(text), place[0]), place[1])
    return f"a text that begins with `{sign}` needs quotes", f"{remedy}; the {what} of YAML are not used here"


def plain_words(error: MarkedYAMLError, text: str) -> Told:
    """What an error of ruamel.yaml means to the user."""
    lines = lines_of(text)
    place = _place(error.problem_mark or error.context_mark)
    line = _line(lines, place[0])
    indent = line[: indent_of(line)]
    if "\t" in indent:
        return (place[0], indent.index("\t") + 1), "a tab stands in the indentation", "indent with spaces, two a step"
    problem, context = str(error.problem or ""), str(error.context or "")
    begun = _place(error.context_mark) if error.context_mark is not None else None
    if begun and "quoted scalar" in context:
        return _in_quotes(problem, begun, place, lines)
    if begun and "flow" in context:
        return _in_brackets(problem, begun, place, lines)
    return _sign(f"{problem} {context}", begun or place, text) or _in_lines(problem, context, begun, place, lines)


def _sign(said: str, place: Place, text: str) -> Told | None:
    """What begins with a sign that means something to YAML, or may not begin a text at all."""
    for sign, name in (("*", "alias"), ("&", "anchor"), ("!", "tag")):
        if name in said:
            return place, *refused(sign, text, place)
    if found := _START.search(said):
        return _cannot_begin(found[1], place, _line(lines_of(text), place[0]))
    return None


def _in_lines(problem: str, context: str, begun: Place | None, place: Place, lines: Sequence[str]) -> Told:
    """What is wrong with a line, or with how it stands below the one before."""
    tellers: tuple[tuple[str, Callable[[], Told]], ...] = (
        ("mapping values are not allowed", lambda: _second_colon(place, lines)),
        ("expected ':'", lambda: _no_colon(begun or place, lines)),
        ("expected <block end>", lambda: _not_expected(problem, place, lines)),
        ("document start", lambda: _after_the_end(place, lines)),
        ("expected the node content", lambda: _no_value(problem, place)),
    )
    for piece, tell in tellers:
        if piece in problem:
            return tell()
    for piece, message, hint in _KNOWN:
        if piece in problem or piece in context:
            return place, message, hint
    if "indentation" in problem or "indentation" in context:
        return place, _FIT, fitting(lines, place[0])
    return place, "this cannot be read as YAML", "put the text in quotes"


def _in_quotes(problem: str, opened: Place, place: Place, lines: Sequence[str]) -> Told:
    line = _line(lines, place[0])
    if "unexpected end" in problem or "document separator" in problem:
        return opened, "a quote is opened here and never closed", "close it in the same line"
    message = f"in double quotes `{line[place[1] - 2 : place[1]]}` means nothing"
    remedy = in_single_quotes(_line(lines, opened[0]), opened[1])
    return (place[0], max(1, place[1] - 1)), message, remedy


def _in_brackets(problem: str, opened: Place, place: Place, lines: Sequence[str]) -> Told:
    """What went wrong inside brackets or braces, which may have begun lines before."""
    line, got = _line(lines, opened[0]), _GOT.search(problem)
    start = line[opened[1] - 1 : opened[1]]
    if start not in _PAIRS and "expected the node content" in problem and place[0] > opened[0]:
        # The parser had gone on to the next entry.
        at = next((number for number, one in above(lines, opened[0]) if re.search(r"[\[{]", one)), opened[0])
        line = _line(lines, at)
        opened = (at, max(line.rfind("["), line.rfind("{")) + 1)
        start = line[opened[1] - 1 : opened[1]]
    end = _PAIRS.get(start, "]")
    if comment := _COMMENT.search(line, opened[1]):
        text = re.split(r"[,\]}]", comment[0])[0]
        shown = code(quoted(text), line)
        hint = "put each text with a `#` in quotes" + (f", as in {shown}" if shown else "")
        return (opened[0], comment.start() + 1), "from this `#` on the line is a comment", hint
    if "\t" in _line(lines, place[0])[max(0, place[1] - 2) : place[1]]:
        return place, "a tab stands here", "write a space for it"
    if place[0] == opened[0] and start in _PAIRS and (told := _in_one_line(got[1] if got else "", start, place, line)):
        return told
    if start in _PAIRS and "node content" not in problem:
        return opened, f"a `{start}` is opened here and never closed", f"write `{end}` where it ends"
    return place, "a value is missing here", f"write one, or take the comma before it out; `{start}` ends with `{end}`"


def _in_one_line(found: str, start: str, place: Place, line: str) -> Told | None:
    """What stands wrong behind a bracket of the same line."""
    end = _PAIRS[start]
    if found == "<scalar>":
        return place, "a comma is missing before this", f"put a comma between the values, up to the `{end}`"
    if found in _PAIRS.values():
        return place, f"what `{start}` opens is closed by `{end}`, and not by `{found}`", f"write `{end}` here"
    if found == ":" and (key := re.search(r"\s(\w+)\s*$", line[: place[1] - 1])):
        hint = f"write `, {key[1]}:`; or put the text in quotes, if there is to be a `: ` in it"
        return (place[0], key.start(1) + 1), f"a comma is missing before `{key[1]}`", hint
    return None


def _cannot_begin(sign: str, place: Place, line: str) -> Told:
    if sign == "\\t":
        return place, "a tab stands here", "write a space for it"
    if sign == "%" and line[place[1] - 2 : place[1]] == "{%":
        return place, "`{% … %}` belongs in templates, and this file is none", "take it out"
    shown = {"`": "a backtick"}.get(sign, f"`{sign}`")
    return place, f"a text cannot begin with {shown}", in_quotes(line, place[1])


def _second_colon(place: Place, lines: Sequence[str]) -> Told:
    """A `: ` where no key can be: in a text, or in a line that does not belong to the one above."""
    number, column = place
    line = _line(lines, number)
    key = key_in(line)
    if (told := unspaced(line)) and told[0] < column:
        return (number, told[0]), told[1], f"write {told[2]}" if told[2] else _COLON
    if key is None or key[1] < column:
        return _colon_in_a_text(place, line, key)
    begins = (number, indent_of(line) + 1)
    for at, before in above(lines, number):
        if told := unspaced(before):
            return (at, told[0]), told[1], f"write {told[2]}" if told[2] else _COLON
        if key_in(before) is None:
            return (at, indent_of(before) + 1), _NEITHER, _COLON
        if indent_of(before) < indent_of(line):
            return begins, "this line is indented under one that has its value already", fitting(lines, number)
        break
    return begins, _FIT, fitting(lines, number)


def _colon_in_a_text(place: Place, line: str, key: tuple[str, int] | None) -> Told:
    if second := last_key(line[: place[1] - 1]):
        hint = "begin a line of its own with it; or put the whole text in quotes, if it is part of one"
        return (place[0], place[1] - len(second)), f"a second key stands in this line: `{second}`", hint
    value = line[key[1] :].strip() if key else ""
    shown = code(f"{key[0]}: {quoted(value)}", line) if key and value[:1] not in "\"'[{" else None
    return place, "a text with `: ` in it needs quotes", f"write {shown}" if shown else "put the text in quotes"


def _no_colon(place: Place, lines: Sequence[str]) -> Told:
    if told := unspaced(_line(lines, place[0])):
        return (place[0], told[0]), told[1], f"write {told[2]}" if told[2] else _COLON
    return place, _NEITHER, _COLON


def _not_expected(problem: str, place: Place, lines: Sequence[str]) -> Told:
    """Something stands where the mapping or list could only end, or go on."""
    line = _line(lines, place[0])
    got = _GOT.search(problem)
    found = got[1] if got else ""
    if found == "<scalar>":
        closed = line[: place[1] - 1].rstrip().endswith(('"', "'"))
        message = "the quotes are closed before this" if closed else "the value has ended before this"
        return place, message, _one_text(line, place[1])
    if found in {",", "]", "}"}:
        apart = found == "," and line[: place[1] - 1].strip()
        hint = "each key stands in a line of its own" if apart else f"take the `{found}` out"
        return place, f"the value has ended before this `{found}`", hint
    nearest = next(above(lines, place[0]), None)
    if nearest and not line.lstrip().startswith("-") and _beside_its_dash(lines, place[0]):
        level = indent_of(line)
        hint = f"begin it with {level + 2} spaces, below the first key of the entry"
        return place, "the keys of an entry stand further right than its `-`", hint
    return place, _FIT, fitting(lines, place[0])


def _no_value(problem: str, place: Place) -> Told:
    found = got[1] if (got := _GOT.search(problem)) else ""
    if len(found) != 1:
        return place, "a value is missing here", "write one"
    return place, f"a `{found}` stands here, where a value is wanted", f"take the `{found}` out, or write the value"


def _after_the_end(place: Place, lines: Sequence[str]) -> Told:
    """Something that belongs to nothing above it: mostly below a first line that is indented by mistake."""
    first = min((at for at, _ in above(lines, place[0])), default=place[0])
    if level := indent_of(_line(lines, first)):
        spaces = f"{level} space{'s' if level != 1 else ''}"
        return (first, 1), f"the file begins with {spaces}, and goes on without", "begin it at the very left"
    return place, "something stands after the end of the file's text", "delete it, or the line that ended the text"


def _beside_its_dash(lines: Sequence[str], number: int) -> bool:
    level = indent_of(lines[number - 1])
    same = next((one for _, one in above(lines, number) if indent_of(one) <= level), "")
    return indent_of(same) == level and same.lstrip().startswith("- ")


def _one_text(line: str, column: int) -> str:
    """The remedy where a text goes on behind its closing quote."""
    key = key_in(line)
    value = line[key[1] :].strip() if key else ""
    if value[:1] in {'"', "'"} and not line[:column].count("{"):
        plain = value[1:-1] if re.fullmatch("'.*'.*'", value) else value
        if shown := code(quoted(plain), line):
            return f"write {shown}"
    return "put the whole text in one pair of quotes"


def _place(mark: Any) -> Place:
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""
