"""The permission as a new user gives it: the real command, the real flow, the emulator of Google."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from tests.google.emulated import Emulator, consent, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROBIN = "robin@example.org"
LIMIT = 60.0


@pytest.fixture(scope="module")
def google() -> Iterator[Emulator]:
    with emulator({"users": [{"email": ROBIN, "name": "Robin Vale"}]}) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, google: Emulator) -> Path:
    """A configuration in which everything is Google's, and the file of the OAuth client beside it."""
    config = tmp_path / "config"
    (config / "rules").mkdir(parents=True)
    (config / "rules" / "none.yaml").write_text("rules: []\n")
    (config / "google-client.json").write_text(google.client_file())
    (config / "afterword.yaml").write_text(
        f"version: 1\nme: {{name: Robin Vale, emails: [{ROBIN}], time_zone: Europe/Lisbon}}\n"
        "calendars: [{id: work, google: primary}]\ncontacts: [{google: {}}]\nmailbox: {gmail: {}}\n"
        f"google: {{endpoint: '{google.url}'}}\n"
    )
    return tmp_path


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "daemon", "--config", str(home / "config"), "--state", str(home / "state"), *words]


def given(home: Path, google: Emulator, *words: str) -> subprocess.CompletedProcess[str]:
    """`auth google`, and the user consents at the address that it tells."""
    port = google.ports.pop()
    words = ("auth", "google", "--no-browser", "--port", str(port), *words)
    told = ""
    with (
        subprocess.Popen(command(home, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running,
        ending(running),
    ):
        assert running.stderr is not None
        assert running.stdout is not None
        while not (found := re.search(r"^  (http\S+)$", told, re.MULTILINE)):
            line = running.stderr.readline()
            assert line, told
            told += line
        assert "The terminal tells whether it worked" in consent(found[1], ROBIN)
        told += running.stderr.read()
        out = running.stdout.read()
    return subprocess.CompletedProcess(running.args, running.returncode, out, told)


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[None]:
    """One that hangs is ended."""
    late = Timer(LIMIT, process.kill)
    late.start()
    try:
        yield
    finally:
        late.cancel()


def test_a_user_consents_and_the_token_is_for_their_eyes_only(home: Path, google: Emulator) -> None:
    done = given(home, google)
    assert done.returncode == 0, done.stderr
    assert "Google has no permission for drafts alone" in done.stdout
    assert "Google has no permission for drafts alone" not in done.stderr
    assert re.search(r"ssh -N -L (\d+):127\.0\.0\.1:\1 ", done.stderr)
    file = home / "state" / "google-token.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    assert kept["refresh_token"] not in done.stdout + done.stderr
    assert {scope.rpartition("/")[2] for scope in kept["scopes"]} == {
        "calendar.events.readonly", "gmail.compose", "gmail.readonly", "contacts.readonly",
    }  # fmt: skip


def test_a_new_user_comes_from_init_to_a_first_cycle(tmp_path: Path, google: Emulator) -> None:
    def told(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            command(tmp_path, *words), capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    who = ("--name", "Robin Vale", "--email", ROBIN, "--zone", "Europe/Lisbon")
    code, said = told("init", *who, "--calendar", "google", "--gmail")
    assert code == 0, said
    asks = f"`afterword --config {tmp_path / 'config'} --state {tmp_path / 'state'} auth google`"
    assert asks in said
    code, said = told("check")
    assert (code, "there is no OAuth client in" in said) == (78, True)
    (tmp_path / "config" / "google-client.json").write_text(google.client_file())
    with (tmp_path / "config" / "afterword.yaml").open("a") as settings:
        settings.write(f"google: {{endpoint: '{google.url}'}}\n")
    code, said = told("check", "--connect")
    assert (code, f"Run {asks}." in " ".join(said.split())) == (78, True)
    assert given(tmp_path, google).returncode == 0
    code, said = told("check", "--connect")
    assert (code, "calendar: 0 events\n" in said, "mailbox: answers" in said) == (0, True, True), said
    assert told("once")[0] == 0
    assert told("status")[0] == 0


def test_json_is_one_document_and_nothing_else(home: Path, google: Emulator) -> None:
    done = given(home, google, "--json")
    told = json.loads(done.stdout)
    assert (told["service"], told["problems"], len(told["scopes"])) == ("google", [], 4)
    before, _, _ = done.stderr.partition("http")
    for scope in told["scopes"]:  # the reasons come before the browser does, where a person can see them
        assert f"  {scope.rpartition('/')[2]}\n    to " in before
    assert told["account"] is None  # the emulator does not tell it


def test_without_a_client_the_way_to_one_is_told(home: Path) -> None:
    (home / "config" / "google-client.json").unlink()
    done = subprocess.run(command(home, "auth", "google"), capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stdout) == (77, "")
    assert "there is no OAuth client in" in done.stderr
    assert "docs/google.md" in done.stderr


@pytest.mark.parametrize(("text", "words"), [
    ('{"web": {}}', "is the OAuth client of a web application"), ("[]", "no OAuth client"),
    ("{", "is cut off in line 1, column 2"), ('{"installed": {"client_id": "a"}}', "has no `client_secret`"),
])  # fmt: skip
def test_a_client_of_another_kind_is_told_from_one_that_works(home: Path, text: str, words: str) -> None:
    (home / "config" / "google-client.json").write_text(text)
    done = subprocess.run(command(home, "auth", "google"), capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stdout) == (77, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nothing_is_googles_no_permission_is_asked_for(home: Path) -> None:
    settings = home / "config" / "afterword.yaml"
    settings.write_text(
        settings.read_text()
        .replace("{gmail: {}}", "{maildir: Mail}")
        .replace("{google: {}}", "")
        .replace("{id: work, google: primary}", "{id: work, ics: calendar/}")
    )
    done = subprocess.run(command(home, "auth", "google"), capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 2
    assert "nothing in the configuration is Google's" in done.stderr
