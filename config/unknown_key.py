"""Says of a key that there is not what was meant, or where it belongs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.expected import code, either, expected, keys, near
from config.problem import SECRETS
from config.settings import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from config.files import Document, Path, Plain

_SURE = 0.8
"""How like a key elsewhere must be, for less speaks for it than for one that belongs here."""


def unknown_key(document: Document, model: type[BaseModel], path: Path) -> tuple[str, str | None]:
    """Message and remedy for the key that `path` ends with, which a file of this model does not have there."""
    word, above = str(path[-1]), path[:-1]
    known = keys(expected(model, above, document.data))
    if told := _of_a_second_kind(document, path) or _unspaced(word, known):
        return told
    word = word.partition(":")[0] or word  # what follows may be a secret
    siblings = _keys(document.value(above))
    free = [key for key in known if key not in siblings]
    if meant := near(word, free) or near(word, known, _SURE):
        return f"unknown key {code(word)}; did you mean {code(meant)}?", None
    told = _belonging_elsewhere(document, model, above, word)
    return told or (f"unknown key {code(word)}", f"the keys here are {either(map(code, known), ' and ')}")


def _of_a_second_kind(document: Document, path: Path) -> tuple[str, str] | None:
    """A calendar that is at two places, or the like."""
    word = str(path[-1])
    for name, choices in KINDS.items():
        if name in path[:2] and word in choices:
            siblings = _keys(document.value(path[:-1]))
            there = next((key for key in choices if key in siblings and key != word), "")
            what = code(name) if name == "mailbox" else f"an entry of {code(name)}"
            message = f"{what} is of one kind only, and has both {code(there)} and {code(word)}"
            return message, "make two entries of it" if name != "mailbox" else "keep one of the two"
    return None


def _unspaced(word: str, known: Iterable[str]) -> tuple[str, str] | None:
    """`{at_least:1}`, which YAML takes for a key without a value."""
    found = re.fullmatch(r"(\w+):(\S.*)", word)
    if not found or found[1] not in known:
        return None
    rest = "…" if found[1] in SECRETS else found[2]
    return f"a space is missing after the `:` of {code(found[1])}", f"write {code(f'{found[1]}: {rest}')}"


def _belonging_elsewhere(document: Document, model: type[BaseModel], above: Path, word: str) -> tuple[str, str] | None:
    """A key of something that stands beside it, or further out."""
    for length in range(len(above), -1, -1):
        way = above[:length]
        for key in keys(expected(model, way, document.data)):
            inner = keys(expected(model, (*way, key), None))
            entries = () if inner else keys(expected(model, (*way, key, 0), None))
            if (*way, key) != above[: length + 1] and (meant := near(word, inner or entries, _SURE)):
                deeper = ", indented by two spaces more" if length == len(above) else ""
                deeper = deeper if key in _keys(document.value(way)) else ", in a line of its own"
                hint = f"write it below {code(f'{key}:')}{deeper}" if inner else f"write it in an entry of {code(key)}"
                return f"unknown key {code(word)} here; {code(meant)} belongs in {code(key)}", hint
    return None


def _keys(value: Plain) -> Iterable[str]:
    return value if isinstance(value, dict) else ()
