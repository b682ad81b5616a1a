"""Whose the state folder is: who writes into that of another user leaves files there that its owner cannot use.

And where that other user laid a link, one who may do more (root) would write where the link leads.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.cli.call import Call

STATES = Path("/var/lib/afterword")
_PRIVATE = Path("/var/lib/private/afterword")
"""Where systemd keeps the state of a user that is there only while a service runs (systemd.exec(5), DynamicUser=)."""


def refuse_another(call: Call) -> None:
    """To be called before anything is written to the state folder.

    Raises:
        Failure: it is that of another user (77).
    """
    try:
        owner = call.state.stat().st_uid
    except OSError:
        return  # there is none yet, or whoever makes it will tell
    if owner == os.geteuid():
        return
    raise Failure(
        ExitCode.PERMISSION_NEEDED,
        f"the state folder {call.state} belongs to {_name(owner)}, and you are {_name(os.geteuid())}: "
        "what you write there its owner could not use",
        f"Type it as its owner: `{_as_owner(call, owner)}`. "
        "Looking is yours too, as in `afterword status` and `afterword plan`.",
    )


def _as_owner(call: Call, owner: int) -> str:
    words = _words(sys.argv[1:])
    if account := _account(call.state):
        return as_service(account, words)
    folders = ["--config", str(call.folder), "--state", str(call.state)]
    return shlex.join(["sudo", "-u", _name(owner), "afterword", *folders, *words])


def as_service(account: str, words: Sequence[str]) -> str:
    """The command that does this as the service of an account does: its user, folders and passwords.

    They are those of `systemd/afterword@.service`; a test compares.
    """
    config = f"/etc/afterword/{account}"
    properties = (
        "DynamicUser=yes",
        f"User=afterword-{account}",
        f"StateDirectory=afterword/{account}",
        "StateDirectoryMode=0700",
        "TemporaryFileSystem=/etc/afterword:ro",
        f"BindReadOnlyPaths={config}",
        f"LoadCredential=afterword:{config}/credentials",
        r"SetCredential=afterword:\n",
        "UMask=0077",
    )
    given = [word for one in properties for word in ("-p", one)]
    run = ["systemd-run", "-q", "--pty", "--pipe", "--wait", "--collect", *given]
    # In the command of a service `$` begins a variable (systemd.service(5)).
    return shlex.join([*run, "afterword", "--config", config, *(word.replace("$", "$$") for word in words)])


def _account(state: Path) -> str:
    """The account whose state the machine's service keeps there; empty where it is none."""
    real = state.resolve()
    for folder in (STATES, _PRIVATE):
        if real.parent == folder:
            return real.name
    return ""


def _words(given: Sequence[str]) -> Sequence[str]:
    """The command and what it was given, without the folders."""
    at = 0
    while at < len(given) and given[at].startswith("-"):
        at += 2 if given[at] in {"--config", "--state"} else 1
    return given[at:]


def _name(user: int) -> str:
    """Their name, or their number as sudo(8) takes it."""
    import pwd  # noqa: PLC0415 - only where something is wrong

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"
