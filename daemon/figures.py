"""What a cycle counts for the metrics of the service: numbers, and the names that the user gave to sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daemon.ledger import SourceState
    from rules.history import Record


class Figures(NamedTuple):
    """How many drafts wait in the mailbox, and of each source whether it is stale."""

    waiting: int
    stale: Mapping[str, bool]

    @classmethod
    def of(cls, records: Iterable[Record], sources: Mapping[str, SourceState]) -> Self:
        """After a cycle; `sources` are those that are configured."""
        from rules.history import OPEN  # noqa: PLC0415 - only a cycle counts

        lying = sum(one.state in OPEN and one.absent_since is None for one in records)
        return cls(lying, {name: one.failed_since is not None for name, one in sources.items()})

    @classmethod
    def read(cls, told: Any) -> Self:
        """What `_asdict` was of one, and has been JSON since.

        Raises:
            TypeError, KeyError, ValueError: it is none.
        """
        return cls(int(told["waiting"]), {str(name): bool(one) for name, one in dict(told["stale"]).items()})
