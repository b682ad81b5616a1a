"""The user's hand in Gmail, on the mail store of the stand-in, and the account through which Afterword sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.mailboxes.gmail import Gmail
from tests.conformance.mailboxes import MINE
from tests.google.mail import Mail

if TYPE_CHECKING:
    from connectors.google.account import Account
    from tests.google.mail import Stored
    from tests.google.serving import Asked
    from tests.google.standin import Google

LABELS = {Folder.SENT: ("SENT",), Folder.TRASH: ("TRASH",), Folder.OTHER: ("INBOX", "UNREAD")}


class GmailHand:
    """Mails are found by their Message-ID."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail

    def deliver(self, folder: Folder, message: bytes) -> None:
        if folder is Folder.DRAFTS:
            self.mail.draft(message)
        else:
            self.mail.deliver(message, LABELS[folder])

    def message(self, message_id: str) -> Stored:
        wanted = f"message-id: {message_id}\n".encode().lower()
        stored = self.mail.messages.values()
        return next(one for one in stored if wanted in one.raw.replace(b"\r\n", b"\n").lower())

    def draft(self, message_id: str) -> str:
        name = self.message(message_id).id
        return next(draft for draft, message in self.mail.drafts.items() if message == name)

    def move(self, message_id: str, folder: Folder) -> None:
        """A draft is sent; any other mail gets other labels."""
        stored = self.message(message_id)
        if folder is Folder.TRASH:
            self.mail.trash(stored.id)
        elif stored.id in self.mail.drafts.values():
            self.mail.send_draft(self.draft(message_id))
        else:
            gone = [label for label in ("TRASH", "INBOX") if label in stored.labels]
            self.mail.label(stored.id, add=("SENT",), remove=gone)

    def edit(self, message_id: str, message: bytes) -> None:
        self.mail.edit_draft(self.draft(message_id), message)

    def discard(self, message_id: str) -> None:
        self.mail.delete(self.message(message_id).id)


class GmailBackend:
    """A mailbox at the stand-in, empty at first, and its user. Clients share an account, which is slow to build."""

    def __init__(self, google: Google, account: Account) -> None:
        self.google = google
        self.account = account
        self.renew()

    def renew(self) -> None:
        """A new mailbox, in place of the one before."""
        self.mail = self.google.mail = Mail(self.google.mail.lock)
        self.user = GmailHand(self.mail)

    def mailbox(self) -> Gmail:
        return Gmail(self.account, MINE)

    def asked(self, *words: str) -> list[Asked]:
        """What was asked since the last time; with `words` only where all of them are in "METHOD path"."""
        asked = self.google.asked(*words)
        self.google.requests.clear()
        return asked
