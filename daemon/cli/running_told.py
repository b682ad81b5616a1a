"""Whether the service runs, in words: for `afterword status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.cli.wording import count, moment, span
from daemon.running import instant, process

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.running import Told
    from rules.almanac import Almanac

_LONG = 60.0
"""Seconds after which it is told for how long a cycle has run."""


def in_short(service: Told | None) -> str:
    """`runs (process 12)`, without any time."""
    if service is None:
        return "does not run"
    return f"runs{process(service)}" + (", but does not answer" if service["answers"] is False else "")


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
