"""What a process costs, as Linux tells it."""

from __future__ import annotations

import os
from pathlib import Path


def _field(file: str, name: str) -> int:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise AssertionError(f"{file} has no {name}")


def resident(pid: int) -> int:
    """All of its memory that is in use, shared or not, in kB (RSS)."""
    return _field(f"/proc/{pid}/status", "VmRSS")


def anonymous(pid: int) -> int:
    """What is its own and lies in no file, in kB: where a leak would show."""
    return _field(f"/proc/{pid}/status", "RssAnon")


def proportional(pid: int) -> int:
    """As `resident`, what is shared counted in part, in kB (PSS)."""
    return _field(f"/proc/{pid}/smaps_rollup", "Pss")


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - numbers are counted


def switches(pid: int) -> int:
    """How often it has gone to sleep by itself."""
    return _field(f"/proc/{pid}/status", "voluntary_ctxt_switches")
