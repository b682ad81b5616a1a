"""Where the service can be asked: the socket that tells how it stands, and a place for metrics where one is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.standing import at_socket

if TYPE_CHECKING:
    import select
    from datetime import datetime

    from daemon.metrics import Metrics
    from daemon.report import Report
    from daemon.standing import Standing


class Doors:
    """All of them, in one loop."""

    def __init__(self, state: str, poll: select.poll, standing: Standing, metrics: str | None = None) -> None:
        """`metrics` is what `daemon.metrics_place` understands.

        Raises:
            Failure: it is no such place.
        """
        self._doors = [at_socket(state, poll, standing)]
        self._metrics: Metrics | None = None
        if metrics:
            from daemon.metrics import Metered  # noqa: PLC0415 - only who wants them pays for them

            metered = Metered(metrics, poll, standing)
            self._metrics = metered.metrics
            self._doors.append(metered.answering)

    def keep(self) -> None:
        """Have their sockets, for whoever holds the state folder: to be called when that is sure, and now and then."""
        for door in self._doors:
            door.keep()

    def tend(self, monotonic: float) -> None:
        """Answer who has come. It never waits."""
        for door in self._doors:
            door.tend(monotonic)

    def wait(self, monotonic: float) -> float:
        """Seconds until `tend` has to be called though nobody comes."""
        return min(door.wait(monotonic) for door in self._doors)

    def count(self, event: str, seconds: float, at: datetime, told: Report | None) -> None:
        """A cycle has ended, and is counted where that is wanted; see `daemon.metrics.Metrics.ended`."""
        if self._metrics is not None:
            self._metrics.ended(event, seconds, at, told)

    def end(self) -> None:
        """Answer no more."""
        for door in self._doors:
            door.end()
