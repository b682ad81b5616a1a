"""A source that does not answer is asked less and less often, and nothing else suffers for it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import ConnectorError, Listing, PermissionNeededError, TransientError
from connectors.calendars.memory import MemoryCalendar
from daemon.cycle import Outcome, run
from daemon.ledger import Ledger, store
from daemon.rests import KEY, Rest, Rests
from rules.almanac import Almanac
from tests.build import at
from tests.house import Household, configured, event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from daemon.view import House

NOW = at("2026-03-03 12:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _without_syncing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing dies here: what the kernel has is enough."""
    monkeypatch.setattr(store, "SYNCHRONOUS", "OFF")


@dataclass
class Silent:
    """A calendar and a mailbox at once that answer with an error, and note when they were asked."""

    id: str = "cloud"
    error: ConnectorError | None = field(default_factory=lambda: TransientError("nobody answers", "Wait."))
    asked: list[datetime] = field(default_factory=list)
    now: datetime = NOW
    inner: Any = None

    def ask(self) -> None:
        self.asked.append(self.now)
        if self.error is not None:
            raise self.error

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        self.ask()
        listing: Listing = self.inner.list(known, note)
        return listing

    def look(self, *what: Any) -> Any:
        self.ask()
        return self.inner.look(*what)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Home:
    """A household, one source of which is silent; `cycle` is one of the service."""

    def __init__(self, folder: Path, *, mailbox: bool = False) -> None:
        self.home = Household.make(folder)
        self.silent = Silent()
        self.mailbox = mailbox

    def house(self) -> House:
        house = self.home.house()
        if self.mailbox:
            self.silent.inner = house.mailbox
            return replace(house, mailbox=self.silent)
        self.silent.inner = MemoryCalendar("cloud", {})
        return replace(house, calendars=[*house.calendars, self.silent])

    def cycle(self, now: datetime, *, anew: bool = False) -> Outcome:
        self.silent.now = now
        configuration = configured(self.home.root / "config")
        with Ledger.open(self.home.state, write=True) as ledger:
            rests = Rests.of(ledger, configuration, now, anew=anew)
            house = rests.guarding(self.house(), mailbox=not ledger.intents())
            outcome = run(house, ledger, now)
            rests.keep(ledger, now if outcome.pressing else outcome.wake)
        return outcome

    def hours(self, begin: datetime, hours: float) -> list[int]:
        """Cycles every five minutes that do no more than ask; the minutes at which the silent source was asked."""
        before = len(self.silent.asked)
        configuration = configured(self.home.root / "config")
        with Ledger.open(self.home.state, write=True) as ledger:
            for number in range(int(hours * 12)):
                self.silent.now = begin + 5 * number * MINUTE
                rests = Rests.of(ledger, configuration, self.silent.now, anew=False)
                house = rests.guarding(self.house())
                with suppress(ConnectorError):
                    house.mailbox.look("", frozenset()) if self.mailbox else house.calendars[-1].list({}, "")
                rests.keep(ledger)
        asked = dict.fromkeys(self.silent.asked[before:])
        return [round((when - begin) / MINUTE) for when in asked]

    def kept(self) -> dict[str, Any]:
        with Ledger.open(self.home.state, write=False) as ledger:
            told: dict[str, Any] = json.loads(ledger.recall(KEY) or "{}")
            return told


def test_a_calendar_that_stays_silent_is_asked_after_pauses_that_double_up_to_an_hour(tmp_path: Path) -> None:
    assert Home(tmp_path / "home").hours(NOW, 5) == [0, 5, 10, 20, 40, 80, 140, 200, 260]


def test_others_are_asked_as_ever_and_what_they_say_is_drafted(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.hours(NOW, 1)
    home.home.put("a", event("u1", "2026-03-03 10:00", "dana@acme.example"))
    outcome = home.cycle(NOW + 62 * MINUTE)
    assert len(outcome.placed) == 1
    assert home.silent.asked[-1] < NOW + 62 * MINUTE


def test_while_it_is_left_alone_it_says_why_and_until_when(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.cycle(NOW)
    home.hours(NOW + 5 * MINUTE, 0.5)
    (problem,) = home.cycle(NOW + 35 * MINUTE).problems
    assert (problem.source, problem.message) == ("cloud", "nobody answers")
    assert problem.hint is not None
    assert "asked again at Tue 3 March 12:40" in problem.hint
    with Ledger.open(home.home.state, write=False) as ledger:
        assert ledger.sources()["cloud"].failed_since == NOW
        assert ledger.sources()["cloud"].problem == problem


def test_one_answer_ends_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.hours(NOW, 1)
    home.silent.error = None
    home.hours(NOW + 60 * MINUTE, 1)
    assert home.kept() == {}
    home.silent.error = TransientError("again")
    assert home.hours(NOW + 120 * MINUTE, 0.5) == [0, 5, 10, 20]


@pytest.mark.parametrize("minutes", [41, 60])
def test_whoever_begins_anew_asks_at_once_and_the_pauses_begin_anew(tmp_path: Path, minutes: int) -> None:
    home = Home(tmp_path / "home")
    home.hours(NOW, 1)
    begin = NOW + minutes * MINUTE
    home.cycle(begin, anew=True)
    assert home.silent.asked[-1] == begin
    assert home.hours(begin + 5 * MINUTE, 1) == [0, 5, 15, 35]


def test_what_the_user_has_to_mend_is_asked_in_each_cycle(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.silent.error = PermissionNeededError("no password", "Give one.")
    assert home.hours(NOW, 1) == list(range(0, 60, 5))


def test_what_a_server_asks_for_is_heard_up_to_some_hours(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.silent.error = TransientError("busy", after=1200)
    assert home.hours(NOW, 0.6) == [0, 20]
    home.silent.error = TransientError("busy", after=86400)
    home.cycle(NOW + 60 * MINUTE)
    assert home.hours(NOW + 65 * MINUTE, 7) == [355]


def test_a_clock_that_was_wrong_leaves_nobody_alone_for_years(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.hours(NOW + timedelta(days=4000), 2)
    home.cycle(NOW)
    assert home.silent.asked[-1] == NOW


@pytest.mark.parametrize("kept", ["[]", "{", '{"calendar:cloud": {"since": "2026"}}', '{"calendar:cloud": null}'])
def test_damaged_memory_is_no_memory(tmp_path: Path, kept: str) -> None:
    home = Home(tmp_path / "home")
    home.cycle(NOW)
    with Ledger.open(home.home.state, write=True) as ledger:
        ledger.keep(KEY, kept)
    home.cycle(NOW + 5 * MINUTE)
    assert home.silent.asked[-1] == NOW + 5 * MINUTE


def test_a_mailbox_that_stays_silent_is_left_alone_too_while_nothing_is_due(tmp_path: Path) -> None:
    assert Home(tmp_path / "home", mailbox=True).hours(NOW, 3) == [0, 5, 10, 20, 40, 80, 140]


def test_with_a_deadline_due_the_mailbox_is_tried_in_each_cycle(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", mailbox=True)
    home.home.put("a", event("u1", "2026-03-03 14:00", "dana@acme.example"))  # due at 17:00
    before = home.hours(NOW, 5)
    assert before[-1] - before[-2] == 60
    home.cycle(at("2026-03-03 16:50"))
    assert home.silent.asked[-1] < at("2026-03-03 16:50")
    begin = at("2026-03-03 17:00")
    for number in range(4):
        home.cycle(begin + 5 * number * MINUTE)
        assert home.silent.asked[-1] == begin + 5 * number * MINUTE
    home.silent.error = None
    assert len(home.cycle(at("2026-03-03 18:00")).placed) == 1


def test_what_was_under_way_is_settled_whether_the_mailbox_is_left_alone_or_not(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", mailbox=True)
    home.hours(NOW, 2)
    with Ledger.open(home.home.state, write=True) as ledger:
        rests = Rests.of(ledger, configured(home.home.root / "config"), NOW + 121 * MINUTE, anew=False)
        assert rests.guarding(home.house(), mailbox=False).mailbox is home.silent


def test_a_network_that_comes_back_some_minutes_after_a_sleep_is_found_with_the_next_cycle(tmp_path: Path) -> None:
    """The pauses of the service after a sleep are seconds (`daemon.ticks`), and no source is left alone by then."""
    home = Home(tmp_path / "home", mailbox=True)
    home.hours(NOW, 3)
    home.home.put("a", event("u1", "2026-03-10 14:00", "dana@acme.example"))
    awake = at("2026-03-11 09:00")
    home.cycle(awake, anew=True)
    for seconds in (10, 30, 70, 150):
        home.cycle(awake + timedelta(seconds=seconds))
        assert home.silent.asked[-1] == awake + timedelta(seconds=seconds)
    home.silent.error = None
    (record,) = home.cycle(awake + timedelta(seconds=310)).placed
    assert record.addresses == ("dana@acme.example",)


@dataclass
class Mute:
    """A calendar and an address book at once that say what they have; reading gives these errors, or bytes."""

    found: Sequence[bytes | TransientError]
    listed: int = 9
    id: str = "cloud"
    asked: int = 0

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - as a calendar
        return Listing({str(number): "1" for number in range(self.listed)})

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        self.asked += 1
        return zip(names, self.found, strict=False)

    def tag(self) -> str:
        return str(self.asked)

    def people(self) -> Any:
        self.asked += 1
        (error,) = self.found
        assert isinstance(error, TransientError)
        raise error

    def hour(self, house: House, *, book: bool = False) -> int:
        """How often it is read in an hour, by cycles every five minutes."""
        known: Mapping[str, Rest] = {}
        house = replace(house, calendars=[self], books={"book": self})
        for number in range(12):
            rests = Rests(Almanac("UTC"), NOW + 5 * number * MINUTE, 5 * MINUTE, known)
            guarded = rests.guarding(house)
            with suppress(ConnectorError):
                if book:
                    one = guarded.books["book"]
                    assert not isinstance(one, tuple)
                    one.tag()
                    one.people()
                else:
                    guarded.calendars[0].list({}, "")
                    list(guarded.calendars[0].read("012345678"))
            known = rests.known()
        return self.asked


BUSY, PLEADING, LOST = TransientError("busy"), TransientError("busy", after=7200), TransientError("gone", file="0")


@pytest.mark.parametrize(
    ("found", "listed", "times"),
    [
        ([BUSY, BUSY], 9, 5),
        ([BUSY, PLEADING], 9, 1),
        ([BUSY], 1, 5),
        ([PLEADING], 9, 1),
        ([BUSY], 9, 12),
        ([BUSY, b""], 9, 12),
        ([LOST, LOST], 9, 12),
    ],
)
def test_a_calendar_that_lists_and_gives_nothing_of_it_is_asked_less_often(
    tmp_path: Path, found: Sequence[bytes | TransientError], listed: int, times: int
) -> None:
    assert Mute(found, listed).hour(Household.make(tmp_path / "home").house()) == times


@pytest.mark.parametrize(("error", "times"), [(BUSY, 5), (PLEADING, 1)])
def test_an_address_book_that_does_not_say_who_is_in_it_is_asked_less_often(
    tmp_path: Path, error: TransientError, times: int
) -> None:
    assert Mute([error]).hour(Household.make(tmp_path / "home").house(), book=True) == times
