"""Whose a Message-ID is: each draft of a follow-up has one, derived from its id and revision, and may get another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.message import token_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from rules.history import Record

REVISIONS = 32
"""How many revisions are looked for beyond the one that the ledger knows: it may have been lost, or restored."""

_OURS = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class Names:
    """Whose draft a Message-ID names. `_derived` has those that the ledger does not have, with their revision."""

    _own: Mapping[str, str]
    _derived: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record], there: Iterable[str]) -> Self:
        """The names of the drafts of these records, as far as they are among those that are `there`.

        A name cannot be turned back into the follow-up that it was made from: where one lies there that may be
        of our making and is nobody's, those of all revisions of all follow-ups are made and compared.
        """
        records = [record for record in records if record.message_id]
        own = {record.message_id: record.id for record in records}
        told = ((_OURS.fullmatch(one), one) for one in there if one not in own)
        strays = {match[1]: one for match, one in told if match is not None}
        derived: dict[str, tuple[str, int]] = {}
        for record in records if strays else ():
            for revision in range(record.revision + REVISIONS):
                if (stray := strays.get(token_for(record.id, revision))) is not None:
                    derived[stray] = (record.id, revision)
        return cls(own, derived)

    def owner(self, message_id: str) -> str | None:
        """The id of the follow-up whose draft this is, in whatever revision; None of somebody's."""
        own = self._own.get(message_id)
        return own if own is not None else self._derived.get(message_id, (None, 0))[0]

    def revision(self, record: Record, message_id: str) -> int:
        """The revision of this draft of the record; the latest where the user's mail program named it."""
        owner, revision = self._derived.get(message_id, ("", 0))
        return revision if owner == record.id else record.revision
