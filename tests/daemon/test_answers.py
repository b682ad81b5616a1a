"""The whole way of what comes back to a note that was sent: into a Maildir, and what a cycle makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import TransientError
from connectors.mailboxes.maildir import Maildir
from daemon.absences import MOST
from daemon.cycle import coming, rehearse, run
from daemon.ledger import Ledger
from daemon.ledger.store import NAME
from daemon.present import held
from rules.history import State
from rules.model import MailKind
from tests.build import at
from tests.connectors.programs import ANSWERS, NO_ANSWERS
from tests.house import RULES, Household, event
from tests.thorough import some

if TYPE_CHECKING:
    from pathlib import Path

    from rules.model import FollowUp

DANA = "dana@acme.example"
SENT = "2026-03-03 18:30"
CHECK_IN = "2026-04-14 18:30"
"""Six weeks after the thank-you was sent."""
SECRET = "Zanzibar"
"""A word that stands only in the body of a mail."""


def sent_thank_you(root: Path, rules: str = RULES) -> Household:
    """Dana was met and thanked."""
    home = Household.make(root, rules=rules)
    home.put("coffee", event("coffee", "2026-03-03 15:00", DANA))
    home.once("2026-03-03 18:00")
    (draft,) = home.drafts()
    home.move(str(draft["Message-ID"]), ".Sent")
    home.once(SENT)
    return home


@pytest.fixture(scope="module")
def thanked(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return sent_thank_you(tmp_path_factory.mktemp("thanked") / "home")


@pytest.fixture
def home(thanked: Household, tmp_path: Path) -> Household:
    return thanked.copy(tmp_path / "home")


def note(home: Household) -> tuple[str, str]:
    """The Message-ID and the subject of the thank-you that was sent."""
    with Ledger.open(home.state, write=False) as ledger:
        (record,) = ledger.records()
    return record.message_id, record.subject


def deliver(home: Household, mail: str, name: str = "1772570500.1.host") -> None:
    sent, subject = note(home)
    raw = mail.replace("{sent}", sent).replace("{subject}", subject).encode()
    (home.mail / "new" / name).write_bytes(raw)


def state(home: Household) -> State:
    with Ledger.open(home.state, write=False) as ledger:
        return ledger.records()[0].state


def planned(home: Household, now: str, until: str) -> list[FollowUp]:
    with Ledger.open(home.state, write=False) as ledger:
        return list(coming(home.house(), ledger, at(now), at(until))[0].follow_ups)


@pytest.mark.parametrize("name", some(NO_ANSWERS, 3))
def test_what_no_person_wrote_to_me_is_no_answer_and_no_contact(home: Household, name: str) -> None:
    (before,) = planned(home, "2026-03-03 21:00", "2026-05-30 12:00")[:1]
    deliver(home, NO_ANSWERS[name])
    home.once("2026-03-03 21:00")
    assert state(home) is State.SENT
    (after,) = planned(home, "2026-03-03 21:00", "2026-05-30 12:00")[:1]
    assert (after.id, after.due) == (before.id, before.due)


@pytest.mark.parametrize("name", some(ANSWERS, 3))
def test_what_a_person_wrote_to_me_is_the_answer_and_the_last_contact(home: Household, name: str) -> None:
    deliver(home, ANSWERS[name])
    home.once("2026-03-03 21:00")
    assert state(home) is State.ANSWERED
    (check_in,) = planned(home, "2026-03-03 21:00", "2026-04-20 12:00")
    assert check_in.due == at("2026-04-14 20:40")


# --- an out-of-office with a return date -----------------------------------------------------------------------

AWAY = f"""From: Dana Okafor <dana@acme.example>
To: Robin Vale <robin@example.org>
Subject: Automatic reply: {{subject}}
Date: Tue, 03 Mar 2026 20:40:00 +0000
Message-ID: <away@acme.example>
In-Reply-To: {{sent}}
Auto-Submitted: auto-generated
X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent
MIME-Version: 1.0
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<html><head><style>p {{ color: red; }}</style></head><body><p>Thank you for your mail.</p>
<p>I am in {SECRET} and will be back in the office on <b>Monday,=C2=A020=
 April</b>.</p></body></html>
"""
UNDATED = AWAY.replace("on <b>Monday,=C2=A020=\n April</b>", "one day")
WINDOW = RULES.replace("every: 6 weeks", "every: 6 weeks, window: weekdays 09:00-18:00")


def away(home: Household, mail: str = AWAY, name: str = "1772570500.1.host") -> None:
    deliver(home, mail.replace("{{", "{").replace("}}", "}"), name)


def test_an_out_of_office_holds_the_check_in_until_the_return(tmp_path: Path) -> None:
    home = sent_thank_you(tmp_path / "home", WINDOW)
    away(home)
    home.once("2026-03-03 21:00")
    home.once("2026-04-15 09:10")
    home.once("2026-04-20 08:50")
    assert home.drafts() == []
    outcome = home.once("2026-04-20 09:00")
    assert [record.step for record in outcome.placed] == ["check-in"]
    assert outcome.placed[0].to[0].email == DANA


def test_the_plan_tells_of_it(home: Household) -> None:
    away(home)
    home.once("2026-03-03 21:00")
    (check_in,) = planned(home, "2026-04-16 12:00", "2026-04-17 12:00")
    assert check_in.hold is not None
    told = held(check_in.hold, home.house().configuration.almanac, at("2026-04-16 12:00"))
    assert told == "held until 20 April: Dana is away"


def test_looking_reads_the_answer_and_writes_nothing(home: Household) -> None:
    """Looking is free: for a plan and a dry run."""
    away(home)
    before = (home.state / NAME).read_bytes()
    (check_in,) = planned(home, "2026-04-16 12:00", "2026-04-21 12:00")
    assert check_in.due == at("2026-04-20 00:00")
    with Ledger.open(home.state, write=False) as ledger:
        assert rehearse(home.house(), ledger, at("2026-04-16 12:00")).placed == []
    assert (home.state / NAME).read_bytes() == before


def test_no_word_of_the_body_is_kept(home: Household) -> None:
    away(home)
    home.once("2026-03-03 21:00")
    kept = [path.read_bytes() for path in home.state.rglob("*") if path.is_file()]
    assert kept
    assert not any(SECRET.encode() in content for content in kept)
    with Ledger.open(home.state, write=False) as ledger:
        assert [mail.away_until for mail in ledger.mails() if mail.away_until] == [at("2026-04-20 00:00")]


def test_what_they_write_themselves_ends_the_wait(home: Household) -> None:
    away(home)
    home.once("2026-03-03 21:00")
    home.deliver(DANA, "2026-03-04 09:00", "I have a minute after all")
    home.once("2026-03-04 10:00")
    outcome = home.once("2026-04-15 09:01")
    assert [record.step for record in outcome.placed] == ["check-in"]


def test_an_answer_without_a_date_holds_nothing(home: Household) -> None:
    away(home, UNDATED)
    home.once("2026-03-03 21:00")
    assert [record.step for record in home.once(CHECK_IN).placed] == ["check-in"]


def test_a_bounce_and_a_calendar_reply_with_a_date_hold_nothing(home: Household) -> None:
    away(home, AWAY.replace("text/html", 'text/calendar; method=REPLY; x="y"'))
    bounce = AWAY.replace("Auto-Submitted", "X-Failed-Recipients: x@acme.example\nAuto-Submitted")
    away(home, bounce.replace("<away@", "<bounce@"), "1772570501.1.host")
    home.once("2026-03-03 21:00")
    assert [record.step for record in home.once(CHECK_IN).placed] == ["check-in"]


def test_an_answer_that_cannot_be_read_just_now_is_read_the_next_time(home: Household) -> None:
    away(home)
    house = home.house()
    with Ledger.open(home.state) as ledger:
        assert run(replace(house, mailbox=Faltering(home)), ledger, at("2026-03-03 21:00")).problems == []
        assert [mail for mail in ledger.mails() if mail.kind is MailKind.AUTOMATIC] == []
    home.deliver("lee@acme.example", "2026-03-03 21:20")  # the next cycle is no quiet one
    home.once("2026-03-03 21:30")
    assert home.once(CHECK_IN).placed == []


class Watched(Maildir):
    """The mailbox of a household, and what was read of it."""

    def __init__(self, home: Household) -> None:
        super().__init__(home.mail, frozenset(home.house().configuration.me.emails))
        self.reads: list[str] = []

    def read(self, ref: str) -> bytes | None:
        self.reads.append(ref)
        return super().read(ref)


class Faltering(Watched):
    """A mailbox that tells of its mails, and gives none of them."""

    def read(self, ref: str) -> bytes | None:
        raise TransientError(f"cannot read {ref} just now")


def test_a_flood_of_automatic_answers_is_read_in_part_the_newest_first(home: Household) -> None:
    for number in range(MOST + 5):
        # Each later by a minute; only the newest names a day.
        mail = AWAY if number == MOST + 4 else UNDATED
        mail = mail.replace("20:40:00", f"20:{number:02}:00").replace("<away@", f"<away-{number}@")
        away(home, mail, f"1772570{number:03}.1.host")
    house = home.house()
    watched = Watched(home)
    with Ledger.open(home.state, write=False) as ledger:
        seen, _ = coming(replace(house, mailbox=watched), ledger, at("2026-04-16 12:00"), at("2026-04-21 12:00"))
    assert [one.due for one in seen.follow_ups] == [at("2026-04-20 00:00")]
    assert len(watched.reads) == MOST
