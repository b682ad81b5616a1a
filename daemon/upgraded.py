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
    """What starts this service anew: to be typed, by how it was started."""
    if told := _to_systemd("restart", pid):
        return told
    return f"`kill {pid}`, and as it was started before" if pid else "another start of it"


def stop(pid: int | None) -> str:
    """What stops this service: likewise; empty where nobody knows."""
    return _to_systemd("stop", pid) or (f"`kill {pid}`" if pid else "")


def _to_systemd(verb: str, pid: int | None) -> str:
    """The command for its unit, which names its group of processes; empty where no unit of ours runs it."""
    try:
        group = Path(f"/proc/{pid}/cgroup").read_text("utf-8", "replace").rstrip()
    except OSError:
        group = ""
    found = _UNIT.search(group)
    return f"`systemctl {'--user ' if '/user@' in group else ''}{verb} {found[1]}`" if found else ""
