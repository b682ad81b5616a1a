"""`afterword person`: one person, with the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.acquaintance import coming, last_contact, owed
from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.owned import refuse_another
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
    from rules.model import Person


@command("person")
@click.argument("who", nargs=-1, required=True)
@click.option("--not-again", "mark", flag_value="not again", help="Write nothing more to them; --again takes it back.")
@click.option("--again", "mark", flag_value="again", help="Take `--not-again` back.")
def person(call: Call, *, who: tuple[str, ...], mark: str | None) -> ExitCode:
    """One person: what is known, the notes, and everything that was between you. WHO is a name or an address."""
    from daemon.not_again import since  # noqa: PLC0415 - much is imported
    from daemon.outlook import between, notes_on, standings  # noqa: PLC0415 - see above
    from daemon.present import stamp  # noqa: PLC0415 - see above

    if mark is not None:
        return _marked(call, " ".join(who), again=mark == "again")
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
            "not_again": stamp(left, sight.almanac) if (left := since(ledger, of)) else None,
            "notes": [{"at": stamp(at, sight.almanac), "text": text} for at, text in notes],
            "history": [{"at": stamp(one.at, sight.almanac), "kind": one.kind, "text": one.words} for one in history],
            "follow_ups": [
                sight.json_of(record)
                for record in sight.records
                if sight.view is not None and standing.key in sight.view.world.keys(record.addresses)
            ],
        }
        lines = list(_lines(sight, standing, notes, history, call.options, left))
    return finish(call, document, lines, sight.problems)


def _marked(call: Call, who: str, *, again: bool) -> ExitCode:
    """Set the mark, or take it back."""
    from daemon import not_again  # noqa: PLC0415 - see `person`
    from daemon.outlook import standings  # noqa: PLC0415 - see `person`

    refuse_another(call)
    now = call.now()
    with ledger_of(call.state) as looking:
        sight = look_ahead(call, looking, now, now)
        of = one_of((one.person for one in standings(sight)), who)
    with ledger_of(call.state, write=True) as ledger:
        was = not_again.again(ledger, of) if again else not_again.since(ledger, of) is not None
        if not again:
            not_again.not_again(ledger, of, now)
    if again:
        words = "may be written to again" if was else "had no such mark; where an address book says so, change it there"
    else:
        words = "gets nothing more: untouched drafts go with the next cycle; `--again` takes it back"
    document = {"name": of.name, "email": of.email, "emails": list(of.emails), "not_again": not again}
    return finish(call, document, [(f"{called(of)} {words}.", {})], ())


def _contact(sight: Sight, of: Person, left: datetime | None) -> str:
    if left is not None:
        return f"not again, by your word of {day(sight.almanac.day_of(left), sight.almanac.day_of(sight.now))}"
    return "do not contact" if of.do_not_contact else ""


def _lines(  # noqa: PLR0917 - all that is told
    sight: Sight,
    standing: Standing,
    notes: Sequence[tuple[datetime | None, str]],
    history: Sequence[Moment],
    options: str,
    left: datetime | None,
) -> Iterator[Line]:
    of, today = standing.person, sight.almanac.day_of(sight.now)
    yield called(of), {"bold": True}
    facts = (
        ("addresses", ", ".join(of.emails)),
        ("works at", of.organisation),
        ("tags", ", ".join(of.tags)),
        ("language", of.language),
        ("time zone", of.time_zone),
        ("contact", _contact(sight, of, left)),
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
