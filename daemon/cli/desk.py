"""The ledger on the desk of a command: opened, closed, and its errors turned into the end of the command."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from config.problem import Problem
    from daemon.cli.call import Call
    from daemon.ledger import Ledger, LedgerError
    from daemon.locks import Held, Lock
    from daemon.sight import Sight
    from rules.almanac import Almanac


Line = tuple[str, "dict[str, Any]"]
"""A line for a person, and its style."""


@contextmanager
def ledger_of(state: Path, *, write: bool = False) -> Iterator[Ledger]:
    """The ledger in this state folder; its errors end the command. Without `write` nothing on the disk changes.

    Raises:
        Failure: it cannot be opened, read or written (75 or 77).
    """
    from daemon.ledger import Ledger, LedgerError  # noqa: PLC0415 - SQLAlchemy is not needed for --help

    try:
        kept = _kept(state) if write else ""
        with Ledger.open(state, write=write) as ledger:
            if kept:
                from daemon.begun_anew import mark  # noqa: PLC0415 - once in the life of a ledger, if ever

                mark(ledger, kept)
            yield ledger
    except LedgerError as error:
        raise failure_of(error) from error


def _kept(state: Path) -> str:
    """What a ledger that is begun now has to remember of one that is gone."""
    from daemon.ledger.store import NAME  # noqa: PLC0415 - see `ledger_of`

    try:
        if (state / NAME).stat().st_size:
            return ""
    except OSError:
        pass
    from daemon.begun_anew import keep  # noqa: PLC0415 - as above

    return keep(state)


def failure_of(error: LedgerError) -> Failure:
    """An error of the ledger as the end of a command: 77 where the user has to give leave, else 75."""
    from daemon.ledger import LedgerReadOnly  # noqa: PLC0415 - see `ledger_of`

    code = ExitCode.PERMISSION_NEEDED if isinstance(error, LedgerReadOnly) else ExitCode.CANNOT_NOW
    return Failure(code, error.message.rstrip("."), error.hint)


def look_ahead(call: Call, ledger: Ledger, now: datetime, until: datetime) -> Sight:
    """The follow-ups as they are now, and what is coming.

    Raises:
        Failure: the configuration is wrong (78).
    """
    from daemon.configuration import load_configuration  # noqa: PLC0415 - pydantic is not needed for --help
    from daemon.sight import ahead, house_of  # noqa: PLC0415 - see above

    configuration = load_configuration(call.folder)
    house = call.build(configuration) if call.build else house_of(configuration, call.state)
    return ahead(house, ledger, now, until)


def finish(
    call: Call, document: dict[str, Any], lines: Iterable[Line | list[Line]], problems: Sequence[Problem]
) -> ExitCode:
    """Print the document or the lines, some of them in parts, then the problems; 1 where there are any."""
    from daemon.cli.output import print_json, problem_json, say_in_parts, show_problems  # noqa: PLC0415 - it imports click

    if call.json:
        told = {"problems": [problem_json(problem) for problem in problems]} if problems else {}
        print_json({**document, **told})
    else:
        for line in lines:
            say_in_parts(*(line if isinstance(line, list) else [line]))
    show_problems(problems)
    return ExitCode.PART_FAILED if problems else ExitCode.DONE


def mention(wrong: Sequence[Problem]) -> None:
    """Say that the configuration is wrong, to somebody who asked for something else."""
    from daemon.cli.output import say  # noqa: PLC0415 - see `finish`
    from daemon.cli.typed import typed  # noqa: PLC0415 - see `finish`
    from daemon.cli.wording import count  # noqa: PLC0415 - see `finish`

    if wrong:
        told = f"The configuration has {count(len(wrong), 'problem')} (`afterword check` tells which);"
        say(typed(f"{told} this is what the ledger knows."), error=True, fg="yellow")


def lock_of(call: Call, what: str, now: datetime) -> Lock:
    """The lock of the cycle, for what reads the mailbox and writes to the ledger.

    Raises:
        Failure: a cycle is at work (75), or the state folder may not be written.
    """
    from daemon import locks  # noqa: PLC0415 - json is not needed for --help
    from daemon.state_folder import unusable  # noqa: PLC0415 - see above

    try:
        return locks.take(call.state, locks.CYCLE, what, now)
    except locks.Held as held:
        raise locks.Held(held.file, held.holder, _began(call, held, now)) from None
    except OSError as error:
        raise unusable(call.state, error) from None


def _began(call: Call, held: Held, now: datetime) -> str:
    """Since when another has the lock, in words; empty where it did not come to say."""
    try:
        return moment(datetime.fromisoformat(held.since or ""), almanac_of(call), now)
    except ValueError:
        return ""


def almanac_of(call: Call) -> Almanac:
    """The user's zone, as the configuration says or, when that is wrong, as the last cycle knew it."""
    from config.load import load  # noqa: PLC0415 - pydantic is not needed for --help
    from daemon import household  # noqa: PLC0415 - see above

    loaded = load(call.folder)
    if loaded.configuration is not None:
        return loaded.configuration.almanac
    with ledger_of(call.state) as ledger:
        return household.recall(ledger).almanac
