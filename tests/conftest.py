"""Where the tests lay their files: in memory where there is room, since a ledger that syncs is slow on a disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 2**30


def pytest_configure(config: pytest.Config) -> None:
    """Before the first temporary folder is made. `--basetemp` and TMPDIR still decide, where they are given."""
    chosen = config.option.basetemp or "TMPDIR" in os.environ or "PYTEST_DEBUG_TEMPROOT" in os.environ
    if not chosen and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)
