"""Room on the disk that is kept for the result of an intent, and let go of when nothing else is left to write it in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import whole
from daemon.ledger.errors import refused

if TYPE_CHECKING:
    from pathlib import Path

NAME = "ballast"
SIZE = 1 << 18
"""Bytes. A result changes a dozen pages of 4 KiB, and SQLite writes each of them into its journal, too; with 64
identities of a meeting and 40 people there are 22. What a cycle writes down at its end finds room besides."""


@dataclass(frozen=True, slots=True)
class Ballast:
    """A file of `SIZE` bytes beside the ledger, which stays there until it is needed; none where it is not `kept`."""

    ledger: Path
    kept: bool = True

    @property
    def file(self) -> Path:
        """Where it is."""
        return self.ledger.with_name(NAME)

    def keep(self) -> None:
        """See that it is there. Its bytes are random: nothing that packs what it stores has them for less.

        Raises:
            LedgerError: there is no room for it, no leave, or something else in its place.
        """
        try:
            if self.kept and not self._is_there():
                whole.make(self.file, _fill)
        except OSError as error:
            raise refused(self.ledger, error) from error

    def _is_there(self) -> bool:
        try:
            return self.file.lstat().st_size >= SIZE
        except FileNotFoundError:
            return False

    def let_go(self) -> bool:
        """Give its room to what is written next; False where there is none to give."""
        try:
            self.file.unlink()
            whole.make_durable(self.file.parent)  # what a journal of the file system holds back is free after that
        except OSError:
            return False
        return True


def _fill(half: Path) -> None:
    half.write_bytes(os.urandom(SIZE))
