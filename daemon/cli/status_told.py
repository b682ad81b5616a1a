"""How it stands, in words: for `afterword status`, and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon import running
from daemon.cli.drafts import gone
from daemon.cli.output import together
from daemon.cli.wording import count, left, moment, names, span
from daemon.health import AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli.call import Call
    from daemon.health import Health
    from daemon.ledger import SourceState
    from daemon.settling import Restored
    from daemon.sight import Sight


def next_command(call: Call, found: Health) -> str:
    if not (call.folder / "afterword.yaml").exists():
        return f"afterword{call.options} init"
    if found.google is not None and found.google.by_command:
        return f"afterword{call.options} auth google"
    return f"afterword{call.options} check" if found.sight.wrong else f"afterword{call.options} once --dry-run"


def of_cycle(found: Health) -> str:
    if found.last is None:
        return "none yet"
    at, problems = found.last
    cycle = (found.service or {}).get("cycle") or {}
    at = max(at, running.instant(cycle.get("ended")) or at)  # a cycle in which nothing was new leaves the ledger alone
    by = ", with the last good configuration" if found.last_good else ""
    how = f" with {count(len(together(problems)), 'problem')}" if problems else "" if by else ", all well"
    return f"{moment(at, found.sight.almanac, found.sight.now)}{how}{by}"


def of_restored(restored: Restored, sight: Sight) -> str:
    as_of = f" of {moment(restored.as_of, sight.almanac, sight.now)}" if restored.as_of else ""
    return f"restored from the backup{as_of}; settling with the mailbox"


def of_configuration(found: Health) -> str | None:
    """When the service took what the user wrote, or refused it."""
    told, sight = (found.service or {}).get("configuration"), found.sight
    if not isinstance(told, dict):
        return None
    taken, refused = (
        moment(when, sight.almanac, sight.now) if (when := running.instant(told.get(name))) else None
        for name in ("taken", "refused")
    )
    if refused:
        return f"refused {refused}; the last good one goes on"
    return f"taken {taken}" if taken else None


def of_source(found: Health, name: str, one: SourceState) -> str:
    sight = found.sight
    if one.failed_since is None:
        empty = f"; it has no event{found.empty[name]}" if name in found.empty else ""
        return f"answered {moment(one.ok_at, sight.almanac, sight.now)}{empty}" if one.ok_at else "not asked yet"
    since = moment(one.failed_since, sight.almanac, sight.now)
    age = span(max(0.0, (sight.now - one.failed_since).total_seconds()))
    if one.ok_at is None:
        return f"has not answered yet, asked since {since} ({age})"
    return f"stale since {since} ({age}); what was known is used"


def of_drafts(found: Health) -> str:
    sight = found.sight
    text = "none wait for you"
    if found.waiting:
        first = found.waiting[0]
        text = f"{len(found.waiting)} wait{'s' if len(found.waiting) == 1 else ''} for you"
        if first.by is not None:
            when = moment(first.by, sight.almanac, sight.now)
            text += f"; '{first.subject}' to {names(first.to)} by {when} ({left(first.by, sight.now)})"
    return "; ".join([text, *_of_gone(found)])


def _of_gone(found: Health) -> Iterator[str]:
    since = min((one.absent_since for one in found.gone if one.absent_since), default=None)
    if since is not None:
        many = f"{len(found.gone)} are" if len(found.gone) > 1 else "1 is"
        yield f"{many} {gone(since, found.sight.almanac, found.sight.now)}"


def of_next(found: Health) -> str:
    one, sight = found.coming, found.sight
    if one is None:
        return f"none in the next {count(AHEAD.days, 'day')}"
    when = moment(one.due, sight.almanac, sight.now) if one.due > sight.now else "due now"
    return f"{when}, {one.step} for {'you' if one.to_me else names(one.recipients)}"
