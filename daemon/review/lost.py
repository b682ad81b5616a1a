"""A ledger that is gone while the page is open: no page begins another in its place, and each says how to go on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from daemon import begun_anew
from daemon.failure import ExitCode, Failure
from daemon.ledger.errors import RECOGNISED

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "the ledger does not know this draft any more: another one was put in its place since you opened it"
AND_NOW = (
    "Where you put back a backup, `afterword once` finds what lies in Drafts again; then load Today anew. "
    "`afterword restore` lists the backups that there are."
)


class Watch:
    """Whether there is a ledger, as the page has known it so far."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._seen = False

    def check(self) -> None:
        """Look whether it is there. Before the first there is none to be missed: what begins one may do so.

        Raises:
            Failure: it is gone, or there are backups of one (75).
        """
        there = True
        with suppress(OSError):  # whoever opens it tells what is wrong
            there = begun_anew.is_there(self._state)
        if there:
            self._seen = True
            return
        left = begun_anew.gone(self._state)
        if left is not None:
            raise Failure(ExitCode.CANNOT_NOW, f"{left.message}; nothing was written", left.hint)
        if self._seen:
            raise Failure(
                ExitCode.CANNOT_NOW,
                f"the ledger is gone from {self._state}; nothing was written",
                "Where you moved it, move it back. A copy of it that you have elsewhere is put in its place by "
                f"`afterword restore FILE`. Else `afterword once` begins a new one: {RECOGNISED}.",
            )
