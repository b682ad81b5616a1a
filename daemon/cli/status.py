"""`afterword status`: what runs, what is stale, and what needs the user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daemon import running
from daemon.cli import running_told
from daemon.cli.call import command
from daemon.cli.desk import ledger_of
from daemon.cli.drafts import gone, waiting
from daemon.cli.google import google_json, google_line
from daemon.cli.output import ExitCode, Failure, fail, print_json, problem_json, say, show_problems, together
from daemon.cli.typed import remedy
from daemon.cli.wording import columns, count, left, moment, names, span
from daemon.source_names import calendar_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from config.problem import Problem
    from connectors.base import Calendar
    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.google_account import GoogleAccount
    from daemon.ledger import Ledger, SourceState
    from daemon.settling import Restored
    from daemon.sight import Sight
    from rules.history import Record
    from rules.model import FollowUp

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that is told."""

    sight: Sight
    service: dict[str, Any] | None
    last: tuple[datetime, tuple[Problem, ...]] | None
    sources: dict[str, SourceState]
    waiting: list[Record]
    gone: list[Record]
    """Those that are in Drafts no more, and may come back."""
    coming: FollowUp | None
    problems: list[Problem]
    last_good: bool
    """The service goes on with the last good configuration."""
    google: GoogleAccount | None
    empty: Mapping[str, str]
    """The calendars that have no event, and what to do about that."""
    restored: Restored | None
    """The ledger was put back from a backup, and no cycle has looked at the whole mailbox since."""
    lost: bool
    """There is no ledger, but backups of one."""


@command("status")
def status(call: Call) -> ExitCode:
    """What runs, what is stale, and what needs you. Asks no calendar, and changes nothing."""
    now = call.now()
    try:
        with ledger_of(call.state) as ledger:
            ledger.verify()
            found = _status(call, ledger, now)
            document = _document(found)
    except Failure as failure:
        return _without_ledger(call, failure)
    if call.json:
        print_json(document)
    else:
        for text, style in _lines(call, found):
            say(text, **style)
    return ExitCode.DONE


def _without_ledger(call: Call, failure: Failure) -> ExitCode:
    """What can be told where the ledger cannot be read: whether the service runs, and what is the matter."""
    from config.problem import Problem  # noqa: PLC0415 - see `_status`

    service = running.ask(call.state)
    unreadable = Problem(None, None, None, None, failure.message, failure.hint)
    others = [problem for problem in _of_state(call, service) if problem != unreadable]
    if call.json:
        unknown: dict[str, Any] = {
            "last_cycle": None,
            "sources": [],
            "google": [],
            "restored": None,
            "waiting": None,
            "nearest_deadline": None,
            "next": None,
        }
        print_json({"service": service, **unknown, "problems": [problem_json(one) for one in (unreadable, *others)]})
    else:
        runs = running_told.in_short(service) if running.can_be_seen(call.state) else "cannot be seen from here"
        for line in columns([("service", runs), ("ledger", "cannot be read")]):
            say(line)
    show_problems(others)
    return fail(failure, as_json=False)


def _of_state(call: Call, service: dict[str, Any] | None) -> list[Problem]:
    """What is the matter with the state folder now, and what kept the service from its last cycle."""
    from config.problem import Problem  # noqa: PLC0415 - see `_status`
    from daemon.ledger.store import NAME  # noqa: PLC0415 - see `_status`
    from daemon.state_folder import trouble, unusable  # noqa: PLC0415 - see `_status`

    problems = []
    if (error := trouble(call.state, NAME)) is not None:
        told = unusable(call.state, error)
        problems.append(Problem(None, None, None, None, told.message, told.hint))
    return [*problems, *running.problems(service)]


def _status(call: Call, ledger: Ledger, now: datetime) -> Status:
    from daemon import begun_anew  # noqa: PLC0415 - much is imported
    from daemon.backups import standing  # noqa: PLC0415 - see above
    from daemon.configuration import last_good  # noqa: PLC0415 - see above
    from daemon.google_account import Seen, google_account  # noqa: PLC0415 - see above
    from daemon.settling import restored  # noqa: PLC0415 - see above
    from daemon.sight import ahead, at_drafts, house_of  # noqa: PLC0415 - see above
    from rules.history import State  # noqa: PLC0415 - see above

    sight = at_drafts(call.folder, ledger, now)
    wrong, looked = sight.wrong, sight.house is not None
    last = ledger.last_cycle()
    sources = ledger.sources()
    service = running.ask(call.state)
    kept = last_good(call.folder, call.state) if service and sight.house is None else None
    if kept is not None:
        sight.house = house_of(kept, call.state)
    if sight.house is not None:
        named = {calendar.id for calendar in sight.house.calendars} | set(sight.house.books)
        sources = {name: one for name, one in sources.items() if name in named}
        if last is not None:
            sight = ahead(sight.house, ledger, now, now + AHEAD, fresh=False)
    google, empty = None, dict[str, str]()
    if sight.house is not None:
        empty = _empty(ledger, sight.house.calendars)
        seen = Seen(sources, last, looked, tuple(sight.problems))
        google = google_account(sight.house.configuration, call.state, now, seen)
    coming = (one for one in sight.planned if one.hold is None)
    state = _of_state(call, service)
    state += [unsaved] if (unsaved := standing(ledger)) is not None else []
    lost = begun_anew.gone(call.state)
    state += [told] if (told := lost or begun_anew.standing(ledger)) is not None else []
    problems = list(dict.fromkeys([*state, *wrong, *(last[1] if last else ()), *sight.problems]))
    drafts = [record for record in waiting(sight.records) if record.state is not State.SNOOZED]
    lying = [record for record in drafts if record.absent_since is None]
    away = [record for record in drafts if record.absent_since is not None]
    first = next(coming, None)
    since = restored(ledger)
    return Status(
        sight,
        service,
        last,
        sources,
        lying,
        away,
        first,
        problems,
        kept is not None,
        google,
        empty,
        since,
        lost is not None,
    )


def _empty(ledger: Ledger, several: Iterable[Calendar]) -> dict[str, str]:
    from connectors.calendars.ics import IcsFolder  # noqa: PLC0415 - see `_status`
    from daemon.ledger.calendars import shown  # noqa: PLC0415 - see `_status`

    with ledger.reading() as connection:
        return {
            one.id: f": put .ics files into {one.path}" if isinstance(one, IcsFolder) else ""
            for one in several
            if not shown(connection, one.id)[0]
        }


def _document(found: Status) -> dict[str, Any]:
    from daemon.present import stamp  # noqa: PLC0415 - see `_status`

    sight = found.sight
    at = stamp(found.last[0], sight.almanac) if found.last else None
    nearest = next((one for one in found.waiting if one.by is not None), None)
    return {
        "service": found.service,
        "last_cycle": {"at": at, "problems": [problem_json(one) for one in found.last[1]]} if found.last else None,
        "sources": [
            {
                "id": name,
                "ok": one.failed_since is None,
                "last_ok": stamp(one.ok_at, sight.almanac),
                "stale_since": stamp(one.failed_since, sight.almanac),
                "problem": problem_json(one.problem) if one.problem else None,
            }
            for name, one in found.sources.items()
        ],
        "google": [] if found.google is None else [google_json(found.google, sight)],
        "restored": {"as_of": stamp(found.restored.as_of, sight.almanac)} if found.restored else None,
        "waiting": len(found.waiting),
        "nearest_deadline": stamp(nearest.by, sight.almanac) if nearest else None,
        "next": sight.json_of(found.coming) if found.coming else None,
        "problems": [problem_json(problem) for problem in found.problems],
    }


def _lines(call: Call, found: Status) -> Iterator[Line]:
    service = running_told.in_words(found.service, found.sight.almanac, found.sight.now)
    rows = [("service", service), ("last cycle", _of_cycle(found))]
    rows += [("ledger", "gone, and there are backups of it")] if found.lost else []
    rows += [("ledger", _of_restored(found.restored, found.sight))] if found.restored else []
    rows += [("configuration", told)] if (told := _of_configuration(found)) else []
    rows += [(calendar_called(name), _of_source(found, name, one)) for name, one in found.sources.items()]
    rows += [("google", google_line(found.google, found.sight, call.options))] if found.google else []
    if found.last is not None or found.waiting or found.gone:
        rows += [("drafts", _of_drafts(found))]
        rows += [("next note", _of_next(found))] if found.sight.house is not None else []
    for line in columns(rows):
        yield line, {}
    if (found.last is None and not found.lost) or (found.google is not None and found.google.by_command):
        yield "", {}
        yield f"{'' if found.last else 'Nothing has run yet. '}Next: `{_next_command(call, found)}`.", {}
    if found.problems:
        yield "", {}
        yield "What needs you", {"bold": True}
    for places, problem in together(found.problems):
        yield f"  {f'{places}: ' if places else ''}{problem.message}", {"fg": "red"}
        yield from ((line, {}) for line in remedy(problem.hint, "      "))


def _next_command(call: Call, found: Status) -> str:
    if not (call.folder / "afterword.yaml").exists():
        return f"afterword{call.options} init"
    if found.google is not None and found.google.by_command:
        return f"afterword{call.options} auth google"
    return f"afterword{call.options} check" if found.sight.wrong else f"afterword{call.options} once --dry-run"


def _of_cycle(found: Status) -> str:
    if found.last is None:
        return "none yet"
    at, problems = found.last
    cycle = (found.service or {}).get("cycle") or {}
    at = max(at, running.instant(cycle.get("ended")) or at)  # a cycle in which nothing was new leaves the ledger alone
    by = ", with the last good configuration" if found.last_good else ""
    how = f" with {count(len(together(problems)), 'problem')}" if problems else "" if by else ", all well"
    return f"{moment(at, found.sight.almanac, found.sight.now)}{how}{by}"


def _of_restored(restored: Restored, sight: Sight) -> str:
    as_of = f" of {moment(restored.as_of, sight.almanac, sight.now)}" if restored.as_of else ""
    return f"restored from the backup{as_of}; settling with the mailbox"


def _of_configuration(found: Status) -> str | None:
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


def _of_source(found: Status, name: str, one: SourceState) -> str:
    sight = found.sight
    if one.failed_since is None:
        empty = f"; it has no event{found.empty[name]}" if name in found.empty else ""
        return f"answered {moment(one.ok_at, sight.almanac, sight.now)}{empty}" if one.ok_at else "not asked yet"
    since = moment(one.failed_since, sight.almanac, sight.now)
    age = span(max(0.0, (sight.now - one.failed_since).total_seconds()))
    if one.ok_at is None:
        return f"has not answered yet, asked since {since} ({age})"
    return f"stale since {since} ({age}); what was known is used"


def _of_drafts(found: Status) -> str:
    sight = found.sight
    text = "none wait for you"
    if found.waiting:
        first = found.waiting[0]
        text = f"{len(found.waiting)} wait{'s' if len(found.waiting) == 1 else ''} for you"
        if first.by is not None:
            when = moment(first.by, sight.almanac, sight.now)
            text += f"; '{first.subject}' to {names(first.to)} by {when} ({left(first.by, sight.now)})"
    return "; ".join([text, *_of_gone(found)])


def _of_gone(found: Status) -> Iterator[str]:
    since = min((one.absent_since for one in found.gone if one.absent_since), default=None)
    if since is not None:
        many = f"{len(found.gone)} are" if len(found.gone) > 1 else "1 is"
        yield f"{many} {gone(since, found.sight.almanac, found.sight.now)}"


def _of_next(found: Status) -> str:
    one, sight = found.coming, found.sight
    if one is None:
        return f"none in the next {count(AHEAD.days, 'day')}"
    when = moment(one.due, sight.almanac, sight.now) if one.due > sight.now else "due now"
    return f"{when}, {one.step} for {'you' if one.to_me else names(one.recipients)}"
