"""A decision in the cycles that tell of it: on a Maildir, after a loss, beside a cycle that runs, and in a backtest."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.mailboxes.maildir import Maildir
from daemon.backtest import Span, backtest
from daemon.cycle import run
from daemon.ledger import Ledger
from rules.decisions import STEP
from rules.history import State
from tests.build import at, decision
from tests.house import Household, event

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.base import Look
    from rules.history import Decision

DANA, LEE = "dana@acme.example", "lee@ito.example"
SAID = "2026-03-16 12:00"
NEWS = "---\nsubject: News from me\n---\nDear {{ person.first_name }},\n\nI am {{ decision }}.\n\n{{ me.signature }}\n"


def made(root: Path, *decisions: Decision) -> Household:
    """Dana was met on 3 March and thanked on the 4th, and the user has decided so."""
    home = Household.make(root)
    home.write("templates/decision.md", NEWS)
    home.put("dana", event("dana", "2026-03-03 15:00", DANA))
    home.once("2026-03-04 12:00")
    home.move(str(home.drafts()[0]["Message-ID"]), ".Sent")
    home.once("2026-03-04 13:00")
    say(home, *decisions)
    return home


def say(home: Household, *decisions: Decision) -> None:
    with Ledger.open(home.state) as ledger:
        for one in decisions:
            ledger.decide(one)


def states(home: Household) -> list[State]:
    with Ledger.open(home.state, write=False) as ledger:
        return [record.state for record in ledger.records() if record.step == STEP]


def test_it_is_drafted_once_sent_and_answered_like_any_note(tmp_path: Path) -> None:
    home = made(tmp_path / "home", decision(SAID, DANA, LEE))

    assert len(home.once("2026-03-16 12:05").placed) == 2
    assert home.subjects() == ["News from me", "News from me"]
    dana = next(draft for draft in home.drafts() if DANA in str(draft["To"]))
    assert str(dana["From"]) == "Robin Vale <robin@example.org>"
    assert not home.once("2026-03-16 12:10").placed
    home.move(str(dana["Message-ID"]), ".Sent")
    home.once("2026-03-16 13:00")
    assert states(home).count(State.SENT) == 1
    home.deliver(DANA, "2026-03-16 14:00", "Re: News from me", In_Reply_To=str(dana["Message-ID"]))
    home.once("2026-03-16 14:05")
    assert sorted(states(home)) == [State.ANSWERED, State.PLACED]
    lee = home.drafts()[0]
    home.move(str(lee["Message-ID"]), ".Trash")
    home.once("2026-03-16 15:00")
    assert sorted(states(home)) == [State.ANSWERED, State.VETOED]
    say(home, decision("2026-03-17 12:00", DANA, LEE, text="Taking the OFFER"))
    assert not home.once("2026-03-17 12:05").placed


def test_after_a_lost_ledger_the_same_words_find_what_lies_in_drafts(tmp_path: Path) -> None:
    home = made(tmp_path / "home", decision(SAID, DANA))
    home.once("2026-03-16 12:05")
    shutil.rmtree(home.state)
    home.once("2026-03-16 13:00")
    say(home, decision("2026-03-16 13:05", DANA))

    assert not home.once("2026-03-16 13:10").placed
    assert home.subjects() == ["News from me"]
    assert states(home) == [State.PLACED]


def test_a_cycle_in_which_nothing_is_to_be_done_sees_that_something_was_decided(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    home.once("2026-03-16 11:50")
    assert home.once("2026-03-16 11:55").quiet
    say(home, decision(SAID, DANA))
    assert len(home.once("2026-03-16 12:05").placed) == 1
    home.once("2026-03-16 12:10")
    assert home.once("2026-03-16 12:15").quiet


def test_what_is_decided_while_a_cycle_runs_is_drafted_by_the_next(tmp_path: Path) -> None:
    class Deciding(Maildir):
        """The user decides while the mailbox is looked at."""

        def look(self, note: str, addresses: frozenset[str]) -> Look:
            say(home, decision(SAID, DANA))
            return super().look(note, addresses)

    home = made(tmp_path / "home")
    mailbox = Deciding(home.mail, frozenset(home.house().configuration.me.emails))
    with Ledger.open(home.state) as ledger:
        assert not run(replace(home.house(), mailbox=mailbox), ledger, at("2026-03-16 12:01")).placed
    assert len(home.once("2026-03-16 12:05").placed) == 1


def test_a_template_that_is_gone_by_then_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    home = made(tmp_path / "home", decision(SAID, DANA))
    (home.root / "config" / "templates" / "decision.md").unlink()
    (problem,) = home.once("2026-03-16 12:05").problems
    assert (problem.file, problem.message) == ("templates/decision.md", "there is no template `decision`")
    home.write("templates/decision.md", NEWS)
    assert len(home.once("2026-03-20 12:05").placed) == 1


def test_a_backtest_has_what_was_decided_in_its_span(tmp_path: Path) -> None:
    home = made(tmp_path / "home", decision(SAID, DANA), decision("2026-01-05 12:00", DANA, text="earlier"))
    span = Span(at("2026-03-01 00:00"), at("2026-05-10 00:00"), at("2026-05-10 00:00"))
    with Ledger.open(home.state, write=False) as ledger:
        (told,), _ = backtest(home.house(), ledger, span)
    assert [(one.follow_up.step, one.at) for one in told.drafted] == [
        ("thank-you", at("2026-03-03 18:00")),
        ("decision", at(SAID)),
        ("check-in", at("2026-04-27 12:00")),
    ]
