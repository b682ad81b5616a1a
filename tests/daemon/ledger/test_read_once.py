"""What was read of the ledger stays read, until somebody writes: here or in another process."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from config.problem import Problem
from daemon import byhand
from daemon.ledger import Ledger, SourceState
from daemon.ledger.model import Part
from rules.history import RuleAge, State, Told
from rules.model import Direction, Mail
from tests.daemon.ledger.build import NOW, record

if TYPE_CHECKING:
    from collections.abc import Callable

CAUSE = "it was due"
MAIL = Mail("<a@x>", Direction.IN, NOW, ("dana@acme.example",))
LOOKS: dict[Part, Callable[[Ledger], object]] = {
    Part.FOLLOW_UPS: Ledger.records,
    Part.INTENTS: Ledger.intents,
    Part.MAILS: Ledger.mails,
    Part.NUDGES: Ledger.told,
    Part.RULE_AGES: Ledger.ages,
    Part.MEMORY: lambda ledger: ledger.recall("mailbox"),
    Part.PERSON_NOTES: Ledger.person_notes,
    Part.CYCLES: Ledger.last_cycle,
    Part.SOURCES: Ledger.sources,
}
CHANGES: dict[Part, Callable[[Ledger], object]] = {
    Part.FOLLOW_UPS: lambda ledger: ledger.save([(record(), CAUSE)], NOW),
    Part.INTENTS: lambda ledger: ledger.intend(record(), b"the draft", CAUSE, NOW),
    Part.MAILS: lambda ledger: ledger.remember([MAIL]),
    Part.NUDGES: lambda ledger: ledger.tell([(Told("a", "near", ("dana@acme.example",), NOW), "")]),
    Part.RULE_AGES: lambda ledger: ledger.set_ages({"a": RuleAge("1", NOW)}),
    Part.MEMORY: lambda ledger: ledger.keep("mailbox", "a note"),
    Part.PERSON_NOTES: lambda ledger: ledger.add_person_note("dana@acme.example", "likes walks", NOW),
    Part.CYCLES: lambda ledger: ledger.quiet_cycle(NOW, []),
    Part.SOURCES: lambda ledger: ledger.source_ok("feed", NOW),
}


PLACED = replace(record(), state=State.PLACED)
OTHERS: dict[str, Callable[[Ledger], object]] = {
    "settle": lambda ledger: ledger.settle(PLACED, CAUSE, NOW),
    "intend_removal": lambda ledger: ledger.intend_removal(PLACED, State.WITHDRAWN, CAUSE, NOW),
    "abandon": lambda ledger: ledger.abandon(PLACED.id, CAUSE, NOW),
    "told, with a line of history": lambda ledger: ledger.tell([(Told(PLACED.id, "near", (), NOW), CAUSE)]),
    "forget_told": lambda ledger: ledger.forget_told(PLACED.id, "near"),
    "source_failed": lambda ledger: ledger.source_failed("feed", NOW, Problem("feed", None, None, None, "no", "yes")),
    "begin_cycle": lambda ledger: ledger.begin_cycle(NOW, forget="mailbox"),
    "mend by hand": lambda ledger: byhand.write(
        ledger, None, PLACED, lambda one: replace(one, state=State.SKIPPED), CAUSE, NOW
    ),
}
"""What else changes a ledger in which all of `CHANGES` has happened, in this order."""


def statements(ledger: Ledger) -> list[str]:
    said: list[str] = []
    event.listen(ledger._engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    return said


@pytest.mark.parametrize("part", LOOKS)
def test_what_is_written_is_seen_at_the_next_look(ledger: Ledger, part: Part) -> None:
    before = LOOKS[part](ledger)
    CHANGES[part](ledger)
    assert LOOKS[part](ledger) != before


@pytest.mark.parametrize("part", LOOKS)
def test_what_another_process_writes_is_seen_at_the_next_look(ledger: Ledger, part: Part) -> None:
    before = LOOKS[part](ledger)
    with Ledger.open(ledger.folder) as other:
        CHANGES[part](other)
    assert LOOKS[part](ledger) != before


@pytest.mark.parametrize("part", LOOKS)
def test_looking_twice_asks_the_database_once(ledger: Ledger, part: Part) -> None:
    LOOKS[part](ledger)
    said = statements(ledger)
    LOOKS[part](ledger)
    assert said == []


def test_after_each_change_all_that_was_read_is_as_whoever_opens_the_ledger_reads_it(ledger: Ledger) -> None:
    """A change names the parts that are read anew after it: none is forgotten."""
    for name, change in (*CHANGES.items(), *OTHERS.items()):
        before = {part: look(ledger) for part, look in LOOKS.items()}
        change(ledger)
        with Ledger.open(ledger.folder) as other:
            there = {part: look(other) for part, look in LOOKS.items()}
        assert {part: look(ledger) for part, look in LOOKS.items()} == there, name
        assert there != before, name


def test_a_mail_is_no_reason_to_read_the_follow_ups_again(ledger: Ledger) -> None:
    ledger.records()
    ledger.remember([MAIL])
    said = statements(ledger)
    assert ledger.records() == ()
    assert said == []


def test_a_source_that_answered_is_no_reason_to_read_the_follow_ups_again(ledger: Ledger) -> None:
    ledger.records()
    ledger.source_ok("feed", NOW)
    said = statements(ledger)
    assert ledger.records() == ()
    assert said == []


def test_what_a_caller_does_to_what_it_got_is_its_own(ledger: Ledger) -> None:
    ledger.source_ok("feed", NOW)
    ledger.sources().clear()
    assert ledger.sources() == {"feed": SourceState(NOW, None, None)}


def test_a_write_that_failed_leaves_nothing_read_that_is_not_there(ledger: Ledger) -> None:
    ledger.save([(record(), CAUSE)], NOW)
    before = ledger.records()
    with suppress(ZeroDivisionError), ledger.writing() as connection:
        connection.exec_driver_sql("DELETE FROM follow_ups")
        raise ZeroDivisionError
    assert ledger.records() == before != ()


def test_an_interrupt_in_the_middle_of_a_statement_stays_one_and_nothing_is_half_written(ledger: Ledger) -> None:
    """Ctrl-C ends the cycle as Ctrl-C, and not as an error of the ledger."""

    def interrupt(*given: object) -> None:
        if str(given[2]).startswith("INSERT"):
            raise KeyboardInterrupt

    event.listen(ledger._engine, "before_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ledger.save([(record(), CAUSE)], NOW)
    with Ledger.open(ledger.folder) as other:
        assert other.records() == ()
        other.save([(record(), CAUSE)], NOW)
