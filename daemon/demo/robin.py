"""What Robin and the others do between two cycles: letters, drafts sent and deleted, changes in the calendar."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from connectors.content import content
from connectors.message import build
from daemon.demo import cast
from rules.greeting import spoken_name
from rules.model import Note, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from daemon.demo.cast import Appointment, Guest
    from daemon.demo.ground import Ground

_GAP = re.compile(r"\[\[[^\]]*\]\]")
_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Robin:
    """The hands of everybody but Afterword, on plain files. `now` is the simulated time."""

    ground: Ground
    now: datetime
    _written: int = field(default=0)

    def send(self, guest: Guest, *words: str) -> None:
        """Fill the gaps of the draft to this person, those of its subject first, and send it.

        Raises:
            LookupError: there is no such draft.
        """
        path, raw = self._draft(guest)
        said = content(raw)
        fillings = iter(words)
        subject, text = (_GAP.sub(lambda gap: next(fillings, gap.group()), part) for part in (said.subject, said.text))
        found = _ID.search(raw)
        assert found is not None
        message = build(
            Note(subject, text),
            sender=Recipient(cast.NAME, cast.ME),
            to=(Recipient(spoken_name(guest.name), guest.email),),
            message_id=found[1].decode(),
            date=self.now,
            reply=None,
        )
        self._keep(".Sent", message.replace(b"\r\n", b"\n"))
        path.unlink()

    def delete(self, guest: Guest) -> None:
        """Put the draft to this person into Trash.

        Raises:
            LookupError: there is no such draft.
        """
        path, raw = self._draft(guest)
        self._keep(".Trash", raw)
        path.unlink()

    def write(self, guest: Guest, subject: str, text: str) -> None:
        """Send a letter of Robin's own."""
        self._keep(".Sent", self._letter(MYSELF, guest, subject, text))

    def receive(self, guest: Guest, subject: str, text: str, *, automatic: bool = False) -> None:
        """A letter from somebody arrives; an automatic reply says so in its head (RFC 3834)."""
        self._keep("", self._letter(guest, MYSELF, subject, text, automatic=automatic))

    def enter(self, appointment: Appointment) -> None:
        """Change an event in the calendar."""
        self.ground.event(appointment)

    def _draft(self, guest: Guest) -> tuple[Path, bytes]:
        for path in self._drafts():
            raw = path.read_bytes()
            if guest.email in content(raw).to:
                return path, raw
        raise LookupError(f"the story waits for a draft to {guest.email}, and there is none at {self.now}")

    def _drafts(self) -> Iterator[Path]:
        for part in ("cur", "new"):
            yield from sorted((self.ground.mail / ".Drafts" / part).iterdir())

    def _letter(self, sender: Guest, to: Guest, subject: str, text: str, *, automatic: bool = False) -> bytes:
        letter = EmailMessage()
        letter["From"] = f"{spoken_name(sender.name)} <{sender.email}>"
        letter["To"] = f"{spoken_name(to.name)} <{to.email}>"
        letter["Subject"] = subject
        letter["Date"] = format_datetime(self.now)
        letter["Message-ID"] = f"<{self.now:%Y%m%d%H%M}.{self._written}@{sender.email.partition('@')[2]}>"
        if automatic:
            letter["Auto-Submitted"] = "auto-replied"
        letter.set_content(text)
        return letter.as_bytes()

    def _keep(self, folder: str, message: bytes) -> None:
        self._written += 1
        stamp = int(self.now.timestamp())
        path = self.ground.mail / folder / "cur" / f"{stamp}.M{self._written}P1.robin:2,S"
        path.write_bytes(message)
        os.utime(path, (stamp, stamp))


MYSELF = cast.Guest(cast.NAME, cast.ME)
