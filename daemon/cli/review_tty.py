"""The drafts one by one in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.failure import ExitCode


def walk(call: Call) -> ExitCode:
    """Walk through the drafts that wait."""
    raise NotImplementedError(call)
