"""What the program runs on: versions, how it is installed, what systemd says, room on the disk."""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daemon.doctor.leaf import OTHER, Leaf, Section, Table, Word, number, version, word
from daemon.doctor.vocabulary import (
    DISTRIBUTIONS,
    EVENTS,
    FILE_SYSTEMS,
    INSTALLED,
    MACHINES,
    SYSTEMS,
    UNIT,
    UNIT_NUMBERS,
)
from daemon.mishaps import ROOT
from daemon.running import ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PATIENCE = 5.0
_LINES = 2000
_LEVELS = ("debug", "info", "warning", "error", "critical")
_PRIORITIES = {"7": "debug", "6": "info", "4": "warning", "3": "error", "2": "critical"}
_ENCODINGS = frozenset({"utf-8", "ascii"})
MB = 1 << 20


def requirements() -> list[str]:
    """The names of what Afterword is built on, by its own metadata."""
    try:
        wanted = metadata.requires("afterword") or []
    except metadata.PackageNotFoundError:
        return []
    names = (re.match(r"[\w.-]+", one) for one in wanted if "extra ==" not in one)
    return sorted({found[0].lower() for found in names if found})


def versions(now: datetime) -> Section:
    """The program and what is below it. Of the zone only the offset: its name tells where somebody lives."""
    system = _os_release()
    local = now.astimezone()
    facts: list[tuple[str, Leaf]] = [
        ("Afterword", _installed("afterword")),
        ("installed by", word(_how(), INSTALLED)),
        ("Python", version(platform.python_version())),
        ("implementation", word(sys.implementation.name, {"cpython", "pypy"})),
        ("SQLite", version(sqlite3.sqlite_version)),
        ("operating system", word(platform.system(), SYSTEMS)),
        ("distribution", word(system.get("ID"), DISTRIBUTIONS)),
        ("distribution release", version(system.get("VERSION_ID", ""))),
        ("kernel", version(platform.release())),
        ("machine", word(platform.machine(), MACHINES)),
        ("systemd", _systemd()),
        ("encoding of file names", word(sys.getfilesystemencoding().lower(), _ENCODINGS)),
        ("encoding of stdout", word((sys.stdout.encoding or "").lower(), _ENCODINGS)),
        ("offset from UTC in hours", round((local.utcoffset() or timedelta()).total_seconds() / 3600, 2)),
    ]
    several = tuple((Word(name), _installed(name)) for name in requirements())
    return Section("Afterword and its machine", tuple(facts), (("dependencies", Table(("name", "version"), several)),))


def _installed(name: str) -> Leaf:
    try:
        return version(metadata.version(name))
    except metadata.PackageNotFoundError:
        return Word("missing")


def _how() -> str:
    """How it was installed, by where it lies; never the place itself."""
    parts = Path(sys.prefix).parts
    with suppress(metadata.PackageNotFoundError, ValueError, TypeError):
        told = json.loads(metadata.distribution("afterword").read_text("direct_url.json") or "{}")
        if told.get("dir_info", {}).get("editable") or (ROOT / ".git").exists():
            return "a checkout"
    if "pipx" in parts:
        return "pipx"
    if "uv" in parts and "tools" in parts:
        return "uv tool"
    if parts[1:2] == ("opt",):
        return "a Debian package"
    return "an environment" if sys.prefix != sys.base_prefix else "the system's Python"


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _systemd() -> Leaf:
    """Its version."""
    found = re.match(r"systemd ([0-9]+)", _printed("systemctl", "--version"))
    return version(found[1]) if found else Word("none")


def _printed(*words: str) -> str:
    """What a program of the system prints; nothing where it is not there or takes too long."""
    try:
        done = subprocess.run(words, capture_output=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


# --- the service -------------------------------------------------------------------------------------------


def service(state: Path, now: datetime) -> Section:
    """Whether it runs, what it says of itself, and what systemd says of its units."""
    facts: list[tuple[str, Leaf]] = list(_of_itself(ask(state), now))
    wanted = ",".join((*UNIT, *UNIT_NUMBERS))
    for name, words in (
        ("unit of the user", ("systemctl", "--user", "show", "afterword.service")),
        ("unit of the system", ("systemctl", "show", "afterword@*.service")),
    ):
        units = list(unit_facts(_printed(*words, "--no-pager", f"--property={wanted}")))
        facts += [(f"{name}: {what}", leaf) for unit in units[:1] for what, leaf in unit]
        facts += [(f"{name}: instances", len(units))] if len(units) > 1 else []
    tables = []
    for name, options in (("log of the user's unit", ("--user",)), ("log of the system's unit", ())):
        lines = _printed("journalctl", *options, "-u", "afterword*", "-o", "json", "-n", str(_LINES), "--no-pager")
        if lines:
            tables.append((name, events(lines.splitlines())))
    return Section("Service", tuple(facts), tuple(tables))


def _of_itself(told: Mapping[str, Any] | None, now: datetime) -> Iterator[tuple[str, Leaf]]:
    """What a running service answers: its numbers, and the event that its last cycle ended with."""
    yield "service runs", told is not None
    if told is None:
        return
    cycle = told["cycle"] if isinstance(told["cycle"], dict) else {}
    yield "answers", bool(told["answers"])
    yield "version that runs", version(told["version"])
    for name, instant in (("began, ago", told["since"]), ("last cycle ended, ago", cycle.get("ended"))):
        yield name, ago(instant, now)
    yield "last cycle", word(cycle.get("outcome"), EVENTS)
    for name in ("cycles", "failures", "wakeups"):
        yield name, number(str(told[name]))


def ago(told: object, now: datetime) -> timedelta | None:
    """How long ago a time is that another process wrote."""
    try:
        return now - datetime.fromisoformat(str(told))
    except (ValueError, TypeError):
        return None


def unit_facts(printed: str) -> Iterator[list[tuple[str, Leaf]]]:
    """The properties of each unit that systemctl shows, where it is loaded."""
    for block in printed.split("\n\n"):
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        facts: list[tuple[str, Leaf]] = [
            (name, word(told[name], words)) for name, words in UNIT.items() if told.get(name)
        ]
        facts += [(name, number(told[name])) for name in UNIT_NUMBERS if told.get(name)]
        if facts:
            yield facts


def events(lines: Iterable[str]) -> Table:
    """How often each event of ours is in the journal, by its level; no other field is looked at.

    (systemd.journal-fields(7); without fields of ours the record of the log is the message.)
    """
    counts: Counter[tuple[Word, Word]] = Counter()
    longest: dict[tuple[Word, Word], float] = {}
    for line in lines:
        event, level, seconds = _logged(line)
        one = word(event, EVENTS), word(level, _LEVELS)
        counts[one] += 1
        if seconds is not None:
            longest[one] = max(seconds, longest.get(one, 0.0))
    rows = tuple((*one, count, longest.get(one, OTHER)) for one, count in sorted(counts.items()))
    return Table(("event", "level", "count", "longest seconds"), rows)


def _logged(line: str) -> tuple[object, object, float | None]:
    """Event, level and duration of a line of the journal."""
    try:
        record = json.loads(line)
        event, level = record.get("AFTERWORD_EVENT"), _PRIORITIES.get(str(record.get("PRIORITY")))
        seconds = record.get("AFTERWORD_SECONDS")
        if event is None:
            told = json.loads(record.get("MESSAGE") or "{}")
            event, level, seconds = told.get("event"), told.get("level"), told.get("seconds")
        return event, level, None if seconds is None else round(min(float(seconds), 99999.0), 2)
    except (ValueError, AttributeError, TypeError):
        return None, None, None


# --- room --------------------------------------------------------------------------------------------------


def room(state: Path) -> Section:
    """What the state folder stands on, and the limits of this process."""
    facts: list[tuple[str, Leaf]] = [("state folder is there", state.is_dir())]
    with suppress(OSError):
        disk, seen = os.statvfs(state), state.stat()
        facts += [
            ("file system", _file_system(state)),
            ("disk free in MB", min(disk.f_bavail * disk.f_frsize // MB, 999_999)),
            ("disk full in percent", round(100 * (1 - disk.f_bavail / disk.f_blocks)) if disk.f_blocks else None),
            ("disk read only", bool(disk.f_flag & os.ST_RDONLY)),
            ("folder writable", os.access(state, os.W_OK)),
            ("folder is of this user", seen.st_uid == os.geteuid()),
            ("folder closed to others", not seen.st_mode & 0o077),
        ]
    for name, limit, unit in (
        ("open files", resource.RLIMIT_NOFILE, 1),
        ("address space in MB", resource.RLIMIT_AS, MB),
    ):
        soft, _ = resource.getrlimit(limit)
        facts.append((f"limit of {name}", Word("none") if soft == resource.RLIM_INFINITY else soft // unit))
    return Section("Room", tuple(facts))


def _file_system(place: Path) -> Leaf:
    """Its kind, by the longest mount point that the place lies below (proc_mounts(5))."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8", "replace").splitlines()]
    except OSError:
        return OTHER
    at = os.path.realpath(place)
    below = [one for one in mounts if len(one) > 2 and f"{at}/".startswith(f"{one[1].rstrip('/')}/")]  # noqa: PLR2004 - columns
    longest = max(below, key=lambda one: len(one[1]), default=None)
    return OTHER if longest is None else word(longest[2].partition(".")[0], FILE_SYSTEMS)
