"""Ways from the page to a draft in the user's mail program: there is no other way from here to its reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from daemon.revise import DraftNow

_LONGEST = 1800
"""Octets of a mailto address that browsers and mail programs take."""


@dataclass(frozen=True, slots=True)
class Way:
    """An address to follow, and what it does in words; `outside`: it is a page of the web."""

    href: str
    words: str
    outside: bool = False


def ways(draft: DraftNow | None, kind: str) -> tuple[Way, ...]:
    """How this draft may be opened where it lies, a mailbox of this kind; none where it lies nowhere."""
    if draft is None:
        return ()
    named = draft.record.message_id.strip("<>")
    if kind == "gmail":
        # By its Message-ID, which Gmail keeps while it is a draft (Gmail help, "Search operators": rfc822msgid).
        account = quote(draft.record.account, safe="@")
        place = quote(f"in:drafts rfc822msgid:{named}", safe="")
        return (Way(f"https://mail.google.com/mail/?authuser={account}#search/{place}", "Open in Gmail", outside=True),)
    written = Way(_mailto(draft), "Copy into a new mail")
    return (
        (Way(f"mid:{quote(named, safe='@')}", "Open in my mail program"), written) if named else (written,)
    )  # RFC 2392


def _mailto(draft: DraftNow) -> str:
    """RFC 6068; without the text where that is too long."""
    to = ",".join(quote(address, safe="@") for address in draft.record.addresses)
    head = f"mailto:{to}?subject={quote(draft.subject, safe='')}"
    text = quote(draft.text.replace("\n", "\r\n"), safe="")
    return f"{head}&body={text}" if len(head) + len(text) < _LONGEST else head
