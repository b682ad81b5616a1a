"""`afterword backup`: a copy of the ledger now, or what copies there are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.call import command
from daemon.cli.complete import files
from daemon.cli.desk import almanac_of, finish, ledger_of
from daemon.cli.owned import refuse_another
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.backups import Backup
    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from rules.almanac import Almanac


@command("backup")
@click.argument("file", required=False, metavar="[FILE]", shell_complete=files)
@click.option("--list", "listing", is_flag=True, help="Tell which backups there are; make none.")
@click.option("--force", is_flag=True, help="Write over FILE where it is there already.")
def backup(call: Call, *, file: str | None, listing: bool, force: bool) -> ExitCode:
    """Make a backup of the ledger now, in the state folder or as FILE. The service may go on meanwhile.

    The service makes one each day by itself, and keeps the last seven. `afterword restore` puts one back.
    """
    from daemon.cli import usage  # noqa: PLC0415 - it imports this package

    if listing:
        if file is not None or force:
            usage("--list makes no backup, and so takes no FILE and no --force")
        return _listed(call)
    if file == "-":
        usage("a backup goes into a file that it can sync to the disk, and not to standard output")
    if force and file is None:
        usage("--force writes over a FILE: name it")
    target = None if file is None else Path(os.path.abspath(os.path.expanduser(file)))  # noqa: PTH100, PTH111 - without following links
    return _made(call, target, force=force)


def _made(call: Call, target: Path | None, *, force: bool) -> ExitCode:
    from daemon import backups  # noqa: PLC0415 - much is imported
    from daemon.cli.wording import shown  # noqa: PLC0415 - see above
    from daemon.ledger import copies, store  # noqa: PLC0415 - see above

    if not (call.state / store.NAME).exists():
        raise Failure(ExitCode.CANNOT_NOW, f"there is no ledger in {call.state} yet", "The first cycle makes it.")
    try:
        if target is None:
            refuse_another(call)
            store.make_backups(call.state)
            target = backups.free_name(call.state, call.now())
        else:
            _refuse(call, target, force=force)
        with ledger_of(call.state) as ledger:
            ledger.back_up(target)
    except OSError as error:
        raise _unwritable(target, call, error) from None
    made = backups.Backup(target, backups.Kind.BY_HAND, copies.look(target))
    lines: list[Line] = [(f"Backed up to {shown(target)}: {what_of(made, almanac_for(call))}.", {})]
    return finish(call, {"backup": document(made, almanac_for(call))}, lines, ())


def _refuse(call: Call, target: Path, *, force: bool) -> None:
    """What must not be written over, and what would be no copy beside the ledger but a copy in its place.

    Raises:
        Failure: it is there, or it is the ledger itself.
    """
    from daemon.ledger import store  # noqa: PLC0415 - see `_made`

    if target.exists() and target.samefile(call.state / store.NAME):
        raise Failure(ExitCode.USAGE, f"{target} is the ledger itself", "Name another file.")
    if target.is_dir():
        raise Failure(ExitCode.USAGE, f"{target} is a folder", f"Name a file in it, as in {target / 'ledger.sqlite3'}.")
    if os.path.lexists(target) and not force:
        raise Failure(ExitCode.USAGE, f"{target} is there already", "Name another file, or write over it with --force.")


def _unwritable(target: Path | None, call: Call, error: OSError) -> Failure:
    from daemon.ledger import store  # noqa: PLC0415 - see `_made`
    from daemon.state_folder import FORBIDDEN, remedy  # noqa: PLC0415 - see `_made`

    folder = target.parent if target is not None else call.state / store.BACKUPS
    code = ExitCode.PERMISSION_NEEDED if error.errno in FORBIDDEN else ExitCode.CANNOT_NOW
    what = (error.strerror or str(error)).lower()
    hint = remedy(error, folder).replace("name another one with --state DIR", "name a FILE in another place")
    return Failure(code, f"no backup could be made in {folder}: {what}", hint)


def _listed(call: Call) -> ExitCode:
    from daemon import backups  # noqa: PLC0415 - see `_made`

    there, almanac = backups.several(call.state), almanac_for(call)
    documents = [document(one, almanac) for one in there]
    return finish(call, {"backups": documents}, _told(call, there, almanac), ())


def _told(call: Call, there: Sequence[Backup], almanac: Almanac) -> Iterator[Line]:
    if not there:
        yield "There is no backup yet. The service makes one each day; `afterword backup` makes one now.", {}
        return
    for line in rows(there, almanac):
        yield line, {}
    yield "", {}
    yield f"`afterword{call.options} restore NAME` puts one back.", {}


def rows(there: Sequence[Backup], almanac: Almanac) -> list[str]:
    """The backups as lines of a table."""
    from daemon.cli.wording import columns  # noqa: PLC0415 - see `_made`

    return columns([(one.file.name, str(one.kind), what_of(one, almanac)) for one in there], widest=48)


def what_of(one: Backup, almanac: Almanac) -> str:
    """What it holds, in words; why it cannot be put back, where it cannot."""
    from daemon.cli.wording import count  # noqa: PLC0415 - see `_made`

    held = one.held
    if held.trouble:
        return f"{size(held.size)}; cannot be put back: {held.trouble}"
    as_of = f"{almanac.local(held.as_of):%d %b %Y %H:%M}" if held.as_of else "before the first cycle"
    return f"as of {as_of}, {count(held.follow_ups, 'follow-up')}, {size(held.size)}, sound"


def size(number: int) -> str:
    """`340 kB`, `98.6 MB`."""
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{-(-number // 1000)} kB"  # noqa: PLR2004 - a unit


def document(one: Backup, almanac: Almanac) -> dict[str, Any]:
    """A backup as JSON has it."""
    from daemon.present import stamp  # noqa: PLC0415 - see `_made`

    held = one.held
    return {
        "file": str(one.file),
        "kind": str(one.kind),
        "as_of": stamp(held.as_of, almanac),
        "size": held.size,
        "schema": held.schema or None,
        "follow_ups": None if held.trouble else held.follow_ups,
        "sound": one.is_sound,
        "trouble": held.trouble or None,
    }


def almanac_for(call: Call) -> Almanac:
    """The user's zone, also where neither configuration nor ledger can be read."""
    from rules.almanac import Almanac  # noqa: PLC0415 - see `_made`

    try:
        return almanac_of(call)
    except Failure:
        return Almanac("UTC")
