"""What of the outside world lies in files of this machine, and so can be watched between the cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Nearby

if TYPE_CHECKING:
    from daemon.view import House


def here(house: House) -> list[str]:
    """Where a change of a calendar, an address book or the mailbox shows itself; see `connectors.base.Nearby`."""
    several = (*house.calendars, *house.books.values(), house.mailbox)
    return sorted({place for one in several if isinstance(one, Nearby) for place in one.places()})
