"""How what two sets of rules would have drafted differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from daemon.backtest import Backtest, Drafted

    Pair = tuple[Drafted, Drafted]


@dataclass(frozen=True)
class Difference:
    """Notes that one of the two drafts (`only_here`, `only_there`), and that both draft otherwise (`changed`).

    Otherwise is at another time, or with another subject.
    """

    here: Backtest
    there: Backtest
    only_here: tuple[Drafted, ...]
    only_there: tuple[Drafted, ...]
    changed: tuple[Pair, ...]

    @property
    def same(self) -> int:
        """How many notes are the same in both."""
        return len(self.here.drafted) - len(self.only_here) - len(self.changed)

    @property
    def json(self) -> dict[str, Any]:
        """The follow-ups of here, as without a comparison, and the differences."""
        return {
            **self.here.json,
            "only_here": [one.json for one in self.only_here],
            "only_there": [one.json for one in self.only_there],
            "changed": [{"here": here.json, "there": there.json} for here, there in self.changed],
        }


def difference(here: Backtest, there: Backtest) -> Difference:
    """What only one of them drafts, and what both draft otherwise. The same id is the same follow-up."""
    ours = {one.follow_up.id: one for one in here.drafted}
    theirs = {one.follow_up.id: one for one in there.drafted}
    both = [(one, theirs[id_]) for id_, one in ours.items() if id_ in theirs]
    return Difference(
        here,
        there,
        only_here=tuple(one for id_, one in ours.items() if id_ not in theirs),
        only_there=tuple(one for id_, one in theirs.items() if id_ not in ours),
        changed=tuple(pair for pair in both if _differs(*pair)),
    )


def _differs(here: Drafted, there: Drafted) -> bool:
    return (here.at, here.subject) != (there.at, there.subject)
