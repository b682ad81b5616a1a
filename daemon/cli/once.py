"""`afterword once`: one cycle, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.cli.call import command
from daemon.cli.desk import ledger_of, lock_of
from daemon.cli.output import ExitCode, Failure, print_json, problem_json, say, show_problems
from daemon.cli.owned import refuse_another
from daemon.paths import make_state_folder
from daemon.tether import tie

if TYPE_CHECKING:
    from datetime import datetime

    from config.load import Configuration
    from config.problem import Problem
    from connectors.base import ConnectorError
    from daemon.cli.call import Call
    from daemon.cycle import Outcome
    from daemon.view import House


@command("once")
@click.option("--dry-run", is_flag=True, help="Tell what a cycle would do now; change nothing.")
@click.option("--service", is_flag=True, hidden=True)
@click.option("--parent", type=int, hidden=True)
@click.option("--reread", is_flag=True, hidden=True)
@click.option("--anew", is_flag=True, hidden=True)
def once(call: Call, *, dry_run: bool, service: bool, parent: int | None, reread: bool, anew: bool) -> ExitCode:
    """Run one cycle: read the calendars and the mailbox, plan, and place what is due in Drafts."""
    if not service:
        return _once(call, dry_run=dry_run)
    tie(parent)
    try:
        return _once(call, dry_run=dry_run, service=True, reread=reread, anew=anew)
    except Failure as failure:
        if failure.exit_code == ExitCode.CONFIGURATION_WRONG:
            raise
        return _refused(failure)


def _once(call: Call, *, dry_run: bool, service: bool = False, reread: bool = False, anew: bool = False) -> ExitCode:
    from daemon.cli.turn import turn  # noqa: PLC0415 - see above
    from daemon.configuration import load_for_cycle  # noqa: PLC0415 - pydantic is not needed for --help
    from daemon.logins import Logins  # noqa: PLC0415 - see above
    from daemon.sight import house_of  # noqa: PLC0415 - see above

    now = call.now()
    if dry_run:
        configuration = load_for_cycle(call.folder, call.state, service=False).configuration
        logins = Logins(call.state, configuration.almanac, now, insists=True)
        outcome = _rehearse(call, house_of(configuration, call.state, logins=logins), now)
        return _told(call, configuration, outcome, (), dry_run=True)
    refuse_another(call)
    # A lone cycle makes nothing where the configuration is wrong; the service keeps the last good one in the folder.
    if service:
        make_state_folder(call.state)
    found = load_for_cycle(call.folder, call.state, service=service, reread=reread)
    configuration = found.configuration
    make_state_folder(call.state)
    with lock_of(call, "once", now):
        # Who types the command wants to know; the service would be locked out by a server that counts.
        logins = Logins(call.state, configuration.almanac, now, insists=not service)
        house = house_of(configuration, call.state, write=True, logins=logins)
        outcome = turn(call.state, house, now, found, service=service, anew=anew or not service)
    if service:
        return _reported(house, outcome, found.problems)
    return _told(call, configuration, outcome, found.problems, dry_run=False)


def _rehearse(call: Call, house: House, now: datetime) -> Outcome:
    from daemon.begun_anew import gone  # noqa: PLC0415 - see `once`
    from daemon.cycle import rehearse  # noqa: PLC0415 - see `once`

    with ledger_of(call.state) as ledger:
        outcome = rehearse(house, ledger, now)
    outcome.begun_anew = gone(call.state)
    return outcome


def _refused(failure: Failure) -> ExitCode:
    """What kept a cycle of the service from its work; the service tells it in its log, and `status` after that."""
    from config.problem import Problem  # noqa: PLC0415 - see `once`

    problems = failure.problems or (Problem(None, None, None, None, failure.message, failure.hint),)
    print_json({"problems": [problem_json(problem) for problem in problems]})
    return failure.exit_code


def _problems(outcome: Outcome, standing: tuple[Problem, ...]) -> list[Problem]:
    """All problems, that which kept the cycle from the mailbox among them."""
    from config.problem import Problem  # noqa: PLC0415 - see `once`

    problems = [*standing, *outcome.problems]
    trouble = outcome.trouble
    if trouble is not None and all(problem.message != trouble.message for problem in problems):
        problems.append(Problem("mailbox", trouble.file, None, None, trouble.message, trouble.hint))
    return problems


def _notes(outcome: Outcome) -> list[Problem]:
    """What is to be told though no part of the cycle failed."""
    return [outcome.begun_anew] if outcome.begun_anew is not None else []


def code_of(trouble: ConnectorError | None, problems: list[Problem]) -> ExitCode:
    """75, 77 or 78 by what kept the cycle from the mailbox; else 1 with any problem."""
    from connectors.base import PermissionNeededError, TransientError  # noqa: PLC0415 - see `once`

    if trouble is None:
        return ExitCode.PART_FAILED if problems else ExitCode.DONE
    if isinstance(trouble, PermissionNeededError):
        return ExitCode.PERMISSION_NEEDED
    return ExitCode.CANNOT_NOW if isinstance(trouble, TransientError) else ExitCode.CONFIGURATION_WRONG


def _document(configuration: Configuration, outcome: Outcome, problems: list[Problem]) -> dict[str, Any]:
    from daemon.connect import mailbox_kind  # noqa: PLC0415 - see `once`
    from daemon.present import of_record, stamp  # noqa: PLC0415 - see `once`

    almanac, kind = configuration.almanac, mailbox_kind(configuration)
    lists = {"placed": outcome.placed, "withdrawn": outcome.withdrawn, "changed": outcome.changed}
    told = {name: [of_record(one, almanac, kind, outcome.at) for one in records] for name, records in lists.items()}
    return {"at": stamp(outcome.at, almanac), **told, "problems": [problem_json(problem) for problem in problems]}


def _reported(house: House, outcome: Outcome, standing: tuple[Problem, ...]) -> ExitCode:
    """What the service reads; the log has told the rest."""
    from daemon.connect import mailbox_kind  # noqa: PLC0415 - see `once`
    from daemon.here import here  # noqa: PLC0415 - see `once`
    from daemon.report import keys  # noqa: PLC0415 - see `once`

    configuration, problems = house.configuration, _problems(outcome, standing)
    poll = configuration.poll.roughly.total_seconds()
    listens = mailbox_kind(configuration) == "imap" and outcome.trouble is None
    files, places = list(configuration.people), here(house)
    told = keys(
        poll,
        outcome.wake,
        last_good=bool(standing),
        listens=listens,
        files=files,
        places=places,
        figures=outcome.figures,
        status=outcome.headline,
    )
    print_json({**_document(configuration, outcome, [*_notes(outcome), *problems]), **told})
    return code_of(outcome.trouble, problems)


def _told(
    call: Call,
    configuration: Configuration,
    outcome: Outcome,
    standing: tuple[Problem, ...],
    *,
    dry_run: bool,
) -> ExitCode:
    """What a person, or a program, is told; the exit code."""
    from daemon.cli.account import account  # noqa: PLC0415 - see `once`

    problems = _problems(outcome, standing)
    code = code_of(outcome.trouble, problems)
    problems = [*_notes(outcome), *problems]
    if call.json:
        print_json(_document(configuration, outcome, problems))
    else:
        for line, style in account(outcome, configuration.almanac, dry_run=dry_run):
            say(line, **style)
    if outcome.trouble is not None:
        say("afterword: the mailbox could not be used; what is due is kept.", error=True, fg="red")
    show_problems(problems)
    return code
