"""Random worlds: meetings, people, mails, rules and records, for what holds in every world."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from rules.history import State
from rules.language import Courtesy, Rule
from rules.model import Answer, Attendee, Direction, Person, Status
from rules.plan import plan
from tests.build import ME, at, decision, invitee, knowing, mail, meeting, record, rule, world

if TYPE_CHECKING:
    from datetime import datetime

    from rules.history import Decision
    from rules.model import Mail, Meeting
    from rules.world import World

EMAILS = ("dana@acme.example", "lee@acme.example", "kim@gmail.com", "sam@x.example", "dana@home.example")
BOOK = (
    Person("Dana Okafor", ("dana@acme.example", "dana@home.example"), tags=("network",)),
    Person("Sam Silent", ("sam@x.example",), do_not_contact=True),
)
WINDOWS = ("any", "working_hours", "tue-thu 09:00-11:00", "sat 10:00-12:00")
BEGIN = at("2026-03-20 00:00")
"""The change of the clocks, a weekend and Easter are near."""

moments = st.integers(0, 14 * 24 * 4).map(lambda quarter: BEGIN + timedelta(minutes=15 * quarter))


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    end = draw(moments)
    chosen = draw(st.lists(st.sampled_from(EMAILS), max_size=3, unique=True))
    answers = st.sampled_from([Answer.ACCEPTED, Answer.ACCEPTED, Answer.NONE, Answer.DECLINED])
    people: list[Attendee] = [invitee(email, draw(answers)) for email in chosen]
    theirs = draw(st.booleans()) and bool(people)
    me = [invitee(ME.emails[1], draw(answers))] if theirs or draw(st.booleans()) else []
    made = meeting("Coffee", "2026-03-03 16:00", *people, *me, uid=draw(st.sampled_from("abcdefgh")))
    return replace(
        made,
        attendees=(*people, *me),
        start=end - timedelta(minutes=draw(st.sampled_from([30, 60, 1440]))),
        end=end,
        organiser=people[0] if theirs else None,
        calendars=(draw(st.sampled_from(["feed", "work"])),),
        status=draw(st.sampled_from([Status.CONFIRMED, Status.CONFIRMED, Status.CANCELLED, Status.TENTATIVE])),
        sequence=draw(st.integers(0, 2)),
        description=draw(st.sampled_from(["", "", "", "#nofollow", "#noshow"])),
        recurring=draw(st.booleans()),
    )


@st.composite
def steps(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["after", "after", "every", "before"]))
    step: dict[str, Any] = {
        "id": name,
        "template": draw(st.sampled_from(["a", "b"])),
        "window": draw(st.sampled_from(WINDOWS)),
    }
    if kind == "every":
        return step | {"every": draw(st.sampled_from(["3 days", "2 weeks"])), "at_most": draw(st.integers(1, 3))}
    if kind == "before":
        return step | {"before": draw(st.sampled_from(["1 hour", "1 day", "3 business days"]))}
    step |= {
        "after": draw(st.sampled_from(["2 hours", "1 day", "2 business days"])),
        "to": draw(st.sampled_from(["each", "all"])),
    }
    if draw(st.booleans()):
        step["by"] = draw(st.sampled_from(["24 hours", "3 days", "1 week"]))
    if draw(st.booleans()):
        step["expires"] = draw(st.sampled_from(["1 day", "2 weeks"]))
    return step


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    conditions: dict[str, Any] = draw(
        st.sampled_from([{}, {"recurring": "any"}, {"first_meeting": True}, {"person": {"tag": "network"}}])
    )
    count = draw(st.integers(1, 3))
    return tuple(rule(draw(steps("s1")), draw(steps("s2")), name=f"r{number}", **conditions) for number in range(count))


@st.composite
def mails(draw: st.DrawFn) -> Mail:
    subject = draw(st.sampled_from(["Hello", "Thank you"]))
    sent = draw(moments)
    direction = draw(st.sampled_from(Direction))
    return mail(
        draw(st.sampled_from(EMAILS)),
        "2026-03-03 16:00",
        direction,
        subject,
        at=sent,
        message_id=f"<{sent}{direction}>",
    )


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    text, when = draw(st.sampled_from(["the offer", "moving"])), draw(moments)
    people = draw(st.lists(st.sampled_from(EMAILS), min_size=1, max_size=3, unique=True))
    made = decision("2026-03-03 16:00", *people, text=text, stop=draw(st.booleans()))
    told = tuple(replace(one, at=when, left_out=draw(st.booleans()) and draw(st.booleans())) for one in made.people)
    undone = draw(st.sampled_from([None, None, None, when + timedelta(hours=1)]))
    return replace(made, at=when, people=told, undone=undone)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A world in which some notes have been placed, and something became of them."""
    seen = world(
        tuple(draw(st.lists(meetings(), max_size=8))),
        draw(rules()),
        mails=tuple(draw(st.lists(mails(), max_size=3, unique_by=lambda one: one.message_id))),
        people=BOOK,
        courtesy=Courtesy(per_day=draw(st.integers(1, 3))),
        country=draw(st.sampled_from([None, "PT"])),
        decisions=tuple(draw(st.lists(decisions(), max_size=2, unique_by=lambda one: one.id))),
    )
    for _ in range(draw(st.integers(0, 2))):
        seen = placed(
            seen, draw(moments), draw(st.sampled_from([State.PLACED, State.SENT, State.VETOED, State.EDITED]))
        )
    return seen


def placed(seen: World, now: datetime, state: State = State.PLACED) -> World:
    """The world after a cycle, as the ledger would keep it."""
    done = plan(now, seen)
    going = [replace(one.record, state=one.outcome, changed=now, draft_tag="") for one in done.withdraw]
    return knowing(seen, *going, *(record(one, state, placed=now) for one in done.place))
