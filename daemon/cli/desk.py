"""What most commands work with: the configuration, the house that it names, and the ledger; and how these fail."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.load import Configuration
    from daemon.cycle import House
    from daemon.ledger import Ledger, LedgerError


def house_of(configuration: Configuration) -> House:
    """The house that the settings describe."""
    from daemon import connect  # noqa: PLC0415 - the commands that need no house start without it
    from daemon.cycle import House  # noqa: PLC0415 - see above

    return House(
        configuration,
        connect.calendars(configuration),
        connect.address_books(configuration),
        connect.mailbox(configuration),
    )


@contextmanager
def ledger_of(state: Path, *, write: bool = False) -> Iterator[Ledger]:
    """The ledger in this state folder; its errors end the command. Without `write` nothing on the disk changes.

    Raises:
        Failure: it cannot be opened, read or written (75 or 77).
    """
    from daemon.ledger import Ledger, LedgerError  # noqa: PLC0415 - SQLAlchemy is not needed for --help

    try:
        with Ledger.open(state, write=write) as ledger:
            yield ledger
    except LedgerError as error:
        raise failure_of(error) from error


def failure_of(error: LedgerError) -> Failure:
    """An error of the ledger as the end of a command: 77 where the user has to give leave, else 75."""
    from daemon.ledger import LedgerReadOnly  # noqa: PLC0415 - see `ledger_of`

    code = ExitCode.PERMISSION_NEEDED if isinstance(error, LedgerReadOnly) else ExitCode.CANNOT_NOW
    return Failure(code, error.message.rstrip("."), error.hint)
