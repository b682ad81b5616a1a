"""An access token in place of a password: said as RFC 7628 and Google have it, asked for in time, and never shown."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import PermanentError, PermissionNeededError, TransientError
from connectors.google.scopes import Service
from connectors.imap.client import Security, Server
from connectors.imap.oauth import AccessTokens, Exchange, TokenRefusedError
from connectors.mailboxes.imap import Imap
from tests.cases.home import Home, coffee
from tests.conformance.mailboxes import MINE, NOBODY, mail
from tests.imap.home import at_dovecot
from tests.imap.programs import Dovecot, dovecot
from tests.imap.scripted import GREETING, says
from tests.imap.test_errors import failing
from tests.imap.tokens import Known, tokeninfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANA = "ana@one.example"
TOKEN = "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA"
FIRST, LATER, EVENING = "2026-03-03 13:30", "2026-03-03 14:00", "2026-03-03 20:00"
IMAP = frozenset({Service.IMAP})
ONLY = b"* CAPABILITY IMAP4rev1 LOGINDISABLED %s\r\nTAG OK done\r\n"
REFUSED = b"TAG NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n"


@pytest.fixture
def server(taker: Dovecot) -> Dovecot:
    return taker


class Given:
    """Tokens as the settings give them, one after the other, the last one again and again.

    `wanted` is what was asked for: another than before?
    """

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.wanted: list[bool] = []

    def get(self, anew: bool) -> str:
        self.wanted.append(anew)
        return self._tokens.pop(0) if self._tokens[1:] else self._tokens[0]


def at(port: int, *tokens: str, user: str = "robin", renewable: bool = False) -> Server:
    """A server on this machine, to which these tokens are said."""
    return Server("127.0.0.1", user, AccessTokens(Given(*tokens).get, "Mend it.", renewable), Security.PLAIN, port)


@contextmanager
def offering(capabilities: bytes, *answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server with these capabilities, which it tells twice, and takes no password: its port, and what it was told."""
    with says(GREETING, *[ONLY % capabilities] * 2, *answers) as served:
        yield served


def said(line: bytes) -> bytes:
    return base64.b64decode(line.split()[-1])


# --- what is said -------------------------------------------------------------------------------------------


def test_with_an_initial_response_it_is_one_line() -> None:
    with offering(b"SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER", REFUSED) as (port, told):
        failing(at(port, TOKEN, user="robin@gmail.example"))
    assert told[2].split()[1:3] == [b"AUTHENTICATE", b"XOAUTH2"]
    assert said(told[2]) == f"user=robin@gmail.example\1auth=Bearer {TOKEN}\1\1".encode()


def test_without_one_it_waits_until_it_is_asked() -> None:
    with offering(b"AUTH=XOAUTH2", b"+ \r\n", REFUSED) as (port, told):
        failing(at(port, TOKEN))
    assert told[2].endswith(b" AUTHENTICATE XOAUTH2\r\n")
    assert said(told[3]) == f"user=robin\1auth=Bearer {TOKEN}\1\1".encode()


def test_where_only_oauthbearer_is_offered_that_is_spoken() -> None:
    with offering(b"SASL-IR AUTH=OAUTHBEARER", REFUSED) as (port, told):
        failing(at(port, TOKEN, user="robin,vale=me@x.example"))
    name = "robin=2Cvale=3Dme@x.example"
    assert said(told[2]) == f"n,a={name},\1host=127.0.0.1\1port={port}\1auth=Bearer {TOKEN}\1\1".encode()


@pytest.mark.parametrize(("way", "answer"), [(b"XOAUTH2", b"\r\n"), (b"OAUTHBEARER", b"AQ==\r\n")])
def test_the_servers_error_is_answered_and_told(way: bytes, answer: bytes) -> None:
    error = base64.b64encode(b'{"status":"insufficient_scope","schemes":"bearer","scope":"https://mail.google.com/"}')
    with offering((b"SASL-IR AUTH=" + way), b"+ " + error + b"\r\n", REFUSED) as (port, told):
        refused = failing(at(port, TOKEN))
    assert told[3] == answer
    assert isinstance(refused, PermissionNeededError)
    assert refused.message == (
        "127.0.0.1 does not let robin in with this access token: insufficient_scope, "
        "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"
    )
    assert refused.hint == "Mend it. The token has to be one of robin."


def test_a_server_that_asks_on_and_on_is_told_that_it_is_over() -> None:
    steps = (b"+ e30=\r\n", b"+ e30=\r\n", b"TAG BAD cancelled\r\n")
    with offering(b"SASL-IR AUTH=XOAUTH2", *steps) as (port, told):
        failing(at(port, TOKEN))
    assert told[3:] == [b"\r\n", b"*\r\n"]


@pytest.mark.parametrize("challenge", [b"", b"e30=", b"W10=", b"!", b"//8=", base64.b64encode(b'{"status": [[1]]}')])
@pytest.mark.parametrize("answer", [b"TAG NO\r\n", b"TAG BAD what?\r\n", b"* BYE go away\r\n", b"\xff\xfe\r\n"])
def test_whatever_a_server_says_to_it_is_an_error_of_the_border(challenge: bytes, answer: bytes) -> None:
    with offering(b"SASL-IR AUTH=XOAUTH2", b"+ " + challenge + b"\r\n", answer) as (port, _):
        assert TOKEN not in failing(at(port, TOKEN)).message


def test_a_server_that_lets_nobody_in_just_now_is_asked_again() -> None:
    busy = b"TAG NO [UNAVAILABLE] Temporary authentication failure\r\n"
    with offering(b"SASL-IR AUTH=XOAUTH2", busy) as (port, _):
        assert isinstance(failing(at(port, TOKEN)), TransientError)


@pytest.mark.parametrize(
    "answer",
    [
        b"TAG NO I do not like %s\r\n",
        b"TAG NO token=%s is none\r\n",
        b"TAG BAD no AUTHENTICATE XOAUTH2 %s\r\n",
        b"* BYE %s\r\n",
        b"TAG NO [ALERT] %.60s\r\n",
    ],
)
def test_a_token_that_the_server_repeats_is_not_shown(answer: bytes) -> None:
    whole = base64.b64encode(f"user=robin\1auth=Bearer {TOKEN}\1\1".encode())
    for repeated in (TOKEN.encode(), whole):
        with offering(b"SASL-IR AUTH=XOAUTH2", answer % repeated) as (port, _):
            error = failing(at(port, TOKEN))
        for secret in (TOKEN, whole.decode()):
            assert secret[:30] not in f"{error.message} {error.hint}"


def test_what_else_the_server_says_is_shown() -> None:
    where = "https://support.google.example/mail/accounts/answer/78754"
    answer = f"TAG NO [ALERT] Please log in via your web browser: {where} (Failure)\r\n".encode()
    with offering(b"SASL-IR AUTH=XOAUTH2", answer) as (port, _):
        assert where in failing(at(port, TOKEN)).message


@pytest.mark.parametrize("sign", ["\r", "\n", "\0", "\1", "\x7f"])
def test_a_control_character_is_refused_before_anything_is_said(sign: str) -> None:
    for user, token in ((f"robin{sign}auth=Bearer x", TOKEN), ("robin", f"{TOKEN}{sign}"), ("robin", "")):
        with offering(b"SASL-IR AUTH=XOAUTH2") as (port, told):
            error = failing(at(port, token, user=user))
        assert isinstance(error, PermanentError | PermissionNeededError)
        assert not any(b"AUTHENTICATE" in line for line in told)
        assert TOKEN not in error.message


def test_a_server_that_does_not_offer_it_is_not_told_the_token(known: Known) -> None:
    with dovecot() as plain:
        error = failing(at(plain.port, TOKEN))
    assert "does not offer OAuth, so the access token is not said to it" in error.message
    assert "`password:`" in (error.hint or "")


def test_a_password_where_only_oauth_is_taken_leads_to_it() -> None:
    password = Server("127.0.0.1", "robin", lambda: "secret", Security.PLAIN)
    with offering(b"AUTH=XOAUTH2") as (port, told):
        error = failing(replace(password, port=port))
    assert "takes no password at all, only OAuth" in error.message
    assert "Write `oauth: {command: …}` in place of `password:`" in (error.hint or "")
    assert len(told) == 2
    open_to_all = (ONLY % b"AUTH=XOAUTH2").replace(b" LOGINDISABLED", b"")
    with says(GREETING, open_to_all, open_to_all, REFUSED) as (port, told):
        error = failing(replace(password, port=port))
    assert "only OAuth" in error.message
    assert isinstance(error, PermissionNeededError)  # so that it is not said again
    with offering(b"AUTH=CRAM-MD5") as (port, told):
        error = failing(replace(password, port=port))
    assert "takes no password, and nothing else that Afterword could say to it" in error.message
    assert len(told) == 2


def test_microsofts_refusal_names_what_its_token_is_for() -> None:
    exchange = Exchange("XOAUTH2", "robin@outlook.com", TOKEN, "outlook.office365.com", 993)
    error = exchange.refused("AUTHENTICATE failed.", "Mend it.")
    assert "https://outlook.office.com/IMAP.AccessAsUser.All" in (error.hint or "")


# --- at Dovecot ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanisms", ["xoauth2", "oauthbearer"])
def test_dovecot_takes_a_token_in_the_one_way_that_it_offers(mechanisms: str, known: Known) -> None:
    with tokeninfo(known.owner) as address, dovecot(mechanisms=mechanisms, tokens=address) as only:
        name, _ = only.user()
        known.good = {TOKEN: name}
        mailbox = Imap(at(only.port, TOKEN, user=name), MINE)
        mailbox.place(mail())
        assert len(mailbox.look("", NOBODY).headers) == 1
        assert "401" in failing(at(only.port, "bad", user=name)).message or mechanisms == "oauthbearer"


def test_a_token_that_was_kept_and_is_refused_is_got_anew_once(server: Dovecot, known: Known) -> None:
    name, _ = server.user()
    known.good = {TOKEN: name}
    given = Given("ended", TOKEN)
    tokens = AccessTokens(given.get, "Mend it.", renewable=True)
    Imap(Server("127.0.0.1", name, tokens, Security.PLAIN, server.port), MINE).look("", NOBODY)
    assert given.wanted == [False, True]
    in_vain = Given("ended", "ended-too")
    error = failing(
        Server("127.0.0.1", name, AccessTokens(in_vain.get, "Mend it.", renewable=True), Security.PLAIN, server.port)
    )
    assert (type(error), in_vain.wanted) == (TokenRefusedError, [False, True])


def by_command(tmp_path: Path, server: Dovecot) -> tuple[Home, str]:
    """Somebody whose token a program prints, which takes down when it is asked; and their name at the server."""
    home = at_dovecot(tmp_path / "home", server, secret="oauth: {command: [./token, robin]}")
    program = home.root / "config" / "token"
    program.write_text(f"#!/bin/sh\necho $1 >>'{tmp_path}/asked'\ncat '{tmp_path}/token'\n")
    program.chmod(0o700)
    coffee(home, ANA)
    return home, home.mail.resolve().parent.name


def test_whole_cycles_with_a_token_that_a_command_prints(tmp_path: Path, server: Dovecot, known: Known) -> None:
    home, name = by_command(tmp_path, server)
    for number, when in enumerate((FIRST, LATER)):
        token = f"{TOKEN}-{number}"
        known.good = {token: name}  # the one of before has ended
        (tmp_path / "token").write_text(f"{token}\n")
        code, told, err = home.command("once", when=when)
        assert (code, told["problems"], err) == (0, [], "")
    assert home.to() == [ANA]
    assert (tmp_path / "asked").read_text() == "robin\n" * 2
    assert [record.account for record in home.records()] == [f"{name}@127.0.0.1"]
    kept = b"".join(path.read_bytes() for path in home.state.rglob("*") if path.is_file())
    assert TOKEN.encode() not in kept
    code, told, _ = home.command("check", "--connect", when=LATER)
    assert (code, told["problems"]) == (0, [])


def test_a_token_of_a_command_that_is_refused_names_the_command(tmp_path: Path, server: Dovecot, known: Known) -> None:
    home, name = by_command(tmp_path, server)
    (tmp_path / "token").write_text(TOKEN)
    code, told, err = home.command("once", when=FIRST)
    assert (code, home.drafts()) == (77, [])
    (problem,) = told["problems"]
    assert problem["message"].startswith(f"127.0.0.1 does not let {name} in with this access token: 401")
    assert f"Try it by hand: {home.root}/config/token robin; it has to print the access token" in problem["hint"]
    assert TOKEN not in json.dumps(told) + err
    assert ((tmp_path / "asked").read_text(), known.asked) == ("robin\n", [TOKEN])


def test_a_token_that_was_refused_is_not_said_again_by_the_service_before_a_pause_and_another_one_is(
    tmp_path: Path, server: Dovecot, known: Known
) -> None:
    home, name = by_command(tmp_path, server)
    (tmp_path / "token").write_text("bad-token")
    codes = [home.command("once", "--service", when=f"2026-03-03 13:3{minute}")[0] for minute in range(3)]
    assert (codes, known.asked) == ([77] * 3, ["bad-token"])
    known.good = {TOKEN: name}
    (tmp_path / "token").write_text(TOKEN)
    assert home.command("once", "--service", when="2026-03-03 13:35")[0] == 0
    assert home.to() == [ANA]


@pytest.mark.parametrize(("printed", "message"), [
    ("", "what {program} printed is empty"), ('{"access_token": "x y"}', "what {program} printed is no access token"),
])  # fmt: skip
def test_a_command_that_prints_no_token_is_told(tmp_path: Path, server: Dovecot, printed: str, message: str) -> None:
    home, _ = by_command(tmp_path, server)
    (tmp_path / "token").write_text(printed)
    code, told, _ = home.command("once", when=FIRST)
    (problem,) = told["problems"]
    assert (code, problem["message"]) == (77, message.format(program=home.root / "config" / "token"))
    assert "access_token" not in problem["message"]
