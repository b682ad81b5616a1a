"""The JSON Schema of the files that a user writes, made from the models that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from config.people import PeopleBook
from config.rule_tests import RuleTestFile
from config.settings import Settings
from rules.language import Cap, RuleFile
from rules.timing import Duration, Window

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: tuple[type[BaseModel], ...] = (Settings, RuleFile, PeopleBook, RuleTestFile)
_WRITTEN_AS_TEXT = frozenset({"Cap", "Duration", "Window"})
_STARTS = ("after", "every", "before")


def schema() -> Schema:
    """One schema (draft 2020-12) for afterword.yaml, people.yaml, the files in rules/ and in rules/tests/; any fits.

    `#/$defs/Settings`, `#/$defs/PeopleBook`, `#/$defs/RuleFile` and `#/$defs/RuleTestFile` are each by itself.
    """
    made = models_json_schema([(model, "validation") for model in FILES], ref_template="#/$defs/{model}")[1]
    definitions: Schema = {name: _tidy(one) for name, one in made["$defs"].items() if name not in _WRITTEN_AS_TEXT}
    for model in models():
        _defaults(definitions[model.__name__], model)
    definitions["Step"]["oneOf"] = [{"required": [start]} for start in _STARTS]
    definitions["Imap"]["oneOf"] = [{"required": [one]} for one in ("password", "oauth")]
    definitions["Password"] |= {"minProperties": 1, "maxProperties": 1}
    return {
        "$schema": DIALECT,
        "title": "Afterword",
        "description": "What afterword.yaml, people.yaml, and the files in rules/ and rules/tests/ may say.",
        "anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in FILES],
        "$defs": definitions,
    }


def models() -> tuple[type[BaseModel], ...]:
    """The models of all files, each before those that it is made of."""
    found: dict[type[BaseModel], None] = {}
    waiting: list[Any] = list(reversed(FILES))
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
        if (value := default_of(field)) is not None:
            entry["default"] = value


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
