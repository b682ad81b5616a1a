"""What systemd shows beside the service: one line, and nobody's name in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.problem import Problem
from connectors.base import TransientError
from daemon.cycle import Outcome
from daemon.figures import Figures
from daemon.headline import headline
from daemon.ledger import SourceState
from rules.almanac import Almanac
from rules.history import State
from tests.build import ZONE, at
from tests.daemon.ledger.build import record

NOW = at("2026-03-02 10:00")
ALMANAC = Almanac(ZONE)
WELL = SourceState(NOW, None, None)


def stale(since: str) -> SourceState:
    return SourceState(None, at(since), None)


def test_drafts_the_next_note_and_what_is_stale() -> None:
    outcome = Outcome(NOW, next_due=at("2026-03-03 09:00"))
    sources = {"cloud": stale("2026-03-02 08:12"), "work": WELL}
    told = headline(outcome, 3, sources, ALMANAC)
    assert told == "3 drafts waiting, next note Tue 09:00, calendar 'cloud' stale since 08:12"


def test_drafts_wait_that_lie_in_the_mailbox_and_are_neither_sent_nor_vetoed() -> None:
    states = (State.PLACED, State.EDITED, State.PLACED, State.SENT, State.VETOED)
    records = [*(record("f1", state) for state in states), record("f2", State.PLACED, absent_since=NOW)]
    assert Figures.of(records, {}).waiting == 3


def test_nothing_at_all_is_said_too() -> None:
    assert headline(Outcome(NOW), 0, {"feed": WELL}, ALMANAC) == "no draft waiting, no note planned"


def test_what_needs_the_user_comes_first_and_without_what_a_message_may_quote() -> None:
    outcome = Outcome(
        NOW, needs=[Problem("work", None, None, None, "the password of dana@acme.example is wrong", None)]
    )
    told = headline(outcome, 1, {"work": stale("2026-02-12 08:12")}, ALMANAC, last_good=True)
    assert told == (
        "needs you: the calendar 'work', the configuration (`afterword check`); "
        "1 draft waiting, no note planned, calendar 'work' stale since Thu 12 February 08:12"
    )


@pytest.mark.parametrize(
    ("source", "called"),
    [
        ("work", "the calendar 'work'"),
        ("/home/robin/people.vcf", "an address book"),
        ("https://dav.acme.example/dana/", "an address book"),
        ("google contacts", "an address book"),
        ("imap", "the mailbox"),
        ("gmail", "the mailbox"),
        ("maildir", "the mailbox"),
        ("", "a permission (`afterword status`)"),
        (None, "a permission (`afterword status`)"),
    ],
)
def test_what_needs_the_user_is_called_by_what_it_is(source: str | None, called: str) -> None:
    books = ("people.yaml", "/home/robin/people.vcf", "https://dav.acme.example/dana/", "google contacts")
    outcome = Outcome(NOW, needs=[Problem(source, None, None, None, "dana has to give leave", None)])
    told = headline(outcome, 0, {"work": WELL}, ALMANAC, books=books)
    assert told == f"needs you: {called}; no draft waiting, no note planned"


def test_several_books_that_need_the_user_are_said_once() -> None:
    needs = [Problem(name, None, None, None, "no leave", None) for name in ("a.vcf", "b.vcf", "imap")]
    told = headline(Outcome(NOW, needs=needs), 2, {}, ALMANAC, books=("a.vcf", "b.vcf"))
    assert told == "needs you: an address book, the mailbox; 2 drafts waiting, no note planned"


def test_a_mailbox_that_was_not_reached_is_told() -> None:
    outcome = Outcome(NOW, trouble=TransientError("imap.example does not answer robin@example.org"))
    assert headline(outcome, 0, {}, ALMANAC).endswith(", mailbox not reached")


@pytest.mark.parametrize("count", [1, 3, 50])
def test_however_many_are_stale_it_stays_one_short_line(count: int) -> None:
    sources = {f"c{number}": stale("2026-03-02 08:12") for number in range(count)}
    told = headline(Outcome(NOW, next_due=NOW + timedelta(days=30)), 0, sources, ALMANAC)
    assert len(told) < 200
    assert ("more stale" in told) == (count > 3)
