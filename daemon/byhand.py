"""What the user says of a follow-up by command: skip, unskip, snooze. What the record is then, or why it cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.ledger import followups
from rules.history import State
from rules.life import Happening, happens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from daemon.ledger import Ledger
    from rules.history import Record

_WORDS = {
    State.SENT: "you have sent it already",
    State.ANSWERED: "you have sent it, and they have answered",
    State.VETOED: "you deleted its draft, so it stays away in any case",
    State.EDITED: "you have edited its draft, so it is yours: delete it in your mail program, and it stays away",
    State.EXPIRED: "its time has passed",
    State.CANCELLED: "it is no longer wanted",
    State.WITHDRAWN: "it is no longer wanted",
    State.PLANNED: "it is no longer planned",
}
_WRITTEN = frozenset({State.SENT, State.ANSWERED, State.VETOED, State.EDITED})


class Refused(Exception):  # noqa: N818 - the user asked for something that is not to be had
    """Why not, in words that go on after the id; `at` is a moment that ends them."""

    def __init__(self, words: str, at: datetime | None = None) -> None:
        super().__init__(words)
        self.at = at


def why_not_skipped(record: Record, account: str = "") -> str:
    """Why it cannot be left out, in words that go on after the id; empty where it can."""
    if record.state is State.SKIPPED:
        return "it is skipped already"
    written = _WRITTEN - {State.EDITED} if record.is_apart(account) else _WRITTEN
    return _WORDS[record.state] if record.state in written else ""


def why_not_snoozed(record: Record, now: datetime) -> str:
    """Why it cannot be put off, whatever the time; empty where it can."""
    if record.state is State.SKIPPED:
        return "it is skipped; take that back first with `afterword unskip`"
    if record.state is State.EDITED:
        return "you have edited its draft, so it is yours and stays where it is"
    if record.state in _WRITTEN:
        return _WORDS[record.state]
    if record.expires is not None and record.expires <= now:
        return "it is no longer worth sending, so no later time is left: send it as it is, or skip it"
    return ""


def skipped(record: Record, now: datetime, account: str = "") -> Record:
    """The follow-up left out; also one whose draft the user has edited, in another mailbox than that of this account.

    Raises:
        Refused: it is the user's own already, or skipped.
    """
    if why := why_not_skipped(record, account):
        raise Refused(why)
    return happens(record, Happening.SKIPPED, "you skipped it", now, snoozed_until=None).record


def unskipped(record: Record, now: datetime, lying: State | None) -> Record:
    """The skip taken back: `lying` is the state of its draft where one still lies in Drafts, else planned anew.

    Raises:
        Refused: it is not skipped.
    """
    if record.state is not State.SKIPPED:
        raise Refused(f"it is not skipped but {record.state}")
    cause = "you took the skip back"
    if lying is None:
        return happens(record, Happening.UNSKIPPED, cause, now).record
    there = happens(record, Happening.RECOGNISED, cause, now).record
    return happens(there, Happening.EDITED, cause, now).record if lying is State.EDITED else there


def snoozed(record: Record, now: datetime, until: datetime) -> Record:
    """The follow-up put off until then; it has no deadline any more.

    Raises:
        Refused: it is the user's own already, skipped, or not worth writing by then.
    """
    if why := why_not_snoozed(record, now):
        raise Refused(why)
    if until <= now:
        raise Refused("that time has passed" if until < now else "that is now, and puts nothing off; name a later time")
    if record.expires is not None and until >= record.expires:
        raise Refused("it would come too late: it is not worth writing after", record.expires)
    cause = "you snoozed it"
    after = happens(record, Happening.SNOOZED, cause, now, due=until, by=None, snoozed_until=until).record
    return replace(after, changed=now)


def unwanted(record: Record) -> Refused:
    """Of a follow-up that neither lies in Drafts nor is planned."""
    return Refused(_WORDS.get(record.state, f"it is {record.state}"))


def write(  # noqa: PLR0917 - what was known, what is seen, what is to be, why, when
    ledger: Ledger, known: Record | None, seen: Record, change: Callable[[Record], Record], cause: str, at: datetime
) -> Record:
    """Change the follow-up, with a line in its history, in one transaction.

    `known` is what the ledger had when the user looked, `seen` what the mailbox and the plan made of it. Where the
    ledger has moved on since, it speaks. A cycle that is under way leaves what is written here as it is
    (`daemon.ledger.followups.BY_HAND`).

    Raises:
        Refused: see `skipped`, `unskipped`, `snoozed`.
        LedgerError: nothing was written.
    """
    with ledger.writing() as connection:
        present = followups.one_record(connection, seen.id)
        after = change(seen if present is None or present == known else present)
        followups.write_record(connection, after)
        followups.write_event(connection, after.id, at, after.state, cause)
    return after
