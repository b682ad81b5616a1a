"""The folder of the configuration as it lies on the disk, with everything that can be wrong with files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import load, parse
from config.problem import Problem
from config.sources import LARGEST, Sources, read
from tests.config.folders import FOLDER, GOOD, SETTINGS, written
from tests.thorough import examples

if TYPE_CHECKING:
    from pathlib import Path

WITH_PEOPLE = GOOD | {
    "afterword.yaml": f"{SETTINGS}contacts: [{{people: people.yaml}}]\n",
    "people.yaml": "people: []\n",
}


def told(folder: Path) -> list[tuple[str, str]]:
    return [(one.place, one.message) for one in load(folder).problems]


def test_all_texts_are_read(tmp_path: Path) -> None:
    assert read(written(tmp_path, WITH_PEOPLE)) == Sources(WITH_PEOPLE)


def test_no_folder_tells_of_init(tmp_path: Path) -> None:
    (problem,) = load(tmp_path / "nowhere").problems

    assert problem.file == "afterword.yaml"
    assert problem.message == f"there is no configuration folder {tmp_path / 'nowhere'}"
    assert problem.hint == "run `afterword init` to begin with one that works"


def test_no_settings_tell_of_init(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "afterword.yaml").unlink()
    (problem,) = load(tmp_path).problems

    assert (problem.place, problem.message) == ("afterword.yaml", "there is no such file")
    assert problem.hint == "run `afterword init` to begin with one that works"


def test_no_rules_folder_tells_of_init(tmp_path: Path) -> None:
    written(tmp_path, {"afterword.yaml": SETTINGS})
    (problem,) = load(tmp_path).problems

    assert (problem.place, problem.message) == ("rules", "there is no folder rules/")
    assert problem.hint == "run `afterword init` to begin with one that works"


def test_an_empty_rules_folder_is_told(tmp_path: Path) -> None:
    written(tmp_path, {"afterword.yaml": SETTINGS})
    (tmp_path / "rules").mkdir()

    assert told(tmp_path) == [("rules", "there are no rules in rules/")]


def test_a_missing_people_file_is_told_where_it_is_named(tmp_path: Path) -> None:
    written(tmp_path, WITH_PEOPLE)
    (tmp_path / "people.yaml").unlink()

    assert told(tmp_path) == [("afterword.yaml:5:21", "people.yaml: there is no such file")]


def test_a_people_file_may_lie_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("people: [{name: Dana, emails: dana@acme.example}]\n")
    folder = written(tmp_path / "config", GOOD | {"afterword.yaml": f"{SETTINGS}contacts: [{{people: {elsewhere}}}]\n"})
    configuration = load(folder).configuration

    assert configuration is not None
    assert [one.name for one in configuration.people[str(elsewhere)]] == ["Dana"]


@pytest.mark.parametrize("name", ["afterword.yaml", "rules/a.yaml", "templates/thank-you.md", "people.yaml"])
def test_bytes_that_are_not_utf8_are_told_with_their_place(tmp_path: Path, name: str) -> None:
    written(tmp_path, WITH_PEOPLE)
    (tmp_path / name).write_bytes(b"# caf\xc3\xa9\n# caf\xe9\n")
    found = [one for one in load(tmp_path).problems if one.file == name]

    assert [(one.place, one.message) for one in found] == [(f"{name}:2:6", "the file is not UTF-8 text from here on")]


def test_a_file_of_more_than_a_megabyte_is_not_read(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "rules/a.yaml").write_bytes(b"#" * (LARGEST + 1))

    assert told(tmp_path) == [("rules/a.yaml", "the file is larger than 1 MB")]


def test_a_named_pipe_does_not_hold_the_service(tmp_path: Path) -> None:
    written(tmp_path)
    os.mkfifo(tmp_path / "rules/pipe.yaml")

    assert told(tmp_path) == [("rules/pipe.yaml", "this is not a plain file")]


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "rules/folder.yaml").mkdir()

    assert told(tmp_path) == [("rules/folder.yaml", "this is a folder, and a file is wanted")]


@pytest.mark.usefixtures("ordinary_user")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "rules/a.yaml").chmod(0)

    assert told(tmp_path) == [("rules/a.yaml", "the file may not be read")]


def test_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "rules/link.yaml").symlink_to(tmp_path / "nowhere")

    assert told(tmp_path) == [("rules/link.yaml", "there is no such file")]


def test_locks_and_copies_of_editors_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "rules/.#a.yaml").symlink_to("robin@host.1234")
    (tmp_path / "rules/a.yaml~").write_text("rules: [")
    (tmp_path / "templates/.thank-you.md.swp").write_text("x")

    assert told(tmp_path) == []


@pytest.mark.parametrize(("name", "ending"), [("rules/b.yml", "`.yaml`"), ("templates/b.txt", "`.md`")])
def test_a_file_that_is_passed_over_by_its_ending_is_told(tmp_path: Path, name: str, ending: str) -> None:
    written(tmp_path, GOOD | {name: "x"})
    (problem,) = load(tmp_path).problems

    assert problem.file == name
    assert problem.hint == f"rename it to end in {ending}"


def test_the_last_good_configuration_is_kept_as_one_text() -> None:
    kept = Sources(GOOD).to_json()

    assert Sources.from_json(kept) == Sources(GOOD)
    assert parse(Sources.from_json(kept), FOLDER).configuration == parse(Sources(GOOD), FOLDER).configuration
    assert Sources(dict(reversed(GOOD.items()))).to_json() == kept


def test_problems_of_reading_are_kept_too() -> None:
    sources = Sources({}, (Problem(None, "afterword.yaml", 2, 3, "x", "y"),))

    assert Sources.from_json(sources.to_json()) == sources


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"files": []}', '{"files": {}, "problems": [{}]}', "[" * 99999]
)
def test_a_kept_text_that_is_broken_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="the kept configuration cannot be read"):
        Sources.from_json(text)


def test_a_kept_configuration_without_its_people_file_is_told() -> None:
    sources = Sources({name: text for name, text in WITH_PEOPLE.items() if name != "people.yaml"})

    assert [one.message for one in parse(sources, FOLDER).problems] == ["people.yaml: there is no such file"]


NAMES = st.sampled_from([*WITH_PEOPLE, "rules/z.yaml", "templates/z.pt.md"])


@settings(
    deadline=None,
    derandomize=True,
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=NAMES, content=st.binary(max_size=200))
def test_arbitrary_bytes_in_any_file_never_raise(tmp_path: Path, name: str, content: bytes) -> None:
    written(tmp_path, WITH_PEOPLE)
    for other in ("rules/z.yaml", "templates/z.pt.md"):
        (tmp_path / other).unlink(missing_ok=True)
    (tmp_path / name).write_bytes(content)
    found = load(tmp_path)

    assert (found.configuration is None) == bool(found.problems)


KEYS = st.sampled_from(
    [
        "version",
        "me",
        "calendars",
        "contacts",
        "mailbox",
        "courtesy",
        "rules",
        "id",
        "when",
        "unless",
        "steps",
        "template",
        "after",
        "every",
        "before",
        "by",
        "title",
        "attendees",
        "at_least",
        "people",
        "name",
        "emails",
        "ics",
        "maildir",
        "password",
        "oauth",
        "imap",
        "poll",
        "person",
        "tag",
        "window",
    ]
)
VALUES = st.recursive(
    st.sampled_from(["1", "true", "x", "2 hours", "''", "thank-you", "feed", "~", "a@b.example", "-1", "1.5", "/(/"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda many: f"[{', '.join(many)}]")
        | st.dictionaries(KEYS, inner, max_size=4).map(
            lambda many: "{" + ", ".join(f"{key}: {value}" for key, value in many.items()) + "}"
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True, max_examples=examples(300))
@given(name=NAMES, changed=st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_mapping_in_any_file_is_told_with_places(name: str, changed: dict[str, str]) -> None:
    text = "".join(f"{key}: {value}\n" for key, value in changed.items())
    found = parse(Sources(WITH_PEOPLE | {name: text}), FOLDER)

    assert (found.configuration is None) == bool(found.problems)
    assert all(one.line is not None for one in found.problems if one.file != "templates/z.pt.md")
