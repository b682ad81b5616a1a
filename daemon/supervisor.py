"""What the service tells systemd: ready, a line of status, and that it is alive (sd_notify(3)).

The protocol is one datagram to the socket in $NOTIFY_SOCKET; that is less than a dependency.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Supervisor:
    """systemd, or nobody: without $NOTIFY_SOCKET every message goes nowhere."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.every = _watchdog(environment)
        """Seconds between signs of life (half of WatchdogSec), or None where none are wanted."""

    def tell(self, **what: str) -> None:
        """Send assignments, as in `tell(READY="1", STATUS="idle")`. A supervisor that does not listen is no failure."""
        if not self._address.startswith(("/", "@")):
            return
        import socket  # noqa: PLC0415 - 1 MB, and only under systemd

        # An abstract socket is written with @ and bound with NUL (sd_notify(3)).
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        message = "\n".join(f"{name}={value}" for name, value in what.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)  # noqa: FBT003 - the socket's own signature
                channel.sendto(message.encode(), address)
        except OSError:
            return


def _watchdog(environment: Mapping[str, str]) -> float | None:
    """$WATCHDOG_USEC halved, when it is meant for this process (sd_watchdog_enabled(3))."""
    wanted = environment.get("WATCHDOG_USEC", "")
    if not wanted.isdecimal() or environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(wanted) / 2_000_000 or None
