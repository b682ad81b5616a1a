"""What a brief tells of people: the last contacts, the notes with their dates, and everybody who is known."""

from __future__ import annotations

from dataclasses import replace

from rules.history import State
from rules.model import Direction, Noted, Person
from rules.past import LAST, noted, of_book, past
from rules.plan import plan
from tests.build import at, knowing, mail, meeting, record, rule, world

DANA = Person("Dana Okafor", ("dana@acme.example", "dana@home.example"), notes="Hiring in spring\nplays the cello")
SAM = Person("Sam Silent", ("sam@x.example",), do_not_contact=True)
NOW = at("2026-03-10 12:00")


def told(seen: object, who: Person = DANA) -> list[str]:
    (several,) = past(seen, [who], NOW)  # type: ignore[arg-type] # a world
    return [f"{one.at:%d %B}: {one.how} {one.what}" for one in several]


def test_meetings_and_mails_are_told_latest_first_and_what_is_to_come_is_not() -> None:
    mails = (
        mail("dana@home.example", "2026-03-05 09:00", subject="Re: Thank you"),
        mail("dana@acme.example", "2026-03-06 09:00", Direction.OUT, "The paper"),
        mail("dana@acme.example", "2026-03-11 09:00", subject="Later"),
        mail("lee@ito.example", "2026-03-07 09:00", subject="Of somebody else"),
    )
    meetings = [meeting(), meeting("Coffee again", "2026-03-12 16:00")]
    assert told(world(meetings, mails=mails, people=(DANA,))) == [
        "06 March: you wrote The paper",
        "05 March: they wrote Re: Thank you",
        "03 March: you met Coffee with Dana",
    ]


def test_a_note_of_ours_is_told_once_though_it_lies_among_the_mails() -> None:
    seen = world([meeting()], [rule()], people=(DANA,))
    (thanks,) = plan(at("2026-03-03 18:00"), seen).place
    sent = record(thanks, State.SENT, placed="2026-03-03 18:00")
    letter = mail("dana@acme.example", "2026-03-03 18:00", Direction.OUT, "Thank you", message_id=sent.message_id)
    known = knowing(seen, sent, mails=(letter,))
    assert told(known) == ["03 March: you wrote Thank you", "03 March: you met Coffee with Dana"]


def test_of_each_kind_the_last_is_there_however_much_came_after_it() -> None:
    letters = tuple(mail("dana@acme.example", f"2026-03-{day:02} 09:00", subject=f"{day}") for day in range(4, 10))
    seen = world([meeting()], mails=letters, people=(DANA,))
    assert told(seen) == [*(f"{day:02} March: they wrote {day}" for day in range(9, 4, -1)), told(seen)[-1]]
    assert told(seen)[-1] == "03 March: you met Coffee with Dana"
    assert len(told(seen)) == LAST + 1


def test_notes_have_their_dates_and_that_of_the_book_comes_first_without_one() -> None:
    seen = world(people=(DANA,))
    kept = (("dana@home.example", NOW, "plays the cello"), ("lee@ito.example", NOW, "of somebody else"))
    seen = replace(seen, history=replace(seen.history, notes=kept))
    assert noted(seen, [DANA]) == ((Noted("Hiring in spring"), Noted("plays the cello", NOW)),)
    assert of_book("a\nb\nb", frozenset({"b"})) == "a"
    assert of_book("", frozenset({"b"})) == ""


def test_a_brief_tells_of_all_whom_i_know_and_of_whom_the_rule_chose() -> None:
    known = rule({"id": "brief", "template": "brief", "before": "1 day"}, title=["coffee"], person={"known": True})
    guests = ("lee@ito.example", "dana@acme.example", "kim@y.example", "sam@x.example")
    lunch = meeting("Lunch", "2026-02-03 13:00", "lee@ito.example")
    seen = world([lunch, meeting("Coffee", "2026-03-11 16:00", *guests)], [known], people=(DANA, SAM))
    (note,) = plan(at("2026-03-10 15:30"), seen).place
    assert [one.email for one in note.people] == ["dana@acme.example", "lee@ito.example"]
    assert [one.how for one in note.past[1]] == ["you met"]
    assert [one.email for one in note.recipients] == ["robin@example.org"]
