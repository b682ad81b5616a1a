from dataclasses import replace
from datetime import timedelta
from typing import Unpack

import pytest

from config.problem import Problem
from daemon.ledger import Ledger, LedgerGone, SourceState, notebook
from rules.history import CheckIns, Promise, RuleAge, State, Told
from rules.model import Direction, Mail, MailKind
from tests.build import decision
from tests.daemon.ledger.build import NOW, record
from tests.fields import AnyMail

LATER = NOW + timedelta(hours=1)
PROBLEM = Problem("feed", "a.ics", 4, 7, "it is broken", "Mend it.")


def mail(message_id: str = "<a@x>", /, **fields: Unpack[AnyMail]) -> Mail:
    return replace(Mail(message_id, Direction.IN, NOW, ("dana@acme.example",)), **fields)


def test_mails_are_remembered_once_and_as_they_were(ledger: Ledger) -> None:
    told = mail(subject="Re: Coffee", references=("<b@x>",), kind=MailKind.AUTOMATIC, forwarded=True)
    ledger.remember([told, told])
    ledger.remember([told])
    assert ledger.mails() == (told,)


def test_a_mail_to_myself_is_remembered_in_both_directions(ledger: Ledger) -> None:
    ledger.remember([mail(), mail(direction=Direction.OUT)])
    assert len(ledger.mails()) == 2


def test_mails_without_a_message_id_are_told_apart(ledger: Ledger) -> None:
    nameless = [mail("", subject="one"), mail("", subject="two"), mail("", subject="one", at=LATER)]
    ledger.remember(nameless)
    ledger.remember(nameless)
    assert {(told.message_id, told.subject, told.at) for told in ledger.mails()} == {
        ("", "one", NOW),
        ("", "two", NOW),
        ("", "one", LATER),
    }


def test_thousands_of_mails_are_remembered_oldest_first(ledger: Ledger) -> None:
    several = [mail(f"<{number}@x>", at=NOW - timedelta(minutes=number)) for number in range(2000)]
    ledger.remember(iter(several))
    assert ledger.mails() == tuple(reversed(several))


def test_ages_are_replaced_and_those_of_other_rules_stay(ledger: Ledger) -> None:
    ledger.set_ages({"a": RuleAge("1", NOW), "b": RuleAge("1", NOW)})
    ledger.set_ages({"a": RuleAge("2", LATER)})
    assert ledger.ages() == {"a": RuleAge("2", LATER), "b": RuleAge("1", NOW)}


def test_texts_are_kept_by_key(ledger: Ledger) -> None:
    ledger.keep("mailbox", "first")
    ledger.keep("mailbox", "x" * 1_000_000)
    assert ledger.recall("mailbox") == "x" * 1_000_000
    ledger.keep("mailbox", None)
    assert ledger.recall("mailbox") is None


def test_notes_on_people_are_kept_in_the_order_of_time(ledger: Ledger) -> None:
    ledger.add_person_note("dana@acme.example", "likes tea", LATER)
    ledger.add_person_note("dana@acme.example", "moved to Porto", NOW)
    assert ledger.person_notes() == (
        ("dana@acme.example", NOW, "moved to Porto"),
        ("dana@acme.example", LATER, "likes tea"),
    )


def test_the_last_cycle_is_the_last_that_ended(ledger: Ledger) -> None:
    assert ledger.last_cycle() is None
    first = ledger.begin_cycle(NOW)
    assert ledger.last_cycle() is None
    ledger.end_cycle(first, NOW, [PROBLEM])
    second = ledger.begin_cycle(LATER)
    assert second > first
    assert ledger.last_cycle() == (NOW, (PROBLEM,))
    ledger.end_cycle(second, LATER, ())
    assert ledger.last_cycle() == (LATER, ())


def test_old_cycles_are_forgotten_and_an_unknown_one_cannot_end(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "CYCLES_KEPT", 3)
    first = ledger.begin_cycle(NOW)
    for _ in range(3):
        ledger.begin_cycle(NOW)
    with pytest.raises(LedgerGone):
        ledger.end_cycle(first, NOW, ())


def test_a_source_is_failing_since_its_first_failure_until_it_answers(ledger: Ledger) -> None:
    ledger.source_ok("feed", NOW)
    ledger.source_failed("feed", LATER, PROBLEM)
    another = Problem("feed", None, None, None, "no answer")
    ledger.source_failed("feed", LATER + timedelta(hours=1), another)
    assert ledger.sources() == {"feed": SourceState(NOW, LATER, another)}
    ledger.source_ok("feed", LATER + timedelta(hours=2))
    assert ledger.sources() == {"feed": SourceState(LATER + timedelta(hours=2), None, None)}


# --- nudges ------------------------------------------------------------------------------------------------


def test_what_was_brought_to_mind_is_remembered_and_the_last_time_counts(ledger: Ledger) -> None:
    near, missed = (Told("one", kind, ("dana@acme.example",), NOW) for kind in ("near", "missed"))
    later = replace(near, at=NOW + timedelta(days=1))
    ledger.tell([(near, ""), (missed, "")])
    ledger.tell([(later, "")])
    assert ledger.told() == (missed, later)
    ledger.forget_told("one", "missed")
    assert ledger.told() == (later,)


def test_it_stands_in_the_history_in_the_state_that_the_follow_up_has(ledger: Ledger) -> None:
    ledger.save([(record(state=State.EDITED), "you edited it")], NOW)
    ledger.tell([(Told("one", "near", (), NOW), "brought to mind"), (Told("source:feed", "needed", (), NOW), "")])
    assert [(event.state, event.cause) for event in ledger.events("one")] == [
        (State.EDITED, "you edited it"),
        (State.EDITED, "brought to mind"),
    ]


def test_what_was_decided_is_kept_and_said_again_it_is_the_same_for_more_people(ledger: Ledger) -> None:
    one = decision("2026-03-10 12:00", "dana@acme.example", text="half a \ud800 letter")
    ledger.decide(one)
    assert ledger.decisions() == (replace(one, text="half a ? letter"),)
    later = decision("2026-03-12 12:00", "dana@acme.example", "lee@ito.example", text=one.text, stop=True)
    ledger.decide(later)
    (both,) = ledger.decisions()
    assert (both.at, both.check_ins) == (one.at, CheckIns.STOP)
    assert [(told.email, told.at) for told in both.people] == [
        ("dana@acme.example", one.at),
        ("lee@ito.example", later.at),
    ]
    assert ledger.take_back(one.id, LATER)
    assert not ledger.take_back("another", LATER)
    assert [told.undone for told in ledger.decisions()] == [LATER]


def promise(id_: str = "one", text: str = "send the paper", *, withdrawn: bool = False) -> Promise:
    of = record().meeting
    assert of is not None
    return Promise(id_, text, replace(of, marks="a1b2"), ("dana@acme.example",), withdrawn=withdrawn)


def test_what_was_ticked_off_stays_so_whatever_the_calendar_says_later(ledger: Ledger) -> None:
    ledger.learn_promises([promise(), promise("two", text="half a \ud800 letter")])
    ledger.tick([promise()], LATER)
    ledger.learn_promises([promise(text="Send the paper", withdrawn=True)])
    one, two = ledger.promises()
    assert one == replace(promise(text="Send the paper", withdrawn=True), kept=LATER)
    assert (two.text, two.kept) == ("half a ? letter", None)
    ledger.tick([promise(), promise("three")], None)
    assert [(told.id, told.kept) for told in ledger.promises()] == [("one", None), ("three", None), ("two", None)]
