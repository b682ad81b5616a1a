"""Notes under the days on which they are drafted: to whom, what and why, and what holds them back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.cli.wording import columns, day, hour, names, shorten, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from typing import Any

    from daemon.cli.desk import Line
    from daemon.sight import Sight
    from rules.model import FollowUp

    Row = tuple[FollowUp, dict[str, Any]]
    """A note, and its JSON."""

_HELD = "Held back"
_HOUR = "18:00"
_WIDEST = 32
_SUBJECT = 44
_NARROWEST, _BROADEST = 60, 100
_INDENT = " " * len(f"  {_HOUR}  ")


@dataclass(frozen=True)
class Days:
    """How notes are told, as seen by `sight`. In what is `past` nothing is due now, and no id leads anywhere."""

    sight: Sight
    past: bool = False

    def lines(self, rows: Sequence[Row]) -> Iterator[Line]:
        """Each note is a line in columns that run through all days; below it, dimmed, why it comes, what holds it."""
        from daemon.forthcoming import reasons  # noqa: PLC0415 - much is imported

        most, almanac, now = broad(), self.sight.almanac, self.sight.now
        parts = self._parts(rows)
        shown = iter(fitted([self._cells(row) for _, part in parts for row in part], most - len(_INDENT)))
        for number, (title, part) in enumerate(parts):
            if number:
                yield "", {}
            yield title, {"bold": True}
            for (follow_up, _), line in zip(part, shown, strict=False):
                yield f"  {self._when(follow_up):<{len(_HOUR)}}  {line}", {}
                for reason in reasons(follow_up, almanac, now, past=self.past):
                    yield from ((text, {"dim": True}) for text in wrapped(reason, _INDENT, most))

    def _parts(self, rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
        """The rows under the day on which each is drafted; at the end those for which nobody knows the day."""
        parts: dict[str, list[Row]] = {}
        for row in rows:
            parts.setdefault(self._title(row[0]), []).append(row)
        held = parts.pop(_HELD, None)
        return [*parts.items(), *([(_HELD, held)] if held else [])]

    def _title(self, follow_up: FollowUp) -> str:
        at, almanac = self._at(follow_up), self.sight.almanac
        if follow_up.is_stuck:
            return _HELD
        when, today = almanac.day_of(at), almanac.day_of(self.sight.now)
        if self.past:
            return day(when, today)
        return "Due now" if at <= self.sight.now else _day(when, today)

    def _at(self, follow_up: FollowUp) -> datetime:
        from daemon.sight import drafted_at  # noqa: PLC0415 - much is imported

        return drafted_at(follow_up, self.sight.now)

    def _when(self, follow_up: FollowUp) -> str:
        at = self._at(follow_up)
        if follow_up.is_stuck:
            return ""
        return hour(at, self.sight.almanac) if self.past or at > self.sight.now else "now"

    def _cells(self, row: Row) -> tuple[str, ...]:
        follow_up, shown = row
        subject = shown["subject"] or "(the template does not work; see `afterword check`)"
        step = f"{follow_up.rule or ''} {follow_up.step}".strip()
        return to(follow_up), shorten(subject, _SUBJECT), step, *([] if self.past else [follow_up.id])


def _day(when: date, today: date) -> str:
    """`Today, Tue 3 March`, `Tomorrow, …`, or the day alone."""
    near = {0: "Today, ", 1: "Tomorrow, "}
    return f"{near.get((when - today).days, '')}{day(when, today)}"


def broad() -> int:
    """How broad the lines are: the terminal, within what can be read."""
    return max(_NARROWEST, min(_BROADEST, shutil.get_terminal_size((_BROADEST, 24)).columns))


def fitted(rows: Sequence[tuple[str, ...]], most: int, *, subject: int = 1) -> list[str]:
    """The rows in columns; where they are broader than that, the column of subjects is cut, as far as that goes."""
    lines = columns(rows)
    over = max((width(line) for line in lines), default=0) - most
    if over <= 0:
        return lines
    longest = min(_WIDEST, max(width(row[subject]) for row in rows))
    few = max(16, longest - over)
    return columns([(*row[:subject], shorten(row[subject], few), *row[subject + 1 :]) for row in rows])


def to(follow_up: FollowUp) -> str:
    """To whom; of a group that is too wide for the column the first, and how many more."""
    if follow_up.to_me:
        return "you"
    whole = names(follow_up.recipients)
    first, *others = follow_up.recipients
    if not others or width(whole) <= _WIDEST:
        return whole
    more = f" and {len(others)} more"
    return shorten(names([first]), _WIDEST - len(more)) + more
