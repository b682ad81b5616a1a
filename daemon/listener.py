"""The process that listens at an IMAP server between cycles: started by the service, which reads a byte for each news.

It reads the configuration and gets the password, or an access token, like a cycle; then it becomes the same program
anew, without what that took: it stays for days, and has to be small. What it needs goes through a pipe, and never
stands in a command line.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import ConnectorError, PermissionNeededError
from connectors.imap.client import Security, Server
from connectors.imap.idle import CannotListenError, Listener
from connectors.imap.oauth import AccessTokens
from connectors.mailboxes.folders import Configured
from daemon import log
from daemon.failure import ExitCode
from daemon.lookout import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Sequence

NEWS = b"!"
"""What it prints when mail has come."""
_TOLD = "--told"
_STDOUT = 1


def main(arguments: Sequence[str]) -> ExitCode:
    """Listen until nobody reads any more (0), the server cannot tell (78), or it cannot be asked (75, 77)."""
    try:
        if arguments[0] == _TOLD:
            _listen(_read(int(arguments[1])))
        else:
            _prepare(*map(Path, arguments))
    except ConnectorError as error:
        log.write("info", "mailbox.unheard", why=error.message)
        if isinstance(error, CannotListenError):
            return ExitCode.CONFIGURATION_WRONG
        return ExitCode.PERMISSION_NEEDED if isinstance(error, PermissionNeededError) else ExitCode.CANNOT_NOW
    return ExitCode.DONE


def _prepare(config: Path, state: Path) -> None:
    """Find out from the configuration where to listen, and go on as a small program."""
    from config.load import load  # noqa: PLC0415 - only here, so that it is gone afterwards
    from config.settings import Imap  # noqa: PLC0415 - as above
    from daemon.configuration import last_good  # noqa: PLC0415 - as above
    from daemon.connect import Connect  # noqa: PLC0415 - as above

    configuration = load(config).configuration or last_good(config, state)
    if configuration is None or not isinstance(configuration.mailbox, Imap):
        return
    one = configuration.mailbox
    server = Connect(configuration, state).server(one)
    told = {
        "host": server.host, "user": server.user, "secret": server.login().password(), "oauth": one.oauth is not None,
        "security": server.security, "port": server.port, "certificate": one.certificate,
        "folders": [one.drafts, one.sent, one.trash],
    }  # fmt: skip
    read, write = os.pipe()
    os.set_inheritable(read, True)  # noqa: FBT003 - the function's own signature
    os.write(write, json.dumps(told).encode())
    os.close(write)
    os.execv(PROGRAM[0], [*PROGRAM, _TOLD, str(read)])  # noqa: S606 - our own program, no shell


def _read(number: int) -> dict[str, Any]:
    with os.fdopen(number, "rb") as pipe:
        told: dict[str, Any] = json.loads(pipe.read())
    return told


def _listen(told: dict[str, Any]) -> None:
    certificate = None if told["certificate"] is None else Path(told["certificate"])
    # A token may end meanwhile: it lets both connections in now, and whoever has to connect again starts anew.
    secret = AccessTokens(lambda _: told["secret"], "") if told["oauth"] else lambda: told["secret"]
    server = Server(told["host"], told["user"], secret, Security(told["security"]), told["port"], certificate)
    listener = Listener(server, Configured(*told["folders"]))
    log.write("info", "mailbox.heard", server=server.place, folders=", ".join(listener.folders))
    try:
        listener.run(_tell, _STDOUT)
    finally:
        listener.close()


def _tell() -> None:
    """A service that has just ended is told nothing: the next look at the pipe shows it."""
    try:
        os.write(_STDOUT, NEWS)
    except BrokenPipeError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
