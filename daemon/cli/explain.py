"""`afterword explain`: why there is a note, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.people import AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from typing import Any

    from daemon.cli.call import Call
    from daemon.explaining import Explained
    from daemon.failure import ExitCode
    from rules.explain import Explanation


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


@command("explain")
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="The day of the meeting, where several have the same title or UID.",
)
def explain(call: Call, *, what: tuple[str, ...], on: date | None) -> ExitCode:
    """Why there is a note, and why there is none: each rule, each condition with what was seen, and what follows.

    WHAT is a meeting, by its title, some words of it, or its UID; or a person, by name or address. Changes nothing.
    """
    from daemon.cli.explained import lines  # noqa: PLC0415 - much is imported
    from daemon.cli.subject import find  # noqa: PLC0415 - as above
    from daemon.explaining import of  # noqa: PLC0415 - as above
    from daemon.outlook import standings  # noqa: PLC0415 - as above

    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, now + AHEAD)
        everybody = standings(sight)
        subject = find(sight, [standing.person for standing in everybody], " ".join(what), on)
        explained = of(sight, ledger, subject, everybody)
        document = _document(explained)
        told = list(lines(explained, call.options))
    return finish(call, document, told, sight.problems)


def _document(explained: Explained) -> dict[str, Any]:
    from daemon.present import of_meeting, of_ref  # noqa: PLC0415 - see `explain`

    sight, subject = explained.sight, explained.subject
    meeting = None
    if subject.meeting is not None:
        meeting = of_meeting(subject.meeting, sight.almanac)
    elif subject.gone is not None:
        meeting = of_ref(subject.gone, sight.almanac)
    person = subject.person
    return {
        "subject": explained.title,
        "meeting": meeting,
        "person": None if person is None else {"name": person.name, "email": person.email},
        "marks": [{"mark": it.mark, "text": it.text, "taken": it.taken, "why": it.why} for it in explained.marks],
        "rules": [*(_rule(explained, one) for one in explained.rules), *_former(explained)],
        "decisions": [
            {
                "id": course.decision.id,
                "text": course.decision.text,
                "state": one.state.value,
                "follow_up": None if one.note is None else sight.json_of(one.note),
            }
            for course, one in explained.tellings
        ],
        "asks": [sight.json_of(one) for one in explained.asks],
        "others": [of_meeting(one, sight.almanac) for one in subject.others],
    }


def _rule(explained: Explained, one: Explanation) -> dict[str, Any]:
    from daemon.present import of_meeting  # noqa: PLC0415 - see `explain`

    sight = explained.sight
    return {
        "rule": one.rule.id,
        "matches": one.matches,
        "meeting": None if one.meeting is None else of_meeting(one.meeting, sight.almanac),
        "conditions": [{"condition": it.condition, "holds": it.holds, "why": it.why} for it in one.findings],
        "steps": [{"step": fate.step, "to": fate.to, "why": fate.why} for fate in one.fates if fate.why],
        "follow_ups": [sight.json_of(follow_up) for follow_up in explained.follow_ups(one)],
    }


def _former(explained: Explained) -> Iterator[dict[str, Any]]:
    """The rules that are no longer asked, with what they have drafted."""
    from daemon.explaining import GONE, NO_RULE  # noqa: PLC0415 - see `explain`

    gone = explained.subject.gone is not None
    name, why = ("in_calendar", GONE) if gone else ("rule", NO_RULE)
    for rule, records in explained.former.items():
        yield {
            "rule": rule,
            "matches": False,
            "meeting": None,
            "conditions": [{"condition": name, "holds": False, "why": why}],
            "steps": [],
            "follow_ups": [explained.sight.json_of(record) for record in records],
        }
