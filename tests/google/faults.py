"""What goes wrong between here and Google, ordered by a test: an error, a cut connection, half an answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from tests.google.answers import Answer, Refusal


class Cut(Enum):
    """How the connection ends."""

    BEFORE = auto()
    """Nothing was done, and nothing is answered."""
    DONE = auto()
    """It was done, and nothing is answered."""
    HALF = auto()
    """It was done, and half of the answer comes."""


Order = Cut | Refusal | Callable[[], object]
"""What is ordered; a function is what somebody does just before the request is answered."""


@dataclass
class Fault:
    """One order: for the next `times` requests whose path, or whose "POST path", has this expression in it.

    The first `skip` of them pass.
    """

    pattern: str
    what: Order
    times: int
    skip: int = 0

    def meets(self, verb: str, path: str) -> bool:
        return self.times > 0 and any(re.search(self.pattern, one) for one in (path, f"{verb} {path}"))


class Faults:
    """The orders of a test, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, pattern: str, what: Order, times: int, skip: int = 0) -> None:
        with self._lock:
            self._faults.append(Fault(pattern, what, times, skip))

    def take(self, verb: str, path: str) -> Order | None:
        """What shall happen to this request."""
        with self._lock:
            for fault in self._faults:
                if not fault.meets(verb, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault.what
        return None

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._faults.clear()


def refused(refusal: Refusal, path: str) -> Answer:
    """An error in the form of what was asked: the token endpoint has one of its own (RFC 6749 section 5.2)."""
    if path == "/token":
        document = {"error": refusal.reason, "error_description": refusal.message}
        return Answer(refusal.status, document, refusal.headers)
    return refusal.answer(path)
