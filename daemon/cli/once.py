"""`afterword once`: one cycle, and what it did."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.call import command
from daemon.cli.desk import ledger_of, lock_of
from daemon.cli.output import ExitCode, Failure, print_json, problem_json, say, show_problems
from daemon.paths import make_state_folder
from daemon.state_folder import unusable
from daemon.tether import tie

if TYPE_CHECKING:
    from datetime import datetime

    from config.load import Configuration
    from config.problem import Problem
    from connectors.base import ConnectorError
    from daemon.cli.call import Call
    from daemon.configuration import InForce
    from daemon.cycle import Outcome
    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.world import World


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
    from daemon.configuration import load_for_cycle  # noqa: PLC0415 - pydantic is not needed for --help
    from daemon.logins import Logins  # noqa: PLC0415 - see above
    from daemon.sight import house_of  # noqa: PLC0415 - see above

    now = call.now()
    if dry_run:
        configuration = load_for_cycle(call.folder, call.state, service=False).configuration
        logins = Logins(call.state, configuration.almanac, now, insists=True)
        outcome = _rehearse(call, house_of(configuration, call.state, logins=logins), now)
        return _told(call, configuration, outcome, (), dry_run=True)
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
        outcome, status = _run(call, house, now, found, service=service, anew=anew or not service)
    if service:
        return _reported(house, outcome, found.problems, status)
    return _told(call, configuration, outcome, found.problems, dry_run=False)


def _rehearse(call: Call, house: House, now: datetime) -> Outcome:
    from daemon.cycle import rehearse  # noqa: PLC0415 - see `once`

    with ledger_of(call.state) as ledger:
        return rehearse(house, ledger, now)


def _refused(failure: Failure) -> ExitCode:
    """What kept a cycle of the service from its work; the service tells it in its log, and `status` after that."""
    from config.problem import Problem  # noqa: PLC0415 - see `once`

    problems = failure.problems or (Problem(None, None, None, None, failure.message, failure.hint),)
    print_json({"problems": [problem_json(problem) for problem in problems]})
    return failure.exit_code


def _run(call: Call, house: House, now: datetime, found: InForce, *, service: bool, anew: bool) -> tuple[Outcome, str]:
    """One cycle; and how things stand after it, for the service. `anew`: no source is left alone."""
    from daemon.backups import daily  # noqa: PLC0415 - see `once`
    from daemon.cycle import run  # noqa: PLC0415 - see `once`
    from daemon.headline import headline  # noqa: PLC0415 - see `once`
    from daemon.household import remember  # noqa: PLC0415 - see `once`
    from daemon.progress import Progress  # noqa: PLC0415 - see `once`
    from daemon.rests import Rests  # noqa: PLC0415 - see `once`

    with ledger_of(call.state, write=True) as ledger, Progress() as progress:
        remember(ledger, house, now)
        rests = Rests.of(ledger, house.configuration, now, anew=anew)
        # What was under way is settled before anything else, and the mailbox alone knows how it went.
        house = rests.guarding(house, mailbox=not ledger.intents())
        try:
            if found.former is None:
                outcome = run(house, ledger, now, progress)
            else:
                house = replace(house, former=found.former)
                outcome = run(house, ledger, now, progress, partial(_taken, house, found, ledger, now))
            rests.keep(ledger, now if outcome.pressing else outcome.wake)
            # Only now: what a cycle could not make sense of takes the place of no good backup.
            unsaved = daily(ledger, house.configuration.almanac, now)
            if service:
                outcome.problems += _need(ledger, house.configuration, found.problems, now)
        except OSError as error:
            # Mailbox, calendars and books have errors of their own: what is left is the state folder's.
            raise unusable(call.state, error) from error
        outcome.problems += [*([unsaved] if unsaved else []), *_feed(call, house, now, outcome)]
        if service:
            from daemon.cycle_log import log_outcome  # noqa: PLC0415 - structlog is for the service
            from daemon.figures import Figures  # noqa: PLC0415 - see above

            log_outcome(outcome, ledger.sources())
            named = {calendar.id for calendar in house.calendars} | set(house.books)
            outcome.figures = Figures.of(
                ledger.records(), {name: one for name, one in ledger.sources().items() if name in named}
            )
        named = {calendar.id for calendar in house.calendars}
        sources = {name: one for name, one in ledger.sources().items() if name in named}
        almanac, refused = house.configuration.almanac, bool(found.problems)
        return outcome, headline(outcome, ledger.records(), sources, almanac, last_good=refused)


def _taken(house: House, found: InForce, ledger: Ledger, now: datetime, world: World) -> None:
    """Tell the difference that an edit makes to the plan. Only then is the configuration the last good one."""
    from daemon.cycle_log import log_change  # noqa: PLC0415 - see `once`
    from daemon.edit import change  # noqa: PLC0415 - see `once`

    if found.former is not None:
        log_change(change(house, found.former, world, ledger, now))
    found.take()


def _feed(call: Call, house: House, now: datetime, outcome: Outcome) -> list[Problem]:
    """Keep the feed of the plan fresh where the settings ask for one; what hindered that."""
    path = house.configuration.plan_ics
    if path is None or (outcome.quiet and path.exists()):
        return []
    from connectors.base import PermanentError  # noqa: PLC0415 - see `once`
    from daemon.plan_feed import refresh  # noqa: PLC0415 - see `once`
    from daemon.view import told  # noqa: PLC0415 - see `once`

    try:
        with ledger_of(call.state) as ledger:
            refresh(path, house, ledger, now)
    except PermanentError as error:
        return [told("plan_ics", error)]
    return []


def _need(ledger: Ledger, configuration: Configuration, standing: tuple[Problem, ...], now: datetime) -> list[Problem]:
    """Tell the user, once, that the service goes on with the last good configuration; what hindered that."""
    from daemon.needs import CONFIGURATION, of_configuration, tell  # noqa: PLC0415 - see `once`

    needs = dict([of_configuration(len(standing))]) if standing else {}
    problem = tell(ledger, configuration, needs, now, kind=CONFIGURATION)
    return [] if problem is None else [problem]


def _problems(outcome: Outcome, standing: tuple[Problem, ...]) -> list[Problem]:
    """All problems, that which kept the cycle from the mailbox among them."""
    from config.problem import Problem  # noqa: PLC0415 - see `once`

    problems = [*standing, *outcome.problems]
    trouble = outcome.trouble
    if trouble is not None and all(problem.message != trouble.message for problem in problems):
        problems.append(Problem("mailbox", trouble.file, None, None, trouble.message, trouble.hint))
    return problems


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


def _reported(house: House, outcome: Outcome, standing: tuple[Problem, ...], status: str) -> ExitCode:
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
        status=status,
    )
    print_json({**_document(configuration, outcome, problems), **told})
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
    if call.json:
        print_json(_document(configuration, outcome, problems))
    else:
        for line, style in account(outcome, configuration.almanac, dry_run=dry_run):
            say(line, **style)
    if outcome.trouble is not None:
        say("afterword: the mailbox could not be used; what is due is kept.", error=True, fg="red")
    show_problems(problems)
    return code
