"""A small text that a connector keeps between cycles, in a file of the state folder: losing it costs one full look."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from connectors import whole

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 64 * 2**20


class Keepsake:
    """The text in this file. Without `write` it is kept for this process only: looking is free."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        self._write = write
        self._text: str | None = None

    def recall(self) -> str | None:
        """What was kept; None where there is nothing, or nothing that can be read."""
        if self._text is None:
            with suppress(OSError, UnicodeDecodeError), self._path.open(encoding="utf-8") as file:
                self._text = file.read(_LARGEST)
        return self._text

    def keep(self, text: str) -> None:
        """Keep this, whole or not at all, for its owner's eyes only; an empty text is nothing to keep."""
        self._text = text
        if not self._write:
            return
        with suppress(OSError):  # what is not kept is asked for again; that the disk is full is told elsewhere
            if not text:
                self._path.unlink(missing_ok=True)
                return
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            whole.write(self._path, text)
