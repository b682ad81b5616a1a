"""The ledger: what Afterword remembers, durably. SQLite in one file; see `docs/ledger.md`."""

from daemon.ledger.errors import (
    LedgerBusy,
    LedgerCorrupt,
    LedgerError,
    LedgerFull,
    LedgerGone,
    LedgerNewer,
    LedgerReadOnly,
)
from daemon.ledger.ledger import Ledger
from daemon.ledger.model import Event, Intent, IntentKind, SourceState

__all__ = [
    "Event",
    "Intent",
    "IntentKind",
    "Ledger",
    "LedgerBusy",
    "LedgerCorrupt",
    "LedgerError",
    "LedgerFull",
    "LedgerGone",
    "LedgerNewer",
    "LedgerReadOnly",
    "SourceState",
]
