"""`skip`, `unskip` and `snooze`: the user's word, and what the next cycles make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon import byhand, locks
from daemon.ledger import Ledger
from rules.history import State
from tests.build import at
from tests.house import SETTINGS

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home

LATER = "2026-03-03 19:00"


def message_id(home: Home) -> str:
    return str(home.household.drafts()[0]["Message-ID"])


def test_a_skipped_draft_is_taken_away_by_the_next_cycle_and_never_comes_again(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    told = drafted.run(LATER, "skip", id_[:5], "--json")
    assert told.code == 0
    assert told.json["state"] == "skipped"
    assert drafted.household.subjects() == ["Thank you, Dana"]
    drafted.once("2026-03-03 19:05")
    assert drafted.household.drafts() == []
    drafted.once("2026-03-04 12:00")
    assert drafted.household.drafts() == []
    assert drafted.state_of("2026-03-04 12:00", id_) == "skipped"


def test_a_planned_follow_up_that_is_skipped_is_not_drafted(drafted: Home) -> None:
    id_ = drafted.id_of(LATER, name="Lee")
    assert "It will not be drafted." in drafted.run(LATER, "skip", id_).out
    assert drafted.run(LATER, "plan", "--json").follow_ups == []
    drafted.once("2026-03-12 18:00")
    assert drafted.household.subjects() == ["Thank you, Dana"]


def test_a_skip_before_the_first_cycle_counts(home: Home) -> None:
    id_ = home.id_of("2026-03-03 12:00")
    assert home.run("2026-03-03 12:00", "skip", id_).code == 0
    home.once("2026-03-03 18:00")
    assert home.household.drafts() == []


def test_a_skip_taken_back_while_the_draft_lies_there_leaves_it_as_it_was(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.run(LATER, "skip", id_)
    told = drafted.run(LATER, "unskip", id_, "--json")
    assert (told.code, told.json["state"]) == (0, "placed")
    drafted.once("2026-03-03 19:05")
    assert drafted.household.subjects() == ["Thank you, Dana"]


def test_a_skip_taken_back_after_its_draft_has_gone_drafts_it_anew_under_another_message_id(drafted: Home) -> None:
    id_, first = drafted.id_of(LATER), message_id(drafted)
    drafted.run(LATER, "skip", id_)
    drafted.once("2026-03-03 19:05")
    assert drafted.run("2026-03-03 19:10", "unskip", id_, "--json").json["state"] == "planned"
    (placed,) = drafted.once("2026-03-03 19:15")["placed"]
    assert placed["id"] == id_
    assert message_id(drafted) != first


def test_a_skip_taken_back_of_a_draft_edited_meanwhile_leaves_it_to_the_user(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.run(LATER, "skip", id_)
    drafted.household.edit(message_id(drafted), "[[what stayed with me]]", "Your garden!")
    assert drafted.run(LATER, "unskip", id_, "--json").json["state"] == "edited"
    drafted.once("2026-03-03 19:05")
    assert len(drafted.household.drafts()) == 1


def test_an_edited_draft_with_another_message_id_is_not_made_a_second_time(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.run(LATER, "skip", id_)
    drafted.household.edit(message_id(drafted), message_id(drafted).strip("<>"), "another@mail.example")
    drafted.run(LATER, "unskip", id_)
    drafted.once("2026-03-03 19:05")
    assert len(drafted.household.drafts()) == 1


def test_a_planned_follow_up_is_planned_again_after_its_skip_is_taken_back(drafted: Home) -> None:
    id_ = drafted.id_of(LATER, name="Lee")
    drafted.run(LATER, "skip", id_)
    assert drafted.run(LATER, "unskip", id_).code == 0
    assert [one["id"] for one in drafted.run(LATER, "plan", "--json").follow_ups] == [id_]
    assert len(drafted.once("2026-03-12 18:00")["placed"]) == 1


def test_unskip_waits_for_no_cycle_but_says_to_try_later(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.run(LATER, "skip", id_)
    with locks.take(drafted.household.state, locks.CYCLE, "once", at(LATER)):
        assert drafted.run(LATER, "unskip", id_).code == 75
    assert drafted.state_of(LATER, id_) == "skipped"


def test_unskip_refuses_what_is_not_skipped(drafted: Home) -> None:
    told = drafted.run(LATER, "unskip", drafted.id_of(LATER))
    assert told.code == 2
    assert "it is not skipped but placed" in told.err


@pytest.mark.parametrize("command", [("skip",), ("snooze", "3 days")], ids=["skip", "snooze"])
@pytest.mark.parametrize(
    ("folder", "words"), [(".Sent", "you have sent it already"), (".Trash", "you deleted its draft")]
)
def test_what_is_sent_or_vetoed_is_refused_even_before_a_cycle_saw_it(
    drafted: Home, command: tuple[str, ...], folder: str, words: str
) -> None:
    id_ = drafted.id_of(LATER)
    drafted.household.move(message_id(drafted), folder)
    told = drafted.run(LATER, command[0], id_, *command[1:])
    assert told.code == 2
    assert words in told.err


@pytest.mark.parametrize("command", [("skip",), ("snooze", "3 days")], ids=["skip", "snooze"])
def test_an_edited_draft_is_the_users_own(drafted: Home, command: tuple[str, ...]) -> None:
    id_ = drafted.id_of(LATER)
    drafted.household.edit(message_id(drafted), "[[what stayed with me]]", "Your garden!")
    told = drafted.run(LATER, command[0], id_, *command[1:])
    assert told.code == 2
    assert "it is yours" in told.err or "so it is yours" in told.err


def test_a_later_check_in_cannot_be_skipped_before_the_one_that_comes_first(drafted: Home) -> None:
    drafted.household.move(message_id(drafted), ".Sent")
    drafted.once(LATER)
    check_ins = drafted.run(LATER, "plan", "--days", "120", "--json").follow_ups
    first, second = [one["id"] for one in check_ins if one["step"] == "check-in" and one["to"][0]["name"] == "Dana"][:2]
    told = drafted.run(LATER, "skip", second)
    assert told.code == 2
    assert first in told.err
    assert drafted.run(LATER, "skip", first).code == 0


@pytest.mark.parametrize(
    ("until", "comes"),
    [
        ("2026-03-06", "2026-03-06T09:00:00+00:00"),
        ("3 days", "2026-03-06T19:00:00+00:00"),
        ("3d", "2026-03-06T19:00:00+00:00"),
        ("2026-03-06T11:30:00+01:00", "2026-03-06T10:30:00+00:00"),
    ],
)
def test_a_snoozed_draft_goes_and_comes_back_at_its_time_without_a_deadline(
    drafted: Home, until: str, comes: str
) -> None:
    id_, first = drafted.id_of(LATER), message_id(drafted)
    document = drafted.run(LATER, "snooze", id_, *until.split(), "--json").json
    assert (document["state"], document["due"], document["by"]) == ("snoozed", comes, None)
    drafted.once("2026-03-03 19:05")
    assert drafted.household.drafts() == []
    drafted.once("2026-03-06 08:59")
    assert drafted.household.drafts() == []
    (shown,) = drafted.run("2026-03-06 08:59", "drafts", "--json").follow_ups
    assert (shown["id"], shown["state"], shown["draft"]) == (id_, "snoozed", None)
    (placed,) = drafted.once("2026-03-06 19:00")["placed"]
    assert (placed["id"], placed["state"], placed["by"]) == (id_, "placed", None)
    assert message_id(drafted) != first


def test_a_planned_follow_up_can_be_snoozed(drafted: Home) -> None:
    id_ = drafted.id_of(LATER, name="Lee")
    told = drafted.run(LATER, "snooze", id_, "2026-03-16")
    assert (told.code, ": the thank-you to Lee." in told.out) == (0, True)
    for command in (("drafts",), ("drafts", "--all")):
        (line,) = [one for one in drafted.run(LATER, *command).out.splitlines() if id_ in one]
        assert ("Thank you, Lee" in line, line.endswith("will be drafted Mon 16 March 09:00")) == (True, True)
    assert drafted.once("2026-03-12 18:00")["placed"] == []
    assert [one["id"] for one in drafted.once("2026-03-16 09:00")["placed"]] == [id_]


def test_a_snoozed_draft_edited_before_the_cycle_stays_the_only_one(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.run(LATER, "snooze", id_, "3 days")
    drafted.household.edit(message_id(drafted), "[[what stayed with me]]", "Your garden!")
    drafted.once("2026-03-03 19:05")
    drafted.once("2026-03-06 19:05")
    assert len(drafted.household.drafts()) == 1
    assert drafted.state_of("2026-03-06 19:05", id_) == "edited"


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-03-10T18:00:00+00:00", "it is not worth writing after Tue 10 March 18:00"),
        ("2026-03-03T18:59:00+00:00", "that time has passed"),
        ("2026-03-02", "that time has passed"),
        ("sometime", "'sometime' is no time\n  Write a date"),
        ("2", "'2' is no time\n  Write a date"),
        ("2027", "'2027' is no time\n  Write a date"),
        ("0 days", "that is now, and puts nothing off"),
        ("2026-03-06T10:00", "has no offset\n  Write a date"),
        ("2026-02-30", "'2026-02-30' is no time"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused_with_code_2(drafted: Home, until: str, words: str) -> None:
    id_ = drafted.id_of(LATER)
    told = drafted.run(LATER, "snooze", id_, until, "--json")
    assert (told.code, told.out) == (2, "")
    assert words in told.err
    assert drafted.state_of(LATER, id_) == "placed"


def test_skip_and_snooze_work_with_a_wrong_configuration(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    assert drafted.run(LATER, "snooze", id_, "2026-03-06").code == 0
    assert drafted.run(LATER, "skip", id_).code == 0
    assert drafted.run(LATER, "unskip", id_).code == 78


def test_where_the_ledger_has_moved_on_it_speaks(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    with Ledger.open(drafted.household.state) as ledger:
        seen = ledger.record(id_)
        assert seen is not None
        ledger.save([(replace(seen, state=State.SENT, sent=at(LATER)), "you sent it")], at(LATER))
        with pytest.raises(byhand.Refused, match="sent it already"):
            byhand.write(ledger, seen, seen, lambda record: byhand.skipped(record, at(LATER)), "skipped", at(LATER))
        now = ledger.record(id_)
        assert now is not None
        assert now.state is State.SENT


def test_what_is_said_while_a_cycle_is_under_way_is_not_overwritten_by_it(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    with Ledger.open(drafted.household.state) as cycle:
        (seen,) = cycle.records()
        assert drafted.run(LATER, "skip", id_).code == 0
        cycle.save([(replace(seen, gaps=0), "the cycle goes on")], at(LATER))
    assert drafted.state_of(LATER, id_) == "skipped"


def test_a_round_after_the_check_in_that_lies_there_is_planned_and_cannot_be_skipped_before_it(home: Home) -> None:
    home.once("2026-03-03 12:00")
    home.run("2026-03-03 12:00", "skip", home.id_of("2026-03-03 12:00"))
    now = "2026-04-14 16:00"
    home.once(now)
    (lying,) = home.run(now, "drafts", "--json").follow_ups
    planned = home.run(now, "plan", "--days", "50", "--json").follow_ups
    (following,) = [one for one in planned if one["step"] == "check-in" and one["to"] == lying["to"]]
    told = home.run(now, "skip", following["id"])
    assert (told.code, f"the check-in before it comes first: {lying['id']}" in told.err) == (2, True)
