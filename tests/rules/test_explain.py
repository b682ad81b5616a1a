"""Why a rule takes a meeting or leaves it alone: the same that `match` and the plan say, each in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.explain import Explanation, Reasons
from rules.history import State
from rules.model import Answer, Direction, Person, Status
from rules.plan import plan
from tests.build import DANA, ME, at, invitee, mail, meeting, placing, rule, world
from tests.rules.worlds import BOOK, moments, worlds
from tests.thorough import examples

if TYPE_CHECKING:
    from datetime import datetime

    from rules.fates import Fate
    from rules.language import Rule
    from rules.model import Meeting
    from rules.world import World

NOW = "2026-03-03 17:00"
OKAFOR = Person("Dana Okafor", (DANA,), tags=("lisbon",))
THANKS = {"id": "thank-you", "template": "thank-you", "after": "2 hours"}
CHECK_IN = {"id": "check-in", "template": "check-in", "every": "6 weeks"}
LIMIT = settings(deadline=None, max_examples=examples(60))
STATES = [State.PLACED, State.SENT, State.VETOED, State.EDITED]


def reasons(seen: World, when: str | datetime = NOW) -> Reasons:
    now = at(when) if isinstance(when, str) else when
    return Reasons(seen, plan(now, seen, now + timedelta(days=60)), now)


def explain(of: Meeting | None = None, asked: Rule | None = None, when: str = NOW, *known: Person) -> Explanation:
    one, by = of or meeting(), asked or rule()
    (found,) = reasons(world([one], [by], people=known), when).of_meeting(one)
    return found


def failing(found: Explanation) -> dict[str, str]:
    return {one.condition: one.why for one in found.failing}


def told(found: Explanation) -> dict[str, str]:
    return {fate.step: _words(fate) for fate in found.fates}


def _words(fate: Fate) -> str:
    return fate.why or (fate.follow_up.why if fate.follow_up else "")


@LIMIT
@given(worlds(), moments)
def test_it_matches_exactly_when_match_does_and_the_gates_let_through(seen: World, now: datetime) -> None:
    why = reasons(seen, now)
    for one in seen.merged:
        for found in why.of_meeting(one):
            verdict = seen.verdict(found.rule, one)
            assert found.conditions == verdict.findings
            assert found.matches == (verdict.matches and all(gate.holds for gate in found.gates))
            assert found.matches == all(finding.holds for finding in found.findings)
            assert {gate.condition for gate in seen.attendances[one.identity].gates} <= {
                gate.condition for gate in found.gates
            }


@LIMIT
@given(worlds(), moments, st.sampled_from(BOOK))
def test_it_matches_for_a_person_exactly_when_the_rule_writes_to_them(
    seen: World, now: datetime, person: Person
) -> None:
    why = reasons(seen, now)
    key = seen.directory.key(person.email)
    for one in seen.merged:
        for by in seen.rules:
            found = why.explain(by, one, person)
            verdict = seen.verdict(by, one)
            written = verdict.matches and key in seen.keys(chosen.email for chosen in verdict.people)
            assert found.matches == all(finding.holds for finding in found.findings)
            gates = [gate.holds for gate in found.gates if gate.condition != "present"]
            assert found.matches <= written
            assert not written or not all(gates) or found.matches


@LIMIT
@given(worlds(), moments)
def test_whatever_is_planned_is_told_at_its_meeting_which_matches(seen: World, now: datetime) -> None:
    why = reasons(seen, now)
    by_id = {one.id: one for one in seen.rules}
    rounds = set[tuple[object, ...]]()
    for note in why.plan.follow_ups:
        place = (note.rule, note.step, note.recipients)
        if note.rule is None or note.meeting is None or (note.round and place in rounds):
            continue
        rounds.add(place)  # of a chain the next one is told
        found = why.explain(by_id[note.rule], note.meeting)
        assert found.matches, found.failing
        assert note.id in {fate.follow_up.id for fate in found.fates if fate.follow_up is not None}


@LIMIT
@given(worlds(), moments)
def test_each_step_of_a_rule_that_matches_is_told_for_everybody_it_is_for(seen: World, now: datetime) -> None:
    why = reasons(seen, now)
    for one in seen.merged:
        for found in why.of_meeting(one):
            if found.matches:
                assert {fate.step for fate in found.fates} == {step.id for step in found.rule.steps}
                assert all(fate.follow_up is not None or fate.why for fate in found.fates)


def test_each_condition_says_what_was_seen() -> None:
    assert failing(explain(meeting("Quarterly review"), rule(title=["coffee", "chat"]))) == {
        "title": "the title has none of coffee, chat: it is 'Quarterly review'"
    }
    assert failing(explain(asked=rule(calendar=["work"]))) == {"calendar": "it is in feed, wanted work"}
    boss = invitee("boss@acme.example", name="Bo Boss")
    theirs = meeting("Coffee", NOW, boss, invitee(ME.emails[0]), organiser=boss)
    assert failing(explain(theirs, rule(organiser="me"))) == {"organiser": "Bo Boss organised it"}
    assert failing(explain(asked=rule(duration={"at_least": "2 hours"}))) == {
        "duration": "60 minutes, wanted at least 2 hours"
    }


def test_a_choice_of_people_names_those_who_were_looked_at() -> None:
    tagged = rule(person={"tag": ["network"]})
    assert failing(explain(None, tagged, NOW, OKAFOR)) == {"person": "Dana Okafor (lisbon) is not tagged network"}
    both = meeting("Coffee", "2026-03-03 16:00", DANA, "lee@x.example")
    assert failing(explain(both, tagged)) == {"person": "nobody is tagged network: Dana (no tags), Lee (no tags)"}
    inside = meeting("Coffee", "2026-03-03 16:00", "lee@work.example")
    assert failing(explain(inside, rule(attendees={"external": True}))) == {
        "external": "lee@work.example is not outside your own mail domains"
    }
    assert failing(explain(None, rule(first_meeting=False))) == {
        "first_meeting": "Dana is not known to you from an earlier meeting"
    }
    assert failing(explain(None, rule(person={"email": "*@x.example", "known": True}))) == {
        "person": "dana@acme.example is not at *@x.example and in an address book"
    }


def test_of_many_who_are_not_wanted_four_are_named() -> None:
    many = meeting("Coffee", "2026-03-03 16:00", *(f"p{number}@x.example" for number in range(6)))
    assert failing(explain(many, rule(person={"known": True}))) == {
        "person": "nobody is in an address book: P0, P1, P2, P3 and 2 more"
    }


def test_the_gates_are_named_with_what_they_saw() -> None:
    assert failing(explain(meeting(status=Status.CANCELLED))) == {"not_cancelled": "it is cancelled"}
    assert failing(explain(meeting(attendees=(invitee(ME.emails[0], Answer.DECLINED), invitee(DANA))))) == {
        "accepted": "you declined it"
    }
    assert failing(explain(meeting(description="#nofollow"))) == {"nofollow": "it is marked #nofollow"}
    assert failing(explain(meeting(description="#noshow"))) == {"noshow": "it is marked #noshow"}
    assert "counts" in failing(explain(meeting("Gym", attendees=())))


def test_a_meeting_that_did_not_take_place_lets_only_what_comes_before_through() -> None:
    brief = {"id": "brief", "template": "brief", "before": "1 day"}
    missed = meeting(ends="2026-03-05 16:00", description="#noshow")
    found = explain(missed, rule(brief, THANKS, CHECK_IN))
    assert found.matches
    assert told(found)["thank-you"] == "it is marked #noshow"
    assert told(found)["check-in"] == "it counts from a meeting that was held"
    assert told(found)["brief"] == f"1 day before '{missed.title}' begins"


def test_what_was_due_before_a_new_rule_looks_back_does_not_match() -> None:
    new = world([meeting()], [rule(THANKS)], since=None)
    (found,) = reasons(new, "2026-03-10 12:00").of_meeting(new.merged[0])
    assert failing(found) == {
        "backfill": "thank-you was due Tue 3 March 18:00; the rule began now, and looks back 2 days"
    }
    assert told(found) == {"thank-you": "was due Tue 3 March 18:00, before the rule looks back"}
    assert reasons(new, "2026-03-05 12:00").of_meeting(new.merged[0])[0].matches


def test_backfill_lets_a_rule_through_of_which_something_is_still_to_come() -> None:
    new = world([meeting()], [rule(THANKS, CHECK_IN)], since=None)
    (found,) = reasons(new, "2026-03-10 12:00").of_meeting(new.merged[0])
    assert found.matches
    (gate,) = (gate for gate in found.gates if gate.condition == "backfill")
    assert gate.why == "check-in; thank-you: due before the rule looks back"
    late = reasons(new, "2026-05-10 12:00").of_meeting(new.merged[0])[0]
    assert failing(late) == {
        "backfill": "thank-you was due Tue 3 March 18:00; check-in was overdue; "
        "the rule began now, and looks back 2 days"
    }


def test_a_window_that_moved_a_note_tells_when_it_was_due() -> None:
    windowed = rule(THANKS | {"window": "thu 09:00-10:00"})
    (fate,) = explain(asked=windowed).fates
    assert fate.asked == at("2026-03-03 18:00")
    assert fate.follow_up is not None
    assert fate.follow_up.due == at("2026-03-05 09:00")
    assert explain(asked=rule(THANKS)).fates[0].asked is None


def test_what_is_not_planned_says_why() -> None:
    assert told(explain(asked=rule(THANKS), when="2026-03-20 12:00")) == {
        "thank-you": "was due Tue 3 March 18:00, and is no longer worth writing since Tue 10 March 18:00"
    }
    thanked = world([meeting()], [rule()], mails=(mail(DANA, NOW, subject="Thank you", direction=Direction.OUT),))
    assert told(reasons(thanked, "2026-03-03 17:30").of_meeting(thanked.merged[0])[0]) == {
        "thank-you": "you wrote a thank-you of your own"
    }
    far = rule(THANKS | {"after": "3 months"})
    assert told(explain(asked=far)) == {"thank-you": "due Wed 3 June 16:00, further ahead than is planned"}


def test_of_two_rules_with_the_same_words_the_second_names_the_first() -> None:
    seen = world([meeting()], [rule(THANKS, name="a"), rule(THANKS, name="b")])
    first, second = reasons(seen).of_meeting(seen.merged[0])
    assert first.fates[0].follow_up is not None
    assert told(second) == {"thank-you": "the rule a writes the same words (thank-you) for this meeting"}
    drafted, _ = placing(seen, "2026-03-03 18:00", State.VETOED)
    _, second = reasons(drafted, "2026-03-03 19:00").of_meeting(seen.merged[0])
    assert told(second) == {"thank-you": "the same words have been drafted for this meeting already"}


def test_a_draft_that_the_next_cycle_takes_away_is_told_as_such() -> None:
    seen, (draft,) = placing(world([meeting()], [rule(THANKS)]), "2026-03-03 18:00")
    moved = meeting(title="Coffee with Dana", ends="2026-03-04 16:00", uid=seen.merged[0].uid)
    later = world([moved], [rule(THANKS)], records=(draft,))
    (found,) = reasons(later, "2026-03-03 19:00").of_meeting(later.merged[0])
    assert [fate.follow_up.id for fate in found.fates if fate.follow_up] == [draft.id]
    assert told(found) == {
        "thank-you": "the next cycle takes it away: the meeting was moved, and it comes again Wed 4 March 18:00"
    }


def test_a_step_that_the_rule_no_longer_has_still_tells_what_it_drafted() -> None:
    _, (draft,) = placing(world([meeting()], [rule(THANKS)]), "2026-03-03 18:00")
    later = world([meeting()], [rule(CHECK_IN)], records=(draft,))
    (found,) = reasons(later, "2026-03-03 19:00").of_meeting(later.merged[0])
    assert told(found)["thank-you"] == "the rule no longer has this step"


def test_a_check_in_that_is_not_coming_says_why() -> None:
    seen = world([meeting()], [rule(CHECK_IN | {"at_most": 1})])
    drafted, (note,) = placing(seen, "2026-04-20 12:00", State.SENT)
    (found,) = reasons(drafted, "2026-05-20 12:00").of_meeting(seen.merged[0])
    assert [fate.why for fate in found.fates if fate.follow_up is None] == [
        "1 check-in without an answer: the chain has ended"
    ]
    assert note.id in {fate.follow_up.id for fate in found.fates if fate.follow_up}


def test_a_person_is_told_of_the_meeting_that_comes_nearest() -> None:
    coffee, review = meeting(), meeting("Quarterly review", "2026-03-02 16:00")
    seen = world([coffee, review], [rule(title="coffee"), rule(name="b", title="panel")], people=(OKAFOR,))
    takes, leaves = reasons(seen).of_person(OKAFOR)
    assert takes.matches
    assert takes.meeting == coffee
    assert failing(leaves) == {"title": "the title has none of panel: it is 'Coffee with Dana'"}


def test_somebody_to_whom_the_rule_does_not_write_is_told_why_though_it_takes_the_meeting() -> None:
    silent = Person("Sam Silent", ("sam@x.example",), do_not_contact=True)
    gone = Person("Gil Gone", ("gil@x.example",))
    both = meeting("Coffee", "2026-03-03 16:00", DANA, "sam@x.example", invitee("gil@x.example", Answer.DECLINED))
    seen = world([both], [rule()], people=(silent, gone, OKAFOR))
    assert failing(reasons(seen).of_person(silent)[0]) == {"do_not_contact": "Sam Silent is marked do_not_contact"}
    assert failing(reasons(seen).of_person(gone)[0]) == {"present": "Gil Gone declined it"}
    assert reasons(seen).of_person(OKAFOR)[0].matches


def test_with_somebody_never_met_that_is_all_there_is_to_say() -> None:
    seen = world([meeting()], [rule()], people=(Person("Lee Ito", ("lee@x.example",)),))
    (found,) = reasons(seen).of_person(seen.directory.people[0])
    assert (found.meeting, found.matches) == (None, False)
    assert failing(found) == {"met": "no meeting with Lee Ito is known"}


def test_a_person_is_told_only_of_notes_to_them() -> None:
    both = meeting("Coffee", "2026-03-03 16:00", DANA, "lee@x.example")
    seen = world([both], [rule(THANKS)], people=(OKAFOR,))
    assert [fate.to for fate in reasons(seen).of_person(OKAFOR)[0].fates] == ["Dana Okafor"]
    assert len(reasons(seen).of_meeting(both)[0].fates) == 2
