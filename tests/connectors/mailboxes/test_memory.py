from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.base import Folder, TransientError
from connectors.mailboxes.memory import Memory
from tests.conformance.mailboxes import DANA, MINE, Fresh, InboxSuite, mail, seen

RECEIVED = datetime(2026, 3, 3, 12, tzinfo=UTC)
ONE = "<one@example.org>"


class MemoryUser:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def deliver(self, folder: Folder, message: bytes) -> None:
        self._memory.deliver(message, RECEIVED, folder)

    def move(self, message_id: str, folder: Folder) -> None:
        ref = self._memory.ref(message_id)
        if folder is Folder.SENT:
            self._memory.send(ref)
        else:
            self._memory.trash(ref)

    def edit(self, message_id: str, message: bytes) -> None:
        self._memory.edit(self._memory.ref(message_id), message)

    def discard(self, message_id: str) -> None:
        self._memory.discard(self._memory.ref(message_id))


class MemoryBackend:
    def __init__(self) -> None:
        self.memory = Memory(MINE)
        self.user = MemoryUser(self.memory)

    def mailbox(self) -> Memory:
        return self.memory


class TestMemory(InboxSuite):
    @pytest.fixture
    def fresh(self) -> Fresh:
        return MemoryBackend


def test_a_draft_open_in_an_editor_is_in_no_folder_and_comes_back() -> None:
    memory = Memory(MINE)
    memory.place(mail())
    ref = memory.ref(ONE)
    memory.open(ref)
    assert seen(memory, DANA) == {}
    assert not memory.remove(ref, lambda _: True)
    memory.close(ref)
    assert seen(memory, DANA) == {ONE: Folder.DRAFTS}


def test_a_listing_that_lags_shows_what_was_there() -> None:
    memory = Memory(MINE)
    memory.lag(2)
    memory.place(mail())
    assert memory.find(frozenset({ONE})) == {}
    assert seen(memory) == {}
    assert seen(memory) == {ONE: Folder.DRAFTS}


def test_the_note_of_a_listing_that_lags_is_that_of_what_it_shows() -> None:
    memory = Memory(MINE)
    before = memory.look("", frozenset()).note
    memory.lag(1)
    memory.place(mail())
    assert memory.look(before, frozenset()).note == before
    assert memory.look(before, frozenset()).note != before


@pytest.mark.parametrize(("done", "there"), [(False, {}), (True, {ONE: Folder.DRAFTS})])
def test_a_failure_comes_before_or_after_the_effect_and_only_once(done: bool, there: dict[str, Folder]) -> None:
    memory = Memory(MINE)
    memory.fail("place", TransientError("the answer was lost"), done=done)
    with pytest.raises(TransientError):
        memory.place(mail())
    assert seen(memory) == there
    memory.place(mail("<two@example.org>"))
    assert seen(memory) == {**there, "<two@example.org>": Folder.DRAFTS}


def test_a_sent_draft_may_have_been_changed_on_its_way() -> None:
    memory = Memory(MINE)
    memory.place(mail())
    ref = memory.ref(ONE)
    memory.send(ref, mail("<other@example.org>", text="My own words\n"))
    assert seen(memory, DANA) == {"<other@example.org>": Folder.SENT}
