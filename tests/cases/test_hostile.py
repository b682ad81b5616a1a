"""Cases: hostile input. Each docstring is the sentence of the case."""

from __future__ import annotations

import os
import re
import time
from email import message_from_bytes, policy
from email.utils import getaddresses
from itertools import count
from typing import TYPE_CHECKING

import pytest

from connectors.calendars.ics import IcsAddress
from connectors.web import plain
from daemon.connect import Connect
from rules.history import State
from tests.build import at
from tests.cases.home import Home, rule, settings
from tests.connectors.calendars.web import reply, serving
from tests.house import calendar, event
from tests.thorough import some

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.cases.conftest import Moves

ANA = "ana@one.example"
MET, BEFORE, DUE, SOON = "2026-03-03 10:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"
GOOD = event("good", MET, ANA)
TITLED = (
    "---\nsubject: Thank you for '{{ meeting.title }}'\n---\nDear {{ person.first_name }},\n\n{{ meeting.title }}.\n"
)
FIELDS = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]


def placed(home: Home) -> list[EmailMessage]:
    """The drafts as a mail program of today reads them."""
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in home.files(".Drafts")]


def harmless(draft: EmailMessage) -> bool:
    """Whether the message has the fields that it should have, and one recipient."""
    to = [email for name in ("To", "Cc", "Bcc") for _, email in getaddresses([str(v) for v in draft.get_all(name, [])])]
    return {name.lower() for name in draft} <= {name.lower() for name in FIELDS} and len(to) == 1


# --- Words that would be headers, markup or templates ----------------------------------------------------------


TITLES = {
    "an encoded word": "Café =?UTF-8?Q?=0ABcc:_evil@x.example?=",
    "an encoded word in base64": "Coffee =?utf-8?b?DQpCY2M6IGV2aWxAeC5leGFtcGxl?=",
    "an escaped line end": "Coffee\\nBcc: evil@x.example\\n\\nBody",
    "a carriage return": "Coffee\rBcc: evil@x.example",
    "NUL": "Coffee\0Bcc: evil@x.example",
    "line separators": "Coffee\u2028Bcc: evil@x.example\u2029\x85X: y\x0b\x0c",
    "bidi controls": "Coffee \u202egnp.exe\u202c \u2066x\u2069",
    "a template": "{{ 7*7 }} {% for x in range(9) %}x{% endfor %} {# coffee #}",
    "a template of the sandbox": "{{ ''.__class__.__mro__ }} {{ me.signature }} {{ person.email }}",
    "HTML": "<script>alert(1)</script><img src=x onerror=y> & <b>bold</b>",
    "markdown": "[click](javascript:alert(1)) ![x](http://evil.example/x.png) **b** `c` <http://evil.example>",
    "half a surrogate": "Coffee \\ud800",
    "a gap": "Coffee [[fill this]]",
}


@pytest.mark.parametrize("case", some(TITLES, 2))
@pytest.mark.parametrize("markdown", [False, True], ids=["plain", "markdown"])
def test_a_hostile_title_is_words_and_nothing_else(settle: Moves, case: str, markdown: bool) -> None:
    """An encoded word makes a real Bcc unless it is defused; CR, LF, NUL, bidi controls, templates, HTML in a title."""
    home = settle(rule(when="{}"))
    head = TITLED.replace("\n---\nDear", "\nformat: markdown\n---\nDear") if markdown else TITLED
    home.write("templates/thank-you.md", head)
    home.raw("hostile.ics", calendar(event("hostile", MET, ANA, title=TITLES[case])).encode("utf-8", "surrogatepass"))
    home.once(DUE)
    (draft,) = placed(home)
    assert harmless(draft)
    subject = str(draft["Subject"])
    assert not any(mark in subject for mark in "\r\n\0\u2028\u2029\u202e\u2066\x85")
    plain = draft.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert not any(mark in text for mark in "\0\u2028\u2029\u202e\u2066\x85")
    if "template" in case:
        assert "{{" in subject
        assert "49" not in subject
        assert "xxxx" not in text
        assert "Robin" not in text.splitlines()[2]
    html = draft.get_body(("html",))
    assert (html is not None) == (markdown and case != "a gap")
    if html is not None:
        assert not re.search(r"<(script|img|b|a|strong|code)\b", html.get_content(), re.IGNORECASE)


@pytest.mark.parametrize("case", some(TITLES, 2))
def test_a_hostile_name_is_words_and_nothing_else(settle: Moves, case: str) -> None:
    """CR, LF, NUL, bidi controls in a name; an encoded word in a name."""
    home = settle()
    name = TITLES[case].replace('"', "'")
    attendee = f'ATTENDEE;CN="{name}";PARTSTAT=ACCEPTED:mailto:{ANA}\r\n'
    raw = calendar(event("hostile", MET, extra=attendee), event("good", "2026-03-03 08:00", "ben@two.example"))
    home.raw("hostile.ics", raw.encode("utf-8", "surrogatepass"))
    home.once(DUE)
    drafts = placed(home)
    assert all(harmless(draft) for draft in drafts)
    assert "ben@two.example" in home.to()
    for draft in drafts:
        assert not any(mark in str(draft["To"]) + str(draft["Subject"]) for mark in "\r\n\0\u2028\u202e\x85")


ADDRESSES = [
    "ana@one.example\\nBcc: evil@x.example", "ana@one.example,evil@x.example", "ana@one.example%0ABcc:evil@x.example",
    "<ana@one.example>", "ana @one.example", "ana\0@one.example", "\u202eana@one.example", "=?utf-8?q?a?=@one.example",
    "ana@one.example?bcc=evil@x.example", "not-an-address", "@", "a@b@c.example", "ana@one.example;evil@x.example",
    "a" * 5000 + "@one.example", "ana@" + "b" * 5000, '"a b"@one.example', "ana@[127.0.0.1]", "Ana <ana@one.example>",
]  # fmt: skip


@pytest.mark.parametrize("address", some(ADDRESSES, 3), ids=count())
def test_a_hostile_address_never_becomes_another_recipient(settle: Moves, address: str) -> None:
    """CR, LF, NUL, bidi controls, megabytes in an address: one recipient or none, and the rest goes on."""
    home = settle()
    attendee = f"ATTENDEE;CN=X;PARTSTAT=ACCEPTED:mailto:{address}\r\n"
    home.put("hostile", event("hostile", MET, extra=attendee), event("good", MET, "ben@two.example"))
    home.once(DUE)
    drafts = placed(home)
    assert all(harmless(draft) for draft in drafts)
    assert "ben@two.example" in home.to()
    assert not any(email == "evil@x.example" for _, email in getaddresses([str(draft["To"]) for draft in drafts]))


@pytest.mark.parametrize(
    "uid", ["a\\nb", "a\0b", "\u202ea", "x" * 1_000_000, "", "../../etc/passwd", "a\x1fb", "'; --"]
)
def test_a_hostile_uid_is_a_name_and_no_more(settle: Moves, uid: str) -> None:
    """CR, LF, NUL, bidi controls, megabytes in a UID: drafted once, and known again."""
    home = settle()
    home.put("hostile", event(uid, MET, ANA))
    home.once(DUE)
    assert home.to() == [ANA]
    home.once(SOON)
    home.move(home.id(), ".Sent")
    home.cycles("2026-03-03 14:00", "2026-03-03 15:00")
    assert (home.drafts(), home.states()) == ([], [State.SENT])


@pytest.mark.parametrize("field", ["SUMMARY", "DESCRIPTION", "LOCATION", "UID", "X-THING", "COMMENT", "ATTENDEE;CN=X"])
def test_ten_megabytes_in_a_field_harm_nothing(settle: Moves, field: str) -> None:
    """10 MB in title, name, UID, address: quick, short, and the rest goes on."""
    home = settle()
    home.write("templates/thank-you.md", TITLED)
    monster = GOOD.replace("UID:good", f"UID:big\r\n{field}:{'coffee ' * 1_500_000}")
    home.put("big", monster)
    home.put("good", event("fine", "2026-03-03 08:00", "ben@two.example"))
    begun = time.monotonic()
    home.once(DUE)
    assert time.monotonic() - begun < 20
    assert "ben@two.example" in home.to()
    assert all(len(path.read_bytes()) < 3_000 for path in home.files(".Drafts"))


def test_ten_megabytes_of_name_harm_nothing(settle: Moves) -> None:
    """10 MB in a name."""
    home = settle()
    attendee = f"ATTENDEE;CN={'x' * 10_000_000};PARTSTAT=ACCEPTED:mailto:{ANA}\r\n"
    home.put("big", event("big", MET, extra=attendee))
    home.put("good", event("fine", "2026-03-03 08:00", "ben@two.example"))
    home.once(DUE)
    assert "ben@two.example" in home.to()
    assert all(len(path.read_bytes()) < 3_000 for path in home.files(".Drafts"))


# --- Strangers -------------------------------------------------------------------------------------------------


def stranger(number: int, answer: str = "NEEDS-ACTION") -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:spam-{number}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260303T100000Z\r\n"
        f"DURATION:PT1H\r\nSUMMARY:Coffee {number}\r\nORGANIZER:mailto:spam{number}@evil{number}.example\r\n"
        f"ATTENDEE;PARTSTAT={answer}:mailto:robin@example.org\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:victim{number}@other.example\r\nEND:VEVENT\r\n"
    )


def test_an_invitation_from_a_stranger_is_no_meeting(settle: Moves) -> None:
    """An invitation from a stranger: recipients come only from meetings that I organised or accepted."""
    home = settle()
    home.put("spam", stranger(1))
    home.once(DUE)
    assert home.files(".Drafts") == []


def test_a_thousand_invitations_from_strangers_are_quick_and_draft_nothing(settle: Moves) -> None:
    """A thousand invitations from strangers: no drafts, and quick; the good meeting among them gets its note."""
    home = settle()
    home.put("spam", *(stranger(number) for number in range(1000)), GOOD)
    begun = time.monotonic()
    home.once(DUE)
    assert home.to() == [ANA]
    assert time.monotonic() - begun < 20
    begun = time.monotonic()
    home.once(SOON)
    assert time.monotonic() - begun < 5


# --- Bombs and broken events -----------------------------------------------------------------------------------


BOMBS = {
    "every second": "FREQ=SECONDLY",
    "interval 0": "FREQ=DAILY;INTERVAL=0",
    "dense": "FREQ=DAILY;BYHOUR={0};BYMINUTE={1};BYSECOND={1}".format(
        ",".join(map(str, range(24))), ",".join(map(str, range(60)))
    ),
    "count": "FREQ=MINUTELY;COUNT=1000000000",
    "30 February": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_is_set_aside_told_once_and_the_rest_goes_on(settle: Moves, case: str) -> None:
    """SECONDLY, INTERVAL=0, dense rules, a COUNT of a billion, 30 February: set aside with file and UID."""
    home = settle(rule(when="{recurring: any, title: coffee}"))
    home.put("bomb", event("the-bomb", "2026-03-01 10:00", "x@bomb.example", extra=f"RRULE:{BOMBS[case]}\r\n"))
    home.put("good", GOOD)
    code, told, _ = home.command("once", when=DUE)
    assert ANA in home.to()
    if case == "30 February":  # nothing is ever met: the first date stands alone, or the event is told of
        assert code in {0, 1}
        return
    assert code == 1
    (problem,) = told["problems"]
    assert problem["file"].endswith("bomb.ics")
    assert "the-bomb" in problem["message"]
    code, told, _ = home.command("once", when=SOON)
    assert (code, told["problems"]) == (0, [])
    _, status, _ = home.command("status", when=SOON)
    assert ["the-bomb" in one["message"] for one in status["problems"]] == [True]


@pytest.mark.parametrize("until", ["99991231", "99991231T235959Z", "99991231T235959", "20260303"])
def test_a_series_until_the_end_of_time_is_one_without_end(settle: Moves, until: str) -> None:
    """A neighbour: programs without a word for an endless series write UNTIL=99991231."""
    home = settle(rule(when="{recurring: true}"))
    home.put("series", event("series", MET, ANA, extra=f"RRULE:FREQ=WEEKLY;UNTIL={until}\r\n"))
    code, told, _ = home.command("once", when=DUE)
    assert (code, told["problems"]) == (0, [])
    assert home.to() == [ANA]
    home.move(home.id(), ".Sent")
    home.once("2026-03-10 13:00")
    assert home.to() == ([] if until == "20260303" else [ANA])


ODD_TIMES = [
    "DTSTART:99991231T235959Z\r\nDURATION:P1D", "DTSTART:00010101T000000Z\r\nDURATION:PT1H",
    "DTSTART:20260303T100000Z\r\nDURATION:P99999999D", "DTSTART:20260303T100000Z\r\nDTEND:99991231T235959Z",
    "DTSTART;VALUE=DATE:99991231", "DTSTART:20260303T100000Z\r\nDURATION:-PT1H", "DTSTART:20260303T246060Z",
    "DTSTART:99991201T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY",
    "DTSTART:00010101T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY",
    "DTSTART:20260303T100000Z\r\nSEQUENCE:99999999999999999999999", "DTSTART:20260303T100000Z\r\nSEQUENCE:-5",
    "DTSTART:20260303T100000Z\r\nLAST-MODIFIED:00010101T000000",
    "DTSTART:20260303T100000Z\r\nRDATE:99991231T235959Z,00010101T000000Z",
]  # fmt: skip


@pytest.mark.parametrize("lines", some(ODD_TIMES, 3), ids=count())
def test_a_time_at_the_edge_of_time_stops_nothing(settle: Moves, lines: str) -> None:
    """A neighbour: the years 1 and 9999, endless durations, numbers without end: the rest goes on."""
    zone = settings().replace("Europe/Lisbon", "Pacific/Kiritimati")
    home = settle(rule(when="{recurring: any, all_day: any}", after="2 months", by=""), settings=zone)
    odd = f"BEGIN:VEVENT\r\nUID:odd\r\n{lines}\r\nSUMMARY:Coffee\r\nATTENDEE:mailto:x@odd.example\r\nEND:VEVENT\r\n"
    home.put("odd", odd)
    home.put("good", GOOD)
    home.cycles(DUE, "2026-05-04 13:00")
    assert ANA in home.to()
    assert home.command("plan", "--days", "90", when="2026-05-04 14:00")[0] == 0


MALFORMED = (
    "BEGIN:VEVENT\r\nUID:bad\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:yesterday\r\nSUMMARY:Coffee\r\n"
    "ATTENDEE:mailto:x@bad.example\r\nEND:VEVENT\r\n"
)


def test_one_malformed_event_among_five_hundred(settle: Moves) -> None:
    """One malformed event among five hundred: set aside with file and UID, exit 1 the first time, 0 later."""
    home = settle()
    others = [event(f"e{number}", "2026-05-05 10:00", f"p{number}@x.example") for number in range(499)]
    home.put("all", *others[:250], MALFORMED, *others[250:], GOOD)
    code, told, said = home.command("once", when=DUE)
    assert code == 1
    (problem,) = told["problems"]
    assert problem["file"].endswith("all.ics")
    assert "bad" in problem["message"]
    assert "all.ics" in said
    assert home.to() == [ANA]
    assert home.command("once", when=SOON)[0] == 0
    _, status, _ = home.command("status", when=SOON)
    assert len(status["problems"]) == 1
    home.put("all", *others, GOOD)
    assert home.command("once", when="2026-03-03 14:00")[0] == 0
    assert home.command("status", when="2026-03-03 14:00")[1]["problems"] == []


# --- Zones -----------------------------------------------------------------------------------------------------


CUSTOM = (
    "BEGIN:VTIMEZONE\r\nTZID:tzone://Microsoft/Custom\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    "TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    ("start", "due", "told"),
    [
        (";TZID=Nowhere/Land:20260303T100000", "2026-03-03 13:00", True),
        (";TZID=Pacific Standard Time:20260303T020000", "2026-03-03 13:00", False),
        (";TZID=W. Europe Standard Time:20260303T110000", "2026-03-03 13:00", False),
        (";TZID=tzone://Microsoft/Custom:20260303T130000", "2026-03-03 13:00", False),
        (":20260303T100000", "2026-03-03 13:00", False),
        (";TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260303T110000", "2026-03-03 13:00", False),
    ],
    ids=["unknown", "windows", "another windows", "custom", "floating", "with a path"],
)
def test_a_time_in_an_odd_zone_is_the_right_instant(settle: Moves, start: str, due: str, told: bool) -> None:
    """A TZID nobody knows, a Windows zone, `tzone://Microsoft/Custom`, a floating time."""
    home = settle()
    odd = (
        f"BEGIN:VEVENT\r\nUID:odd\r\nDTSTAMP:20260101T000000Z\r\nDTSTART{start}\r\nDURATION:PT1H\r\n"
        f"SUMMARY:Coffee\r\nATTENDEE:mailto:{ANA}\r\nEND:VEVENT\r\n"
    )
    home.put("odd", CUSTOM, odd)
    code, document, _ = home.command("once", when="2026-03-03 12:59")
    assert (code, document["problems"]) == (0, [])
    slight = home.command("status", when="2026-03-03 12:59")[1]["problems"]
    assert ["Nowhere/Land" in one["message"] for one in slight] == [True] * told  # taken in my zone, and told
    assert home.files(".Drafts") == []
    home.once(due)
    assert home.to() == [ANA]


# --- XML, big files, links, redirects --------------------------------------------------------------------------


XML = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c SYSTEM "file:///etc/passwd">]><x>&b;&c;</x>'
)


def test_xml_in_the_place_of_a_calendar_is_not_read_as_xml(settle: Moves) -> None:
    """An XML bomb, an external entity: a calendar file is never parsed as XML; told, and the rest goes on."""
    home = settle()
    home.raw("bomb.ics", XML)
    home.put("good", GOOD)
    code, told, _ = home.command("once", when=DUE)
    assert code == 1
    assert told["problems"][0]["file"].endswith("bomb.ics")
    assert home.to() == [ANA]


def test_a_file_that_is_far_too_large_is_told_and_not_read(settle: Moves) -> None:
    """A 1 GB feed: as a file (with a hole in it); told, and the rest goes on."""
    home = settle()
    home.put("good", GOOD)
    with (home.root / "config" / "calendar" / "huge.ics").open("wb") as huge:
        huge.write(b"BEGIN:VCALENDAR\r\n")
        huge.truncate(1_000_000_000)
    begun = time.monotonic()
    code, told, _ = home.command("once", when=DUE)
    assert time.monotonic() - begun < 5
    assert code == 1
    assert told["problems"][0]["file"].endswith("huge.ics")
    assert home.to() == [ANA]


def test_a_pipe_or_a_link_in_a_circle_in_the_calendar_folder_stops_nothing(settle: Moves) -> None:
    """A neighbour: what is no file in a calendar folder."""
    home = settle()
    home.put("good", GOOD)
    folder = home.root / "config" / "calendar"
    os.mkfifo(folder / "pipe.ics")
    (folder / "loop.ics").symlink_to("loop.ics")
    (folder / "gone.ics").symlink_to("nowhere.ics")
    (folder / "folder.ics").mkdir()
    home.once(DUE)
    assert home.to() == [ANA]


@pytest.mark.parametrize(("local", "notes"), [(False, []), (True, [ANA])])
def test_a_redirect_to_the_machine_itself_is_refused_unless_the_user_allowed_it(
    settle: Moves,
    monkeypatch: pytest.MonkeyPatch,
    local: bool,
    notes: list[str],
) -> None:
    """A webcal address that redirects to the machine itself, unless the user allowed that source to be local."""
    with (
        serving(lambda handler: reply(handler, 200, calendar(GOOD).encode())) as inside,
        serving(lambda handler: reply(handler, 302, Location=inside.address)) as outside,
    ):
        asked = list[str]()

        def judged(text: str) -> object:
            """The first server counts as one of the outside."""
            asked.append(text)
            return plain("93.184.216.34" if len(asked) == 1 else text)

        monkeypatch.setattr("connectors.web.plain", judged)
        monkeypatch.setattr("connectors.web.named_local", lambda _: False)
        home = settle(settings=settings(f'{{id: feed, ics: "{outside.address}", local: {str(local).lower()}}}'))
        code, told, _ = home.command("once", when=DUE)
        assert code == (0 if local else 1)
        assert bool(inside.asked) == local
        if not local:
            assert "local: true" in told["problems"][0]["hint"]
        assert home.to() == notes


def test_a_webcal_address_of_the_settings_is_asked_by_https(settle: Moves) -> None:
    """A webcal address: the same calendar, by https."""
    home = settle(settings=settings('{id: feed, ics: "webcal://calendar.example/robin.ics"}'))
    (address,) = Connect(home.house().configuration, home.state).calendars()
    assert isinstance(address, IcsAddress)
    assert address.address == "https://calendar.example/robin.ics"
    assert not address.local


# --- Hostile mail and address books ----------------------------------------------------------------------------


def test_hostile_mail_in_the_mailbox_stops_nothing(settle: Moves) -> None:
    """A neighbour: mails with broken headers, dates that are none, and bytes that are no text."""
    home = settle()
    home.put("good", GOOD)
    (home.mail / "cur" / "1:2,S").write_bytes(bytes(range(256)) * 40)
    (home.mail / "cur" / "2:2,S").write_bytes(f"From: {ANA}\nDate: Never\nTo: robin@example.org\n\nx".encode())
    (home.mail / "cur" / "3:2,S").write_bytes(f"From: =?x?q?=0A?= <{ANA}>\nDate: {'9' * 99999}\n\n".encode())
    (home.mail / "cur" / "4:2,S").write_bytes(b"")
    (home.mail / "cur" / "5:2,S").write_bytes((f"To: {ANA}, " * 20_000 + "\n\n").encode())
    code, _, _ = home.command("once", when=DUE)
    assert code == 0
    assert home.to() == [ANA]


def test_a_mail_from_the_future_does_not_hold_a_check_in_back_for_ever(settle: Moves) -> None:
    """A neighbour: a Date header of the year 2099 is taken by its delivery."""
    home = settle(rule(step="check-in", after="", by="", every="6 weeks"))
    home.put("good", GOOD)
    home.once("2026-03-03 12:00")
    home.deliver(ANA, "2026-03-10 10:00", "Hi")
    (path,) = home.files("")
    path.write_bytes(path.read_bytes().replace(b"2026", b"2099"))
    os.utime(path, (at("2026-03-10 10:00").timestamp(),) * 2)
    home.cycles("2026-03-10 12:00", "2026-04-21 09:59")
    assert home.files(".Drafts") == []
    home.once("2026-04-21 11:00")
    assert home.to() == [ANA]


def test_a_hostile_card_is_set_aside_and_the_rest_of_the_book_is_read(settle: Moves) -> None:
    """A neighbour: an address book with a broken card, and hostile names."""
    home = settle(settings=settings().replace("{people: people.yaml}", "{vcards: cards.vcf}"))
    cards = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Evil\\nBcc: evil@x.example =?utf-8?q?=0ABcc:e@x.example?=\n"
        "EMAIL:x@one.example\nEND:VCARD\nBEGIN:VCARD\nVERSION:9\nEMAIL\nEND:VEVENT\n"
        f"BEGIN:VCARD\nVERSION:3.0\nFN:Ana Reis\nEMAIL:{ANA}\nEND:VCARD\n"
    )
    home.write("cards.vcf", cards)
    home.put("good", event("good", MET, ANA, "x@one.example"))
    home.command("once", when=DUE)
    assert all(harmless(draft) for draft in placed(home))
    assert ANA in home.to()
