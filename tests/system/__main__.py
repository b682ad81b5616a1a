"""`python -m tests.system`: a whole life of the Debian package in a machine of its own (QEMU), step by step.

A fresh package is installed in a fresh system; the machine has no network. It takes some minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.system.image import HERE, image, missing
from tests.system.later import ROOT, later, package
from tests.system.life import LIFE, SERVICE
from tests.system.machine import Machine, MachineError


def prepared(place: Path, first: Path | None, second: Path | None) -> Path:
    """A folder with all that the machine is brought: both packages, and what runs in there."""
    brought = place / "brought.d"
    shutil.copytree(HERE / "inside", brought, ignore=shutil.ignore_patterns("__pycache__"))
    tell("building the package")
    shutil.copy(first or package(ROOT, place / "first"), brought / "first.deb")
    tell("building the package of a later release")
    shutil.copy(second or package(later(place / "later"), place / "second"), brought / "second.deb")
    return brought


def tell(words: str) -> None:
    """A line of progress."""
    print(f"[{time.monotonic() - BEGUN:5.0f} s] {words}", flush=True)


BEGUN = time.monotonic()


def install(line: str) -> bool:
    """Whether what is missing is there now: root on Debian installs it."""
    if not line:
        return True
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    tell(line)
    quietly = "exec </dev/null >/dev/null; export DEBIAN_FRONTEND=noninteractive"
    command = f"{quietly}; apt-get update -qq && {line.replace('install', 'install -y -qq', 1)}"
    return subprocess.run(["bash", "-c", command], check=False).returncode == 0


def live(machine: Machine) -> int:
    """All steps, each told; the number of those that failed. One that fails ends it: the next ones build on it."""
    tell(f"booted in {machine.boot():.0f} s")
    for number, step in enumerate(LIFE):
        try:
            step(machine)
        except AssertionError as error:
            tell(f"FAILED {step.__name__}: {error}")
            explain(machine)
            print(f"{number} passed, 1 failed", flush=True)
            return 1
        tell(f"ok: {step.__name__.replace('_', ' ')}")
    print(f"{len(LIFE)} passed, 0 failed", flush=True)
    return 0


def explain(machine: Machine) -> None:
    """What the machine says of itself, where it still does."""
    try:
        print(machine.out(f"systemctl status --no-pager -l {SERVICE}; journalctl -q --no-pager -n 60 || true"))
    except (MachineError, AssertionError, OSError) as error:
        print(f"(nothing more can be had of it: {error})\n{machine.console.read_text(errors='replace')[-3000:]}")


def main() -> int:
    """The exit code: 0, or 1 where a step failed or something is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.system", description=__doc__)
    parser.add_argument("--first", type=Path, help="take this package instead of building it")
    parser.add_argument("--second", type=Path, help="likewise for the later release")
    chosen = parser.parse_args()
    if not install(missing()):
        print(f"This takes programs that are missing here: {missing()}", file=sys.stderr)
        return 1
    tell("the disk of the machine (made anew where it is not kept)")
    system = image()
    with tempfile.TemporaryDirectory(prefix="afterword-system-") as folder:
        place = Path(folder)
        with Machine(system, prepared(place, chosen.first, chosen.second), place) as machine:
            return live(machine)


if __name__ == "__main__":
    sys.exit(main())
