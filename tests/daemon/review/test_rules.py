"""The page Rules: what each rule did and will do, the problems of the files as they stand, a meeting to be tried."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from config.problem import Problem
from daemon import expressions
from daemon.configuration import load_for_cycle
from daemon.review.told import troubles
from tests.daemon.review.conftest import NOW, PEOPLE
from tests.daemon.review.visitor import Visitor, room
from tests.house import RULES, event

if TYPE_CHECKING:
    from tests.cases.home import Home

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \" onmouseover='x' coffee"
ANA = PEOPLE[0]
SLOW = RULES.replace("[coffee, chat]", "[coffee, '/(a+)+$/']")


def words(page: str) -> str:
    """What is read of a page: one text, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def trying(visitor: Visitor, **said: str) -> str:
    """The answer to a meeting that is tried, as it stands in the page."""
    meeting = {"title": "Coffee", "date": "2026-03-04", "time": "15:00", "minutes": "60", "mine": "organised"} | said
    return visitor.get(f"/rules/try?{urlencode(meeting)}", part=True).text


def conditions(page: str) -> dict[str, tuple[bool, str]]:
    """Each condition that the answer tells, whether it holds, and why."""
    row = r'<span class="verdict">(\w+)</span> <span class="name">([^<]*)</span> <span class="why">([^<]*)</span>'
    return {name: (verdict == "yes", unescape(why)) for verdict, name, why in re.findall(row, page)}


# --- what each rule does -----------------------------------------------------------------------------------


def test_each_rule_is_told_with_its_steps_its_numbers_and_what_comes(home: Home) -> None:
    home.write("rules/rules.yaml", RULES.replace("- id: soft\n", "- id: soft\n    about: Peers <b>I</b> like\n"))
    home.once("2026-03-03 14:15")
    sent, deleted, _ = (str(draft["Message-ID"]) for draft in home.drafts())
    home.move(sent, ".Sent")
    home.move(deleted, ".Trash")
    home.once("2026-03-03 14:30")
    page = Visitor(room(home.root, "2026-03-03 15:00")).get("/rules").text
    told = words(page)
    assert "soft rules/rules.yaml:2 Peers <b>I</b> like" in told
    assert "<b>I</b>" not in page
    assert "thank-you 2 hours after on its way within 24 hours thank-you.md" in told
    assert "check-in every 6 weeks until 4 notes are unanswered check-in.md , news.md" in told
    assert "In March placed 3 sent 1 answered 0 vetoed 1 skipped 0 waiting 1" in told
    assert "Next check-in to" in told
    assert "Tue 14 April" in told


def test_last_months_notes_are_not_among_this_months(home: Home) -> None:
    told = words(Visitor(room(home.root, "2026-04-01 09:00")).get("/rules").text)
    assert "In April placed 0 sent 0 answered 0 vetoed 0 skipped 0 waiting 2" in told


def test_what_holds_a_note_back_is_told(home: Home) -> None:
    home.write("rules/rules.yaml", RULES.replace(", by: 24 hours", ""))
    home.put("again", event("again", "2026-03-03 11:00", ANA, minutes=30))
    home.once("2026-03-03 14:00")
    told = words(Visitor(room(home.root, "2026-03-03 14:00")).get("/rules").text)
    assert re.search("thank-you to Ana held until [^:]*: one open draft to Ana", told), told


# --- what is wrong -----------------------------------------------------------------------------------------


def test_a_problem_has_its_place_its_line_and_its_remedy_and_the_last_good_configuration_goes_on(home: Home) -> None:
    load_for_cycle(home.root / "config", home.state, service=True)  # as the service keeps it
    home.write("rules/rules.yaml", RULES.replace("title:", "tittle:"))
    page = Visitor(room(home.root, NOW)).get("/rules").text
    told = words(page)
    assert "1 problem" in told
    assert "The last good configuration is in force." in told
    assert "rules/rules.yaml:3:12 unknown key tittle ; did you mean title ?" in told
    assert '<span class="number">3</span>    when: {<u>tittle</u>: [coffee, chat]}' in page
    assert "In March placed 2" in told


def test_without_a_good_configuration_nothing_is_in_force_and_the_page_says_so(bare: Home) -> None:
    bare.write("rules/rules.yaml", "rules: <b>")
    page = Visitor(room(bare.root, NOW)).get("/rules")
    assert page.status_code == 200
    assert "No configuration is in force" in page.text
    assert "<b>" not in page.text


def test_the_page_follows_the_files(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    page = visitor.get("/rules").text
    (address,) = re.findall(r'hx-get="(/rules/live\?mark=\w+)" hx-trigger="every 5s"', page)
    assert visitor.get(address, part=True).status_code == 204
    home.write("rules/more.yaml", "rules:\n  - id: more\n")
    wrong = visitor.get(address, part=True).text
    assert "1 problem" in words(wrong)
    assert "The files were read again: 1 problem." in wrong
    (address,) = re.findall(r'hx-get="(/rules/live\?mark=\w+)"', wrong)
    assert visitor.get(address, part=True).status_code == 204
    home.write("rules/more.yaml", RULES.replace("soft", "another").replace("coffee, chat", "lunch"))
    mended = visitor.get(address, part=True).text
    assert "no problem" in mended
    assert "another rules/more.yaml:2" in words(mended)


def test_no_file_is_opened_because_a_problem_names_it(home: Home) -> None:
    (home.root / "outside.yaml").write_text("the words of another\n")
    names = ("../outside.yaml", str(home.root / "outside.yaml"), "/etc/passwd", "rules/../../outside.yaml")
    told = troubles([Problem(None, name, 1, 1, "wrong") for name in names], "", {"rules/rules.yaml": RULES})
    assert len(told) == 4
    assert all(one.excerpt == () for one in told)
    named = home.root / "config" / "rules" / "linked.yaml"
    named.symlink_to(home.root / "Mail")
    assert "the words of another" not in Visitor(room(home.root, NOW)).get("/rules").text


def test_a_line_in_which_a_secret_may_stand_is_not_shown(home: Home) -> None:
    text = "mailbox:\n  imap: x\n  password: hunter2\n  tls: what\n"
    (one,) = troubles([Problem(None, "afterword.yaml", 3, 3, "wrong")], "", {"afterword.yaml": text})
    assert [row.hidden for row in one.excerpt] == [False, True, False]
    assert "hunter2" not in repr(one)


def test_commands_in_a_remedy_bear_the_folders_of_this_page() -> None:
    (one,) = troubles([Problem(None, None, None, None, "gone", "Type `afterword once`, not `x`.")], " --config /c")
    assert [(part.text, part.command) for part in one.hint if part.code] == [
        ("afterword --config /c once", True),
        ("x", False),
    ]


# --- a meeting to be tried ---------------------------------------------------------------------------------


def test_a_meeting_is_tried_and_tells_the_note_as_it_would_be(home: Home) -> None:
    home.write("people.yaml", "people: [{name: Dana Okafor, emails: [dana@acme.example]}]\n")
    before = home.files(".Drafts")
    page = trying(Visitor(room(home.root, NOW)), title="Coffee with Dana")
    told = words(page)
    assert "soft takes it. With Dana Okafor <dana@acme.example>." in told
    assert "thank-you to Dana Okafor: planned for Wed 4 March 18:00" in told
    assert "Dear Dana, Thank you for your time on Wednesday. [[what stayed with me]] Robin" in told
    assert "<mark>[[what stayed with me]]</mark>" in page
    assert home.files(".Drafts") == before


def test_what_is_tried_gets_the_answer_that_explain_gives_once_it_is_in_the_calendar(home: Home) -> None:
    page = trying(Visitor(room(home.root, NOW)), title="Quarterly review", people=ANA)
    home.put("real", event("real", "2026-03-04 15:00", ANA, title="Quarterly review"))
    _, told, _ = home.command("explain", "Quarterly review", when=NOW)
    (rule,) = told["rules"]
    real = {one["condition"].replace("_", " "): one["holds"] for one in rule["conditions"]}
    assert {name: holds for name, (holds, _) in conditions(page).items()} == real
    assert "No rule takes it. soft comes nearest" in words(page)


@pytest.mark.parametrize(
    ("said", "condition", "why"),
    [
        ({"mine": "declined"}, "accepted", "you declined it"),
        ({"mine": "unanswered"}, "accepted", "you have not answered the invitation"),
        ({"recurring": "on"}, "recurring", "it is one of a series"),
        ({"all_day": "on"}, "all day", "it lasts all day"),
        ({"title": "Coffee #nofollow"}, "nofollow", "it is marked #nofollow"),
    ],
)
def test_each_choice_of_the_form_counts(home: Home, said: dict[str, str], condition: str, why: str) -> None:
    found = conditions(trying(Visitor(room(home.root, NOW)), people=ANA, **said))
    assert found[condition][0] is False
    assert found[condition][1].startswith(why[:12]), found[condition]
    assert all(holds for name, (holds, _) in found.items() if name != condition)


def test_who_is_in_no_address_book_is_a_stranger_and_an_unclear_name_is_refused(bare: Home) -> None:
    two = "people: [{name: Ana Reis, emails: [ana@reis.example]}, {name: Ana Costa, emails: [ana@costa.example]}]\n"
    bare.write("people.yaml", two)
    visitor = Visitor(room(bare.root, NOW))
    assert "Zoë Q is nobody whom you know: taken for a stranger" in words(trying(visitor, people="Zoë Q"))
    assert "may be Ana Reis <ana@reis.example>, Ana Costa" in words(trying(visitor, people="ana"))


@pytest.mark.parametrize(
    "said",
    [
        {"date": "yesterday"},
        {"date": "9999-12-31"},
        {"date": "9999-12-31", "all_day": "on"},
        {"date": "0001-01-01", "time": "00:00"},
        {"time": "25:61"},
        {"title": "x" * 501},
        {"people": ",".join(f"p{n}@x.example" for n in range(51))},
        {"mine": "theirs"},
        {"calendar": "../feed"},
        {"mine": "accepted", "people": ""},
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_remedy(bare: Home, said: dict[str, str]) -> None:
    meeting = {"title": "Coffee", "date": "2026-03-04", "time": "15:00", "mine": "organised"} | said
    answer = Visitor(room(bare.root, NOW)).get(f"/rules/try?{urlencode(meeting)}", part=True)
    assert answer.status_code == 400
    assert 'class="trouble"' in answer.text


def test_a_hostile_title_is_a_title(home: Home) -> None:
    for part in (True, False):
        said = {"title": HOSTILE, "people": f"{HOSTILE[:25]} <{ANA}>", "date": "2026-03-04", "time": "15:00"}
        page = Visitor(room(home.root, NOW)).get(f"/rules/try?{urlencode(said)}", part=part).text
        assert "soft takes it" in page
        assert "<script>alert" not in page
        assert "onmouseover='x'" not in page
        assert "{{ 7*7 }}" in page


def test_an_expression_that_takes_for_ever_makes_its_rule_rest(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.2)
    home.write("rules/rules.yaml", SLOW)
    page = trying(Visitor(room(home.root, NOW)), title="a" * 60 + "!", people=ANA)
    assert "the rule soft rests: its regular expression /(a+)+$/ takes more than 0.2 seconds" in words(page)


def test_an_expression_in_a_calendar_does_not_hold_the_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.2)
    home.put("hostile", event("hostile", "2026-03-04 09:00", ANA, title="a" * 60 + "!"))
    home.once("2026-03-03 13:45")  # by the former rules: it is known, and no verdict on the expression is
    home.write("rules/rules.yaml", SLOW)
    assert "the rule soft rests" in words(Visitor(room(home.root, "2026-03-03 13:50")).get("/rules").text)


def test_looking_at_the_rules_writes_nothing(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*") if "review" not in path.parts}
    visitor.get("/rules")
    trying(visitor, people=ANA)
    assert {path: path.stat().st_mtime_ns for path in before} == before
