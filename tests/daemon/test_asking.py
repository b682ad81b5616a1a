# ruff: noqa: RUF001 - a span of time is written with an en dash
"""`afterword ask`: a meeting request with free times, kept fresh while untouched, and over when it is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import TransientError
from connectors.message import content
from daemon import asking
from daemon.cycle import run
from daemon.ledger import Ledger
from daemon.not_again import not_again
from daemon.sight import ahead
from rules.history import State
from rules.model import Person
from tests.build import at
from tests.cases.home import Home, settings
from tests.daemon.test_needs import refused as refused_cycle
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

    from rules.history import Record

HOME = "dana@home.example"
DANA, LEE, SAM, EVE = "dana@acme.example", "lee@ito.example", "sam@x.example", "eve@five.example"
PEOPLE = f"""\
people:
  - {{name: Dana Okafor, emails: [{DANA}, {HOME}], time_zone: America/New_York}}
  - {{name: Lee Ito, emails: [{LEE}]}}
  - {{name: Sam Silent, emails: [{SAM}], do_not_contact: true}}
"""
ASK = """\
---
subject: Your advice, {{ person.first_name }}?
---
Could you spare {{ slots.length }}?

{{ slots }}
"""
MONDAY = "2026-03-02 10:00"
OFFERED = (
    "Tuesday 3 March, 10:00–10:30 (New York); 15:00–15:30 (Lisbon)",
    "Thursday 5 March, 12:00–12:30 (New York); 17:00–17:30 (Lisbon)",
    "Monday 9 March, 11:00–11:30 (New York); 15:00–15:30 (Lisbon)",
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.make(tmp_path, people=PEOPLE)
    made.write("templates/ask.md", ASK)
    made.write("templates/plain.md", "---\nsubject: Time?\n---\nHave you time next week?\n")
    return made


def asked(home: Home, when: str = MONDAY, who: str = DANA, *more: str) -> str:
    """Somebody is asked: the id of the note."""
    code, told, errors = home.command("ask", who, *more, when=when)
    assert code == 0, errors
    return str(told["id"])


def refused(home: Home, when: str, *arguments: str) -> str:
    code, told, errors = home.command("ask", *arguments, when=when)
    assert (code, told) == (2, None)
    return errors


def offered(home: Home) -> list[str]:
    return [line.removeprefix("- ") for line in home.text().splitlines() if line.startswith("- ")]


def blocked(home: Home, start: str, name: str = "block", **fields: str) -> None:
    """An event without people."""
    home.put(name, event(name, start, title="Dentist", **fields))  # type: ignore[arg-type] # those of `event`


def record_of(home: Home, id_: str) -> Record:
    return next(one for one in home.records() if one.id == id_)


def silent(home: Home, when: str) -> None:
    """A cycle in which the calendar does not answer."""
    refused_cycle(home, when, TransientError("no answer"))


def test_a_request_offers_three_times_in_the_hours_of_both_and_in_both_zones(home: Home) -> None:
    blocked(home, "2026-03-06 00:00", minutes=1440)  # type: ignore[arg-type] # as above
    code, told, _ = home.command("ask", "dana", when=MONDAY)
    assert (code, told["rule"], told["step"], told["state"], told["meeting"]) == (0, None, "ask", "planned", None)
    assert told["slots"][0] == {"start": "2026-03-03T15:00:00+00:00", "end": "2026-03-03T15:30:00+00:00"}
    assert home.to() == []
    home.once(MONDAY)
    assert home.to() == [DANA]
    assert offered(home) == list(OFFERED)
    assert home.text().startswith("Could you spare 30 minutes?")
    assert home.record().state is State.PLACED
    before = home.id()
    home.cycles("2026-03-02 10:05", "2026-03-02 18:00")
    assert home.id() == before


def test_it_is_seen_in_plan_explain_and_drafts(home: Home) -> None:
    id_ = asked(home)
    _, plan, _ = home.command("plan", when=MONDAY)
    assert [one["id"] for one in plan["follow_ups"]] == [id_]
    _, person, _ = home.command("person", "dana", when=MONDAY)
    assert person["next"]["id"] == id_
    _, explained, _ = home.command("explain", DANA, when=MONDAY)
    assert [one["id"] for one in explained["asks"]] == [id_]
    home.once(MONDAY)
    _, drafts, _ = home.command("drafts", when=MONDAY)
    assert [(one["id"], one["why"]) for one in drafts["follow_ups"]] == [(id_, "you asked for it on Mon 2 March 10:00")]


def test_no_limit_of_courtesy_holds_it_and_it_counts(home: Home) -> None:
    home.put("coffee", event("coffee", "2026-03-02 07:00", DANA))
    home.once("2026-03-02 06:00")
    home.once(MONDAY)
    assert home.to() == [DANA]  # the thank-you, which has a deadline
    home.write("afterword.yaml", settings(more="courtesy: {per_day: 1}\n"))
    asked(home)
    home.once(MONDAY)
    assert home.to() == [DANA, DANA]


@pytest.mark.parametrize("more", ["", "TRANSP:OPAQUE\r\n"])
def test_a_time_that_is_taken_meanwhile_is_replaced_under_another_message_id(home: Home, more: str) -> None:
    id_ = asked(home)
    home.once(MONDAY)
    before = home.id()
    blocked(home, "2026-03-05 16:30", extra=more)
    home.once("2026-03-02 11:00")
    assert home.id() != before
    assert record_of(home, id_).revision == 1
    assert offered(home)[0] == OFFERED[0]
    assert OFFERED[1] not in offered(home)
    assert len(offered(home)) == 3
    assert "Thu 5 March 17:00, which it offers, is taken now" in home.causes()


def test_an_event_that_is_shown_as_free_takes_no_time(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    before = home.id()
    blocked(home, "2026-03-05 16:30", extra="TRANSP:TRANSPARENT\r\n")
    blocked(home, "2026-03-05 16:45", name="other", status="CANCELLED")
    home.once("2026-03-02 11:00")
    assert home.id() == before


def test_a_time_that_comes_too_near_is_replaced(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    before = home.id()
    home.once("2026-03-03 12:55")
    assert home.id() == before
    home.once("2026-03-03 13:00")  # the first of the times begins in two hours
    assert home.id() != before
    assert offered(home)[0] == "Wednesday 4 March, 10:00–10:30 (New York); 15:00–15:30 (Lisbon)"


def test_a_draft_that_was_edited_stays_and_what_is_taken_is_told(home: Home) -> None:
    id_ = asked(home)
    home.once(MONDAY)
    home.edit(home.id(), "Could you spare", "Would you have")
    home.once("2026-03-02 11:00")
    blocked(home, "2026-03-05 16:30")
    home.cycles("2026-03-02 11:10", "2026-03-03 14:00")
    assert offered(home) == list(OFFERED)
    assert record_of(home, id_).state is State.EDITED
    _, drafts, _ = home.command("drafts", when="2026-03-02 12:00")
    (told,) = drafts["follow_ups"]
    assert told["why"].endswith("; Thu 5 March 17:00, which it offers, is taken now")
    assert home.command("ask", "--undo", "dana", when="2026-03-03 14:00")[1]["edited"]
    home.once("2026-03-03 14:05")
    assert home.to() == [DANA]


def test_a_meeting_with_them_ends_it_for_good(home: Home) -> None:
    id_ = asked(home)
    home.once(MONDAY)
    home.put("met", event("met", "2026-03-05 10:00", DANA, title="Dana"))
    home.once("2026-03-02 11:00")
    assert home.to() == []
    assert record_of(home, id_).state is State.WITHDRAWN
    assert "a meeting with Dana Okafor stands in the calendar: 'Dana'" in home.causes()
    home.drop("met")
    home.cycles("2026-03-02 12:00", "2026-03-02 12:05")
    assert home.to() == []
    assert asked(home, "2026-03-02 12:10") != id_


def test_a_meeting_that_stood_there_when_they_were_asked_ends_nothing(home: Home) -> None:
    weekly = event("weekly", "2026-03-04 12:00", DANA, title="Weekly", extra="RRULE:FREQ=WEEKLY\r\n")
    home.put("weekly", weekly)
    home.once("2026-03-02 09:00")
    code, told, _ = home.command("ask", "dana", when=MONDAY)
    assert (code, told["standing"]["title"]) == (0, "Weekly")
    home.cycles(MONDAY, "2026-03-02 11:00")
    assert home.to() == [DANA]


def test_a_birthday_is_no_meeting_with_them(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    day = "BEGIN:VEVENT\r\nUID:b\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20260318\r\nSUMMARY:Dana\r\n"
    home.put("birthday", f"{day}TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n")
    home.once("2026-03-02 11:00")
    assert home.to() == [DANA]


def test_an_invitation_of_theirs_without_an_answer_ends_it_and_one_declined_does_not(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    theirs = event("theirs", "2026-03-05 10:00", title="Talk").replace(
        "ORGANIZER;CN=Robin:mailto:robin@example.org\r\n",
        f"ORGANIZER:mailto:{DANA}\r\nATTENDEE;PARTSTAT=DECLINED:mailto:robin@example.org\r\n",
    )
    home.put("theirs", theirs)
    home.once("2026-03-02 11:00")
    assert home.to() == [DANA]
    home.put("theirs", theirs.replace("DECLINED", "NEEDS-ACTION"))
    home.once("2026-03-02 11:05")
    assert home.to() == []


def test_a_deleted_draft_ends_it_and_they_can_be_asked_again(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    home.move(home.id(), ".Trash")
    home.cycles("2026-03-02 11:00", "2026-03-02 11:05")
    assert home.to() == []
    asked(home, "2026-03-02 11:10")


def test_an_answer_ends_it_and_they_can_be_asked_again(home: Home) -> None:
    id_ = asked(home)
    home.once(MONDAY)
    sent = home.id()
    home.move(sent, ".Sent")
    home.once("2026-03-02 11:00")
    assert "they have not answered yet" in refused(home, "2026-03-02 11:05", "dana")
    home.deliver(HOME, "2026-03-02 12:00", In_Reply_To=sent)
    home.once("2026-03-02 12:05")
    assert record_of(home, id_).state is State.ANSWERED
    assert asked(home, "2026-03-02 12:10") != id_
    home.once("2026-03-02 12:15")
    assert home.to() == [DANA]


def test_who_has_not_answered_in_the_time_asked_for_can_be_asked_again(home: Home) -> None:
    asked(home, MONDAY, DANA, "--within", "3 days")
    home.once(MONDAY)
    home.move(home.id(), ".Sent")
    home.once("2026-03-02 11:00")
    refused(home, "2026-03-05 09:00", "dana")
    asked(home, "2026-03-05 12:00")


def test_two_who_are_asked_are_offered_different_times(home: Home) -> None:
    asked(home)
    other = asked(home, "2026-03-02 10:01", LEE)
    home.once("2026-03-02 10:05")
    first, second = (one.slots for one in home.records())
    assert first is not None
    assert second is not None
    assert not set(first) & set(second)
    before = {str(draft["Message-ID"]) for draft in home.drafts()}
    home.once("2026-03-02 10:10")
    assert {str(draft["Message-ID"]) for draft in home.drafts()} == before
    assert record_of(home, other).state is State.PLACED


def test_a_calendar_that_does_not_answer_is_waited_for_and_then_the_times_are_left_out(home: Home) -> None:
    home.once("2026-03-02 09:00")
    asked(home)
    for when in ("2026-03-02 10:05", "2026-03-03 09:55"):
        silent(home, when)
        assert home.to() == []
    silent(home, "2026-03-03 10:05")
    assert home.to() == [DANA]
    assert offered(home) == []
    assert "no free times are known: feed does not answer" in home.record().why
    home.once("2026-03-03 10:10")
    assert len(offered(home)) == 3


def test_who_asks_no_calendar_offers_what_was_last_known_of_one_that_was_well(home: Home) -> None:
    home.once("2026-03-02 09:00")
    id_ = asked(home)

    def hold(when: str) -> str:
        with Ledger.open(home.state, write=False) as looking:
            sight = ahead(home.house(), looking, at(when), at(when), fresh=False)
        held = next(one.hold for one in sight.plan.follow_ups if one.id == id_)  # type: ignore[union-attr] # it looked
        return held.why if held else ""

    assert not hold("2026-03-02 10:02")
    silent(home, "2026-03-02 10:05")
    assert hold("2026-03-02 10:06") == "no free times are known: feed does not answer"


def test_a_calendar_that_does_not_answer_takes_no_draft_away(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    before = home.id()
    silent(home, "2026-03-03 16:00")
    assert home.id() == before


def test_what_has_no_place_for_times_is_not_made_anew(home: Home) -> None:
    asked(home, MONDAY, DANA, "--template", "plain")
    home.once(MONDAY)
    before = home.id()
    assert home.record().slots is None
    blocked(home, "2026-03-05 16:30")
    home.cycles("2026-03-02 11:00", "2026-03-12 11:00")
    assert home.id() == before


def test_taken_back_or_skipped_its_untouched_draft_goes(home: Home) -> None:
    id_ = asked(home)
    home.once(MONDAY)
    home.command("ask", "dana", "--undo", when="2026-03-02 10:05")
    home.once("2026-03-02 10:10")
    assert (home.to(), record_of(home, id_).state) == ([], State.WITHDRAWN)
    again = asked(home, "2026-03-02 10:15")
    home.once("2026-03-02 10:20")
    assert home.command("skip", again, when="2026-03-02 10:25")[0] == 0
    home.cycles("2026-03-02 10:30", "2026-03-02 10:35")
    assert (home.to(), record_of(home, again).state) == ([], State.SKIPPED)
    assert "no request to Dana Okafor is open" in refused(home, "2026-03-02 10:40", "--undo", "dana")


def test_taken_back_before_it_is_drafted_it_is_cancelled(home: Home) -> None:
    id_ = asked(home)
    home.command("ask", "dana", "--undo", when="2026-03-02 10:01")
    home.once("2026-03-02 10:05")
    assert (home.to(), record_of(home, id_).state) == ([], State.CANCELLED)


def test_snoozed_it_comes_back_with_the_times_of_then(home: Home) -> None:
    id_ = asked(home)
    home.once(MONDAY)
    assert home.command("snooze", id_, "2026-03-10", when="2026-03-02 11:00")[0] == 0
    home.once("2026-03-02 11:05")
    assert home.to() == []
    home.once("2026-03-10 09:05")
    assert offered(home)[0].startswith("Wednesday 11 March")


def test_whom_one_does_not_ask(home: Home) -> None:
    home.put("coffee", event("coffee", "2026-03-01 15:00", EVE, title="Coffee"))
    assert "Sam Silent is marked do_not_contact" in refused(home, MONDAY, "sam")
    assert "robin@example.org is you" in refused(home, MONDAY, "robin@example.org")
    assert "nobody is known by 'dan'" not in refused(home, MONDAY, "zoe")
    assert "there is no template `aks`" in refused(home, MONDAY, "dana", "--template", "aks")
    assert "none to ask for" in refused(home, MONDAY, "dana", "--length", "2 days")
    assert "cannot be looked for" in refused(home, MONDAY, "dana", "--within", "3 months")
    assert "is not a duration" in refused(home, MONDAY, "dana", "--within", "soon")
    asked(home)
    assert "is asked already: since Mon 2 March 10:00" in refused(home, MONDAY, "dana")
    asked(home, MONDAY, "eve")  # met, and in no book
    asked(home, MONDAY, "noor@cedar.example")  # typed as a whole address


def test_where_no_time_suits_both_none_is_offered(home: Home) -> None:
    home.write("people.yaml", PEOPLE.replace("America/New_York", "Pacific/Auckland"))
    id_ = asked(home)
    home.once(MONDAY)
    assert offered(home) == []
    assert record_of(home, id_).why.endswith("is free and within the working hours of both of you")


def test_what_it_tells_a_person(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    from daemon.cli import run_command  # noqa: PLC0415 - for this test alone

    folders = ["--config", str(home.root / "config"), "--state", str(home.state)]
    assert run_command([*folders, "ask", "dana", "--length", "1 hour", "--at", at(MONDAY).isoformat()]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The next cycle drafts a request to Dana Okafor (")
    assert "It offers, as the calendars are now, 1 hour at one of these times:\n  Tuesday 3 March, " in said
    assert "ask --undo dana@acme.example` takes it back." in said


def test_the_text_of_the_draft_is_that_of_the_template(home: Home) -> None:
    asked(home)
    home.once(MONDAY)
    (path,) = home.files(".Drafts")
    assert content(path.read_bytes()).subject == "Your advice, Dana?"


def test_asked_while_a_cycle_is_under_way_the_next_one_drafts_it(home: Home) -> None:
    """A cycle that left nothing undone lets the next ones be quiet, but for what was said meanwhile."""
    told: list[str] = []
    home.cycles("2026-03-02 09:00", "2026-03-02 09:05")
    with Ledger.open(home.state) as ledger:
        run(home.house(), ledger, at("2026-03-02 09:10"), edited=lambda _: told.append(asked(home)))
    assert (len(told), home.to()) == (1, [])
    home.once(MONDAY)
    assert home.to() == [DANA]


def test_the_same_request_in_two_windows_at_once_is_one(home: Home) -> None:
    with Ledger.open(home.state) as ledger, Ledger.open(home.state, write=False) as looking:
        sight = ahead(home.house(), looking, at(MONDAY), at(MONDAY))
        person = sight.view.world.directory.people[0]  # type: ignore[union-attr] # it looked
        first, second = asking.wanted(sight, person), asking.wanted(sight, person)
        after = asking.wanted(replace(sight, now=at("2026-03-02 10:01")), person)
        elsewhere = asking.wanted(replace(sight, now=at("2026-03-02 10:01")), replace(person, emails=(HOME, DANA)))
        asking.ask(ledger, first)
        for late in (second, after, elsewhere):  # each looked before the first was written down
            with pytest.raises(asking.Refused):
                asking.ask(ledger, late)
        assert len(ledger.asks()) == 1


def test_whom_nothing_is_to_be_written_again_is_not_asked_by_their_address_either(home: Home) -> None:
    with Ledger.open(home.state) as ledger:
        not_again(ledger, Person("", (EVE,), known=False), at(MONDAY))
    assert "do_not_contact" in refused(home, MONDAY, EVE)
