"""Progress is silent for two seconds, and where nobody looks."""

from __future__ import annotations

import io

from daemon.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_short_work_shows_nothing() -> None:
    terminal, seconds = Terminal(), Seconds()
    with Progress(terminal, seconds) as progress:
        seconds.now = 1.9
        progress("reading", 1, 2)
    assert terminal.getvalue() == ""


def test_long_work_shows_one_line_that_goes_away() -> None:
    terminal, seconds = Terminal(), Seconds()
    with Progress(terminal, seconds) as progress:
        seconds.now = 2.0
        progress("reading feed", 10, 500)
        seconds.now = 2.01
        progress("reading feed", 11, 500)
        seconds.now = 3.0
        progress("reading feed", 400, 500)
    shown = terminal.getvalue()
    assert "reading feed  10 of 500" in shown
    assert "11 of" not in shown
    assert "\n" not in shown
    assert shown.endswith("\r\x1b[2K")


def test_nothing_is_shown_where_there_is_no_terminal() -> None:
    stream, seconds = io.StringIO(), Seconds()
    progress = Progress(stream, seconds)
    seconds.now = 60.0
    progress("reading", 1, 2)
    progress.clear()
    assert stream.getvalue() == ""


def test_what_is_shown_fits_a_line_and_holds_nothing_that_a_terminal_obeys() -> None:
    terminal, seconds = Terminal(), Seconds()
    progress = Progress(terminal, seconds)
    seconds.now = 2.0
    progress("a\x1b]0;b\n" * 40, 1, 2)
    line = terminal.getvalue().removeprefix("\r\x1b[2K")
    assert len(line) <= 78
    assert line.isprintable()
