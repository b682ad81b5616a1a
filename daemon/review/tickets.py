"""Who is let in: one-time addresses that `afterword review` prints, and the sessions that they open.

Both lie in the state folder, by their hash alone (0600 in a folder of 0700): whoever may read that folder may read
the ledger as well. So an address made by one process lets its bearer in at another one that serves the same state.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daemon.state_folder import unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TICKET_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
_BYTES = 32
_TICKETS, _SESSIONS, _SECRET = "tickets", "sessions", "secret"


class Door:
    """The tickets and sessions of one state folder. `now` is passed in by whoever asks."""

    def __init__(self, state: Path) -> None:
        """Nothing is read or made yet."""
        self._folder = state / "review"
        self._state = state
        self._over: set[str] = set()
        """Sessions that were ended here, by their hash, though their file could not be taken away."""

    def ticket(self, now: datetime) -> str:
        """A word that lets its bearer in once, within ten minutes.

        Raises:
            Failure: the state folder cannot be written to (75 or 77).
        """
        return self._make(_TICKETS, now + TICKET_LASTS, now)

    def enter(self, ticket: str, now: datetime) -> str | None:
        """A new session for the bearer of this ticket, which is used up now; None where it is none, or too old.

        Raises:
            Failure: the state folder cannot be written to (75 or 77).
        """
        until = self._until(_TICKETS, ticket)
        try:
            self._place(_TICKETS, ticket).unlink()  # of two that come at once one can do this
        except OSError:
            return None
        if until is None or until <= now:
            return None
        return self._make(_SESSIONS, now + SESSION_LASTS, now)

    def knows(self, session: str, now: datetime) -> bool:
        """Whether this is a session that has not ended."""
        until = self._until(_SESSIONS, session)
        return until is not None and now < until and self._place(_SESSIONS, session).name not in self._over

    def leave(self, session: str) -> None:
        """End a session: on a disk that takes nothing too, as far as this process lets anybody in.

        Raises:
            Failure: another process of this state would still take it (75 or 77).
        """
        file = self._place(_SESSIONS, session)
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            self._over.add(file.name)
            raise unusable(self._state, error) from None

    def proof(self, challenge: str) -> str:
        """What only who reads this state folder can answer: so the command knows a page of its own from a stranger's.

        Raises:
            Failure: the state folder cannot be written to (75 or 77).
        """
        return hmac.new(self._secret(), challenge.encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        file = self._folder / _SECRET
        try:
            return file.read_bytes()
        except OSError:
            self._write(file, secrets.token_bytes(_BYTES))
        try:
            return file.read_bytes()
        except OSError as error:
            raise unusable(self._state, error) from None

    def _make(self, kind: str, until: datetime, now: datetime) -> str:
        self._sweep(kind, now)
        word = secrets.token_urlsafe(_BYTES)
        self._write(self._place(kind, word), until.astimezone(UTC).isoformat().encode())
        return word

    def _write(self, file: Path, content: bytes) -> None:
        try:
            for folder in (self._folder, file.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            half = file.with_name(f".{secrets.token_hex(8)}")
            number = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(number, "wb") as stream:
                stream.write(content)
            half.rename(file)
        except OSError as error:
            raise unusable(self._state, error) from None

    def _place(self, kind: str, word: str) -> Path:
        return self._folder / kind / hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()

    def _until(self, kind: str, word: str) -> datetime | None:
        return _read(self._place(kind, word))

    def _sweep(self, kind: str, now: datetime) -> None:
        """Take away those that have ended."""
        for file in self._all(kind):
            until = _read(file)
            if until is None or until <= now:
                with suppress(OSError):
                    file.unlink()

    def _all(self, kind: str) -> Iterator[Path]:
        with suppress(OSError):
            yield from list((self._folder / kind).iterdir())


def token_of(session: str) -> str:
    """The word that each change made in this session has to bear (against forged requests)."""
    return hmac.new(session.encode(), b"afterword change", hashlib.sha256).hexdigest()


def _read(file: Path) -> datetime | None:
    try:
        until = datetime.fromisoformat(file.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return until if until.tzinfo is not None else None
