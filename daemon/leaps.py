"""Whether the clock was far ahead for a while: what was drafted too early then is to be recognised."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules.history import ClockAhead

if TYPE_CHECKING:
    from daemon.ledger import Ledger

_KEY = "leap"
_FAR = timedelta(days=30)
"""From one cycle to the next: nobody sleeps so long every day, and a clock that is wrong is wrong by more."""


@dataclass(frozen=True, slots=True)
class _Leap:
    """The clock went from `start` to `end` between two cycles, and stood between the two again at `back`."""

    start: datetime
    end: datetime
    back: datetime | None = None


def notice(ledger: Ledger, now: datetime) -> None:
    """A cycle begins now: keep whether the clock has leapt ahead since the last one, or is back from where it was."""
    leap, last = _recall(ledger), ledger.last_cycle()
    if leap is not None and leap.start <= now < leap.end:
        if leap.back is None or now < leap.back:
            _keep(ledger, replace(leap, back=now))
    elif last is not None and now - last[0] >= _FAR:
        _keep(ledger, _Leap(last[0], now))


def ahead(ledger: Ledger) -> ClockAhead | None:
    """From when to when the clock was ahead; None where it never came back, and so was right."""
    leap = _recall(ledger)
    return None if leap is None or leap.back is None else ClockAhead(leap.end, leap.back)


def _recall(ledger: Ledger) -> _Leap | None:
    try:
        kept = json.loads(ledger.recall(_KEY) or "null") or (None, None, None)
        start, end, back = (datetime.fromisoformat(one) if one else None for one in kept)
    except (ValueError, TypeError):  # damaged: what it told is forgotten
        return None
    return _Leap(start, end, back) if start and end else None


def _keep(ledger: Ledger, leap: _Leap) -> None:
    told = [one.isoformat() if one else None for one in (leap.start, leap.end, leap.back)]
    ledger.keep(_KEY, json.dumps(told))
