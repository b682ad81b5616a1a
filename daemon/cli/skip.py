"""`afterword skip`: a follow-up is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.target import change, title, told

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.failure import ExitCode
    from daemon.sight import Sight
    from rules.history import Record


@command("skip")
@click.argument("id_", metavar="ID")
def skip(call: Call, *, id_: str) -> ExitCode:
    """Leave a follow-up out. Its draft, if it is untouched, goes with the next cycle.

    ID is an id that `plan` or `drafts` shows, or its beginning.
    """
    record, sight, after = left_out(call, id_)
    return told(call, record, sight, f"Skipped {record.id}: {title(record)}. {after}")


def left_out(call: Call, given: str) -> tuple[Record, Sight, str]:
    """Leave this follow-up out; it, what was seen on the way, and what becomes of its draft, as a sentence.

    Raises:
        Failure: there is none of this id, or it cannot be left out (2).
    """
    from daemon.byhand import skipped  # noqa: PLC0415 - much is imported

    record, sight = change(call, given, lambda record, account: skipped(record, call.now(), account), "you skipped it")
    placed = record.placed is not None and bool(record.message_id)
    after = "Its draft goes with the next cycle." if placed else "It will not be drafted."
    if record.is_apart(sight.account):
        after = "Its draft stays where it lies, in another mailbox."
    return record, sight, after
