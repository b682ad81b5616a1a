"""What is remembered of an IMAP mailbox between two looks, so that no mail is asked for twice."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.mailboxes.index import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.base import Header
    from connectors.imap.client import Opened

VERSION = 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of one folder, by UID; it is worth nothing under another `validity`.

    `mails` are those that matter, None for a draft without any header. `marked` are drafts that the user marked as
    deleted. `newest` is the day (`date.toordinal`) on which the latest mail came that was looked at.
    """

    validity: int
    next: int = 1
    count: int = 0
    changes: int | None = None
    newest: int = 0
    mails: dict[int, Header | None] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()

    def is_still(self, now: Opened) -> bool:
        """Whether no mail has come or gone since."""
        return (self.validity, self.next, self.count) == (now.validity, now.next, now.count)


@dataclass(frozen=True, slots=True)
class Index:
    """The folders of `account` by name, and the addresses for which all of their mails are known."""

    mine: tuple[str, ...]
    account: str
    addresses: frozenset[str] = frozenset()
    folders: dict[str, Shelf] = field(default_factory=dict)

    def note(self) -> str:
        """As text, the same for the same knowledge."""
        return json.dumps({
            "version": VERSION,
            "mine": self.mine,
            "account": self.account,
            "addresses": sorted(self.addresses),
            "folders": {
                name: [
                    shelf.validity, shelf.next, shelf.count, shelf.changes, shelf.newest,
                    {str(uid): mail and packed(mail) for uid, mail in sorted(shelf.mails.items())},
                    sorted(shelf.marked),
                ]
                for name, shelf in sorted(self.folders.items())
            },
        }, separators=(",", ":"))  # fmt: skip


def index(note: str, mine: Iterable[str], account: str) -> Index:
    """The index in a note; an empty one when the note is empty, not ours, of another account or other addresses."""
    empty = Index(tuple(sorted(mine)), account)
    try:
        kept = json.loads(note) if note else {}
        if kept.get("version") != VERSION or (tuple(kept["mine"]), kept["account"]) != (empty.mine, account):
            return empty
        folders = {str(name): _shelf(*shelf) for name, shelf in kept["folders"].items()}
        return Index(empty.mine, account, frozenset(map(str, kept["addresses"])), folders)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return empty


def _shelf(  # noqa: PLR0917 - as it is written
    validity: int,
    following: int,
    count: int,
    changes: int | None,
    newest: int,
    mails: dict[str, list[object] | None],
    marked: list[int],
) -> Shelf:
    known = {int(uid): None if mail is None else unpacked(mail) for uid, mail in mails.items()}
    counted = None if changes is None else int(changes)
    return Shelf(int(validity), int(following), int(count), counted, int(newest), known, frozenset(map(int, marked)))
