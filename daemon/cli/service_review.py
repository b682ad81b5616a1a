"""`afterword service install --review`: the review page behind a socket of the user's own manager, and away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.cli.output import print_json, say
from daemon.cli.service_fit import writable_as_text
from daemon.cli.service_which import ours, which
from daemon.cli.wording import columns, shown
from daemon.failure import ExitCode, Failure
from daemon.paths import make_state_folder
from daemon.units import files, text
from daemon.units.install import install, remove
from daemon.units.programs import program

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.units.files import Files


def lay(call: Call, account: str | None, *, start: bool) -> ExitCode:
    """Lay the socket and its unit, and open the address now and with each login.

    Raises:
        Failure: it is asked for a service of the machine (2), the files are foreign, or the port is taken (75).
    """
    _for_users(account)
    target = which(call, None)
    manager = target.manager()
    manager.version()
    wanted = text.Wanted(program(), target.config, target.state)
    writable_as_text((wanted.program[0], wanted.config, wanted.state))
    make_state_folder(target.state)
    socket, service = text.review_units(wanted)
    socket_path, service_path = files.review_units()
    laid: Files = {socket_path: socket, service_path: service}
    done = install(manager, files.REVIEW_SOCKET, laid, start=start)
    if call.json:
        written, removed = map(str, done.laid.written), map(str, done.laid.removed)
        print_json({"unit": files.REVIEW_SOCKET, "did": done.did, "written": [*written], "removed": [*removed]})
        return ExitCode.DONE
    for path in done.laid.written:
        say(f"Written: {shown(path)}")
    say("The review page opens when somebody comes to its address, and closes when nobody has looked for a while.")
    say("\nNext:")
    for line in columns([(f"  afterword{call.options} review", "prints an address that lets you in once")]):
        say(line)
    return ExitCode.DONE


def take_away(call: Call, account: str | None) -> ExitCode:
    """Close the address, and remove what `lay` made."""
    _for_users(account)
    target = ours(call, None)
    manager = target.manager()
    manager.version()
    paths = files.review_units()
    done = remove(manager, files.REVIEW_SOCKET, paths)
    if done.laid.changed:
        manager.call("stop", files.REVIEW_UNIT)  # somebody may be looking
    if call.json:
        print_json({"unit": files.REVIEW_SOCKET, "ended": done.ended, "removed": [*map(str, done.laid.removed)]})
        return ExitCode.DONE
    for path in done.laid.removed:
        say(f"Removed: {shown(path)}")
    if done.packaged:
        say(f"{done.packaged} stays, since a package brought it.")
    elif not done.laid.removed:
        foreign = [path for path in paths if path.exists()]
        for path in foreign:
            say(f"{shown(path)} was not made by `afterword service install --review`, and stays.")
        if not foreign:
            say("There is nothing to remove.")
    return ExitCode.DONE


def _for_users(account: str | None) -> None:
    """The page is one user's own.

    Raises:
        Failure: it is asked for an account of the machine (2).
    """
    if account is not None:
        hint = (
            "As the user whose drafts they are, leave --system out; or lead a port to it: `afterword review --listen`."
        )
        raise Failure(ExitCode.USAGE, "the review page is run by your own manager, not by the machine's", hint)
