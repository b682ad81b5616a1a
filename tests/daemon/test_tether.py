"""A cycle ends with the service that started it, however early that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from daemon.failure import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

ORPHAN = """
import os, sys
from daemon.tether import tie
told, out = sys.argv[1], int(sys.argv[2])
gone, end = os.pipe()
if os.fork() == 0:
    starter = os.getpid()
    if os.fork() == 0:
        os.close(end)
        os.read(gone, 1)  # until the one that started it has ended, before it could be tied to it
        while os.getppid() == starter:
            os.sched_yield()
        try:
            tie(starter if told == "starter" else os.getppid())
        except SystemExit as error:
            os.write(out, b"ended %d" % error.code)
        else:
            os.write(out, b"works on")
    os._exit(0)
"""


@pytest.mark.parametrize(("told", "said"), [("starter", f"ended {int(ExitCode.CANNOT_NOW)}"), ("parent", "works on")])
def test_a_cycle_whose_service_has_ended_before_it_could_be_tied_to_it_ends(told: str, said: str) -> None:
    read, write = os.pipe()
    subprocess.run([sys.executable, "-c", ORPHAN, told, str(write)], check=True, pass_fds=[write])
    os.close(write)
    with open(read, "rb") as heard:  # noqa: PTH123 - a pipe
        assert heard.read().decode() == said


def test_a_cycle_of_another_parent_does_nothing(tmp_path: Path) -> None:
    folders = ["--config", str(tmp_path / "config"), "--state", str(tmp_path / "state")]
    command = [sys.executable, "-m", "daemon", *folders, "once", "--json", "--service", "--parent", str(os.getppid())]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (ExitCode.CANNOT_NOW, "", "")
    assert list(tmp_path.iterdir()) == []
