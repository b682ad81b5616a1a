"""Whether a source that says what it has, and then gives nothing of it, is silent: or only some of it cannot be had."""

from __future__ import annotations

from connectors.base import ConnectorError, TransientError


class Silence:
    """What came of reading, taken in one by one."""

    def __init__(self) -> None:
        self.asked = 0
        self._answers = False
        self._failure: TransientError | None = None

    def take(self, found: bytes | ConnectorError) -> None:
        """One that was asked for. An error that names a file is about that one, and the source has answered."""
        self.asked += 1
        if not isinstance(found, TransientError) or found.file is not None:
            self._answers = True
        elif self._failure is None or (found.after or 0.0) > (self._failure.after or 0.0):
            self._failure = found

    @property
    def failure(self) -> TransientError | None:
        """Why nothing came at all, by the error that asks for the longest pause; None where something came."""
        return None if self._answers else self._failure
