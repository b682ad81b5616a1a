"""What the service counts, as OpenMetrics text: numbers, and nobody's name (https://prometheus.io/docs/specs/om/)."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from daemon import scrape
from daemon.answering import Answering
from daemon.metrics_place import Place

if TYPE_CHECKING:
    import select
    from collections.abc import Callable, Iterator, Mapping

    from daemon.figures import Figures
    from daemon.report import Report
    from daemon.standing import Standing

_OUTCOMES = ("done", "put_off", "permission_needed", "configuration_wrong", "failed", "killed", "timed_out")
"""Each is told from the start, as 0: what rises from nothing is no rise."""
_ESCAPES = {"\\": "\\\\", "\n": "\\n", '"': '\\"'}


class _Family(NamedTuple):
    """A metric: its samples are a suffix of its name, labels and a value; None where it is not known."""

    name: str
    kind: str
    about: str
    samples: tuple[tuple[str, Mapping[str, str], float | None], ...]
    unit: str = ""


class Metrics:
    """The counters. What only a cycle knows is as the last one told it."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._outcomes = dict.fromkeys(_OUTCOMES, 0)
        self._seconds: float | None = None
        self._ended: float | None = None
        self._problems: int | None = None
        self._placed = self._withdrawn = 0
        self._figures: Figures | None = None

    def ended(self, event: str, seconds: float, at: datetime, told: Report | None) -> None:
        """A cycle has ended: the event of the log, how long it took, and what it told."""
        outcome = event.replace("cycle.", "").replace(".", "_")
        self._outcomes[outcome] = self._outcomes.get(outcome, 0) + 1
        self._seconds, self._ended = seconds, at.timestamp()
        if told is None:
            return
        self._problems = told.problems
        self._placed += told.placed
        self._withdrawn += told.withdrawn
        self._figures = told.figures or self._figures

    def text(self) -> bytes:
        """All of them now, as the body of an answer."""
        lines = [line for family in self._families() for line in _lines(family)]
        return "\n".join([*lines, "# EOF", ""]).encode()

    def _families(self) -> Iterator[_Family]:
        told = self._standing.told
        version = {"version": str(told["version"] or "unknown")}
        yield _Family("afterword_build", "info", "The version that runs.", (("_info", version, 1),))
        yield from self._of_cycles(told)
        waiting = None if self._figures is None else self._figures.waiting
        yield _gauge("afterword_drafts_waiting", "Drafts that wait for you to send them.", waiting)
        yield _counter("afterword_drafts_placed", "Drafts placed since the service started.", self._placed)
        yield _counter("afterword_drafts_withdrawn", "Drafts taken away since the service started.", self._withdrawn)
        sources = self._figures.stale.items() if self._figures is not None else ()
        stale = tuple(("", {"source": name}, float(one)) for name, one in sorted(sources))
        yield _Family(
            "afterword_source_stale", "gauge", "1 where a source does not answer: what was known is used.", stale
        )
        configuration = told["configuration"] or {}
        refused = float(bool(configuration.get("refused")))
        yield _gauge("afterword_configuration_refused", "1 where the last good configuration goes on.", refused)
        yield _counter("afterword_wakeups", "How often the loop has turned.", told["wakeups"])
        yield from _of_process(told)

    def _of_cycles(self, told: Mapping[str, object]) -> Iterator[_Family]:
        counts = tuple(("_total", {"outcome": name}, count) for name, count in self._outcomes.items())
        yield _Family("afterword_cycles", "counter", "Cycles that have ended, by how they did.", counts)
        cycle = told["cycle"]
        runs = isinstance(cycle, dict) and cycle.get("ended") is None
        yield _gauge("afterword_cycle_running", "1 while a cycle is under way.", float(runs))
        about = "How long the last cycle took."
        yield _gauge("afterword_cycle_duration_seconds", about, self._seconds, "seconds")
        about = "When the last cycle ended."
        yield _gauge("afterword_last_cycle_timestamp_seconds", about, self._ended, "seconds")
        about = "By when the next cycle begins."
        yield _gauge("afterword_next_cycle_timestamp_seconds", about, _instant(told["next"]), "seconds")
        about = "Cycles that came to nothing, since the last one that did not."
        failures = told["failures"]
        yield _gauge("afterword_consecutive_failures", about, failures if isinstance(failures, int) else None)
        yield _gauge("afterword_problems", "Problems that the last cycle told.", self._problems)


class Metered:
    """The counters, at the place where they are asked for."""

    def __init__(self, where: str, poll: select.poll, standing: Standing) -> None:
        self.metrics = Metrics(standing)
        self._place = Place(where)
        self.answering = Answering(poll, self._place.listen, self._answer, self._place.failed)

    def _answer(self, heard: bytes) -> bytes | None:
        return scrape.answer(heard, self._place.hosts, self.metrics.text)


def _of_process(told: Mapping[str, object]) -> Iterator[_Family]:
    """As all processes tell them (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics)."""
    times = os.times()
    yield _counter("process_cpu_seconds", "Time of a processor.", round(times.user + times.system, 2), "seconds")
    yield _gauge("process_start_time_seconds", "When it started.", _instant(told["since"]), "seconds")
    yield _gauge("process_resident_memory_bytes", "Memory in use.", _or_none(_resident), "bytes")
    yield _gauge("process_open_fds", "Open files.", _or_none(lambda: len(os.listdir("/proc/self/fd")) - 1))  # noqa: PTH208 - pathlib costs the service 2 MB


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - see above
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _or_none(look: Callable[[], int]) -> int | None:
    try:
        return look()
    except (OSError, ValueError, IndexError):  # no /proc
        return None


def _instant(told: object) -> float | None:
    return datetime.fromisoformat(told).timestamp() if isinstance(told, str) else None


def _gauge(name: str, about: str, value: float | None, unit: str = "") -> _Family:
    return _Family(name, "gauge", about, (("", {}, value),), unit)


def _counter(name: str, about: str, value: float, unit: str = "") -> _Family:
    return _Family(name, "counter", about, (("_total", {}, value),), unit)


def _lines(family: _Family) -> Iterator[str]:
    known = [(suffix, labels, value) for suffix, labels, value in family.samples if value is not None]
    if not known:
        return
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {_escaped(family.about)}"
    for suffix, labels, value in known:
        pairs = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{family.name}{suffix}{'{' + pairs + '}' if pairs else ''} {_number(value)}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
