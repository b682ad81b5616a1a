"""The plan as a calendar to subscribe to: `plan --ics`, and `plan_ics` in the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from tests.build import at
from tests.daemon.cli.conftest import DANA
from tests.house import RULES, SETTINGS, calendar, event

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.daemon.cli.conftest import Home

NOON = "2026-03-03 12:00"


@pytest.fixture
def feed(home: Home) -> Path:
    """Where the feed is written."""
    return home.household.root / "plan.ics"


def events(feed: Path) -> list[Any]:
    return list(Calendar.from_ical(feed.read_bytes()).walk("VEVENT"))


def test_each_note_is_a_short_event_that_keeps_nobodys_time(home: Home, feed: Path) -> None:
    told = home.run(NOON, "plan", "--ics", str(feed), "--json").follow_ups
    first, second = events(feed)
    assert first["SUMMARY"] == "Thank-you to Dana: 'Thank you, Dana'"
    assert first["UID"] == f"afterword-plan-{told[0]['id']}"
    assert first.start == at("2026-03-03 18:00")
    assert first.duration == timedelta(minutes=15)
    assert first["TRANSP"] == "TRANSPARENT"
    assert first["DESCRIPTION"].split("\n")[:2] == [
        "2 hours after 'Coffee with Dana' ended",
        "Send by Wed 4 March 16:00.",
    ]
    assert second["SUMMARY"] == "Thank-you to Lee: 'Thank you, Lee'"


def test_what_is_held_back_stands_where_it_comes_and_says_by_what(drafted: Home, feed: Path) -> None:
    drafted.household.write("rules/rules.yaml", HELLO)
    drafted.once("2026-03-03 18:30")
    drafted.run("2026-03-04 17:00", "plan", "--days", "1", "--ics", str(feed))
    (held,) = events(feed)
    assert held.start == at("2026-03-08 18:00")
    assert "held until 8 March: one open draft to Dana" in held["DESCRIPTION"]


HELLO = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps: [{id: hello, template: check-in, after: 1 day}]
"""


def test_a_feed_in_which_nothing_has_changed_is_left_alone(home: Home, feed: Path) -> None:
    home.run(NOON, "plan", "--ics", str(feed))
    before = feed.stat()
    home.run("2026-03-03 12:30", "plan", "--ics", str(feed))
    assert (feed.stat().st_ino, feed.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    home.run("2026-03-03 12:30", "plan", "--ics", str(feed), "--days", "1")
    assert len(events(feed)) == 1


def test_a_file_that_is_no_feed_of_ours_is_never_written_over(home: Home, feed: Path) -> None:
    mine = calendar(event("u7", "2026-03-07 12:00", DANA))
    feed.write_text(mine, "utf-8")
    told = home.run(NOON, "plan", "--ics", str(feed))
    assert told.code == 75
    assert f"{feed} is no feed of Afterword, and is left as it is" in " ".join(told.err.split())
    assert feed.read_text("utf-8") == mine.replace("\r\n", "\n")


def test_a_folder_that_is_not_there_is_told(home: Home, feed: Path) -> None:
    told = home.run(NOON, "plan", "--ics", str(feed / "nowhere" / "x.ics"))
    assert told.code == 75
    assert "cannot be written: no such file or directory" in " ".join(told.err.split())


def test_a_dash_is_no_name_of_a_feed(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere it is the standard output: whoever types it does not want a file of this name."""
    monkeypatch.chdir(tmp_path)
    told = home.run(NOON, "plan", "--ics", "-")
    assert told.code == 2
    assert "--ics wants the name of a file" in told.err
    assert not (tmp_path / "-").exists()


def test_without_a_file_plan_writes_nothing(drafted: Home) -> None:
    before = drafted.bytes()
    assert drafted.run("2026-03-04 17:00", "plan").code == 0
    assert drafted.bytes() == before


# --- kept fresh by the cycles ------------------------------------------------------------------------------


@pytest.fixture
def kept(home: Home) -> Path:
    """A feed that the settings ask for, in the very folder that is read as the calendar."""
    home.household.write("afterword.yaml", f"{SETTINGS}plan_ics: calendar/plan.ics\n")
    return home.household.root / "config" / "calendar" / "plan.ics"


def summaries(feed: Path) -> list[str]:
    return [str(one["SUMMARY"]) for one in events(feed)]


def test_each_cycle_keeps_the_feed_of_the_settings_fresh(home: Home, kept: Path) -> None:
    home.once(NOON)
    assert summaries(kept) == ["Thank-you to Dana: 'Thank you, Dana'", "Thank-you to Lee: 'Thank you, Lee'"]
    home.once("2026-03-03 18:00")
    assert summaries(kept) == ["Thank-you to Lee: 'Thank you, Lee'"]
    home.household.drop("lee")
    home.once("2026-03-03 19:00")
    assert summaries(kept) == []


def test_a_dry_run_writes_no_feed(home: Home, kept: Path) -> None:
    home.run(NOON, "once", "--dry-run")
    assert not kept.exists()


def test_a_cycle_without_news_leaves_it_alone_and_makes_a_missing_one_anew(home: Home, kept: Path) -> None:
    for minute in ("00", "05", "10"):
        home.once(f"2026-03-03 12:{minute}")
    before = kept.stat()
    home.once("2026-03-03 12:15")
    assert kept.stat() == before
    kept.unlink()
    home.once("2026-03-03 12:20")
    assert len(events(kept)) == 2


def test_a_feed_that_cannot_be_written_hinders_nothing_else(home: Home) -> None:
    home.household.write("afterword.yaml", f"{SETTINGS}plan_ics: nowhere/plan.ics\n")
    told = home.run("2026-03-03 18:00", "once", "--json")
    assert told.code == 1
    assert [one["source"] for one in told.json["problems"]] == ["plan_ics"]
    assert home.household.subjects() == ["Thank you, Dana"]


def test_a_feed_that_is_read_as_a_calendar_is_no_meeting_with_anybody(home: Home, kept: Path) -> None:
    """`Thank-you to Dana` names somebody of the address book, and would be a meeting of mine with her."""
    people = f"people:\n  - {{name: Dana Okafor, emails: [{DANA}]}}\n"
    home.household.write("people.yaml", people)
    home.household.write("rules/rules.yaml", RULES.replace("[coffee, chat]", "[coffee, chat, thank]"))
    home.once(NOON)
    assert any("Dana" in one for one in summaries(kept))
    home.once("2026-03-03 12:05")
    home.once("2026-03-03 18:00")
    home.once("2026-03-03 23:00")
    assert home.household.subjects() == ["Thank you, Dana"]
    assert (
        home.run("2026-03-03 23:00", "person", "dana", "--json").json["last_contact"]["at"]
        == "2026-03-03T16:00:00+00:00"
    )


def test_a_copy_of_the_feed_under_other_uids_is_no_meeting_either(home: Home, feed: Path) -> None:
    home.household.write("people.yaml", f"people:\n  - {{name: Dana Okafor, emails: [{DANA}]}}\n")
    home.household.write("rules/rules.yaml", RULES.replace("[coffee, chat]", "[coffee, chat, thank]"))
    home.run(NOON, "plan", "--ics", str(feed))
    copy = feed.read_text("utf-8").replace("UID:afterword-plan-", "UID:imported-")
    home.household.write("calendar/copy.ics", copy)
    home.once("2026-03-03 18:00")
    home.once("2026-03-03 23:00")
    assert home.household.subjects() == ["Thank you, Dana"]


def test_a_feed_that_empties_itself_raises_no_doubt(home: Home, kept: Path) -> None:
    """Twelve notes that are drafted at once are twelve events less, and no calendar that has lost its meetings."""
    home.household.write("people.yaml", PEOPLE)
    home.household.put("all", event("u9", "2026-03-03 10:00", *GUESTS))
    home.household.write("rules/rules.yaml", RULES)
    home.once(NOON)
    assert "Thank-you to Ana Ruiz: 'Thank you, Ana'" in summaries(kept)
    assert len(events(kept)) == 2 + len(GUESTS)
    home.once("2026-03-03 13:00")
    assert len(events(kept)) == 2
    assert home.once("2026-03-03 13:05")["problems"] == []
    assert "missing" not in home.run("2026-03-03 13:05", "status").out


NAMES = ("Ana", "Ben", "Cem", "Dora", "Eva", "Finn", "Grace", "Hugo", "Ines", "Kim", "Lena", "Mats")
GUESTS = [f"{name.lower()}@{name.lower()}.example" for name in NAMES]
PEOPLE = "people:\n" + "".join(
    f"  - {{name: {name} Ruiz, emails: [{guest}]}}\n" for name, guest in zip(NAMES, GUESTS, strict=True)
)
