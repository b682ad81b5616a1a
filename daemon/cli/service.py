"""`afterword service`: has systemd run the service, asks it how it is, and takes it away again."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from daemon import clock
from daemon.cli.call import command
from daemon.cli.output import ExitCode, Failure, fail, print_json, say, show_problems
from daemon.commands import HELPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.cli.call import Call
    from daemon.cli.service_which import Which

_LONGEST = 100_000


def _system(function: Callable[..., int]) -> Callable[..., int]:
    return click.option(
        "--system", "account", is_flag=False, flag_value="", metavar="NAME",
        help="The service of the account NAME, run by the machine's own manager (needs root).",
    )(function)  # fmt: skip


_review = click.option("--review", is_flag=True, help="The review page: started when somebody opens its address.")


@click.group("service", short_help=HELPS["service"])
def service() -> None:
    """Have systemd run the service: in your own manager, or with --system in the machine's.

    Your own is for every kind of mailbox. The machine's is for servers: it runs without a login, and as a user that
    owns nothing, so its mailbox is at an IMAP server or Gmail's, and no Maildir.
    """


@service.add_command
@command("install", line="Write the unit, start it, and wait until it is ready.")
@_system
@click.option("--now/--no-start", "start", default=True, help="Start it, and wait until it is ready (the default).")
@click.option("--linger/--no-linger", default=None, help="Have it run while you are logged out, too.")
@click.option("--strict/--no-strict", default=True, help="Let it write nowhere else, where that can be (the default).")
@_review
def install(
    call: Call, account: str | None, *, start: bool, linger: bool | None, strict: bool, review: bool
) -> ExitCode:
    """Write the unit with the paths of this machine, start it, and wait until it is ready.

    Done again, it changes only what is to be otherwise, as after an upgrade or an edit of the mailbox. A unit of this
    name that it did not make is left as it is.
    """
    if review:
        from daemon.cli.service_review import lay  # noqa: PLC0415 - not needed for --help

        return lay(call, account, start=start)
    from daemon.cli import service_told as told  # noqa: PLC0415 - as above
    from daemon.cli.service_fit import fit  # noqa: PLC0415 - as above
    from daemon.cli.service_which import which  # noqa: PLC0415 - as above
    from daemon.units import install as steps  # noqa: PLC0415 - as above
    from daemon.upgraded import runs_former  # noqa: PLC0415 - as above

    target = which(call, account)
    manager = target.manager()
    _permitted(target, "install")
    version = manager.version()
    fitting = fit(target, manager, version, strict=strict)
    for line in () if call.json else fitting.made_ready:  # told at once: it stays so, even where the start fails
        say(line)
    former = start and runs_former(target.state)
    done = steps.install(manager, target.unit, fitting.files, start=start, former=former)
    loose = fitting.loose or done.loosened
    lingering = told.lingering(target, linger, ask=not call.json and sys.stdin.isatty() and sys.stdout.isatty())
    if call.json:
        print_json({**told.installed_json(target, done, loose, lingering), "made_ready": list(fitting.made_ready)})
    else:
        for line in told.installed(target, done, loose, lingering):
            say(line)
    if lingering.problem is not None:
        show_problems([lingering.problem])
        return ExitCode.PART_FAILED
    return ExitCode.DONE


@service.add_command
@command("uninstall", line="Stop it, and remove what install made.")
@_system
@_review
def uninstall(call: Call, account: str | None, *, review: bool) -> ExitCode:
    """Stop it, have it start no more, and remove what `install` made; your configuration and the state stay."""
    if review:
        from daemon.cli.service_review import take_away  # noqa: PLC0415 - not needed for --help

        return take_away(call, account)
    from daemon.cli import service_told as told  # noqa: PLC0415 - not needed for --help
    from daemon.cli.service_which import ours  # noqa: PLC0415 - as above
    from daemon.units import files  # noqa: PLC0415 - as above
    from daemon.units.install import uninstall as remove  # noqa: PLC0415 - as above

    target = ours(call, account)
    manager = target.manager()
    _permitted(target, "uninstall")
    try:
        manager.version()
    except Failure as failure:
        raise _nothing_runs(target, failure) from None
    done = remove(manager, target.unit, system=target.system)
    unit = files.unit(system=target.system)
    if call.json:
        print_json(told.uninstalled_json(target, done))
    else:
        for line in told.uninstalled(target, done, unit, files.foreign_drop_ins(unit)):
            say(line)
    return ExitCode.DONE


@service.add_command
@command("status", line="How systemd has it, and what `afterword status` tells.")
@_system
def status(call: Call, account: str | None) -> ExitCode:
    """How systemd has it: whether it runs, starts by itself, and what ended it; then what `afterword status` tells."""
    from daemon.cli import service_told as told  # noqa: PLC0415 - not needed for --help
    from daemon.cli.service_which import ours  # noqa: PLC0415 - as above
    from daemon.units import files  # noqa: PLC0415 - as above
    from daemon.units.install import TOLD  # noqa: PLC0415 - as above

    target = ours(call, account)
    manager = target.manager()
    try:
        manager.version()
    except Failure as failure:
        if call.json:
            raise
        code = fail(failure, as_json=False)
        _status_of_afterword(target)
        return code
    unit = manager.show(target.unit, *TOLD)
    if call.json:
        print_json({"unit": told.unit_json(target, unit)})
        return ExitCode.DONE
    for line in told.unit_lines(
        target, unit, clock.monotonic(), files.foreign_drop_ins(files.unit(system=target.system))
    ):
        say(line)
    return _status_of_afterword(target)


@service.add_command
@command("logs", json=False, line="Its log, from the journal.")
@_system
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("-n", "--lines", type=click.IntRange(1, _LONGEST), default=50, show_default=True, help="So many lines.")
def logs(call: Call, account: str | None, *, follow: bool, lines: int) -> ExitCode:
    """Its log, from the journal of systemd."""
    from daemon.cli.service_which import ours  # noqa: PLC0415 - not needed for --help

    target = ours(call, account)
    manager = target.manager()
    manager.version()
    words = manager.journal(target.unit)
    sys.stdout.flush()
    os.execvp(words[0], [*words, f"--lines={lines}", *(["--follow"] if follow else [])])  # noqa: S606 - no shell


def _status_of_afterword(target: Which) -> ExitCode:
    """What `afterword status` tells of these folders."""
    from daemon.cli.status import status as of_afterword  # noqa: PLC0415 - not needed for --help

    call = target.call  # with the folders of the unit that is laid
    # It reads them where every command does.
    folders = (str(target.config), str(target.state)) if target.system else (call.config, call.state_option)
    click.get_current_context().find_root().obj = folders
    assert of_afterword.callback is not None
    return ExitCode(of_afterword.callback(at=call.at, as_json=False))


def _nothing_runs(target: Which, failure: Failure) -> Failure:
    """The failure for somebody who wants no service: without advice on how to have one."""
    from daemon.units import files, manager  # noqa: PLC0415 - not needed for --help

    if failure.hint != manager.BY_HAND:
        return failure
    left = files.unit(system=target.system)
    hint = f"So nothing of it runs; all that is left of it is {left}, for you to delete." if left.exists() else None
    return Failure(failure.exit_code, failure.message, hint)


def _permitted(target: Which, doing: str) -> None:
    """Only root changes what the system's manager runs, and root's own manager is nobody's.

    Raises:
        Failure: somebody else asks for that (77), or root by mistake (75).
    """
    if target.system and os.geteuid() != 0:
        from daemon.units.programs import as_root  # noqa: PLC0415 - not needed for --help

        raise Failure(
            ExitCode.PERMISSION_NEEDED,
            "a service of the machine is root's to install and to remove",
            f"Type `{as_root('service', doing, '--system', str(target.account))}`; without --system it is your own.",
        )
    if not target.system and os.geteuid() == 0 and os.environ.get("SUDO_USER"):
        raise Failure(
            ExitCode.CANNOT_NOW,
            f"with sudo this would be a service of root, and not of {os.environ['SUDO_USER']}",
            "Type it without sudo; or, for a service of the machine, with --system NAME.",
        )
