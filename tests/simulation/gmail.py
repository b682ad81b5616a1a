"""The mailbox of a year at Gmail: the user's hand in it, and who watches what the service does there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.base import Folder
from tests.google.mail import Mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from connectors.base import ConnectorError
    from tests.simulation.clouds import Clouds
    from tests.simulation.weather import Watcher

LABELS = {Folder.SENT: ("SENT",), Folder.OTHER: ("INBOX", "UNREAD")}


@dataclass
class WatchedMail(Mail):
    """Tells what its interface does: a draft that was made, a draft that was deleted."""

    made: Callable[[str, bytes], None] = field(default=lambda *_: None)
    deleted: Callable[[str], None] = field(default=lambda _: None)

    def keep_draft(self, raw: bytes, thread: str | None) -> str:
        """See `Mail.keep_draft`."""
        draft_id = super().keep_draft(raw, thread)
        self.made(draft_id, raw)
        return draft_id

    def drop_draft(self, draft_id: str) -> None:
        """See `Mail.drop_draft`."""
        super().drop_draft(draft_id)
        self.deleted(draft_id)

    def lay(self, raw: bytes) -> str:
        """The user's own program lays a draft down: its id."""
        return super().keep_draft(raw, None)


class GmailServer:
    """What `MailServer` is for a mailbox in memory, on the store of the stand-in.

    A draft keeps its ref for the year, while its id changes with programs that work over IMAP: they save a draft as a
    new one, and delete the old.
    """

    def __init__(self, store: WatchedMail, clouds: Clouds, dice: Random) -> None:
        self.store = store
        self.clouds = clouds
        self.watcher: Watcher | None = None
        self._dice = dice
        self._drafts: dict[str, str] = {}
        self._opened: dict[str, bytes] = {}
        store.made, store.deleted = self._made, self._deleted

    # --- the user's hand ---

    def message(self, ref: str) -> bytes:
        """The bytes of a draft that lies there."""
        return self.store.messages[self._message(ref)].raw

    def deliver(self, message: bytes, received: datetime, folder: Folder = Folder.OTHER) -> None:
        """A mail arrives, or the user writes one."""
        self.store.deliver(message, LABELS[folder], at=received)

    def send(self, ref: str, message: bytes) -> None:
        """The last words are saved as in any edit."""
        if message != self.message(ref):
            self.store.edit_draft(self._drafts[ref], message)
        self.store.send_draft(self._drafts.pop(ref))

    def edit(self, ref: str, message: bytes) -> None:
        """In Gmail itself, or with a program that works over IMAP."""
        if self._dice.random() < 0.5:
            self.store.edit_draft(self._drafts[ref], message)
        else:
            self.open(ref)
            self._opened[ref] = message
            self.close(ref)

    def trash(self, ref: str) -> None:
        """Into the trash."""
        self.store.trash(self._message(ref))

    def discard(self, ref: str) -> None:
        """For good."""
        self.store.delete(self._message(ref))

    def open(self, ref: str) -> None:
        """In an editor over IMAP, which takes it away until it is saved."""
        name = self._message(ref)
        self._opened[ref] = self.store.messages[name].raw
        self.store.delete(name)

    def close(self, ref: str) -> None:
        """It is saved again, as another draft."""
        self._drafts[ref] = self.store.lay(self._opened.pop(ref))

    def _message(self, ref: str) -> str:
        return self.store.drafts[self._drafts[ref]]

    # --- what the service does ---

    def _made(self, draft_id: str, raw: bytes) -> None:
        self._drafts[draft_id] = draft_id
        assert self.watcher is not None
        self.watcher.placed(draft_id, raw)

    def _deleted(self, draft_id: str) -> None:
        ref = next(ref for ref, name in self._drafts.items() if name == draft_id)
        assert self.watcher is not None
        self.watcher.removed(ref)

    # --- the weather ---

    @property
    def deaf(self) -> bool:
        """Whether it does not answer, for whatever reason."""
        return self.clouds.is_deaf

    @deaf.setter
    def deaf(self, deaf: bool) -> None:
        self.clouds.deafen(everywhere=deaf and self._dice.random() < 0.5, mail=deaf)

    @property
    def troubled(self) -> bool:
        """Whether it does not answer. That its search lags behind has to trouble nobody."""
        return self.deaf

    @property
    def late(self) -> bool:
        """Never: what Gmail lists by label, and its history, are of now."""
        return False

    @property
    def pending(self) -> int:
        """How many requests will be answered badly."""
        return self.clouds.pending

    def fail(self, operation: str, _: ConnectorError, *, done: bool) -> None:
        """The next requests of an operation (`place`, `look`, …) go wrong, before or after their work."""
        self.clouds.strike(operation, done=done)

    def lag(self, listings: int) -> None:
        """The next looks find nothing by search that comes from now on."""
        self.clouds.lag(listings)

    def clear(self) -> None:
        """The weather is fine again."""
        self.clouds.clear()
