"""`afterword person`: one person, with the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.acquaintance import coming, last_contact, owed
from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.people import AHEAD, person_json
from daemon.cli.who import one_of
from daemon.cli.wording import columns, day, moment, wrapped
from rules.greeting import called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.failure import ExitCode
    from daemon.outlook import Moment, Standing
    from daemon.sight import Sight


@command("person")
@click.argument("who", nargs=-1, required=True)
def person(call: Call, *, who: tuple[str, ...]) -> ExitCode:
    """One person: what is known, the notes, and everything that was between you. WHO is a name or an address."""
    from daemon.outlook import between, notes_on, standings  # noqa: PLC0415 - much is imported
    from daemon.present import stamp  # noqa: PLC0415 - see above

    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, now + AHEAD)
        everybody = {one.person.email: one for one in standings(sight)}
        standing = everybody[one_of((one.person for one in everybody.values()), " ".join(who)).email]
        assert sight.view is not None
        notes = notes_on(ledger.person_notes(), sight.view.world.directory, standing.person)
        history = between(sight, standing.key)
        of = standing.person
        document = {
            **person_json(sight, standing),
            "language": of.language,
            "time_zone": of.time_zone,
            "do_not_contact": of.do_not_contact,
            "notes": [{"at": stamp(at, sight.almanac), "text": text} for at, text in notes],
            "history": [{"at": stamp(one.at, sight.almanac), "kind": one.kind, "text": one.words} for one in history],
            "follow_ups": [
                sight.json_of(record)
                for record in sight.records
                if sight.view is not None and standing.key in sight.view.world.keys(record.addresses)
            ],
        }
        lines = list(_lines(sight, standing, notes, history, call.options))
    return finish(call, document, lines, sight.problems)


def _lines(
    sight: Sight,
    standing: Standing,
    notes: Sequence[tuple[datetime | None, str]],
    history: Sequence[Moment],
    options: str,
) -> Iterator[Line]:
    of, today = standing.person, sight.almanac.day_of(sight.now)
    yield called(of), {"bold": True}
    facts = (
        ("addresses", ", ".join(of.emails)),
        ("works at", of.organisation),
        ("tags", ", ".join(of.tags)),
        ("language", of.language),
        ("time zone", of.time_zone),
        ("contact", "do not contact" if of.do_not_contact else ""),
        ("last contact", last_contact(sight, standing)),
        ("next note", coming(sight, standing)),
    )
    for line in columns([fact for fact in facts if fact[1]]):
        yield f"  {line}", {}
    if promises := owed(sight, standing):
        yield "", {}
        yield "You owe them", {"bold": True}
        rows = [(one.id, day(sight.almanac.day_of(one.meeting.end), today), one.text) for one in promises]
        for line in columns(rows):
            yield f"  {line}", {}
        yield f"  `afterword{options} done {promises[0].id}` ticks it off.", {"dim": True}
    if notes:
        yield "", {}
        yield "Notes", {"bold": True}
        for at, text in notes:
            when = f"{moment(at, sight.almanac, sight.now)}: " if at else ""
            yield from ((line, {}) for line in wrapped(when + text, "  "))
    if history:
        yield "", {}
        yield "History", {"bold": True}
        for line in columns([(moment(one.at, sight.almanac, sight.now), one.words) for one in history]):
            yield f"  {line}", {}
