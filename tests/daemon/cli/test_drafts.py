"""`afterword drafts` and `show`: the follow-ups as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.house import SETTINGS, THANK_YOU, event

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home

LATER = "2026-03-03 19:00"


def message_id(home: Home) -> str:
    return str(home.household.drafts()[0]["Message-ID"])


def test_a_draft_that_waits_tells_its_deadline_and_its_gaps(drafted: Home) -> None:
    (line,) = drafted.run(LATER, "drafts").out.splitlines()
    assert "placed  Dana  Thank you, Dana  send by Wed 4 March 16:00 (21 hours left), 1 gap to fill" in line


def test_without_drafts_a_line_says_so(home: Home) -> None:
    assert home.run(LATER, "drafts").out == "No draft waits for you.\n"
    assert home.run(LATER, "drafts", "--json").json == {"follow_ups": []}


def test_a_draft_edited_since_the_last_cycle_is_shown_as_it_is_now(drafted: Home) -> None:
    drafted.household.edit(message_id(drafted), "[[what stayed with me]]", "Your garden!")
    (found,) = drafted.run(LATER, "drafts", "--json").follow_ups
    assert (found["state"], found["gaps"]) == ("edited", 0)


@pytest.mark.parametrize(("folder", "state"), [(".Sent", "sent"), (".Trash", "vetoed")])
def test_what_was_sent_or_deleted_since_is_no_longer_waiting(drafted: Home, folder: str, state: str) -> None:
    drafted.household.move(message_id(drafted), folder)
    assert drafted.run(LATER, "drafts", "--json").follow_ups == []
    everything = drafted.run(LATER, "drafts", "--all", "--json").follow_ups
    assert [one["state"] for one in everything if one["to"][0]["name"] == "Dana"][-1] == state


def test_the_nearest_deadline_comes_first(drafted: Home) -> None:
    drafted.household.put("ana", event("u5", "2026-03-03 13:30", "ana@x.example", title="Coffee with Ana"))
    drafted.once("2026-03-03 18:30")
    found = drafted.run(LATER, "drafts", "--json").follow_ups
    assert [one["to"][0]["name"] for one in found] == ["Ana", "Dana"]


def test_an_old_untouched_draft_is_stale_and_stays(drafted: Home) -> None:
    (found,) = drafted.run("2026-03-20 12:00", "drafts", "--json").follow_ups
    assert found["stale"] is True
    assert "stale: no longer worth sending" in drafted.run("2026-03-20 12:00", "drafts").out
    assert drafted.household.subjects() == ["Thank you, Dana"]


def test_all_shows_what_happened_and_what_is_planned(drafted: Home) -> None:
    found = drafted.run(LATER, "drafts", "--all", "--json").follow_ups
    assert [(one["to"][0]["name"], one["state"]) for one in found] == [("Lee", "planned"), ("Dana", "placed")]
    assert len({one["id"] for one in found}) == len(found)


def test_with_a_wrong_configuration_drafts_tells_what_the_ledger_knows(drafted: Home) -> None:
    drafted.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    for arguments in (("drafts", "--json"), ("drafts", "--all", "--json")):
        told = drafted.run(LATER, *arguments)
        assert told.code == 0
        assert [one["state"] for one in told.follow_ups] == ["placed"]
        assert told.follow_ups[0]["due"] == "2026-03-03T18:00:00+00:00"
        assert "check` tells which" in told.err


def test_a_mailbox_that_cannot_be_read_leaves_what_the_ledger_knows_and_code_1(drafted: Home) -> None:
    drafted.household.mail.rename(drafted.household.root / "Elsewhere")
    told = drafted.run(LATER, "drafts", "--json")
    assert told.code == 1
    assert [one["state"] for one in told.follow_ups] == ["placed"]
    assert told.json["problems"][0]["source"] == "maildir"


def test_show_prints_the_note_as_it_was_placed_and_its_history(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    document = drafted.run(LATER, "show", id_, "--json").json
    assert document["text"].splitlines()[0] == "Dear Dana,"
    assert [one["state"] for one in document["history"]] == ["placed"]
    told = drafted.run(LATER, "show", id_[:4])
    assert told.code == 0
    assert "Thank you for your time on Tuesday." in told.out
    assert "Tue 3 March 18:00  placed" in told.out


def test_show_prints_a_planned_note_as_it_will_be_when_it_is_due(drafted: Home) -> None:
    id_ = drafted.id_of(LATER, name="Lee")
    document = drafted.run(LATER, "show", id_, "--json").json
    assert document["state"] == "planned"
    assert "Thank you for your time on Thursday." in document["text"]
    assert document["history"] == []


def test_show_works_with_a_wrong_configuration(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    drafted.household.write("templates/thank-you.md", THANK_YOU.replace("person", "prson"))
    told = drafted.run(LATER, "show", id_, "--json")
    assert told.code == 0
    assert told.json["text"].startswith("Dear Dana,")


def test_an_unknown_id_is_code_2_with_the_nearest(drafted: Home) -> None:
    id_ = drafted.id_of(LATER)
    wrong = id_[:-1] + ("a" if id_[-1] != "a" else "b")
    told = drafted.run(LATER, "show", wrong, "--json")
    assert (told.code, told.out) == (2, "")
    assert f"Did you mean {id_}?" in told.err


def test_a_draft_that_is_gone_is_said_to_be_so_until_it_counts_as_deleted_or_is_back(drafted: Home) -> None:
    (draft,) = drafted.household.files(".Drafts")
    away = draft.rename(drafted.household.root / "away")
    gone = "gone from Drafts since Tue 3 March {}: if it stays away, it counts as deleted"
    id_ = drafted.id_of("2026-03-03 19:00")
    assert gone.format("19:00") in drafted.run("2026-03-03 19:00", "drafts").out  # nobody has seen it gone before
    drafted.once("2026-03-03 19:05")
    for words in (("drafts",), ("show", id_), ("status",)):
        assert gone.format("19:05") in drafted.run("2026-03-03 19:10", *words).out
    assert f"none wait for you; 1 is {gone.format('19:05')}" in drafted.run("2026-03-03 19:10", "status").out
    assert drafted.run("2026-03-03 19:10", "status", "--json").json["waiting"] == 0
    away.rename(draft)
    for words in (("drafts",), ("show", id_), ("status",)):
        assert "gone from Drafts" not in drafted.run("2026-03-03 19:15", *words).out
    draft.unlink()
    for time in ("19:20", "20:25"):
        drafted.once(f"2026-03-03 {time}")
    assert "gone from Drafts" not in drafted.run("2026-03-03 20:30", "status").out
    assert drafted.state_of("2026-03-03 20:30", id_) == "vetoed"


@pytest.mark.parametrize("who", ["Dana", "dana@acme.example"])
def test_a_person_in_the_place_of_an_id_leads_to_their_notes(drafted: Home, who: str) -> None:
    id_ = drafted.id_of("2026-03-03 19:00")
    told = drafted.run("2026-03-03 19:00", "show", who)
    assert told.code == 2
    assert f"That is Dana, and ID is the id of a note: {id_} (thank-you, due Tue 3 March 18:00)" in " ".join(
        told.err.split()
    )
    assert f" person {who}` tells of the person." in " ".join(told.err.split())
    drafted.household.write("afterword.yaml", "version: 1\n")
    told = drafted.run("2026-03-03 19:00", "skip", who)
    assert (told.code, f"the id of a note: {id_} (thank-you, due Tue 3 March 18:00)" in " ".join(told.err.split())) == (
        2,
        True,
    )


def test_an_empty_or_shared_beginning_names_no_follow_up(drafted: Home) -> None:
    assert drafted.run(LATER, "show", "").code == 2
    drafted.household.put(
        "many", *(event(f"m{n}", "2026-03-03 14:00", f"p{n}@x.example", title=f"Coffee {n}") for n in range(33))
    )
    ids = [one["id"] for one in drafted.run(LATER, "plan", "--json").follow_ups]
    shared = next(id_[0] for id_ in ids if sum(other[0] == id_[0] for other in ids) > 1)
    told = drafted.run(LATER, "show", shared)
    assert told.code == 2
    assert "several follow-ups begin with" in told.err
