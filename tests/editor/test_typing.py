"""Somebody edits the starter files in an editor that speaks with the YAML language server, which runs for real."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from config.init import Answers
from daemon.setup import lay
from tests.editor.editor import GUARD, Editor, Underlined, editor, needed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWERS = Answers("Robin Vale", ("robin@example.org",), "Europe/Lisbon", "calendars/", "~/Mail", holidays="PT")
RULES = ("soft-interviews", "informational-interviews", "job-interviews", "customer-calls", "mentoring", "briefs")
SETTINGS, PEOPLE = "afterword.yaml", "people.yaml"
RULE, TESTS = "rules/soft-interviews.yaml", "rules/tests/soft-interviews.yaml"


class Desk:
    """The folder of the configuration, open in the editor."""

    def __init__(self, folder: Path, opened: Editor) -> None:
        self.folder = folder
        self.editor = opened

    def first(self, name: str) -> str:
        """The line that names the schema."""
        return (self.folder / name).read_text("utf-8").split("\n", 1)[0] + "\n"

    def type(self, name: str, text: str) -> list[Underlined]:
        """Type this under the first line of the file; what is underlined."""
        return self.editor.type(self.folder / name, self.first(name) + text)

    def offered(self, name: str, text: str) -> dict[str, str]:
        """Type this; what is offered at its end."""
        self.type(name, text)
        return self.editor.completions(self.folder / name, self.first(name) + text)

    def hover(self, name: str, text: str, on: str) -> str:
        """Type this; what is said of these words."""
        self.type(name, text)
        return self.editor.hover(self.folder / name, on)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("robin") / "afterword"
    lay(folder, ANSWERS, RULES)
    with editor(folder) as opened:
        yield Desk(folder, opened)


def test_nothing_is_underlined_in_the_files_of_init(desk: Desk) -> None:
    files = sorted(desk.folder.rglob("*.yaml"))
    assert len(files) > 10
    assert {str(path): desk.editor.open(path) for path in files} == {str(path): [] for path in files}


def test_an_empty_file_is_offered_what_it_may_begin_with(desk: Desk) -> None:
    assert set(desk.offered(RULE, "")) >= {"rules"}
    assert not set(desk.offered(RULE, "")) & {"tests", "people", "calendars"}
    assert set(desk.offered(SETTINGS, "")) >= {"version", "me", "calendars", "mailbox", "courtesy"}
    assert set(desk.offered(PEOPLE, "")) >= {"people"}
    assert set(desk.offered(TESTS, "")) >= {"tests", "people"}


def test_a_step_is_offered_its_keys_with_what_they_do(desk: Desk) -> None:
    offered = desk.offered(RULE, "rules:\n  - id: coffee\n    steps:\n      - ")

    assert set(offered) >= {"id", "template", "after", "every", "before", "by", "expires", "window", "to", "thread"}
    assert offered["by"] == "After the meeting's end: the note must be on its way."
    assert offered["before"].startswith("This long before the meeting's start")


def test_conditions_are_offered_with_what_they_do(desk: Desk) -> None:
    offered = desk.offered(RULE, "rules:\n  - id: coffee\n    when:\n      ")

    assert set(offered) >= {"calendar", "title", "attendees", "person", "duration", "organiser", "recurring"}
    assert offered["title"] == "The title has any of these words; /…/ is a regular expression."
    assert not set(offered) & {"steps", "after"}


def test_values_are_offered(desk: Desk) -> None:
    step = "rules:\n  - id: coffee\n    steps:\n      - id: thank-you\n        "

    assert set(desk.offered(RULE, f"{step}to: ")) == {"each", "all"}
    assert set(desk.offered(RULE, f"{step}after: ")) == {"2 hours"}
    assert set(desk.offered(RULE, f"{step}window: ")) >= {"working_hours", "any"}


def test_an_entry_of_the_calendars_is_offered_the_keys_of_its_kind(desk: Desk) -> None:
    calendars = "version: 1\ncalendars:\n  - id: work\n    "

    assert set(desk.offered(SETTINGS, calendars)) >= {"ics", "caldav", "google"}
    offered = desk.offered(SETTINGS, f"{calendars}caldav: cloud.example\n    ")
    assert set(offered) == {"user", "password", "calendars", "local", "certificate", "only_mine"}
    assert offered["password"] == "Where the password comes from."


def test_a_person_and_a_test_are_offered_their_keys(desk: Desk) -> None:
    assert set(desk.offered(PEOPLE, "people:\n  - ")) >= {"name", "emails", "tags", "language", "do_not_contact"}
    assert set(desk.offered(TESTS, "tests:\n  - ")) >= {"name", "meeting", "mails", "expect", "because"}
    reasons = desk.offered(TESTS, "tests:\n  - name: a\n    expect: none\n    because: ")
    assert set(reasons) >= {"title", "unless title", "accepted", "courtesy"}


def test_pointing_at_a_key_tells_what_it_does_and_gives_an_example(desk: Desk) -> None:
    text = "rules:\n  - id: coffee\n    steps:\n      - {id: a, template: b, after: 1 hour, by: 1 day}\n"
    told = desk.hover(RULE, text, "by")

    assert "After the meeting's end: the note must be on its way." in told
    assert "24 hours" in told
    assert "Between two drafts to one person." in desk.hover(SETTINGS, "courtesy:\n  min_gap: 5 days\n", "min_gap")
    assert "All addresses of the person" in desk.hover(PEOPLE, "people:\n  - emails: a@acme.example\n", "emails")
    assert "When it ends, on my clock." in desk.hover(TESTS, "tests:\n  - meeting: {ends: x}\n", "ends")


@pytest.mark.parametrize(
    ("name", "right", "wrong", "said"),
    [
        (RULE, "      title: [c", "      «tittle»: [c", "Property tittle is not allowed."),
        (RULE, "after: 2 hours", "after: «2 huors»", "This is not a duration; write a number and a unit"),
        (RULE, "after: 2 hours", "after: «2»", 'Incorrect type. Expected "string".'),
        (RULE, "window: working_hours", "window: «working_ours»", "This is not a window; write days and hours"),
        (RULE, "at_most: 4", "at_most: «0»", "Value is below the minimum of 1."),
        (RULE, "- id: soft-interview ", "- id: «soft interview» ", "An id is made of letters, digits"),
        (SETTINGS, "version: 1", "version: «2»", "Value must be 1."),
        (SETTINGS, "  holidays:", "  «holidais»:", "Property holidais is not allowed."),
        (SETTINGS, "[robin@example.org]", "[«robin»]", "This is not an email address; write one such as"),
        (SETTINGS, "per_day: 8", "per_day: «many»", 'Incorrect type. Expected "integer".'),
        (SETTINGS, "courtesy:", "«curtesy»:", "Property curtesy is not allowed."),
        (PEOPLE, "people: []", "people: «none»", 'Incorrect type. Expected "array".'),
        (TESTS, "    because: attendees", "    because: «atendees»", "Value is not accepted."),
        (TESTS, "until: 2026-03-03 10:00", "until: «tomorrow»", "This is not a time on your clock; write day"),
    ],
)
def test_a_mistake_is_underlined_where_it_is_and_nothing_else(
    desk: Desk, name: str, right: str, wrong: str, said: str
) -> None:
    before, found, after = (desk.folder / name).read_text("utf-8").partition(right)
    assert found
    begin, mistake, end = re.split("[«»]", wrong)
    place = before + begin
    (one,) = desk.editor.type(desk.folder / name, place + mistake + end + after)

    assert (one.line, one.column) == (place.count("\n") + 1, len(place.rpartition("\n")[2]) + 1)
    assert (one.text, one.message[: len(said)]) == (mistake, said)


def test_what_is_missing_and_what_is_too_much_in_a_step_is_told(desk: Desk) -> None:
    def told(step: str) -> list[tuple[str, str]]:
        text = f"rules:\n  - id: coffee\n    steps:\n      - {{id: a, {step}}}\n"
        return [(one.text, one.message) for one in desk.type(RULE, text)]

    start = "A step says one thing that it counts from: `after`, `every` or `before`."
    assert told("template: b") == [("{", start)]
    assert told("after: 1 hour") == [("{", 'Missing property "template".')]
    assert told("template: b, after: 1 hour, every: 1 week") == [
        ("after", "This and `every` exclude each other; keep one of the two."),
        ("every", "This and `after` exclude each other; keep one of the two."),
    ]
    assert told("template: b, every: 1 week, by: 1 day") == [
        ("{", "`by` is a deadline after a meeting, and so goes only with `after`.")
    ]


def test_a_password_in_the_file_and_half_an_account_are_underlined(desk: Desk) -> None:
    text = (
        "version: 1\nme: {name: R, emails: r@example.org, time_zone: UTC}\nmailbox: {maildir: ~/Mail}\n"
        "calendars:\n  - {id: a, caldav: cloud.example, user: robin, password: secret}\n"
        "  - {id: b, caldav: cloud.example, user: robin}\n"
    )
    told = [(one.line, one.text, one.message) for one in desk.type(SETTINGS, text)]

    assert told == [
        (6, "secret", 'Incorrect type. Expected "Password".'),
        (7, "{", "`user` and `password` go together: write both, or neither."),
    ]


def test_whoever_connects_is_ended() -> None:
    """The language server runs under a guard that this shows to hold."""
    needed()
    connect = "require('node:http').get('http://127.0.0.1:9/')"
    ended = subprocess.run(["node", "--require", GUARD, "-e", connect], capture_output=True, text=True, check=False)

    assert (ended.returncode, "The language server wanted to connect" in ended.stderr) == (70, True)
