"""Whether an expression of the user gets through some texts in time, whoever asks: a command, or a thread of the page.

Python reads a whole text without letting another thread in, and hears a clock in its main thread alone. So elsewhere
a process of its own tries it first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from connectors.calendars.budget import TimeIsUpError, limit
from rules.match import as_read, expressed

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM = """
import json, re, signal, sys
asked = json.load(sys.stdin)
place = 0
def ring(*_):
    print(place)
    sys.stdout.flush()
    raise SystemExit
signal.signal(signal.SIGVTALRM, ring)
expression = re.compile(asked["expression"], re.IGNORECASE)
signal.setitimer(signal.ITIMER_VIRTUAL, asked["seconds"])
for place, text in enumerate(asked["texts"]):
    expression.search(text)
"""
_STUCK = 10.0
"""Seconds on the wall after which it is ended, be the machine ever so busy."""
_MOST = 1 << 16
_passed: set[tuple[str, str]] = set()
"""What was got through in time, while this process lives."""


def stumbles(expression: str, texts: Sequence[str], seconds: float) -> str | None:
    """The text for which it takes longer than so many seconds of computing, over all of them; None where it does not.

    What it got through in time, `expressed` can be asked.
    """
    if threading.current_thread() is not threading.main_thread():
        return _apart(expression, texts, seconds)
    current = ""
    try:
        with limit(seconds):
            for current in texts:
                expressed(expression, current)
    except TimeIsUpError:
        return current
    return None


def _apart(expression: str, texts: Sequence[str], seconds: float) -> str | None:
    left = [text for text in texts if (expression, text) not in _passed]
    if not left:
        return None
    asked = {"expression": expression[1:-1], "texts": [*map(as_read, left)], "seconds": seconds}
    try:
        done = subprocess.run(  # noqa: S603 - Python itself, and a program of ours
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps(asked),
            capture_output=True,
            encoding="utf-8",
            timeout=seconds + _STUCK,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return left[0]
    if done.returncode != 0 or (place := done.stdout.strip()):
        return left[int(place)] if done.returncode == 0 else left[0]
    if len(_passed) + len(left) > _MOST:
        _passed.clear()
    _passed.update((expression, text) for text in left)
    return None
