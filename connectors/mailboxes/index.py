"""What a Maildir remembers between two looks, so that no mail is read twice."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from connectors.base import Folder, Header
from connectors.headers import header
from connectors.mailboxes import files
from rules.model import MailKind, aware, without_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.mailboxes.folders import Box

VERSION = 3
_YOUNG = 90
"""Days. A mail older than this, counted from the newest, is not read again when a new person turns up."""

_SPREAD = bytes.maketrans(b"<>,;:()'", b" " * 8)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    rb"^date:[ \t]*(?:[A-Za-z]{2,9},)?[ \t]*(\d{1,2})[ \t]+([A-Za-z]{3})[ \t]+(\d{4})\b", re.IGNORECASE | re.MULTILINE
)

Known = Header | int
"""A mail of interest by its headers; of any other, only the day it came (`date.toordinal`)."""


@dataclass(frozen=True)
class Index:
    """The mails known in each folder, by unique name; `drafts` is the key of the drafts folder, if there was one.

    `account` is the Maildir in which they lie.
    """

    mine: tuple[str, ...]
    account: str = ""
    addresses: frozenset[str] = frozenset()
    drafts: str | None = None
    folders: dict[str, dict[str, Known]] = field(default_factory=dict)

    def note(self) -> str:
        """As text, the same for the same knowledge."""
        return json.dumps({
            "version": VERSION,
            "mine": self.mine,
            "account": self.account,
            "addresses": sorted(self.addresses),
            "drafts": self.drafts,
            "folders": {
                key: {name: known if isinstance(known, int) else packed(known) for name, known in mails.items()}
                for key, mails in self.folders.items()
            },
        }, separators=(",", ":"))  # fmt: skip


def index(note: str, mine: frozenset[str], account: str = "") -> Index:
    """The index in a note; an empty one when the note is empty, not ours, of another Maildir or other addresses."""
    empty = Index(tuple(sorted(mine)), account)
    try:
        kept = json.loads(note) if note else {}
        if kept.get("version") != VERSION or tuple(kept["mine"]) != empty.mine:
            return empty
        if kept.get("account", account) != account:  # an earlier release did not say
            return empty
        folders = {
            str(key): {name: known if isinstance(known, int) else unpacked(known) for name, known in mails.items()}
            for key, mails in kept["folders"].items()
        }
        return replace(empty, addresses=frozenset(kept["addresses"]), drafts=kept["drafts"], folders=folders)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return empty


def packed(mail: Header) -> list[object]:
    """A header for a note, without its folder."""
    return [
        mail.ref, mail.tag, mail.message_id, mail.sender, mail.to, mail.cc, mail.subject, mail.at.isoformat(),
        mail.references, mail.kind, mail.forwarded, mail.received.isoformat() if mail.received else None,
        mail.outside,
    ]  # fmt: skip


def unpacked(kept: list[object]) -> Header:
    """A header from a note.

    Raises:
        ValueError, TypeError: it is none.
    """
    ref, tag, message_id, sender, to, cc, subject, at, references, kind, forwarded, received, outside = kept
    return Header(
        folder=Folder.OTHER,
        ref=str(ref),
        tag=str(tag),
        message_id=str(message_id),
        sender=str(sender),
        to=_texts(to),
        cc=_texts(cc),
        subject=str(subject),
        at=aware(datetime.fromisoformat(str(at)), "the time of a mail in the index"),
        references=_texts(references),
        kind=None if kind is None else MailKind(str(kind)),
        forwarded=bool(forwarded),
        received=aware(datetime.fromisoformat(str(received)), "the delivery of a mail") if received else None,
        outside=bool(outside),
    )


def _texts(items: object) -> tuple[str, ...]:
    if not isinstance(items, list):
        raise TypeError("a list was expected")
    return tuple(str(item) for item in items)


class Reader:
    """Reads the folders of one look against what the last one knew."""

    def __init__(self, before: Index, addresses: frozenset[str]) -> None:
        self._before = before
        self._mine = frozenset(before.mine)
        self._wanted = spellings(addresses)
        self._grown = bool(addresses - before.addresses)
        days = [
            known if isinstance(known, int) else known.at.toordinal()
            for mails in before.folders.values()
            for known in mails.values()
        ]
        self._since = max(days, default=0) - _YOUNG

    def mails(self, box: Box) -> tuple[dict[str, Known], list[Header]]:
        """What is known now of a folder's mails, and the headers of those that matter.

        Raises:
            ConnectorError: the folder cannot be listed.
        """
        before = self._before.folders.get(box.key, {})
        know = self._draft if box.folder is Folder.DRAFTS else self._mail
        now: dict[str, Known] = {}
        headers: list[Header] = []
        for name, where in files.listing(box).items():
            known = know(box, name, where, before.get(name))
            if known is None:
                continue
            now[name] = known
            folder = lies_in(box, where)
            if folder and isinstance(known, Header):
                headers.append(replace(known, folder=folder))
        return now, headers

    def _draft(self, box: Box, name: str, where: str, before: Known | None) -> Known | None:
        """Drafts are edited in place by some programs, so each is looked at again."""
        if isinstance(before, Header) and files.tag(box.path / where, name) == before.tag:
            return before
        head = files.head(box.path / where, name)
        if head is None:
            return before  # it is in the listing: a draft that cannot be read is not a draft that is gone
        return parsed(box, name, head, self._mine) or head.received.toordinal()

    def _mail(self, box: Box, name: str, where: str, before: Known | None) -> Known | None:
        """Other mails do not change: each is read once, and the young ones again for a new person."""
        if isinstance(before, Header):
            return before if concerns(before, self._wanted) else before.at.toordinal()
        if before is not None and not (self._grown and before >= self._since):
            return before
        head = files.head(box.path / where, name)
        if head is None:
            return before
        if may_concern(head.raw, self._wanted):
            mail = parsed(box, name, head, self._mine)
            if mail and concerns(mail, self._wanted):
                return mail
        return _day(head)


def ref(box: Box, name: str) -> str:
    """What names a mail to the rest of the house: folder and unique name, whatever its flags."""
    key = files.shown(box.key)
    return f"{key}/{name}" if key else name


def lies_in(box: Box, where: str) -> Folder | None:
    """Where a mail counts as lying: a draft marked as deleted is in the trash, a draft in the inbox nowhere."""
    flags = files.flags(where)
    if box.folder is Folder.DRAFTS and "T" in flags:
        return Folder.TRASH
    if box.folder is Folder.OTHER and "D" in flags:
        return None
    return box.folder


def parsed(box: Box, name: str, head: files.Head, mine: frozenset[str]) -> Header | None:
    """The headers of a mail, or None where there are none to speak of."""
    return header(
        head.raw,
        folder=box.folder or Folder.OTHER,
        ref=ref(box, name),
        tag=head.tag,
        received=head.received,
        mine=mine,
    )


def concerns(mail: Header, wanted: frozenset[str]) -> bool:
    """Whether one of the people asked for is on a mail."""
    return not wanted.isdisjoint(spellings((mail.sender, *mail.to, *mail.cc)))


def spellings(addresses: Iterable[str]) -> frozenset[str]:
    """The addresses, and each without its tag: both are the person's."""
    return frozenset(spelt for email in addresses for spelt in (email, without_tag(email)))


def may_concern(head: bytes, wanted: frozenset[str]) -> bool:
    """False only where no field can hold one of these addresses: far quicker than parsing each head."""
    if not wanted:
        return False
    text = head.translate(_SPREAD, b'"').decode("utf-8", "replace").casefold()
    for word in {word for word in text.split() if "@" in word}:
        if word.startswith("@") or word.endswith("@"):
            return True  # `dana @ acme.example`, or a route: for the parser to say
        if word in wanted or ("+" in word and without_tag(word) in wanted):
            return True
    return False


def _day(head: files.Head) -> int:
    """The day a mail came, from its Date or its delivery, whichever is older."""
    delivered = head.received.toordinal()
    written = _DATE.search(b"\n" + head.raw)
    if not written:
        return delivered
    try:
        month = _MONTHS.index(written[2].decode().lower()) + 1
        return min(delivered, date(int(written[3]), month, int(written[1])).toordinal())
    except ValueError:
        return delivered
