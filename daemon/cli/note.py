"""`afterword note`: a note on a person is kept, for the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.by_person import add_note, words_of_note
from daemon.cli.call import command
from daemon.cli.desk import ledger_of, look_ahead
from daemon.cli.output import print_json, say
from daemon.cli.owned import refuse_another
from daemon.cli.who import address_typed, nearest, one_of
from daemon.failure import ExitCode

if TYPE_CHECKING:
    from daemon.cli.call import Call


@command("note")
@click.argument("who")
@click.argument("text", nargs=-1, required=True)
def note(call: Call, *, who: str, text: tuple[str, ...]) -> ExitCode:
    """Keep a note on a person, for the templates ({{ person.notes }}). WHO is a name or an address."""
    from daemon.outlook import everybody  # noqa: PLC0415 - much is imported
    from daemon.present import stamp  # noqa: PLC0415 - see above
    from rules.model import address  # noqa: PLC0415 - see above

    words = words_of_note(" ".join(text))
    refuse_another(call)
    now = call.now()
    with ledger_of(call.state) as looking:
        sight = look_ahead(call, looking, now, now)
        assert sight.view is not None
        people = everybody(sight.view.world)
        key = sight.view.world.directory.key(who)
    stranger = key not in people and address_typed(who)
    person = None if stranger else people.get(key) or one_of(people.values(), who)
    email = address(who) if person is None else person.email
    with ledger_of(call.state, write=True) as ledger:
        add_note(ledger, email, words, now)
    if call.json:
        name = "" if person is None else person.name
        print_json({"name": name, "email": email, "at": stamp(now, sight.almanac), "text": words})
    else:
        say(f"Noted on {(person.name if person else '') or email}: {words}")
    if stranger:
        say(f"Nobody is known by {email} yet; the note waits until you meet.", error=True)
        say(f"  {nearest(people.values(), who)}", error=True)
    return ExitCode.DONE
