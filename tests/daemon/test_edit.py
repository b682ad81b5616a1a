"""The difference that an edit of the configuration makes to the plan, as it is told before anything is done by it."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from config.load import load
from daemon.configuration import load_for_cycle
from daemon.cycle_log import MOST_NOTES, log_change
from daemon.edit import AHEAD, change
from daemon.ledger import Ledger
from daemon.sight import ahead, house_of
from daemon.view import view
from tests.build import at
from tests.house import PEOPLE, RULES, SETTINGS, Household, event

if TYPE_CHECKING:
    from pathlib import Path

    from config.load import Configuration
    from daemon.edit import Change

NOW = "2026-03-02 09:00"
DANA, ED = "dana@acme.example", "ed@initech.example"


@pytest.fixture
def home(tmp_path: Path) -> Household:
    """Two coffees to come, with Dana on Tuesday and with Ed on Wednesday, that a cycle has seen."""
    home = Household.make(tmp_path)
    home.put("a", event("dana", "2026-03-03 15:00", DANA), event("ed", "2026-03-04 15:00", ED, title="Chat"))
    home.once(NOW)
    return home


def configuration(home: Household) -> Configuration:
    loaded = load(home.root / "config")
    assert loaded.configuration is not None, loaded.problems
    return loaded.configuration


def edited(home: Household, **files: str) -> Change:
    """What it means that these files have a new text."""
    former = configuration(home)
    for name, text in files.items():
        home.write({"settings": "afterword.yaml", "people": "people.yaml", "rules": "rules/rules.yaml"}[name], text)
    house = house_of(configuration(home), home.state)
    with Ledger.open(home.state) as ledger:
        world = view(house, ledger, at(NOW), at(NOW)).world
        return change(house, former, world, ledger, at(NOW))


def told(change: Change) -> dict[str, list[tuple[str, str]]]:
    """Step and address of each note, by what becomes of it."""
    return {
        "gains": [(one.follow_up.step, one.follow_up.recipients[0].email) for one in change.gains],
        "loses": [(one.follow_up.step, one.follow_up.recipients[0].email) for one in change.loses],
        "moves": [(one.follow_up.step, one.follow_up.recipients[0].email) for _, one in change.moves],
    }


BOTH = [("thank-you", DANA), ("thank-you", ED)]


def test_a_note_that_comes_at_another_time_moves(home: Household) -> None:
    seen = edited(home, rules=RULES.replace("after: 2 hours", "after: 3 hours"))
    assert told(seen) == {"gains": [], "loses": [], "moves": BOTH}
    (was, now), _ = seen.moves
    assert (was.at, now.at) == (at("2026-03-03 18:00"), at("2026-03-03 19:00"))


def test_a_rule_that_takes_fewer_meetings_loses_their_notes(home: Household) -> None:
    seen = edited(home, rules=RULES.replace("coffee, chat", "coffee"))
    assert told(seen) == {"gains": [], "loses": [("thank-you", ED)], "moves": []}
    assert seen.same == 1


def test_a_rule_that_is_new_gains_notes(home: Household) -> None:
    more = "  - {id: brief, when: {title: [chat]}, steps: [{id: brief, template: news, before: 1 day}]}\n"
    assert told(edited(home, rules=RULES + more)) == {
        "gains": [("brief", "robin@example.org")],
        "loses": [],
        "moves": [],
    }


def test_a_step_under_another_name_is_another_note(home: Household) -> None:
    seen = edited(home, rules=RULES.replace("id: thank-you", "id: thanks"))
    assert told(seen) == {"gains": [("thanks", DANA), ("thanks", ED)], "loses": BOTH, "moves": []}


def test_words_alone_change_nothing(home: Household) -> None:
    seen = edited(home, rules=RULES.replace("id: soft", "id: soft\n    about: Peers I might work with"))
    assert (seen.gains, seen.loses, seen.moves, seen.same) == ((), (), (), 2)


def test_somebody_who_is_not_to_be_written_to_is_lost(home: Household) -> None:
    seen = edited(home, people=f"people: [{{name: Dana, emails: [{DANA}], do_not_contact: true}}]\n")
    assert told(seen) == {"gains": [], "loses": [("thank-you", DANA)], "moves": []}


def test_limits_move_notes(home: Household) -> None:
    home.put("b", event("fay", "2026-03-03 16:00", "fay@umbrella.example"))
    home.write("rules/rules.yaml", RULES.replace(", by: 24 hours", ""))
    seen = edited(home, settings=f"{SETTINGS}courtesy: {{per_day: 1}}\n")
    assert told(seen) == {"gains": [], "loses": [], "moves": [("thank-you", "fay@umbrella.example"), BOTH[1]]}


def test_what_is_held_back_until_it_is_too_late_is_not_coming(home: Household) -> None:
    rules = RULES.replace("by: 24 hours", "expires: 1 day")
    home.put("b", event("again", "2026-03-05 15:00", DANA))
    home.write("rules/rules.yaml", rules)
    seen = edited(home, settings=f"{SETTINGS}courtesy: {{min_gap: 1 hour}}\n")
    assert told(seen) == {"gains": [("thank-you", DANA)], "loses": [], "moves": []}


def test_who_looks_further_back_gains_what_was_due_then(home: Household) -> None:
    home.put("b", event("past", "2026-02-25 15:00", "fay@umbrella.example"))
    seen = edited(home, settings=f"{SETTINGS}backfill: 10 days\n")
    assert told(seen) == {"gains": [("thank-you", "fay@umbrella.example")], "loses": [], "moves": []}


def test_a_server_that_the_settings_name_no_more_is_not_asked(home: Household) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        book = f"{{carddav: 'http://127.0.0.1:{server.getsockname()[1]}/', local: true}}"
        home.write("afterword.yaml", SETTINGS.replace("{people: people.yaml}", book))
        assert told(edited(home, settings=SETTINGS)) == {"gains": [], "loses": [], "moves": []}
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_rule_that_rested_for_its_slow_expression_gains_its_notes_when_it_is_mended(home: Household) -> None:
    home.put("b", event("slow", "2026-03-05 15:00", "fay@umbrella.example", title="a" * 40 + "!"))
    home.write("rules/rules.yaml", RULES.replace("[coffee, chat]", "[coffee, chat, /^(a+)+$/]"))
    home.once(NOW)
    seen = edited(home, rules=RULES)
    assert told(seen) == {"gains": BOTH, "loses": [], "moves": []}


def test_other_working_hours_move_what_their_window_held(home: Household) -> None:
    rules = RULES.replace("after: 2 hours, by: 24 hours", "after: 2 hours, window: working_hours")
    home.write("rules/rules.yaml", rules)
    seen = edited(home, settings=SETTINGS.replace("signature:", "working_hours: weekdays 10:00-12:00, signature:"))
    assert told(seen)["moves"] == BOTH


def test_a_calendar_that_is_taken_out_loses_its_notes_and_gives_them_back(home: Household) -> None:
    (home.root / "config" / "other").mkdir()
    other = SETTINGS.replace("{id: feed, ics: calendar/}", "{id: other, ics: other/}")
    assert told(edited(home, settings=other)) == {"gains": [], "loses": BOTH, "moves": []}
    assert told(edited(home, settings=SETTINGS)) == {"gains": BOTH, "loses": [], "moves": []}


def test_an_address_of_mine_that_was_somebody_else_is_written_to_no_more(home: Household) -> None:
    seen = edited(home, settings=SETTINGS.replace("robin@work.example]", f"robin@work.example, {ED}]"))
    assert told(seen)["loses"] == [("thank-you", ED)]


def test_it_is_what_plan_says_before_and_after(home: Household) -> None:
    def planned() -> dict[str, object]:
        with Ledger.open(home.state, write=False) as ledger:
            seen = ahead(house_of(configuration(home), home.state), ledger, at(NOW), at(NOW) + AHEAD)
        return {one.id: one.due for one in seen.planned if not one.is_stuck and one.due <= at(NOW) + AHEAD}

    before = planned()
    seen = edited(home, rules=RULES.replace("coffee, chat", "chat").replace("2 hours", "3 hours").replace("6 w", "2 w"))
    after = planned()
    assert {one.follow_up.id for one in seen.gains} == after.keys() - before.keys()
    assert {one.follow_up.id for one in seen.loses} == before.keys() - after.keys()
    moved = {id_ for id_ in after.keys() & before.keys() if after[id_] != before[id_]}
    assert {one.follow_up.id for _, one in seen.moves} == moved
    assert seen.gains
    assert seen.loses
    assert seen.moves


def test_to_look_at_the_difference_leaves_the_ledger_as_it_is(home: Household) -> None:
    former = configuration(home)
    home.write("afterword.yaml", SETTINGS.replace("Europe/Lisbon", "Asia/Tokyo"))
    house = house_of(configuration(home), home.state)
    with Ledger.open(home.state) as ledger:
        world = view(house, ledger, at(NOW), at(NOW)).world
        before = {file: file.read_bytes() for file in home.state.iterdir()}
        change(house, former, world, ledger, at(NOW))
        assert {file: file.read_bytes() for file in home.state.iterdir()} == before


def test_the_log_names_some_of_many_and_counts_all(home: Household, capsys: pytest.CaptureFixture[str]) -> None:
    many = [event(f"m{number}", "2026-03-05 10:00", f"p{number}@acme.example") for number in range(MOST_NOTES + 5)]
    home.put("many", *many)
    log_change(edited(home, rules=RULES.replace("after: 2 hours", "after: 3 hours")))
    *notes, total = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["event"] for one in notes] == ["plan.moves"] * MOST_NOTES
    assert (notes[0]["rule"], notes[0]["step"], "to" in notes[0]) == ("soft", "thank-you", False)
    assert (notes[0]["due"], notes[0]["was"]) == ("2026-03-03T19:00:00+00:00", "2026-03-03T18:00:00+00:00")
    assert (total["event"], total["moves"], total["untold"]) == ("plan.changed", MOST_NOTES + 7, 7)


def test_a_plan_that_loses_all_it_had_is_a_warning(home: Household, capsys: pytest.CaptureFixture[str]) -> None:
    log_change(edited(home, rules=RULES.replace("coffee, chat", "lunch")))
    total = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (total["level"], total["loses"], total["same"]) == ("warning", 2, 0)


def test_a_cycle_that_dies_before_it_has_told_leaves_the_edit_to_be_told_by_the_next(home: Household) -> None:
    folder = home.root / "config"
    first = load_for_cycle(folder, home.state, service=True)
    home.write("people.yaml", PEOPLE + "# more\n")
    assert load_for_cycle(folder, home.state, service=True).former == first.configuration
    again = load_for_cycle(folder, home.state, service=True)
    assert again.former == first.configuration
    again.take()
    assert load_for_cycle(folder, home.state, service=True).former is None
