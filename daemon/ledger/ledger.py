"""The ledger as the cycle and the commands use it: each method is one transaction, or none."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from daemon.ledger import followups, notebook
from daemon.ledger.ballast import Ballast
from daemon.ledger.errors import LedgerFull, LedgerGone, LedgerReadOnly, corrupt, making_sense, telling
from daemon.ledger.model import Event, Intent, IntentKind, Part, SourceState
from daemon.ledger.notes import Notes
from daemon.ledger.store import (
    NAME,
    copy_in_memory,
    driver,
    is_sound,
    open_for_looking,
    open_for_writing,
    statement,
    transaction,
    version,
)
from rules.history import Record, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from config.problem import Problem
    from rules.history import Told

T = TypeVar("T")


class Ledger(Notes):
    """What Afterword remembers. Not for two threads at once; for any number of processes.

    Every method raises `LedgerError` where the file cannot be read or written; nothing is half written then.
    """

    def __init__(self, engine: Engine, file: Path, *, write: bool, durable: bool = False) -> None:
        self._engine = engine
        # One for all its life: to borrow one anew for each of a cycle's hundred statements costs as much as they do.
        self._connection = engine.connect()
        self._file = file
        self._write = write
        self._ballast = Ballast(file, kept=write and durable)
        self._seen: dict[str, Record] = {}
        self._scratch: Ledger | None = None
        self._sound = False
        self._read: dict[Part, tuple[int, Any]] = {}

    @classmethod
    def open(cls, folder: Path, *, write: bool = True, durable: bool = True) -> Ledger:
        """The ledger in this state folder.

        With `write`, folder and file are made where missing and the schema is brought to the present, after
        a backup. Without, nothing on the disk changes, whatever is or is not there. Only a ledger that may be
        lost in a power cut (that of the demo) is not `durable`, and quicker for it.
        """
        folder = folder.absolute()
        engine = open_for_writing(folder, durable=durable) if write else open_for_looking(folder)
        return cls(engine, folder / NAME, write=write, durable=durable)

    @property
    def folder(self) -> Path:
        """The state folder."""
        return self._file.parent

    @property
    def writable(self) -> bool:
        """Whether it was opened for writing."""
        return self._write

    def close(self) -> None:
        """Let go of the file."""
        if self._scratch is not None:
            self._scratch.close()
        self._connection.close()
        self._engine.dispose()

    def scratch(self) -> Ledger:
        """A copy of it all in memory, to be written in freely: what looking would have changed. Always the same."""
        if self._scratch is None:
            with telling(self._file):
                self._scratch = Ledger(copy_in_memory(self._engine), self._file, write=True)
        return self._scratch

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the ledger throughout."""
        with telling(self._file), transaction(self._connection), making_sense(self._file):
            yield self._connection

    def verify(self) -> None:
        """Look at every page, once: a ledger that is damaged anywhere is not one to draft by.

        Else damage in an old page might be met only when a draft is placed already, and cannot be written down.

        Raises:
            LedgerCorrupt: a page is not what it should be.
        """
        if not self._sound:
            with telling(self._file), statement(self._connection):
                self._sound = is_sound(self._connection)
            if not self._sound:
                raise corrupt(self._file)

    def back_up(self, target: Path) -> None:
        """Copy it to this file, as `daemon.ledger.copies` does: OSError where there is no room there, or no leave."""
        from daemon.ledger.copies import write  # noqa: PLC0415 - once a day

        with telling(self._file):
            write(driver(self._connection), self._file, target)

    @contextmanager
    def writing(self, *parts: Part) -> Iterator[Connection]:
        """A transaction that holds the write lock from its beginning; all of it or nothing.

        `parts` are those that it changes; where none is named, all of them.
        """
        if not self._write:
            raise LedgerReadOnly(
                f"The ledger {self._file} was opened for looking only.", "Open it for writing.", file=self._file
            )
        try:
            with telling(self._file), transaction(self._connection, write=True):
                yield self._connection
        finally:
            self._read = {part: found for part, found in self._read.items() if parts and part not in parts}

    def _intending(self, *parts: Part) -> AbstractContextManager[Connection]:
        """As `writing`, in a ledger that is sound, and with room kept for what comes of it."""
        self.verify()
        self._ballast.keep()
        return self.writing(*parts)

    def _surely(self, write: Callable[[Connection], T], *parts: Part) -> T:
        """As `writing`; where the disk is full and an intent open, in the room that was kept for what came of it."""
        try:
            with self.writing(*parts) as connection:
                return write(connection)
        except LedgerFull:
            if not (self._once(Part.INTENTS, followups.open_intents) and self._ballast.let_go()):
                raise
        with self.writing(*parts) as connection:
            return write(connection)

    def _once(self, part: Part, read: Callable[[Connection], T]) -> T:
        """What `read` finds with its one statement; again only where somebody has written since, here or elsewhere."""
        with telling(self._file):
            now = version(self._connection)
        before, found = self._read.get(part, (None, None))
        if before == now:
            return cast(T, found)
        with telling(self._file), statement(self._connection), making_sense(self._file):
            found = read(self._connection)
        self._read[part] = now, found
        return found

    # --- follow-ups ----------------------------------------------------------------------------------------

    def records(self) -> tuple[Record, ...]:
        """All follow-ups, by due."""
        found = self._once(Part.FOLLOW_UPS, followups.all_records)
        self._seen = {record.id: record for record in found}
        return found

    def record(self, id: str) -> Record | None:  # noqa: A002 - the word of every table and of the contract
        """The follow-up of this id."""
        with self.reading() as connection:
            found = followups.one_record(connection, id)
        self._seen |= {id: found} if found else {}
        return found

    def intend(self, record: Record, message: bytes, cause: str, at: datetime) -> bool:
        """Write down, durably, that this draft is about to be placed: record, bytes and intent.

        False, and nothing is written, when the ledger says meanwhile that it must not be: placed, edited,
        sent, vetoed, skipped or snoozed anew, or something is under way for it.
        """
        with self._intending(Part.FOLLOW_UPS, Part.INTENTS) as connection:
            former = followups.one_record(connection, record.id)
            if not followups.may_place(former, record) or followups.has_intent(connection, record.id):
                return False
            planned = replace(record, state=State.PLANNED)
            followups.write_record(connection, planned)
            followups.write_message(connection, planned, message)
            intent = Intent(IntentKind.PLACE, planned, message, None, cause, at)
            followups.open_intent(connection, planned, intent, former)
        self._seen[record.id] = planned
        return True

    def intend_removal(self, record: Record, outcome: State, cause: str, at: datetime) -> bool:
        """Write down that this draft is about to be taken away, and the state that this leads to.

        False, and nothing is written, when the follow-up is not in the ledger as the caller saw it, or
        something is under way for it.
        """
        with self._intending(Part.INTENTS) as connection:
            now = followups.one_record(connection, record.id)
            if not followups.may_remove(now, record) or followups.has_intent(connection, record.id):
                return False
            intent = Intent(IntentKind.REMOVE, record, None, outcome, cause, at)
            followups.open_intent(connection, record, intent, None)
        return True

    def intend_revision(self, record: Record, message: bytes, base: str, cause: str, at: datetime) -> bool:
        """Write down that this message is about to take the place of a draft, of whose bytes `base` is the digest.

        False, and nothing is written, as for `intend_removal`.
        """
        with self._intending(Part.INTENTS) as connection:
            now = followups.one_record(connection, record.id)
            if not followups.may_remove(now, record) or followups.has_intent(connection, record.id):
                return False
            intent = Intent(IntentKind.REVISE, record, message, State.EDITED, cause, at, base)
            followups.open_intent(connection, record, intent, None)
        return True

    def intents(self) -> tuple[Intent, ...]:
        """What was about to be done and is not known to be done, oldest first."""
        found = self._once(Part.INTENTS, followups.open_intents)
        self._seen.update((intent.record.id, intent.record) for intent in found)
        return found

    def settle(
        self, record: Record, cause: str, at: datetime, *further: tuple[Record, str],
        typed: tuple[str, datetime] | None = None,
    ) -> None:  # fmt: skip
        """Write down what came of it: the record, a line of its history, and its intent is closed.

        `further` is what happened to the same follow-up after that. Words that the user had `typed` for it, on top of
        which base and when, are in it then, and no longer kept beside it.
        """

        def write(connection: Connection) -> Record:
            followups.close_intent(connection, record.id)
            saved = followups.save(connection, record, self._seen, cause, at)
            if typed is not None:
                followups.forget_words(connection, record.id, typed)
            for after, why in further:
                saved = followups.save(connection, after, self._seen, why, at)
            return saved

        self._seen[record.id] = self._surely(write, Part.FOLLOW_UPS, Part.INTENTS)

    def abandon(self, id: str, cause: str, at: datetime) -> None:  # noqa: A002 - as above
        """Nothing came of an intent: it is closed, and the record is what it was before it."""

        def write(connection: Connection) -> Record | None:
            state = followups.undo_intent(connection, id)
            if state is not None:
                followups.write_event(connection, id, at, state, cause)
            return followups.one_record(connection, id)

        now = self._surely(write, Part.FOLLOW_UPS, Part.INTENTS)
        self._seen.pop(id, None)
        self._seen |= {id: now} if now else {}

    def save(self, records: Iterable[tuple[Record, str]], at: datetime) -> None:
        """Save changes of state, each with its cause as a line of its history; all or none."""
        with self.writing(Part.FOLLOW_UPS, Part.INTENTS) as connection:
            saved = [followups.save(connection, one, self._seen, cause, at, done=False) for one, cause in records]
        self._seen.update((record.id, record) for record in saved)

    def message(self, id: str, revision: int | None = None) -> bytes | None:  # noqa: A002 - as above
        """The bytes of the draft as it was placed: of this revision, or of the latest."""
        with self.reading() as connection:
            return followups.read_message(connection, id, revision)

    def events(self, id: str) -> tuple[Event, ...]:  # noqa: A002 - as above
        """The history of a follow-up, oldest first."""
        with self.reading() as connection:
            return followups.history(connection, id)

    # --- memory ---------------------------------------------------------------------------------------------

    def recall(self, key: str) -> str | None:
        """The text kept under this key."""
        return self._once(Part.MEMORY, notebook.whole_memory).get(key)

    def keep(self, key: str, text: str | None) -> None:
        """Keep a text under this key; None forgets it."""
        before = self._read.get(Part.MEMORY)
        with self.writing(Part.MEMORY) as connection:
            notebook.keep(connection, key, text)
        self._kept(before, key, text)

    def _kept(self, before: tuple[int, Any] | None, key: str, text: str | None) -> None:
        if before is not None:  # what another process wrote shows in the version that was read
            self._read[Part.MEMORY] = before[0], notebook.with_kept(before[1], key, text)

    # --- nudges --------------------------------------------------------------------------------------------

    def told(self) -> tuple[Told, ...]:
        """What was brought to the user's mind, oldest first."""
        return self._once(Part.NUDGES, notebook.all_told)

    def tell(self, several: Iterable[tuple[Told, str]]) -> None:
        """This was brought to mind, each with a line for the history of its follow-up ("" for none); all or none."""
        with self.writing(Part.NUDGES) as connection:
            for told, cause in several:
                notebook.tell(connection, told)
                record = followups.one_record(connection, told.subject) if cause else None
                if record is not None:
                    followups.write_event(connection, record.id, told.at, record.state, cause)

    def forget_told(self, subject: str, kind: str) -> None:
        """It may be brought to mind again."""
        with self.writing(Part.NUDGES) as connection:
            notebook.forget_told(connection, subject, kind)

    # --- cycles and sources --------------------------------------------------------------------------------

    def begin_cycle(self, at: datetime, forget: str = "") -> int:
        """A cycle begins that will look at everything; its number. What is kept under `forget` is gone with that."""
        self.verify()
        before = self._read.get(Part.MEMORY)

        def write(connection: Connection) -> int:
            notebook.keep(connection, forget, None)
            return notebook.begin_cycle(connection, at)

        number = self._surely(write, Part.CYCLES, Part.MEMORY)
        self._kept(before, forget, None)
        return number

    def end_cycle(self, number: int, at: datetime, problems: Sequence[Problem]) -> None:
        """The cycle came to its end, with these problems.

        Raises:
            LedgerGone: no cycle of this number began.
        """
        with self.writing(Part.CYCLES) as connection:
            if not notebook.end_cycle(connection, number, at, problems):
                raise LedgerGone(f"No cycle {number} is in the ledger {self._file}.", "Start a new one.")

    def quiet_cycle(self, at: datetime, sources: Iterable[str]) -> None:
        """A cycle in which nothing was to be done: the sources answered, and the problems are those of the last."""
        with self.writing(Part.CYCLES, Part.SOURCES) as connection:
            last = notebook.last_cycle(connection)
            notebook.end_cycle(connection, notebook.begin_cycle(connection, at), at, last[1] if last else ())
            for source in sources:
                notebook.source_ok(connection, source, at)

    def last_cycle(self) -> tuple[datetime, tuple[Problem, ...]] | None:
        """When the last finished cycle ended, and its problems."""
        return self._once(Part.CYCLES, notebook.last_cycle)

    def source_failed(self, source: str, at: datetime, problem: Problem) -> None:
        """The source does not answer; since when is kept from the first failure on."""
        with self.writing(Part.SOURCES) as connection:
            notebook.source_failed(connection, source, at, problem)

    def source_ok(self, source: str, at: datetime) -> None:
        """The source answered."""
        with self.writing(Part.SOURCES) as connection:
            notebook.source_ok(connection, source, at)

    def sources(self) -> dict[str, SourceState]:
        """How each source is."""
        return dict(self._once(Part.SOURCES, notebook.all_sources))
