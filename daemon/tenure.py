"""The service's hold on its state folder, kept also when the folder is deleted, or replaced, while it runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daemon import locks

if TYPE_CHECKING:
    from datetime import datetime


class Tenure:
    """The lock of the service. It belongs to a file: where that is gone, so is the lock, for everybody else."""

    def __init__(self, state: str, now: datetime) -> None:
        """Take the state folder.

        Raises:
            Failure: another service has it.
            OSError: the lock cannot be made.
        """
        self._state = state
        self._lock = locks.take(state, locks.SERVICE, "run", now)
        self._mark = self._seen()

    def renew(self, now: datetime) -> bool:
        """Take the folder again where it is another one by now, and make it where it is gone; whether that was so.

        Raises:
            Failure: another service was quicker.
            OSError: the folder or the lock cannot be made.
        """
        if self._seen() == self._mark:
            return False
        os.makedirs(self._state, mode=0o700, exist_ok=True)  # noqa: PTH103 - pathlib costs the service 2 MB
        lock = locks.take(self._state, locks.SERVICE, "run", now)
        self._lock.release()
        self._lock, self._mark = lock, self._seen()
        return True

    def end(self) -> None:
        """Let go of it."""
        self._lock.release()

    def _seen(self) -> tuple[int, int] | None:
        try:
            status = os.stat(os.path.join(self._state, locks.SERVICE))  # noqa: PTH116, PTH118 - see above
        except OSError:
            return None
        return status.st_dev, status.st_ino
