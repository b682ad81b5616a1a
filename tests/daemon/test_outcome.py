"""How a cycle that came to nothing is told: in full to the log, and to everybody on the machine in plain words."""

from __future__ import annotations

import json
import signal

import pytest

from daemon.child import Ended
from daemon.outcome import Outcome
from tests.daemon.serving import document

MESSAGE = "the state folder /home/robin/.local/state/afterword cannot be used by robin@acme.example"
PROBLEMS = {"problems": [{"message": MESSAGE, "file": "/home/robin/x.yaml", "line": 3, "hint": "ask robin"}]}


def exited(code: int) -> int:
    return code << 8


@pytest.mark.parametrize(
    ("status", "timed_out", "event", "words"),
    [
        (exited(75), False, "cycle.put_off", "the last cycle could not do its work; `afterword status` tells why"),
        (exited(77), False, "cycle.permission_needed", "needs you: a password or a permission"),
        (exited(78), False, "configuration.wrong", "needs you: the configuration; `afterword check`"),
        (exited(70), False, "cycle.failed", "the last cycle failed; the log tells why"),
        (exited(2), False, "cycle.failed", "the last cycle failed; the log tells why"),
        (signal.SIGSEGV, False, "cycle.killed", "the last cycle was killed"),
        (35, False, "cycle.killed", "the last cycle was killed"),
        (signal.SIGTERM, True, "cycle.timed_out", "the last cycle took too long and was ended"),
    ],
)
def test_others_on_the_machine_read_plain_words_and_no_message(
    capfd: pytest.CaptureFixture[str], status: int, timed_out: bool, event: str, words: str
) -> None:
    outcome = Outcome(Ended(status, json.dumps(PROBLEMS).encode()), timed_out=timed_out)
    told = outcome.words(12)
    assert told.startswith(words)
    assert told.endswith("; next try in 12 s at the latest")
    assert "robin" not in told
    assert event not in told
    outcome.write(1)
    assert json.loads(capfd.readouterr().err)["event"] == event
    assert outcome.problems == PROBLEMS["problems"]


@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (34, "SIGRTMIN"), (35, "signal 35"), (63, "signal 63")])
def test_what_killed_a_cycle_is_named_where_it_has_a_name(number: int, name: str) -> None:
    assert Outcome(Ended(number, b""), timed_out=False).signal == name


def test_a_cycle_that_told_how_things_stand_is_quoted() -> None:
    told = Outcome(Ended(exited(77), document(status="needs you: the mailbox").encode()), timed_out=False)
    assert told.words(12) == "needs you: the mailbox; next try in 12 s at the latest"
