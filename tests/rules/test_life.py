"""The state machine: its table, its one gate, and what no sequence of happenings can bring about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rules.history import FINAL, OPEN, Record, State
from rules.life import TABLE, Happening, ImpossibleError, can, happens, leads
from rules.sighting import Sighting, observe
from tests.build import at, meeting, placing, world
from tests.build import rule as rule_of
from tests.thorough import examples

PAGE = Path(__file__).parents[2] / "docs" / "life.md"
PLACED = "2026-03-03 18:00"
NOW = at("2026-03-04 09:00")


def record(state: State) -> Record:
    _, (made,) = placing(world([meeting()], [rule_of()]), PLACED)
    never = state in {State.PLANNED, State.EXPIRED, State.CANCELLED}
    return replace(made, state=state, placed=None if never else made.placed)


def rows(page: str) -> list[list[str]]:
    """The table of the page: from, what happens, to, how it is recognised."""
    lines = re.findall(r"^\|(.+)\|$", page, re.MULTILINE)
    table = [[cell.strip() for cell in line.split("|")] for line in lines]
    start = next(number for number, cells in enumerate(table) if cells[:3] == ["from", "what happens", "to"])
    return table[start + 2 :]


def from_(state: State) -> set[Happening]:
    return {what for what in Happening if can(state, what)}


def to(state: State) -> set[State]:
    return {before for (before, _), then in TABLE.items() if then is state}


def test_the_page_has_each_row_of_the_table_and_no_other() -> None:
    told = {
        (state, what): state if then == "stays" else then
        for states, what, then, _ in rows(PAGE.read_text(encoding="utf-8"))
        for state in states.replace(" ", "").split(",")
    }
    assert told == {(state.value, what.value): then.value for (state, what), then in TABLE.items()}


def test_the_page_says_how_each_is_recognised() -> None:
    assert all(how for *_, how in rows(PAGE.read_text(encoding="utf-8")))


def test_the_drawing_shows_every_state_and_no_way_that_is_not_in_the_table() -> None:
    drawing = PAGE.read_text(encoding="utf-8").split("```")[1]
    ways = re.findall(r"^ *(\w+) --> (\w+) : (.+)$", drawing, re.MULTILINE)
    assert {(state, what, then) for state, then, what in ways} <= {
        (state.value, what.value, then.value) for (state, what), then in TABLE.items()
    }
    assert {state for way in ways for state in way[:2]} == {state.value for state in State}


@pytest.mark.parametrize(("state", "what"), list(product(State, Happening)))
def test_what_is_not_in_the_table_is_refused(state: State, what: Happening) -> None:
    before = replace(record(state), placed=at(PLACED))
    if (state, what) in TABLE:
        turn = happens(before, what, "because", NOW)
        assert (turn.record.state, turn.cause) == (TABLE[state, what], "because")
        assert turn.record.changed == (before.changed if turn.record.state is state else NOW)
    else:
        with pytest.raises(ImpossibleError, match=f"is {state}"):
            happens(before, what, "because", NOW)


@pytest.mark.parametrize("cause", ["", "  \n"])
def test_nothing_happens_without_a_cause(cause: str) -> None:
    with pytest.raises(ImpossibleError, match="nobody says why"):
        happens(record(State.PLACED), Happening.EDITED, cause, NOW)


def test_what_was_never_placed_is_not_sent() -> None:
    with pytest.raises(ImpossibleError, match="never placed"):
        happens(record(State.EXPIRED), Happening.SENT, "you sent it", NOW)


def test_only_an_untouched_draft_is_withdrawn() -> None:
    assert to(State.WITHDRAWN) == {State.PLACED, State.WITHDRAWN}  # and one that lies there again is taken away


def test_a_veto_ends_only_where_the_draft_turns_up_after_all() -> None:
    assert {TABLE[State.VETOED, what] for what in from_(State.VETOED)} == {State.EDITED, State.SENT}


def test_what_was_sent_is_only_ever_answered() -> None:
    assert {TABLE[State.SENT, what] for what in from_(State.SENT)} == {State.SENT, State.ANSWERED}
    assert to(State.ANSWERED) == {State.SENT, State.ANSWERED}
    assert from_(State.ANSWERED) == {Happening.TIDIED}


def test_no_draft_is_made_where_the_user_has_decided_or_one_lies_already() -> None:
    assert not any(can(state, Happening.PLACED) for state in FINAL | OPEN)


def test_every_state_is_reached_from_planned() -> None:
    reached, edge = {State.PLANNED}, [State.PLANNED]
    while edge:
        state = edge.pop()
        new = {then for then in State if leads(state, then)} - reached
        reached |= new
        edge += new
    assert reached == set(State)


class Life(RuleBasedStateMachine):
    """Anything may happen, in any order, as often as it likes; and the mailbox shows anything."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.told: list[tuple[State, Happening | None, State]] = []

    @initialize()
    def wished_for(self) -> None:
        self.record = record(State.PLANNED)

    @rule(what=st.sampled_from(Happening), hours=st.integers(0, 30))
    def something_happens(self, what: Happening, hours: int) -> None:
        self.now += timedelta(hours=hours)
        before = self.record
        known = {"placed": self.now} if what in {Happening.PLACED, Happening.RECOGNISED} else {}
        known |= {"sent": self.now} if what is Happening.SENT else {}
        try:
            self.record = happens(before, what, "because", self.now, **known).record
        except ImpossibleError:
            assert not can(before.state, what) or (what is Happening.SENT and before.placed is None)
            return
        self.told.append((before.state, what, self.record.state))

    @rule(
        in_drafts=st.booleans(),
        differs=st.booleans(),
        in_trash=st.booleans(),
        sent=st.booleans(),
        answered=st.booleans(),
        minutes=st.integers(0, 90),
    )
    def a_cycle_looks(self, *, in_drafts: bool, differs: bool, in_trash: bool, sent: bool, answered: bool,
                      minutes: int) -> None:  # fmt: skip
        self.now += timedelta(minutes=minutes)
        shown = Sighting(
            in_drafts=in_drafts, tag="t" if in_drafts else "", differs=differs and in_drafts, in_trash=in_trash,
            sent=self.now if sent else None, sent_words="you sent it",
            answered=self.now if answered else None, answer_words="they wrote",
        )  # fmt: skip
        state = self.record.state
        for turn in observe(self.record, shown, self.now):
            assert bool(turn.cause) or turn.record.state is state
            self.told.append((state, None, turn.record.state))
            self.record, state = turn.record, turn.record.state
        assert observe(self.record, shown, self.now) == () or not in_drafts  # the same sight tells nothing new

    @invariant()
    def only_what_can_follow_has_followed(self) -> None:
        assert all(before is after or leads(before, after) for before, _, after in self.told[-3:])

    @invariant()
    def what_is_edited_is_never_withdrawn(self) -> None:
        assert not any(before is State.EDITED and after is State.WITHDRAWN for before, _, after in self.told)

    @invariant()
    def a_veto_is_for_ever_unless_it_turns_up(self) -> None:
        for before, _, after in self.told:
            assert before is not State.VETOED or after in {State.VETOED, State.EDITED, State.SENT}

    @invariant()
    def sent_is_never_before_placed(self) -> None:
        if self.record.state in {State.SENT, State.ANSWERED}:
            assert self.record.placed is not None
            assert self.record.sent is not None
            assert self.record.placed <= self.record.sent

    @invariant()
    def it_is_placed_again_only_after_it_was_taken_back(self) -> None:
        lying = False
        for _, what, after in self.told:
            if what is Happening.PLACED:
                assert not lying
            lying = (lying or after is State.PLACED) and after in {*OPEN, State.VETOED, State.SENT, State.ANSWERED}


Life.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=30, deadline=None, derandomize=True)
TestLife = Life.TestCase
