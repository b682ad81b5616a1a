"""What cannot be done in the mailbox: a draft that was to make room for another, a note that is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder, NoteRefusedError, PermanentError, TransientError
from connectors.mailboxes.memory import Memory
from daemon.cycle import rehearse, run
from daemon.ledger import Ledger
from tests.build import at
from tests.house import Household, event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.base import Mailbox
    from daemon.cycle import Outcome

FIRST = "2026-03-03 15:00"
LATER = "2026-03-04 15:00"
ANA = event("ana", "2026-03-03 10:00", "ana@one.example")


class Home:
    """A household with its mailbox in memory, in which a thank-you to Ana lies that the moved meeting overtook."""

    def __init__(self, root: Path) -> None:
        self.household = Household.make(root)
        self.memory = Memory(frozenset({"robin@example.org", "robin@work.example"}))
        self.household.put("ana", event("ana", "2026-03-03 10:00", "ana@one.example"))
        self.once("2026-03-03 09:00")
        assert len(self.once(FIRST).placed) == 1
        self.household.put("ana", event("ana", "2026-03-04 10:00", "ana@one.example", sequence=1))
        self.household.put("ben", event("ben", "2026-03-04 11:00", "ben@two.example"))

    def once(self, when: str) -> Outcome:
        with Ledger.open(self.household.state) as ledger:
            return run(replace(self.household.house(), mailbox=self.memory), ledger, at(when))

    def drafts(self) -> list[str]:
        """To whom they are."""
        heads = self.memory.look("", frozenset()).headers
        raw = [self.memory.read(one.ref) for one in heads if one.folder is Folder.DRAFTS]
        return sorted(str(message_from_bytes(one or b"")["To"]).rpartition("<")[2].rstrip(">") for one in raw)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.mark.parametrize("done", [False, True])
def test_what_cannot_be_taken_away_is_not_joined_by_another_and_hinders_no_note_to_others(
    home: Home, *, done: bool
) -> None:
    home.memory.fail("remove", TransientError("the answer was lost"), done=done)
    home.once(LATER)
    assert home.drafts() == (["ben@two.example"] if done else ["ana@one.example", "ben@two.example"])
    home.once("2026-03-04 15:05")
    assert home.drafts() == ["ana@one.example", "ben@two.example"]
    assert len(home.once("2026-03-04 15:10").placed) == 0


def test_a_draft_that_is_edited_in_the_very_moment_stays_alone(home: Home) -> None:
    class Quick(Memory):
        """The user saves an edit just before a draft is taken away."""

        def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
            edited = (self.read(ref) or b"").replace(b"Thank you for", b"Many thanks for")
            self.edit(ref, edited)
            return super().remove(ref, still)

    home.memory.__class__ = Quick
    home.once(LATER)
    assert home.drafts() == ["ana@one.example", "ben@two.example"]
    home.memory.__class__ = Memory
    home.once("2026-03-04 15:05")
    assert home.drafts() == ["ana@one.example", "ben@two.example"]


class Choosy(Memory):
    """Takes no note to Ana."""

    asked = 0

    def place(self, message: bytes) -> None:
        self.asked += 1
        if b"ana@one.example" in message:
            raise NoteRefusedError("invalid To header", "correct the address")
        super().place(message)


def test_a_note_that_the_mailbox_refuses_for_good_hinders_no_other(tmp_path: Path) -> None:
    household = Household.make(tmp_path / "home")
    choosy = Choosy(frozenset({"robin@example.org", "robin@work.example"}))
    for name, person in (("ana", "ana@one.example"), ("ben", "ben@two.example")):
        household.put(name, event(name, "2026-03-03 10:00", person))
    with Ledger.open(household.state) as ledger:
        house = replace(household.house(), mailbox=choosy)
        run(house, ledger, at("2026-03-03 09:00"))
        outcome = run(house, ledger, at(FIRST))
        assert [one.addresses for one in outcome.placed] == [("ben@two.example",)]
        assert [problem.message for problem in outcome.problems] == [
            "the thank-you for ana@one.example could not be laid down: invalid To header"
        ]
        again = run(house, ledger, at("2026-03-03 15:05"))
        assert (again.placed, again.trouble) == ([], None)
        assert again.problems == outcome.problems


def test_a_note_that_was_refused_is_tried_again_the_next_day_or_when_its_words_are_others(tmp_path: Path) -> None:
    household = Household.make(tmp_path / "home")
    choosy = Choosy(frozenset({"robin@example.org", "robin@work.example"}))
    household.put("ana", event("ana", "2026-03-03 10:00", "ana@one.example"))
    tries = []
    for moment in ("03 09:00", "03 13:00", "03 13:05", "03 15:05", "03 15:10", "04 15:04", "04 15:06"):
        if moment == "03 15:05":
            household.write("templates/thank-you.md", "---\nsubject: Many thanks\n---\nDear Ana, that was good.\n")
        with Ledger.open(household.state) as ledger:
            before = choosy.asked
            outcome = run(replace(household.house(), mailbox=choosy), ledger, at(f"2026-03-{moment}"))
        tries.append(choosy.asked - before)
        assert len(outcome.problems) == (moment >= "03 13"), outcome.problems
    assert tries == [0, 1, 0, 1, 0, 0, 1]


class Refused:
    """A household whose note to Ana was refused at 13:00, and what the next cycle makes of that."""

    def __init__(self, root: Path) -> None:
        self.household = Household.make(root)
        self.choosy = Choosy(frozenset({"robin@example.org", "robin@work.example"}))
        self.household.put("ana", ANA)
        for when in ("2026-03-03 09:00", "2026-03-03 13:00"):
            self.outcome(when)

    def outcome(self, when: str = "2026-03-03 13:05", mailbox: Mailbox | None = None, *, dry: bool = False) -> Outcome:
        house = replace(self.household.house(), mailbox=mailbox or self.choosy)
        with Ledger.open(self.household.state, write=not dry) as ledger:
            return (rehearse if dry else run)(house, ledger, at(when))


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    return Refused(tmp_path / "home")


def test_a_note_that_one_mailbox_refused_is_laid_into_another_at_once(refused: Refused) -> None:
    outcome = refused.outcome(mailbox=refused.household.house().mailbox)
    assert (len(outcome.placed), outcome.problems) == (1, [])


def test_a_note_that_was_refused_is_tried_again_when_the_name_of_its_recipient_is_another(refused: Refused) -> None:
    refused.household.put("ana", ANA.replace("CN=Ana;", "CN=Ana Silva;"))
    refused.outcome()
    assert refused.choosy.asked == 2


def test_a_dry_run_says_of_a_note_that_was_refused_that_it_is_not_laid_down(refused: Refused) -> None:
    dry, real = refused.outcome(dry=True), refused.outcome()
    assert (dry.placed, dry.problems) == (real.placed, real.problems)
    assert len(dry.problems) == 1


def test_a_note_is_refused_also_where_the_mailbox_fails_at_the_next_one(tmp_path: Path) -> None:
    household = Household.make(tmp_path / "home")
    for name, person in (("ana", "ana@one.example"), ("ben", "ben@two.example")):
        household.put(name, event(name, "2026-03-03 10:00" if name == "ana" else "2026-03-03 10:05", person))
    choosy = Choosy(frozenset({"robin@example.org", "robin@work.example"}))
    asked = []
    for when in ("2026-03-03 09:00", FIRST, "2026-03-03 15:05"):
        choosy.fail("place", TransientError("busy"), done=False)
        with Ledger.open(household.state) as ledger:
            before = choosy.asked
            outcome = run(replace(household.house(), mailbox=choosy), ledger, at(when))
            asked.append(choosy.asked - before)
    assert asked == [0, 2, 1]
    assert [problem.message for problem in outcome.problems] == [
        "the thank-you for ana@one.example could not be laid down: invalid To header",
        "busy",
    ]


@pytest.mark.parametrize("damage", [
    "[]", "{", "null", '{"ID": null}', '{"ID": ["MARK", 5, "no", null, null]}',
    '{"ID": ["MARK", "noon", "no", null, null]}',
    '{"ID": ["MARK", "2026-03-03T13:00:00", "no", null, null]}', '{"ID": ["MARK"]}',
])  # fmt: skip
def test_a_refusal_that_cannot_be_read_any_more_is_no_refusal(refused: Refused, damage: str) -> None:
    with Ledger.open(refused.household.state) as ledger:
        ((id_, (mark, *_)),) = json.loads(ledger.recall("refused") or "").items()
        ledger.keep("refused", damage.replace("ID", id_).replace("MARK", mark))
    assert len(refused.outcome().problems) == 1
    assert refused.choosy.asked == 2


def test_a_mailbox_that_takes_no_note_at_all_is_in_trouble(tmp_path: Path) -> None:
    class Closed(Memory):
        def place(self, message: bytes) -> None:  # noqa: ARG002 - whatever it is
            raise PermanentError("there is no drafts folder", "make one")

    household = Household.make(tmp_path / "home")
    household.put("ana", event("ana", "2026-03-03 10:00", "ana@one.example"))
    with Ledger.open(household.state) as ledger:
        house = replace(household.house(), mailbox=Closed(frozenset({"robin@example.org"})))
        run(house, ledger, at("2026-03-03 09:00"))
        outcome = run(house, ledger, at(FIRST))
    assert isinstance(outcome.trouble, PermanentError)
