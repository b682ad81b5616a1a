"""What the commands have to know of the configuration when it is wrong: the user's zone, and the kind of mailbox."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.almanac import Almanac
from rules.history import SOME_MAILDIR

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.ledger import Ledger
    from daemon.view import House

_KEY, _MAILDIR = "household", "maildir"


@dataclass(frozen=True, slots=True)
class Household:
    """As the last cycle knew it."""

    almanac: Almanac
    mailbox: str


def remember(ledger: Ledger, house: House, now: datetime) -> None:
    """Keep it in the ledger, where it is not there already."""
    if house.mailbox.kind != _MAILDIR == recall(ledger).mailbox:
        _leave_behind(ledger, now)
    text = json.dumps({"zone": house.configuration.almanac.zone, "mailbox": house.mailbox.kind})
    if ledger.recall(_KEY) != text:
        ledger.keep(_KEY, text)


def recall(ledger: Ledger) -> Household:
    """What the last cycle kept; UTC and a Maildir where there was none."""
    try:
        told = json.loads(ledger.recall(_KEY) or "{}")
        return Household(Almanac(told["zone"]), str(told["mailbox"]))
    except (ValueError, KeyError, TypeError):
        return Household(Almanac("UTC"), _MAILDIR)


def _leave_behind(ledger: Ledger, now: datetime) -> None:
    """Another mailbox takes the place of a Maildir: what an earlier release laid there, without a word where, stays so.

    It was the only kind of mailbox then.
    """
    lying = [one for one in ledger.records() if one.message_id and not one.account]
    if lying:
        ledger.save([(replace(one, account=SOME_MAILDIR), "") for one in lying], now)
