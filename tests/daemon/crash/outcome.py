"""What the user sees of a household: the drafts, what lies in the other folders, and what the ledger tells."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields
from email import message_from_bytes
from typing import TYPE_CHECKING

from connectors.message import content
from daemon.ledger import Ledger, copies, store
from tests.daemon.crash import google, held
from tests.daemon.crash.likeness import dumped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rules.history import State
    from tests.daemon.crash.disk import Entry
    from tests.daemon.crash.home import Home


_HALF = ".new"
"""What was half written: the next who writes the same writes over it."""
_NUMBER = re.compile(r"(\.backup-\w+-)\d+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`mails` as (folder, recipient, Message-ID, subject, text); `records` as (id, state, Message-ID).

    `state`: the names of the files there; `backups`: what stands in each.
    """

    mails: tuple[tuple[str, str, str, str, str], ...]
    records: tuple[tuple[str, State, str], ...]
    unsettled: int
    state: frozenset[str]
    backups: frozenset[str]

    @property
    def drafts(self) -> Counter[str]:
        """How many drafts lie there for each address."""
        return Counter(mail[1] for mail in self.mails if mail[0].lstrip(".") == "Drafts")

    @property
    def states(self) -> Counter[State]:
        """How many follow-ups are in each state."""
        return Counter(record[1] for record in self.records)

    def unlike(self, meant: Outcome) -> str:
        """What is otherwise than it is meant to be; nothing where all is alike."""
        told = []
        for field in fields(self):
            here, there = _several(getattr(self, field.name)), _several(getattr(meant, field.name))
            told += [f"too much in {field.name}: {one}" for one in here - there]
            told += [f"missing in {field.name}: {one}" for one in there - here]
        return "; ".join(told)


def _several(value: object) -> Counter[object]:
    return Counter(value if isinstance(value, (tuple, frozenset)) else (value,))


def outcome(home: Home) -> Outcome:
    """What there is to see now."""
    mails = []
    for folder, raw in home.lying():
        head = message_from_bytes(raw)
        to = str(head["To"]).rpartition("<")[2].rstrip(">")
        mails.append((folder, to, str(head["Message-ID"]), str(head["Subject"]), content(raw).text))
    with Ledger.open(home.state, write=False) as ledger:
        records = sorted((one.id, one.state, one.message_id) for one in ledger.records())
        unsettled = len(ledger.intents())
    there = (path for path in home.state.rglob("*") if path.suffix != _HALF and path.is_file())
    files = {_NUMBER.sub(r"\1N", path.name): path for path in there}
    backups = frozenset(_backup(name, path) for name, path in files.items() if path.parent.name == store.BACKUPS)
    return Outcome(tuple(sorted(mails)), tuple(records), unsettled, frozenset(files), backups)


def _backup(name: str, path: Path) -> str:
    """What stands in one from before a migration; a daily one is of whichever cycle came to its end, and sound."""
    return dumped(path.read_bytes()) if "-N.sqlite3" in name else f"{name}: {copies.look(path).trouble or 'sound'}"


def twice(tree: Mapping[str, Entry]) -> list[str]:
    """Not even for a moment does a mail lie there twice."""
    mails = [
        entry.content
        for path, entry in tree.items()
        if path.startswith("Mail/") and entry.content is not None and path.split("/")[-2] in {"cur", "new"}
    ]
    mails += [one.content for one in held.mails(tree)]
    if (kept := tree.get(google.PLACE)) is not None and kept.content is not None:
        mails += [raw for _, raw in google.lying(kept.content)]
    there = Counter(str(message_from_bytes(raw)["Message-ID"]) for raw in mails)
    return [f"{one} lies there {count} times" for one, count in there.items() if count > 1]
