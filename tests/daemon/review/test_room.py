"""What the pages read, and how long it holds."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.review import room as rooms
from daemon.sight import ahead
from rules.history import State
from tests.build import at
from tests.daemon.review.conftest import NOW
from tests.daemon.review.visitor import Visitor, room

if TYPE_CHECKING:
    import pytest

    from daemon.sight import Sight
    from tests.cases.home import Home

UNTIL = at("2026-03-10 12:00")
AWHILE = 30
"""Seconds in which what waits for nobody is done, on the busiest machine."""


def test_a_change_waits_for_no_plan_that_is_worked_out_and_makes_it_one_of_before(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room(home.root, NOW)
    asked, answers, changed = threading.Event(), threading.Event(), threading.Event()

    def slow(*arguments: object, **named: object) -> Sight:
        """A mailbox that takes its time."""
        asked.set()
        answers.wait(AWHILE)
        return ahead(*arguments, **named)  # type: ignore[arg-type] # as they came

    def change() -> None:
        with here.writing() as ledger:
            ledger.keep("key", "value")
        changed.set()

    monkeypatch.setattr(rooms, "ahead", slow)
    found: list[Sight] = []
    threads = [threading.Thread(target=lambda: found.append(here.ahead(UNTIL))), threading.Thread(target=change)]
    threads[0].start()
    assert asked.wait(AWHILE)
    threads[1].start()
    try:
        assert changed.wait(AWHILE)
    finally:
        answers.set()
        for one in threads:
            one.join()
    again = here.ahead(UNTIL)
    assert again is not found[0]
    assert here.ahead(UNTIL) is again


def test_the_same_page_a_moment_later_reads_nothing_anew(home: Home) -> None:
    here = room(home.root, NOW)
    week = timedelta(days=7)
    assert here.ahead(here.now() + week) is here.ahead(here.now() + week)
    assert here.standing().configuration is here.standing().configuration


def test_what_a_cycle_beside_the_page_has_done_shows_at_once(home: Home) -> None:
    here = room(home.root, NOW)
    assert [one.state for one in here.ahead(UNTIL).records].count(State.PLACED) == 2
    home.cycles("2026-03-03 14:10")
    assert [one.state for one in here.ahead(UNTIL).records].count(State.PLACED) == 3


def test_an_edit_shows_at_once_however_much_its_file_looks_like_the_one_before(home: Home) -> None:
    visitor = Visitor(room(home.root, NOW))
    assert ">soft<" in visitor.get("/rules").text
    (file,) = (home.root / "config" / "rules").glob("*.yaml")
    seen = file.stat()
    file.write_text(file.read_text("utf-8").replace("id: soft", "id: warm"), "utf-8")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert ">warm<" in visitor.get("/rules").text
    sight = visitor.room.ahead(visitor.room.now())
    assert sight.view is not None
    assert [one.id for one in sight.view.world.rules] == ["warm"]
