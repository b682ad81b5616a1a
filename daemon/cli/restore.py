"""`afterword restore`: a backup of the ledger takes its place, and what was there is kept aside."""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli import complete
from daemon.cli.backup import almanac_for, document, rows
from daemon.cli.call import command
from daemon.cli.desk import failure_of, finish, lock_of
from daemon.cli.owned import refuse_another
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.backups import Backup
    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.locks import Held
    from rules.almanac import Almanac

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STOP = (
    "`systemctl --user stop afterword` (`systemctl stop afterword@NAME` where it runs for the whole system), or Ctrl-C "
    "where `afterword run` is on a terminal"
)


@command("restore")
@click.argument("what", required=False, metavar="[FILE|DATE|latest]", shell_complete=complete.backups)
@click.option("--yes", is_flag=True, help="Take the newest that is sound, without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would be put back; change nothing.")
def restore(call: Call, *, what: str | None, yes: bool, dry_run: bool) -> ExitCode:
    """Put a backup of the ledger back. The service must not run.

    It is named by its FILE (or the name that `backup --list` shows), by the DATE of a daily one, or as `latest`. The
    ledger that is there is kept beside the backups. The next cycle looks through the whole mailbox before it drafts.
    """
    from daemon import backups  # noqa: PLC0415 - much is imported

    if not dry_run:
        refuse_another(call)
    there, almanac = backups.several(call.state), almanac_for(call)
    chosen = _named(call, what, there) if what else backups.latest(there)
    if chosen is None:
        raise Failure(ExitCode.CANNOT_NOW, f"there is no sound backup in {call.state}", _without(call))
    _refuse_unsound(chosen)
    if what is None and not dry_run:
        _ask(chosen, there, almanac, yes=yes)
    if dry_run:
        _refuse_at_work(call)
        lines: list[Line] = [
            (f"Would put back {chosen.file}:", {}),
            *((f"  {one}", {}) for one in rows([chosen], almanac)),
        ]
        return finish(call, {"restored": document(chosen, almanac), "aside": None, "dry_run": True}, lines, ())
    aside = _put_back(call, chosen)
    told = {"restored": document(chosen, almanac), "aside": str(aside) if aside else None, "dry_run": False}
    return finish(call, told, _told(call, chosen, aside, almanac), ())


def _named(call: Call, what: str, there: list[Backup]) -> Backup | None:
    """The backup that is meant; None for the latest where there is none.

    Raises:
        Failure: there is none of this name.
    """
    from daemon import backups  # noqa: PLC0415 - see `restore`
    from daemon.ledger import copies, store  # noqa: PLC0415 - see `restore`

    if what == "latest":
        return backups.latest(there)
    named = f"ledger-{what}.sqlite3" if _DAY.fullmatch(what) else what
    for one in there:
        if one.file.name == named:
            return one
    file = Path(os.path.abspath(os.path.expanduser(what)))  # noqa: PTH100, PTH111 - without following links
    if not file.exists():
        known = f"Those that are there: {', '.join(one.file.name for one in there)}." if there else _without(call)
        raise Failure(ExitCode.USAGE, f"there is no backup '{what}'", known)
    with suppress(OSError):
        if file.samefile(call.state / store.NAME):
            raise Failure(ExitCode.USAGE, f"{file} is the ledger itself", "Name a backup of it.")
    return backups.Backup(file, backups.Kind.BY_HAND, copies.look(file))


def _without(call: Call) -> str:
    return (
        f"`afterword backup --list` tells what there is. Without one, move {call.state / 'ledger.sqlite3'} away and "
        "start anew: what lies in Drafts, Sent and Trash is recognised, and not made twice."
    )


def _refuse_unsound(chosen: Backup) -> None:
    if chosen.held.trouble:
        raise Failure(
            ExitCode.CANNOT_NOW,
            f"{chosen.file} cannot be put back: {chosen.held.trouble}",
            "`afterword backup --list` tells which are sound.",
        )


def _ask(chosen: Backup, there: list[Backup], almanac: Almanac, *, yes: bool) -> None:
    """Show the choices, and take the newest only with the user's word.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: the user does not want it.
    """
    from daemon.cli import usage  # noqa: PLC0415 - it imports this package
    from daemon.cli.output import say  # noqa: PLC0415 - see `restore`

    if yes:
        return
    for line in rows(there, almanac):
        say(line, error=True)
    if not sys.stdin.isatty():
        usage("name one of these backups (its name, its date, or `latest`), or take the newest sound one with --yes")
    click.confirm(f"Put {chosen.file.name} back?", abort=True, err=True)


def _refuse_at_work(call: Call) -> None:
    """What would be refused is not promised; looking takes no lock.

    Raises:
        Failure: the service or a cycle is at work (75).
    """
    from daemon import locks  # noqa: PLC0415 - see `restore`

    for name in (locks.SERVICE, locks.CYCLE):
        if (holder := locks.holder(call.state, name)) is not None:
            raise _at_work(locks.Held(str(call.state / name), holder))


def _at_work(held: Held) -> Failure:
    from daemon import locks  # noqa: PLC0415 - see `restore`
    from daemon.upgraded import stop  # noqa: PLC0415 - see `restore`

    hint = held.hint
    if held.file.endswith(locks.SERVICE):
        hint = f"Stop the service first: {stop(held.pid) or _STOP}. Then type this again."
    return Failure(ExitCode.CANNOT_NOW, held.message, hint)


def _put_back(call: Call, chosen: Backup) -> Path | None:
    """Where the ledger is now that was there.

    Raises:
        Failure: the service or a cycle is at work (75), or the folder cannot be written.
    """
    from daemon import backups, locks  # noqa: PLC0415 - see `restore`
    from daemon.ledger import LedgerError, store  # noqa: PLC0415 - see `restore`
    from daemon.ledger.restore import put_back  # noqa: PLC0415 - see `restore`
    from daemon.paths import make_state_folder  # noqa: PLC0415 - see `restore`
    from daemon.state_folder import unusable  # noqa: PLC0415 - see `restore`

    now = call.now()
    make_state_folder(call.state)
    with ExitStack() as held:
        try:
            held.enter_context(locks.take(call.state, locks.SERVICE, "restore", now))
            held.enter_context(lock_of(call, "restore", now))
            store.make_backups(call.state)
            aside = backups.free_name(call.state, now, aside=True)
            there = put_back(call.state, chosen.file, aside)
            (call.state / "gmail-look.json").unlink(missing_ok=True)  # how far a look had come that begins anew
        except locks.Held as error:
            raise _at_work(error) from None
        except LedgerError as error:
            raise failure_of(error) from error
        except OSError as error:
            raise unusable(call.state, error) from None
    return aside if there else None


def _told(call: Call, chosen: Backup, aside: Path | None, almanac: Almanac) -> Iterator[Line]:
    from daemon.cli.wording import shown  # noqa: PLC0415 - see `restore`
    from daemon.ledger.tables import SCHEMAS  # noqa: PLC0415 - see `restore`

    held = chosen.held
    as_of = f"as of {almanac.local(held.as_of):%A %d %B %Y %H:%M}" if held.as_of else "as of before the first cycle"
    yield f"Put back {shown(chosen.file)}, {as_of}.", {"bold": True}
    if aside is not None:
        yield f"The ledger that was there is kept: {shown(aside)}", {}
    if held.schema != SCHEMAS[-1]:
        yield "It is of an earlier release: the next cycle brings it to the present, and backs it up first.", {}
    yield "", {}
    yield "The next cycle looks through the whole mailbox before it drafts anything: what was placed, sent or put", {}
    yield "into Trash since is recognised. What you skipped, snoozed or noted on people since is forgotten.", {}
    yield f"To see what it would do: `afterword{call.options} once --dry-run`. Then start the service again.", {}
