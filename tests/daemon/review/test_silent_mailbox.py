"""A mailbox that takes connections and says nothing: each page is there soon, and asks it once in half a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.waits import Waits
from daemon.cli.call import Call
from daemon.clock import Clock
from daemon.ledger import Ledger
from daemon.review.mailbox import ALONE
from daemon.review.room import Room
from rules.history import State
from tests.build import at
from tests.cases.home import settings
from tests.daemon.review.conftest import NOW
from tests.daemon.review.test_rules import words
from tests.daemon.review.test_today import MINE, kept, of
from tests.daemon.review.visitor import PLACES, Visitor
from tests.imap.scripted import Silent

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from tests.cases.home import Home

SILENT = "did not answer in time"
SOON = Waits(connect=0.1, silence=0.1, answer=5, retries=0)


class Wound(Clock):
    """A clock that stands, and that a test puts forward."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._now = now

    def now(self) -> datetime:
        return self._now

    def forward(self, by: timedelta) -> None:
        self._now += by


@pytest.fixture
def clock() -> Wound:
    return Wound(at(NOW))


@pytest.fixture
def visitor(home: Home, clock: Wound) -> Visitor:
    """Somebody who has no time."""
    call = Call(str(home.root / "config"), str(home.state), at(NOW), json=False)
    return Visitor(Room(call, clock, PLACES, looking=SOON, saving=SOON))


def move(home: Home, port: int) -> None:
    """The mailbox, with all that was laid into it, is said to be at this port."""
    password = home.root / "password"
    password.write_text("secret")
    password.chmod(0o600)
    said = f"imap: 127.0.0.1, port: {port}, plain: true, user: robin@example.org, password: {{file: ../password}}"
    home.write("afterword.yaml", settings(mailbox=f"{{{said}}}"))
    with Ledger.open(home.state) as ledger, ledger.writing() as connection:
        connection.exec_driver_sql("UPDATE follow_ups SET account = 'robin@example.org'")


@pytest.mark.parametrize("lets_in", [False, True])
def test_whatever_page_is_opened_a_silent_mailbox_is_asked_once_in_half_a_minute(
    home: Home, visitor: Visitor, clock: Wound, *, lets_in: bool
) -> None:
    with Silent(lets_in=lets_in) as server:
        move(home, server.port)
        look = words(visitor.get("/today/look", part=True).text)
        assert f"{server.port} {SILENT}" in look
        assert "This is what was known before." in look
        assert "Thank you, Ana" in look
        assert server.asked() == 1
        opened = words(visitor.get(f"/draft/{of(home).id}").text)
        assert SILENT in opened
        assert "Thank you for your time on Tuesday." in opened
        health = words(visitor.get("/health").text)
        assert health.count(SILENT) == 1
        assert "It was asked in vain at 13:30:00; load the page again after 13:30:30, and it is asked anew." in health
        assert visitor.post(f"/draft/{of(home).id}/skip").status_code == 200
        assert of(home).state is State.SKIPPED
        assert server.asked() == 1
        clock.forward(ALONE)
        assert SILENT in words(visitor.get("/health").text)
        assert server.asked() == 2


def test_a_save_asks_in_any_case_and_keeps_the_words(home: Home, visitor: Visitor) -> None:
    with Silent(lets_in=True) as server:
        move(home, server.port)
        visitor.get("/today/look", part=True)
        form = {"base": "base", "subject": "Thank you", "text": MINE}
        answer = visitor.post(f"/draft/{of(home).id}", form)
        assert (answer.status_code, SILENT in answer.text, server.asked()) == (503, True, 2)
        assert kept(home, of(home)) == MINE
        assert SILENT in visitor.post(f"/draft/{of(home).id}", form, part=False).text
        assert server.asked() == 3


def test_another_mailbox_in_the_settings_is_asked_at_once(home: Home, visitor: Visitor) -> None:
    with Silent(lets_in=False) as server, Silent(lets_in=False) as other:
        move(home, server.port)
        assert SILENT in visitor.get("/today/look", part=True).text
        move(home, other.port)
        assert f"{other.port} {SILENT}" in visitor.get("/today/look", part=True).text
        assert (server.asked(), other.asked()) == (1, 1)
