"""A household of Google's: what the servers hold of its mail lies in the folder that a death leaves, as a file.

So a disk that is restored is a mailbox that is restored. Only the mailbox is changed by a cycle; calendar and contacts
stay what they are, and what tokens were given stays good.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.cycle import run
from daemon.ledger import Ledger
from tests.build import at
from tests.cases.home import settings
from tests.connectors.mailboxes.gmail_hand import GmailHand
from tests.daemon.crash.home import Home
from tests.google.answers import Refusal
from tests.google.faults import refused
from tests.google.inside import ConnectInside
from tests.google.mail import Mail, Record, Stored
from tests.google.permitted import consented
from tests.google.standin import Service
from tests.house import configured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from daemon.cycle import Outcome
    from daemon.view import House
    from tests.google.serving import Asked, Work

ROBIN = "robin@example.org"
PLACE = "google/mail.json"
BUSY = "google/busy"
SOURCES = {
    "/gmail/": "Gmail",
    "/calendar/": "Google calendar",
    "/v1/": "Google contacts",
    "/token": "Google token",
}
CONTACTS = "contacts: [{google: {}}]\nnotify: none\n"


@dataclass
class KeptMail(Mail):
    """Mail that can be laid down in a file, and taken up again."""

    def text(self) -> str:
        """All that a request can ask for; the same for the same mail."""
        return json.dumps({
            "messages": [{**asdict(one), "raw": one.raw.decode("latin-1"), "at": one.at.isoformat()}
                         for one in self.messages.values()],
            "history": [[one.id, one.kind, one.message, one.thread, sorted(one.had), one.labels]
                        for one in self.history],
            "drafts": self.drafts, "serial": self.serial, "oldest": self.oldest, "made": self._made,
        }, indent=1)  # fmt: skip

    def take_up(self, text: str) -> None:
        """Be what it was when this was its text."""
        told = json.loads(text)
        several = (
            {**one, "raw": one["raw"].encode("latin-1"), "at": datetime.fromisoformat(one["at"])}
            for one in told["messages"]
        )
        self.messages = {one["id"]: Stored(**one) for one in several}
        self.history = [
            Record(number, kind, message, thread, frozenset(had), tuple(labels))
            for number, kind, message, thread, had, labels in told["history"]
        ]
        self.drafts, self.serial = told["drafts"], told["serial"]
        self.oldest, self._made = told["oldest"], told["made"]


@dataclass(frozen=True)
class GoogleHome(Home):
    """Calendar, contacts and mailbox are Google's."""

    google: Service = field(default_factory=lambda: Service(ROBIN))

    @classmethod
    def make_with_google(cls, root: Path) -> GoogleHome:
        """A household with the permission of its user, and no mail."""
        told = settings("{id: feed, google: primary}", CONTACTS, "{gmail: {}}")
        told = told.replace("contacts: [{people: people.yaml}]\n", "", 1)
        home = cls.make(root, settings=f'{told}google: {{endpoint: "http://127.0.0.1:1"}}\n')
        assert isinstance(home, GoogleHome)
        home.google.mail = KeptMail(home.google._lock)
        consented(home.google, home.state)
        (root / "google").mkdir()
        home.be_busy(0)
        home.lay()
        return home

    @property
    def user(self) -> GmailHand:
        """The hand of the user; `lay` keeps what it did."""
        return GmailHand(self.google.mail)

    def lay(self) -> None:
        """Keep the mail."""
        (self.root / PLACE).write_text(self._mail.text(), "utf-8")

    def once(self, when: str | datetime) -> Outcome:
        moment = at(when) if isinstance(when, str) else when
        with Ledger.open(self.state) as ledger:
            return run(self._house(moment), ledger, moment)

    def house(self) -> House:
        return self._house(at("2026-03-05 12:00"))

    def _house(self, now: datetime) -> House:
        configuration = configured(self.root / "config")
        return ConnectInside(configuration, self.state, self._work, lambda: now).house()

    def lying(self) -> Iterator[tuple[str, bytes]]:
        return lying((self.root / PLACE).read_bytes())

    @property
    def _mail(self) -> KeptMail:
        assert isinstance(self.google.mail, KeptMail)
        return self.google.mail

    def _work(self, asked: Asked) -> Work:
        """Two points of I/O: the request has not left yet, and its answer has come."""
        source = next(source for begin, source in SOURCES.items() if asked.path.startswith(begin))
        sys.audit("tests.google", source, f"{asked.method} {asked.path}", True)  # noqa: FBT003 - an audit event
        answer = self._worked(asked)
        sys.audit("tests.google", source, f"the answer to {asked.method} {asked.path}", False)  # noqa: FBT003 - as above
        return answer

    def _worked(self, asked: Asked) -> Work:
        if "/messages/" in asked.path and self._is_busy():
            return refused(Refusal(503, "backendError"), asked.path), None
        self._mail.take_up((self.root / PLACE).read_text("utf-8"))
        before = self._mail.serial
        answer = self.google.work(asked)
        if self._mail.serial != before:
            self.lay()
        return answer

    def be_busy(self, times: int) -> None:
        """So many questions for a mail are not answered."""
        (self.root / BUSY).write_text(str(times), "utf-8")

    def _is_busy(self) -> bool:
        left = int((self.root / BUSY).read_text("utf-8"))
        self.be_busy(max(left - 1, 0))
        return left > 0


def lying(file: bytes) -> Iterator[tuple[str, bytes]]:
    """The mails in the file of a mailbox, each with its folder."""
    for one in json.loads(file)["messages"]:
        yield _folder(one["labels"]), one["raw"].encode("latin-1")


def _folder(labels: Iterable[str]) -> str:
    named = {"TRASH": "Trash", "DRAFT": "Drafts", "SENT": "Sent"}
    return next((folder for label, folder in named.items() if label in labels), "")
