"""What a list of drafts shows of each, and what is told of one that is opened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.ledger import Ledger
from daemon.review.card import Press, cards
from daemon.review.opened import Known, opened
from daemon.sight import ahead, at_drafts
from rules.almanac import Almanac
from rules.history import State
from tests.build import ZONE, at
from tests.daemon.cli.conftest import drafted, home
from tests.house import event

if TYPE_CHECKING:
    from daemon.review.card import Card
    from daemon.review.opened import Opened
    from rules.history import Record
    from tests.daemon.cli.conftest import Home

__all__ = ["drafted", "home"]
LISBON = Almanac(ZONE)
LATER = "2026-03-03 19:00"


def records(home: Home) -> tuple[Record, ...]:
    with Ledger.open(home.household.state, write=False) as ledger:
        return ledger.records()


def only(home: Home, when: str = LATER) -> Card:
    (found,) = cards(records(home), LISBON, at(when))
    return found


def open_it(home: Home, when: str = LATER) -> Opened:
    now = at(when)
    with Ledger.open(home.household.state, write=False) as ledger:
        sight = ahead(home.household.house(), ledger, now, now, fresh=False)
        (record,) = (one for one in sight.records if one.state is State.PLACED and one.to[0].name == "Dana")
        return opened(sight, ledger, record)


def test_a_card_tells_whom_because_of_what_and_how_much_time_is_left(drafted: Home) -> None:
    card = only(drafted)
    assert (card.who, card.subject, card.meeting) == ("Dana", "Thank you, Dana", "Coffee with Dana")
    assert card.when == "Tue 3 March 15:00"
    assert (card.time, card.left, card.press) == ("on its way by Wed 16:00, in 21 h", "in 21 h", Press.SOON)
    assert (card.gaps, card.step, card.state) == (1, "soft, thank-you", State.PLACED)


def test_time_that_has_passed_is_told_as_late_and_then_as_stale(drafted: Home) -> None:
    late = only(drafted, "2026-03-05 18:00")
    assert (late.time, late.press) == ("was to be on its way by Wed 16:00, 26 h ago", Press.LATE)
    (record,) = (one for one in records(drafted) if one.state is State.PLACED)
    (stale,) = cards([replace(record, by=None)], LISBON, at("2026-03-20 12:00"))
    assert (stale.time, stale.stale, stale.press) == ("stale: no longer worth sending", True, Press.NONE)
    (unhurried,) = cards([replace(record, by=None)], LISBON, at(LATER))
    assert unhurried.time == "no deadline; worth sending until Tue 10 March"
    (brief,) = cards([replace(record, by=None, to_me=True)], LISBON, at(LATER))
    assert brief.time == "no deadline; worth reading until Tue 10 March"


def test_the_nearest_deadline_comes_first_and_what_has_none_last(drafted: Home) -> None:
    (record,) = (one for one in records(drafted) if one.state is State.PLACED)
    assert record.by is not None
    near = replace(record, id="near", by=at("2026-03-03 20:00"))
    never = replace(record, id="never", by=None, expires=at("2026-03-03 19:30"))
    put_off = replace(record, id="off", state=State.SNOOZED, by=None, snoozed_until=at("2026-03-05 09:00"))
    sent = replace(record, id="sent", state=State.SENT)
    several = [never, sent, record, put_off, near]
    assert [one.id for one in cards(several, LISBON, at(LATER))] == ["near", record.id, "never"]
    assert [one.time for one in cards([put_off], LISBON, at(LATER), snoozed=True)] == ["snoozed; comes back Thu 09:00"]


def test_hostile_text_is_one_clean_line(drafted: Home) -> None:
    (record,) = (one for one in records(drafted) if one.state is State.PLACED)
    assert record.meeting is not None
    bad = "a\u202eb\x1b[31mc\r\nd\0[red]"
    harmed = replace(record, subject=bad, meeting=replace(record.meeting, title=bad))
    (card,) = cards([harmed], LISBON, at(LATER))
    assert card.subject == card.meeting == "ab[31mc d[red]"


def test_a_draft_that_is_opened_tells_the_meeting_the_person_and_the_reason(drafted: Home) -> None:
    drafted.household.put(
        "dana",
        event(
            "u1",
            "2026-03-03 15:00",
            "dana@acme.example",
            "kim@acme.example",
            title="Coffee with Dana",
            extra="LOCATION:The corner\r\nDESCRIPTION:About data\r\n",
            sequence=1,
        ),
    )
    drafted.household.write(
        "people.yaml", "people: [{name: Dana, emails: [dana@acme.example], tags: [network], notes: Hires in spring}]\n"
    )
    drafted.household.deliver("dana@acme.example", "2026-03-02 08:00", "See you tomorrow")
    assert drafted.run("2026-03-03 18:30", "note", "Dana", "Likes tea").code == 0
    drafted.once("2026-03-03 18:40")
    told = open_it(drafted)
    assert told.why == "2 hours after 'Coffee with Dana' ended"
    assert told.why_now.startswith("due Tue 3 March 18:00; laid into Drafts Tue 3 March 18:00; is to be on its way by")
    assert told.where is not None
    assert told.where.words == "rules/rules.yaml:5"
    assert told.meeting is not None
    assert (told.meeting.location, told.meeting.description, told.meeting.minutes) == ("The corner", "About data", 60)
    assert told.meeting.others == ("Kim",)
    (dana,) = told.people
    assert (dana.last, dana.met, dana.tags) == ("Tue 3 March, met", 1, ("network",))
    assert dana.wrote is not None
    assert (dana.wrote.subject, dana.wrote.when) == ("See you tomorrow", "Mon 2 March 08:00")
    assert dana.notes == (("", "Hires in spring"), ("Tue 3 March", "Likes tea"))
    assert told.placed is not None
    assert told.placed.text.startswith("Dear Dana,")
    assert [one.cause for one in told.history] == ["2 hours after 'Coffee with Dana' ended"]


def test_with_a_wrong_configuration_a_draft_still_opens(drafted: Home) -> None:
    drafted.household.write("afterword.yaml", "version: 1\n")
    with Ledger.open(drafted.household.state, write=False) as ledger:
        sight = at_drafts(drafted.household.root / "config", ledger, at(LATER))
        told = opened(sight, ledger, cards(sight.records, sight.almanac, sight.now)[0].record)
    assert told.people == (Known("Dana", "dana@acme.example"),)
    assert (told.where, told.meeting and told.meeting.title) == (None, "Coffee with Dana")
