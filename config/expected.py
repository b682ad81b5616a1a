"""What the language expects at a place of a file, in plain words: from the JSON Schema of the same models."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from config.files import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from config.files import Path, Plain
    from config.schema import Schema

_NAMES = {"string": "a text", "array": "a list", "object": "a mapping", "integer": "a whole number"}


def expected(model: type[BaseModel], path: Path, data: Plain) -> Schema:
    """The schema of the value at `path` in a file of this model that holds `data`; empty where nothing is known.

    Where an entry may be of several kinds, it is of those whose own key stands in it.
    """
    found, value = _narrowed(_definitions()[model.__name__], data), data
    for part in path:
        step: Schema | None = None
        for choice in _choices(found):
            step = choice.get("items") if isinstance(part, int) else choice.get("properties", {}).get(part)
            if step is not None:
                break
        if step is None:
            return {}
        value = inside(value, part)
        found = _narrowed(step, value)
    return found


def _narrowed(found: Schema, value: Plain) -> Schema:
    choices = list(_choices(found))
    if len(choices) < 2 or not isinstance(value, dict):  # noqa: PLR2004 - nothing to choose
        return found
    fitting = [one for one in choices if any(key in value for key in one.get("required", ()) if key != "id")]
    return {"anyOf": fitting} if fitting else found


def kinds(found: Schema) -> str:
    """What may stand there: `a whole number`, `` `me` or `others` ``; empty where nothing is known."""
    words: list[str] = []
    for choice in _choices(found):
        if "const" in choice:
            words.append(code(choice["const"]))
        elif "enum" in choice:
            words += [code(one) for one in choice["enum"]]
        elif choice.get("type") == "boolean":
            words += ["`true`", "`false`"]
        elif choice.get("type") in _NAMES:
            words.append(_NAMES[choice["type"]])
    return either(dict.fromkeys(words))


def all_named(found: Schema) -> bool:
    """Whether `kinds` names every value that there can be: an example would add nothing."""
    return all(choice.keys() & {"const", "enum"} or choice.get("type") == "boolean" for choice in _choices(found))


def keys(found: Schema) -> tuple[str, ...]:
    """The keys that a mapping may have there."""
    return tuple(dict.fromkeys(key for choice in _choices(found) for key in choice.get("properties", ())))


def required(found: Schema) -> frozenset[str]:
    """The keys that a mapping must have there, of whatever kind it is."""
    return frozenset.intersection(*(frozenset(choice.get("required", ())) for choice in _choices(found)))


def example(name: str, found: Schema) -> str | None:
    """A line as it would be right, from the examples of the language."""
    if examples := found.get("examples"):
        return code(f"{name}: {flow(examples[0])}", 120)
    return None


def near(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that was probably meant."""
    by_form = {one.casefold().replace("-", "_"): one for one in known}
    found = difflib.get_close_matches(word[:100].casefold().replace("-", "_"), by_form, n=1, cutoff=likeness)
    return by_form[found[0]] if found else None


def either(words: Iterable[str], last: str = " or ") -> str:
    """`a, b or c`."""
    several = list(words)
    return last.join(filter(None, [", ".join(several[:-1]), *several[-1:]]))


def code(value: object, longest: int = 60) -> str:
    """The value as the user would write it, marked as such and on one short line."""
    shown = " ".join(flow(value).split())
    shown = shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
    shown = "".join(letter if letter.isprintable() else "�" for letter in shown)
    return f"`{shown}`" if "`" not in shown else f"'{shown}'"


def flow(value: object) -> str:
    """The value in one line of YAML, near enough for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_quoted(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_quoted(one)}' for key, one in value.items())}}}"
    return str(value).rstrip("\n")


def _quoted(value: object) -> str:
    shown = flow(value)
    return f'"{shown}"' if isinstance(value, str) and shown.startswith(("*", "#", "@")) else shown


def _choices(found: Schema) -> Iterator[Schema]:
    if "$ref" in found:
        yield from _choices(_definitions()[found["$ref"].rpartition("/")[2]])
        return
    several = found.get("anyOf") or (found.get("oneOf") if "properties" not in found else None)
    if not several:
        yield found
        return
    for one in several:
        yield from _choices(one)


@lru_cache(maxsize=1)
def _definitions() -> dict[str, Any]:
    from config.schema import schema  # noqa: PLC0415 - the models of all files: of a mistake alone, and not in each cycle

    definitions: dict[str, Any] = schema()["$defs"]
    return definitions
