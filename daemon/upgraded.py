"""Whether the service that runs is of the installed version: an upgrade by pipx or uv leaves the former one running."""

from __future__ import annotations

import re
from pathlib import Path

_UNIT = re.compile(r"/(afterword[^/]*\.service)$")


def installed() -> str:
    """The version that is installed; empty where nobody knows, as in a checkout that is not."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - only where a service runs

    try:
        return version("afterword")
    except PackageNotFoundError:
        return ""


def former(running: object) -> bool:
    """Whether the version that a service told is another than the installed one; False where one is not known."""
    return isinstance(running, str) and running != "" and installed() not in {"", running}


def runs_former(state: Path) -> bool:
    """Whether the service of this state folder runs, and is of another version."""
    from daemon import standing  # noqa: PLC0415 - json and sockets are not needed for --help

    try:
        told = standing.standing(state)
    except standing.Silent:
        return False
    return told is not None and former(told.get("version"))


def anew(pid: int | None) -> str:
    """What starts this service anew: to be typed, by how it was started (a unit names its group of processes)."""
    try:
        group = Path(f"/proc/{pid}/cgroup").read_text("utf-8", "replace").rstrip()
    except OSError:
        group = ""
    if found := _UNIT.search(group):
        return f"`systemctl {'--user ' if '/user@' in group else ''}restart {found[1]}`"
    return f"`kill {pid}`, and as it was started before" if pid else "another start of it"
