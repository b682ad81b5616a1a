"""`afterword status`: what runs, what is stale, and what needs the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon import running
from daemon.cli import running_told
from daemon.cli.call import command
from daemon.cli.desk import ledger_of
from daemon.cli.google import google_json, google_line
from daemon.cli.output import ExitCode, Failure, fail, print_json, problem_json, say, show_problems, together
from daemon.cli.typed import remedy
from daemon.cli.wording import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.health import Health


@command("status")
def status(call: Call) -> ExitCode:
    """What runs, what is stale, and what needs you. Asks no calendar, and changes nothing."""
    from daemon.health import health  # noqa: PLC0415 - much is imported

    now = call.now()
    try:
        with ledger_of(call.state) as ledger:
            ledger.verify()
            found = health(call.folder, call.state, ledger, now)
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
    from config.problem import Problem  # noqa: PLC0415 - see `status`
    from daemon.health import of_state  # noqa: PLC0415 - see `status`

    service = running.ask(call.state)
    unreadable = Problem(None, None, None, None, failure.message, failure.hint)
    others = [problem for problem in of_state(call.state, service) if problem != unreadable]
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


def _document(found: Health) -> dict[str, Any]:
    from daemon.present import stamp  # noqa: PLC0415 - see `status`

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


def _lines(call: Call, found: Health) -> Iterator[Line]:
    from daemon.cli import status_told as told  # noqa: PLC0415 - see `status`
    from daemon.source_names import calendar_called  # noqa: PLC0415 - see `status`

    service = running_told.in_words(found.service, found.sight.almanac, found.sight.now)
    rows = [("service", service), ("last cycle", told.of_cycle(found))]
    rows += [("ledger", "gone, and there are backups of it")] if found.lost else []
    rows += [("ledger", told.of_restored(found.restored, found.sight))] if found.restored else []
    rows += [("configuration", said)] if (said := told.of_configuration(found)) else []
    rows += [(calendar_called(name), told.of_source(found, name, one)) for name, one in found.sources.items()]
    rows += [("google", google_line(found.google, found.sight, call.options))] if found.google else []
    if found.last is not None or found.waiting or found.gone:
        rows += [("drafts", told.of_drafts(found))]
        rows += [("next note", told.of_next(found))] if found.sight.house is not None else []
    for line in columns(rows):
        yield line, {}
    if (found.last is None and not found.lost) or (found.google is not None and found.google.by_command):
        yield "", {}
        yield f"{'' if found.last else 'Nothing has run yet. '}Next: `{told.next_command(call, found)}`.", {}
    if found.problems:
        yield "", {}
        yield "What needs you", {"bold": True}
    for places, problem in together(found.problems):
        yield f"  {f'{places}: ' if places else ''}{problem.message}", {"fg": "red"}
        yield from ((line, {}) for line in remedy(problem.hint, "      "))
