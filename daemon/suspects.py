"""What was being parsed when a cycle died: tried again in a child, and set aside by its hash if it kills again."""

from __future__ import annotations

import json
import os
import resource
from typing import TYPE_CHECKING

from connectors.base import Flaw
from connectors.calendars.budget import Budget
from connectors.calendars.errors import SetAside
from connectors.calendars.expand import Expansion, expand
from daemon.ledger.columns import from_microseconds, to_microseconds
from daemon.ledger.meetings import meetings_text, read_meetings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from connectors.calendars.sheet import Group
    from daemon.ledger import Ledger
    from daemon.window import Question

NAME = "parsing"
"""The file in the state folder with the digest of the event that is being parsed."""
KILLERS = "killers"
"""Under this key the ledger keeps the digests that ended a cycle."""
CPU_SECONDS = 10
MEMORY = 1024**3
"""What a suspect may use on its trial; far more than any event needs."""


class Watch:
    """Expands events, and remembers which one it is at, in a way that survives `kill -9`.

    The note is a few bytes in a plain file, overwritten for each event and not synced: it is meant to outlive
    the process, not the machine. Being noted there proves little (a laptop's lid, `kill`), so the suspect gets a
    trial of its own before it is set aside. With `write=False` nothing on the disk is touched.
    """

    def __init__(self, ledger: Ledger, *, write: bool) -> None:
        self._ledger = ledger
        self._file = ledger.folder / NAME
        self._write = write
        self._descriptor: int | None = None
        self._killers: dict[str, str] = json.loads(ledger.recall(KILLERS) or "{}")
        self._suspect = self._file.read_text("utf-8", "replace") if self._file.is_file() else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def expand(self, group: Group, digest: str, question: Question, budget: Budget) -> Expansion:
        """`connectors.calendars.expand.expand`, under watch; `digest` is the same as long as the event is.

        Raises:
            SetAside: also for an event that ended a cycle.
        """
        if digest in self._killers:
            raise SetAside(group.uid, self._killers[digest])
        if digest == self._suspect:
            answer = _trial(group, question)
            if answer is None:
                self._killers[digest] = "reading it ended a cycle, and again when it was tried apart from the rest"
                self._ledger.keep(KILLERS, json.dumps(self._killers))
                raise SetAside(group.uid, self._killers[digest])
            return _verdict(answer, group.uid, question.calendar)
        self._note(digest)
        return _expand(group, question, budget)

    def _note(self, digest: str) -> None:
        if not self._write:
            return
        if self._descriptor is None:
            self._descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.pwrite(self._descriptor, digest.encode(), 0)


def _expand(group: Group, question: Question, budget: Budget) -> Expansion:
    window = question.window
    return expand(group, question.calendar, window.expanded_from, window.expanded_to, zone=question.zone, budget=budget)


def _trial(group: Group, question: Question) -> str | None:
    """What a forked child with limits makes of the event, as JSON; None where it dies of it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(ours)
            _lower(resource.RLIMIT_CPU, CPU_SECONDS)
            _lower(resource.RLIMIT_AS, MEMORY)
            with os.fdopen(theirs, "w", encoding="utf-8") as pipe:
                pipe.write(_testimony(group, question))
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else None


def _lower(kind: int, most: int) -> None:
    """Set a limit, where there is no lower one already."""
    soft, hard = resource.getrlimit(kind)
    known = [value for value in (soft, hard) if value != resource.RLIM_INFINITY]
    resource.setrlimit(kind, (min([most, *known]), hard))


def _testimony(group: Group, question: Question) -> str:
    try:
        expansion = _expand(group, question, Budget())
    except SetAside as error:
        return json.dumps({"set_aside": [error.message, error.hint]})
    first, last = expansion.span
    return json.dumps(
        {
            "meetings": meetings_text(expansion.meetings),
            "recurring": expansion.recurring,
            "span": [to_microseconds(first), None if last is None else to_microseconds(last)],
            "flaws": [flaw.message for flaw in expansion.flaws],
        }
    )


def _verdict(answer: str, uid: str, calendar: str) -> Expansion:
    told = json.loads(answer)
    if "set_aside" in told:
        message, hint = told["set_aside"]
        raise SetAside(uid, message, hint)
    ((_, meetings),) = read_meetings(calendar, [(uid, told["meetings"])])
    first, last = told["span"]
    return Expansion(
        meetings,
        recurring=told["recurring"],
        span=(from_microseconds(first), None if last is None else from_microseconds(last)),
        flaws=tuple(Flaw(message) for message in told["flaws"]),
    )
