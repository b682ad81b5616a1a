"""Drafts of our own making of which this ledger knows nothing: of a backup that is older, or of another machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.message import is_our_form

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from connectors.base import Header
    from daemon.observe import Observed
    from rules.model import Me


def strays(observed: Observed, known: Collection[str] = ()) -> list[Header]:
    """Those among the drafts that belong to no follow-up, but for those with a Message-ID that is `known` by now."""
    return [one for one in observed.loose if is_our_form(one.message_id) and one.message_id not in known]


def addresses(drafts: Sequence[Header], me: Me) -> frozenset[str]:
    """To whom they are."""
    return frozenset(email for one in drafts for email in (*one.to, *one.cc) if email not in me.emails)


def problems(drafts: Sequence[Header], mailbox: str, me: Me) -> list[Problem]:
    """What to tell the user of them: for each person in how they hold other notes back."""
    found = []
    for one in drafts:
        if people := sorted(addresses([one], me)):
            message = f"a draft to {', '.join(people)} lies there of which nothing is known here: '{one.subject}'"
            hint = "Send or delete it: until then nobody in it gets another note, but for those with a deadline."
            found.append(Problem(mailbox, None, None, None, message, hint))
    return found
