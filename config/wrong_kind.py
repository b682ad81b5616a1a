"""Says of a value of the wrong kind what is wanted there, what it is, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.expected import all_named, code, either, example, flow, keys, kinds
from config.problem import SECRETS
from config.values import duration

if TYPE_CHECKING:
    from config.files import Path, Plain
    from config.schema import Schema

_WORDS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
"""What other programs, and older versions of YAML, take for true and false."""
_CURLY = "“”„‟‘’‚‛«»"  # noqa: RUF001 - they are what is looked for


def wrong_kind(name: str, value: Plain, found: Schema) -> str:
    """What is wrong with a value that is not of a kind that the schema takes; `name` is how the message calls it."""
    wanted = kinds(found)
    if isinstance(value, str) and wanted == "`true` or `false`" and value.casefold() in _WORDS:
        return f"{name} must be {wanted}; {code(value)} is only a word here"
    if isinstance(value, int) and not isinstance(value, bool) and _is_duration(found):
        return f"{name} needs a unit behind the number {code(value)}"
    if lacking := _unspaced(value, found):
        return lacking[0]
    if wanted == "a list" and isinstance(value, dict):
        return f"{name} must be a list, and none of its entries begins with `- `"
    return f"{name} must {_wanted(wanted)}, and this {_is(value)}"


def _wanted(kinds: str) -> str:
    """`be a text`, `hold keys with values`, `be `google`, or hold keys with values`."""
    rest = re.sub(r"(?: or |, )?a mapping$", "", kinds)
    if rest == kinds:
        return f"be {kinds or 'something else'}"
    return f"be {rest}, or hold keys with values" if rest else "hold keys with values"


def _is(value: Plain) -> str:
    if isinstance(value, bool):
        return f"is {code(value)}"
    if isinstance(value, int | float):
        return f"is the number {code(value)}"
    if isinstance(value, str):
        return "is a text" if any(secret in value.casefold() for secret in SECRETS) else f"is the text {code(value)}"
    return "is a list" if isinstance(value, list) else "holds keys"


def remedy(path: Path, value: Plain, found: Schema, above: Schema) -> str | None:
    """What to write instead of the value at `path`; `above` is the schema of what encloses it."""
    names = [part for part in path if isinstance(part, str)]
    shown = (example(names[-1], found) or example(names[-1], above)) if names else None
    if lacking := _unspaced(value, found):
        return f"write {code(lacking[1])}"
    made = without_curly_quotes(value) or _same_in_the_right_kind(path, value, found)
    made = made or _moved_dash(value, found, shown)
    return made or (f"for example {shown}" if shown and not all_named(found) else _keys_there(found))


def _unspaced(value: Plain, found: Schema) -> tuple[str, str] | None:
    """What a key, or an entry, lacks that YAML takes for a text; and how it is written."""
    if isinstance(value, dict) and kinds(found) == "a list" and (key := next(iter(value), "")).startswith("-"):
        return f"a space is missing after the `-` of {code(key)}", f"- {key.lstrip('-')}: …"
    if not isinstance(value, str) or not _takes_keys(found):
        return None
    pieces = re.match(r"(\w+)(:?)\s*(\S.*)?", value)
    if not pieces or pieces[1] not in keys(found):
        return None
    rest = "…" if any(secret in value.casefold() for secret in SECRETS) else pieces[3] or ""
    lacks = "a space is missing after the `:` of" if pieces[2] else "a `:` is missing after"
    return f"{lacks} {code(pieces[1])}", f"{pieces[1]}: {rest}".rstrip()


def _moved_dash(value: Plain, found: Schema, shown: str | None) -> str | None:
    """The remedy where a list and a mapping are taken for each other."""
    as_in = f", as in {shown}" if shown else ""
    if isinstance(value, list) and _takes_keys(found):
        return f"take the `- ` away, so that the keys stand below each other{as_in}"
    if isinstance(value, dict) and kinds(found) == "a list":
        return f"write `- ` before the first key of each entry{as_in}"
    return None


def _keys_there(found: Schema) -> str | None:
    known = keys(found)
    if len(known) == 1:
        return f"write {code(f'{known[0]}:')} in a line of its own, and indent the rest under it"
    return f"the keys here are {either(map(code, known), ' and ')}" if known else None


def without_curly_quotes(value: Plain) -> str | None:
    """The remedy for a text in quotes of a word processor, which are letters like any other."""
    if isinstance(value, str) and value[:1] and value[0] in _CURLY:
        return f"take the curly quotes away, or write straight ones: {code(_quoted(value.strip(_CURLY)))}"
    return None


def without_value(name: str, line: str, found: Schema, *, needed: bool) -> str:
    """The remedy for the key `name` in this line of the file, which has no value."""
    if comment := re.match(rf"[\s-]*{re.escape(name)}\s*:\s+(#\S*)", line):
        return f"from `#` on a line is a comment: put a text with a `#` in quotes, as in {code(_quoted(comment[1]))}"
    shown = example(name, found)
    write = f"write one, as in {shown}" if shown else "write one"
    if _takes_keys(found):
        write = "write its keys in the lines below, indented by two spaces" + (f", or as in {shown}" if shown else "")
    return write if needed else f"{write}; or take the line out"


def _same_in_the_right_kind(path: Path, value: Plain, found: Schema) -> str | None:
    """The value itself, as it is to be written: with quotes, without them, or as the word for it."""
    key = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
    wanted = kinds(found)
    if isinstance(value, str) and "`true`" in wanted and value.casefold() in _WORDS:
        return f"write {code(key + _WORDS[value.casefold()])}"
    if isinstance(value, str) and wanted == "a whole number" and re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return f"take the quotes away: {code(key + value.strip())}"
    if isinstance(value, bool | int | float) and wanted.startswith("a text") and not _is_duration(found):
        return f"put it in quotes: {code(key + _quoted(flow(value)))}"
    return None


def _quoted(text: str) -> str:
    return f'"{text}"'


def _is_duration(found: Schema) -> bool:
    return any(duration(one) is not None for one in found.get("examples", ()))


def _takes_keys(found: Schema) -> bool:
    return kinds(found).endswith("a mapping")
