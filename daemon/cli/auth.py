"""`afterword auth google`: the permission, asked for once in a browser."""

from __future__ import annotations

import socket
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import ledger_of
from daemon.cli.output import ExitCode, Failure, print_json, problem_json, say, show_problems
from daemon.cli.owned import refuse_another
from daemon.cli.wording import wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.load import Configuration
    from config.problem import Problem
    from connectors.base import ConnectorError
    from connectors.google.scopes import Scope
    from daemon.cli.call import Call

_OPENED = "\nYour browser opens. If it does not, open this address in it:\n\n  {{url}}\n"
_ELSEWHERE = """
Open this address in a browser, and consent there:

  {{url}}

Google then leads that browser to port {port} of the machine that it runs on. If that is not this machine, first let
the port be led here, on the machine with the browser, and leave it running:

  ssh -N -L {port}:127.0.0.1:{port} {user}@{host}
"""
_WAITS = "\nWaiting for your consent, {minutes} minutes at most; Ctrl-C stops it, and nothing is changed."


@command("auth")
@click.argument("service", type=click.Choice(["google"]))
@click.option("--no-browser", is_flag=True, help="Tell the address instead of opening it.")
@click.option("--port", type=click.IntRange(1024, 65535), help="The port to which the browser comes back.")
def auth(call: Call, service: str, *, no_browser: bool, port: int | None) -> ExitCode:
    """Ask for the permission that the configuration needs of Google, and keep it in the state folder."""
    from connectors.base import ConnectorError  # noqa: PLC0415 - not needed for --help
    from connectors.google.token import FILE  # noqa: PLC0415 - as above
    from daemon.configuration import load_configuration  # noqa: PLC0415 - as above
    from daemon.permit import foreign  # noqa: PLC0415 - as above

    refuse_another(call)
    configuration = load_configuration(call.folder)
    wanted = _wanted(configuration)
    client = _client(Path(configuration.google.client))
    _tell(wanted, error=call.json)
    try:
        account = _consent(call, configuration, client, browser=not no_browser, port=port or _free())
    except ConnectorError as error:
        raise _failure(error) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise Failure(ExitCode.CANNOT_NOW, f"the permission cannot be kept in {call.state}: {reason}",
                      "Make the folder writable, or name another one with --state DIR.") from error  # fmt: skip
    strange = foreign(account, configuration.me.emails)
    problems = [*([strange] if strange else []), *_apart(call, configuration, account)]
    show_problems(problems)
    if call.json:
        asked = [scope.address for scope in wanted]
        told = {"service": service, "account": account or None, "scopes": asked, "file": str(call.state / FILE)}
        print_json({**told, "problems": [problem_json(problem) for problem in problems]})
    else:
        whose = f"the account {account}" if account else "an account whose address is not known"
        say(f"Google gave its permission for {whose}.", fg="green")
        say(f"It is kept in {call.state / FILE}, for your eyes only.")
        say(f"Next: `afterword{call.options} check --connect` tries it, and then "
            f"`afterword{call.options} once --dry-run` shows what the first cycle would draft.")  # fmt: skip
    return ExitCode.DONE


def _wanted(configuration: Configuration) -> tuple[Scope, ...]:
    from connectors.google.scopes import scopes  # noqa: PLC0415 - as above
    from daemon.connect import services_of  # noqa: PLC0415 - as above

    services = services_of(configuration)
    if not services:
        raise Failure(
            ExitCode.USAGE,
            "nothing in the configuration is Google's, so no permission is needed",
            "Write `{id: work, google: primary}` in calendars, `mailbox: {gmail: {}}`, `oauth: google` beside "
            "`imap: imap.gmail.com`, or `{google: {}}` in contacts.",
        )
    if configuration.google.service_account is not None:
        raise Failure(
            ExitCode.USAGE,
            "the configuration names a service account: an administrator gives it its permission, not you",
            "`afterword check --connect` tries it; docs/google.md tells how it is set up.",
        )
    return scopes(services)


def _client(path: Path) -> Mapping[str, str]:
    """The OAuth client that the user made."""
    from connectors.base import ConnectorError  # noqa: PLC0415 - as above
    from connectors.google.download import client  # noqa: PLC0415 - as above

    try:
        return client(path)
    except ConnectorError as error:
        raise _failure(error) from error


def _tell(wanted: tuple[Scope, ...], *, error: bool) -> None:
    """What is asked for, and why, before the browser opens; as an error where stdout is for a program."""
    say("Afterword asks Google for:", error=error)
    for scope in wanted:
        say(f"  {scope.name}", error=error, bold=True)
        for line in wrapped(f"{scope.why}.", "    "):
            say(line, error=error)
        for line in wrapped(f"{scope.beware}.", "    ") if scope.beware else ():
            say(line, error=error, fg="yellow")


def _consent(call: Call, configuration: Configuration, client: Mapping[str, str], *, browser: bool, port: int) -> str:
    """Ask for it and keep it; the address of the account that gave it, where that can be known."""
    from connectors.google.consent import PATIENCE, Asking  # noqa: PLC0415 - as above
    from daemon import permit  # noqa: PLC0415 - as above
    from daemon.connect import services_of  # noqa: PLC0415 - as above
    from daemon.paths import make_state_folder  # noqa: PLC0415 - as above

    make_state_folder(call.state)
    asking = Asking(client, services_of(configuration), configuration.settings.me.emails[0], port)
    browser = browser and _has_browser()
    way = _OPENED if browser else _ELSEWHERE
    prompt = (way + _WAITS).format(port=port, user=_user(), host=socket.gethostname(), minutes=PATIENCE // 60)
    with redirect_stdout(sys.stderr):  # stdout may be for a program
        token = asking.answer(call.now(), browser=browser, prompt=prompt)
    return permit.keep(call.state, token, configuration, call.now)


def _apart(call: Call, configuration: Configuration, account: str) -> list[Problem]:
    """Drafts that lie in the mailbox of another account than this one; none where the ledger cannot tell.

    Over IMAP the mailbox is that of `user:`, whoever gave the permission.
    """
    from daemon.apart import GMAIL, apart  # noqa: PLC0415 - as above
    from daemon.connect import mailbox_kind  # noqa: PLC0415 - as above

    if mailbox_kind(configuration) != GMAIL:
        return []
    with suppress(Failure), ledger_of(call.state) as ledger:  # what is wrong with it, the next command tells
        return apart(ledger.records(), ledger.intents(), GMAIL, account)
    return []


def _has_browser() -> bool:
    import webbrowser  # noqa: PLC0415 - only here

    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _user() -> str:
    import getpass  # noqa: PLC0415 - only here

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "you"


def _free() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _failure(error: ConnectorError) -> Failure:
    from connectors.base import TransientError  # noqa: PLC0415 - as above

    code = ExitCode.CANNOT_NOW if isinstance(error, TransientError) else ExitCode.PERMISSION_NEEDED
    return Failure(code, error.message, error.hint)
