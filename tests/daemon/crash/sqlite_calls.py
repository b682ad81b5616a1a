"""The system calls of SQLite as points: what happens inside one commit is seen from the outside, call by call."""

from __future__ import annotations

import _sqlite3
import ctypes
import functools
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_INT, _TEXT, _BYTES, _SIZE = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t
_DONE, _OFFSET = ctypes.c_ssize_t, ctypes.c_int64

_CALLS: dict[str, tuple[Any, ...]] = {
    "open": (_INT, _TEXT, _INT, _INT),
    "pread": (_DONE, _INT, _BYTES, _SIZE, _OFFSET),
    "pread64": (_DONE, _INT, _BYTES, _SIZE, _OFFSET),
    "write": (_DONE, _INT, _BYTES, _SIZE),
    "pwrite": (_DONE, _INT, _BYTES, _SIZE, _OFFSET),
    "pwrite64": (_DONE, _INT, _BYTES, _SIZE, _OFFSET),
    "ftruncate": (_INT, _INT, _OFFSET),
    "unlink": (_INT, _TEXT),
}
"""Those of https://sqlite.org/src/file/src/os_unix.c (aSyscall) that read or change a file; result, then arguments.

Not `read`: by that SQLite takes randomness, anew in each process.
"""
_EFFECTS = frozenset({"write", "pwrite", "pwrite64", "ftruncate", "unlink"})


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` (https://sqlite.org/c3ref/vfs.html) as far as its system calls."""

    _fields_ = (
        ("iVersion", _INT),
        ("szOsFile", _INT),
        ("mxPathname", _INT),
        ("pNext", ctypes.c_void_p),
        ("zName", _TEXT),
        ("pAppData", ctypes.c_void_p),
        *((f"method{number}", ctypes.c_void_p) for number in range(12)),
        ("xCurrentTimeInt64", ctypes.c_void_p),
        ("xSetSystemCall", ctypes.PYFUNCTYPE(_INT, ctypes.c_void_p, _TEXT, ctypes.c_void_p)),
        ("xGetSystemCall", ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, _TEXT)),
    )


_kept: list[Any] = []
"""SQLite holds addresses only: what stands behind them must stay."""


def before_each(reach: Callable[[str, str | None, bool], None]) -> bool:
    """Call `reach(name, path, effect)` before each of these calls, for the rest of this process.

    `path` is told where the call has one, and `effect` says whether the disk may change.

    False, and nothing is done, where this Python's SQLite cannot be taken hold of (it is linked into it).
    """
    try:
        library = ctypes.CDLL(_sqlite3.__file__)
        find = library.sqlite3_vfs_find
    except (AttributeError, OSError):
        return False
    find.restype, find.argtypes = ctypes.POINTER(_Vfs), (_TEXT,)
    vfs = find(None)
    for name, (result, *arguments) in _CALLS.items():
        # The error number of the real call has to come through both crossings between C and Python.
        kind = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
        address = vfs.contents.xGetSystemCall(vfs, name.encode())
        if address:
            wrapped = kind(functools.partial(_wrapped, reach, name, kind(address)))
            _kept.append(wrapped)
            vfs.contents.xSetSystemCall(vfs, name.encode(), ctypes.cast(wrapped, ctypes.c_void_p))
    return True


def _wrapped(
    reach: Callable[[str, str | None, bool], None], name: str, call: Callable[..., int], *arguments: Any
) -> int:
    path = os.fsdecode(arguments[0]) if isinstance(arguments[0], bytes) else None
    reach(name, path, name in _EFFECTS or (name == "open" and bool(arguments[1] & os.O_CREAT)))
    return call(*arguments)
