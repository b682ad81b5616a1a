"""A command of the user's ends with whoever runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.daemon.serving import LIMIT

if TYPE_CHECKING:
    from pathlib import Path

RUN = "import sys; from daemon.program import run; run(['sh', '-c', sys.argv[1]], 1000)"


def test_it_ends_with_the_cycle_that_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(fifo := tmp_path / "fifo")
    cycle = subprocess.Popen([sys.executable, "-c", RUN, f"echo $$ > {fifo}; exec sleep 1000"])
    pid = int(fifo.read_text())
    cycle.terminate()
    cycle.wait(LIMIT)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
