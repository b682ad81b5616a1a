"""Errors that should not have happened, kept for `afterword doctor`: their kind and the lines of our code, no text."""

from __future__ import annotations

import json
import os
import traceback
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors import whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

FILE = "mishaps.json"
KEPT = 10
ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("rules", "config", "connectors", "daemon")
_FRAMES, _CAUSES, _LARGEST = 12, 4, 1 << 18


def note(error: BaseException, state: Path, command: str, at: datetime) -> None:
    """Keep that this happened, in a state folder that is there. What it says may be personal, and is not kept."""
    if not state.is_dir() or state.stat().st_uid != os.geteuid():
        return  # a file of another user's than the folder is one that its owner could not write any more
    entry = {
        "at": at.isoformat(timespec="seconds"),
        "version": _version(),
        "command": command,
        "errors": [[type(one).__module__, type(one).__qualname__] for one in _chain(error)],
        "frames": list(_frames(error))[-_FRAMES:],
    }
    path = state / FILE
    with suppress(OSError):  # it is told on the terminal all the same
        whole.replace(path, lambda: json.dumps([*kept(state), entry][-KEPT:]))


def kept(state: Path) -> list[dict[str, Any]]:
    """What was kept, the oldest first; nothing where it cannot be read."""
    try:
        with (state / FILE).open(encoding="utf-8") as file:
            found = json.loads(file.read(_LARGEST))
    except (OSError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _version() -> str:
    try:
        return version("afterword")
    except PackageNotFoundError:
        return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came from."""
    for _ in range(_CAUSES):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    """File and line of the calls that lie in our own code, the innermost last."""
    for frame in traceback.extract_tb(error.__traceback__):
        with suppress(ValueError):
            place = Path(frame.filename).resolve().relative_to(ROOT)
            if place.parts[0] in ROOMS:
                yield place.as_posix(), frame.lineno or 0
