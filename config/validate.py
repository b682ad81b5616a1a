"""Checks a document against its model, and words every fault so that the user can mend it from the message."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from config.expected import code, either, example, expected, keys, near, required
from config.files import inside
from config.kinds import KIND
from config.problem import SECRETS
from config.settings import KINDS
from config.unknown_key import unknown_key
from config.wrong_kind import remedy, without_curly_quotes, without_value, wrong_kind

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from config.files import Document, Path, Plain
    from config.problem import Problem
    from config.schema import Schema

KIND_SHOWN = {
    "calendars": "`ics: calendars/`", "contacts": "`vcards: contacts/`", "mailbox": "`maildir: ~/Mail`",
}  # fmt: skip
"""How the key may look that says of which kind an entry is."""

M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M]) -> tuple[M | None, tuple[Problem, ...]]:
    """The document as `model`, or all that is wrong with it, in the order of the file."""
    if document.data is None:
        return None, (document.problem((), "the file is empty", _begin(model)),)
    if beheaded := _without_its_key(document, model):
        return None, (beheaded,)
    found: dict[tuple[Path, str], Problem] = {}
    for path in document.empty:
        message, hint = _empty(document, model, path)
        found[path, message] = document.problem(path, message, hint, key=True)
    made: M | None = None
    try:
        made = model.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            path = _path(document, fault)
            if not _follows(document, model, path, fault):
                problem = _problem(document, model, path, fault)
                found.setdefault((path, problem.message), problem)
    problems = sorted(found.values(), key=lambda one: (one.line or 0, one.column or 0))
    return (None if problems else made), tuple(problems)


def _follows(document: Document, model: type[BaseModel], path: Path, fault: ErrorDetails) -> bool:
    """A fault that another explains: of a key without a value, misspelt, or a list that is short by its bad entries."""
    if any(path[: len(empty)] == empty for empty in document.empty):
        return True
    above = document.value(path[:-1])
    if fault["type"] == "missing" and isinstance(above, dict):
        known = keys(expected(model, path[:-1], document.data))
        return any(near(key, known) == path[-1] for key in above if key not in known)
    return fault["type"] == "too_short" and document.value(path) not in ([], "", {})


def _path(document: Document, fault: ErrorDetails) -> Path:
    """The way to the fault in the file: without what pydantic puts between for unions and single texts."""
    path: Path = ()
    value = document.data
    for part in fault["loc"]:
        known = part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
        if known and not (isinstance(part, str) and part.startswith(KIND)):
            path = (*path, part)
            value = inside(value, part)
    if fault["type"] == "missing":
        path = (*path, str(fault["loc"][-1]))
    return path


def _problem(document: Document, model: type[BaseModel], path: Path, fault: ErrorDetails) -> Problem:
    kind, found = fault["type"], expected(model, path, document.data)
    if kind == "extra_forbidden":
        return document.problem(path, *unknown_key(document, model, path), key=True)
    if kind == "missing":
        return document.problem(path, f"{_name(path)} is missing", _add(path, found))
    if kind.startswith("union_tag") and isinstance(document.value(path), dict):
        return _without_kind(document, path)
    if kind == "value_error":
        message, _, hint = str(fault["ctx"]["error"]).partition("; ")
        straight = None if any(secret in path for secret in SECRETS) else without_curly_quotes(document.value(path))
        return document.problem(path, f"{_name(path)}: {message}", straight or hint or None)
    value = document.value(path)
    above = expected(model, path[:-1], document.data) if path else {}
    if kind == "string_pattern_mismatch" and path[-1] == "id" and (made := _as_id(value)):
        return document.problem(path, _bound(path, value, fault) or "", f"for example {code(f'id: {made}')}")
    message = _bound(path, value, fault) or wrong_kind(_name(path), value, found)
    return document.problem(path, message, remedy(path, value, found, above))


def _begin(model: type[BaseModel]) -> str:
    """The remedy for a file that says nothing."""
    first, *more = model.model_fields
    if more:
        return f"begin it with {example(first, expected(model, (first,), None))}; `afterword init` writes a whole one"
    return f"write {code(f'{first}: []')} where it is to hold nothing yet"


def _without_its_key(document: Document, model: type[BaseModel]) -> Problem | None:
    """A file whose entries stand without the one key (`rules:`, `people:`) above them."""
    first, *more = model.model_fields
    data = document.data
    if more or (isinstance(data, dict) and (first in data or any(near(key, [first], 0.75) for key in data))):
        return None
    inner = keys(expected(model, (first, 0), None))
    if isinstance(data, dict) and not data.keys() & set(inner):
        return None
    if not isinstance(data, dict | list):
        return None
    rest = "indent the rest under it" + (
        "" if isinstance(data, list) else ", with `- ` before the first key of each entry"
    )
    hint = f"write {code(f'{first}:')} in a line of its own above, and {rest}"
    return document.problem((), f"the file begins without its key {code(f'{first}:')}", hint)


def _empty(document: Document, model: type[BaseModel], path: Path) -> tuple[str, str | None]:
    """Message and remedy for a key, or an entry of a list, without a value."""
    if isinstance(path[-1], str) and ":" in path[-1]:
        return unknown_key(document, model, path)
    return f"{_name(path)} has no value", _fill(document, model, path)


def _fill(document: Document, model: type[BaseModel], path: Path) -> str:
    if not isinstance(path[-1], str):
        return "write one behind the `- `, or take the line out"
    line = document.line(document.at(path, key=True)[0])
    needed = path[-1] in required(expected(model, path[:-1], document.data))
    return without_value(path[-1], line, expected(model, path, document.data), needed=needed)


def _as_id(value: Plain) -> str | None:
    """The nearest to this text that may be an id."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", value).strip("-._")[:64] if isinstance(value, str) else None


def _name(path: Path) -> str:
    """How a message speaks of the value at `path`."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return "the file"
    return code(names[-1]) if isinstance(path[-1], str) else f"an entry of {code(names[-1])}"


def _add(path: Path, found: Schema) -> str:
    name = str(path[-1])
    about = str(found.get("description", "")).rstrip(".")
    return f"add {example(name, found) or code(f'{name}:')}" + (f" ({about[0].lower()}{about[1:]})" if about else "")


def _without_kind(document: Document, path: Path) -> Problem:
    """An entry that does not say what kind it is of: perhaps the key that says it is misspelt."""
    choices = next(KINDS[part] for part in path if part in KINDS)
    written = document.value(path)
    for key in written if isinstance(written, dict) else ():
        if key != "id" and (meant := near(key, choices, 0.75)):
            return document.problem((*path, key), f"unknown key {code(key)}; did you mean {code(meant)}?", key=True)
    name = _name(path)
    shown = f", as in {KIND_SHOWN[path[0]]}" if path[0] in KIND_SHOWN else ""
    return document.problem(
        path, f"{name} does not say of which kind it is", f"give it one of {either(map(code, choices))}{shown}"
    )


def _bound(path: Path, value: Plain, fault: ErrorDetails) -> str | None:
    """The message where the type is right and the value is not."""
    context = fault.get("ctx", {})
    match fault["type"]:
        case "greater_than_equal":
            return f"{_name(path)} must be {context['ge']} or more, and this is {code(value)}"
        case "too_short" | "string_too_short":
            return f"{_name(path)} is empty, and needs at least one"
        case "string_pattern_mismatch" if path[-1] == "id":
            return (
                f"{_name(path)} is made of letters, digits, `.`, `_` and `-`, at most 64 of them; {code(value)} is not"
            )
        case "string_pattern_mismatch" if path[-1] == "language":
            return f"{_name(path)} must be the short code of a language, and this is {code(value)}"
        case "string_pattern_mismatch":
            return f"{_name(path)}: {code(value)} is not written as it should be"
    return None
