"""The JSON Schema of the files that a user writes, made from the models that check them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from config.people import PeopleBook
from config.rule_tests import RuleTestFile
from config.settings import Settings
from config.together import TOGETHER
from rules.language import Cap, RuleFile
from rules.timing import Duration, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: dict[str, type[BaseModel]] = {
    "afterword": Settings,
    "rules": RuleFile,
    "people": PeopleBook,
    "tests": RuleTestFile,
}
"""The model of each kind of file that a user writes."""
_WRITTEN_AS_TEXT = frozenset({"Cap", "Duration", "Window"})


@cache
def schema() -> Schema:
    """One schema (draft 2020-12) for afterword.yaml, people.yaml, the files in rules/ and in rules/tests/; any fits.

    Made once in a process, and changed by nobody: making it takes longer than all else that `check` does.

    `#/$defs/Settings`, `#/$defs/PeopleBook`, `#/$defs/RuleFile` and `#/$defs/RuleTestFile` are each by itself.
    """
    made = models_json_schema([(model, "validation") for model in FILES.values()], ref_template="#/$defs/{model}")[1]
    definitions: Schema = {name: _tidy(one) for name, one in made["$defs"].items() if name not in _WRITTEN_AS_TEXT}
    for model in models():
        _defaults(definitions[model.__name__], model)
    for name, rules in TOGETHER.items():
        definitions[name]["allOf"] = rules
    return {
        "$schema": DIALECT,
        "title": "Afterword",
        "description": "What afterword.yaml, people.yaml, and the files in rules/ and rules/tests/ may say.",
        "anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in FILES.values()],
        "$defs": definitions,
    }


def schema_of(kind: str) -> Schema:
    """The schema of one kind of file by itself: an editor offers the keys of all others, too, where several may fit."""
    whole = schema()
    definitions: Schema = whole["$defs"]
    root: Schema = definitions[FILES[kind].__name__]
    needed: dict[str, None] = {}
    waiting = list(_named(root))
    while waiting:
        if (name := waiting.pop()) not in needed:
            needed[name] = None
            waiting += _named(definitions[name])
    return {
        "$schema": DIALECT,
        "title": f"Afterword: {kind}",
        **root,
        "$defs": {name: one for name, one in definitions.items() if name in needed},
    }


def _named(schema: Any) -> Iterator[str]:
    """The definitions that a schema refers to."""
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        schema = list(schema.values())
    for one in schema if isinstance(schema, list) else ():
        yield from _named(one)


def models() -> tuple[type[BaseModel], ...]:
    """The models of all files, each before those that it is made of."""
    found: dict[type[BaseModel], None] = {}
    waiting: list[Any] = list(reversed(FILES.values()))
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            if one not in found and one is not Cap:
                found[one] = None
                waiting += [field.annotation for field in reversed(one.model_fields.values())]
                waiting += [part for field in reversed(one.model_fields.values()) for part in field.metadata]
        else:
            waiting += list(reversed(getattr(one, "__args__", ())))
    return tuple(found)


def default_of(field: FieldInfo) -> Any:
    """What a key means when it is left out, as the user would write it; None where it then says nothing."""
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, Duration | Window):
        return str(value)
    if isinstance(value, Cap):
        return f"{value.count} per {value.period}"
    if isinstance(value, tuple):
        return list(value) or None
    return None if value == "" or isinstance(value, BaseModel) else value


def _defaults(definition: Schema, model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        entry: Schema = definition["properties"][field.alias or name]
        entry.pop("default", None)
        if field.examples:
            entry["examples"] = field.examples  # pydantic sorts the keys in them
        if (value := default_of(field)) is not None:
            entry["default"] = value
        for least in filter(None, (getattr(one, "min_length", None) for one in field.metadata)):
            for choice in entry.get("anyOf", ()):
                if choice.get("type") == "array":
                    choice["minItems"] = least


def _tidy(schema: Any) -> Any:
    """Without the titles that pydantic makes up, and without null: an empty value is a problem here."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidied: Schema = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "properties":
            tidied[key] = {name: _tidy(one) for name, one in value.items()}
        else:
            tidied[key] = value if key == "examples" else _tidy(value)
    choices = [one for one in tidied.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1 and len(tidied["anyOf"]) > 1:
        del tidied["anyOf"]
        return choices[0] | tidied
    if choices:
        tidied["anyOf"] = choices
    return tidied
