"""Those who ask the service: each is served without waiting, and none can hold up the loop."""

from __future__ import annotations

import math
import os
import resource
import select
import stat
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from daemon.answering import MOST, PATIENCE, Answering
from daemon.socket_file import SocketFile, reach

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

LONG = b"x" * (4 << 20)
"""More than any socket keeps for somebody who does not read."""


class Loop:
    """A loop whose time the test keeps. What is said at the socket: `words`, or once somebody has said `needs`."""

    def __init__(self, path: Path, words: bytes = b"well", needs: bytes = b"") -> None:
        self.path = path
        self.now = 0.0
        self.failures: list[OSError] = []
        self._poll = select.poll()
        self._socket = partial(SocketFile, str(path))
        self.answers = Answering(
            self._poll, self._socket, lambda heard: words if needs in heard else None, self.failures.append
        )
        self.answers.keep()

    def turn(self, *, after: float = 0.0) -> bool:
        """One turn, so many seconds later; whether anything wants another one at once."""
        self.now += after
        self.answers.tend(self.now)
        return bool(self._poll.poll(0))

    def come(self) -> closing[socket.socket]:
        channel = reach(str(self.path), 1.0)
        channel.settimeout(0.0)
        return closing(channel)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "door"


@pytest.fixture
def loop(path: Path) -> Iterator[Loop]:
    loop = Loop(path)
    yield loop
    loop.answers.end()


@contextmanager
def saying(path: Path, words: bytes, needs: bytes = b"") -> Iterator[Loop]:
    loop = Loop(path, words, needs)
    yield loop
    loop.answers.end()


def heard(channel: socket.socket) -> bytes | None:
    """What was said; None as long as the other side is there and silent."""
    try:
        return channel.recv(len(LONG))
    except BlockingIOError:
        return None


def test_whoever_comes_is_told_and_sees_the_end(loop: Loop) -> None:
    with loop.come() as one:
        assert not loop.turn()
        assert (heard(one), heard(one)) == (b"well", b"")
    assert loop.answers.wait(loop.now) == math.inf


def test_an_answer_longer_than_the_kernel_keeps_is_told_by_and_by(path: Path) -> None:
    with saying(path, LONG) as loop, loop.come() as one:
        got = b""
        for _ in range(1000):
            loop.turn()
            if (piece := heard(one)) == b"":
                break
            got += piece or b""
        assert got == LONG


def test_who_takes_nothing_is_sent_away_after_a_while(path: Path) -> None:
    with saying(path, LONG) as loop, loop.come():
        assert not loop.turn()
        assert loop.answers.wait(loop.now) == PATIENCE
        loop.turn(after=PATIENCE)
        assert loop.answers.wait(loop.now) == math.inf


def test_who_has_to_ask_and_says_nothing_is_sent_away_after_a_while(path: Path) -> None:
    with saying(path, b"well", needs=b"?") as loop, loop.come() as one:
        assert not loop.turn()
        one.send(b"how are ")
        assert not loop.turn()
        assert not loop.turn(after=PATIENCE / 2)
        assert heard(one) is None
        loop.turn(after=PATIENCE / 2)
        assert heard(one) == b""


def test_who_asks_in_pieces_is_told_and_may_go_on_talking_for_a_while(path: Path) -> None:
    with saying(path, b"well", needs=b"?") as loop, loop.come() as one:
        for piece in (b"how are ", b"you?", b" And"):
            one.send(piece)
            while loop.turn():
                pass
        assert (heard(one), heard(one)) == (b"well", b"")
        one.send(b" the family?")
        assert loop.answers.wait(loop.now) == PATIENCE
        one.close()
        while loop.turn():
            pass
        assert loop.answers.wait(loop.now) == math.inf


def test_who_goes_in_the_middle_is_forgotten(path: Path) -> None:
    with saying(path, LONG) as loop:
        with loop.come():
            loop.turn()
        loop.turn()
        assert loop.answers.wait(loop.now) == math.inf
        assert not loop.turn()


def test_only_so_many_are_served_at_a_time_and_the_others_wait_without_waking_the_loop(path: Path) -> None:
    with saying(path, b"well", needs=b"?") as loop, ExitStack() as several:
        first, *others = [several.enter_context(loop.come()) for _ in range(MOST)]
        assert not loop.turn()
        late = several.enter_context(loop.come())
        late.send(b"?")
        assert not loop.turn()
        assert heard(late) is None
        first.close()
        while loop.turn():
            pass
        assert heard(late) == b"well"
        loop.turn(after=PATIENCE)
        assert [heard(other) for other in others] == [b""] * len(others)


def test_where_no_more_files_may_be_opened_nobody_is_let_in_and_the_loop_sleeps(loop: Loop) -> None:
    with loop.come() as one:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
        try:
            assert not loop.turn()
            assert 0 < loop.answers.wait(loop.now) < PATIENCE
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        loop.turn(after=loop.answers.wait(loop.now))
        assert heard(one) == b"well"


def test_a_socket_whose_file_has_gone_is_made_anew(loop: Loop) -> None:
    loop.answers.keep()
    first = loop.path.lstat()
    loop.path.unlink()
    loop.answers.keep()
    assert loop.path.is_socket()
    assert loop.path.lstat().st_ctime_ns != first.st_ctime_ns
    with loop.come() as one:
        loop.turn()
        assert heard(one) == b"well"


def test_what_is_not_ours_is_neither_replaced_nor_taken_away(path: Path) -> None:
    path.write_text("my notes")
    with saying(path, b"well") as loop:
        loop.answers.keep()
        assert [error.strerror for error in loop.failures] == ["something else lies there"]
    assert path.read_text() == "my notes"


def test_a_socket_at_which_somebody_listens_is_not_replaced_and_one_of_a_dead_process_is(loop: Loop) -> None:
    with saying(loop.path, b"other") as second:
        assert [error.strerror for error in second.failures] == ["Address already in use"]
    os.link(loop.path, loop.path.with_name("kept"))
    loop.answers.end()  # as a process that dies: the file stays
    loop.path.with_name("kept").rename(loop.path)
    with saying(loop.path, b"other") as second, second.come() as one:
        second.turn()
        assert heard(one) == b"other"
    assert not loop.path.exists()


def test_a_file_that_another_has_put_in_the_place_stays(loop: Loop) -> None:
    loop.path.unlink()
    with closing(SocketFile(str(loop.path))):
        loop.answers.end()
        assert loop.path.is_socket()


def test_a_socket_is_for_its_user_alone_whatever_the_umask_is(path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(SocketFile(str(path))):
            assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("length", [106, 107, 108, 109, 400])
def test_a_path_may_be_longer_than_an_address(tmp_path: Path, length: int) -> None:
    folder = tmp_path
    while (left := length - len(str(folder)) - len("/door")) > 0:
        folder /= "f" * max(1, min(200, left - 1))
    folder.mkdir(parents=True)
    path = folder / "door"
    assert len(str(path)) == length
    with saying(path, b"well") as loop, loop.come() as one:
        loop.turn()
        assert heard(one) == b"well"
    assert not path.exists()
