"""One draft as it lies in the mailbox now, found by a fresh listing; or why there is none to be read."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import getaddresses
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.content import content
from connectors.encoding import decoded_words
from connectors.headers import Fields
from connectors.revision import FixedError, Letter, links_in, looks_like_its_text, taken_apart
from daemon.ledger import IntentKind
from daemon.letters import copies_of
from rules.cleaning import line
from rules.history import OPEN, Record, State, mailbox_of
from rules.markup import again
from rules.model import gaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.base import Header, Mailbox
    from daemon.ledger import Ledger
    from rules.model import Me

ELSEWHERE = "Open it in your mail program, and change it there."


class Why(StrEnum):
    """Why there is no draft to be read."""

    NOT_PLACED = "not placed"
    """No draft of it counts: it is planned, withdrawn, skipped, snoozed, expired or cancelled."""
    SENT = "sent"
    TRASHED = "trashed"
    GONE = "gone"
    """In no folder: open in a mail program just now, or deleted."""
    ASIDE = "aside"
    """In another mailbox than the one that is used now."""
    TWICE = "twice"
    """Two versions of it lie in Drafts, as while a mail program has the first one open: only the user can choose."""
    CUT_OFF = "cut off"
    """A save was cut off between the two versions; the next cycle settles it."""


@dataclass(frozen=True, slots=True)
class DraftNow:
    """A draft as it lies in the mailbox now.

    `record` is the follow-up as the ledger has it. `text` has lines that end in LF. `to` and `cc` are worded as in the
    draft (`Dana Okafor <dana@acme.example>`). `base` stands for exactly these bytes (hexadecimal digits, no meaning).
    `html`: it has a form for the eye beside the text, which is made anew when the text is saved without gaps.
    `attachments` are the names of what is attached; a save keeps them. `fixed` says, where it is not empty, why it can
    be changed in the mail program only: a sentence for the user.
    """

    record: Record
    subject: str
    text: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    base: str
    gaps: int
    html: bool = False
    attachments: tuple[str, ...] = ()
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no draft to be read: `words` is a sentence for the user, `hint` what to do about it."""

    why: Why
    words: str
    hint: str


@dataclass(frozen=True, slots=True)
class Lying:
    """A draft that was found: its header, its bytes, and these taken apart where that can be."""

    header: Header
    raw: bytes
    now: DraftNow
    letter: Letter | None


def digest(raw: bytes) -> str:
    """What stands for these bytes, whatever the line ends of the mailbox are."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


def lying(ledger: Ledger, mailbox: Mailbox, me: Me, record: Record) -> Lying | Missing:
    """The one draft of this follow-up. `record` is as it was last seen, perhaps later than the ledger has it.

    Raises:
        ConnectorError: the mailbox cannot be asked.
        LedgerError: the ledger cannot be read.
    """
    known = ledger.record(record.id)
    if known is not None and known.state in _BACK and record.state is State.EDITED:
        known = record  # it turned up again, and no cycle has written that down yet
    if known is None or known.state not in OPEN:
        return _not_open(known)
    if known.is_apart(mailbox.account):
        where = mailbox_of(known.account)
        return Missing(Why.ASIDE, f"Its draft lies in {where}, which is not the mailbox in use.", ELSEWHERE)
    found = copies_of(mailbox, frozenset({known.message_id, record.message_id} - {""}), me)
    copies = found.get(known.message_id, ())
    renamed = found.get(record.message_id, ())
    if not _drafts(copies) and _drafts(renamed):
        known, copies = replace(known, message_id=record.message_id), renamed
    drafts = _drafts(copies)
    if not drafts:
        return _gone(copies)
    if len(drafts) > 1:
        return _twice(ledger, known)
    raw = mailbox.read(drafts[0].ref)
    return _gone(()) if raw is None else _read(ledger, known, drafts[0], raw)


def html_again(lies: Lying, subject: str, text: str) -> str | None:
    """The HTML part that stands beside this text, where the draft has one of ours and nothing has gaps.

    As for a new note: mail programs edit the plain part only, and gaps would go out in the other.
    """
    letter = lies.letter
    if letter is None or letter.html is None or not lies.now.html or gaps(subject) or gaps(text):
        return None
    return again(text, letter.text, links_in(letter.html))


def _drafts(copies: Sequence[Header]) -> list[Header]:
    return [copy for copy in copies if copy.folder is Folder.DRAFTS]


def _read(ledger: Ledger, known: Record, header: Header, raw: bytes) -> Lying:
    now, letter = taken_to_pieces(ledger, known, raw)
    return Lying(header, raw, now, letter)


def taken_to_pieces(ledger: Ledger, known: Record, raw: bytes) -> tuple[DraftNow, Letter | None]:
    """The draft of these bytes, and they taken apart where that can be.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    said, letter, fixed, html = content(raw), None, "", False
    try:
        letter = taken_apart(raw)
    except FixedError as why:
        fixed = str(why)
    if letter is not None and letter.html is not None:
        html = _is_ours(ledger, known, letter)
        if not html and not looks_like_its_text(letter.html):
            fixed = "It has formatting that was made in your mail program, and would be lost here."
    fields = Fields.of(raw)
    now = DraftNow(
        record=known,
        subject=said.subject,
        text=said.text,
        to=_worded(fields, "to"),
        cc=_worded(fields, "cc"),
        base=digest(raw),
        gaps=said.gaps,
        html=html,
        attachments=letter.attachments if letter else (),
        fixed=fixed,
    )
    return now, letter


def _is_ours(ledger: Ledger, record: Record, letter: Letter) -> bool:
    """Whether the HTML is that of the note as it was placed, or was made of just this text since."""
    html, links = letter.html or "", links_in(letter.html or "")
    made = {again(letter.text, before, links).strip() for before in (letter.text, "")}
    placed = ledger.message(record.id, record.revision)
    with suppress(FixedError):
        made |= {(taken_apart(placed).html or "").strip()} if placed else set()
    return html.strip() in made


def _worded(fields: Fields, name: str) -> tuple[str, ...]:
    """The people in a field as a mail program shows them; parsed before encoded words are read, and not after."""
    several = getaddresses([fields.all(name)])
    named = [(line(decoded_words(shown), 100), line(email)) for shown, email in several if email]
    return tuple(f"{shown} <{email}>" if shown else email for shown, email in named)


_BACK = frozenset({State.VETOED, State.WITHDRAWN, State.SNOOZED})
"""States after which a look may find that a draft is the user's own after all."""

_STATES = {
    State.SENT: (Why.SENT, "You have sent it."),
    State.ANSWERED: (Why.SENT, "You have sent it, and they have answered."),
    State.VETOED: (Why.TRASHED, "You deleted its draft."),
    State.SKIPPED: (Why.NOT_PLACED, "You skipped it."),
    State.SNOOZED: (Why.NOT_PLACED, "You snoozed it."),
}


def _not_open(record: Record | None) -> Missing:
    state = State.PLANNED if record is None else record.state
    if record is not None and state is State.WITHDRAWN:
        told = f"Its draft was taken away: {record.why}." if record.why else "Its draft was taken away."
        return Missing(Why.NOT_PLACED, told, "It comes again where it is still wanted.")
    why, words = _STATES.get(state, (Why.NOT_PLACED, f"It has no draft: it is {state}."))
    return Missing(why, words, "There is nothing to be done.")


def _gone(copies: Sequence[Header]) -> Missing:
    folders = {copy.folder for copy in copies}
    if Folder.SENT in folders:
        return Missing(Why.SENT, "You have sent it.", "There is nothing to be done.")
    if Folder.TRASH in folders:
        return Missing(Why.TRASHED, "Its draft is in the trash.", "Take it out of there to go on with it.")
    return Missing(
        Why.GONE,
        "Its draft is not in Drafts just now: it is open in your mail program, or was moved or deleted.",
        "Save or close it there, and look again.",
    )


def _twice(ledger: Ledger, record: Record) -> Missing:
    under_way = {one.record.id for one in ledger.intents() if one.kind is IntentKind.REVISE}
    if record.id in under_way:
        return Missing(
            Why.CUT_OFF, "An earlier save of it was cut off.", "The next cycle settles it: `afterword once`."
        )
    return Missing(
        Why.TWICE,
        "Two versions of it lie in Drafts.",
        "Close the drafts folder in your mail program, which tidies up then; or delete there the one you do not want.",
    )
