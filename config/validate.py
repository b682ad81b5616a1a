"""Checks a document against its model, and words every fault so that the user can mend it from the message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from config.expected import all_named, code, either, example, expected, keys, kinds, near
from config.files import inside
from config.kinds import KIND
from config.settings import KINDS

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from config.files import Document, Path, Plain
    from config.problem import Problem
    from config.schema import Schema

M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M]) -> tuple[M | None, tuple[Problem, ...]]:
    """The document as `model`, or all that is wrong with it, in the order of the file."""
    if document.data is None:
        first = next(iter(model.model_fields))
        problem = document.problem((), "the file is empty", f"begin it with {code(f'{first}:')}")
        return None, (problem,)
    found: dict[tuple[Path, str], Problem] = {}
    for path in document.empty:
        name = _name(path)
        message, hint = f"{name} has no value", "write one, or take the line out"
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
        return document.problem(path, *_unknown(document, model, path), key=True)
    if kind == "missing":
        return document.problem(path, f"{_name(path)} is missing", _add(path, found))
    if kind.startswith("union_tag") and isinstance(document.value(path), dict):
        return _without_kind(document, path)
    if kind == "value_error":
        message, _, hint = str(fault["ctx"]["error"]).partition("; ")
        return document.problem(path, f"{_name(path)}: {message}", hint or None)
    value = document.value(path)
    above = expected(model, path[:-1], document.data) if path else {}
    message = _bound(path, value, fault) or _wrong(path, value, found)
    return document.problem(path, message, _hint(path, found, above))


def _name(path: Path) -> str:
    """How a message speaks of the value at `path`."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return "the file"
    return code(names[-1]) if isinstance(path[-1], str) else f"an entry of {code(names[-1])}"


def _hint(path: Path, found: Schema, above: Schema) -> str | None:
    names = [part for part in path if isinstance(part, str)]
    shown = example(names[-1], found) or example(names[-1], above) if names else None
    if shown and not all_named(found):
        return f"for example {shown}"
    known = keys(found)
    if len(known) == 1:
        return f"write {code(f'{known[0]}:')} in a line of its own, and indent the rest under it"
    return f"the keys here are {either(map(code, known), ' and ')}" if known else None


def _add(path: Path, found: Schema) -> str:
    name = str(path[-1])
    about = str(found.get("description", "")).rstrip(".")
    return f"add {example(name, found) or code(f'{name}:')}" + (f" ({about[0].lower()}{about[1:]})" if about else "")


def _unknown(document: Document, model: type[BaseModel], path: Path) -> tuple[str, str | None]:
    word = str(path[-1])
    for name, choices in KINDS.items():
        if name in path[:2] and word in choices:
            message = f"an entry of {code(name)} is of one kind, and {code(word)} is a second"
            return message, "make two entries of it" if name != "mailbox" else "keep one of the two"
    known = keys(expected(model, path[:-1], document.data))
    siblings = document.value(path[:-1])
    free = [key for key in known if not isinstance(siblings, dict) or key not in siblings]
    if meant := near(word, free) or near(word, known, 0.8):
        return f"unknown key {code(word)}; did you mean {code(meant)}?", None
    for key in known:
        inner = keys(expected(model, (*path[:-1], key), None)) or keys(expected(model, (*path[:-1], key, 0), None))
        if meant := near(word, inner, 0.8):
            return (
                f"unknown key {code(word)} here; {code(meant)} belongs in {code(key)}",
                f"write it under {code(f'{key}:')}",
            )
    return f"unknown key {code(word)}", f"the keys here are {either(map(code, known), ' and ')}"


def _without_kind(document: Document, path: Path) -> Problem:
    """An entry that does not say what kind it is of: perhaps the key that says it is misspelt."""
    choices = next(KINDS[part] for part in path if part in KINDS)
    written = document.value(path)
    for key in written if isinstance(written, dict) else ():
        if key != "id" and (meant := near(key, choices, 0.75)):
            return document.problem((*path, key), f"unknown key {code(key)}; did you mean {code(meant)}?", key=True)
    name = _name(path)
    return document.problem(
        path, f"{name} does not say of which kind it is", f"give it one of {either(map(code, choices))}"
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
        case "string_pattern_mismatch":
            return f"{_name(path)}: {code(value)} is not written as it should be"
    return None


def _wrong(path: Path, value: Plain, found: Schema) -> str:
    wanted = kinds(found) or "something else"
    if isinstance(value, str) and wanted == "`true` or `false`" and value.casefold() in {"yes", "no", "on", "off"}:
        return f"{_name(path)} must be {wanted}; {code(value)} is only a word here"
    return f"{_name(path)} must be {wanted}, and this is {_what(value)}"


def _what(value: Plain) -> str:
    if isinstance(value, bool):
        return code(value)
    if isinstance(value, int | float):
        return f"the number {code(value)}"
    if isinstance(value, str):
        return f"the text {code(value)}"
    return "a list" if isinstance(value, list) else "a mapping"
