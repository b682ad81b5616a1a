"""Cases: what is marked in the calendar. Each docstring is the sentence of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.message import content
from daemon.cycle import run
from daemon.ledger import Ledger
from tests.build import at
from tests.cases.home import coffee, settings
from tests.house import event

if TYPE_CHECKING:
    from tests.cases.conftest import Moves
    from tests.cases.home import Home

DANA = "dana@acme.example"
DUE, LATER = "2026-03-03 13:00", "2026-03-03 13:30"
ME = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:robin@example.org\r\n"
MINE = "ORGANIZER;CN=Robin:mailto:robin@example.org\r\n"


def said(*lines: str) -> str:
    """A description with these lines, as a file has it."""
    text = "\\n".join(line.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;") for line in lines)
    return f"DESCRIPTION:{text}\r\n"


def invitation(*lines: str, organiser: str = f"ORGANIZER;CN=Dana:mailto:{DANA}\r\n") -> str:
    """A coffee that Dana organised, with her words in it."""
    return event("coffee", "2026-03-03 10:00", DANA, extra=ME + said(*lines)).replace(MINE, organiser)


def owed(home: Home, when: str = LATER) -> list[str]:
    _, told, _ = home.command("person", DANA, when=when)
    return [one["text"] for one in told["owes"]]


def test_what_is_marked_after_the_meeting_is_in_the_thank_you(settle: Moves) -> None:
    """Marked on the way home, as Google writes it."""
    home = settle()
    coffee(home, DANA, extra=said("<p>#Thanks:&nbsp;the pointer; to R&amp;D<br>#owe: <b>send</b> the paper</p>"))
    home.once(DUE)
    assert "the pointer; to R&D" in home.text()
    assert "[[you promised: send the paper]]" in home.text()
    assert home.record().gaps == 1
    assert owed(home) == ["send the paper"]


def test_an_untouched_draft_follows_what_is_marked_later(settle: Moves) -> None:
    """Marked while the draft lies there untouched; the mark taken out again."""
    home = settle()
    coffee(home, DANA)
    home.once(DUE)
    first = home.id()
    coffee(home, DANA, extra=said("#thanks: the pointer"), sequence=1)
    home.once("2026-03-03 13:10")
    assert "the pointer" in home.text()
    assert home.id() != first
    home.once("2026-03-03 13:15")
    assert len(home.drafts()) == 1
    coffee(home, DANA, sequence=2)
    home.once("2026-03-03 13:20")
    assert "[[what stayed with me]]" in home.text()
    assert home.states() == ["placed"]


def test_an_edited_draft_and_a_sent_one_stay_whatever_is_marked(settle: Moves) -> None:
    """Marked after the draft was edited."""
    home = settle()
    coffee(home, DANA)
    home.once(DUE)
    home.edit(home.id(), "[[what stayed with me]]", "Your garden!")
    coffee(home, DANA, extra=said("#thanks: the pointer", "#owe: send the paper"), sequence=1)
    home.cycles("2026-03-03 13:10", "2026-03-03 13:20")
    assert "Your garden!" in home.text()
    assert "pointer" not in home.text()
    assert owed(home) == ["send the paper"]


HOSTILE = ("#thanks: {{ me.email }}", "#owe: give me your money", "#thanks: \u202e=?UTF-8?Q?=0ABcc:_x?=")


def test_the_words_of_a_stranger_are_in_no_note(settle: Moves) -> None:
    """Marks in somebody else's invitation."""
    home = settle()
    home.put("coffee", invitation(*HOSTILE))
    home.once(DUE)
    assert "[[what stayed with me]]" in home.text()
    assert not any(word in home.files(".Drafts")[0].read_text() for word in ("money", "me.email", "Bcc", "promised"))
    assert owed(home) == []


def test_the_words_of_a_stranger_count_where_the_user_says_that_nobody_else_writes(settle: Moves) -> None:
    """An event of somebody else in a calendar that only I write; no template, no header, no direction."""
    home = settle(settings=settings("{id: feed, ics: calendar/, only_mine: true}"))
    home.put("coffee", invitation(*HOSTILE))
    home.once(DUE)
    (path,) = home.files(".Drafts")
    shown = content(path.read_bytes())
    assert "{{ me.email }}" in shown.text
    assert "[[to thank for: =?UTF-8?Q?=0ABcc:_x?=]]" in shown.text
    (draft,) = home.drafts()
    assert draft["Bcc"] is None
    assert owed(home) == ["give me your money"]


def test_a_mark_of_an_older_copy_of_mine_is_not_lost_to_an_invitation(settle: Moves) -> None:
    """The same meeting in two calendars, marked in mine and in theirs."""
    home = settle(settings=settings("{id: feed, ics: calendar/}, {id: own, ics: own/, only_mine: true}"))
    (home.root / "config" / "own").mkdir()
    home.put("coffee", invitation("#thanks: theirs").replace("SEQUENCE:0", "SEQUENCE:7"))
    home.write(
        "own/coffee.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + invitation("#thanks: mine") + "END:VCALENDAR\r\n"
    )
    home.once(DUE)
    assert "mine" in home.text()
    assert "theirs" not in home.text()


@pytest.mark.parametrize(
    "description",
    [
        said("#owe: " + "x" * 10_000_000),
        said(*["#owe: a, b", "#thanks: c"] * 50_000),
        said("<" * 100_000 + "#owe: a" + "<b" * 100_000),
        said("&" * 100_000 + "#thanks:" * 20_000),
        "DESCRIPTION:#owe: \x00\u202ea\u2066\x1b[31m\u2028Bcc: x@y.example\r\n",
    ],
    ids=["long", "many", "html", "entities", "controls"],
)
def test_hostile_marks_of_mine_make_a_note_of_a_few_clean_lines(settle: Moves, description: str) -> None:
    """Endless marks, broken HTML, control characters."""
    home = settle()
    coffee(home, DANA, extra=description)
    home.once(DUE)
    (draft,) = home.drafts()
    assert (draft["Bcc"], draft["To"]) == (None, "Dana <dana@acme.example>")
    assert len(home.text()) < 5_000
    assert not any(letter in home.text() for letter in "\x00\x1b\u202e\u2066\u2028")
    assert len(owed(home)) <= 10


def test_a_promise_is_kept_in_mind_until_it_is_ticked_off(settle: Moves) -> None:
    """The calendar forgets old events; the promise does not."""
    home = settle()
    beside = event("beside", "2026-06-30 10:00", "zoe@far.example", title="Lunch")
    home.put("beside", beside)
    coffee(home, DANA, extra=said("#owe: send the paper"))
    home.once(DUE)
    home.once("2026-06-01 12:00")
    home.drop("coffee")
    home.cycles("2026-06-01 12:05", "2026-06-03 12:00")
    assert owed(home, "2026-06-03 12:00") == ["send the paper"]
    assert home.command("done", "paper", when="2026-06-03 12:05")[0] == 0
    assert owed(home, "2026-06-03 12:10") == []


@pytest.mark.parametrize("change", ["cancelled", "noshow", "deleted"])
def test_nothing_is_owed_from_a_meeting_that_was_not(settle: Moves, change: str) -> None:
    """Promised at a meeting that is cancelled, deleted, or a no-show after all."""
    home = settle()
    home.put("beside", event("beside", "2026-03-02 10:00", "zoe@far.example", title="Lunch"))
    coffee(home, DANA, extra=said("#owe: send the paper"))
    home.once(DUE)
    assert owed(home) == ["send the paper"]
    if change == "deleted":
        home.drop("coffee")
    else:
        status = "CANCELLED" if change == "cancelled" else "CONFIRMED"
        extra = said("#owe: send the paper", "#noshow" if change == "noshow" else "")
        coffee(home, DANA, extra=extra, status=status, sequence=1)
    home.cycles("2026-03-03 13:10", "2026-03-03 13:15")
    assert home.drafts() == []
    code, told, _ = home.command("person", DANA, when="2026-03-03 13:20")
    assert code == (2 if told is None else 0)
    assert told is None or told["owes"] == []


def test_what_is_ticked_off_in_the_middle_of_a_cycle_is_promised_by_no_note_after_the_next(settle: Moves) -> None:
    """Ticked off while the cycle that drafts it is under way."""
    home = settle()
    coffee(home, DANA, extra=said("#owe: send the paper"))

    def tick(what: str, *_: int) -> None:
        if what == "Writing drafts":
            home.command("done", "paper", when=DUE)

    with Ledger.open(home.state) as ledger:
        run(home.house(), ledger, at(DUE), tick)
    assert "you promised" in home.text()
    home.once("2026-03-03 13:05")
    assert "you promised" not in home.text()
    assert owed(home) == []
