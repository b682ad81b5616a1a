"""The year of somebody whose calendars, mailbox and contacts are Google's: the real connectors and the stand-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from connectors.google.permission import load
from tests.google.inside import ConnectInside
from tests.google.permitted import consented
from tests.google.standin import Service
from tests.simulation.agenda import Agenda
from tests.simulation.clouds import Clouds, GoogleCalendarServer
from tests.simulation.diary import ME
from tests.simulation.gmail import GmailServer, WatchedMail
from tests.simulation.home import configured
from tests.simulation.life import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daemon.view import House
    from tests.simulation.diary import Diary
    from tests.simulation.machine import Fuse
    from tests.simulation.year import Year

WEEK = timedelta(days=7)
SHARED = "work0815@group.calendar.google.com"
SOURCES = f"""\
calendars: [{{id: feed, google: primary}}, {{id: work, google: {SHARED}}}]
contacts: [{{google: {{}}}}]
mailbox: {{gmail: {{}}}}
notify: none
google: {{endpoint: "http://127.0.0.1:1"}}
"""


class GoogleSide:
    """Google, and the household that works with it. See `tests.simulation.home.MemorySide`."""

    def __init__(self, root: Path, zone: str, seed: int, fuse: Fuse) -> None:
        self.now: Callable[[], datetime] = lambda: datetime(2026, 1, 5, 8, tzinfo=UTC)
        self._asked = self.now()
        self._dice = Random(f"google {seed}")
        self._state = root / "state"
        self._configuration = configured(root, zone, SOURCES)
        self._google = Service(ME)
        store = WatchedMail(self._google._lock, page_size=self._dice.choice((7, 60, 500)))
        store.decodes_heads = self._dice.random() < 0.5
        self._google.mail = store
        self._clouds = Clouds(self._google, fuse, self._dice)
        self.mail = GmailServer(store, self._clouds, self._dice)
        stores = {"feed": self._google.calendar("primary"), "work": self._google.calendar(SHARED)}
        self._agendas = [Agenda(name, one, own=name == "feed") for name, one in stores.items()]
        self.calendars = {name: GoogleCalendarServer(one, self._clouds) for name, one in stores.items()}
        self._clouds.calendars = [*self.calendars.values()]
        for one in stores.values():
            one.page_size = self._dice.choice((3, 250))
        for email in PEOPLE:
            self._google.people.put(_person(email))

    def begin(self, year: Year) -> None:
        """Enter what Google brings to this year."""
        self.now = lambda: year.machine.clock(year.now)
        self._clouds.begin(year)

    def house(self) -> House:
        """What a cycle makes of the settings: nothing is left of the cycle before but what lies in the state folder."""
        self._clouds.struck.clear()
        if not self._clouds.withdrawn:
            self._permit()
        return ConnectInside(self._configuration, self._state, self._clouds.work, self.now).house()

    def show(self, diary: Diary, now: datetime) -> None:
        """What the calendars have to show. What nobody has asked for in a week, Google remembers no more."""
        if now - self._asked > WEEK:
            self._clouds.forget()
        self._asked = now
        for agenda in self._agendas:
            agenda.enter(diary)

    def _permit(self) -> None:
        """The user gives the permission where Google accepts none: not yet, not any more, or not what was restored."""
        token = load(self._state)
        oauth = self._google.oauth
        if token is None or token.refresh_token in oauth._withdrawn:
            consented(self._google, self._state, now=self.now())


def _person(email: str) -> dict[str, object]:
    name = email.partition("@")[0].title()
    return {
        "names": [{"displayName": f"{name} Vale", "metadata": {"primary": True}}],
        "emailAddresses": [{"value": email, "metadata": {"primary": True}}],
    }
