"""Passwords that a server has refused: not said again before a pause has passed, lest the server lock the user out.

fail2ban bans after a few wrong passwords in ten minutes, providers lock the account. A cycle comes every few minutes.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import scrypt
from hmac import compare_digest
from typing import TYPE_CHECKING

from connectors import whole
from connectors.base import PermissionNeededError
from rules.model import aware
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Any

    from connectors.logins import Login
    from rules.almanac import Almanac

FILE = "refused-logins.json"
FIRST, LONGEST = timedelta(hours=1), timedelta(days=1)
"""The pause before a refused password is said again: it doubles with each time, up to the longest."""
_MOST = 32
_LARGEST = 2**20
_LONGEST_TEXT = 2000
_COST = {"n": 2**13, "r": 8, "p": 1}
"""Some hundredths of a second and 8 MB, for one who guesses: the file is the user's own, and so is the password."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A password that a server did not take: since when, when the last time, and how many pauses that has cost.

    `digest` tells it from others without being it. `message` and `hint` are what the user is told.
    """

    server: str
    user: str
    salt: str
    digest: str
    since: datetime
    at: datetime
    times: int
    message: str
    hint: str | None

    @property
    def again(self) -> datetime:
        """When the service says it the next time."""
        doubled: timedelta = FIRST * 2 ** min(self.times - 1, 16)
        return self.at + min(doubled, LONGEST)

    def rests(self, now: datetime) -> bool:
        """Whether it is not to be said now. A refusal from the future is a clock that was wrong."""
        return self.at <= now < self.again

    def is_of(self, login: Login) -> bool:
        """Whether this is the password that would be said; it is got only for the same user of the same server."""
        if (self.server, self.user) != (login.server, login.user):
            return False
        return compare_digest(self.digest, _digest(login.password(), self.salt))

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "since": self.since.isoformat(), "at": self.at.isoformat()}


class Logins:
    """See `connectors.logins.Logins`. What was refused is kept in the state folder, where there is one.

    Every command keeps it, those too that otherwise write nothing: the server counts each of their logins. Within one
    process no password is said again to a server that refused it. One that `insists` does not wait for a pause.
    """

    def __init__(self, state: Path, almanac: Almanac, now: datetime, *, insists: bool = False) -> None:
        self._path = state / FILE
        self._almanac = almanac
        self._now = now
        self._insists = insists
        self._here: dict[tuple[str, str, str], _Refused] = {}
        self._taken: set[tuple[str, str, str]] = set()
        self._passed: set[Login] = set()
        self._known: tuple[_Refused, ...] | None = None

    def check(self, login: Login) -> None:
        """See `connectors.logins.Logins.check`."""
        if any((server, user) == (login.server, login.user) for server, user, _ in self._here):
            found = self._here.get(_key(login))
            if found is not None:
                raise self._told(found)
        if self._insists or login in self._passed:
            return
        for one in self._recalled():
            if one.rests(self._now) and one.is_of(login):
                raise self._told(one)
        self._passed.add(login)

    def refused(self, login: Login, error: PermissionNeededError) -> PermissionNeededError:
        """See `connectors.logins.Logins.refused`. A password that was taken just before is not what is wrong."""
        if _key(login) in self._taken:
            return error

        def add() -> str:
            known = _read(self._path)
            before = next((one for one in known if one.is_of(login)), None)
            now = self._here[_key(login)] = self._refusal(before, login, error)
            return _text([*(one for one in known if one is not before), now][-_MOST:])

        with suppress(OSError):  # what cannot be kept costs another login; that the disk is full is told elsewhere
            whole.replace(self._path, add)
        return self._told(self._here.setdefault(_key(login), self._refusal(None, login, error)))

    def taken(self, login: Login) -> None:
        """See `connectors.logins.Logins.taken`."""
        if _key(login) in self._taken:
            return
        self._taken.add(_key(login))
        if not any(one.is_of(login) for one in self._recalled()):
            return
        with suppress(OSError):
            whole.replace(self._path, lambda: _text(one for one in _read(self._path) if not one.is_of(login)))

    def _recalled(self) -> tuple[_Refused, ...]:
        if self._known is None:
            self._known = _read(self._path)
        return self._known

    def _refusal(self, before: _Refused | None, login: Login, error: PermissionNeededError) -> _Refused:
        """This one, after that which was known. The pause grows only after the one before was waited for."""
        message, hint = error.message[:_LONGEST_TEXT], error.hint and error.hint[:_LONGEST_TEXT]
        if before is not None and before.at <= self._now:
            times = before.times if before.rests(self._now) else before.times + 1
            return replace(before, at=self._now, times=times, message=message, hint=hint)
        salt = secrets.token_hex(16)
        digest = _digest(login.password(), salt)
        return _Refused(login.server, login.user, salt, digest, self._now, self._now, 1, message, hint)

    def _told(self, one: _Refused) -> PermissionNeededError:
        since, again = (moment(instant, self._almanac, self._now) for instant in (one.since, one.again))
        later = (
            f"The service tries this one again on {again}, another in its next cycle; "
            "`afterword check --connect` tries at once."
        )
        return PermissionNeededError(f"{one.message} (since {since})", f"{one.hint} {later}" if one.hint else later)


def _key(login: Login) -> tuple[str, str, str]:
    return login.server, login.user, login.password()


def _digest(password: str, salt: str) -> str:
    return scrypt(password.encode("utf-8", "surrogatepass"), salt=salt.encode(), **_COST).hex()


def _text(refused: Iterable[_Refused]) -> str:
    return json.dumps([one.row() for one in refused])


def _read(path: Path) -> tuple[_Refused, ...]:
    """What was kept; nothing where that is damaged: then each password is said once more."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        with path.open(encoding="utf-8") as file:
            rows = json.loads(file.read(_LARGEST))
        return tuple(_refused(**row) for row in rows[-_MOST:])
    return ()


def _refused(*, since: str, at: str, times: int, hint: str | None, **texts: str) -> _Refused:
    moments = [aware(datetime.fromisoformat(one), "the time of a refusal") for one in (since, at)]
    said = {name: str(text) for name, text in texts.items()}
    bytes.fromhex(said["salt"] + said["digest"])  # else they could not be compared
    return _Refused(since=moments[0], at=moments[1], times=max(int(times), 1), hint=hint and str(hint), **said)
