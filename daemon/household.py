"""What the commands have to know of the configuration when it is wrong: the user's zone, and the kind of mailbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.almanac import Almanac

if TYPE_CHECKING:
    from daemon.ledger import Ledger
    from daemon.view import House

_KEY = "household"


@dataclass(frozen=True, slots=True)
class Household:
    """As the last cycle knew it."""

    almanac: Almanac
    mailbox: str


def remember(ledger: Ledger, house: House) -> None:
    """Keep it in the ledger, where it is not there already."""
    text = json.dumps({"zone": house.configuration.almanac.zone, "mailbox": house.mailbox.kind})
    if ledger.recall(_KEY) != text:
        ledger.keep(_KEY, text)


def recall(ledger: Ledger) -> Household:
    """What the last cycle kept; UTC and a Maildir where there was none."""
    try:
        told = json.loads(ledger.recall(_KEY) or "{}")
        return Household(Almanac(told["zone"]), str(told["mailbox"]))
    except (ValueError, KeyError, TypeError):
        return Household(Almanac("UTC"), "maildir")
