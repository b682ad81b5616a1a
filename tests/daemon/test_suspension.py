"""A machine that slept for three weeks: each due note once, spread as manners want it, the belated ones as belated."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger, store
from rules.history import State
from tests.build import at
from tests.house import Household, event

if TYPE_CHECKING:
    from datetime import datetime

    from rules.history import Record

ASLEEP, AWAKE, END = at("2026-03-02 12:00"), at("2026-03-23 12:00"), at("2026-04-05 12:00")
SETTINGS = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon, signature: Robin}
calendars: [{id: feed, ics: calendar/}]
contacts: [{people: people.yaml}]
mailbox: {maildir: ../Mail}
courtesy: {per_day: 2, min_gap: 5 days, one_open_draft: false}
"""
RULES = """\
rules:
  - id: met
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: news, template: news, after: 2 weeks, expires: 30 days}
  - id: contact
    when: {title: [chat]}
    steps:
      - {id: check-in, template: check-in, every: 6 weeks}
"""
LATE = "{% if late %}This comes late.{% endif %}\n"
BEFORE = [f"before{number}@b{number}.example" for number in range(5)]
WEEK = [f"week{number}@w{number}.example" for number in range(3)]
LONG_AGO, FRIEND, BUSY = "gone@g.example", "friend@f.example", "busy@y.example"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Record]]:
    """What was drafted, for whom, by which step: before the sleep, and in the four weeks after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "SYNCHRONOUS", "OFF")  # nothing dies here
        home = Household.make(tmp_path_factory.mktemp("sleep") / "home", rules=RULES, settings=SETTINGS)
        for name in ("thank-you", "check-in", "news"):
            text = (home.root / "config" / "templates" / f"{name}.md").read_text(encoding="utf-8")
            home.write(f"templates/{name}.md", text + LATE)
        chats = (("c1", "2026-01-28 10:00", FRIEND), ("c2", "2026-01-28 15:00", BUSY), ("c3", "2026-04-07 10:00", BUSY))
        home.put("chats", *(event(uid, start, who, title="Chat") for uid, start, who in chats))
        home.once("2026-01-20 12:00")
        home.put("before", *(event(f"b{day}", f"2026-02-2{day} 10:00", who) for day, who in enumerate(BEFORE, 3)))
        turn(home, at("2026-02-22 12:00"), ASLEEP)
        home.put("asleep", event("g", "2026-03-06 10:00", LONG_AGO))
        home.put("week", *(event(f"w{day}", f"2026-03-{day} 10:00", who) for day, who in enumerate(WEEK, 18)))
        turn(home, AWAKE, END)
        with Ledger.open(home.state, write=False) as ledger:
            records = ledger.records()
        found: dict[tuple[str, str], list[Record]] = {}
        for record in sorted(records, key=lambda one: one.placed or END):
            if record.placed is not None:
                (address,) = record.addresses
                found.setdefault((address, record.step), []).append(record)
        told = Counter(
            path.read_text(encoding="utf-8").split("\nMessage-ID: ", 1)[1].split("\n", 1)[0]
            for path in [*home.files(".Sent"), *home.files(".Drafts")]
        )
        assert set(told.values()) == {1}
        assert len(told) == sum(map(len, found.values()))
        home.mail.rename(tmp_path_factory.getbasetemp() / "sleep-mail")
        return found


def turn(home: Household, begin: datetime, end: datetime) -> None:
    """The service: a cycle when something is due, and every few hours; the user sends what lies there."""
    now = begin
    while now < end:
        outcome = home.once(now)
        for record in outcome.placed:
            home.move(record.message_id, ".Sent")
        following = now + (timedelta(seconds=1) if outcome.placed else timedelta(days=1))
        now = min(following, outcome.wake) if outcome.wake and outcome.wake > now else following


def placed(records: list[Record]) -> list[datetime]:
    return [record.placed for record in records if record.placed is not None]


def words(tmp_path_factory: pytest.TempPathFactory, record: Record) -> str:
    mail = tmp_path_factory.getbasetemp() / "sleep-mail"
    (text,) = [
        text for path in mail.glob(".Sent/cur/*") if record.message_id in (text := path.read_text(encoding="utf-8"))
    ]
    return text


Found = dict[tuple[str, str], list["Record"]]


def test_each_due_note_came_once(lived: Found) -> None:
    assert {len(records) for (_, step), records in lived.items() if step != "check-in"} == {1}
    wanted = {(who, step) for who in (*BEFORE, *WEEK) for step in ("thank-you", "news")}
    assert lived.keys() == wanted | {(LONG_AGO, "news"), (FRIEND, "check-in")}


def test_what_has_a_deadline_came_at_once_and_as_belated(
    lived: Found, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for who in WEEK:
        (record,) = lived[who, "thank-you"]
        assert record.placed == AWAKE
        assert "This comes late." in words(tmp_path_factory, record)
    for who in BEFORE:
        (record,) = lived[who, "thank-you"]
        assert record.placed == record.due
        assert "This comes late." not in words(tmp_path_factory, record)


def test_the_others_were_spread_and_came_as_belated_too(lived: Found, tmp_path_factory: pytest.TempPathFactory) -> None:
    days = Counter(
        when.date()
        for (_, step), records in lived.items()
        for when in placed(records)
        if step != "thank-you" and when >= AWAKE
    )
    assert max(days.values()) == 2  # a day
    belated = [record for who in BEFORE for record in lived[who, "news"]]
    assert len({when.date() for when in placed(belated)}) >= 3
    for record in belated:
        assert record.placed is not None
        assert AWAKE <= record.placed < AWAKE + timedelta(days=8)
        assert "This comes late." in words(tmp_path_factory, record)


def test_nobody_got_two_notes_within_the_gap(lived: Found) -> None:
    for who in {who for who, _ in lived}:
        times = sorted(when for (one, _), records in lived.items() if one == who for when in placed(records))
        assert all(later - earlier >= timedelta(days=5) for earlier, later in pairwise(times))


def test_what_had_expired_was_not_drafted(lived: Found) -> None:
    assert (LONG_AGO, "thank-you") not in lived
    assert (LONG_AGO, "news") in lived


def test_a_check_in_came_belated_and_one_with_a_meeting_ahead_was_held_back(lived: Found) -> None:
    (record,) = lived[FRIEND, "check-in"]
    assert record.placed is not None
    assert AWAKE <= record.placed < AWAKE + timedelta(days=8)
    assert record.state is State.SENT
    assert (BUSY, "check-in") not in lived
