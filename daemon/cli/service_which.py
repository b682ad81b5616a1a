"""Which service a command of `afterword service` means: the user's own, or that of an account of the machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from daemon.units import files, text
from daemon.units.manager import Manager

if TYPE_CHECKING:
    from daemon.cli.call import Call

ACCOUNTS, STATES = Path("/etc/afterword"), Path("/var/lib/afterword")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,20}")
"""What stands for itself in the name of a unit (a hyphen is a slash there), and with `afterword-` is one of a user."""


@dataclass(frozen=True, slots=True)
class Which:
    """The service that is meant: the user's (`account` is None), or the machine's for an account."""

    call: Call
    account: str | None

    @property
    def system(self) -> bool:
        """Whether the machine's manager runs it."""
        return self.account is not None

    @property
    def unit(self) -> str:
        """Its name."""
        return f"afterword@{self.account}.service" if self.system else files.USER_UNIT

    @property
    def config(self) -> Path:
        """The folder of its configuration."""
        return ACCOUNTS / str(self.account) if self.system else self.call.folder

    @property
    def state(self) -> Path:
        """The folder of its state."""
        return STATES / str(self.account) if self.system else self.call.state

    @property
    def option(self) -> str:
        """What is to be typed after `afterword service …`."""
        return f" --system {self.account}" if self.system else ""

    def manager(self) -> Manager:
        """Whom to ask."""
        return Manager(system=self.system)


def which(call: Call, account: str | None) -> Which:
    """The service that is meant.

    Raises:
        Failure: no account has that name, or folders are named too (2).
    """
    if account is None:
        return Which(call, None)
    if call.config or call.state_option:
        raise Failure(
            ExitCode.USAGE,
            "a service of the machine has its own folders; --config and --state are not for it",
            f"It reads {ACCOUNTS}/NAME, and keeps what it remembers in {STATES}/NAME.",
        )
    name = account or _only_one()
    if not _NAME.fullmatch(name):
        raise Failure(
            ExitCode.USAGE,
            f"'{name}' cannot be the name of an account",
            f"It is that of a folder in {ACCOUNTS}: at most 21 letters, digits, dots and underlines.",
        )
    return Which(call, name)


def ours(call: Call, account: str | None) -> Which:
    """The service that is meant; where no folder is named, with the folders of the unit that is laid."""
    found = which(call, account)
    if found.system or call.config or call.state_option:
        return found
    config, state = text.folders(files.text_of(files.unit(system=False)))
    return Which(replace(call, config=config or call.config, state_option=state or call.state_option), None)


def _only_one() -> str:
    there = sorted(one.name for one in ACCOUNTS.glob("*/")) if os.access(ACCOUNTS, os.R_OK | os.X_OK) else []
    if len(there) == 1:
        return there[0]
    hint = f"There are {', '.join(there)}." if there else f"It is that of the account's folder in {ACCOUNTS}."
    raise Failure(ExitCode.USAGE, "--system needs the name of an account", f"{hint} Write it as in `--system robin`.")
