"""The drafts that wait, in groups by how their deadlines press, as the page Today lists them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.cli.wording import count
from daemon.ledger.followups import waiting_records
from daemon.review.card import Press, cards
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from daemon.ledger import Ledger
    from daemon.review.card import Card
    from rules.almanac import Almanac
    from rules.history import Record


@dataclass(frozen=True, slots=True)
class Row:
    """One draft of the list. `unsaved`: words were typed for it that are not in the draft yet.

    `mark` changes when anything shown of it does, but for the time that is left, which changes by itself.
    """

    card: Card
    unsaved: bool
    mark: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """What there is to say of it in a few words each, beside the time."""
        card = self.card
        found = (
            (count(card.gaps, "gap") + " to fill", bool(card.gaps)),
            ("edited by you", card.state is State.EDITED),
            ("words not saved yet", self.unsaved),
        )
        return tuple(words for words, holds in found if holds)


@dataclass(frozen=True, slots=True)
class Group:
    """Drafts that press alike: `name` is for the page's own use, `title` for the eye."""

    name: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """All of them; `seen` stands for all that is shown, the time that is left too."""

    groups: tuple[Group, ...]
    seen: str
    words: str
    """How many there are and which comes first: a sentence."""
    partial: bool = False
    """There are more, which come with the second look."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits at all."""
        return not self.groups


TITLES = {
    "late": "Missed",
    "soon": "Within a day",
    "later": "With a deadline",
    "none": "No deadline",
    "gone": "Gone from Drafts",
    "stale": "No longer worth sending",
    "snoozed": "Snoozed",
}
"""In the order of the page: what presses, what does not, and what may be let go."""


def first_of(ledger: Ledger, most: int) -> tuple[Record, ...]:
    """The follow-ups that wait, as the ledger has them: the nearest deadline first, so many of them at most.

    Quick however much there is in the ledger of former years.
    """
    with ledger.reading() as connection:
        return waiting_records(connection, most)


def waiting(
    records: Iterable[Record],
    almanac: Almanac,
    now: datetime,
    unsaved: Collection[str] = (),
    *,
    partial: bool = False,
) -> Waiting:
    """The follow-ups among these that wait for the user; `unsaved` are the ids of those with words kept for them.

    `partial`: these are the first, and there are more.
    """
    rows = [row(card, unsaved) for card in cards(records, almanac, now, snoozed=True)]
    gathered: dict[str, list[Row]] = {name: [] for name in TITLES}
    for one in rows:
        gathered[group_of(one.card)].append(one)
    groups = tuple(Group(name, TITLES[name], tuple(several)) for name, several in gathered.items() if several)
    shown = "\x1e".join(f"{one.card.id}{one.mark}{one.card.time}" for group in groups for one in group.rows)
    return Waiting(groups, _digest(shown), _words(groups, partial=partial), partial)


def row(card: Card, unsaved: Collection[str] = ()) -> Row:
    """One card as a row."""
    kept = card.id in unsaved
    told = (card.who, card.subject, card.meeting, card.when, card.state, group_of(card), str(card.gaps), str(kept))
    return Row(card, kept, _digest("\x1f".join(told)))


def group_of(card: Card) -> str:
    """In which group it stands."""
    if card.state is State.SNOOZED:
        return "snoozed"
    if card.gone:
        return "gone"
    if card.stale:
        return "stale"
    return {Press.LATE: "late", Press.SOON: "soon", Press.LATER: "later"}.get(card.press, "none")


def _digest(text: str) -> str:
    """To see that something is another; who would forge it shows the user an old row."""
    return f"{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def _words(groups: Sequence[Group], *, partial: bool) -> str:
    lying = [one for group in groups if group.name != "snoozed" for one in group.rows]
    if not lying:
        return "No draft waits for you." if not groups else "No draft waits for you; some are snoozed."
    drafts = "More drafts" if partial else count(len(lying), "draft")
    first = f"{drafts} {'wait' if partial or len(lying) > 1 else 'waits'} for you"
    return "; ".join([f"{first} than are shown yet" if partial else first, *_pressing(groups, partial=partial)]) + "."


def _pressing(groups: Iterable[Group], *, partial: bool) -> Iterator[str]:
    by_name = {group.name: group.rows for group in groups}
    late, soon = by_name.get("late", ()), by_name.get("soon", ())
    if late and not partial:
        yield f"{count(len(late), 'deadline')} missed"
    if soon:
        yield f"the nearest is to be {soon[0].card.time}"
