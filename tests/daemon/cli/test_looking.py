"""Looking is free: whatever is asked, and whatever is wrong, nothing on the disk changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.house import event

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home

LOOKS = (
    ("plan",),
    ("plan", "--days", "60"),
    ("drafts",),
    ("drafts", "--all"),
    ("status",),
    ("people",),
    ("person", "dana"),
    ("once", "--dry-run"),
    ("check",),
)


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
@pytest.mark.parametrize("json", [False, True])
def test_nothing_is_written_before_the_first_cycle(home: Home, look: tuple[str, ...], json: bool) -> None:
    before = home.bytes()
    assert home.run("2026-03-03 18:00", *look, *(["--json"] if json else [])).code == 0
    assert home.bytes() == before
    assert not home.household.state.exists()


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_nothing_is_written_when_there_is_news_of_every_kind(drafted: Home, look: tuple[str, ...]) -> None:
    household = drafted.household
    household.put("more", event("u5", "2026-03-04 09:00", "ana@x.example", title="Coffee with Ana"))
    household.put("bad", event("u7", "2026-03-02 15:00", "x@x.example").replace("DTSTART", "DTSTRAT"))
    household.drop("lee")
    household.deliver("dana@acme.example", "2026-03-04 08:00")
    household.move(str(household.drafts()[0]["Message-ID"]), ".Sent")
    before = drafted.bytes()
    told = drafted.run("2026-03-04 12:00", *look, "--json")
    assert told.code in {0, 1}
    assert told.json
    assert drafted.bytes() == before


def test_show_counts_the_meetings_as_of_the_time_at_which_the_note_is_due(home: Home) -> None:
    counted = "---\nsubject: Thank you\n---\nMet {{ meetings_so_far }}, next {{ next_meeting.title or 'never' }}.\n"
    home.household.write("templates/thank-you.md", counted)
    home.once("2026-03-03 12:00")
    (planned, *_) = home.run("2026-03-03 12:00", "plan", "--json").follow_ups
    early = home.run("2026-03-03 12:00", "show", planned["id"], "--json").json["text"]
    home.once("2026-03-03 18:00")
    placed = home.run("2026-03-03 18:05", "show", planned["id"], "--json").json["text"]
    assert "Met 1," in early
    assert early == placed


def test_show_writes_nothing(drafted: Home) -> None:
    id_ = drafted.id_of("2026-03-03 19:00")
    before = drafted.bytes()
    assert drafted.run("2026-03-03 19:00", "show", id_).code == 0
    assert drafted.bytes() == before


def test_show_tells_the_last_contact_as_of_the_time_at_which_the_note_is_drafted(home: Home) -> None:
    """The check-in of six weeks from now looks back to the thank-you, not to before the meeting."""
    home.household.write("templates/check-in.md", "---\nsubject: Hello\n---\nLast {{ last_contact }}.\n")
    home.once("2026-03-03 12:00")
    (check_in,) = [
        one
        for one in home.run("2026-03-03 12:00", "plan", "--days", "60", "--json").follow_ups
        if one["step"] == "check-in" and one["to"][0]["name"] == "Dana"
    ]
    early = home.run("2026-03-03 12:00", "show", check_in["id"], "--json").json["text"]
    home.once("2026-03-03 18:00")
    home.household.move(str(home.household.drafts()[0]["Message-ID"]), ".Sent")
    home.once("2026-03-03 18:05")
    home.once("2026-04-14 18:05")
    placed = home.run("2026-04-14 18:10", "show", check_in["id"], "--json").json["text"]
    assert early == placed == "Last on 3 March.\n\nRobin\n"
