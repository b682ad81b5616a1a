"""The weather between a year and Google: what is asked there may be refused, lost, half answered, or forgotten.

The process dies before a request leaves it, or when the answer has come: then what was asked for is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from tests.google.answers import Answer, Refusal
from tests.google.calendars import Store
from tests.google.faults import Cut, refused
from tests.simulation.machine import Killed

if TYPE_CHECKING:
    from random import Random

    from tests.google.serving import Asked, Work
    from tests.google.standin import Service
    from tests.simulation.machine import Fuse
    from tests.simulation.year import Year

HOUR = timedelta(hours=1)
NEVER_FOUND = 10**6
OPERATIONS = {
    "place": r"POST /gmail/v1/users/me/drafts$",
    "remove": r"DELETE /gmail/v1/users/me/drafts/",
    "look": r"GET /gmail/v1/users/me/(history|messages|profile)",
    "find": r"GET /gmail/v1/users/me/drafts",
}
OTHERS = {"calendar": r"/calendar/", "token": r"/token$", "contacts": r"/v1/"}
CALENDARS = "/calendar/v3/calendars/"
LIMITS = (
    (403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded"), (500, "backendError"),
    (503, "backendError"), (403, "quotaExceeded"),
)  # fmt: skip


@dataclass(frozen=True)
class Page(Answer):
    """What is no document of Google: a page for logging in, or nothing."""

    text: str = ""

    def body(self) -> bytes:
        return self.text.encode()


LOGIN = Page(200, text="<!doctype html><title>Sign in</title>")
NOTHING = Page(200)


class GoogleCalendarServer:
    """A calendar at Google, which may show nothing, half, a page for logging in, or not answer at all."""

    def __init__(self, store: Store, clouds: Clouds) -> None:
        self.store = store
        self._clouds = clouds
        self._fault = ""

    @property
    def fault(self) -> str:
        """What is the matter with it, for some time."""
        return self._fault or ("no answer" if self._clouds.is_shut else "")

    @fault.setter
    def fault(self, fault: str) -> None:
        hidden = self._clouds.google._calendars
        if "empty" in {fault, self._fault}:  # tokens of the one calendar mean nothing to the other
            shown = Store(self.store.id, self.store.lock, token="hollow") if fault == "empty" else self.store
            hidden[self.store.id] = shown
        self._fault = fault

    @property
    def unread(self) -> bool:
        """Whether it may not have been read in this cycle."""
        return bool(self.fault) or self.store.id in self._clouds.struck

    def answer(self) -> Work | None:
        """What comes in place of an answer."""
        match self.fault:
            case "deaf" | "no answer":
                return None, Cut.BEFORE
            case "login page":
                return LOGIN, None
            case "no bytes":
                return NOTHING, None
        return None


class Clouds:
    """Stands before the stand-in (`work`), and lets things happen there in a year (`begin`)."""

    def __init__(self, google: Service, fuse: Fuse, dice: Random) -> None:
        self.google = google
        self.calendars: list[GoogleCalendarServer] = []
        self.struck: set[str] = set()
        """Calendars about which a question of this cycle went wrong."""
        self.withdrawn = False
        self._fuse = fuse
        self._dice = dice
        self._everywhere = self._mail = False
        self._late = 0
        self._doom: tuple[str, bool] | None = None

    # --- each request ---

    def work(self, asked: Asked) -> Work:
        """Answer, or not."""
        self._fuse.reach()
        self._die(asked, done=False)
        answer, cut = self._worked(asked)
        self._die(asked, done=True)
        self._fuse.reach()
        return answer, cut

    def _die(self, asked: Asked, *, done: bool) -> None:
        """Deaths that no chance would bring about often: just when something was done, and nobody knows of it."""
        if self._doom is not None and self._doom == (self._meant(asked), done):
            self._doom = None
            raise Killed

    @staticmethod
    def _meant(asked: Asked) -> str:
        """What the request is for."""
        line = f"{asked.method} {asked.path}"
        return next((name for name, path in (*OPERATIONS.items(), *OTHERS.items()) if re.search(path, line)), "")

    def _worked(self, asked: Asked) -> Work:
        if self._everywhere:
            return None, Cut.BEFORE
        if self._mail and asked.path.startswith("/gmail/"):
            return refused(Refusal(503, "backendError"), asked.path), None
        if asked.path.startswith(CALENDARS):
            return self._of_calendar(asked)
        if "q" in asked.query and self._late:
            self._late -= 1
            self.google.mail.search_lags = self.google.mail.search_lags and self._late > 0
        return self.google.work(asked)

    def _of_calendar(self, asked: Asked) -> Work:
        name = asked.path.removeprefix(CALENDARS).partition("/")[0]
        own = self.google.address if name == "primary" else name
        calendar = next(one for one in self.calendars if one.store.id == own)
        instead = calendar.answer()
        answer, cut = instead or self.google.work(asked)
        if calendar.fault == "cut off":
            cut = Cut.HALF
        if cut is not None or answer is None or answer.status != 200:
            self.struck.add(own)
        return answer, cut

    # --- what it is like now ---

    @property
    def is_shut(self) -> bool:
        """Whether nothing of Google can be asked."""
        return self._everywhere or self.withdrawn

    @property
    def is_deaf(self) -> bool:
        """Whether the mailbox cannot be asked."""
        return self.is_shut or self._mail

    @property
    def pending(self) -> int:
        """How many requests will be answered badly."""
        return sum(fault.times for fault in self.google._faults._faults)

    def deafen(self, *, everywhere: bool, mail: bool) -> None:
        """The network is gone, or Gmail alone is out of order."""
        self._everywhere, self._mail = everywhere, mail

    def lag(self, looks: int) -> None:
        """For the searches of so many looks what comes from now on is not found."""
        self.google.mail.search_lags = True
        self._late = looks * self._dice.randrange(1, 12)

    def clear(self) -> None:
        """All is well again, but for a permission that is missing."""
        self._everywhere = self._mail = False
        self._late = 0
        self.google.mail.search_lags = False
        self.google.heal()

    def strike(self, operation: str, *, done: bool) -> None:
        """Once, or so often that patience ends."""
        times, path = self._dice.choice((1, 1, 2, 4)), OPERATIONS[operation]
        if operation in {"place", "remove"}:
            times = 1
        if done:
            ending = self._dice.choice((self.google.half, self.google.cut))
            ending(path, times, **({"done": True} if ending == self.google.cut else {}))
        elif self._dice.random() < 0.5:
            self.google.cut(path, times)
        else:
            self.google.fail(path, *self._dice.choice(LIMITS), times=times)

    # --- what happens in a year ---

    def begin(self, year: Year) -> None:
        """Enter what the year is to bring."""
        plagues = (
            (self._limit, 14), (self._expire_calendars, 8), (self._expire_history, 8), (self._expire_people, 4),
            (self._forget, 300), (self._lag, 10), (self._withdraw, 2), (self._doomed, 24),
        )  # fmt: skip
        for plague, often in plagues:
            for _ in range(round(often * year.days / 365)):
                hours = self._dice.uniform(24, 24 * (year.days - 1))
                year.at(year.now + hours * HOUR, partial(plague, year))

    def _limit(self, year: Year) -> None:
        path = self._dice.choice(("/gmail/", CALENDARS, "/v1/people", "/v1/contactGroups", "/token"))
        (status, reason), times = self._dice.choice(LIMITS), self._dice.choice((1, 2, 3, 6))
        self.google.fail(path, status, reason, times=times)
        year.story.tell(year.now, f"Google answers {times} questions for {path} with {status} {reason}")
        year.wake(year.now)

    def _expire_calendars(self, year: Year) -> None:
        calendar = self._dice.choice(self.calendars)
        calendar.store.expire_sync_tokens()
        year.story.tell(year.now, f"Google forgets what was known of the calendar {calendar.store.id}")
        year.wake(year.now)

    def _expire_history(self, year: Year) -> None:
        self.google.mail.expire_history()
        year.story.tell(year.now, "Gmail forgets its history")
        if self._dice.random() < 0.5:
            year.wake(year.now)

    def _expire_people(self, year: Year) -> None:
        self.google.people.expire_sync_tokens()
        year.story.tell(year.now, "Google forgets what was known of the contacts")

    def _doomed(self, year: Year) -> None:
        what = self._dice.choice(("place", "place", "place", "remove", *OPERATIONS, *OTHERS))
        self._doom = what, self._dice.random() < 0.7
        when = "when it is done, and before its answer has come" if self._doom[1] else "before it is done"
        year.story.tell(year.now, f"at its next {what} the process is going to die, {when}")

    def forget(self) -> None:
        """A week is over in which nobody asked."""
        for calendar in self.calendars:
            calendar.store.expire_sync_tokens()
        self.google.mail.expire_history()
        self.google.people.expire_sync_tokens()

    def _forget(self, _: Year) -> None:
        """The hour of an access token is over."""
        self.google.forget_access_tokens()

    def _lag(self, year: Year) -> None:
        """For hours or days; and when the history is lost meanwhile, the mailbox is read anew without those mails."""
        self.google.mail.search_lags = True
        self._late = NEVER_FOUND
        span = self._dice.uniform(1, 72) * HOUR
        year.story.tell(year.now, f"the search of Gmail lags behind for {span / HOUR:.0f} h")
        if self._dice.random() < 0.5:
            year.at(year.now + 0.95 * span, lambda: self._expire_history(year))
        year.at(year.now + span, self._catch_up)

    def _catch_up(self) -> None:
        self.google.mail.search_lags, self._late = False, 0

    def _withdraw(self, year: Year) -> None:
        self.withdrawn = True
        for token in list(self.google.oauth._refresh):
            self.google.withdraw(token)
        span = self._dice.uniform(1, 100) * HOUR
        year.story.tell(year.now, f"the permission for Google is withdrawn for {span / HOUR:.0f} h")
        year.wake(year.now)
        year.at(year.now + span, lambda: self._consent(year))

    def _consent(self, year: Year) -> None:
        self.withdrawn = False
        year.story.tell(year.now, "the user gives the permission for Google again")
        year.wake(year.now)
