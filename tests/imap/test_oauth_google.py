"""A mailbox over IMAP with the permission of `auth google`: whole cycles at Dovecot, with a stand-in of Google."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.google.permission import load, save
from connectors.google.scopes import Service
from tests.cases.home import Home, coffee
from tests.daemon.serving import Running
from tests.google.consenting import auth_google, client_file
from tests.google.permitted import consented
from tests.google.standin import Google
from tests.imap.home import at_dovecot
from tests.imap.tokens import MAIL, Known

if TYPE_CHECKING:
    from pathlib import Path

    from tests.imap.programs import Dovecot

ANA = "ana@one.example"
FIRST, LATER, EVENING = "2026-03-03 13:30", "2026-03-03 14:00", "2026-03-03 20:00"
IMAP = frozenset({Service.IMAP})


@pytest.fixture
def server(taker: Dovecot) -> Dovecot:
    return taker


def of_google(tmp_path: Path, server: Dovecot, google: Google, known: Known, more: str = "") -> Home:
    """Somebody whose mailbox is asked with the permission for Google."""
    said = f"google: {{endpoint: '{google.url}'{more}}}\n"
    home = at_dovecot(tmp_path / "home", server, secret="oauth: google", settings_more=said)
    known.at_google(google, home.mail.resolve().parent.name)
    coffee(home, ANA)
    return home


def ended(home: Home) -> None:
    """The access token that is kept has ended."""
    token = load(home.state)
    assert token is not None
    save(home.state, replace(token, expires=datetime.now(UTC) - timedelta(minutes=1)))


def cycle(home: Home, when: str) -> tuple[int, list[Any]]:
    code, told, _ = home.command("once", when=when)
    return code, told["problems"]


def test_whole_cycles_with_googles_token_which_is_renewed_when_it_ends(
    tmp_path: Path, server: Dovecot, known: Known
) -> None:
    with Google() as google:
        home = of_google(tmp_path, server, google, known)
        consented(google, home.state, IMAP)
        assert cycle(home, FIRST) == (0, [])
        assert cycle(home, LATER) == (0, [])
        assert (home.to(), known.asked) == ([ANA], ["ya29.access-1"] * 2)
        ended(home)
        assert cycle(home, EVENING) == (0, [])
        assert known.asked[2:] == ["ya29.access-2"]
        google.forget_access_tokens()  # as when the password of the account is changed: no clock tells it
        assert cycle(home, "2026-03-03 20:05") == (0, [])
        assert known.asked[3:] == ["ya29.access-2", "ya29.access-3"]
        assert google.asked() == []
    token = load(home.state)
    assert token is not None
    assert token.access_token == "ya29.access-3"


def test_the_service_hears_of_mail_with_googles_token(tmp_path: Path, server: Dovecot, known: Known) -> None:
    with Google() as google:
        home = of_google(tmp_path, server, google, known)
        consented(google, home.state, IMAP)
        home.write("afterword.yaml", (home.root / "config" / "afterword.yaml").read_text() + "poll: 1h\n")
        places = ("--config", str(home.root / "config"), "--state", str(home.state))
        run = [sys.executable, "-m", "daemon", *places, "run", "--at", "2026-03-03T13:30:00+00:00"]
        with Running.of(run) as service:
            service.until("draft.placed")
            service.until("mailbox.heard")
            assert service.until("cycle.started")["reason"] == "mail"
            service.send(signal.SIGTERM)
            assert service.ended()[0] == 0
    assert set(known.asked) == {"ya29.access-1"}  # that of the cycle serves the listener


def test_without_the_permission_it_is_asked_for_and_the_server_is_not(
    tmp_path: Path, server: Dovecot, known: Known
) -> None:
    with Google() as google:
        home = of_google(tmp_path, server, google, known)
        _, told, _ = home.command("check", when=FIRST)
        assert [one["message"].partition(" in ")[0] for one in told["problems"]] == ["there is no OAuth client"]
        code, problems = cycle(home, FIRST)
        assert (code, [one["message"] for one in problems]) == (77, ["Google was not yet asked for its permission"])
        assert "auth google" in problems[0]["hint"]
        consented(google, home.state, frozenset({Service.CALENDAR, Service.MAIL}))
        code, problems = cycle(home, FIRST)
        assert code == 77
        assert "does not cover this: to log in to your mailbox over IMAP" in problems[0]["message"]
        _, told, _ = home.command("status", when=FIRST)
        assert [(one["services"], one["paused"]) for one in told["google"]] == [({"imap": False}, True)]
        assert known.asked == []
        token = consented(google, home.state, IMAP)
        assert cycle(home, FIRST) == (0, [])
        google.withdraw(token.refresh_token)
        ended(home)
        code, problems = cycle(home, LATER)
        assert (code, problems[0]["source"]) == (77, "imap")
        assert "Google no longer accepts the permission" in problems[0]["message"]
    assert home.to() == [ANA]


def test_the_token_of_another_account_is_renewed_once_and_then_told(
    tmp_path: Path, server: Dovecot, known: Known
) -> None:
    with Google() as google:
        home = of_google(tmp_path, server, google, known)
        known.at_google(google, "somebody")
        consented(google, home.state, IMAP)
        code, (problem,) = cycle(home, FIRST)
    assert (code, known.asked) == (77, ["ya29.access-1", "ya29.access-2"])
    assert "auth google` to give it again" in problem["hint"]
    assert f"The token has to be one of {home.mail.resolve().parent.name}." in problem["hint"]


def test_a_service_account_gets_the_token_in_the_users_name(tmp_path: Path, server: Dovecot, known: Known) -> None:
    with Google() as google:
        home = of_google(tmp_path, server, google, known, ", service_account: key.json, user: robin@example.org")
        for scopes, code in (([MAIL], 0), ([f"{MAIL}other"], 77)):
            home.write("key.json", json.dumps(google.service_key(scopes)))
            (home.root / "config" / "key.json").chmod(0o600)
            done, problems = cycle(home, FIRST)
            assert done == code, problems
    assert home.to() == [ANA]
    assert problems[0]["hint"].endswith(f"for: {MAIL}")


def test_auth_google_says_how_far_the_permission_goes_and_then_the_mailbox_opens(
    tmp_path: Path, server: Dovecot, known: Known
) -> None:
    with Google() as google:
        home = of_google(tmp_path, server, google, known)
        home.write("google-client.json", client_file(google.url))
        code, _, said = auth_google(home.root, google.oauth.code([MAIL]))
        assert code == 0
        words = " ".join(said.split())
        assert f"{MAIL} to log in to your mailbox over IMAP" in words
        assert "this one would allow everything with your mail" in words
        assert "Afterword never sends" in words
        assert "Google gave its permission for the account robin@example.org." in words
        _, told, _ = home.command("check", "--connect", when=FIRST)
        assert told["problems"] == []
        assert cycle(home, FIRST) == (0, [])
    assert home.to() == [ANA]
