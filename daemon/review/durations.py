"""How long the last cycles took: the service knows of the last one, and the journal of those before."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daemon.running import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daemon.running import Told

    Duration = tuple[datetime, float]
    """When a cycle began, and how many seconds it took."""

_LINES = 400
_PATIENCE = 2.0


def durations(service: Told | None) -> tuple[Duration, ...]:
    """Of the cycles of the service that runs now; none where it does not run."""
    return () if service is None else (*of_service(service), *of_journal(_read(service.get("pid"))))


def of_service(service: Told) -> Iterator[Duration]:
    """The last one, where it has ended."""
    cycle = service.get("cycle") or {}
    began, ended = instant(cycle.get("began")), instant(cycle.get("ended"))
    if began is not None and ended is not None:
        yield began, (ended - began).total_seconds()


def of_journal(lines: Iterable[str]) -> Iterator[Duration]:
    """Those of which lines of the journal tell (systemd.journal-fields(7)).

    The record is in fields of ours; of a unit whose output goes to the journal as it is, in the message.
    """
    for line in lines:
        try:
            entry = json.loads(line)
            told = entry if "AFTERWORD_EVENT" in entry else json.loads(entry["MESSAGE"])
            event = told.get("AFTERWORD_EVENT") or told["event"]
            seconds = float(told.get("AFTERWORD_SECONDS") or told["seconds"])
            ended = datetime.fromtimestamp(int(entry["__REALTIME_TIMESTAMP"]) / 1e6, UTC)
            began = ended - timedelta(seconds=seconds)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            continue
        if str(event).startswith("cycle."):
            yield began, seconds


def took(began: datetime, known: Iterable[Duration], within: timedelta) -> float | None:
    """How many seconds the cycle took that began about then; None where none of these did."""
    near = [(abs(at - began), seconds) for at, seconds in known if abs(at - began) <= within]
    return min(near)[1] if near else None


def _read(pid: object) -> list[str]:
    """What the journal has of this process, the last lines; nothing where there is none, or it may not be read."""
    if not isinstance(pid, int):
        return []
    words = ["journalctl", f"_PID={pid}", "-o", "json", "-n", str(_LINES), "--no-pager", "--quiet"]
    try:
        done = subprocess.run(words, capture_output=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - fixed words and a number
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.decode("utf-8", "replace").splitlines()
