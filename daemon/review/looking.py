"""How far ahead the pages look: eight weeks and a bit, so that one look serves all of them for a while."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.review.room import Room
    from daemon.sight import Sight

WEEKS = 8


def horizon(now: datetime) -> datetime:
    """The midnight (of UTC: no page has to know the user's zone before it looks) after eight weeks."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 * WEEKS + 1)


def look(room: Room) -> Sight:
    """What is, and what is coming up to the horizon.

    Raises:
        Failure: as `Room.ahead`.
    """
    return room.ahead(horizon(room.now()))
