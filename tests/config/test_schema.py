"""The schemas that editors complete and check by: one voice with the models that check, the files, and the docs."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from config.editor import modeline, schema_files
from config.files import read_yaml
from config.init import Answers, Login, starter
from config.read_tests import parse_tests
from config.reference import reference
from config.schema import FILES, models, schema, schema_of
from config.validate import validate
from rules.patterns import DURATION, WINDOW
from rules.timing import Duration, Window
from rules.windows import NAMED_DAYS
from tests.config import folders
from tests.config.documents import BROKEN, RIGHT
from tests.thorough import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
WHO = ("Robin Vale", ("robin@example.org",), "Europe/Lisbon")
LOGIN = Login("mail.example", "robin", command="pass show mail")
ANSWERS = (
    Answers(*WHO, "calendars/", "~/Mail", holidays="PT"),
    Answers(*WHO, google_calendar="primary", gmail=True, google_contacts=True),
    Answers(*WHO, caldav=LOGIN, carddav=LOGIN, imap=replace(LOGIN, port=143), vcards="cards/", signature="R."),
)
STARTER = {one: None for answers in ANSWERS for one in starter(answers).items() if one[0].endswith(".yaml")}
"""Each once: most files are the same whatever the answers."""
WHOLE = schema()
EDITORS = schema_files()
VALIDATORS = {kind: jsonschema.Draft202012Validator(schema_of(kind)) for kind in FILES}
ANY = jsonschema.Draft202012Validator(WHOLE)
GOOD = folders.right()


def is_right(kind: str, data: Any) -> bool:
    """Whether `check`, or `test`, finds nothing in this file; of rules and tests as a part of a configuration."""
    if kind == "rules":
        return not folders.problems("rules/a.yaml", json.dumps(data))
    if kind == "tests":
        return not parse_tests({"rules/tests/a.yaml": json.dumps(data)}, GOOD)[1]
    document, problems = read_yaml(json.dumps(data), "a.yaml")
    assert document is not None
    return not problems and validate(document, FILES[kind])[1] == ()


def structure(kind: str, data: Any) -> set[str]:
    """What the models find that needs no code of ours to see: keys, types, words that are not among those known."""
    try:
        FILES[kind].model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        # A list whose entries are wrong is too short, too.
        faults = [one for one in error.errors() if one["type"] != "too_short" or not one["input"]]
        return {one["type"] for one in faults} - {"value_error"}
    return set()


@pytest.mark.parametrize(("kind", "data"), RIGHT)
def test_what_is_right_is_right_for_both(kind: str, data: dict[str, Any]) -> None:
    assert is_right(kind, data)
    VALIDATORS[kind].validate(data)
    ANY.validate(data)


@pytest.mark.parametrize(("kind", "data"), BROKEN)
def test_what_is_broken_is_broken_for_both(kind: str, data: dict[str, Any]) -> None:
    assert not is_right(kind, data)
    assert not VALIDATORS[kind].is_valid(data)
    assert not ANY.is_valid(data)


def places(data: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(value, (*way, key))


SCALARS = st.sampled_from([True, False, 0, 1, -3, 2.5, "", " ", "x", "any", "me", "none", "1 day", "a@b.example", None])
OTHERS = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["id", "x", "at_least"]), SCALARS)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, Any]:
    """A right file after some edits: values replaced, taken out, misspelt keys, another file's keys."""
    kind, right = draw(st.sampled_from(RIGHT))
    data: Any = copy.deepcopy(right)
    for _ in range(draw(st.integers(1, 2))):
        way = draw(st.sampled_from([one for one in places(data) if one] or [()]))
        if not way:
            break
        above = data
        for part in way[:-1]:
            above = above[part]
        edit = draw(st.sampled_from(["replace", "remove", "rename"]))
        if edit == "remove":
            del above[way[-1]]
        elif edit == "rename" and isinstance(above, dict):
            above[draw(st.sampled_from(["titel", "after", "every", "by", "user", "id", "at"]))] = above.pop(way[-1])
        else:
            above[way[-1]] = draw(OTHERS)
    return kind, data


@settings(deadline=None, derandomize=True, max_examples=examples(1500))
@given(edited())
def test_an_editor_underlines_nothing_that_is_right_and_misses_only_what_takes_more_than_a_schema(
    file: tuple[str, Any],
) -> None:
    kind, data = file
    fits = VALIDATORS[kind].is_valid(data)
    if is_right(kind, data):
        assert fits
    elif fits:
        assert structure(kind, data) == set()


BETWEEN = ("", " ", "  ", ", ", " and ", " And ", ",", "\t", " - ", "-", ":")
UNITS = (
    *("m", "h", "d", "w", "minute", "hours", "DAY", "Weeks", "months"),
    *("business_day", "business__days", "huors", "fortnight"),
)
DAYS = (*NAMED_DAYS, "MON", "Every  Day", "fry")
HOURS = ("", "9:00", "09:00-18:00", "9:00 - 24:00", "00:00\N{EN DASH}0:30", "any", "working_hours")
TRIES = 8_000
"""Texts put together by dice: of such short ones Hypothesis tries a tenth in the same time."""


def test_a_duration_is_one_for_the_editor_where_it_is_one() -> None:
    dice = Random(1)
    right = 0
    for _ in range(TRIES):
        parts = [
            f"{dice.randint(0, 300)}{dice.choice(BETWEEN)}{dice.choice(UNITS)}{dice.choice(BETWEEN)}"
            for _ in range(dice.randint(1, 3))
        ]
        text = "".join(parts).replace("_", " ")
        fits = parses(Duration, text)
        assert bool(re.search(DURATION, text)) == fits, text
        right += fits
    assert right > TRIES // 100


def test_a_window_is_one_for_the_editor_where_it_is_one() -> None:
    dice = Random(2)
    right = 0
    for _ in range(TRIES):
        days = [f"{dice.choice(DAYS)}{dice.choice(BETWEEN)}" for _ in range(dice.randint(0, 3))]
        hours = dice.choice(HOURS)
        text = "".join(days) + hours
        if parses(Window, text):
            right += 1
            assert re.search(WINDOW, text), text
        if any("fry" in day for day in days) or not re.search(r"[0-9a-z]$", text) or ("hours" in text and days):
            assert not re.search(WINDOW, text), text
    assert right > TRIES // 100


def parses(kind: type[Duration | Window], text: str) -> bool:
    try:
        kind.parse(text)
    except ValueError:
        return False
    return True


def keys() -> Iterator[tuple[type[BaseModel], str, str]]:
    """Each key of each model: by the name of its field, and as it is written."""
    for model in models():
        for name, field in model.model_fields.items():
            yield model, name, field.alias or name


@pytest.mark.parametrize(
    ("model", "name", "key"), [pytest.param(*one, id=f"{one[0].__name__}.{one[2]}") for one in keys()]
)
def test_each_key_has_a_description_and_examples_that_are_right(model: type[BaseModel], name: str, key: str) -> None:
    definitions = WHOLE["$defs"]
    entry = definitions[model.__name__]["properties"][key]
    field = model.model_fields[name]
    checker = jsonschema.Draft202012Validator({**entry, "$defs": definitions})
    kind: Any = Annotated[(field.annotation, Field(discriminator=field.discriminator), *field.metadata)]
    taken: TypeAdapter[Any] = TypeAdapter(kind)

    assert entry["description"].endswith(".")
    assert entry["examples"]
    for example in entry["examples"]:
        checker.validate(example)
        taken.validate_json(json.dumps(example), strict=True)


def test_each_mapping_of_the_schema_says_what_it_is_for() -> None:
    assert not [name for name, one in WHOLE["$defs"].items() if not one.get("description")]


def test_the_schemas_are_some_themselves() -> None:
    for one in (WHOLE, *map(json.loads, EDITORS.values())):
        jsonschema.Draft202012Validator.check_schema(one)


def test_the_expressions_in_them_mean_the_same_to_an_editor() -> None:
    """JavaScript knows neither flags nor names inside an expression, nor `\\A` and `\\Z`."""
    for text in EDITORS.values():
        for found in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text):
            assert not re.search(r"\(\?(?![:!=])|\\[AZ]", json.loads(found))


@pytest.mark.parametrize(("name", "text"), list(STARTER))
def test_each_starter_file_names_its_schema_and_fits_it(name: str, text: str) -> None:
    first, _, _ = text.partition("\n")
    document, _ = read_yaml(text, name)
    named = first.rpartition("=")[2]
    found = EDITORS[str((ROOT / name).parent.joinpath(named).resolve().relative_to(ROOT))]

    assert first == modeline(name)
    assert document is not None
    jsonschema.Draft202012Validator(json.loads(found)).validate(document.data)
    ANY.validate(document.data)


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_for_an_editor_knows_one_kind_of_file(kind: str) -> None:
    fitting = {other for other, right in RIGHT for _ in [0] if VALIDATORS[kind].is_valid(right)}
    assert fitting == {kind}


def test_the_reference_in_the_docs_is_the_one_that_the_program_writes() -> None:
    assert (ROOT / "docs/rules.md").read_text("utf-8") == reference()


def test_each_key_of_the_schema_is_in_the_reference_and_the_other_way_round() -> None:
    page = reference()
    tables = page.split("| key | takes | without it | example |\n|---|---|---|---|\n")[1:]
    told = [tuple(re.findall(r"^\| `(\w+)` \|", one.partition("\n\n")[0], re.MULTILINE)) for one in tables]
    known = {name: tuple(one.get("properties", ())) for name, one in WHOLE["$defs"].items()}
    files = {model.__name__ for model in FILES.values()} - {"Settings"}

    assert sorted(told) == sorted(keys for name, keys in known.items() if keys and name not in files)
    for name in files:
        assert all(f"`{key}`" in page for key in known[name])
