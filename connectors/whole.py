"""Files that are there whole or not at all, for their owner's eyes only, wherever a process dies that writes them."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put this text in the place of the file: mode 0600.

    What a process leaves half written that dies, the next one writes over: a secret does not pile up in copies.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    replace(path, lambda: text)


def replace(path: Path, change: Callable[[], str | None]) -> None:
    """As `write`, with the text that `change` gives; with None all stays as it is.

    Nobody else writes while it looks at what is there: a command may give a permission while a cycle renews an old one.

    Raises:
        OSError: as `write`; and what `change` raises.
    """
    half = path.with_name(f".{path.name}.new")
    done = False
    with _held(half) as descriptor:
        try:
            text = change()
            if text is not None:
                _fill(descriptor, text)
                half.replace(path)
                done = True
        finally:
            if not done:
                half.unlink(missing_ok=True)
    if done:
        make_durable(path.parent)


def make(path: Path, fill: Callable[[Path], None]) -> None:
    """As `write`, with what `fill` puts into the empty file that it is given: something too large for a text.

    Raises:
        OSError: as `write`; and what `fill` raises.
    """
    half = path.with_name(f".{path.name}.new")
    done = False
    with _held(half) as descriptor:
        try:
            os.ftruncate(descriptor, 0)
            fill(half)
            if not _is_at(half, descriptor):
                raise OSError(errno.ESTALE, "somebody else laid another file in its place", str(half))
            os.fsync(descriptor)
            half.replace(path)
            done = True
        finally:
            if not done:
                half.unlink(missing_ok=True)
    make_durable(path.parent)


def _fill(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    with os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as file:
        file.write(text)
    os.fsync(descriptor)


def make_durable(folder: Path) -> None:
    """Make the names in a folder durable. Some network file systems know no such thing (fsync(2), EINVAL).

    Raises:
        OSError: it cannot be done.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _held(half: Path) -> Iterator[int]:
    """Open it, and let nobody else write to it."""
    while True:
        if half.is_symlink():
            half.unlink()  # no one of ours made it
        descriptor = os.open(half, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(half, descriptor):  # else whoever held it has put it in its place
                os.fchmod(descriptor, 0o600)  # one that was left over may have any mode
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def sweep(folder: Path) -> None:
    """Remove what processes left half written that died, and nobody is writing now."""
    for half in folder.glob(".*.new"):
        with suppress(OSError):
            descriptor = os.open(half, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(half, descriptor):
                    half.unlink()
            finally:
                os.close(descriptor)
