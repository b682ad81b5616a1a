"""Between two cycles the server tells what comes: a mail in Sent or in the inbox, and nothing else."""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import ExitStack, closing, contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, TransientError
from connectors.imap.idle import RENEWED, CannotListenError, Listener
from connectors.imap.session import Session
from tests.cases.home import coffee
from tests.daemon.serving import LIMIT, Running
from tests.imap.hand import DovecotBackend, done, program
from tests.imap.hand import server as at
from tests.imap.home import at_dovecot
from tests.imap.programs import OLD, PASSWORD, Dovecot, dovecot
from tests.imap.scripted import CAPABLE, GREETING, says
from tests.proxy import Fault, How, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAIL = b"From: ana@one.example\r\nTo: robin@example.org\r\nSubject: Re: Thank you\r\n\r\nGladly.\r\n"


class Listening:
    """A listener at work in a thread, and what it tells."""

    def __init__(self, backend: DovecotBackend, port: int | None = None, every: float = RENEWED) -> None:
        server = at(port, backend.name) if port else backend.server
        self.listener = Listener(server, backend.configured, every=every)
        self._told, self._tell = os.pipe()
        self._read, self._until = os.pipe()
        self.error: ConnectorError | None = None
        self.rest = b""
        """News that nobody waited for."""
        self._thread = Thread(target=self._run)
        self._thread.start()
        assert self.news()

    def _run(self) -> None:
        try:
            self.listener.run(self._news, self._until)
        except ConnectorError as error:
            self.error = error
        finally:
            self.listener.close()

    def _news(self) -> None:
        os.write(self._tell, b"!")

    def news(self) -> bool:
        """Wait for news; whether there was any."""
        ready, _, _ = select.select([self._told], [], [], LIMIT)
        return bool(ready and os.read(self._told, 1))

    def ended(self) -> None:
        self._thread.join(LIMIT)
        assert not self._thread.is_alive()

    def end(self) -> None:
        """Nobody reads any more."""
        os.close(self._read)
        self.ended()
        os.set_blocking(self._told, False)
        with suppress(BlockingIOError):
            self.rest = os.read(self._told, 100)
        for number in (self._told, self._tell, self._until):
            os.close(number)


@contextmanager
def listening(backend: DovecotBackend, port: int | None = None, every: float = RENEWED) -> Iterator[Listening]:
    one = Listening(backend, port, every)
    try:
        yield one
    finally:
        one.end()


def test_a_mail_in_the_inbox_or_in_sent_is_news_and_a_draft_or_a_mark_is_none(backend: DovecotBackend) -> None:
    with backend.program() as user, listening(backend) as one:
        done(user.append("Drafts", "", "", MAIL))
        done(user.append("INBOX", "", "", MAIL))
        assert one.news()
        done(user.select("INBOX"))
        done(user.store("1", "+FLAGS", r"(\Seen)"))
        done(user.append("Sent", r"(\Seen)", "", MAIL))
        assert one.news()
    assert (one.error, one.rest) == (None, b"")


def test_it_goes_on_over_each_renewal(backend: DovecotBackend) -> None:
    with backend.program() as user, listening(backend, every=0.001) as one:
        for folder in ("INBOX", "Sent", "INBOX"):
            done(user.append(folder, "", "", MAIL))
            assert one.news()


def test_a_connection_that_breaks_is_told(backend: DovecotBackend) -> None:
    with ExitStack() as network:
        between = network.enter_context(proxy(backend.server.port or 0))
        with listening(backend, between.port) as one:
            network.close()
            one.ended()
            assert one.error is not None


def test_news_that_comes_a_byte_at_a_time_is_news(backend: DovecotBackend) -> None:
    with proxy(backend.server.port or 0) as between, backend.program() as user:
        between.order = lambda turn: Fault(How.DRIP, 0) if b" IDLE" in turn.asked else None
        with listening(backend, between.port) as one:
            done(user.append("INBOX", "", "", MAIL))
            assert one.news()
    assert one.error is None


LISTENING = (GREETING, CAPABLE, CAPABLE, b"TAG OK done\r\n", CAPABLE.replace(b"rev1", b"rev1 IDLE"))


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (b"+ idling\r\n", False),
        (b"+ idling\r\n* OK Still here\r\n* 1 EXPUNGE\r\n", False),
        (b"* 2 EXISTS\r\n+ idling\r\n", True),
        (b"+ idling\r\n* 2 EXISTS\r\n* 0 RECENT\r\n", True),
        (b"+ idling\r\n* 1 FETCH (X {13}\r\n* 2 EXISTS\r\n.)\r\n", False),
        (b"+ idling\r\n* 1 FETCH (X {1}\r\n.)\r\n* 2 EXISTS\r\n", True),
    ],
)
def test_what_comes_in_one_breath_with_the_beginning_is_heard(answer: bytes, came: bool) -> None:
    with says(*LISTENING, answer) as (port, told), closing(Session(at(port, "robin"))) as session:
        assert session.listen() is came
    assert told[-1].endswith(b" IDLE\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"TAG NO [CANNOT] not here\r\n",
        b"TAG BAD what?\r\n",
        b"+ idling\r\nTAG OK that was all\r\n",
        b"+ idling\r\n* BYE going down\r\n",
        b"+ idling\r\n* 2 EXIS",
        b"+ idling\r\n" + b"* 2 EXISTS\r\n" * 20_000,
    ],
)
def test_a_server_that_does_not_go_on_telling_is_not_listened_to(answer: bytes) -> None:
    with (
        says(*LISTENING, answer) as (port, _),
        closing(Session(at(port, "robin"))) as session,
        pytest.raises(TransientError),
    ):
        session.listen()


def test_an_old_server_cannot_be_listened_to() -> None:
    with dovecot("", OLD) as server:
        backend = DovecotBackend(server)
        with pytest.raises(CannotListenError, match="no IDLE"):
            Listener(backend.server, backend.configured)


def test_the_service_sees_what_was_sent_and_answered_within_seconds(server: Dovecot, tmp_path: Path) -> None:
    home = at_dovecot(tmp_path, server)
    settings = (home.root / "config" / "afterword.yaml").read_text()
    home.write("afterword.yaml", f"{settings}poll: 1h\n")
    coffee(home, "ana@one.example")
    command = ["--config", str(home.root / "config"), "--state", str(home.state)]
    run = [sys.executable, "-m", "daemon", *command, "run", "--at", "2026-03-03T13:30:00+00:00"]
    with Running.of(run) as service, program(server.port, home.mail.resolve().parent.name, PASSWORD) as user:
        service.until("draft.placed")
        service.until("mailbox.heard")
        (draft,) = home.drafts()
        assert service.until("cycle.started")["reason"] == "mail"
        service.until("cycle.done")
        done(user.append("Sent", r"(\Seen)", "", draft.as_bytes()))
        assert service.until("cycle.started")["reason"] == "mail"
        assert service.until("followup.changed")["state"] == "sent"
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
