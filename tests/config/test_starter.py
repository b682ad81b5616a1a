"""The files to begin with: right, in one voice, and one thank-you for one meeting."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.files import read_yaml
from config.init import Answers, Login, starter
from config.load import Configuration, parse
from config.sources import Sources
from rules.match import found
from tests.config.folders import FOLDER
from tests.thorough import examples

if TYPE_CHECKING:
    from rules.language import Rule

ANSWERS = Answers("Robin Vale", ("robin@example.org",), "Europe/Lisbon", "calendars/", "~/Mail", holidays="PT")
FILES = starter(ANSWERS)
TEMPLATES = sorted(name for name in FILES if name.startswith("templates/"))


def configured(answers: Answers = ANSWERS) -> Configuration:
    loaded = parse(Sources(starter(answers)), FOLDER)
    assert loaded.problems == ()
    assert loaded.configuration is not None
    return loaded.configuration


def test_the_starter_files_have_no_problems() -> None:
    assert len(configured().rules) >= 5


def test_the_answers_stand_in_the_settings() -> None:
    answers = Answers(
        'Røbin "R" Vale: #1',
        ("robin@example.org", "r+x@work.example"),
        "America/New_York",
        "webcal://calendar.example/a b.ics?x=1#y",
        "/srv/mail dir",
        calendar_id="work",
        holidays="DE-BY",
        vcards="~/cards",
        signature="Robin\n\nVale & Co: *stars*",
    )
    made = configured(answers)

    assert made.me.name == answers.name
    assert made.me.emails == answers.emails
    assert made.me.signature.strip() == answers.signature
    assert (made.almanac.zone, made.almanac.country) == ("America/New_York", "DE-BY")
    assert made.settings.calendars[0].model_dump() == {
        "id": "work",
        "ics": answers.calendar,
        "local": False,
        "only_mine": False,
    }
    assert [next(iter(one.model_dump())) for one in made.contacts] == ["vcards", "people"]
    assert made.settings.mailbox.model_dump()["maildir"] == "/srv/mail dir"


def test_what_is_googles_stands_in_the_settings_and_the_signature_is_the_accounts() -> None:
    mine = ("Robin", ("robin@example.org",), "UTC")
    made = configured(Answers(*mine, vcards="~/cards", google_calendar="a: #b", gmail=True, google_contacts=True))

    assert made.settings.calendars[0].model_dump() == {"id": "calendar", "google": "a: #b", "only_mine": False}
    assert [next(iter(one.model_dump())) for one in made.contacts] == ["vcards", "google", "people"]
    assert made.settings.mailbox.model_dump() == {"gmail": {}}
    assert made.settings.me.signature == ""
    assert (
        configured(Answers(*mine, gmail=True, signature="R.", calendar="a.ics")).settings.me.signature.strip() == "R."
    )


@settings(deadline=None, derandomize=True, max_examples=examples(100))
@given(name=st.text(min_size=1, max_size=30), path=st.text(max_size=20), signature=st.text(max_size=40))
def test_no_answer_breaks_the_settings_file(name: str, path: str, signature: str) -> None:
    text = starter(Answers(name, ("robin@example.org",), "UTC", f"/x/{path}", "~", signature=signature))[
        "afterword.yaml"
    ]
    document, problems = read_yaml(text, "afterword.yaml")

    assert problems == ()
    assert document is not None
    assert isinstance(document.value(("mailbox", "maildir")), str)
    assert isinstance(document.value(("me", "name")), str)


@settings(deadline=None, derandomize=True, max_examples=examples(100))
@given(server=st.text(max_size=30), user=st.text(max_size=20), source=st.text(max_size=30), by_command=st.booleans())
def test_no_account_breaks_the_settings_file(server: str, user: str, source: str, by_command: bool) -> None:
    login = Login(f"x{server}", user, command=f"x {source}") if by_command else Login(f"x{server}", user, file=source)
    answers = Answers("R", ("robin@example.org",), "UTC", caldav=login, carddav=login, imap=login)
    document, problems = read_yaml(starter(answers)["afterword.yaml"], "afterword.yaml")

    assert problems == ()
    assert document is not None
    for kind, way in (("caldav", ("calendars", 0)), ("carddav", ("contacts", 0)), ("imap", ("mailbox",))):
        account = document.value(way)
        assert isinstance(account, dict)
        assert set(account) - {"id"} == {kind, "user", "password"}
        assert all(isinstance(account[key], str) for key in (kind, "user"))
        assert document.value((*way, "password", "command" if by_command else "file")) is not None


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("rules/tests/")])
def test_each_file_of_tests_is_of_a_rule_file(name: str) -> None:
    assert f"rules/{Path(name).name}" in FILES


def test_every_template_is_used_and_every_step_has_one() -> None:
    used = {name for rule in configured().rules for one in rule.steps for name in one.template}

    assert used | {"decision", "ask", "ask-advice"} == {Path(name).stem for name in TEMPLATES}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_note_reads_like_a_person_wrote_it(name: str) -> None:
    text = FILES[name]

    assert not re.search(
        "[\u2013\u2014!]|hope this (e-?mail|note|message) finds|touch base|circle back|reach out", text, re.IGNORECASE
    )
    assert "meeting.title" not in text or name == "templates/brief.md"
    assert name == "templates/brief.md" or "gap(" in text
    assert name == "templates/brief.md" or text.rstrip().endswith("{{ me.signature }}")


def test_no_note_of_a_conversation_between_peers_calls_it_an_interview() -> None:
    (rule,) = (rule for rule in configured().rules if rule.id == "soft-interview")
    names = {name for one in rule.steps for name in one.template} | {"decision", "ask", "ask-advice"}

    assert not [name for name in names if "interview" in FILES[f"templates/{name}.md"].casefold()]


def writes(rule: Rule, title: str, *, recurring: bool = False) -> bool:
    """Whether the rule writes to the others after a meeting of this title."""
    wanted = rule.when.recurring in {recurring, "any"} or (rule.when.recurring is None and not recurring)
    thanks = any(one.after is not None for one in rule.steps)
    excluded = rule.unless is not None and bool(found(rule.unless.title, title))
    return wanted and thanks and bool(found(rule.when.title, title)) and not excluded


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Coffee with Dana", "soft-interview"),
        ("Catch-up Dana / Robin", "soft-interview"),
        ("Soft interview with Dana", None),
        ("Informational interview with Lee", "informational"),
        ("Coffee: learning about data work", "informational"),
        ("Interview advice from Ana", "informational"),
        ("Interview at Acme", "job-interview"),
        ("Interview: Customer Success Manager", "job-interview"),
        ("Screening over lunch", "job-interview"),
        ("Customer interview", None),
        ("Catch up with customer Acme", "customer-call"),
        ("Demo for Acme", "customer-call"),
        ("Mentoring lunch", "mentoring"),
        ("Mentoring interview practice", None),
        ("Team coffee", None),
        ("Dentist", None),
    ],
)
def test_a_meeting_has_one_rule_that_thanks(title: str, rule: str | None) -> None:
    assert [one.id for one in configured().rules if writes(one, title)] == ([rule] if rule else [])


def test_a_series_is_thanked_for_once_and_by_one_rule() -> None:
    rules = [one for one in configured().rules if writes(one, "Mentoring with Ana", recurring=True)]

    assert [(one.id, one.when.first_meeting) for one in rules] == [("mentoring-series", True)]
