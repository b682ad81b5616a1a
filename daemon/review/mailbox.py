"""The mailbox as the pages ask it: not waited for long, and left alone for a while when it has been silent.

Somebody sits before the page, and what the ledger knows is shown meanwhile. A mailbox that is well answers a question
within a second, over a telephone too; after some ten seconds people take a page for broken (Nielsen, "Response Times:
The 3 Important Limits"). So half of that is waited for it, once: whatever asks next in the same page, and in those of
the next half minute, is told the same at once. A cycle is more patient.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from connectors.base import TransientError
from connectors.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from connectors.base import Header, Look, Mailbox
    from daemon.clock import Clock
    from rules.almanac import Almanac

LOOKING = Waits(connect=5, silence=5, answer=15, retries=0)
SAVING = Waits(connect=10, silence=15, answer=60, retries=0)
"""A save may take longer: somebody wants it, and an answer that comes after all is worth more than a quick excuse."""
ALONE = timedelta(seconds=30)
"""So long a mailbox that was silent is not asked again by a page: the user may look at some, and wait for none."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How it is asked: see `Silence.around`."""

    whose: object
    almanac: Almanac
    waits: Waits
    saves: bool


@dataclass(frozen=True, slots=True)
class _Silent:
    """It was asked in vain until then. `whose` are the settings by which: with others it is another mailbox."""

    whose: object
    at: datetime
    error: TransientError

    @property
    def again(self) -> datetime:
        """From when on it is asked again."""
        return self.at + ALONE

    def covers(self, manner: _Manner, now: datetime) -> bool:
        """Whether nobody asks now. Silence in the future was met with by a clock that was wrong."""
        return self.whose == manner.whose and not manner.saves and self.at <= now < self.again


class Silence:
    """What the pages of a room know of a mailbox that does not answer. Several threads may ask at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: _Silent | None = None

    def around(
        self, mailbox: Mailbox, whose: object, almanac: Almanac, waits: Waits, *, saves: bool = False
    ) -> Mailbox:
        """The mailbox, asked with this in mind; who `saves` asks in any case.

        `whose` are the settings of the mailbox, `almanac` has the zone in which times are told, and `waits` is how
        long it was told to wait.
        """
        return cast("Mailbox", _Mailbox(mailbox, self, _Manner(whose, almanac, waits, saves)))

    @contextmanager
    def asking(self, manner: _Manner) -> Iterator[None]:
        """Ask inside, or fail at once.

        Raises:
            TransientError: it did not answer, or was silent a moment ago.
        """
        last = self._last
        if last is not None and last.covers(manner, self._clock.now()):
            raise _told(last, manner.almanac)
        begun = self._clock.monotonic()
        try:
            yield
        except TransientError as error:
            if self._clock.monotonic() - begun < manner.waits.silence / 2:
                raise  # what says no at once may be asked again at once
            self._last = met = _Silent(manner.whose, self._clock.now(), error)
            raise _told(met, manner.almanac) from error
        else:
            if self._last is last:  # else another thread has met with silence since this one began
                self._last = None


def _told(silent: _Silent, almanac: Almanac) -> TransientError:
    """The message stays the same whenever it is told, so that it is known for the same."""
    at, again = (f"{almanac.local(one):%H:%M:%S}" for one in (silent.at, silent.again))
    later = f"It was asked in vain at {at}; load the page again after {again}, and it is asked anew."
    error = silent.error
    return TransientError(error.message, f"{error.hint} {later}" if error.hint else later, file=error.file)


class _Mailbox:
    """See `Mailbox`. What writes passes as it is: who writes has looked before."""

    def __init__(self, mailbox: Mailbox, silence: Silence, manner: _Manner) -> None:
        self._mailbox = mailbox
        self._silence = silence
        self._manner = manner

    @property
    def account(self) -> str:
        with self._silence.asking(self._manner):
            return self._mailbox.account

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        with self._silence.asking(self._manner):
            return self._mailbox.look(note, addresses)

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        with self._silence.asking(self._manner):
            return self._mailbox.find(message_ids)

    def read(self, ref: str) -> bytes | None:
        with self._silence.asking(self._manner):
            return self._mailbox.read(ref)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)
