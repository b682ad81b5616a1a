"""What the page Health tells: what needs the user, the service, the sources, the last cycles, the backups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.problem import Problem
from daemon import backups, running
from daemon.cli import running_told, status_told
from daemon.cli.backup import what_of
from daemon.cli.google import google_line
from daemon.cli.output import plain
from daemon.health import health, of_state
from daemon.review.durations import durations
from daemon.review.logbook import log
from daemon.review.told import parts, troubles
from daemon.source_names import calendar_called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli.call import Call
    from daemon.failure import Failure
    from daemon.health import Health
    from daemon.ledger import Ledger
    from daemon.review.logbook import Log
    from daemon.review.told import Part, Trouble
    from rules.almanac import Almanac

START = (
    "The service does not run, so nothing happens by itself. `afterword service install` lets it run from now on; "
    "`afterword once` runs a single cycle."
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing and how it is; `well` is None where it is neither good nor bad."""

    name: str
    words: tuple[Part, ...]
    well: bool | None = None
    trouble: tuple[Trouble, ...] = ()
    """Why a source does not answer, and what is to be done."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """Everything that is told. `log` is None where the ledger cannot be read."""

    needs: tuple[Trouble, ...]
    facts: tuple[Fact, ...]
    sources: tuple[Fact, ...]
    log: Log | None
    following: tuple[Part, ...] = ()
    """The command to type next, where there is one: that needs the user too."""

    @property
    def well(self) -> bool:
        """Whether nothing at all needs the user, nor a look."""
        return not (self.needs or self.following or any(one.well is False for one in (*self.facts, *self.sources)))


def vitals(call: Call, ledger: Ledger) -> Vitals:
    """How it stands at this moment; as `afterword status` has it.

    Raises:
        LedgerError, Failure: the ledger cannot be read.
    """
    ledger.verify()
    found = health(call.folder, call.state, ledger, call.now(), call.build)
    sources = tuple(_sources(found, call.options))
    return Vitals(
        troubles(found.problems, call.options),
        tuple(_facts(found, call.options)),
        sources,
        log(ledger, found.sight, durations(found.service)),
        _following(call, found),
    )


def without_ledger(call: Call, failure: Failure) -> Vitals:
    """What can be told where the ledger cannot be read."""
    service = running.ask(call.state)
    unreadable = Problem(None, None, None, None, failure.message, failure.hint)
    others = [one for one in of_state(call.state, service) if one != unreadable]
    runs = running_told.in_short(service) if running.can_be_seen(call.state) else "cannot be seen from here"
    facts = (
        Fact("Service", parts(runs, call.options), None if service else False),
        Fact("Ledger", parts("cannot be read", call.options), well=False),
    )
    return Vitals(troubles([unreadable, *others], call.options), facts, (), None)


def _following(call: Call, found: Health) -> tuple[Part, ...]:
    if found.service is None and found.last is not None:
        return parts(START, call.options)
    google = found.google is not None and found.google.by_command
    if (found.last is None and not found.lost) or google:
        before = "" if found.last else "Nothing has run yet. "
        return parts(f"{before}Next: `{status_told.next_command(call, found)}`", "")
    return ()


def _facts(found: Health, options: str) -> Iterator[Fact]:
    sight, service = found.sight, found.service
    answers = None if service is None else service["answers"] is not False
    runs = running_told.in_words(service, sight.almanac, sight.now)
    yield Fact("Service", parts(runs, options), bool(answers))
    if service is not None and service.get("version"):
        yield Fact("Version", parts(str(service["version"]), options))
    well = None if found.last is None else not found.last[1]
    yield Fact("Last cycle", parts(status_told.of_cycle(found), options), well)
    if found.lost:
        yield Fact("Ledger", parts("gone, and there are backups of it", options), well=False)
    if found.restored:
        yield Fact("Ledger", parts(status_told.of_restored(found.restored, sight), options))
    if sight.wrong:
        words = "wrong; the last good one is in force" if found.last_good else "wrong"
        yield Fact("Configuration", parts(words, options), well=False)
    elif told := status_told.of_configuration(found):
        yield Fact("Configuration", parts(told, options), well="refused" not in told)
    if found.last is not None or found.waiting or found.gone:
        yield Fact("Drafts", parts(status_told.of_drafts(found), options))
        if sight.house is not None:
            yield Fact("Next note", parts(status_told.of_next(found), options))


def _sources(found: Health, options: str) -> Iterator[Fact]:
    for name, one in found.sources.items():
        well = None if one.ok_at is None and one.failed_since is None else one.failed_since is None
        trouble = () if one.problem is None or well else troubles([one.problem], options)
        words = parts(status_told.of_source(found, name, one), options)
        yield Fact(plain(calendar_called(name)), words, well, trouble)
    if found.google is not None:
        one_problem = found.google.problem
        yield Fact("Google", parts(google_line(found.google, found.sight, ""), options), one_problem is None)


@dataclass(frozen=True, slots=True)
class BackupTold:
    """A backup: the name of its file, why it was made, what it holds, and whether it can be put back."""

    name: str
    kind: str
    holds: str
    sound: bool


def backups_told(call: Call, almanac: Almanac) -> tuple[BackupTold, ...]:
    """All that are there, the newest first; each is looked through, which takes its time."""
    there = backups.several(call.state)
    told = ((one, plain(what_of(one, almanac))) for one in there)
    return tuple(BackupTold(plain(one.file.name), str(one.kind), holds, one.is_sound) for one, holds in told)
