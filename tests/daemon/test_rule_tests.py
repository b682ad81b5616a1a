"""`afterword test`: what the user writes of the rules is run against the planner, and told so that it can be mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.init import Answers, starter
from config.load import load, parse
from config.read_tests import parse_tests
from config.sources import Sources
from daemon import watch
from daemon.rule_tests.judge import judge
from tests.config.folders import FOLDER
from tests.daemon.command import afterword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.load import Configuration
    from tests.daemon.command import Told

ROOT = Path(__file__).parents[2]
SETTINGS = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org, robin@work.example], time_zone: Europe/Lisbon, signature: Robin}
calendars: [{id: feed, ics: calendars/}, {id: work, ics: work/}]
mailbox: {maildir: Mail}
"""
RULES = """\
rules:
  - id: soft
    when: {title: [coffee, chat], attendees: {at_most: 2, external: true}, duration: {at_most: 2 hours}}
    unless: {title: panel}
    steps:
      - {id: brief, template: brief, before: 1 day}
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: check-in, template: [check-in, news], every: 6 weeks, at_most: 2}
  - id: work
    when: {calendar: work, title: review}
    steps:
      - {id: recap, template: recap, after: 1 hour, to: all, thread: reply}
  - id: network
    when: {title: dinner, person: {tag: network}}
    steps:
      - {id: hello, template: thank-you, after: 1 hour}
"""
TEMPLATES = {
    "thank-you": "---\nsubject: Thank you, {{ person.first_name }}\n---\nDear {{ person.first_name }},\n\n"
    "It was good to meet you {{ meeting.when }}.\n",
    "check-in": "---\nsubject: Hello again\n---\nHow are you, {{ person.first_name }}?\n",
    "news": "---\nsubject: News\n---\nSome news.\n",
    "recap": "---\nsubject: What we agreed\n---\nDear {{ people }},\n",
    "brief": "---\nsubject: Before {{ meeting.title }}\n---\nRead this.\n",
}
COFFEE = "meeting: {title: Coffee, with: dana@acme.example, ends: 2026-03-03 11:00}"
THANKED = "{rule: soft, step: thank-you, to: dana@acme.example, placed: 2026-03-03 13:00, sent: 2026-03-03 18:00}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".config" / "afterword"
    for name in ("rules/tests", "templates"):
        (folder / name).mkdir(parents=True)
    (folder / "afterword.yaml").write_text(SETTINGS, "utf-8")
    (folder / "rules" / "rules.yaml").write_text(RULES, "utf-8")
    for name, text in TEMPLATES.items():
        (folder / "templates" / f"{name}.md").write_text(text, "utf-8")
    return tmp_path


def write(home: Path, text: str, name: str = "mine") -> Path:
    file = home / ".config" / "afterword" / "rules" / "tests" / f"{name}.yaml"
    file.write_text(text, "utf-8")
    return file


def tried(home: Path, *lines: str, people: str = "") -> Told:
    """One test of these lines, run."""
    body = "".join(f"    {line}\n" for line in lines)
    write(home, f"{people}tests:\n  - name: it does what I meant\n{body}")
    return afterword(home, "test")


PASSING = {
    "a thank-you with all that can be said of it": (
        COFFEE,
        "expect:",
        "  - rule: soft",
        "    step: thank-you",
        "    to: dana@acme.example",
        "    due: 2026-03-03 13:00",
        "    drafted: 2026-03-03 13:00",
        "    by: 2026-03-04 11:00",
        "    expires: 2026-03-10 13:00",
        "    from: robin@example.org",
        "    template: thank-you",
        "    subject: Thank you, Dana",
        "    text: [Dear Dana, on Tuesday]",
        "    why: 2 hours after",
    ),
    "drafts in any order, and the one that fits less where the other fits more": (
        "meeting: {title: Coffee, with: [dana@acme.example, lee@acme.example], ends: 2026-03-03 11:00}",
        "expect: [{rule: soft}, {to: dana@acme.example}]",
    ),
    "the brief of the day before": (
        "at: 2026-03-01 12:00",
        "until: 2026-03-03 10:30",
        COFFEE,
        "expect: [{step: brief, to: me, due: 2026-03-02 10:00}]",
    ),
    "a group note in the thread that there is": (
        "meeting: {title: Review, calendar: work, with: [dana@acme.example, lee@acme.example], ends: 2026-03-03 11:00}",
        "expect: [{step: recap, to: [lee@acme.example, dana@acme.example]}]",
    ),
    "an answer to the latest mail": (
        "meeting: {title: Review, calendar: work, with: dana@acme.example, ends: 2026-03-03 11:00}",
        "mails: [{from: dana@acme.example, at: 2026-03-02 16:00, subject: Numbers}]",
        "expect: [{step: recap, subject: 'Re: Numbers'}]",
    ),
    "the address of mine that was invited": (
        "meeting: {title: Coffee, with: dana@acme.example, organiser: dana@acme.example, ends: 2026-03-03 11:00}",
        "expect: [{step: thank-you, from: robin@example.org}]",
    ),
    "the second check-in has the other words": (
        COFFEE,
        "drafts:",
        f"  - {THANKED}",
        "  - {rule: soft, step: check-in, to: dana@acme.example, placed: 2026-04-14 18:00, sent: 2026-04-15 09:00}",
        "at: 2026-04-16 12:00",
        "until: 2026-06-01 00:00",
        "expect: [{step: check-in, template: news, due: 2026-05-27 09:00, why: check-in 2}]",
    ),
    "a draft that I deleted never comes again": (
        COFFEE,
        "drafts:",
        "  - {rule: soft, step: thank-you, to: dana@acme.example, placed: 2026-03-03 13:00, deleted: 2026-03-03 14:00}",
        "at: 2026-03-03 15:00",
        "expect: none",
        "because: {soft: drafted}",
    ),
    "what I snoozed comes when I said": (
        COFFEE,
        "drafts:",
        "  - {rule: soft, step: thank-you, to: dana@acme.example, placed: 2026-03-03 13:00,",
        "     snoozed: 2026-03-03 14:00, until: 2026-03-06 09:00}",
        "at: 2026-03-03 15:00",
        "expect: [{step: thank-you, due: 2026-03-06 09:00}]",
    ),
    "what is held back comes later": (
        "meetings: [{title: Coffee, with: dana@acme.example, ends: 2026-03-02 11:00}]",
        "drafts: [{rule: soft, step: thank-you, to: dana@acme.example, placed: 2026-03-02 13:00}]",
        "meeting: {title: Review, calendar: work, with: dana@acme.example, ends: 2026-03-03 11:00}",
        "expect: [{step: recap, due: 2026-03-03 12:00, drafted: 2026-03-07 13:00}]",
    ),
    "late is late, and there is one": (COFFEE, "at: 2026-03-05 09:00", "expect: [{drafted: 2026-03-05 09:00}]"),
}


@pytest.mark.parametrize("what", PASSING)
def test_what_the_rules_do_passes(home: Path, what: str) -> None:
    told = tried(home, *PASSING[what])

    assert (told.out, told.err, told.code) == ("rules/tests/mine.yaml  .\n\n1 test: all passed.\n", "", 0)


REASONS = {
    "title": "{title: Walk, with: dana@acme.example, ends: 2026-03-03 11:00}",
    "[title]": "{title: Walk, with: dana@acme.example, ends: 2026-03-03 11:00}",
    "unless title": "{title: Coffee and panel, with: dana@acme.example, ends: 2026-03-03 11:00}",
    "attendees": "{title: Chat, with: [a@acme.example, b@acme.example, c@acme.example], ends: 2026-03-03 11:00}",
    "external": "{title: Chat, with: lee@work.example, ends: 2026-03-03 11:00}",
    "duration": "{title: Chat, with: dana@acme.example, ends: 2026-03-03 11:00, lasts: 3 hours}",
    "[duration, recurring]": "{title: Chat, with: a@b.example, ends: 2026-03-03 11:00, lasts: 3h, recurring: true}",
    "[all_day, duration]": "{title: Chat, with: dana@acme.example, ends: 2026-03-03 11:00, all_day: true}",
    "accepted": "{title: Chat, with: a@b.example, ends: 2026-03-03 11:00, organiser: c@b.example, answer: tentative}",
    "counts": "{title: Chat, with: dana@acme.example, declined: dana@acme.example, ends: 2026-03-03 11:00}",
    "not_cancelled": "{title: Chat, with: dana@acme.example, ends: 2026-03-03 11:00, cancelled: true}",
    "nofollow": "{title: Chat, description: '#nofollow', with: dana@acme.example, ends: 2026-03-03 11:00}",
    "noshow": "{title: 'Chat #noshow', with: dana@acme.example, ends: 2026-03-03 11:00}",
    "calendar": "{title: Review, with: dana@acme.example, ends: 2026-03-03 11:00}",
    "person": "{title: Dinner, with: dana@acme.example, ends: 2026-03-03 11:00}",
    "{soft: title, network: person}": "{title: Dinner, with: dana@acme.example, ends: 2026-03-03 11:00}",
}


@pytest.mark.parametrize("because", REASONS)
def test_the_reason_is_what_alone_stands_against_it_and_no_other(home: Path, because: str) -> None:
    told = tried(home, f"meeting: {REASONS[because]}", "expect: none", f"because: {because}")
    assert (told.out, told.code) == ("rules/tests/mine.yaml  .\n\n1 test: all passed.\n", 0)

    told = tried(home, f"meeting: {REASONS[because]}", "expect: none", "because: location")
    assert "mine.yaml:5:5  it is not `location` alone that stands against it\n    - because: location\n" in told.out
    assert told.code == 1


def test_the_reason_that_it_is_stands_there_as_it_would_be_written(home: Path) -> None:
    told = tried(home, f"meeting: {REASONS['[duration, recurring]']}", "expect: none", "because: duration")
    assert (
        "    - because: duration\n"
        "    + because: [duration, recurring]\n"
        "      # soft: duration (180 minutes, wanted at most 2 hours)\n"
        "      # soft: recurring (it is one of a series)\n"
    ) in told.out

    told = tried(home, f"meeting: {REASONS['attendees']}", "expect: none", "because: {soft: title}")
    assert "    - because: {soft: title}\n    + because: {soft: attendees}\n" in told.out


def test_nothing_that_fails_is_wider_than_a_terminal(home: Path) -> None:
    title = "Coffee and a walk along the river with everybody who ever was there " * 3
    meeting = COFFEE.replace("Coffee", title)
    write(home, f"tests:\n  - {{name: a, {meeting}, expect: none}}\n", "a-file-of-tests-with-a-very-long-name-indeed")
    write(home, f"tests:\n  - {{name: b, {meeting}, expect: [{{rule: network, subject: {title}}}]}}\n", "b")
    told = afterword(home, "test")

    assert told.code == 1
    assert max(map(len, told.out.splitlines())) <= 80


def test_people_of_the_file_are_known_and_nobody_else_is(home: Path) -> None:
    people = "people:\n  - {name: Dana Okafor, emails: dana@acme.example, tags: network}\n"
    lines = ("meeting: {title: Dinner, with: dana@acme.example, ends: 2026-03-03 21:00}",)
    assert tried(home, *lines, "expect: [{step: hello, subject: 'Thank you, Dana'}]", people=people).code == 0
    assert tried(home, *lines, "expect: none", "because: person").code == 0
    quiet = people.replace("tags", "do_not_contact: true, tags")
    assert tried(home, *lines, "expect: none", "because: do_not_contact", people=quiet).code == 0


def test_my_own_thanks_and_what_the_ledger_knows_are_reasons(home: Path) -> None:
    thanks = "mails: [{to: dana@acme.example, at: 2026-03-03 11:30, subject: Thanks!}]"
    assert tried(home, COFFEE, thanks, "at: 2026-03-03 12:00", "expect: none", "because: thanked").code == 0
    assert tried(home, COFFEE, "at: 2026-03-12 12:00", "expect: none", "because: expired").code == 0
    lies = "drafts: [{rule: soft, step: thank-you, to: dana@acme.example, placed: 2026-03-03 13:00}]"
    assert tried(home, COFFEE, lies, "at: 2026-03-03 14:00", "expect: none", "because: [drafted, later]").code == 0


def test_what_courtesy_holds_back_and_a_chain_that_has_ended_are_reasons(home: Path) -> None:
    *given, _ = PASSING["what is held back comes later"]
    assert tried(home, *given, "until: 2026-03-06 00:00", "expect: none", "because: {work: courtesy}").code == 0
    check_in = "  - {rule: soft, step: check-in, to: dana@acme.example,"
    asked = (
        COFFEE,
        "drafts:",
        f"  - {THANKED}",
        f"{check_in} placed: 2026-04-14 18:00, sent: 2026-04-15 09:00}}",
        f"{check_in} placed: 2026-05-27 09:00, sent: 2026-05-27 10:00}}",
    )
    rest = ("at: 2026-06-01 12:00", "until: 2026-08-01 00:00")
    assert tried(home, *asked, *rest, "expect: none", "because: {soft: at_most}").code == 0
    wrote = "mails: [{from: dana@acme.example, at: 2026-05-30 10:00, subject: Sorry}]"
    assert tried(home, *asked, wrote, *rest, "expect: [{step: check-in, due: 2026-07-11 10:00}]").code == 0


def test_who_is_away_gets_a_check_in_when_they_are_back(home: Path) -> None:
    away = "mails: [{from: dana@acme.example, at: 2026-04-01 10:00, kind: automatic, away_until: 2026-05-04 09:00}]"
    given = (COFFEE, f"drafts: [{THANKED}]", away, "at: 2026-04-02 12:00", "until: 2026-05-05 00:00")
    assert tried(home, *given, "expect: [{step: check-in, drafted: 2026-05-04 09:00}]").code == 0


def test_a_draft_that_is_another_is_shown_key_by_key_with_its_line(home: Path) -> None:
    told = tried(
        home,
        COFFEE,
        "expect:",
        "  - rule: soft",
        "    step: thank-you",
        "    due: 2026-03-03 12:00",
        "    subject: Thanks, Dana",
        "    text: [on Tuesday, with love]",
    )

    assert told.code == 1
    assert told.out == (
        "rules/tests/mine.yaml  F\n"
        "\n"
        "- expected, + what the rules make of it, # why\n"
        "\n"
        "it does what I meant\n"
        "  rules/tests/mine.yaml:7:9  due, subject and text are not as expected\n"
        "      rule: soft\n"
        "      step: thank-you\n"
        "      to: dana@acme.example\n"
        "    - due: 2026-03-03 12:00\n"
        "    + due: 2026-03-03 13:00\n"
        "    - subject: Thanks, Dana\n"
        "    + subject: Thank you, Dana\n"
        "    - text: with love\n"
        "    + text: |\n"
        "        Dear Dana,\n"
        "\n"
        "        It was good to meet you on Tuesday.\n"
        "\n"
        "        Robin\n"
        "      # 2 hours after 'Coffee' ended\n"
        "\n"
        "1 test: 0 passed, 1 failed.\n"
    )


def test_a_missing_draft_says_what_stands_against_it(home: Path) -> None:
    told = tried(home, COFFEE.replace("Coffee", "Coffee and panel"), "expect:", "  - {rule: soft, step: thank-you}")

    assert (
        "  rules/tests/mine.yaml:5:9  no such draft\n"
        "    - rule: soft\n"
        "    - step: thank-you\n"
        "      # soft: unless title (the title has 'panel')\n"
    ) in told.out


def test_a_draft_that_nobody_expects_fails_also_where_another_is_met(home: Path) -> None:
    both = COFFEE.replace("dana@acme.example", "[dana@acme.example, lee@acme.example]")
    told = tried(home, both, "expect: [{to: lee@acme.example}]")

    assert told.code == 1
    assert "mine.yaml:4:5  a draft that is not expected\n    + rule: soft\n    + step: thank-you\n" in told.out
    assert "    + to: dana@acme.example\n" in told.out
    assert "    + to: lee@acme.example\n" not in told.out


def test_what_is_held_back_is_not_there_when_it_is_due(home: Path) -> None:
    *given, _ = PASSING["what is held back comes later"]
    told = tried(home, *given, "expect: [{step: recap, due: 2026-03-03 12:00}]")

    assert told.code == 1
    assert "drafted is not as expected" in told.out
    assert "    + drafted: 2026-03-07 13:00\n" in told.out
    assert "held until 7 March: one open draft to Dana" in told.out


def test_a_test_cannot_begin_with_a_draft_that_there_would_never_be(home: Path) -> None:
    draft = THANKED.replace("placed: 2026-03-03 13:00", "placed: 2026-03-03 12:00")
    told = tried(home, COFFEE, f"drafts: [{draft}]", "at: 2026-03-04 12:00", "expect: none")

    assert told.code == 1
    assert "mine.yaml:4:14  the rules place no such draft at that time\n" in told.out
    assert "# soft thank-you to dana@acme.example: placed 2026-03-03 13:00\n" in told.out


def test_a_slow_expression_fails_its_test_and_not_the_others(home: Path) -> None:
    rules = home / ".config" / "afterword" / "rules"
    (rules / "slow.yaml").write_text(
        "rules:\n  - {id: slow, when: {title: '/(a+)+$/'}, steps: [{id: s, template: news, after: 1 hour}]}\n", "utf-8"
    )
    slow = COFFEE.replace("Coffee", f"{'a' * 40}!")
    write(
        home,
        f"tests:\n  - {{name: slow, {slow}, expect: none}}\n  - {{name: quick, {COFFEE}, expect: [{{rule: soft}}]}}\n",
    )
    told = afterword(home, "test", "-v")

    assert told.code == 1
    assert "takes more than" in told.out
    assert "  ok      quick\n" in told.out
    assert "2 tests: 1 passed, 1 failed.\n" in told.out


def test_files_and_words_choose(home: Path) -> None:
    passing, failing = f"{COFFEE}, expect: [{{rule: soft}}]", f"{COFFEE}, expect: none"
    write(home, f"tests:\n  - {{name: A cup of Coffee, {passing}}}\n  - {{name: tea, {failing}}}\n", "a")
    file = write(home, f"tests:\n  - {{name: coffee again, {passing}}}\n", "b")
    outside = home / "elsewhere.yaml"
    outside.write_text(file.read_text("utf-8").replace("coffee again", "far away"), "utf-8")

    assert "3 tests: 2 passed, 1 failed." in afterword(home, "test").out
    assert afterword(home, "test", "-k", "COFFEE").out.endswith("\n2 tests: all passed.\n")
    assert afterword(home, "test", "b").out == "rules/tests/b.yaml  .\n\n1 test: all passed.\n"
    assert afterword(home, "test", str(file)).out == "rules/tests/b.yaml  .\n\n1 test: all passed.\n"
    told = afterword(home, "test", str(outside), "b", "-v")
    assert f"{outside}\n  ok      far away\n" in told.out
    assert "rules/tests/b.yaml\n  ok      coffee again\n" in told.out
    for words, said in ((("-k", "cocoa"), "no test has 'cocoa' in its name"), (("bb",), "did you mean b?")):
        told = afterword(home, "test", *words)
        assert (told.code, told.out) == (2, "")
        assert said in told.err


def test_json_has_every_test_and_a_problem_for_each_failure(home: Path) -> None:
    good, bad = f"{COFFEE}, expect: [{{rule: soft}}]", f"{COFFEE}, expect: [{{rule: soft, due: 2026-03-03 12:00}}]"
    write(home, f"tests:\n  - {{name: good, {good}}}\n")
    assert afterword(home, "test", "--json").json == {
        "passed": 1,
        "failed": 0,
        "tests": [
            {"name": "good", "file": "rules/tests/mine.yaml", "line": 2, "column": 5, "passed": True, "failures": []}
        ],
    }
    write(home, f"tests:\n  - {{name: good, {good}}}\n  - {{name: bad, {bad}}}\n")
    told = afterword(home, "test", "--json")
    assert (told.code, told.err) == (1, "")
    assert (told.json["passed"], told.json["failed"]) == (1, 1)
    (failure,) = told.json["tests"][1]["failures"]
    assert (failure["line"], failure["differing"]) == (3, ["due"])
    assert failure["expected"] == {"rule": "soft", "due": "2026-03-03 12:00"}
    assert failure["got"]["due"] == "2026-03-03 13:00"
    (problem,) = told.json["problems"]
    assert problem["message"] == "bad: due is not as expected"
    assert (problem["file"], problem["line"], problem["column"]) == ("rules/tests/mine.yaml", 3, failure["column"])


WRONG = [
    ("meting: {title: Coffee}", "unknown key `meting`; did you mean `meeting`?"),
    ("meeting: {titel: Coffee, ends: 2026-03-03 11:00}", "unknown key `titel`; did you mean `title`?"),
    ("meeting: {title: Coffee, ends: tomorrow}", "`ends`: `tomorrow` is not a time on your clock"),
    ("meeting: {title: Coffee, ends: 2026-02-30 11:00}", "`2026-02-30 11:00` is a day or an hour that does not exist"),
    ("meeting: {title: Coffee, ends: 2026-03-03 11:00, with: dana}", "`with`: `dana` is not an email address"),
    ("meeting: {title: Coffee, ends: 2026-03-03 11:00, calendar: worc}", "there is no calendar `worc`"),
    ("meetings: [{title: Coffee, ends: 2026-03-03 11:00}]", "nothing says from when to look ahead"),
    (f"{COFFEE}\n    mails: [{{at: 2026-03-03 10:00}}]", "a mail went one way"),
    (f"{COFFEE}\n    mails: [{{to: a@b.example, at: 2026-03-03 12:00}}]", "`2026-03-03 12:00` is not known yet"),
    (
        f"{COFFEE}\n    drafts: [{THANKED.replace('18:00', '12:00')}]",
        "nothing is done with a draft before it is placed",
    ),
    (f"{COFFEE}\n    drafts: [{THANKED}]", "`2026-03-03 13:00` is not known yet"),
    (f"{COFFEE}\n    until: 2026-03-03 11:00", "`until` is not after `2026-03-03 11:00`"),
    (f"{COFFEE}\n    because: titel", "there is no condition or gate `titel`"),
    (f"{COFFEE}\n    because: {{softy: title}}", "there is no rule `softy`"),
    (f"{COFFEE}\n    because: []", "`because` names nothing"),
    (f"{COFFEE}\n    because: {{soft: []}}", "`soft` names nothing"),
]


@pytest.mark.parametrize(("lines", "message"), WRONG)
def test_a_wrong_file_is_told_with_its_place_and_none_is_run(home: Path, lines: str, message: str) -> None:
    told = tried(home, lines, "expect: none")

    assert (told.code, told.out) == (78, "")
    assert "none was run" in told.err
    assert message in told.err
    assert "rules/tests/mine.yaml:" in told.err


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("nothing", "`expect` must be `none` or a list, and this is the text `nothing`"),
        ("[{}]", "nothing is said of the draft"),
        ("[{steps: thank-you}]", "unknown key `steps`; did you mean `step`?"),
        ("[{rule: softer}]", "there is no rule `softer`"),
        ("[{rule: soft, step: recap}]", "there is no step `recap` in `soft`"),
        ("[{template: thanks}]", "there is no template `thanks`"),
        ("[{rule: soft}]\n    because: title", "`because` says why there is no draft"),
    ],
)
def test_a_wrong_expectation_is_told_with_its_place(home: Path, expect: str, message: str) -> None:
    told = tried(home, COFFEE, f"expect: {expect}")

    assert (told.code, told.out) == (78, "")
    assert message in told.err
    assert json.loads(afterword(home, "test", "--json").out)["problems"]


def test_the_failure_that_the_docs_show_is_a_real_one(tmp_path: Path) -> None:
    told = afterword(tmp_path, "init", "--name", "Robin Vale", "--email", "robin@example.org", "--maildir", "~/Mail")
    assert told.code == 0
    rules = tmp_path / ".config" / "afterword" / "rules" / "soft-interviews.yaml"
    rules.write_text(rules.read_text("utf-8").replace("by: 24 hours", "by: 12 hours"), "utf-8")
    told = afterword(tmp_path, "test")

    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    shown = page.partition("`by: 12 hours` into the rule:\n\n```text\n")[2]
    assert shown.startswith("a coffee with one person outside")
    assert shown.partition("```")[0] in told.out
    assert told.code == 1


def test_no_tests_at_all_is_no_success(home: Path) -> None:
    told = afterword(home, "test")
    assert (told.code, told.out) == (78, "")
    assert "there are no tests in rules/tests/" in told.err


def test_the_configuration_comes_first(home: Path) -> None:
    write(home, f"tests:\n  - {{name: a, {COFFEE}, expect: none}}\n")
    (home / ".config" / "afterword" / "rules" / "rules.yaml").write_text("rules: [{id: a}]\n", "utf-8")
    told = afterword(home, "test")
    assert (told.code, told.out) == (78, "")
    assert "rules/rules.yaml:1:9" in told.err


def test_the_service_takes_no_notice_of_tests(home: Path) -> None:
    folder = home / ".config" / "afterword"
    before = load(folder).configuration
    files = watch.Files(str(folder))
    seen = files.fingerprint()
    assert before is not None
    write(home, "neither: [rules, nor tests")
    after = load(folder).configuration
    assert after is not None
    assert (after.fingerprint, after.rules) == (before.fingerprint, before.rules)
    assert files.fingerprint() == seen
    assert afterword(home, "check").err.endswith("the configuration itself is used as it is.\n")


def test_looking_at_tests_writes_nothing(home: Path) -> None:
    write(home, f"tests:\n  - {{name: a, {COFFEE}, expect: none}}\n")
    before = sorted(home.rglob("*"))
    afterword(home, "test")
    assert sorted(home.rglob("*")) == before


LIVES = [("Europe/Lisbon", "PT"), ("Asia/Tokyo", "JP"), ("America/New_York", "US"), ("Europe/Sofia", "BG"),
         ("Asia/Kolkata", "IN"), ("Pacific/Auckland", "NZ")]  # fmt: skip
NAMES = ("soft-interviews", "informational-interviews", "job-interviews", "customer-calls", "mentoring", "briefs")


def failures(configuration: Configuration, texts: dict[str, str]) -> Iterator[str]:
    read, problems = parse_tests(texts, configuration)
    yield from (f"{one.place}: {one.message}" for one in problems)
    for one in read:
        for number in range(len(one.file.tests)):
            result = judge(one, number, configuration)
            yield from (f"{result.name}: {failure.message}" for failure in result.failures)


def begun(zone: str, country: str, chosen: tuple[str, ...]) -> tuple[Configuration, dict[str, str]]:
    files = starter(Answers("Robin Vale", ("robin@example.org",), zone, "calendars/", "~/Mail", holidays=country))
    kept = {name: text for name, text in files.items() if not name.startswith("rules/") or name[6:-5] in chosen}
    configuration = parse(Sources(kept), FOLDER).configuration
    assert configuration is not None
    return configuration, {f"rules/tests/{name}.yaml": files[f"rules/tests/{name}.yaml"] for name in chosen}


@pytest.mark.parametrize(("zone", "country"), LIVES)
def test_the_starter_rules_pass_the_tests_that_come_with_them(zone: str, country: str) -> None:
    assert list(failures(*begun(zone, country, NAMES))) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_starter_rule_passes_them_alone(name: str) -> None:
    assert list(failures(*begun("Europe/Lisbon", "PT", (name,)))) == []
