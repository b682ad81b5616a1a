"""Whatever the page, the mail program, the cycle and the mailbox do in whatever order: no word of the user is lost."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from connectors.base import ConnectorError, Folder, TransientError
from connectors.mailboxes.memory import Memory
from connectors.message import content
from daemon.cycle import run
from daemon.kept_words import kept_words
from daemon.ledger import Ledger
from daemon.revise import Conflict, DraftNow, Missing, Saved, read_draft, revise
from rules.history import State
from tests.build import at
from tests.cases.home import Home
from tests.house import event
from tests.thorough import examples

if TYPE_CHECKING:
    from daemon.view import House
    from rules.history import Record

STEP = timedelta(minutes=20)


class Review(RuleBasedStateMachine):
    """One draft, one page, one mail program. The model: the text that lies there, and where."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="review"))
        home = Home.make(self.root / "home")
        home.put("one", event("one", "2026-03-03 10:00", "ana@one.example"))
        self.memory = Memory(frozenset({"robin@example.org"}))
        self.house: House = replace(home.house(), mailbox=self.memory)
        self.ledger = Ledger.open(home.state, durable=False)
        self.now = at("2026-03-03 09:00")
        run(self.house, self.ledger, self.now)
        self.now = at("2026-03-03 13:00")
        run(self.house, self.ledger, self.now)
        (record,) = self.ledger.records()
        self.id, self.name = record.id, record.message_id
        self.ref = self.memory.ref(self.name)
        self.lies = self.text()
        self.where = "drafts"
        self.shown: DraftNow | None = None
        self.typed = 0
        self.unsaved: str | None = None
        self.unsure = False

    def teardown(self) -> None:
        with closing(self.ledger):
            shutil.rmtree(self.root)

    def text(self) -> str:
        raw = self.memory._mails[self.ref].message
        return content(raw).text

    def words(self) -> str:
        self.typed += 1
        return f"Words {self.typed}\n"

    @rule()
    def look(self) -> None:
        with suppress(ConnectorError):
            seen = read_draft(self.ledger, self.memory, self.house.configuration.me, self.record())
            assert isinstance(seen, DraftNow) == (self.where == "drafts" and self.record().state in OPEN)
            self.shown = seen if isinstance(seen, DraftNow) else None
            if self.shown is not None and not self.unsure:
                assert self.shown.text == self.lies

    @precondition(lambda self: self.shown is not None)
    @rule(forgetful=st.booleans())
    def save(self, forgetful: bool) -> None:
        assert self.shown is not None
        text, me = self.words(), self.house.configuration.me
        self.now += STEP
        try:
            done = revise(
                self.ledger, self.memory, me, self.record(), self.shown.base, "Hi", text, self.now, patience=0
            )
        except ConnectorError:
            self.unsaved, self.unsure = text, True
            return
        if isinstance(done, Saved):
            assert self.unsure or self.shown.text == self.lies
            self.lies, self.unsaved, self.shown, self.unsure = text, None, done.draft, False
            assert self.record().state is State.EDITED
            return
        assert isinstance(done, Conflict | Missing)
        self.unsaved = text
        if isinstance(done, Conflict):
            assert self.unsure or done.draft.text == self.lies != self.shown.text
            self.lies, self.unsure = done.draft.text, False
            self.shown = self.shown if forgetful else done.draft

    @precondition(lambda self: self.where == "drafts")
    @rule()
    def edit_in_the_mail_program(self) -> None:
        self.lies, self.unsure = self.words(), False
        old = self.memory._mails[self.ref].message
        head = old.partition(b"\n\n")[0].replace(b"quoted-printable", b"8bit")
        self.memory.edit(self.ref, head + b"\n\n" + self.lies.encode())

    @precondition(lambda self: self.where == "drafts")
    @rule(act=st.sampled_from(["open", "trash", "send"]))
    def take_it_out_of_drafts(self, act: str) -> None:
        getattr(self.memory, act)(self.ref)
        self.where = act

    @precondition(lambda self: self.where == "open")
    @rule()
    def close_it(self) -> None:
        self.memory.close(self.ref)
        self.where = "drafts"

    @rule(operation=st.sampled_from(["replace", "find", "read", "remove"]), done=st.booleans())
    def the_mailbox_will_fail(self, operation: str, done: bool) -> None:
        self.memory.fail(operation, TransientError("no answer"), done=done)

    @rule()
    def a_cycle(self) -> None:
        self.now += STEP
        self.memory._faults.clear()
        run(self.house, self.ledger, self.now)
        assert self.ledger.intents() == ()
        kept = kept_words(self.ledger, self.id)
        if self.unsaved is not None and kept is None:
            assert self.text() == self.unsaved  # settled: it was saved after all
            self.lies, self.unsaved = self.unsaved, None
        self.unsure = False

    @invariant()
    def there_is_one_draft_and_no_word_is_lost(self) -> None:
        drafts = [one for one in self.memory._mails.values() if one.folder is Folder.DRAFTS]
        assert len(drafts) == (self.where in {"drafts", "open"})
        assert self.unsure or self.text() == self.lies
        kept = kept_words(self.ledger, self.id)
        assert self.unsaved is None or (kept is not None and kept.text == self.unsaved) or self.text() == self.unsaved
        assert self.unsaved is not None or kept is None

    def record(self) -> Record:
        (record,) = self.ledger.records()
        return record


OPEN = {State.PLACED, State.EDITED}


def test_in_whatever_order_things_happen_no_word_is_lost() -> None:
    run_state_machine_as_test(
        Review,
        settings=settings(max_examples=examples(15), stateful_step_count=20, deadline=None, derandomize=True),
    )
