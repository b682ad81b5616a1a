"""A calendar in memory, for tests, simulation and the demo: the same promises, no disk and no network."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Listing, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class MemoryCalendar:
    """Resources by name. `fail` makes the next listings fail until it is set to None."""

    def __init__(self, id: str, resources: Mapping[str, bytes] | None = None) -> None:  # noqa: A002 - see Calendar
        self.id = id
        self.resources = dict(resources or {})
        self.fail: ConnectorError | None = None

    def put(self, name: str, data: bytes) -> None:
        """Add or replace a resource."""
        self.resources[name] = data

    def remove(self, name: str) -> None:
        """Take a resource away; one that is not there is no error."""
        self.resources.pop(name, None)

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - needs no memory
        """What is there now; the tag of a resource is its hash.

        Raises:
            ConnectorError: `fail`, where it is set.
        """
        if self.fail is not None:
            raise self.fail
        return Listing({name: sha256(data).hexdigest() for name, data in self.resources.items()})

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """The bytes of these resources."""
        for name in names:
            if name in self.resources:
                yield name, self.resources[name]
            else:
                yield name, TransientError(f"{name} is no longer there", file=name)
