"""What was read of the ledger stays read, until somebody writes: here or in another process."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from daemon.ledger import Ledger, SourceState
from daemon.ledger.model import Part
from rules.history import RuleAge, Told
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
