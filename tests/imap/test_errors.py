"""What the user is told when an IMAP server cannot be asked, and that no password is said to a stranger."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.imap import errors
from connectors.imap.client import Security, Server
from connectors.mailboxes.folders import Configured
from connectors.mailboxes.imap import Imap
from connectors.retry import TRIES
from connectors.waits import Waits
from tests.cases.home import coffee
from tests.certificate import certified
from tests.conformance.mailboxes import MINE, NOBODY, mail
from tests.google.emulated import free_port
from tests.imap.hand import DovecotBackend
from tests.imap.hand import server as at
from tests.imap.home import at_dovecot
from tests.imap.programs import PASSWORD, Dovecot, dovecot
from tests.imap.scripted import CAPABLE, GREETING, says
from tests.proxy import Fault, How, proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def failing(server: Server, configured: Configured | None = None) -> ConnectorError:
    """What a look ends in."""
    pauses: list[float] = []
    with pytest.raises(ConnectorError) as caught:
        Imap(server, MINE, configured, pause=pauses.append).look("", NOBODY)
    assert len(pauses) < TRIES
    return caught.value


class Secret:
    """A password that counts how often it was said."""

    said = 0

    def __call__(self) -> str:
        self.said += 1
        return PASSWORD


def constant(text: str) -> Callable[[], str]:
    return lambda: text


def test_a_wrong_password_needs_the_user(server: Dovecot) -> None:
    name, _ = server.user()
    error = failing(at(server.port, name, lambda: "wrong"))
    assert isinstance(error, PermissionNeededError)
    assert f"does not let {name} in with this password: [AUTHENTICATIONFAILED]" in error.message
    assert (error.hint or "").startswith("Correct `user:`, or what `password:` names, in afterword.yaml")
    assert "wrong" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize("password", ["correct horse", 'a "quoted" one', "back\\slash"])
def test_a_password_that_the_server_repeats_is_not_told(password: str) -> None:
    for answer in (b"TAG NO no LOGIN for ROBIN\r\n", b"TAG BAD what is ROBIN?\r\n"):
        quoted = password.replace("\\", "\\\\").replace('"', '\\"')
        for form in (password, f'"{quoted}"'):
            repeated = answer.replace(b"ROBIN", f"robin {form}".encode())
            with says(GREETING, CAPABLE, CAPABLE, repeated) as (port, _):
                error = failing(at(port, "robin", constant(password)))
            assert "robin …" in error.message.replace('"', "")
            assert password not in error.message


def test_a_wrong_password_is_said_once_in_a_cycle(server: Dovecot) -> None:
    name, _ = server.user()
    secret = Secret()
    mailbox = Imap(at(server.port, name, lambda: f"not {secret()}"), MINE, pause=lambda _: None)
    for _ in range(3):
        with pytest.raises(PermissionNeededError):
            mailbox.look("", NOBODY)
    assert secret.said == 1


@pytest.mark.parametrize(
    ("host", "said", "hint"),
    [
        (
            "imap.gmail.com",
            "[ALERT] Application-specific password required",
            "https://myaccount.google.com/apppasswords",
        ),
        ("imap.mail.me.com", "[AUTHENTICATIONFAILED] Authentication Failed", "https://account.apple.com"),
        ("imap.fastmail.com", "[AUTHENTICATIONFAILED] Incorrect username, password or access token", "Fastmail takes"),
        ("imap.mail.yahoo.com", "[AUTHENTICATIONFAILED] LOGIN Invalid credentials", "Account Security"),
        ("outlook.office365.com", "LOGIN failed.", "Microsoft takes no password"),
        ("mail.example.org", "[AUTHENTICATIONFAILED] app password needed", "wants an app password"),
        ("127.0.0.1", "no such user", "a password of its own"),
    ],
)
def test_where_an_app_password_is_needed_it_says_so_and_where_it_is_made(host: str, said: str, hint: str) -> None:
    error = errors.login(host, "robin", ValueError(repr(said.encode())))
    assert isinstance(error, PermissionNeededError)
    assert said in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize(
    "said", ["[UNAVAILABLE] Temporary authentication failure", "Too many simultaneous connections"]
)
def test_a_server_that_lets_nobody_in_just_now_is_asked_again(said: str) -> None:
    assert isinstance(errors.login("imap.example.org", "robin", ValueError(said)), TransientError)


def test_a_connection_that_breaks_at_the_login_is_no_wrong_password() -> None:
    for capable in (CAPABLE, CAPABLE.replace(b"rev1", b"rev1 LOGINDISABLED AUTH=PLAIN")):
        with says(GREETING, capable, capable) as (port, _):
            assert isinstance(failing(at(port, "robin", constant("secret"))), TransientError)


def test_a_greeting_without_end_is_not_waited_for(server: Dovecot) -> None:
    with proxy(server.port) as between:
        between.order = lambda _: Fault(How.DRIP, 0)
        error = failing(replace(at(between.port, "robin"), waits=Waits(connect=0.05, silence=9, answer=9)))
    assert isinstance(error, TransientError)
    assert "did not answer in time" in error.message


def test_nobody_there_is_told_with_the_host_and_asked_again() -> None:
    error = failing(at(free_port(), "robin"))
    assert isinstance(error, TransientError)
    assert "nobody answers at 127.0.0.1:" in error.message


def test_a_certificate_that_nobody_knows_is_not_believed_and_the_password_not_said(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    certified(file)
    secret = Secret()
    with dovecot(certificate=file) as server:
        name, _ = server.user()
        for security, port in ((Security.TLS, server.tls_port), (Security.STARTTLS, server.port)):
            stranger = Server("127.0.0.1", name, secret, security, port)
            error = failing(stranger)
            assert isinstance(error, PermanentError)
            assert "is not believed: self-signed certificate" in error.message
            assert "`certificate: FILE`" in (error.hint or "")
            certified(tmp_path / "another.pem")
            another = failing(replace(stranger, certificate=tmp_path / "another.pem"))
            assert another.file == str(tmp_path / "another.pem")
            assert another.message.endswith("is not believed with the one in this file: self-signed certificate")
            assert secret.said == 0
            known = Imap(replace(stranger, certificate=file), MINE)
            known.place(mail())
            assert secret.said == 1
            secret.said = 0
            assert known.look("", NOBODY).headers
            other = failing(replace(stranger, certificate=file, host="localhost"))
            assert "is not for localhost" in (other.hint or "")
        missing = failing(replace(stranger, certificate=tmp_path / "none.pem"))
        assert (missing.file, missing.message) == (
            str(tmp_path / "none.pem"),
            "the certificate cannot be read: No such file or directory",
        )


def test_a_server_that_takes_no_password_in_the_clear_is_told_none() -> None:
    secret = Secret()
    disabled = CAPABLE.replace(b"rev1", b"rev1 STARTTLS LOGINDISABLED")
    with says(GREETING, disabled, disabled) as (port, _):
        error = failing(at(port, "robin", secret))
    assert "takes no password over a connection in the clear" in error.message
    assert error.hint == "Write `starttls: true` beside `imap:`."
    assert secret.said == 0


def test_without_starttls_to_be_had_the_password_is_not_said(server: Dovecot) -> None:
    secret = Secret()
    error = failing(Server("127.0.0.1", "x", secret, Security.STARTTLS, server.port))
    assert "does not offer STARTTLS" in error.message
    assert secret.said == 0


def test_a_port_without_tls_is_told(server: Dovecot) -> None:
    error = failing(Server("127.0.0.1", "x", lambda: "", Security.TLS, server.port))
    assert "speaks no TLS on this port" in error.message
    assert "`starttls: true` or, as it is on this machine, `plain: true`" in (error.hint or "")


def test_a_port_that_is_silent_in_the_clear_may_be_one_for_tls() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_connection(silent.getsockname(), timeout=0.05) as waiting,
    ):
        with (
            pytest.raises(TransientError, match="did not answer in time") as caught,
            errors.connecting("h:993", certificate=None, tls=False),
        ):
            waiting.recv(1)
        assert "take `plain` or `starttls` out" in (caught.value.hint or "")
        with pytest.raises(TimeoutError), errors.connecting("h:993", certificate=None, tls=True):
            waiting.recv(1)


def test_without_a_drafts_folder_the_folders_are_named(server: Dovecot) -> None:
    backend = DovecotBackend(server)
    for name in (".Drafts", ".Sent"):
        (backend.root / name).rename(backend.root / f".Kunden{name}")
    error = failing(backend.server)
    assert error.message.startswith("there is no drafts folder at 127.0.0.1:")
    assert (error.hint or "").startswith("there are INBOX, Kunden.Drafts, Kunden.Sent, Trash; say which with `drafts:`")
    wrong = failing(backend.server, Configured(drafts="Entwürfe"))
    assert "there is no folder 'Entwürfe'" in wrong.message


def test_a_full_mailbox_is_told_and_the_note_is_kept(tmp_path: Path) -> None:
    full = "mail_plugins = quota\nplugin {\n  quota = maildir:User quota\n  quota_rule = *:bytes=10\n}"
    with dovecot(more=full) as server:
        home = at_dovecot(tmp_path / "home", server)
        coffee(home, "ana@one.example")
        outcome = home.once("2026-03-03 13:30")
    assert (outcome.placed, home.drafts()) == ([], [])
    assert [one.message.partition(": ")[0] for one in outcome.problems] == [
        f"the mailbox at 127.0.0.1:{server.port} is full"
    ]
    assert [one.hint for one in outcome.problems] == ["Make some room there; what is due is kept."]


@pytest.mark.parametrize("end", ["\r\nA1 LOGOUT", "\n", "\r", "\0"])
def test_a_line_end_in_user_or_password_is_refused_before_anything_is_said(end: str) -> None:
    for user, password in ((f"robin{end}", "x"), ("robin", f"secret{end}")):
        with says(GREETING, CAPABLE, CAPABLE) as (port, told):
            error = failing(at(port, user, constant(password)))
        assert "has a line end or NUL in it" in error.message
        assert all(b"CAPABILITY" in line or not line for line in told)


@pytest.mark.parametrize(
    "name", ['<a"@x.example>', "<a\r\nA1 DELETE Drafts@x>", "<a\0@x>", "<ä@x>", "<a b@x>", '<") (A@x>', "<*@x>", ""]
)
def test_no_message_id_breaks_a_question(backend: DovecotBackend, name: str) -> None:
    mailbox = backend.mailbox()
    mailbox.place(mail())
    found = mailbox.find(frozenset({name, "<one@example.org>"}))
    assert set(found) == {"<one@example.org>"}
    assert mailbox.laid(frozenset({name}), mailbox.look("", NOBODY).headers[0].at) == {}


@pytest.mark.parametrize("ref", ["", "1/1/", "1/1/INBOX\r\nA1 DELETE Drafts", "x/1/Drafts", "1/1:*/Drafts", "9" * 30])
def test_a_ref_that_never_named_a_mail_names_none(backend: DovecotBackend, ref: str) -> None:
    mailbox = backend.mailbox()
    mailbox.place(mail())
    assert mailbox.read(ref) is None
    assert not mailbox.remove(ref, lambda _: True)
    assert len(mailbox.look("", NOBODY).headers) == 1


@pytest.mark.parametrize("typed", ["Drafts\r\nA1 DELETE Drafts", 'a"b', "*", "%", "{3}"])
def test_a_folder_name_of_the_settings_is_compared_and_never_said(backend: DovecotBackend, typed: str) -> None:
    assert "there is no folder" in failing(backend.server, Configured(drafts=typed)).message


@pytest.mark.parametrize(
    "answer",
    [
        b'* LIST (\\HasNoChildren) "/" {4}\r\nA\r\nB\r\n* LIST () "/" Drafts\r\nTAG OK done\r\n',
        b"* LIST garbage\r\nTAG OK done\r\n",
        b'* LIST () "/" "unclosed\r\nTAG OK done\r\n',
        b"TAG NO [UNAVAILABLE] not now\r\n",
        b"TAG BAD what?\r\n",
        b"* BYE going down\r\n",
        b"\x80\x81\xff\r\n",
        b"* LIST () NIL {99999999}\r\n",
    ],
)
def test_whatever_a_server_answers_is_an_error_of_the_border(answer: bytes) -> None:
    with says(GREETING, CAPABLE, CAPABLE, b"TAG OK done\r\n", CAPABLE, answer) as (port, told):
        failing(at(port, "robin"))
    assert b"LIST" in told[-1]
