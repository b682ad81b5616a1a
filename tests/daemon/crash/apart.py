"""A child of the test in which all may be turned inside out: it answers through a pipe, or is killed at a point."""

from __future__ import annotations

import gc
import os
import pickle
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Told = TypeVar("Told")

KILLED = 9
_FAILED = 3


def apart(work: Callable[[], Told]) -> Told:
    """What `work` returns in a child of its own. What goes wrong there fails the test, with its story."""
    reader, writer = os.pipe()
    child = fork()
    if child == 0:
        os.close(reader)
        gc.freeze()  # what the test runner holds is not looked through again and again
        code = _FAILED
        try:
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(_answer(work), pipe)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    answer: Told
    answer, story = pickle.loads(told)
    assert not story, story
    return answer


def _answer(work: Callable[[], Told]) -> tuple[Told | None, str]:
    try:
        return work(), ""
    except BaseException:  # noqa: BLE001 - told to the test, which fails by it
        return None, traceback.format_exc()


def killed(work: Callable[[], object]) -> bool:
    """Run `work` in a child; whether it was killed at a point (`os._exit(KILLED)`) before it came to its end."""
    child = fork()
    if child == 0:
        code = _FAILED
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the exit code tells of it
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}
    return code == KILLED


def fork() -> int:
    """`os.fork`, of which Python 3.12 warns where the test runner has threads: the child uses none of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
