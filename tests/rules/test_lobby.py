"""Notes that wait together for the same limit: the plan is the one in which each of them is asked alone, every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.courtesy import Book
from rules.language import Courtesy
from rules.model import Direction, MailKind
from rules.plan import Plan, plan
from rules.queue import Queue
from tests.build import at, decision, invitee, mail, meeting, rule, world
from tests.rules.worlds import WINDOWS, moments, worlds
from tests.thorough import examples

if TYPE_CHECKING:
    from datetime import datetime

    from rules.language import Rule
    from rules.model import FollowUp, Hold, Mail, Meeting
    from rules.queue import Turn
    from rules.world import World

LIMIT = settings(deadline=None, max_examples=examples(90))
CAPS = ("1 per day", "1 per week", "2 per week", "3 per week", "2 per month")
DOMAINS = ("acme.example", "acme.example", "gmail.com", "one.example")
people = st.builds(lambda one, domain: f"p{one}@{domain}", st.integers(0, 7), st.sampled_from(DOMAINS))


class Alone(Queue):
    """The queue without lobbies and short cuts: whoever is held back is asked again when that hold ends."""

    def _wait(self, turn: Turn, asked: datetime) -> None:  # noqa: ARG002 - as it is called
        self._ask([turn])

    def _unreleased(self, turn: Turn) -> Hold | None:
        due, window, almanac = turn.wish.follow_up.due, turn.wish.window, self.world.almanac
        for instant in {due, max(due, self.book.latest or due)}:
            moment: datetime | None = instant
            hold: Hold | None = None
            while moment is not None and moment <= turn.ready:
                hold = self.book.hold(turn.wish.follow_up, moment, self.world.courtesy)
                moment = almanac.opening(window, hold.until) if hold and hold.until else None
            if hold is not None and moment is not None:
                return hold
        return None


def alone(now: datetime, seen: World, until: datetime | None) -> Plan:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rules.plan.Queue", Alone)
        return plan(now, seen, until)


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    """One of the same few days, so that more is due than courtesy lets through; or, now and then, a later one."""
    ends = draw(moments) + timedelta(days=draw(st.sampled_from([0, 0, 0, 0, 10, 40])))
    invited = [invitee(email) for email in draw(st.lists(people, min_size=1, max_size=2, unique=True))]
    made = meeting("Coffee", "2026-03-03 16:00", *invited, uid=f"u{draw(st.integers(0, 99))}")
    return replace(made, start=ends - timedelta(hours=1), end=ends)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    window, expires = st.sampled_from(WINDOWS), st.sampled_from([{}, {"expires": "4 days"}, {"expires": "5 weeks"}])
    news: dict[str, Any] = {"id": "news", "template": "a", "after": "1 day", "window": draw(window), **draw(expires)}
    again: dict[str, Any] = {"id": "again", "template": ["b", "c"], "window": draw(window), **draw(expires)}
    again |= {"every": draw(st.sampled_from(["6 days", "3 weeks"])), "at_most": draw(st.integers(1, 3))}
    group = {"to": draw(st.sampled_from(["each", "each", "all"]))}
    pressed = {"id": "thanks", "template": "d", "after": "2 hours", "by": "24 hours"}
    chosen = draw(st.sampled_from([[again], [again, news | group], [news | group], [pressed, again]]))
    return rule(*chosen, name=f"r{draw(st.integers(0, 9))}")


@st.composite
def mails(draw: st.DrawFn) -> Mail:
    sent = draw(moments) + timedelta(days=draw(st.integers(0, 30)))
    made = mail(draw(people), "2026-03-03 16:00", at=sent, message_id=f"<{sent}>")
    return draw(st.sampled_from([made, away(made, sent)]))


def away(answer: Mail, sent: datetime) -> Mail:
    back = sent + timedelta(days=12)
    return replace(answer, kind=MailKind.AUTOMATIC, direction=Direction.IN, away_until=back)


@st.composite
def crowds(draw: st.DrawFn) -> World:
    """More people than may be written to, some of them from one organisation; and all else that there can be."""
    asked = tuple(draw(st.lists(rules(), min_size=1, max_size=2, unique_by=lambda one: one.id)))
    text = {"min_gap": draw(st.sampled_from(["1 day", "5 days"])), "per_organisation": draw(st.sampled_from(CAPS))}
    told = draw(st.lists(people, max_size=3, unique=True))
    said = decision("2026-03-25 10:00", *told, stop=draw(st.booleans())) if told else None
    return world(
        draw(st.lists(meetings(), min_size=4, max_size=14, unique_by=lambda one: one.uid)),
        asked,
        mails=tuple(draw(st.lists(mails(), max_size=2, unique_by=lambda one: one.message_id))),
        courtesy=Courtesy.model_validate({"per_day": draw(st.integers(1, 2)), **text}),
        decisions=(said,) if said is not None else (),
    )


@LIMIT
@given(st.one_of(crowds(), worlds()), moments, st.integers(0, 150))
def test_whoever_waits_in_a_lobby_gets_what_they_would_get_alone(seen: World, now: datetime, days: int) -> None:
    until = now + timedelta(days=days)
    assert plan(now, seen, until) == alone(now, seen, until)


def test_who_is_met_while_they_wait_leaves_the_lobby_for_the_check_in_after_that() -> None:
    met = [meeting(f"With {one}", "2026-03-02 12:00", f"p{one:02}@gmail.com") for one in range(20)]
    other = meeting("With Kim", "2026-03-12 12:00", "kim@gmail.com")
    again = meeting("Again", "2026-03-16 12:00", "p19@gmail.com")
    step = {"id": "again", "template": "news", "every": "6 days", "at_most": 1}
    seen = world([*met, other, again], [rule(step)], courtesy=Courtesy(per_day=1))
    now, until = at("2026-03-02 12:00"), at("2026-04-20 12:00")
    planned = plan(now, seen, until)
    assert planned == alone(now, seen, until)
    assert [one.recipients[0].email for one in planned.follow_ups][-2:] == ["kim@gmail.com", "p19@gmail.com"]


class Counted(Book):
    """Counts how often it is asked about a note."""

    asked = 0

    def hold(self, follow_up: FollowUp, at: datetime, limits: Courtesy) -> Hold | None:
        Counted.asked += 1
        return super().hold(follow_up, at, limits)


@pytest.mark.parametrize("domain", ["gmail.com", "acme.example"])
def test_how_often_courtesy_is_asked_grows_with_the_notes_and_not_with_the_days_they_wait(
    domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = [meeting(f"With {one}", "2026-03-03 12:00", f"p{one}@{domain}") for one in range(40)]
    step = {"id": "news", "template": "news", "after": "1 day", "expires": "12 months"}
    seen = world(met, [rule(step)], courtesy=Courtesy(per_day=1))
    monkeypatch.setattr("rules.queue.Book", Counted)
    monkeypatch.setattr(Counted, "asked", 0)
    planned = plan(at("2026-03-03 12:00"), seen, at("2026-12-01 12:00"))
    assert len(planned.follow_ups) == 40
    assert Counted.asked < 4 * 40
