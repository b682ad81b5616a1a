"""The page Health: what needs the user, the sources, the log of the last two weeks, cycles and backups."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon import locks
from daemon.cli.desk import ledger_of
from daemon.ledger.store import NAME
from daemon.review import logbook
from daemon.review.durations import of_journal, of_service
from daemon.review.logbook import log
from daemon.sight import at_drafts
from tests.build import at
from tests.daemon.review.conftest import NOW
from tests.daemon.review.test_rules import words
from tests.daemon.review.visitor import Visitor, room
from tests.house import event

if TYPE_CHECKING:
    import pytest

    from tests.cases.home import Home


def health(home: Home, when: str = NOW) -> str:
    return words(Visitor(room(home.root, when)).get("/health").text)


def test_a_service_that_does_not_run_is_what_needs_the_user(home: Home) -> None:
    told = health(home)
    assert "Nothing needs you." not in told
    assert "What needs you The service does not run, so nothing happens by itself." in told
    assert "Service look does not run" in told
    assert f"afterword --config {home.root}/config --state {home.state} service install lets it run" in told
    assert "calendar feed answered Tue 3 March 13:30" in told
    assert "Last cycle Tue 3 March 13:30, all well" in told


def test_before_the_first_cycle_the_next_command_is_told(bare: Home) -> None:
    assert f"Nothing has run yet. Next: afterword --config {bare.root}/config" in health(bare)


def test_a_source_that_does_not_answer_is_stale_since_and_says_what_to_do(home: Home) -> None:
    (home.root / "config" / "calendar").rename(home.root / "config" / "elsewhere")
    home.once("2026-03-03 14:30")
    told = health(home, "2026-03-03 17:00")
    assert "calendar feed look stale since Tue 3 March 14:30 (2 hours); what was known is used" in told
    assert "What needs you" in told
    _, status, _ = home.command("status", when="2026-03-03 17:00")
    for problem in status["problems"]:
        assert problem["message"] in told
    source = next(one for one in status["sources"] if one["id"] == "feed")
    assert " ".join(source["problem"]["hint"].replace("`", "").split()) in told


def test_the_page_tells_what_status_tells(home: Home) -> None:
    home.write("rules/rules.yaml", "rules: 3\n")
    _, status, _ = home.command("status", when=NOW)
    told = health(home)
    assert status["problems"]
    assert "Configuration look wrong" in told
    for problem in status["problems"]:
        assert problem["message"].replace("`", "") in told.replace(" ,", ",")


def test_the_log_says_what_happened_to_whom_and_why(home: Home) -> None:
    home.move(str(home.drafts()[0]["Message-ID"]), ".Trash")
    home.once("2026-03-04 08:00")
    told = health(home, "2026-03-04 08:10")
    assert re.search(
        r"Wed 4 March 08:00 \w+ .*Tue 3 March 13:30 placed Thank you, \w+ to \w+ ?; thank-you, by soft", told
    )
    assert "08:00 vetoed" in told
    assert "2 hours after 'Coffee' ended" in told


def test_who_edits_a_draft_twice_has_edited_it_twice(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    for words_typed in ("Dear Ana,", "Dear Ana, again,"):
        record = home.records()[0]
        page = visitor.get(f"/draft/{record.id}", part=True).text
        base = re.findall(r'name="base" value="([^"]*)"', page)[0]
        assert (
            visitor.post(f"/draft/{record.id}", {"base": base, "subject": "Hello", "text": words_typed}).status_code
            == 200
        )
    with ledger_of(home.state) as ledger:
        told = log(ledger, at_drafts(home.root / "config", ledger, at(NOW)))
    assert [line.state for line in told.days[0].lines][:3] == ["edited", "edited", "placed"]


def test_a_reminder_is_no_draft_that_was_placed(home: Home) -> None:
    for moment in ("2026-03-04 08:00", "2026-03-04 09:00"):  # near their deadlines
        home.once(moment)
    with ledger_of(home.state) as ledger:
        told = log(ledger, at_drafts(home.root / "config", ledger, at("2026-03-04 09:10")))
    words_of = [(line.state, line.why) for day in told.days for line in day.lines]
    reminders = [state for state, why in words_of if "brought to mind" in why]
    assert reminders
    assert set(reminders) == {"reminder"}
    placed = sum(int(found) for one in told.cycles for found in re.findall(r"(\d+) placed", one.did))
    assert placed == sum(state == "placed" for state, _ in words_of) == 3


def test_what_is_older_than_two_weeks_is_left_out(home: Home) -> None:
    with ledger_of(home.state) as ledger:
        sight = at_drafts(home.root / "config", ledger, at(NOW) + timedelta(days=15))
        told = log(ledger, sight)
    assert told.days == ()
    assert [one.did for one in told.cycles] == [
        "2 placed",
        "nothing was to be done",
    ]  # they are shown, so it is told rightly


def test_what_a_cycle_did_is_not_told_where_it_was_not_read(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "MOST_LINES", 1)
    with ledger_of(home.state) as ledger:
        told = log(ledger, at_drafts(home.root / "config", ledger, at(NOW)))
    assert told.more
    assert {one.did for one in told.cycles} == {""}


def test_how_long_cycles_took_is_told_where_the_service_or_the_journal_knows(home: Home) -> None:
    first, last = at("2026-03-03 09:00"), at(NOW)
    service = {"cycle": {"began": last.isoformat(), "ended": (last + timedelta(seconds=4)).isoformat()}}
    entry = {"__REALTIME_TIMESTAMP": str(int((first.timestamp() + 90.5) * 1e6))}
    native = entry | {"AFTERWORD_EVENT": "cycle.done", "AFTERWORD_SECONDS": "90.5", "MESSAGE": "cycle.done"}
    piped = entry | {"MESSAGE": json.dumps({"event": "cycle.done", "seconds": 90.5})}
    others = [{"MESSAGE": "words"}, {"MESSAGE": [1, 2]}, {"MESSAGE": '{"event": "clock.moved", "seconds": 3}'}, []]
    for told in (native, piped):
        known = [*of_service(service), *of_journal(["", "{", *map(json.dumps, [*others, told])])]
        with ledger_of(home.state) as ledger:
            sight = at_drafts(home.root / "config", ledger, last)
            assert [one.took for one in log(ledger, sight, known).cycles] == ["4 seconds", "1 minute"]


def test_a_running_service_is_told(home: Home) -> None:
    with locks.take(home.state, locks.SERVICE, "run", at(NOW)):
        told = health(home)
    assert re.search(r"Service runs \(process \d+\), since Tue 3 March 13:30", told)
    assert "service install" not in told
    assert ("Nothing needs you." in told, "What needs you" in told) == (True, False)


def test_a_ledger_that_cannot_be_read_is_what_needs_the_user(home: Home) -> None:
    (home.state / NAME).write_bytes(b"SQLite format 3\0" + b"no ledger " * 500)
    answer = Visitor(room(home.root, NOW)).get("/health")
    assert answer.status_code == 200
    told = words(answer.text)
    assert "What needs you" in told
    assert "Ledger look cannot be read" in told


def test_a_hostile_title_is_a_title(home: Home) -> None:
    home.put("ana", event("evil", "2026-03-03 11:00", "eve@evil.example", title="Coffee <script>alert(1)</script>"))
    home.once("2026-03-03 15:00")
    page = Visitor(room(home.root, "2026-03-03 15:10")).get("/health").text
    assert "2 hours after 'Coffee <script>alert(1)</script>' ended" in words(page)
    assert "<script>alert" not in page


def test_backups_are_told_with_the_command_that_puts_one_back(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    none = words(visitor.get("/health/backups", part=True).text)
    assert "There is no backup yet." in none
    home.command("backup", when=NOW)
    for part in (True, False):
        told = words(visitor.get("/health/backups", part=part).text)
        assert "by hand as of 03 Mar 2026 13:30, " in told
        assert f"afterword --config {home.root}/config --state {home.state} restore NAME puts one back" in told


def test_looking_at_health_writes_nothing(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*") if "review" not in path.parts}
    visitor.get("/health")
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_is_named_leads_to_its_page(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    pages = visitor.get("/rules").text + visitor.get("/health").text
    ways = set(re.findall(r'href="(/(?:coming|people|draft)/[^"]+)"', pages))
    assert {way.split("/")[1] for way in ways} == {"coming", "people", "draft"}
    assert {visitor.get(way).status_code for way in ways} <= {200, 303}
