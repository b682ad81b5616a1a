"""Whether the service runs, and what it says of itself when it is asked: the lock and the socket tell."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daemon import upgraded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from config.problem import Problem

    Told = Mapping[str, Any]

_TOLD = ("cycle", "configuration", "failures", "problems", "next", "version", "status", "cycles", "wakeups")


def ask(state: Path) -> dict[str, Any] | None:
    """What `service` is in the document of `status`: None where it does not run.

    `answers` is None where it has no socket to be asked at, False where it has one and says nothing; both times the
    lock tells all that is known.
    """
    from daemon import locks, standing  # noqa: PLC0415 - json and sockets are not needed for --help

    holder = locks.holder(state, locks.SERVICE)
    if holder is None:
        return None
    try:
        told = standing.standing(state)
        answers = True if told is not None else None
    except standing.Silent:
        told, answers = None, False
    known = told or {"failures": 0, "problems": []}
    # On a full disk the lock does not tell who has it.
    who = {"pid": holder.pid or known.get("pid"), "since": holder.since or known.get("since"), "answers": answers}
    return who | {name: known.get(name) for name in _TOLD}


def can_be_seen(state: Path) -> bool:
    """Whether we may look into the folder at all: in one of another user's nobody seems to be."""
    try:
        os.stat(os.path.join(state, os.curdir))  # noqa: PTH116, PTH118 - a Path would drop the dot, which asks for leave
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def problems(service: Told | None) -> Iterator[Problem]:
    """That it says nothing; else what kept it from its last cycle."""
    from config.problem import Problem  # noqa: PLC0415 - see `daemon.cli.status`

    if service is None:
        return
    if service["answers"] is False:
        yield Problem(None, None, None, None, f"the service{process(service)} does not answer", _remedy(service))
    if upgraded.former(service["version"]):
        message = f"the service runs version {service['version']}, and installed is {upgraded.installed()}"
        hint = f"Start it anew: {upgraded.anew(service['pid'])}. Nothing is lost by that."
        yield Problem(None, None, None, None, message, hint)
    for one in service["problems"] or ():
        try:
            yield Problem(**one)
        except TypeError:  # told by another version
            continue


def instant(told: object) -> datetime | None:
    """A time that another process told."""
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def process(service: Told) -> str:
    """` (process 12)`; empty where its number is not known."""
    return f" (process {service['pid']})" if service["pid"] else ""


def _remedy(service: Told) -> str:
    pid = service["pid"]
    if not pid:
        return "End it and start it again; nothing is lost by that."
    return (
        f"Where `ps -o stat= -p {pid}` says T it was stopped, and `kill -CONT {pid}` lets it go on; "
        f"else end it with `kill {pid}`, or `kill -9 {pid}`, and start it again. Nothing is lost by that."
    )
