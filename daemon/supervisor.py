"""What the service tells systemd: ready, a line of status, and that it is alive (sd_notify(3)).

By cysystemd, which hands it to libsystemd; its compiled module alone costs a tenth of what its `daemon` does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daemon import clock, log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENVIRONMENT = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")
"""What systemd tells this process and no child of it: a command of the user's must not speak for the service."""
_LONGEST = 2000
"""Bytes of a value; a datagram that is too long is not sent at all."""


class Supervisor:
    """systemd, or nobody: without $NOTIFY_SOCKET, or without the library, every message goes nowhere."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.every = _watchdog(environment)
        """Seconds between signs of life (half of WatchdogSec), or None where none are wanted."""
        self._send = _library() if environment.get("NOTIFY_SOCKET") else None

    def tell(self, **what: str) -> None:
        """Send assignments in one datagram, as in `tell(READY="1", STATUS="idle")`.

        A supervisor that does not listen is no failure.
        """
        if self._send is None:
            return
        try:
            self._send("\n".join(f"{name}={_line(value)}" for name, value in what.items()))
        except (ValueError, RuntimeError):  # what its C call returned
            return

    def reloading(self, words: str) -> None:
        """The configuration is about to be read again; READY=1 is to follow.

        systemd wants the moment with it, to tell this from an answer to an earlier signal.
        """
        self.tell(STATUS=words, RELOADING="1", MONOTONIC_USEC=str(int(clock.monotonic() * 1_000_000)))


def _line(value: str) -> str:
    """One line, lest a problem's message is taken for further assignments."""
    return " ".join(value.split()).encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")


def _library() -> Callable[[str], object] | None:
    try:
        from cysystemd._daemon import sd_notify  # noqa: PLC0415 - 1 MB, and only under systemd; see above
    except ImportError as error:
        log.write("warning", "systemd.untold", why=str(error), hint="install cysystemd, or use Type=exec in the unit")
        return None
    send: Callable[[str], object] = sd_notify
    return send


def _watchdog(environment: Mapping[str, str]) -> float | None:
    """$WATCHDOG_USEC halved, when it is meant for this process (sd_watchdog_enabled(3))."""
    wanted = environment.get("WATCHDOG_USEC", "")
    if not wanted.isdecimal() or environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(wanted) / 2_000_000 or None
