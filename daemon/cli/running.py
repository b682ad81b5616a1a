"""Whether the service runs, and what it says of itself when it is asked: for `afterword status`."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daemon import upgraded
from daemon.cli.wording import count, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from config.problem import Problem
    from rules.almanac import Almanac

    Told = Mapping[str, Any]

_TOLD = ("cycle", "configuration", "failures", "problems", "next", "version", "status", "cycles", "wakeups")

_LONG = 60.0
"""Seconds after which it is told for how long a cycle has run."""


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
        yield Problem(None, None, None, None, f"the service{_process(service)} does not answer", _remedy(service))
    if upgraded.former(service["version"]):
        message = f"the service runs version {service['version']}, and installed is {upgraded.installed()}"
        hint = f"Start it anew: {upgraded.anew(service['pid'])}. Nothing is lost by that."
        yield Problem(None, None, None, None, message, hint)
    for one in service["problems"] or ():
        try:
            yield Problem(**one)
        except TypeError:  # told by another version
            continue


def in_short(service: Told | None) -> str:
    """`runs (process 12)`, without any time."""
    if service is None:
        return "does not run"
    return f"runs{_process(service)}" + (", but does not answer" if service["answers"] is False else "")


def in_words(service: Told | None, almanac: Almanac, now: datetime) -> str:
    """`runs (process 12), since Tue 3 March 17:00, next cycle by Tue 3 March 19:01`."""
    words = [in_short(service)]
    if service is None or service["answers"] is False:
        return words[0]
    if since := instant(service["since"]):
        words.append(f"since {moment(since, almanac, now)}")
    cycle = service["cycle"] or {}
    if (began := instant(cycle.get("began"))) and cycle.get("ended") is None:
        long = (now - began).total_seconds()
        words.append(f"a cycle has been under way for {span(long)}" if long >= _LONG else "a cycle is under way")
    elif (following := instant(service["next"])) and following > now:
        words.append(f"next cycle by {moment(following, almanac, now)}")
    if failures := service["failures"]:
        words.append(f"{count(int(failures), 'cycle')} failed in a row")
    return ", ".join(words) + ("; it has no socket to tell more (see its log)" if service["answers"] is None else "")


def instant(told: object) -> datetime | None:
    """A time that another process told."""
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _process(service: Told) -> str:
    return f" (process {service['pid']})" if service["pid"] else ""


def _remedy(service: Told) -> str:
    pid = service["pid"]
    if not pid:
        return "End it and start it again; nothing is lost by that."
    return (
        f"Where `ps -o stat= -p {pid}` says T it was stopped, and `kill -CONT {pid}` lets it go on; "
        f"else end it with `kill {pid}`, or `kill -9 {pid}`, and start it again. Nothing is lost by that."
    )
