from __future__ import annotations

import socket
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.proxy import Fault, How, Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def greeting() -> Iterator[Proxy]:
    """A server that greets, and answers each line with its length in sixes, behind a proxy."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            client, _ = listening.accept()
            with client, client.makefile("rwb") as lines:
                lines.write(b"hello\n")
                lines.flush()
                for line in lines:
                    if line == b"end\n":
                        return
                    lines.write(b"6" * len(line) + b"\n")
                    lines.flush()

    thread = Thread(target=serve)
    thread.start()
    try:
        with proxy(listening.getsockname()[1]) as state:
            yield state
    finally:
        with socket.create_connection(listening.getsockname()) as last:
            last.sendall(b"end\n")
            thread.join()
        listening.close()


def talk(state: Proxy, *words: bytes) -> list[bytes]:
    """Say each word when the one before was answered; what was answered, the greeting first."""
    with socket.create_connection(("127.0.0.1", state.port), timeout=5) as sock, sock.makefile("rwb") as lines:
        heard = [lines.readline()]
        for word in words:
            lines.write(word + b"\n")
            lines.flush()
            heard.append(lines.readline())
    return heard


def test_what_is_said_passes_and_is_kept_in_turns() -> None:
    with greeting() as state:
        assert talk(state, b"a", b"bc") == [b"hello\n", b"66\n", b"666\n"]
        assert [(bytes(turn.asked), bytes(turn.answered)) for turn in state.turns] == [
            (b"", b"hello\n"),
            (b"a\n", b"66\n"),
            (b"bc\n", b"666\n"),
        ]


def test_an_answer_is_cut_where_the_test_wants_it() -> None:
    with greeting() as state:
        state.spoil(2, Fault(How.CUT, after=2))
        assert talk(state, b"a", b"bc") == [b"hello\n", b"66\n", b"66"]


def test_a_question_that_is_cut_never_gets_there() -> None:
    with greeting() as state:
        state.spoil(1, Fault(How.CUT))
        assert talk(state, b"a") == [b"hello\n", b""]
        assert state.turns[1].answered == b""


def test_an_answer_that_drips_comes_whole() -> None:
    with greeting() as state:
        state.spoil(1, Fault(How.DRIP, after=1))
        assert talk(state, b"a", b"bc") == [b"hello\n", b"66\n", b"666\n"]


def test_an_answer_that_stalls_never_ends() -> None:
    with greeting() as state:
        state.spoil(0, Fault(How.STALL, after=2))
        with socket.create_connection(("127.0.0.1", state.port), timeout=0.3) as sock:
            assert sock.recv(6) == b"he"
            with pytest.raises(TimeoutError):
                sock.recv(6)
