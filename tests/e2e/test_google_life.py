"""The whole path of a person whose calendar and mail are Google's: the real command against the emulator."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest

from connectors.google.permission import Token, save
from connectors.google.scopes import Service, scopes
from tests import warm
from tests.build import at
from tests.cases.home import THANKS
from tests.e2e.test_google_permission import given
from tests.google.between import Between, between
from tests.google.emulated import CLIENT, Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

ROBIN, DANA = "robin@example.org", "dana@acme.example"
LIMIT = 60.0
DRAFTS = "/gmail/v1/users/me/drafts"
SEED = {
    "users": [{"email": ROBIN, "name": "Robin Vale"}],
    "calendar_events": [{
        "id": "evt_coffee", "user_email": ROBIN, "summary": "Coffee with Dana",
        "start_date_time": "2026-03-03T15:00:00.000Z", "end_date_time": "2026-03-03T16:00:00.000Z",
        "attendees": [{"email": DANA, "display_name": "Dana Okafor"}],
    }],
}  # fmt: skip
TEMPLATE = """\
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

thank you for {{ meeting.when }}.
"""
SETTINGS = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon, signature: Robin}
calendars: [{id: work, google: primary}]
mailbox: {gmail: {}}
"""


@dataclass(frozen=True)
class Home:
    """Robin's configuration and state, and what the account shows to another program."""

    root: Path
    google: Emulator
    way: Between

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "daemon", *self.places(), *words]

    def places(self) -> list[str]:
        return ["--config", str(self.root / "config"), "--state", str(self.root / "state")]

    def run(self, *words: str) -> tuple[int, Any, str]:
        """The command's exit code, its JSON, and what it said."""
        done = warm.run((*self.places(), *words, "--json"), os.environ, timeout=LIMIT)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout), done.stderr

    def once(self, when: str) -> Any:
        code, told, said = self.run("once", "--at", when)
        assert (code, told["problems"]) == (0, []), said
        return told

    def token(self) -> str:
        """An access token of another program, by the same consent."""
        kept = json.loads((self.root / "state" / "google-token.json").read_text())
        given = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"], **CLIENT}
        return str(self.google.asked("POST", "/oauth2/token", "", data=given)["access_token"])

    def drafts(self) -> list[tuple[str, Message]]:
        """Draft id and message of what lies in Drafts, by Google's own API."""
        token = self.token()
        listed = self.google.asked("GET", DRAFTS, token).get("drafts") or []
        found = []
        for one in listed:
            raw = self.google.asked("GET", f"{DRAFTS}/{one['id']}?format=raw", token)["message"]["raw"]
            found.append((one["id"], message_from_bytes(base64.urlsafe_b64decode(raw + "=="))))
        return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with emulator(SEED) as google, between(google.url) as way:
        texts = {
            "rules/soft.yaml": THANKS,
            "templates/thank-you.md": TEMPLATE,
            "google-client.json": google.client_file().replace(google.url, way.url),
            "afterword.yaml": f"{SETTINGS}google: {{endpoint: '{way.url}'}}\n",
        }
        for name, text in texts.items():
            path = tmp_path / "config" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        yield Home(tmp_path, google, way)


@pytest.fixture
def permitted(home: Home) -> Home:
    """The user has consented (tests/e2e/test_google_permission.py shows how)."""
    assert given(home.root, home.google).returncode == 0
    return home


def test_from_the_permission_to_a_draft_that_is_sent(permitted: Home) -> None:
    home = permitted
    code, told, said = home.run("check", "--connect")
    assert (code, told["problems"]) == (0, []), said

    placed = home.once("2026-03-03T18:30:00+00:00")["placed"]
    assert [one["subject"] for one in placed] == ["Thank you, Dana"]
    assert placed[0]["draft"]["mailbox"] == "gmail"
    ((draft_id, draft),) = home.drafts()
    assert (draft["To"], draft["Subject"]) == (f"Dana Okafor <{DANA}>", "Thank you, Dana")
    assert draft["Message-ID"] == placed[0]["draft"]["message_id"]
    assert not [name for name in draft if name.casefold().startswith("x-")]

    home.google.asked("POST", f"{DRAFTS}/send", home.token(), json={"id": draft_id})
    changed = home.once("2026-03-03T19:00:00+00:00")["changed"]
    assert [one["state"] for one in changed] == ["sent"]
    assert home.drafts() == []


def test_killed_when_the_draft_was_made_and_not_yet_told_there_is_one_draft(permitted: Home) -> None:
    home = permitted
    process = subprocess.Popen(home.command("once", "--at", "2026-03-03T18:30:00+00:00"), stderr=subprocess.DEVNULL)
    home.way.pid = process.pid
    assert process.wait(LIMIT) == -9
    home.way.pid = None
    assert len(home.drafts()) == 1
    home.once("2026-03-03T18:35:00+00:00")
    home.once("2026-03-03T18:40:00+00:00")
    assert len(home.drafts()) == 1
    assert home.way.asked.count(f"POST {DRAFTS}") == 1


def test_a_permission_that_was_taken_back_pauses_the_account_and_names_the_command(home: Home) -> None:
    asked = tuple(scope.address for scope in scopes(frozenset({Service.CALENDAR, Service.MAIL})))
    now = at("2026-03-03 12:00")
    token = Token(
        "unknown", CLIENT["client_id"], CLIENT["client_secret"], f"{home.google.url}/oauth2/token", asked, now, now
    )
    save(home.root / "state", token)
    code, told, _ = home.run("once", "--at", "2026-03-03T18:30:00+00:00")
    assert code == 77
    assert {problem["source"] for problem in told["problems"]} >= {"work", "gmail"}
    assert all("afterword auth google" in problem["hint"] for problem in told["problems"])
