"""The signatures of a mailbox's account: asked for when a note is worded, and each at most once a day."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from connectors.base import ConnectorError
from rules import cleaning

if TYPE_CHECKING:
    from daemon.keepsake import Keepsake

DAY = timedelta(days=1)
"""So long an answer holds, and so does a refusal."""


@runtime_checkable
class Signs(Protocol):
    """A mailbox whose account has signatures."""

    def signature(self, email: str) -> str | None:
        """The signature under mails from this address, as plain text; None where there is none."""
        ...


class Signatures:
    """What stands under mails from an address, by the account. `now` is the time, aware.

    No note waits for its signature, and nobody is bothered about one: where it cannot be asked for, what was known
    stays.
    """

    def __init__(self, account: Signs, memory: Keepsake, now: datetime) -> None:
        self._account = account
        self._memory = memory
        self._now = now

    def of(self, email: str) -> str:
        """The signature under mails from this address; "" where there is none, or none that may be known."""
        known = self._known()
        asked, text = known.get(email, (None, ""))
        # A time still to come was kept by a clock that was ahead.
        if asked is not None and timedelta() <= self._now - asked < DAY:
            return text
        with suppress(ConnectorError):  # what is wrong with the account, the mailbox itself tells; see the class
            text = cleaning.prose(self._account.signature(email) or "")
        self._keep({**known, email: (self._now, text)})
        return text

    def _known(self) -> dict[str, tuple[datetime, str]]:
        try:
            kept: Any = json.loads(self._memory.recall() or "{}")
            return {str(email): (_aware(one["asked"]), str(one["text"])) for email, one in kept.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # damaged: asked for anew
            return {}

    def _keep(self, known: dict[str, tuple[datetime, str]]) -> None:
        told = {email: {"asked": asked.isoformat(), "text": text} for email, (asked, text) in known.items()}
        self._memory.keep(json.dumps(told, ensure_ascii=True))


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
