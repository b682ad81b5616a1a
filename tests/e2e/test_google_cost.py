"""What a household of Google costs: the real command at the stand-in of ours, each question counted.

A quiet cycle is one `events.list` for each calendar and one `history.list`. A draft is one `drafts.create`; around it a
cycle reads what it needs to lay it down exactly once, and to see its own work, so that the next cycle is a quiet one.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors.contacts.google import HOUR
from daemon.draft_now import digest
from daemon.ledger import Ledger
from daemon.revise import Saved, revise
from daemon.sight import house_of
from tests.cases.home import THANKS
from tests.daemon.command import afterword
from tests.google.permitted import consented
from tests.google.standin import Google
from tests.house import configured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROBIN, DANA, LEE = "robin@example.org", "dana@acme.example", "lee@beta.example"
FAMILY = "family@group.calendar.example"
SETTINGS = """\
version: 1
me: {{name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon, signature: Robin}}
calendars: [{{id: work, google: primary}}, {{id: family, google: {family}}}]
contacts: [{{google: {{}}}}]
mailbox: {{gmail: {{}}}}
google: {{endpoint: '{url}'}}
"""
TEMPLATE = """\
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

thank you for {{ meeting.when }}.
"""
CALENDARS = {"events.list": 2}
QUIET = {**CALENDARS, "history.list": 1}
CONTACTS = {"connections.list": 1, "contactGroups.list": 1}
METHODS = {
    "history": "history.list",
    "messages": "messages.list",
    "messages/…": "messages.get",
    "drafts/…": "drafts.get",
    "profile": "getProfile",
}


@dataclass(frozen=True)
class Home:
    """Robin's configuration and state, and the account."""

    root: Path
    google: Google

    def once(self, hour: str) -> tuple[Any, dict[str, int]]:
        """One cycle on 3 March at this time: what it told, and what it asked Google for, counted."""
        self.google.requests.clear()
        places = ["--config", str(self.root / "config"), "--state", str(self.root / "state")]
        told = afterword(self.root, *places, "once", "--at", f"2026-03-03T{hour}:00+00:00", "--json")
        assert (told.code, told.json["problems"]) == (0, []), told.err
        return told.json, dict(Counter(_named(one.method, one.path) for one in self.google.requests))

    def met(self, name: str, email: str, hour: int) -> None:
        """A coffee of an hour on 3 March, in the calendar of work."""
        moments = {"start": f"2026-03-03T{hour}:00:00Z", "end": f"2026-03-03T{hour + 1}:00:00Z"}
        self.google.calendar("primary").put({
            "id": f"coffee{hour}",
            "summary": f"Coffee with {name}",
            **{edge: {"dateTime": moment} for edge, moment in moments.items()},
            "organizer": {"email": ROBIN, "self": True},
            "attendees": [{"email": email, "displayName": name, "responseStatus": "accepted"}],
        })  # fmt: skip


def _named(method: str, path: str) -> str:
    """The method of Google's reference."""
    if path == "/token":
        return "token"
    if path.startswith("/calendar/"):
        return "events.list"
    if path.startswith("/v1/"):
        return f"{path.rpartition('/')[2]}.list"
    what, _, one = path.removeprefix("/gmail/v1/users/me/").partition("/")
    if what == "drafts" and not one:
        return {"POST": "drafts.create", "GET": "drafts.list"}[method]
    if method == "PUT":
        return "drafts.update"
    return METHODS[f"{what}/…" if one else what]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Google() as google:
        google.calendar(FAMILY)
        texts = {
            "rules/soft.yaml": THANKS,
            "templates/thank-you.md": TEMPLATE,
            "afterword.yaml": SETTINGS.format(url=google.url, family=FAMILY),
        }
        for name, text in texts.items():
            path = tmp_path / "config" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        consented(google, tmp_path / "state", now=datetime.now(UTC))  # an access token is good by the real clock
        yield Home(tmp_path, google)


def test_a_quiet_cycle_is_one_question_a_calendar_and_one_for_the_mailbox(home: Home) -> None:
    home.met("Dana Okafor", DANA, 15)
    _, first = home.once("10:00")
    assert first["token"] == 1
    assert {name: first[name] for name in CONTACTS} == CONTACTS
    for hour in ("10:01", "10:59"):
        assert home.once(hour)[1] == QUIET


def test_contacts_are_two_questions_an_hour_and_none_in_between(home: Home) -> None:
    """One for the people who changed, one for the labels, of which nothing tells whether they have."""
    home.once("10:00")
    assert home.once("10:01")[1] == QUIET
    kept = home.root / "state" / "google-contacts.json"
    told = json.loads(kept.read_text())
    kept.write_text(json.dumps({**told, "at": (datetime.fromisoformat(told["at"]) - HOUR).isoformat()}))
    assert home.once("11:01")[1] == {**QUIET, **CONTACTS}
    (asked,) = home.google.asked("/connections")
    assert "syncToken" in asked.query
    assert home.once("11:02")[1] == QUIET


@pytest.mark.parametrize("people", [1, 2])
def test_each_draft_is_created_by_one_question(home: Home, people: int) -> None:
    """What a cycle that places drafts reads besides, in the order of its questions:

    - the mailbox, as each cycle; and again when its work is done;
    - before anything is laid down, whether it lies there already, and a ledger that was lost or restored has forgotten
      it: the list of drafts, the lists of Sent and Trash (each against the search, where there is anything), and a
      search for all the Message-IDs that it may have. Once for all notes of the cycle. No ledger knows that it has
      forgotten something, so this is not left out;
    - each new draft, its head for the index and its bytes for the ledger.
    """
    for name, email, hour in [("Dana Okafor", DANA, 15), ("Lee Marsh", LEE, 13)][:people]:
        home.met(name, email, hour)
    home.once("10:00")
    assert home.once("10:01")[1] == QUIET
    told, asked = home.once("18:30")
    assert len(told["placed"]) == people == len(home.google.mail.drafts)
    searches = asked.pop("messages.list")
    assert 2 + 1 <= searches <= 2 + 2 * people
    assert asked == {
        **CALENDARS,
        "history.list": 2,
        "drafts.list": 1,
        "drafts.create": people,
        "messages.get": people,
        "drafts.get": people,
    }
    assert home.once("18:31")[1] == QUIET


def test_a_draft_that_the_user_sent_is_seen_by_its_head_and_the_cycle_after_is_quiet(home: Home) -> None:
    home.met("Dana Okafor", DANA, 15)
    home.once("10:00")
    home.once("18:30")
    (draft,) = home.google.mail.drafts
    home.google.mail.send_draft(draft)
    told, asked = home.once("18:32")
    assert [one["state"] for one in told["changed"]] == ["sent"]
    assert asked == {**CALENDARS, "history.list": 3, "messages.get": 1}
    assert home.once("18:33")[1] == QUIET


def test_a_save_from_the_review_page_asks_for_its_own_draft_and_no_other(home: Home) -> None:
    """Its head and its bytes: before it is written, right before, and afterwards; the list of drafts each time."""
    for number in range(20):
        home.google.mail.draft(f"Subject: my own {number}\nMessage-ID: <own{number}@x.example>\n\nWords\n".encode())
    home.met("Dana Okafor", DANA, 15)
    home.once("10:00")
    home.once("18:30")
    home.google.requests.clear()
    configuration, now = configured(home.root / "config"), datetime(2026, 3, 3, 18, 40, tzinfo=UTC)
    with Ledger.open(home.root / "state") as ledger:
        (record,) = ledger.records()
        (raw,) = (one.raw for one in home.google.mail.messages.values() if record.message_id.encode() in one.raw)
        mailbox = house_of(configuration, home.root / "state", write=True).mailbox
        done = revise(ledger, mailbox, configuration.me, record, digest(raw), "Hi", "My own words\n", now)
    assert isinstance(done, Saved)
    asked = Counter(_named(one.method, one.path) for one in home.google.requests)
    assert (asked["drafts.update"], asked["drafts.list"], asked["history.list"]) == (1, 3, 1)
    assert asked["drafts.get"] <= 8
    told, _ = home.once("18:41")
    assert (told["changed"], told["placed"]) == ([], [])
    assert home.once("18:42")[1] == QUIET
