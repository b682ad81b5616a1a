"""A deadline is brought to mind in the whole cycle: in the inbox or by the command, once, and never by looking."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import TYPE_CHECKING

from connectors.base import Folder, PermanentError, TransientError
from connectors.mailboxes.memory import Memory
from daemon.cycle import rehearse, run
from daemon.cycle_log import log_outcome
from daemon.ledger import Ledger
from daemon.nudge import Nudged
from rules.reminder import Kind
from tests.build import at
from tests.house import SETTINGS, Household, event

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from config.problem import Problem
    from daemon.cycle import Outcome
    from daemon.view import House
    from rules.history import Record

PLACED = "2026-03-03 18:00"
NEAR = "2026-03-04 12:00"
MORNING = "2026-03-05 09:00"
LINE = "Your thank-you to Dana waits in Drafts: send it by 16:00 today (Coffee, yesterday)."
MISSED = (
    "Your thank-you to Dana was to be on its way by 16:00 yesterday (Coffee, on Tuesday); it still lies in Drafts. "
    "Late is better than never."
)


def household(tmp_path: Path, more: str = "") -> Household:
    """Coffee with Dana on Tuesday from 15:00 to 16:00, and a thank-you that was placed at 18:00."""
    home = Household.make(tmp_path / "home", settings=SETTINGS + more)
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    assert len(home.once(PLACED).placed) == 1
    return home


def with_stub(tmp_path: Path, body: str = 'printf "%s\\n" "$1" >> "$0.heard"') -> Household:
    """Likewise, and a command beside the settings that takes down what it is told."""
    home = household(tmp_path, "notify: {command: [./tell]}\n")
    stub(home, body)
    return home


def stub(home: Household, body: str) -> None:
    path = home.root / "config" / "tell"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def heard(home: Household) -> list[str]:
    path = home.root / "config" / "tell.heard"
    return path.read_text().splitlines() if path.exists() else []


def inbox(home: Household) -> list[str]:
    """The subjects of what lies in the inbox."""
    mails = [message_from_bytes(path.read_bytes()) for path in home.files("")]
    return sorted(" ".join(str(make_header(decode_header(mail["Subject"]))).split()) for mail in mails)


def lines(outcome: Outcome) -> list[str]:
    return [nudge.line for nudge in outcome.nudged.told]


def records(home: Household) -> tuple[Record, ...]:
    with Ledger.open(home.state, write=False) as ledger:
        return ledger.records()


def standing(home: Household) -> list[Problem]:
    """What `status` tells of the last cycle."""
    with Ledger.open(home.state, write=False) as ledger:
        last = ledger.last_cycle()
    return list(last[1]) if last else []


# --- in the inbox ------------------------------------------------------------------------------------------


def test_what_a_clock_that_was_ahead_laid_into_the_inbox_is_not_laid_there_again(tmp_path: Path) -> None:
    home = household(tmp_path)
    home.once("2026-03-06 12:00")
    assert len(inbox(home)) == 1
    assert lines(home.once(NEAR)) == [LINE]
    assert lines(home.once("2026-03-05 09:10")) == []
    assert len(inbox(home)) == 2


def test_a_deadline_comes_as_an_unread_message_from_me_to_me(tmp_path: Path) -> None:
    home = household(tmp_path)
    assert lines(home.once("2026-03-04 11:55")) == []
    assert lines(home.once(NEAR)) == [LINE]
    (path,) = (home.mail / "new").iterdir()
    mail = message_from_bytes(path.read_bytes())
    assert mail["From"] == mail["To"] == "Robin Vale <robin@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert inbox(home) == [LINE]
    body = str(mail.get_payload())
    (record,) = records(home)
    for words in (f"afterword show {record.id}", f"afterword snooze {record.id}", "'Thank you, Dana'"):
        assert words in body
    assert max(map(len, body.splitlines())) < 80


def test_once_when_it_is_near_and_once_when_it_was_missed_the_morning_after(tmp_path: Path) -> None:
    home = household(tmp_path)
    told = {}
    for day in ("2026-03-04", "2026-03-05", "2026-03-06"):
        for hour in ("00:00", "09:00", "12:00", "12:30", "16:00", "20:00"):
            for line in lines(home.once(f"{day} {hour}")):
                told[f"{day} {hour}"] = line
    assert told == {NEAR: LINE, MORNING: MISSED}
    assert inbox(home) == sorted([LINE, MISSED])


def test_the_message_is_no_mail_between_us_and_the_next_cycle_is_quiet(tmp_path: Path) -> None:
    home = household(tmp_path)
    home.once(NEAR)
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.mails() == ()
        assert ledger.recall("quiet") is not None
        before = ledger.records()
    glanced = home.once("2026-03-04 12:05")
    assert (glanced.changed, glanced.nudged.next, glanced.wake) == ([], at(MORNING), at(MORNING))
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.records() == before


def test_the_service_is_told_when_to_wake(tmp_path: Path) -> None:
    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    assert home.once(PLACED).wake == at(NEAR)
    assert home.once("2026-03-03 18:05").wake == at(NEAR)


def test_killed_before_it_was_written_down_the_message_is_found_and_not_laid_again(tmp_path: Path) -> None:
    home = household(tmp_path)
    home.once(NEAR)
    with Ledger.open(home.state) as ledger:
        (told,) = ledger.told()
        ledger.forget_told(told.subject, told.kind)
        ledger.keep("quiet", None)
    assert lines(home.once("2026-03-04 12:10")) == []
    assert inbox(home) == [LINE]
    with Ledger.open(home.state) as ledger:
        assert ledger.told() == (told,)
        ledger.forget_told(told.subject, told.kind)
    assert lines(home.once("2026-03-04 16:10")) == []  # the message of the same day is found under its other kind
    assert lines(home.once(MORNING)) == [MISSED]


def test_what_was_brought_to_mind_stands_in_the_history_and_changes_no_state(tmp_path: Path) -> None:
    home = household(tmp_path)
    home.once(NEAR)
    home.once(MORNING)
    (record,) = records(home)
    with Ledger.open(home.state, write=False) as ledger:
        events = ledger.events(record.id)
    assert [event.cause for event in events[1:]] == [
        "brought to mind: its deadline is near",
        "brought to mind: its deadline has passed",
    ]
    assert {event.state.value for event in events} == {"placed"}


def test_a_mailbox_without_an_inbox_is_told_of_once_and_hinders_nothing(tmp_path: Path) -> None:
    home = Household.make(tmp_path / "home")
    for part in ("cur", "new", "tmp"):
        (home.mail / "Drafts" / part).mkdir(parents=True)
        (home.mail / part).rmdir()
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    home.once(PLACED)
    (problem,) = home.once(NEAR).problems
    assert "there is no inbox" in problem.message
    assert "notify: none" in str(problem.hint)
    assert home.once("2026-03-04 12:05").problems == []
    assert standing(home) == [problem]


def test_a_draft_that_was_sent_or_is_open_in_an_editor_is_not_told_of(tmp_path: Path) -> None:
    home = household(tmp_path)
    (draft,) = home.drafts()
    (path,) = home.files(".Drafts")
    aside = path.rename(tmp_path / path.name)
    assert lines(home.once(NEAR)) == []
    aside.rename(path)
    home.move(str(draft["Message-ID"]), ".Sent")
    assert lines(home.once("2026-03-04 12:05")) == []
    assert inbox(home) == []


def test_a_deadline_of_a_draft_that_is_placed_late_is_told_an_hour_later_and_the_service_wakes_for_it(
    tmp_path: Path,
) -> None:
    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    home.once("2026-03-03 12:00")
    late = home.once("2026-03-04 13:00")
    assert (len(late.placed), lines(late), late.wake) == (1, [], at("2026-03-04 14:00"))
    assert lines(home.once("2026-03-04 13:05")) == []
    assert lines(home.once("2026-03-04 14:00")) == [LINE]


# --- by the command ----------------------------------------------------------------------------------------


def test_the_command_is_told_and_the_inbox_stays_empty(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    for when in (NEAR, "2026-03-04 12:05", "2026-03-04 16:05", MORNING, "2026-03-06 09:00"):
        home.once(when)
    assert heard(home) == [LINE, MISSED]
    assert inbox(home) == []


def test_a_command_that_fails_is_news_once_and_is_tried_until_it_works(tmp_path: Path) -> None:
    home = with_stub(tmp_path, "echo no display >&2; exit 1")
    first = home.once(NEAR)
    (problem,) = first.problems
    assert "ended with exit code 1: no display" in problem.message
    assert lines(first) == []
    again = home.once("2026-03-04 12:05")
    assert again.problems == []
    assert standing(home) == [problem]
    stub(home, 'printf "%s\\n" "$1" >> "$0.heard"')
    assert lines(home.once("2026-03-04 12:10")) == [LINE]
    assert heard(home) == [LINE]
    assert standing(home) == []
    assert home.once("2026-03-04 12:15").problems == []


def test_one_command_that_fails_is_not_run_for_every_draft(tmp_path: Path) -> None:
    home = with_stub(tmp_path, 'echo tried >> "$0.heard"; exit 1')
    home.put("lee", event("lee", "2026-03-03 15:00", "lee@beta.example"))
    home.once("2026-03-03 18:10")
    home.once(NEAR)
    assert heard(home) == ["tried"]


def test_nothing_is_told_when_the_mailbox_cannot_be_looked_at(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    away = home.mail.rename(tmp_path / "elsewhere")
    assert home.once(NEAR).trouble is not None
    assert heard(home) == []
    away.rename(home.mail)
    home.once("2026-03-04 12:05")
    assert heard(home) == [LINE]


def test_none_turns_it_off(tmp_path: Path) -> None:
    home = household(tmp_path, "notify: none\n")
    found = home.once(NEAR)
    assert (found.nudged.told, found.nudged.next) == ((), None)
    assert inbox(home) == []


def test_a_dry_run_tells_nobody(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    with Ledger.open(home.state, write=False) as ledger:
        rehearse(home.house(), ledger, at(NEAR))
    assert heard(home) == []
    home.once(NEAR)
    assert heard(home) == [LINE]


def test_the_log_names_the_follow_up_and_not_the_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    home = household(tmp_path)
    outcome = home.once(NEAR)
    log_outcome(outcome, {})
    ((deadline,),) = [nudge.deadlines for nudge in outcome.nudged.told]
    said = capfd.readouterr().err
    assert deadline.kind is Kind.NEAR
    assert "deadline.near" in said
    assert deadline.record.id in said
    assert "Coffee" not in said


def test_a_message_that_was_laid_though_the_mailbox_said_no_is_not_laid_again(tmp_path: Path) -> None:
    home = household(tmp_path)
    memory = Memory(frozenset({"robin@example.org", "robin@work.example"}))
    (draft,) = home.files(".Drafts")
    memory.place(draft.read_bytes())
    house = replace(home.house(), mailbox=memory)
    memory.fail("lay", TransientError("the answer was lost"), done=True)
    with Ledger.open(home.state) as ledger:
        first, second = run(house, ledger, at(NEAR)), run(house, ledger, at("2026-03-04 12:05"))
        assert [problem.message for problem in first.problems] == ["the answer was lost"]
        assert (second.problems, second.nudged.told, second.nudged.problem) == ([], (), None)
        assert [told.kind for told in ledger.told()] == [Kind.NEAR]
    laid = memory.look("", frozenset({"robin@example.org"})).headers
    assert [header.subject for header in laid if header.folder is Folder.OTHER] == [LINE]


class Closed(Memory):
    """A mailbox that takes no messages, as Gmail's."""

    lays = False


def without_inbox(home: Household) -> House:
    """The house of this household with such a mailbox, in which its draft lies."""
    memory = Closed(frozenset({"robin@example.org", "robin@work.example"}))
    (draft,) = home.files(".Drafts")
    memory.place(draft.read_bytes())
    memory.fail("lay", PermanentError("nothing can be laid here"))
    memory.fail("laid", PermanentError("nothing can be looked for here"))
    return replace(home.house(), mailbox=memory)


def test_where_nothing_can_be_laid_into_the_inbox_nothing_is_told_and_that_is_no_problem(tmp_path: Path) -> None:
    house = without_inbox(household(tmp_path))
    with Ledger.open(tmp_path / "home" / "state") as ledger:
        outcome = run(house, ledger, at(NEAR))
        assert (outcome.problems, outcome.nudged) == ([], Nudged())
        assert ledger.told() == ()
        assert [record.state.value for record in ledger.records()] == ["placed"]


def test_where_nothing_can_be_laid_into_the_inbox_the_command_is_still_run(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    with Ledger.open(home.state) as ledger:
        outcome = run(without_inbox(home), ledger, at(NEAR))
    assert (lines(outcome), heard(home)) == ([LINE], [LINE])
