"""`#thanks` and `#owe` in a description: what is read, of whom it is believed, and what it makes of a note."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from rules.compose import compose
from rules.history import State
from rules.marks import LONGEST, MOST, Writers, marks_of
from rules.model import Answer, Marks, Meeting, Status
from rules.plan import plan
from rules.templates import parse
from tests.build import ME, at, attendee, invitee, knowing, meeting, placing, rule, ruled, showing, world

if TYPE_CHECKING:
    from rules.world import World

DUE = "2026-03-03 19:00"
BODY = "Dear {{ person.name }},\n\nYou gave me {{ gap('what') }}, and {{ gap('what else') }}.\n\n{{ me.signature }}\n"
OWING = BODY.replace("{{ me.s", "{% if owed %}\nI owe you: {{ owed }}.\n\n{% endif %}\n{{ me.s")
HOST = attendee("host@other.example", "Hanna Host")


def seen(*copies: Meeting, **writers: Writers) -> World:
    made = world(copies, [rule()])
    return replace(made, scene=replace(made.scene, writers=writers))


def text_of(one: World, body: str = BODY) -> str:
    """The one note that a cycle places."""
    (follow_up,) = plan(at(DUE), one).place
    template = parse("thank-you", f"---\nsubject: Thank you\n---\n{body}")
    return compose(follow_up, template, ME, one.almanac, at(DUE)).text


@pytest.mark.parametrize(
    ("description", "marks"),
    [
        ("#thanks: the pointer", Marks(("the pointer",))),
        ("Notes.\n  #OWE:send the paper.  \nMore.", Marks((), ("send the paper",))),
        ("#owe: one\r\n#owe: two\r#Owe : three", Marks((), ("one", "two", "three"))),
        ("#owe\uff1a the paper", Marks((), ("the paper",))),
        ("Good talk. #thanks: a, b #owe: c #nofollow", Marks(("a, b",), ("c",))),
        ("#owe: the same\n#owe: the same", Marks((), ("the same",))),
        ("#thanks the pointer", Marks()),
        ("#owed: x #owe-me: x ##owe: x a#owe: x https://x.example/#owe: x", Marks()),
        ("#owe:\n#thanks:   .\nsend the paper", Marks()),
        ("<p>Hi</p><p><b>#owe:</b>&nbsp;send R&amp;D the <i>paper</i></p>", Marks((), ("send R&D the paper",))),
        ("#thanks: this<br/>and not this", Marks(("this",))),
        ("<ul><li>#owe: one</li><li>#owe: two</li></ul>", Marks((), ("one", "two"))),
        ("<html-blob>#owe: <a href='https://x.example/?a=1&b=2'>the link</a></html-blob>", Marks((), ("the link",))),
        ("#owe: write to <dana@acme.example> if x < y > z", Marks((), ("write to <dana@acme.example> if x < y > z",))),
        ("#owe: say &lt;br&gt; &#x1F600; &unknown; &#0;", Marks((), ("say <br> \U0001f600 &unknown; \ufffd",))),
        ("#thanks: {{ 7*7 }}{% x %}", Marks(("{{ 7*7 }}{% x %}",))),
        ("#thanks: a [[gap]] of theirs", Marks(("a gap of theirs",))),
        ("#thanks: \u202eevil\u202c\x00 bell\x07\tx", Marks(("evil bell x",))),
    ],
)
def test_a_mark_is_a_whole_word_with_its_colon_and_ends_with_its_line(description: str, marks: Marks) -> None:
    assert marks_of(description) == marks


def test_marks_are_few_and_short_however_many_and_long_they_are() -> None:
    found = marks_of("\n".join(f"#owe: {number} {'x' * 500}" for number in range(1000)) + "<br" * 100_000)

    assert len(found.owe) == MOST
    assert all(len(text) == LONGEST for text in found.owe)
    assert marks_of("#owe: " + "<" * 9_000_000).owe == (f"{'<' * (LONGEST - 1)}…",)
    assert marks_of("#owe:" * 2_000_000 + "x") == Marks()
    assert len(marks_of("".join(f"#owe: {number} " for number in range(100_000))).owe) == MOST
    assert marks_of("x" * 9_000_000 + "\n#owe: too far down") == Marks()


def test_thanks_fill_the_first_gaps_and_only_those_of_the_note() -> None:
    one, two = seen(meeting(description="#thanks: the book")), seen(meeting(description="#thanks: a\n#thanks: b"))

    assert "You gave me the book, and [[what else]]." in text_of(one)
    assert "You gave me a, and b." in text_of(two)
    (follow_up,) = plan(meeting().end.replace(hour=19), one).place
    template = parse("t", f"---\nsubject: {{{{ gap('the role') }}}}\n---\n{BODY}")
    note = compose(follow_up, template, ME, one.almanac, follow_up.due)
    assert (note.subject, note.gaps) == ("[[the role]]", 2)


def test_what_a_template_has_no_place_for_stands_above_the_signature_as_a_gap() -> None:
    one = seen(meeting(description="#thanks: a\n#thanks: b\n#thanks: c\n#owe: send the paper"))

    assert text_of(one).endswith("a, and b.\n\n[[to thank for: c]]\n\n[[you promised: send the paper]]\n\nRobin\n")
    signed_off = BODY.replace("{{ me.signature }}", "Yours,\n{{ me.signature }}")
    assert text_of(one, signed_off).endswith("[[you promised: send the paper]]\n\nYours,\nRobin\n")
    bare = BODY.replace("{{ me.signature }}\n", "")
    assert text_of(one, bare).endswith("[[you promised: send the paper]]\n\nRobin\n")


def test_what_is_owed_stands_where_the_template_says_it() -> None:
    one = seen(meeting(description="#owe: send the paper\n#owe: ask Lee"))

    assert "I owe you: send the paper and ask Lee.\n\nRobin" in text_of(one, OWING)
    assert "I owe you" not in text_of(seen(meeting()), OWING)


def test_a_mark_is_never_read_as_a_template_nor_as_markdown() -> None:
    hostile = "{{ 7*7 }} {{ me.emails }} <b>x</b> [a](https://x.example) **y**"
    one = seen(meeting(description=f"#thanks: {hostile.replace('<', '&lt;')}\n#thanks: z"))

    (follow_up,) = plan(at(DUE), one).place
    note = compose(follow_up, parse("t", f"---\nsubject: Hi\nformat: markdown\n---\n{BODY}"), ME, one.almanac, at(DUE))

    assert hostile in note.text
    assert note.html is not None
    assert "&lt;b&gt;x&lt;/b&gt; [a](https://x.example) **y**" in note.html
    assert "<b>" not in note.html
    assert "href" not in note.html


def test_only_the_first_note_after_the_meeting_takes_them() -> None:
    steps = (
        {"id": "brief", "template": "brief", "before": "1 day"},
        {"id": "thank-you", "template": "thank-you", "after": "2 hours"},
        {"id": "later", "template": "later", "after": "3 hours", "by": "2 days"},
        {"id": "check-in", "template": "check-in", "every": "6 weeks"},
    )
    one = world([meeting(description="#thanks: a\n#owe: b")], [rule(*steps)])
    shown = plan(meeting().start.replace(day=1), one, meeting().end.replace(month=6)).follow_ups

    assert {note.step: (note.thanks, note.owed) for note in shown} == {
        "brief": ((), ()),
        "thank-you": (("a",), ("b",)),
        "later": ((), ()),
        "check-in": ((), ()),
    }


MARKED: dict[str, Any] = {"description": "#thanks: {{ mine }}\n#owe: pay"}
THEIRS: dict[str, Any] = {"organiser": HOST, "attendees": (HOST, invitee(ME.emails[0], Answer.ACCEPTED))}


@pytest.mark.parametrize(
    ("writers", "fields", "taken"),
    [
        (None, {}, True),
        (None, {"organiser": None}, True),
        (None, {"organiser": attendee("robin+cal@example.org")}, True),
        (None, THEIRS, False),
        (Writers.GUESTS, THEIRS, False),
        (Writers.ME, THEIRS, True),
        (Writers.OTHERS, {}, False),
        (Writers.OTHERS, {"organiser": None}, False),
        (Writers.OTHERS, THEIRS, False),
    ],
)
def test_only_the_words_of_the_user_are_taken(writers: Writers | None, fields: dict[str, Any], taken: bool) -> None:
    one = seen(meeting(**{**MARKED, **fields}), **({"feed": writers} if writers else {}))

    assert bool(one.merged[0].marks) is taken
    assert ("{{ mine }}" in text_of(one)) is taken


def test_nothing_in_a_title_or_a_place_is_taken() -> None:
    one = seen(meeting("Coffee #owe: x #thanks: y", location="#owe: z"))

    assert one.merged[0].marks == Marks()


def test_of_the_copies_of_a_meeting_the_newest_that_is_the_users_speaks_in_whatever_order() -> None:
    invitation = meeting(uid="m", calendars=("work",), sequence=9, description="#thanks: spam", **THEIRS)
    old = meeting(uid="m", calendars=("own",), sequence=1, description="#thanks: old", **THEIRS)
    new = replace(old, sequence=2, description="#thanks: new")
    silent = replace(old, sequence=3, description="")

    for copies in permutations((invitation, old, new)):
        (one,) = seen(*copies, own=Writers.ME).merged
        assert one.marks == Marks(("new",))
    for copies in permutations((invitation, old, silent)):
        assert seen(*copies, own=Writers.ME).merged[0].marks == Marks()
    assert seen(invitation, old).merged[0].marks == Marks()


def test_a_note_of_mine_at_the_same_time_with_the_same_people_marks_the_invitation() -> None:
    invitation = meeting(uid="theirs", calendars=("work",), description="#owe: a kidney", **THEIRS)
    mine = replace(invitation, uid="mine", organiser=None, attendees=(HOST,), description="#owe: a book")

    for copies in permutations((invitation, mine)):
        (one,) = seen(*copies).merged
        assert one.marks == Marks((), ("a book",))


def test_an_untouched_draft_is_made_anew_when_a_mark_changes_and_no_other() -> None:
    now, later = "2026-03-03 19:00", "2026-03-03 20:00"

    plain = meeting()
    before, _ = placing(seen(plain), now)
    marked = showing(before, replace(plain, description="#thanks: the book"))
    (going,) = plan(at(later), marked).withdraw
    assert "marked in the calendar" in going.why
    assert [one.thanks for one in plan(at(later), marked).place] == [("the book",)]
    assert plan(at(later), showing(before, replace(plain, description="No mark, but #other: words"))).withdraw == ()


def test_a_sent_or_edited_note_is_left_alone_whatever_is_marked() -> None:

    for state in (State.SENT, State.EDITED, State.VETOED):
        before, _ = placing(seen(meeting()), DUE, state)
        after = showing(before, meeting(description="#thanks: the book\n#owe: x"))
        assert (plan(at(DUE), after).withdraw, plan(at(DUE), after).place) == ((), ())


@pytest.mark.parametrize(
    "fields",
    [{"status": Status.CANCELLED}, {"description": "#owe: x #noshow"}, {"attendees": (invitee(ME.emails[0]),)}],
)
def test_nothing_is_promised_where_there_was_no_meeting(fields: dict[str, Any]) -> None:
    one = seen(replace(meeting(description="#owe: x"), **fields))

    assert one.promises == ()
    assert knowing(one).promises == ()


def test_a_draft_that_says_what_is_marked_stays_also_when_a_step_comes_before_it() -> None:
    before, (made,) = placing(seen(meeting(description="#thanks: the book")), DUE)
    assert plan(at("2026-03-03 20:00"), before).withdraw == ()

    thank_you = {"id": made.step, "template": made.template, "after": "2 hours", "by": "24 hours"}
    edited = ruled(before, rule({"id": "recap", "template": "recap", "after": "1 hour"}, thank_you))
    assert plan(at("2026-03-03 20:00"), edited).withdraw == ()


def test_a_draft_into_which_marks_go_only_since_the_rule_was_edited_stays() -> None:
    steps = [{"id": name, "template": name, "after": "2 hours"} for name in ("recap", "thank-you")]
    before, _ = placing(ruled(seen(meeting(description="#thanks: the book")), rule(*steps)), DUE)
    assert plan(at("2026-03-03 20:00"), ruled(before, rule(steps[1]))).withdraw == ()
