"""`afterword unskip`: a skip is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import ledger_of, lock_of
from daemon.cli.owned import refuse_another
from daemon.cli.target import find, title, told
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.sight import Sight
    from rules.history import Record


@command("unskip")
@click.argument("id_", metavar="ID")
def unskip(call: Call, *, id_: str) -> ExitCode:
    """Take a skip back: the follow-up is planned again, or its draft counts again where it still lies there."""
    record, sight, after = taken_back(call, id_)
    return told(call, record, sight, f"Taken back {record.id}: {title(record)}. {after}")


def taken_back(call: Call, given: str) -> tuple[Record, Sight, str]:
    """Take the skip of this follow-up back; it, what was seen on the way, and what follows, as a sentence.

    Raises:
        Failure: there is none of this id, or it is not skipped (2); a cycle is at work, or the mailbox does not tell
            whether its draft still lies there (75, 77, 78).
    """
    from daemon import byhand, lying  # noqa: PLC0415 - much is imported
    from daemon.configuration import load_configuration  # noqa: PLC0415 - see above
    from daemon.paths import make_state_folder  # noqa: PLC0415 - see above
    from rules.history import State  # noqa: PLC0415 - see above

    now = call.now()
    load_configuration(call.folder)  # without one nobody can look whether its draft still lies there
    refuse_another(call)
    make_state_folder(call.state)
    with lock_of(call, "unskip", now), ledger_of(call.state, write=True) as ledger:
        with ledger_of(call.state) as looking:
            target = find(call, looking, now, given)
        seen = target.seen
        if seen is None or seen.state is not State.SKIPPED:
            state = State.PLANNED if seen is None else seen.state
            raise Failure(ExitCode.USAGE, f"{target.id}: it is not skipped but {state}")
        assert target.sight.house is not None
        lies = lying.state_of(target.sight.house.mailbox, ledger, seen)
        cause = "you took the skip back"
        try:
            record = byhand.write(ledger, target.known, seen, lambda one: byhand.unskipped(one, now, lies), cause, now)
        except byhand.Refused as refused:
            raise Failure(ExitCode.USAGE, f"{target.id}: {refused}") from None
    return record, target.sight, "Its draft still lies in Drafts." if lies else "It is planned again."
