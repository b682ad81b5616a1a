import os
import resource
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import PermissionNeededError, TransientError
from connectors.calendars.expand import Expansion, expand
from connectors.calendars.sheet import Group
from daemon.ledger import Ledger, store
from daemon.suspects import KILLERS, NAME
from daemon.sync import Synced, sync, with_people
from rules.model import Status
from tests.daemon.ledger.build import die_at, in_child
from tests.daemon.shelf import Shelf, event, sheet

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _without_syncing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests end processes and not machines: what the kernel has is enough."""
    monkeypatch.setattr(store, "SYNCHRONOUS", "OFF")


def at(days: int, hour: int = 15) -> str:
    return (NOW.replace(hour=hour) + timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ")


def ask(
    folder: Path,
    shelf: Shelf,
    now: datetime = NOW,
    *,
    write: bool = True,
    zone: str = "Europe/Lisbon",
    before: int = 60,
    after: int = 60,
    **more: Any,
) -> Synced:
    with Ledger.open(folder, write=write) as ledger:
        return sync(ledger, shelf, now - before * DAY, now + after * DAY, zone, now, write=write, **more)


def uids(synced: Synced) -> set[str]:
    return {meeting.uid for meeting in synced.meetings}


def folder_of(count: int, first: int = 1) -> dict[str, bytes]:
    return {f"{n}.ics": sheet(event(f"m{n}", at(n))) for n in range(first, first + count)}


# --- what changed ------------------------------------------------------------------------------------------


def test_meetings_come_back_whole(tmp_path: Path) -> None:
    told = event(
        "u1", "20260304T150000Z", "ORGANIZER;CN=Robin:mailto:robin@example.org", "LOCATION:Café", "STATUS:TENTATIVE",
        "SEQUENCE:3", "LAST-MODIFIED:20260301T000000Z", "DESCRIPTION:one\\ntwo 🙂",
    )  # fmt: skip
    shelf = Shelf({"a.ics": sheet(told, event("u2", at(2), "RRULE:FREQ=DAILY;COUNT=3"))})
    first = ask(tmp_path, shelf)
    again = ask(tmp_path, shelf)
    assert first == again
    assert len(first.meetings) == 4
    meeting = next(meeting for meeting in first.meetings if meeting.uid == "u1")
    assert meeting.calendars == ("feed",)
    assert (meeting.location, meeting.sequence, meeting.status) == ("Café", 3, Status.TENTATIVE)
    assert meeting.organiser is not None
    assert meeting.organiser.email == "robin@example.org"
    assert [attendee.email for attendee in meeting.attendees] == ["dana@acme.example"]
    assert meeting.description == "one\ntwo 🙂"
    assert {m.original for m in first.meetings if m.uid == "u2"} == {m.start for m in first.meetings if m.uid == "u2"}


def test_only_what_changed_is_read(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(5))
    ask(tmp_path, shelf)
    shelf.read_names.clear()
    shelf.files["2.ics"] = sheet(event("m2", at(9)))
    synced = ask(tmp_path, shelf)
    assert shelf.read_names == ["2.ics"]
    assert shelf.listed[-1][1] == "noted"
    assert next(m for m in synced.meetings if m.uid == "m2").start == NOW.replace(hour=15) + 9 * DAY


def test_nothing_changed_nothing_read_and_nothing_expanded(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(5))
    ask(tmp_path, shelf)
    shelf.read_names.clear()
    before = (tmp_path / "ledger.sqlite3").read_bytes()
    with Ledger.open(tmp_path) as ledger:
        began = ledger.sources()["feed"]
        assert len(sync(ledger, shelf, NOW - DAY, NOW + 9 * DAY, "Europe/Lisbon", NOW, write=True).meetings) == 5
        assert ledger.sources()["feed"] == began
    assert shelf.read_names == []
    assert len((tmp_path / "ledger.sqlite3").read_bytes()) == len(before)


def test_a_window_that_slides_for_weeks_reads_a_series_anew_only_rarely(tmp_path: Path) -> None:
    weekly = event("series", at(-10), "RRULE:FREQ=WEEKLY")
    shelf = Shelf(
        {"s.ics": sheet(weekly), "single.ics": sheet(event("one", at(3))), "far.ics": sheet(event("f", at(99)))}
    )
    reads: list[tuple[int, str]] = []
    for day in range(0, 100, 2):
        shelf.read_names.clear()
        synced = ask(tmp_path, shelf, NOW + day * DAY)
        reads.extend((day, name) for name in shelf.read_names if day)
        starts = [m.start for m in synced.meetings if m.uid == "series"]
        assert max(starts) > NOW + (day + 52) * DAY
        assert ("f" in uids(synced)) == (day >= 40)
    assert len([day for day, name in reads if name == "s.ics"]) <= 4
    assert [name for _, name in reads if name == "single.ics"] == []
    assert len([day for day, name in reads if name == "far.ics"]) <= 2


def test_another_zone_of_the_user_reads_floating_times_anew(tmp_path: Path) -> None:
    shelf = Shelf({"a.ics": sheet(event("u", "20260304T150000"))})
    lisbon = ask(tmp_path, shelf)
    tokyo = ask(tmp_path, shelf, zone="Asia/Tokyo")
    assert lisbon.meetings[0].start - tokyo.meetings[0].start == 9 * HOUR


def test_an_event_that_went_to_another_file_is_not_missing(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(1))
    ask(tmp_path, shelf)
    shelf.files = {"renamed.ics": shelf.files["1.ics"]}
    synced = ask(tmp_path, shelf)
    assert [m.uid for m in synced.meetings] == ["m1"]
    assert not synced.doubted
    assert not synced.standing


def test_looking_writes_nothing_and_sees_the_same(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3))
    assert uids(ask(tmp_path / "none", shelf, write=False)) == {"m1", "m2", "m3"}
    assert not (tmp_path / "none").exists()
    ask(tmp_path, shelf)
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir())
    shelf.files["9.ics"] = sheet(event("m9", at(9)))
    del shelf.files["1.ics"]
    assert uids(ask(tmp_path, shelf, write=False)) == {"m2", "m3", "m9"}
    shelf.down = TransientError("no answer")
    assert uids(ask(tmp_path, shelf, write=False)) == {"m1", "m2", "m3"}
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == before


def test_progress_is_told(tmp_path: Path) -> None:
    told = []
    ask(tmp_path, Shelf(folder_of(650)), after=700, progress=lambda done, total: told.append((done, total)))
    assert told == [(300, 650), (600, 650), (650, 650)]


# --- what fails --------------------------------------------------------------------------------------------


def test_a_calendar_that_does_not_answer_is_what_it_was(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3))
    ask(tmp_path, shelf)
    shelf.down = PermissionNeededError("the password is refused", "Renew it.")
    synced = ask(tmp_path, shelf, NOW + HOUR)
    assert uids(synced) == {"m1", "m2", "m3"}
    assert not synced.fresh
    assert [(p.source, p.message, p.hint) for p in synced.problems] == [
        ("feed", "the password is refused", "Renew it.")
    ]
    ask(tmp_path, shelf, NOW + 2 * HOUR)
    with Ledger.open(tmp_path) as ledger:
        state = ledger.sources()["feed"]
    assert (state.ok_at, state.failed_since) == (NOW, NOW + HOUR)


def test_a_calendar_that_breaks_off_while_it_is_read_is_what_it_was(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3))
    ask(tmp_path, shelf)
    shelf.files |= {"1.ics": sheet(event("m1", at(20)))}
    del shelf.files["3.ics"]
    shelf.breaks_while_reading = True
    synced = ask(tmp_path, shelf)
    assert uids(synced) == {"m1", "m2", "m3"}
    assert not synced.fresh
    shelf.breaks_while_reading = False
    assert uids(ask(tmp_path, shelf)) == {"m1", "m2"}


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>sign in</html>", sheet(event("m1", at(1)))[:-20], b"\x00" * 100],
    ids=["empty", "login", "cut", "zeros"],
)
def test_an_answer_that_cannot_be_read_changes_nothing_ever(tmp_path: Path, data: bytes) -> None:
    shelf = Shelf({"feed.ics": sheet(*(event(f"m{n}", at(n)) for n in range(12)))})
    ask(tmp_path, shelf)
    shelf.files["feed.ics"] = data
    first = ask(tmp_path, shelf)
    assert len(first.meetings) == 12
    assert [problem.file for problem in first.problems] == ["feed.ics"]
    later = ask(tmp_path, shelf, NOW + 3 * DAY)
    assert len(later.meetings) == 12
    assert not later.doubted
    assert later.problems == ()
    assert later.standing == first.problems


def test_a_file_that_may_not_be_read_is_tried_again_and_told_once(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3))
    shelf.unreadable["2.ics"] = TransientError("permission denied")
    first = ask(tmp_path, shelf)
    assert uids(first) == {"m1", "m3"}
    assert [problem.message for problem in first.problems] == ["permission denied"]
    second = ask(tmp_path, shelf)
    assert (second.problems, second.standing) == ((), first.problems)
    shelf.unreadable.clear()
    third = ask(tmp_path, shelf)
    assert uids(third) == {"m1", "m2", "m3"}
    assert (third.problems, third.standing) == ((), ())


def test_one_broken_event_is_set_aside_once_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = [event(f"m{n}", at(n)) for n in range(1, 4)]
    broken = event("bad", "nonsense")
    shelf = Shelf({"feed.ics": sheet(*good, broken)})
    first = ask(tmp_path, shelf)
    assert uids(first) == {"m1", "m2", "m3"}
    (problem,) = first.problems
    assert (problem.source, problem.file) == ("feed", "feed.ics")
    assert "bad" in problem.message
    shelf.files["feed.ics"] = sheet(*good, event("m5", at(5)), broken)
    second = ask(tmp_path, shelf)
    assert (second.problems, second.standing) == ((), (problem,))
    shelf.files["feed.ics"] = sheet(*good, event("bad", at(7)))
    mended = ask(tmp_path, shelf)
    assert uids(mended) == {"m1", "m2", "m3", "bad"}
    assert (mended.problems, mended.standing) == ((), ())


def test_a_broken_edit_keeps_what_was_known_of_the_event(tmp_path: Path) -> None:
    shelf = Shelf({"a.ics": sheet(event("m1", at(1)))})
    ask(tmp_path, shelf)
    shelf.files["a.ics"] = sheet(event("m1", at(1), "RRULE:FREQ=SECONDLY;INTERVAL=0"))
    synced = ask(tmp_path, shelf)
    assert uids(synced) == {"m1"}
    assert len(synced.problems) == 1
    del shelf.files["a.ics"]
    shelf.files["b.ics"] = sheet(event("m2", at(1)))
    gone = ask(tmp_path, shelf)
    assert (uids(gone), gone.standing) == ({"m2"}, ())


def test_bombs_are_not_tried_again(tmp_path: Path) -> None:
    bombs = [event(f"bomb{n}", at(n), "RRULE:FREQ=SECONDLY") for n in range(20)]
    shelf = Shelf({"feed.ics": sheet(*bombs, event("m1", at(1)))})
    first = ask(tmp_path, shelf)
    assert uids(first) == {"m1"}
    assert len(first.problems) == 20
    shelf.read_names.clear()
    second = ask(tmp_path, shelf)
    assert shelf.read_names == []
    assert len(second.standing) == 20


# --- doubt -------------------------------------------------------------------------------------------------


def test_a_calendar_that_suddenly_shows_nothing_is_doubted_for_a_day(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3, first=2))
    ask(tmp_path, shelf)
    shelf.files.clear()
    doubted = ask(tmp_path, shelf, NOW + HOUR)
    assert uids(doubted) == doubted.doubted == {"m2", "m3", "m4"}
    assert len(doubted.standing) == 1
    assert doubted.problems == ()
    assert ask(tmp_path, shelf, NOW + 24 * HOUR).doubted == {"m2", "m3", "m4"}
    believed = ask(tmp_path, shelf, NOW + 25 * HOUR)
    assert (uids(believed), believed.doubted, believed.standing) == (set(), frozenset(), ())


def test_looking_at_a_doubted_calendar_neither_begins_nor_ends_the_doubt(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3, first=2))
    ask(tmp_path, shelf)
    shelf.files.clear()
    assert ask(tmp_path, shelf, NOW, write=False).doubted
    assert ask(tmp_path, shelf, NOW + 30 * HOUR).doubted
    assert not ask(tmp_path, shelf, NOW + 60 * HOUR, write=False).doubted
    assert ask(tmp_path, shelf, NOW + 31 * HOUR).doubted


def test_meetings_that_come_back_end_the_doubt(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(3, first=2))
    ask(tmp_path, shelf)
    files, shelf.files = shelf.files, {}
    assert ask(tmp_path, shelf).doubted
    shelf.files = files
    back = ask(tmp_path, shelf, NOW + HOUR)
    assert (uids(back), back.doubted, back.standing) == ({"m2", "m3", "m4"}, frozenset(), ())
    shelf.files = {}
    assert ask(tmp_path, shelf, NOW + 25 * HOUR).doubted == {"m2", "m3", "m4"}


def test_a_feed_that_loses_most_of_many_is_doubted_and_goes_on_with_the_rest(tmp_path: Path) -> None:
    shelf = Shelf({"feed.ics": sheet(*(event(f"m{n}", at(n)) for n in range(1, 13)))})
    ask(tmp_path, shelf)
    shelf.files["feed.ics"] = sheet(*(event(f"m{n}", at(n)) for n in range(8, 15)))
    synced = ask(tmp_path, shelf)
    assert uids(synced) == {f"m{n}" for n in range(1, 15)}
    assert synced.doubted == {f"m{n}" for n in range(1, 8)}
    assert uids(ask(tmp_path, shelf, NOW + DAY)) == {f"m{n}" for n in range(8, 15)}


@pytest.mark.parametrize("people", [("dana@acme.example",), ()])
def test_a_single_meeting_deleted_is_believed_at_once(tmp_path: Path, people: tuple[str, ...]) -> None:
    shelf = Shelf({"1.ics": sheet(event("m1", at(1))), "2.ics": sheet(event("m2", at(2), people=people))})
    ask(tmp_path, shelf)
    del shelf.files["1.ics"]
    synced = ask(tmp_path, shelf)
    assert (uids(synced), synced.doubted) == ({"m2"}, frozenset())


def test_cancelled_meetings_are_neither_there_nor_lost(tmp_path: Path) -> None:
    cancelled = {f"c{n}.ics": sheet(event(f"c{n}", at(n), "STATUS:CANCELLED")) for n in range(1, 9)}
    shelf = Shelf(cancelled | folder_of(4) | {"x.ics": sheet(event("x", at(1)))})
    ask(tmp_path, shelf)
    for name in cancelled:
        del shelf.files[name]
    synced = ask(tmp_path, shelf)
    assert not synced.doubted
    assert uids(synced) == {"m1", "m2", "m3", "m4", "x"}


def test_who_counts_as_people_is_for_the_caller_to_say(tmp_path: Path) -> None:
    shelf = Shelf({f"{n}.ics": sheet(event(f"m{n}", at(n), people=())) for n in (1, 2)})
    ask(tmp_path, shelf)
    shelf.files = {}
    assert ask(tmp_path, shelf, NOW, write=False, has_people=lambda _: True).doubted == {"m1", "m2"}
    assert uids(ask(tmp_path, shelf, NOW, write=False, has_people=with_people)) == set()


def test_a_past_meeting_that_rolls_out_of_a_calendar_stays_held(tmp_path: Path) -> None:
    shelf = Shelf({"feed.ics": sheet(*(event(f"m{n}", at(n)) for n in range(-6, 6)))})
    ask(tmp_path, shelf)
    shelf.files["feed.ics"] = sheet(*(event(f"m{n}", at(n)) for n in range(-3, 6)))
    rolled = ask(tmp_path, shelf)
    assert uids(rolled) == {f"m{n}" for n in range(-6, 6)}
    assert not rolled.doubted
    assert ask(tmp_path, shelf, NOW + 3 * DAY).meetings == rolled.meetings
    shelf.down = TransientError("no answer")
    assert uids(ask(tmp_path, shelf)) == uids(rolled)


def test_a_past_meeting_deleted_between_others_is_gone(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(8, first=-5))
    ask(tmp_path, shelf)
    del shelf.files["-3.ics"]
    assert "m-3" not in uids(ask(tmp_path, shelf))


def test_past_meetings_of_a_calendar_that_is_emptied_are_held_after_the_doubt(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(6, first=-3))
    ask(tmp_path, shelf)
    shelf.files = {}
    assert len(ask(tmp_path, shelf).doubted) == 6
    held = ask(tmp_path, shelf, NOW + DAY)
    assert uids(held) == {"m-3", "m-2", "m-1"}
    assert not held.doubted
    shelf.files = {"x.ics": sheet(event("m-2", at(-2, hour=9)), event("new", at(-9)))}
    back = ask(tmp_path, shelf, NOW + DAY)
    assert uids(back) == {"m-3", "m-2", "m-1", "new"}
    assert next(m for m in back.meetings if m.uid == "m-2").start.hour == 9
    shelf.files = {"x.ics": sheet(event("new", at(-9)))}
    assert uids(ask(tmp_path, shelf, NOW + DAY)) == {"m-3", "m-1", "new"}


def test_a_series_that_loses_its_oldest_instances_keeps_them_held(tmp_path: Path) -> None:
    def instance(days: int) -> str:
        return event("series", at(days), f"RECURRENCE-ID:{at(days)}")

    shelf = Shelf({"feed.ics": sheet(instance(-28), instance(-21), instance(-14), instance(7))})
    ask(tmp_path, shelf)
    shelf.files["feed.ics"] = sheet(instance(-14), instance(7), instance(14))
    synced = ask(tmp_path, shelf)
    assert sorted((m.start - NOW).days for m in synced.meetings) == [-28, -21, -14, 7, 14]
    assert len({m.identity for m in synced.meetings}) == 5


# --- crashes -----------------------------------------------------------------------------------------------


def test_what_was_being_parsed_survives_a_kill_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(folder_of(5))

    def die(*_args: object, **_more: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def killed() -> None:
        monkeypatch.setattr("daemon.suspects.expand", die)
        ask(tmp_path, shelf)

    assert os.WTERMSIG(in_child(killed)) == signal.SIGKILL
    assert len((tmp_path / NAME).read_text()) == 64
    synced = ask(tmp_path, shelf)
    assert uids(synced) == {"m1", "m2", "m3", "m4", "m5"}
    assert synced.problems == ()
    assert (tmp_path / NAME).read_text() == ""


def test_a_trial_under_low_limits_is_still_fair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(folder_of(1))

    def die(*_args: object, **_more: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def killed() -> None:
        monkeypatch.setattr("daemon.suspects.expand", die)
        ask(tmp_path, shelf)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        assert uids(ask(tmp_path, shelf)) == {"m1"}

    assert os.WTERMSIG(in_child(killed)) == signal.SIGKILL
    assert in_child(limited) == 0


def test_an_event_that_kills_again_is_set_aside_by_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(folder_of(3))

    def deadly(group: Group, *args: Any, **more: Any) -> Expansion:
        if group.uid == "m2":
            os.kill(os.getpid(), signal.SIGKILL)
        return expand(group, *args, **more)

    monkeypatch.setattr("daemon.suspects.expand", deadly)
    assert os.WTERMSIG(in_child(lambda: ask(tmp_path, shelf))) == signal.SIGKILL
    looked = ask(tmp_path, shelf, write=False)
    assert uids(looked) == {"m1", "m3"}
    synced = ask(tmp_path, shelf)
    assert uids(synced) == {"m1", "m3"}
    assert ["m2" in problem.message for problem in synced.problems] == [True]
    with Ledger.open(tmp_path) as ledger:
        assert ledger.recall(KILLERS)
    again = ask(tmp_path, shelf)
    assert (uids(again), again.problems, again.standing) == ({"m1", "m3"}, (), synced.problems)
    shelf.files["2.ics"] = sheet(event("m2", at(2), title="Another"))
    monkeypatch.setattr("daemon.suspects.expand", expand)
    assert uids(ask(tmp_path, shelf)) == {"m1", "m2", "m3"}


def crash_points(folder: Path, shelf: Shelf, now: datetime) -> Iterator[int]:
    """Run a sync in children that end at their first, second, … statement, until one gets through."""

    point = 0
    while True:
        point += 1

        def act(point: int = point) -> None:
            die_at(point)
            ask(folder, shelf, now)

        if os.WEXITSTATUS(in_child(act)) == 0:
            return
        yield point


def test_a_sync_that_dies_at_any_statement_is_made_good_by_the_next(tmp_path: Path) -> None:
    shelf = Shelf(folder_of(4, first=-1))
    ask(tmp_path, shelf)
    shelf.files = {"2.ics": sheet(event("m2", at(8))), "new.ics": sheet(event("new", at(3)), event("m1", at(1)))}
    expected = {"m-1", "m1", "m2", "new"}
    points = 0
    for _ in crash_points(tmp_path, shelf, NOW + HOUR):
        points += 1
        looked = ask(tmp_path, shelf, NOW + HOUR, write=False)
        assert uids(looked) == expected
    assert points > 10
    assert uids(ask(tmp_path, shelf, NOW + HOUR)) == expected


def test_a_file_name_that_is_no_utf8_is_as_good_as_any(tmp_path: Path) -> None:
    shelf = Shelf({"caf\udce9.ics": sheet(event("m1", at(1))), "x.ics": sheet(event("bad", "nonsense"))})
    assert uids(ask(tmp_path, shelf)) == {"m1"}
    shelf.read_names.clear()
    assert uids(ask(tmp_path, shelf)) == {"m1"}
    assert shelf.read_names == []
    shelf.files["caf\udce9.ics"] = sheet(event("bad2", "nonsense"), event("m2", at(2)))
    assert uids(ask(tmp_path, shelf)) == {"m2"}
    del shelf.files["caf\udce9.ics"]
    assert uids(ask(tmp_path, shelf)) == {"m2"}
