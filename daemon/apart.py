"""Drafts that lie in the mailbox of another account than the one that is asked now: which, and the way back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from config.problem import Problem
from rules.history import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.history import Record


def apart(records: Iterable[Record], mailbox: str, account: str) -> list[Problem]:
    """What to tell the user of open drafts in the mailboxes of other accounts: a problem for each account."""
    found = Counter(one.account for one in records if one.state in OPEN and one.is_apart(account))
    return [_problem(mailbox, count, other, account) for other, count in sorted(found.items())]


def _problem(mailbox: str, count: int, other: str, account: str) -> Problem:
    drafts = "1 open draft lies" if count == 1 else f"{count} open drafts lie"
    message = f"{drafts} in the mailbox of {other}, and the permission is that of {account}: they stay as they are"
    hint = f"Run `afterword auth google` and choose {other} to go on with them; `afterword skip ID` is done with one."
    return Problem(mailbox, None, None, None, message, hint)
