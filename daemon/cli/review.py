"""`afterword review`: the page on which the drafts are read, or the same in the terminal."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.output import say
from daemon.cli.owned import refuse_another
from daemon.failure import ExitCode, Failure
from daemon.paths import make_state_folder

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.review.listening import Ear

_DEFAULT = "127.0.0.1:8377"
_PATIENCE = 30.0
"""Seconds; a page that systemd starts for this question takes two, and more on a machine that is busy."""


@command("review", json=False)
@click.option(
    "--listen", "where", metavar="WHERE", help=f"127.0.0.1:PORT, [::1]:PORT or a Unix socket's path; else {_DEFAULT}."
)
@click.option(
    "--origin", "origins", multiple=True, metavar="URL", help="By which other address your browser reaches it."
)
@click.option("--open", "browser", is_flag=True, help="Open it in the browser.")
@click.option("--tty", is_flag=True, help="Walk through the drafts here in the terminal, with $EDITOR.")
def review(call: Call, *, where: str | None, origins: tuple[str, ...], browser: bool, tty: bool) -> ExitCode:
    """Read each draft, make it yours, put it off or leave it out, on a page that only you can open.

    It prints an address that lets you in once. Nothing is ever sent from there.
    """
    if tty:
        if where or origins or browser:
            raise Failure(ExitCode.USAGE, "--tty has no page", "Leave --listen, --origin and --open out.")
        from daemon.cli.review_tty import walk  # noqa: PLC0415 - only for who wants it

        return walk(call)
    refuse_another(call)
    make_state_folder(call.state)
    from daemon.review import listening  # noqa: PLC0415 - Starlette is not needed for --help

    ear = listening.handed(os.environ, origins)
    if ear is None:
        try:
            ear = listening.listen(where or _DEFAULT, origins)
        except listening.TakenError:
            return _there_already(call, where or _DEFAULT, browser=browser)
    try:
        return _serve(call, ear, browser=browser)
    finally:
        ear.close()


def _serve(call: Call, ear: Ear, *, browser: bool) -> ExitCode:
    from daemon.clock import Clock  # noqa: PLC0415 - see above
    from daemon.review.room import Room  # noqa: PLC0415 - see above
    from daemon.review.serving import serve  # noqa: PLC0415 - see above

    room = Room(call, Clock(call.at), ear.places)
    if not ear.handed:
        ticket = room.door.ticket(room.now())
        if "/" in ear.where:
            say(f"The page listens at {ear.where}.")
            say(f"Lead a port to it (`ssh -L 8377:{ear.where} HOST`) and open http://127.0.0.1:8377/enter/{ticket}")
        else:
            _tell(f"http://{ear.where}/enter/{ticket}", browser=browser)
        say("Ctrl-C ends it.")
    serve(room, ear)
    return ExitCode.DONE


def _tell(address: str, *, browser: bool) -> None:
    say(f"Your drafts: {address}")
    say("It opens once, within ten minutes, for whoever has the address.")
    if browser:
        click.launch(address)


def _there_already(call: Call, where: str, *, browser: bool) -> ExitCode:
    """Somebody listens there. Is it a page of the same state, a new address lets in there.

    Raises:
        Failure: it is another program, or a page of another state (75).
    """
    from daemon.review.tickets import Door  # noqa: PLC0415 - see above

    door = Door(call.state)
    challenge = secrets.token_urlsafe(16)
    if not secrets.compare_digest(_answer(where, challenge).encode(), door.proof(challenge).encode()):
        raise Failure(
            ExitCode.CANNOT_NOW,
            f"another program listens at {where}",
            f"`afterword{call.options} review --listen 127.0.0.1:0` takes a port that is free.",
        )
    ticket = door.ticket(call.now())
    if "/" in where:
        say(f"The page is there already, at {where}: the path of a new address is /enter/{ticket}")
    else:
        _tell(f"http://{where}/enter/{ticket}", browser=browser)
    return ExitCode.DONE


def _answer(where: str, challenge: str) -> str:
    """What whoever listens there says to the challenge; empty where that is nothing."""
    import http.client  # noqa: PLC0415 - only where somebody listens already

    from daemon.socket_file import reach  # noqa: PLC0415 - see above

    connection = http.client.HTTPConnection(_DEFAULT if "/" in where else where, timeout=_PATIENCE)
    try:
        if "/" in where:
            connection.sock = reach(os.path.abspath(where), _PATIENCE)  # noqa: PTH100 - links are left as they are
            connection.sock.settimeout(_PATIENCE)
        connection.request("GET", f"/here/{challenge}")
        return connection.getresponse().read(200).decode("ascii", "replace")
    except (TimeoutError, OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
