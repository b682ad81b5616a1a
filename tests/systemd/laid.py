"""A home in the manager's world: its configuration, the user's own drop-in, and what the service has told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.daemon.command import RULES, SETTINGS, TEMPLATE
from tests.daemon.serving import document
from tests.systemd.manager import HOME, PYTHON
from tests.told import Told

if TYPE_CHECKING:
    from tests.systemd.manager import Manager

UNITS = f"{HOME}/.config/systemd/user"
UNIT = f"{UNITS}/afterword.service"
OWN = f"{UNIT}.d/own.conf"
CONFIG, STATE, LOG = f"{HOME}/.config/afterword", f"{HOME}/.local/state/afterword", f"{HOME}/log"

# There is no journal in that world. A restart need not wait half a minute there.
_OWN = f"""\
[Service]
StandardOutput=append:{LOG}
StandardError=append:{LOG}
RestartSec=50ms
"""
# The service itself, with something in place of its cycle: what is between it and the manager is the same.
_QUICK = """\
import sys
from daemon.service import Service
config, state, version, longest, *cycle = sys.argv[1:]
sys.exit(Service(config, state, cycle, listen=["/bin/true"], version=version, longest=float(longest)).run())
"""


@dataclass
class Laid:
    """Afterword in the home of the manager's user; `told` is what `service install` said."""

    manager: Manager
    told: Told = field(default_factory=lambda: Told(0, "", ""))
    changed: bool = False
    configured: bool = False

    def configure(self, settings: str = SETTINGS) -> None:
        """The settings, beside a rule; the calendar and the Maildir are empty."""
        for name, text in (("afterword.yaml", settings), ("rules/a.yaml", RULES), ("templates/thank-you.md", TEMPLATE)):
            self.manager.write(f"{CONFIG}/{name}", text)
        folders = ("calendars", *(f"Mail/{name}" for name in ("cur", "new", "tmp", ".Drafts/cur")))
        self.manager.run("mkdir", "-p", *(f"{CONFIG}/{name}" for name in folders))
        self.changed = self.configured = True

    def drop_in(self, lines: str) -> None:
        """The user's own drop-in, with these lines for [Service]; systemd has read it."""
        self.manager.write(OWN, _OWN + lines)
        self.manager.systemctl("daemon-reload")
        self.changed = True

    def start(self) -> None:
        """Have it run, where it does not."""
        self.manager.systemctl("start", "afterword")

    def restart(self, lines: str = "") -> None:
        """Start it anew with these lines; its log begins anew too."""
        self.manager.systemctl("stop", "afterword")
        self.manager.run("rm", "-f", LOG)
        self.drop_in(lines)
        self.start()

    def quick(self, cycle: str = "", *, version: str = "", longest: float = 60) -> str:
        """A command that is the service, of this version, with a shell's words for its cycle: else one that is well."""
        self.manager.write(f"{HOME}/quick.py", _QUICK)
        self.manager.write(f"{HOME}/cycle", cycle or f"echo '{document()}'")
        return f'{PYTHON} -P {HOME}/quick.py {CONFIG} {STATE} "{version}" {longest} /bin/sh {HOME}/cycle'

    def restart_quick(self, lines: str = "", cycle: str = "", *, version: str = "", longest: float = 60) -> None:
        """`restart`, with that command."""
        self.restart(f"ExecStart=\nExecStart={self.quick(cycle, version=version, longest=longest)}\n{lines}")

    def undo(self) -> None:
        """As it was installed; it starts again where it is wanted."""
        if self.changed:
            self.manager.systemctl("stop", "afterword")
            if self.configured:
                self.configure()
            self.drop_in("")
            self.changed = self.configured = False

    def cycle(self) -> dict[str, Any]:
        """How its first cycle ended, once it has."""
        self.manager.wait(lambda: self.logged("cycle.done"))
        return self.logged("cycle.done")[0]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The records of its log with this event."""
        return [record for record in self.records() if record["event"] == event]

    def records(self) -> list[dict[str, Any]]:
        """The records of its log."""
        return [json.loads(line) for line in self.manager.read(LOG).splitlines() if line.startswith("{")]
