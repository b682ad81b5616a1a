"""Cases: people. Each docstring is the sentence of the case."""

from __future__ import annotations

from email.utils import getaddresses
from typing import TYPE_CHECKING

import pytest

from tests.cases.home import Home, coffee, rule, settings
from tests.house import event

if TYPE_CHECKING:
    from tests.cases.conftest import Moves

ANA, BEN, CEM = "ana@one.example", "ben@two.example", "cem@three.example"
BEFORE, DUE, LATER = "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"
TEN = "2026-03-03 10:00"
BESIDE = event("beside", "2026-04-01 10:00", "zoe@far.example", title="Lunch")
"""Another event that the calendar goes on to show."""


def addresses(home: Home) -> list[str]:
    return sorted(email for draft in home.drafts() for _, email in getaddresses([str(draft["To"])]))


# --- Who counts ----------------------------------------------------------------------------------------------


ALL_DAY = (
    "BEGIN:VEVENT\r\nUID:fair\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20260303\r\n"
    "DTEND;VALUE=DATE:20260304\r\nSUMMARY:Coffee fair\r\nATTENDEE:mailto:ana@one.example\r\nEND:VEVENT\r\n"
)


def test_an_all_day_event_is_no_meeting_by_default(settle: Moves) -> None:
    """All-day events."""
    home = settle()
    home.put("fair", ALL_DAY)
    home.cycles("2026-03-04 02:00", "2026-03-04 13:00")
    assert home.drafts() == []


def test_an_all_day_event_ends_at_midnight_in_my_zone_where_the_rule_asks_for_it(settle: Moves) -> None:
    """All-day events, where a rule asks for them."""
    home = settle(rule(when="{all_day: true}"))
    home.put("fair", ALL_DAY)
    home.once("2026-03-04 01:59")
    assert home.drafts() == []
    home.once("2026-03-04 02:00")
    assert home.to() == [ANA]
    assert "on Tuesday" in home.text()


def test_an_event_without_attendees_is_no_meeting(settle: Moves) -> None:
    """Events without attendees."""
    home = settle()
    coffee(home)
    home.once(DUE)
    assert home.drafts() == []


def test_an_event_without_attendees_is_with_the_one_person_whom_its_title_names(settle: Moves) -> None:
    """Events without attendees: a name in the title that belongs to exactly one person of the address books."""
    home = settle(people="people:\n  - {name: Dana Okafor, emails: [dana@acme.example]}\n")
    coffee(home, title="Coffee with Dana")
    home.once(DUE)
    assert home.to() == ["dana@acme.example"]


def test_a_name_that_two_people_have_names_nobody(settle: Moves) -> None:
    """Events without attendees: a name that belongs to two people is nobody's."""
    book = (
        "people:\n  - {name: Dana Okafor, emails: [dana@a.example]}\n  - {name: Dana Ruiz, emails: [dana@b.example]}\n"
    )
    home = settle(people=book)
    coffee(home, title="Coffee with Dana")
    home.once(DUE)
    assert home.drafts() == []


@pytest.mark.parametrize("kind", ["ROOM", "RESOURCE", "GROUP"])
def test_an_event_with_only_a_room_a_resource_or_a_list_is_no_meeting(settle: Moves, kind: str) -> None:
    """Events where only rooms, resources or lists are invited."""
    home = settle()
    thing = f"ATTENDEE;CUTYPE={kind};PARTSTAT=ACCEPTED:mailto:thing@one.example\r\n"
    coffee(home, extra=thing)
    home.once(DUE)
    assert home.drafts() == []


def test_a_non_participant_gets_no_note(settle: Moves) -> None:
    """Rooms, resources, lists; and those who are only told of it."""
    home = settle()
    coffee(home, ANA, extra="ATTENDEE;ROLE=NON-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:ben@two.example\r\n")
    home.once(DUE)
    assert home.to() == [ANA]


def invitation(answer: str, *, uid: str = "invited", title: str = "Coffee", start: str = "20260303T100000Z") -> str:
    """Somebody else's meeting, with my answer."""
    me = f"ATTENDEE;PARTSTAT={answer}:mailto:robin@work.example\r\n" if answer else ""
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\n"
        f"SUMMARY:{title}\r\nORGANIZER;CN=Ana:mailto:{ANA}\r\n{me}END:VEVENT\r\n"
    )


@pytest.mark.parametrize(
    ("answer", "notes"), [("DECLINED", []), ("NEEDS-ACTION", []), ("TENTATIVE", []), ("", []), ("ACCEPTED", [ANA])]
)
def test_a_meeting_of_others_counts_where_i_accepted_it(settle: Moves, answer: str, notes: list[str]) -> None:
    """I declined, or never answered."""
    home = settle()
    home.put("invited", invitation(answer))
    home.once(DUE)
    assert home.to() == notes


def test_a_note_comes_from_the_address_that_was_invited(settle: Moves) -> None:
    """One person with several addresses: that holds for me as well."""
    home = settle()
    home.put("invited", invitation("ACCEPTED"))
    home.once(DUE)
    (draft,) = home.drafts()
    assert "robin@work.example" in str(draft["From"])
    assert str(draft["Message-ID"]).endswith("@work.example>")


def test_i_decline_after_the_draft_was_made_and_it_is_withdrawn(settle: Moves) -> None:
    """I declined, after the draft was made."""
    home = settle()
    home.put("invited", invitation("ACCEPTED"))
    home.once(DUE)
    home.put("invited", invitation("DECLINED"))
    home.once(LATER)
    assert home.drafts() == []


def test_they_declined_and_get_no_note(settle: Moves) -> None:
    """They declined."""
    home = settle()
    coffee(home, ANA, answer="DECLINED")
    home.once(DUE)
    assert home.drafts() == []


@pytest.mark.parametrize("when", [BEFORE, DUE])
def test_one_of_several_drops_out_and_only_that_note_goes(settle: Moves, when: str) -> None:
    """One of several drops out, before and after the drafts were made."""
    home = settle()
    coffee(home, ANA, BEN)
    home.once(when)
    coffee(home, ANA, sequence=1, extra=f"ATTENDEE;CN=Ben;PARTSTAT=DECLINED:mailto:{BEN}\r\n")
    home.once(LATER)
    assert home.to() == [ANA]


def test_one_of_a_group_drops_out_and_the_group_note_goes_without_them(settle: Moves) -> None:
    """One of several drops out of a meeting with a note to all."""
    home = settle(rule(to="all"))
    coffee(home, ANA, BEN, CEM)
    home.once(DUE)
    assert addresses(home) == [ANA, BEN, CEM]
    coffee(home, ANA, BEN, sequence=1, extra=f"ATTENDEE;CN=Cem;PARTSTAT=DECLINED:mailto:{CEM}\r\n")
    home.cycles(LATER, "2026-03-03 14:00")
    assert addresses(home) == [ANA, BEN]


# --- Two of everything ---------------------------------------------------------------------------------------


ALSO = "{title: [coffee, lunch]}"
"""Conditions of another rule that takes a coffee, and not all that the first takes: `check` would refuse that."""


def test_two_rules_on_one_meeting_make_one_note_of_one_template(settle: Moves) -> None:
    """Two rules on one meeting: the same template for the same person is drafted once over all rules."""
    home = settle(rule("one") + rule("two", when=ALSO).removeprefix("rules:\n"))
    coffee(home, ANA)
    home.cycles(DUE, LATER)
    assert home.to() == [ANA]
    assert home.record().rule == "one"


def test_two_rules_on_one_meeting_with_two_templates_each_act(settle: Moves) -> None:
    """Two rules on one meeting: rules are independent, each that matches acts."""
    home = settle(rule("one") + rule("two", template="news").removeprefix("rules:\n"))
    coffee(home, ANA)
    home.once(DUE)
    assert home.subjects() == ["Hello again, Ana", "Thank you, Ana"]


def test_a_veto_binds_both_rules(settle: Moves) -> None:
    """Two rules on one meeting: a note deleted under one is not made under the other."""
    home = settle(rule("one") + rule("two", when=ALSO, after="3 hours").removeprefix("rules:\n"))
    coffee(home, ANA)
    home.once(DUE)
    home.move(home.id(), ".Trash")
    home.cycles(LATER, "2026-03-03 14:00", "2026-03-04 14:00")
    assert home.drafts() == []


TWO = settings("{id: feed, ics: calendar/}, {id: work, ics: work/}")


def two_calendars(settle: Moves, first: str, second: str) -> Home:
    home = settle(settings=TWO)
    (home.root / "config" / "work").mkdir()
    home.put("meeting", first)
    (home.root / "config" / "work" / "meeting.ics").write_text(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{second}END:VCALENDAR\r\n"
    )
    return home


def test_the_same_meeting_in_two_calendars_is_one(settle: Moves) -> None:
    """The same meeting in two calendars, under one UID."""
    home = two_calendars(settle, event("m", TEN, ANA), event("m", TEN, ANA))
    home.cycles(DUE, LATER)
    assert home.to() == [ANA]


def test_the_same_time_and_people_under_two_uids_are_one_meeting(settle: Moves) -> None:
    """The same meeting in two calendars, under two UIDs."""
    home = two_calendars(settle, event("m", TEN, ANA), event("n", TEN, ANA, title="Coffee (copy)"))
    home.cycles(DUE, LATER)
    assert home.to() == [ANA]


def test_a_copy_that_is_merely_gone_does_not_cancel_the_other(settle: Moves) -> None:
    """The same meeting in two calendars, deleted in one."""
    home = two_calendars(settle, event("m", TEN, ANA) + BESIDE, event("m", TEN, ANA))
    home.once(DUE)
    home.put("meeting", BESIDE)
    home.cycles(LATER, "2026-03-05 14:00")
    assert home.to() == [ANA]


def test_a_copy_that_cancels_in_a_newer_revision_speaks_for_both(settle: Moves) -> None:
    """The same meeting in two calendars, cancelled in one."""
    home = two_calendars(settle, event("m", TEN, ANA), event("m", TEN, ANA))
    home.once(DUE)
    home.put("meeting", event("m", TEN, ANA, sequence=2, status="CANCELLED"))
    home.once(LATER)
    assert home.drafts() == []


def test_the_same_uid_behind_two_addresses_of_one_person_is_one_note(settle: Moves) -> None:
    """The same UID behind two addresses: one copy invites the one address, one the other."""
    home = two_calendars(settle, event("m", TEN, "dana@acme.example"), event("m", TEN, "dana@home.example"))
    home.write("people.yaml", "people:\n  - {name: Dana, emails: [dana@acme.example, dana@home.example]}\n")
    home.cycles(DUE, LATER)
    assert len(home.drafts()) == 1


def test_one_person_with_several_addresses_upper_case_gets_one_note(settle: Moves) -> None:
    """One person with several addresses, upper case."""
    home = settle(people="people:\n  - {name: Dana Okafor, emails: [Dana@Acme.example, dana@home.example]}\n")
    coffee(home, "DANA@ACME.EXAMPLE", "dana@home.example", "dana@acme.example")
    home.once(DUE)
    assert home.to() == ["dana@acme.example"]


@pytest.mark.parametrize("book", ["people: []\n", "people:\n  - {name: Dana Okafor, emails: [dana@acme.example]}\n"])
def test_a_plus_tag_makes_nobody_another_person(settle: Moves, book: str) -> None:
    """One person with plus-tags, known to a book or not; mine make me nobody else either."""
    home = settle(rule(by=""), people=book)
    coffee(home, "dana+cal@acme.example", "dana@acme.example", "robin+cal@example.org")
    home.once(DUE)
    assert home.to() == ["dana+cal@acme.example"]  # as the calendar has her
    home.move(home.id(), ".Sent")
    home.once(LATER)
    coffee(home, "dana@acme.example", sequence=1)
    home.cycles("2026-03-03 14:00", "2026-03-04 14:00")
    assert home.drafts() == []


def test_one_person_in_two_address_books_is_one_and_the_first_book_wins(settle: Moves) -> None:
    """One person in two address books: a vCard and a people file, joined by one address."""
    text = settings().replace("{people: people.yaml}", "{vcards: cards.vcf}, {people: people.yaml}")
    home = settle(settings=text, people="people:\n  - {name: Nobody Else, emails: [d@two.example, d@three.example]}\n")
    card = "VERSION:3.0\nFN:Dana Okafor\nN:Okafor;Dana;;;\nEMAIL:d@one.example\nEMAIL:D@two.example\n"
    home.write("cards.vcf", f"BEGIN:VCARD\n{card}END:VCARD\n")
    coffee(home, "d@one.example", "d@two.example", "d@three.example")
    home.once(DUE)
    assert home.subjects() == ["Thank you, Dana"]


def test_a_person_not_to_be_contacted_gets_nothing_and_neither_does_the_group_note_name_them(settle: Moves) -> None:
    """A neighbour: do_not_contact, alone and in a group."""
    home = settle(rule(to="all"), people=f"people:\n  - {{name: Ana, emails: [{ANA}], do_not_contact: true}}\n")
    coffee(home, ANA, BEN)
    coffee(home, ANA, name="alone", start="2026-03-03 08:00")
    home.once(DUE)
    assert addresses(home) == [BEN]


# --- Names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Ana", "Ana"),
        ("Maria da Silva Santos", "Maria"),
        ('"Okafor, Dana"', "Dana"),
        ("山田太郎", "山田太郎"),
        ("Ольга Иванова", "Ольга"),
        ("", "[[name]]"),
        ('"x@one.example"', "[[name]]"),
    ],
)
def test_a_name_is_greeted_as_its_bearer_would_be(settle: Moves, name: str, greeted: str) -> None:
    """A name of one word, of four words, "Okafor, Dana", in another script, empty, or an address."""
    home = settle()
    said = f";CN={name}" if name else ""
    coffee(home, extra=f"ATTENDEE{said};PARTSTAT=ACCEPTED:mailto:x@one.example\r\n")
    home.once(DUE)
    assert home.text().startswith(f"Dear {greeted},\n")
    assert home.subjects() == [f"Thank you, {greeted}"]


def test_twenty_people_met_on_one_day_get_their_own_name_and_no_other_address(settle: Moves) -> None:
    """Twenty people met on one day; each gets their own name, and nobody sees another's address."""
    home = settle()
    people = [f"p{number:02}@host{number:02}.example" for number in range(20)]
    for number, email in enumerate(people):
        coffee(home, email, start=f"2026-03-03 {8 + number // 4:02}:{15 * (number % 4):02}", name=email, minutes=15)
    home.once("2026-03-03 16:00")
    assert home.to() == people
    for path in home.files(".Drafts"):
        raw = path.read_text()
        (mine,) = [email for email in people if email in raw]
        assert f"Dear {mine.partition('@')[0].title()}," in raw


def test_twenty_people_of_one_meeting_each_get_their_own_note(settle: Moves) -> None:
    """Twenty people met on one day, in one meeting: the addresses of the others stand nowhere."""
    home = settle()
    people = [f"p{number:02}@host{number:02}.example" for number in range(20)]
    coffee(home, *people)
    home.once(DUE)
    assert home.to() == people
    assert all(sum(email in path.read_text() for email in people) == 1 for path in home.files(".Drafts"))


def test_without_a_deadline_twenty_notes_come_eight_a_day(settle: Moves) -> None:
    """Twenty people met on one day: without `by` no more than `per_day` a day, and none is lost."""
    home = settle(rule(by=""))
    coffee(home, *(f"p{number:02}@host{number:02}.example" for number in range(20)))
    counts = [len(home.once(f"2026-03-{day:02} 13:00").placed) for day in (3, 4, 5, 6)]
    assert counts == [8, 8, 4, 0]
