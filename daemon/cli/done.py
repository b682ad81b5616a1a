"""`afterword done`: something that the user owed somebody is ticked off."""

from __future__ import annotations

from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING

import click

from daemon.by_person import tick
from daemon.cli.call import command
from daemon.cli.desk import ledger_of, look_ahead
from daemon.cli.output import print_json, say
from daemon.cli.owned import refuse_another
from daemon.cli.wording import shorten
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.cli.call import Call
    from rules.history import Promise
    from rules.world import World

_SHOWN = 3
_LONGEST = 60


@command("done")
@click.argument("what", nargs=-1, required=True, metavar="ID")
@click.option("--undo", is_flag=True, help="It is owed after all.")
def done(call: Call, *, what: tuple[str, ...], undo: bool) -> ExitCode:
    """Tick off what you owed somebody: a promise that you wrote as `#owe: …` into the meeting.

    ID is an id that `person` shows, or its beginning; or some words of the promise.
    """
    from daemon.outlook import everybody  # noqa: PLC0415 - much is imported
    from daemon.present import of_promise  # noqa: PLC0415 - see above
    from rules.greeting import called  # noqa: PLC0415 - see above

    refuse_another(call)
    now = call.now()
    with ledger_of(call.state) as looking:
        sight = look_ahead(call, looking, now, now)
        assert sight.view is not None
        world = sight.view.world
        promise = _one(call, world, " ".join(what), now, undo=undo)
    with ledger_of(call.state, write=True) as ledger:
        tick(ledger, world, promise, now, undo=undo)
    if call.json:
        print_json(of_promise(replace(promise, kept=None if undo else now), world.almanac))
    else:
        people, keys = everybody(world), dict.fromkeys(map(world.directory.key, promise.addresses))
        to = ", ".join(called(people[key]) if key in people else key for key in keys)
        say(f"{'Owed after all' if undo else 'Done'}: {promise.text}, to {to}.")
    return ExitCode.DONE


def _one(call: Call, world: World, given: str, now: datetime, *, undo: bool) -> Promise:
    """The promise that is meant.

    Raises:
        Failure: there is none, or there are several (exit code 2).
    """
    there = [one for one in world.promises if not one.withdrawn and one.meeting.end <= now]
    wanted = [one for one in there if (one.kept is not None) is undo]
    found = list(_named(wanted, given))
    if len({(one.meeting.uid, one.text.casefold()) for one in found}) == 1:
        return found[0]
    if found:
        raise Failure(ExitCode.USAGE, f"'{given}' may be {_shown(found)}", "Write the id.")
    other = next(_named(there, given), None)
    if other is not None:
        how = "is owed still" if undo else "is done already"
        hint = f"`afterword{call.options} done --undo {other.id}` takes that back." if not undo else None
        raise Failure(ExitCode.USAGE, f"'{shorten(other.text, _LONGEST)}' {how}", hint)
    if wanted:
        raise Failure(ExitCode.USAGE, f"nothing of what you owe is '{given}'", f"There is {_shown(wanted)}.")
    hint = "Write a line such as `#owe: send the paper` into the description of the meeting."
    raise Failure(ExitCode.USAGE, f"nothing of what you owe is '{given}': you owe nothing", hint)


def _named(promises: Sequence[Promise], given: str) -> Iterator[Promise]:
    """The one with this id, else those whose id begins so or that have these words in them."""
    wanted = given.strip().casefold()
    exact = [one for one in promises if one.id == wanted]
    meant = (one for one in promises if wanted and (one.id.startswith(wanted) or wanted in one.text.casefold()))
    yield from exact or meant


def _shown(promises: Sequence[Promise]) -> str:
    words = [f"{one.id} ({quote(shorten(one.text, _LONGEST))})" for one in promises[:_SHOWN]]
    more = f" and {len(promises) - _SHOWN} more" if len(promises) > _SHOWN else ""
    return ", ".join(words) + more
