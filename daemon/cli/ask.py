"""`afterword ask`: a meeting request with free times from the calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.output import print_json, say
from daemon.cli.owned import refuse_another
from daemon.cli.who import address_typed, one_of
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from daemon.asking import Wanted
    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.sight import Sight
    from rules.history import Ask, Record
    from rules.model import Person
    from rules.timing import Duration


@command("ask")
@click.argument("who", nargs=-1, required=True)
@click.option("--template", default="ask", metavar="NAME", help="Another template than templates/ask.md.")
@click.option("--length", default="30 minutes", metavar="SPAN", help="How long the meeting is: 30 minutes.")
@click.option("--within", default="2 weeks", metavar="SPAN", help="How far ahead times are looked for: 2 weeks.")
@click.option("--undo", is_flag=True, help="Take the request back; an untouched draft goes with the next cycle.")
def ask(call: Call, *, who: tuple[str, ...], template: str, length: str, within: str, undo: bool) -> ExitCode:
    """Ask somebody for a meeting, with three free times from your calendars. The next cycle drafts it.

    The times are in the working hours of both of you, and kept fresh while you leave the draft as it is. WHO is a
    name or an address; of somebody whom no address book knows, the whole address.
    """
    from daemon import asking  # noqa: PLC0415 - much is imported

    refuse_another(call)
    now = call.now()
    long, far = span(length), span(within)
    try:
        with ledger_of(call.state) as looking:
            sight = look_ahead(call, looking, now, now)
            person = meant(sight, " ".join(who))
            if undo:
                there = asking.open_request(sight, person)
            else:
                wanted = asking.wanted(sight, person, template, long, far)
        with ledger_of(call.state, write=True) as ledger:
            if undo:
                asking.take_back(ledger, there[0], now)
                return _taken_back(call, person, *there)
            asking.ask(ledger, wanted)
    except asking.Refused as refused:
        hint = refused.hint and refused.hint.replace("`afterword ", f"`afterword{call.options} ")
        raise Failure(ExitCode.USAGE, str(refused), hint) from None
    return finish(call, _document(sight, wanted), _lines(sight, wanted, call), sight.problems)


def span(text: str) -> Duration:
    """A length of time as the user writes it.

    Raises:
        Failure: it is none (exit code 2).
    """
    from rules.timing import Duration  # noqa: PLC0415 - see `ask`

    try:
        return Duration.parse(text)
    except ValueError as error:
        raise Failure(ExitCode.USAGE, str(error)) from None


def meant(sight: Sight, who: str) -> Person:
    """Whom the user means: known or met; or a stranger, by their whole address.

    Raises:
        Failure: nobody, or several (exit code 2).
    """
    from daemon.outlook import everybody  # noqa: PLC0415 - see `ask`
    from rules.model import Person, address  # noqa: PLC0415 - see `ask`

    assert sight.view is not None
    world = sight.view.world
    people = everybody(world)
    key = world.directory.key(who)
    if key in people or not address_typed(who):
        return people.get(key) or one_of(people.values(), who)
    return Person("", (address(who),), known=False)


def _document(sight: Sight, wanted: Wanted) -> dict[str, Any]:
    from daemon.present import of_meeting, stamp  # noqa: PLC0415 - see `ask`

    slots = wanted.follow_up.slots or ()
    return {
        **sight.json_of(wanted.follow_up),
        "slots": [{"start": stamp(start, sight.almanac), "end": stamp(end, sight.almanac)} for start, end in slots],
        "standing": None if wanted.standing is None else of_meeting(wanted.standing, sight.almanac),
    }


def _lines(sight: Sight, wanted: Wanted, call: Call) -> Iterator[Line]:
    from daemon.cli.wording import moment, wrapped  # noqa: PLC0415 - see `ask`
    from daemon.present import held  # noqa: PLC0415 - see `ask`

    name = wanted.person.name or wanted.person.email
    yield f"The next cycle drafts a request to {name} ({wanted.follow_up.id}).", {}
    if times := wanted.times(sight):
        yield f"It offers, as the calendars are now, {wanted.ask.length} at one of these times:", {}
        yield from ((f"  {time}", {}) for time in times)
    elif hold := wanted.follow_up.hold:
        yield from ((line, {"fg": "yellow"}) for line in wrapped(_capital(held(hold, sight.almanac, sight.now)), ""))
    else:
        none = f"none in the next {wanted.ask.within} is free and within the working hours of both of you"
        yield from ((line, {"fg": "yellow"}) for line in wrapped(f"It offers no times: {none}.", ""))
    if (there := wanted.standing) is not None:
        when = moment(there.start, sight.almanac, sight.now)
        yield f"You meet them in any case: '{there.title[:60]}', {when}.", {}
    yield f"`afterword{call.options} ask --undo {wanted.person.email}` takes it back.", {"dim": True}


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _taken_back(call: Call, person: Person, request: Ask, record: Record | None) -> ExitCode:
    from rules.history import State  # noqa: PLC0415 - see `ask`

    edited = record is not None and record.state is State.EDITED
    if call.json:
        print_json({"to": [{"name": person.name, "email": request.email}], "edited": edited, "undone": True})
        return ExitCode.DONE
    after = ""
    if edited:
        after = " You have edited its draft, so it is yours: delete it in your mail program."
    elif record is not None and record.state is State.PLACED:
        after = " Its draft goes with the next cycle."
    say(f"Taken back: the request to {person.name or person.email}.{after}")
    return ExitCode.DONE
