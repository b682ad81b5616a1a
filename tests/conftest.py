"""For all tests: where they lay their files, and what root may not do while it plays an ordinary user."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compiling import share

if TYPE_CHECKING:
    from collections.abc import Iterator


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    """No test talks to anybody but this machine: a connection anywhere else is refused before it is made."""
    if event != "socket.connect":
        return
    place = arguments[1]
    if isinstance(place, tuple) and not str(place[0]).startswith(("127.", "::1", "localhost")):
        raise PermissionError(f"a test wanted to connect to {place[0]}")


sys.addaudithook(_stay_here)
share()

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 2**30


def pytest_configure(config: pytest.Config) -> None:
    """Files lie in memory where there is room, since a ledger that syncs is slow on a disk.

    Said before the first temporary folder is made; `--basetemp` and TMPDIR decide, where they are given.
    """
    chosen = config.option.basetemp or "TMPDIR" in os.environ or "PYTEST_DEBUG_TEMPROOT" in os.environ
    if not chosen and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)


_CAPABILITIES_3 = 0x20080522
_OVERRIDE, _READ_SEARCH = 1 << 1, 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (capabilities(7)): by these root reads and writes everything."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """File modes bind whoever runs the tests: root lays its two privileges aside for the test (capset(2))."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_CAPABILITIES_3, 0), (_Sets * 2)()
    assert libc.capget(ctypes.byref(header), sets) == 0
    full = sets[0].effective
    sets[0].effective = full & ~(_OVERRIDE | _READ_SEARCH)
    assert libc.capset(ctypes.byref(header), sets) == 0
    yield
    sets[0].effective = full
    assert libc.capset(ctypes.byref(header), sets) == 0
