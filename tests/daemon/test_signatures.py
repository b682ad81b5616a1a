"""The signature of a Gmail account under the notes: whose goes first, what it costs, and that no note waits for it."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from connectors.content import content
from connectors.mailboxes.gmail import Gmail
from daemon import clock
from daemon.keepsake import Keepsake
from daemon.signatures import Signatures
from tests.build import at
from tests.cases.home import THANKS, Home
from tests.google.permitted import consented, permitted
from tests.google.standin import Google
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HTML = '<div dir="ltr">Robin Vale<br><b>Vale &amp; Co</b> *stars* &lt;i&gt;<img src="https://robin.example/a"></div>'
TEXT = "Robin Vale\nVale & Co *stars* <i>"
SEND_AS = "GET /gmail/v1/users/me/settings/sendAs"
WHEN = "2026-03-03 18:30"


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        running.mail.signature = HTML
        yield running


def home_of(root: Path, google: Google, *, signature: str = "") -> Home:
    """Robin writes by Gmail, and had coffee with Dana on 3 March until 16:00."""
    settings = (
        f"version: 1\nme: {{name: Robin V., emails: [robin@example.org], time_zone: Europe/Lisbon{signature}}}\n"
        f"calendars: [{{id: feed, ics: calendar/}}]\nmailbox: {{gmail: {{}}}}\ngoogle: {{endpoint: '{google.url}'}}\n"
    )
    home = Home.make(root, settings=settings, rules=THANKS)
    home.put("coffee", event("coffee", "2026-03-03 15:00", "dana@acme.example"))
    consented(google, home.state, now=clock.now())
    return home


@pytest.fixture
def home(tmp_path: Path, google: Google) -> Home:
    return home_of(tmp_path, google)


def drafts(google: Google) -> list[bytes]:
    return [google.mail.messages[name].raw for name in google.mail.drafts.values()]


def words(google: Google) -> str:
    """The text of the one draft that lies there."""
    (raw,) = drafts(google)
    return content(raw).text


def test_a_note_carries_the_signature_of_the_account_once_as_text(home: Home, google: Google) -> None:
    assert home.once(WHEN).problems == []
    assert words(google).endswith(f"[[what stayed with me]]\n\n{TEXT}\n")
    assert words(google).count("Vale & Co") == 1


def test_a_signature_that_is_not_in_the_template_stands_under_the_note(home: Home, google: Google) -> None:
    home.write("templates/thank-you.md", "---\nsubject: Thanks\n---\nThank you.\n")
    home.once(WHEN)
    assert words(google) == f"Thank you.\n\n{TEXT}\n"


@pytest.mark.parametrize("body", ["**Thanks**\n\n{{ me.signature }}\n", "**Thanks**\n"], ids=["named", "added"])
def test_in_the_html_of_a_note_the_signature_is_text_too(home: Home, google: Google, body: str) -> None:
    home.write("templates/thank-you.md", f"---\nsubject: Thanks\nformat: markdown\n---\n{body}")
    home.once(WHEN)
    (raw,) = drafts(google)
    message = message_from_bytes(raw, policy=policy.default)
    plain, html = (str(part.get_content()) for part in message.iter_parts())
    assert plain.replace("\r\n", "\n").endswith(f"\n\n{TEXT}\n")
    assert "<strong>Thanks</strong>" in html
    assert "Vale &amp; Co *stars* &lt;i&gt;" in html
    assert "<img" not in html


def test_a_signature_in_the_settings_goes_first_and_nobody_is_asked(tmp_path: Path, google: Google) -> None:
    home_of(tmp_path, google, signature=", signature: R.").once(WHEN)
    assert words(google).endswith("\n\nR.\n")
    assert google.asked(SEND_AS) == []


@pytest.mark.parametrize("html", ["", '<img src="https://robin.example/logo">'], ids=["empty", "only a picture"])
def test_where_the_account_has_none_the_name_stands_there(home: Home, google: Google, html: str) -> None:
    google.mail.signature = html
    home.once(WHEN)
    assert words(google).endswith("\n\nRobin V.\n")


def test_only_a_cycle_that_writes_asks_and_a_day_has_one_question(home: Home, google: Google) -> None:
    home.once("2026-03-03 14:00")
    home.once("2026-03-03 14:05")
    assert google.asked(SEND_AS) == []
    home.put("chat", event("chat", "2026-03-03 15:30", "lee@beta.example", title="Chat"))
    home.once(WHEN)
    home.put("more", event("more", "2026-03-03 16:30", "ana@gamma.example", title="Chat"))
    home.once("2026-03-03 20:00")
    assert len(drafts(google)) == 3
    assert len(google.asked(SEND_AS)) == 1


def test_what_is_known_is_kept_for_its_owners_eyes_and_asked_for_anew_after_a_day(home: Home, google: Google) -> None:
    home.once(WHEN)
    kept = home.state / "gmail-signatures.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    google.mail.signature = "R. Vale"
    told = json.loads(kept.read_text())
    told["robin@example.org"]["asked"] = (clock.now() - timedelta(hours=25)).isoformat()
    kept.write_text(json.dumps(told))
    home.put("chat", event("chat", "2026-03-03 17:00", "lee@beta.example", title="Chat"))
    home.once("2026-03-03 20:30")
    assert [content(raw).text.endswith("\n\nR. Vale\n") for raw in drafts(google)] == [False, True]


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", '{"robin@example.org": {"asked": "2026-03-03", "text": "x"}}', "[" * 9]
)
def test_what_was_kept_and_cannot_be_read_is_asked_for(home: Home, google: Google, kept: str) -> None:
    home.state.mkdir(exist_ok=True)
    (home.state / "gmail-signatures.json").write_text(kept)
    home.once(WHEN)
    assert words(google).endswith(TEXT + "\n")


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "insufficientPermissions"), (403, "forbidden"), (404, "notFound"), (400, "badRequest")]
)
def test_a_refusal_is_borne_in_silence_and_not_met_again_that_day(
    home: Home, google: Google, status: int, reason: str
) -> None:
    google.fail("settings/sendAs", status, reason, times=9)
    assert home.once(WHEN).problems == []
    assert words(google).endswith("\n\nRobin V.\n")
    home.put("chat", event("chat", "2026-03-03 17:00", "lee@beta.example", title="Chat"))
    assert home.once("2026-03-03 20:30").problems == []
    assert len(drafts(google)) == 2
    assert len(google.asked(SEND_AS)) == 1
    code, told, _ = home.command("status", when="2026-03-03 20:31")
    assert (code, told["problems"]) == (0, [])


def test_looking_shows_the_note_as_it_will_be_and_keeps_nothing(home: Home, google: Google) -> None:
    home.once("2026-03-03 14:00")
    before = {path: path.read_bytes() for path in home.state.iterdir()}
    _, told, _ = home.command("plan", when="2026-03-03 14:10")
    (note,) = told["follow_ups"]
    _, shown, _ = home.command("show", note["id"], when="2026-03-03 14:10")
    code, rehearsed, _ = home.command("once", "--dry-run", when=WHEN)
    assert (code, len(rehearsed["placed"])) == (0, 1)
    assert shown["text"].endswith(f"\n\n{TEXT}\n")
    assert {path: path.read_bytes() for path in home.state.iterdir()} == before


def test_status_asks_for_no_signature(home: Home, google: Google) -> None:
    home.once("2026-03-03 14:00")
    _, told, _ = home.command("status", when="2026-03-03 14:10")
    assert told["next"]["step"] == "thank-you"
    assert google.asked(SEND_AS) == []


def test_a_lost_ledger_knows_its_draft_again_by_the_same_words(home: Home, google: Google) -> None:
    home.once(WHEN)
    for path in home.state.glob("ledger*"):
        path.unlink()
    assert home.once("2026-03-03 18:40").placed == []
    assert [record.state.value for record in home.records()] == ["placed"]
    assert len(drafts(google)) == 1


@pytest.mark.parametrize(
    ("later", "asks"), [(timedelta(hours=23), 1), (timedelta(hours=24), 2), (-timedelta(minutes=1), 2)]
)
def test_an_answer_holds_for_a_day_and_none_that_comes_from_the_future(
    tmp_path: Path, google: Google, later: timedelta, asks: int
) -> None:
    now = at("2026-03-03 12:00")
    mailbox = Gmail(permitted(google, tmp_path), frozenset({"robin@example.org"}))
    for moment in (now, now + later):
        memory = Keepsake(tmp_path / "signatures.json", write=True)
        assert Signatures(mailbox, memory, moment).of("robin@example.org") == TEXT
    assert len(google.asked(SEND_AS)) == asks


def test_a_failure_takes_back_nothing_that_was_known(tmp_path: Path, google: Google) -> None:
    now = at("2026-03-03 12:00")
    mailbox = Gmail(permitted(google, tmp_path), frozenset({"robin@example.org"}))
    memory = Keepsake(tmp_path / "signatures.json", write=True)
    Signatures(mailbox, memory, now).of("robin@example.org")
    google.fail("settings/sendAs", 403, "forbidden", times=9)
    for hours in (24, 30):
        assert Signatures(mailbox, memory, now + timedelta(hours=hours)).of("robin@example.org") == TEXT
    assert len(google.asked(SEND_AS)) == 2
