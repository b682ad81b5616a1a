from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.almanac import Almanac
from rules.compose import compose, is_late
from rules.model import Debt, FollowUp, Me, Meeting, Note, Noted, Past, Person, Recipient, Thread, gaps
from rules.templates import TemplateFault, parse

ME = Me("Robin Vale", ("robin@example.org",), "Robin\n")
DANA = Person("Dana Okafor", ("dana@acme.example",), tags=("network", "lisbon"), organisation="Acme")
ANA = Person("Ana Lima", ("ana@acme.example",))
LEE = Person("Lee Kim", ("lee@acme.example",))
START = datetime(2026, 3, 3, 15, tzinfo=UTC)
LATER = START + timedelta(hours=3)
ZONE = "Europe/Lisbon"


def meeting(title: str = "Coffee with Dana", start: datetime = START, hours: int = 1, **more: Any) -> Meeting:
    return Meeting("uid", None, ("feed",), title, start, start + timedelta(hours=hours), **more)


def follow_up(*people: Person, of: Meeting | None = None, **more: Any) -> FollowUp:
    people = people or (DANA,)
    of = of or meeting()
    recipients = tuple(Recipient(one.name, one.email) for one in people)
    given = FollowUp("id", "rule", "step", "note", "anchor", people, recipients, of, of.end, None, None, "why")
    return replace(given, **more)


def note(
    body: str,
    *,
    subject: str = "Hello",
    of: FollowUp | None = None,
    now: datetime = LATER,
    me: Me = ME,
    zone: str = ZONE,
    head: str = "",
    **more: Any,
) -> Note:
    template = parse("note", f"---\nsubject: {subject}\n{head}---\n{body}\n")
    return compose(of or follow_up(), template, me, Almanac(zone), now, **more)


def html_of(body: str, of: FollowUp | None = None) -> str:
    """The HTML part of the note of a template in Markdown."""
    html = note(body, of=of, head="format: markdown\n").html
    assert html is not None
    return html


def text(body: str, **more: Any) -> str:
    """What the note says before the signature."""
    return note(body, **more).text.removesuffix("\n\nRobin\n")


def test_the_example_of_the_contract() -> None:
    body = """Dear {{ person.first_name }},

Thank you for your time {{ meeting.when }}. {{ gap("the idea that stayed with me") }}

{{ me.signature }}"""
    made = note(body, subject="Thank you, {{ person.first_name }}")
    assert made.subject == "Thank you, Dana"
    assert made.text == (
        "Dear Dana,\n\nThank you for your time on Tuesday. [[the idea that stayed with me]]\n\nRobin\n"
    )
    assert made.html is None
    assert gaps(made.text) == 1


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-6, "on 3 March"),
        (-4, "on Tuesday"),
        (0, "on Tuesday"),
        (4, "on Tuesday"),
        (6, "on 3 March"),
        (300, "on 3 March"),
    ],
)
def test_the_day_is_a_weekday_within_five_days_and_a_date_beyond(days: int, said: str) -> None:
    assert text("{{ meeting.when }}", now=START + timedelta(days=days)) == said


def test_a_day_of_another_year_has_its_year() -> None:
    assert text("{{ meeting.when }}", now=datetime(2027, 1, 20, tzinfo=UTC)) == "on 3 March 2026"


def test_the_day_is_named_in_the_users_zone() -> None:
    late = follow_up(of=meeting(start=datetime(2026, 3, 3, 23, 30, tzinfo=UTC)))
    said = "{{ meeting.when }} {{ meeting.weekday }} {{ meeting.start.time }} {{ meeting.start }}"
    assert text(said, of=late, zone="Asia/Tokyo") == "on Wednesday Wednesday 08:30 Wednesday, 4 March 2026, 08:30"
    assert text(said, of=late, zone="America/New_York").startswith("on Tuesday Tuesday 18:30")


def test_an_all_day_meeting_is_on_its_day() -> None:
    midnight = datetime(2026, 3, 3, tzinfo=ZoneInfo("America/New_York"))
    day = follow_up(of=meeting(start=midnight.astimezone(UTC), hours=24, all_day=True))
    assert text("{{ meeting.when }}", of=day, zone="America/New_York", now=START) == "on Tuesday"


def test_dates_are_worded_in_the_persons_language() -> None:
    said = "{{ meeting.when }}, {{ meeting.weekday }}, {{ meeting.start.strftime('%A %d %B %a %b %%') }}"
    assert text(said, language="de") == "am Dienstag, Dienstag, Dienstag 03 März Di. März %"
    portuguese = follow_up(replace(DANA, language="pt-BR"))
    assert text("{{ meeting.when }}", of=portuguese) == "na terça-feira"


def test_a_group_is_named_in_one_breath() -> None:
    group = follow_up(DANA, ANA, LEE, group=True)
    said = "Dear {{ people }}: {{ people.names }} {{ person.name }} {{ people | map(attribute='email') | join(' ') }}"
    assert text(said, of=group) == (
        "Dear Dana, Ana and Lee: Dana Okafor, Ana Lima and Lee Kim Dana Okafor "
        "dana@acme.example ana@acme.example lee@acme.example"
    )


def test_twenty_people_each_get_their_own_name_and_nobody_elses_address() -> None:
    people = [Person(f"Person{number} Name", (f"p{number}@acme.example",)) for number in range(20)]
    for one in people:
        made = note("Dear {{ person.first_name }}, {{ person.email }}", of=follow_up(one))
        assert one.name.split()[0] in made.text
        assert [other for other in people if other.email in made.text] == [one]


def test_a_person_without_a_name_is_a_gap() -> None:
    for name in ("", "dana@acme.example"):
        made = note("Dear {{ person.first_name }} {{ person.name }}", of=follow_up(replace(DANA, name=name)))
        assert made.text.startswith("Dear [[name]] [[name]]\n")
        assert gaps(made.text) == 2


def test_what_is_not_there_is_false_and_a_gap_where_it_is_written_out() -> None:
    said = "{% if next_meeting %}x{% endif %}{{ next_meeting is none }} {{ last_contact }} {{ next_meeting.when }}"
    assert text(said) == "True [[last contact]] [[next meeting]]"


def test_last_contact_and_next_meeting_are_worded() -> None:
    known = follow_up(last_contact=START, next_meeting=meeting("Lunch", START + timedelta(days=20)), round=2)
    said = "{{ last_contact }}, {{ next_meeting.title }} {{ next_meeting.when }}, {{ round }}"
    assert text(said, of=known) == "on Tuesday, Lunch on 23 March, 2"


def test_tags_and_slots_read_well() -> None:
    slots = [(START + timedelta(days=7), START + timedelta(days=7, hours=1))]
    said = text("{{ person.tags }}\n{{ slots }}", slots=slots)
    assert said == "network and lisbon\n- Tuesday 10 March, 15:00\u201316:00"


@pytest.mark.parametrize(
    ("language", "zone", "told"),
    [
        ("", "", "- Tuesday 10 March, 15:00\u201315:30"),
        ("en", "Europe/London", "- Tuesday 10 March, 15:00\u201315:30"),  # the same time by another name
        ("en", "nowhere", "- Tuesday 10 March, 15:00\u201315:30"),
        ("en", "America/New_York", "- Tuesday 10 March, 11:00\u201311:30 (New York); 15:00\u201315:30 (Lisbon)"),
        ("pt", "America/New_York", "- ter., 10 de março, 11:00\u201311:30 (Nova York); 15:00\u201315:30 (Lisboa)"),
        (
            "en",
            "Pacific/Auckland",
            "- Wednesday 11 March, 04:00\u201304:30 (Auckland); Tuesday 10 March, 15:00\u201315:30 (Lisbon)",
        ),
    ],
)
def test_a_free_time_is_told_in_both_zones_where_they_differ(language: str, zone: str, told: str) -> None:
    dana = replace(DANA, language=language, time_zone=zone)
    asked = follow_up(dana, slots=((START + timedelta(days=7), START + timedelta(days=7, minutes=30)),))
    assert text("{{ slots }}", of=asked) == told


def test_a_free_time_of_another_year_names_it_and_the_length_is_worded() -> None:
    new_year = datetime(2027, 1, 4, 10, tzinfo=UTC)
    for minutes, length in ((30, "30 minutes"), (60, "1 hour"), (90, "90 minutes")):
        asked = follow_up(slots=((new_year, new_year + timedelta(minutes=minutes)),))
        assert text("{{ slots.length }}", of=asked) == length
        assert "Monday, 4 January 2027, 10:00" in text("{{ slots }}", of=asked)
    assert text("x{{ slots.length }}{% if slots %}y{% endif %}") == "x"


def test_the_starter_brief_tells_of_each_guest_who_they_are_what_was_said_and_what_was_promised() -> None:
    template = parse("brief", (Path(__file__).parents[2] / "config/starter/templates/brief.md").read_text("utf-8"))
    told = follow_up(
        DANA,
        ANA,
        to_me=True,
        past=((Past(START - timedelta(days=30), "you met", "Coffee <b>"), Past(START, "they wrote", "")), ()),
        noted=((Noted("Hiring in spring"), Noted("plays the cello", START - timedelta(days=2))), ()),
        debts=((Debt("send the paper", START - timedelta(days=30)),), ()),
    )
    brief = compose(told, template, ME, Almanac(ZONE), LATER).text
    assert brief.startswith(
        "Tuesday, 3 March 2026, 15:00 to 16:00\n\n"
        "Dana Okafor, Acme (dana@acme.example)\n"
        "Tags: network and lisbon\n"
        "You still owe them: send the paper (since 1 February 2026)\n\n"
        "Notes:\n- Hiring in spring\n- 1 March 2026: plays the cello\n\n"
        "What was last:\n- 1 February 2026: you met, 'Coffee <b>'\n- 3 March 2026: they wrote\n\n"
        "Ana Lima (ana@acme.example)\nNo contact before this.\n"
    )


def test_late_is_after_by_or_a_day_after_due() -> None:
    due = START
    with_by = follow_up(due=due, by=due + timedelta(hours=20))
    without = follow_up(due=due)
    assert not is_late(with_by, due + timedelta(hours=20))
    assert is_late(with_by, due + timedelta(hours=20, seconds=1))
    assert not is_late(without, due + timedelta(hours=24))
    assert is_late(without, due + timedelta(hours=24, seconds=1))
    assert text("{% if late %}Sorry{% else %}Hi{% endif %}", of=without, now=due + timedelta(days=3)) == "Sorry"


@pytest.mark.parametrize(
    "body",
    ["Bye\n\n{{ me.signature }}", "Bye", "Bye\n\nRobin", "{{ me.signature }}\n\nPS: one more thing", "Cheers, Robin"],
)
def test_the_signature_is_there_once(body: str) -> None:
    assert note(body).text.count("Robin") == 1


def test_a_note_to_me_is_not_signed() -> None:
    brief = follow_up(to_me=True, recipients=(Recipient("Robin Vale", "robin@example.org"),))
    assert note("You meet {{ person.name }} {{ meeting.when }}.", of=brief).text == "You meet Dana Okafor on Tuesday.\n"


def test_me_is_the_address_that_was_invited() -> None:
    assert (
        text("{{ me.email }} {{ me.name }}", of=follow_up(sender="robin@work.example"))
        == "robin@work.example Robin Vale"
    )


def test_an_if_leaves_no_hole_and_the_note_ends_with_one_line_end() -> None:
    body = "One.\n\n{% if late %}\nLate.\n{% endif %}\n\n{% if late %}Late.{% endif %}\n\nTwo.   \n\n\n"
    assert note(body, me=replace(ME, signature="")).text == "One.\n\nTwo.\n"


def test_a_fresh_mail_never_begins_with_re() -> None:
    for title in ("Re: coffee", "AW: SV: coffee", "RE[2]: coffee"):
        assert note("x", subject="{{ meeting.title }}", of=follow_up(of=meeting(title))).subject == "coffee"


@pytest.mark.parametrize("before", ["Coffee?", "Re: Coffee?", "RE: AW: Coffee?", "SV: Re[3]: Coffee?"])
def test_an_answer_has_re_and_the_subject_of_the_thread_once(before: str) -> None:
    answer = follow_up(reply=Thread("<a@acme.example>", (), before))
    assert note("x", of=answer).subject == "Re: Coffee?"


def test_an_answer_to_a_forward_keeps_the_forward() -> None:
    assert note("x", of=follow_up(reply=Thread("<a@b>", (), "Fwd: Coffee"))).subject == "Re: Fwd: Coffee"


def test_a_thread_without_a_subject_gets_ours_and_no_re() -> None:
    assert note("x", of=follow_up(reply=Thread("<a@b>", (), " Re: "))).subject == "Hello"


def test_an_empty_subject_or_note_is_a_fault() -> None:
    with pytest.raises(TemplateFault, match="subject comes out empty"):
        note("x", subject="{{ meeting.title }}", of=follow_up(of=meeting("")))
    with pytest.raises(TemplateFault, match="note comes out empty"):
        note("{% if late %}x{% endif %}")


def test_an_error_in_the_middle_of_a_note_is_a_fault_with_its_line() -> None:
    with pytest.raises(TemplateFault) as caught:
        note("fine\n{{ gap() }}")
    assert caught.value.line == 5
    with pytest.raises(TemplateFault, match="what is missing"):
        note("{{ gap('') }}")


def test_a_title_is_never_a_template() -> None:
    assert text("{{ meeting.title }}", of=follow_up(of=meeting("{{ 7*7 }} {% raw %}"))) == "{{ 7*7 }} {% raw %}"


def test_text_from_a_calendar_is_cleaned() -> None:
    dirty = meeting("Coffee\r\nBcc: x@y\x00\u202egnp\u2066 \t tea", location="a\nb\x07")
    made = note("{{ meeting.title }}|{{ meeting.location }}", subject="{{ meeting.title }}", of=follow_up(of=dirty))
    assert made.text.startswith("Coffee Bcc: x@ygnp tea|a b\n")
    assert made.subject == "Coffee Bcc: x@ygnp tea"


def test_ten_megabytes_are_a_line_of_two_hundred() -> None:
    huge = "x" * 10_000_000
    made = note("{{ meeting.title }}{{ person.name }}", of=follow_up(replace(DANA, name=huge), of=meeting(huge)))
    assert len(made.text) < 400


def test_an_encoded_word_in_a_title_is_defused_in_the_subject() -> None:
    evil = follow_up(of=meeting("Café =?UTF-8?Q?=0ABcc:_evil@x.example?="))
    made = note("x", subject="{{ meeting.title }}", of=evil)
    assert "=?" not in made.subject
    assert made.subject.startswith("Café")


HOSTILE = (
    "<script>alert(1)</script> <b>b</b> **bold** _i_ [go](http://evil.example) ![i](http://evil.example/i) "
    "http://evil.example `c` &amp;"
)


def test_markdown_makes_an_html_part_and_keeps_the_text_plain() -> None:
    made = note(
        "**Thank** you, {{ person.first_name }}.\n\n[my page](https://robin.example)", head="format: markdown\n"
    )
    assert made.html is not None
    assert "<strong>Thank</strong> you, Dana." in made.html
    assert '<a href="https://robin.example">my page</a>' in made.html
    assert made.html.count("Robin") == 1
    assert made.text.startswith("**Thank** you, Dana.\n")


def test_a_note_with_an_open_gap_has_no_html_part_in_which_the_gap_would_go_out() -> None:
    made = note('Thank you for {{ gap("the idea") }}.', head="format: markdown\n")
    assert made.gaps == 1
    assert made.html is None


def test_a_title_makes_no_markup_and_no_link_in_markdown() -> None:
    made = note(
        "{{ meeting.title }}\n\n{{ person.notes }}",
        of=follow_up(replace(DANA, notes="# head\n- item\n\n    code\n1. one"), of=meeting(HOSTILE)),
        head="format: markdown\n",
    )
    assert made.html is not None
    for tag in ("<script", "<b>", "<strong", "<em", "<a ", "<img", "<code", "<h1", "<li", "<pre"):
        assert tag not in made.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made.html
    assert "**bold**" in made.html
    assert HOSTILE in made.text


def test_a_value_inside_a_link_cannot_leave_it() -> None:
    address = replace(DANA, emails=("a)@x.example",))
    of = follow_up(address, of=meeting("javascript:alert(1)"))
    html = html_of("[mail]({{ person.email }}) [go]({{ meeting.title }})", of)
    assert 'href="javascript:' not in html
    assert 'href="a%29%40x.example"' in html


def test_markup_of_the_template_itself_stays_when_html_is_typed() -> None:
    assert "&lt;i&gt;x&lt;/i&gt;" in html_of("<i>x</i>")


@settings(deadline=None)
@given(
    st.text(max_size=60) | st.text(alphabet="<>*_[]()#-`!&\"'\n 1.ab:/~=+|\\", max_size=60),
    st.text(alphabet="<>*_[]()#-`!&\"'\n 1.ab:/~=+|\\", max_size=30),
)
def test_whatever_a_title_and_a_name_are_the_html_has_no_tag_of_theirs(title: str, name: str) -> None:
    of = follow_up(replace(DANA, name=name, notes=title), of=meeting(title))
    body = "{{ person.name }}\n\n{{ meeting.title }}\n\n{{ person.notes }}\n\nHi {{ meeting.title }}"
    made = note(body, of=of, head="format: markdown\n")
    assert (made.html is None) is (made.gaps > 0)
    assert set(re.findall(r"<([^\s>]*)", made.html or "")) <= {
        "html", "/html", "head", "/head", "meta", "body", "/body", "p", "/p", "br"
    }  # fmt: skip


def test_the_same_inputs_make_the_same_note() -> None:
    assert note("{{ person.tags }} {{ meeting.start }}") == note("{{ person.tags }} {{ meeting.start }}")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        note("x", now=datetime(2026, 3, 3))  # noqa: DTZ001 - the point of the test
