"""Drafts that lie in another mailbox than the one that is asked now: which, and the way back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from config.problem import Problem
from rules.history import OPEN, SOME_MAILDIR, State, mailbox_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.ledger import Intent
    from rules.history import Record

GMAIL = "gmail"
"""The kind of mailbox whose account is chosen with the permission, and not in the settings."""

_WAITING = frozenset({State.PLANNED, State.SNOOZED})


def apart(records: Iterable[Record], intents: Iterable[Intent], kind: str, account: str) -> list[Problem]:
    """What to tell the user of open drafts in other mailboxes: a problem for each.

    So count those that were being laid there when a cycle ended early, and those of notes that are to come again and
    do not, because the draft of before lies there. `kind` and `account` are those of the
    mailbox that is asked now.
    """
    begun = {intent.record.id for intent in intents}
    found = Counter[str]()
    for one in records:
        lies = one.state in OPEN or (one.state in _WAITING and (one.id in begun or one.draft_tag))
        if lies and one.is_apart(account):
            found[one.account] += 1
    return [_problem(count, other, kind, account) for other, count in sorted(found.items())]


def _problem(count: int, other: str, kind: str, account: str) -> Problem:
    drafts, stay, them = ("1 open draft lies", "it stays as it is", "it")
    if count > 1:
        drafts, stay, them = (f"{count} open drafts lie", "they stay as they are", "them")
    if kind == GMAIL and not other.startswith("/") and other != SOME_MAILDIR:
        asked, back = f"the permission is that of {account}", f"Run `afterword auth google` and choose {other}"
    else:
        asked, back = f"`mailbox` is now {mailbox_of(account)}", "Set `mailbox` in afterword.yaml back to it"
    message = f"{drafts} in {mailbox_of(other)}, and {asked}: {stay}"
    hint = f"{back} to go on with {them}; `afterword skip ID` drops one."
    return Problem(kind, None, None, None, message, hint)
