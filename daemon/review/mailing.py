"""Ways from the page to a draft in the user's mail program: there is no other way on to its reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from daemon.revise import DraftNow
    from rules.history import Record

_LONGEST = 1800
"""Octets of a mailto address that programs and browsers take."""


@dataclass(frozen=True, slots=True)
class Way:
    """An address to follow, and what it does in words."""

    href: str
    words: str
    note: str = ""


def ways(draft: DraftNow | None, record: Record) -> tuple[Way, ...]:
    """How this draft may be opened in a mail program; none where it lies nowhere."""
    if draft is None:
        return ()
    if "@" in record.account and not record.account.startswith("/"):
        pass
    named = record.message_id.strip("<>")
    found = []
    if named:
        found.append(Way(f"mid:{quote(named, safe='@')}", "Open in my mail program"))  # RFC 2392
    found.append(Way(_mailto(draft), "Write it in a new mail", "a copy: the draft stays in Drafts"))
    return tuple(found)


def _mailto(draft: DraftNow) -> str:
    """RFC 6068."""
    to = ",".join(quote(address, safe="@") for address in draft.record.addresses)
    head = f"mailto:{to}?subject={quote(draft.subject, safe='')}"
    text = quote(draft.text.replace("\n", "\r\n"), safe="")
    return f"{head}&body={text}" if len(head) + len(text) < _LONGEST else head
