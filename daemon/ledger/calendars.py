"""What calendars showed, in the ledger: resources, their events, and past meetings that stay held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, delete, func, insert, literal, select, tuple_, update

from daemon.ledger.codec import problem_row, row_problem
from daemon.ledger.columns import Instant
from daemon.ledger.meetings import NONE, meetings_text, read_meetings
from daemon.ledger.tables import calendars, components, flaws, held, resources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from config.problem import Problem
    from rules.model import Meeting

T = TypeVar("T")

SOME = 400
"""Names in one statement: every database takes so many."""


@dataclass(frozen=True, slots=True)
class Account:
    """How far a calendar is known; the fields are the columns of `calendars`."""

    note: str = ""
    reading: str = ""
    answers: int = 0
    doubt_since: datetime | None = None
    doubt_answer: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """All events of one UID in a resource; the fields are the columns of `components`."""

    resource: str
    uid: str
    digest: str
    recurring: bool
    expanded_from: datetime | None
    expanded_to: datetime | None
    first_start: datetime | None
    last_end: datetime | None
    first_seen: int
    missing_since: datetime | None = None
    deleted: bool = False

    @property
    def shown(self) -> Component:
        """As the calendar shows it (again)."""
        return replace(self, missing_since=None, deleted=False)

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether its stored meetings are all that it has between these instants."""
        if self.expanded_from is None or self.expanded_to is None:
            return True
        if self.first_start is None or self.first_start >= end or (self.last_end is not None and self.last_end < start):
            return True
        return self.expanded_from <= start and end <= self.expanded_to


_COLUMNS = tuple(components.c[name] for name in Component.__slots__)

# --- what every cycle asks, put together once: that costs more than the answer --------------------------------

_START, _END = bindparam("start", type_=Instant()), bindparam("end", type_=Instant())
_HERE = components.c.calendar == bindparam("calendar")
_IN_WINDOW = (components.c.first_start < _END) & (components.c.last_end.is_(None) | (components.c.last_end >= _START))

_ACCOUNT = select(*(calendars.c[name] for name in Account.__slots__)).where(
    calendars.c.calendar == bindparam("calendar")
)
_TAGS = select(resources.c.name, resources.c.tag).where(resources.c.calendar == bindparam("calendar"))
_STALE = (
    select(components.c.resource)
    .where(
        _HERE,
        components.c.missing_since.is_(None),
        components.c.expanded_from.is_not(None),
        (components.c.expanded_from > _START) | (components.c.expanded_to < _END),
        _IN_WINDOW,
    )
    .distinct()
)
_MISSING = select(*_COLUMNS).where(_HERE, components.c.missing_since.is_not(None))
_WINDOW = select(components.c.uid, components.c.missing_since.is_not(None), components.c.meetings).where(
    _HERE, _IN_WINDOW, components.c.meetings != NONE
)
_HELD = (
    select(held.c.uid, held.c.meeting)
    .where(held.c.calendar == bindparam("calendar"), held.c.start < _END, held.c.end >= _START)
    .order_by(held.c.start, held.c.identity)
)
_FLAWS = (
    select(flaws.c.resource, flaws.c.uid, flaws.c.problem)
    .where(flaws.c.calendar == bindparam("calendar"))
    .order_by(flaws.c.resource, flaws.c.number)
)


def account(connection: Connection, calendar: str) -> Account:
    """What is known about the calendar as a whole."""
    row = connection.execute(_ACCOUNT, {"calendar": calendar}).first()
    return Account() if row is None else Account(*row)


def set_account(connection: Connection, calendar: str, told: Account) -> None:
    """Write it down."""
    connection.execute(delete(calendars).where(calendars.c.calendar == calendar))
    row = {name: getattr(told, name) for name in Account.__slots__} | {"calendar": calendar}
    connection.execute(insert(calendars).values(row))


def tags(connection: Connection, calendar: str) -> dict[str, str]:
    """The resources of the last listing, and their tags."""
    rows = connection.execute(_TAGS, {"calendar": calendar})
    return {name: tag for name, tag in rows}  # noqa: C416 - rows are no pairs to a type checker


def set_tags(connection: Connection, calendar: str, told: Mapping[str, str]) -> None:
    """These resources were taken in under these tags."""
    if told:
        forget_resources(connection, calendar, told)
        rows = [{"calendar": calendar, "name": name, "tag": tag} for name, tag in told.items()]
        connection.execute(insert(resources), rows)


def forget_resources(connection: Connection, calendar: str, names: Iterable[str]) -> None:
    """The calendar no longer lists them."""
    where = (resources.c.calendar == calendar) & (resources.c.name == bindparam("gone"))
    if rows := [{"gone": name} for name in names]:
        connection.execute(delete(resources).where(where), rows)


def stale(connection: Connection, calendar: str, start: datetime, end: datetime) -> set[str]:
    """The resources with an event in the window that was not expanded for all of it."""
    asked = {"calendar": calendar, "start": start, "end": end}
    return set(connection.execute(_STALE, asked).scalars())


def known(connection: Connection, calendar: str, names: Sequence[str]) -> dict[tuple[str, str], Component]:
    """The events of these resources, by resource and UID."""
    found = {}
    for some in _some(names):
        query = select(*_COLUMNS).where(components.c.calendar == calendar, components.c.resource.in_(some))
        for row in connection.execute(query):
            found[row.resource, row.uid] = Component(*row)
    return found


def old_meetings(
    connection: Connection, calendar: str, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Meeting, ...]]:
    """The stored meetings of these events, by resource and UID."""
    found = {}
    for some in _some(places):
        query = select(components.c.resource, components.c.uid, components.c.meetings).where(
            components.c.calendar == calendar, tuple_(components.c.resource, components.c.uid).in_(some)
        )
        rows = [(resource, uid, text) for resource, uid, text in connection.execute(query)]
        read = read_meetings(calendar, ((uid, text) for _, uid, text in rows))
        found.update({(row[0], row[1]): meetings for row, (_, meetings) in zip(rows, read, strict=True)})
    return found


def write(connection: Connection, calendar: str, found: Iterable[tuple[Component, Sequence[Meeting] | None]]) -> None:
    """Save events with their meetings; None leaves the meetings as they are."""
    new, kept = [], []
    for component, meetings in found:
        row = {name: getattr(component, name) for name in Component.__slots__} | {"calendar": calendar}
        if meetings is None:
            kept.append(row)
        else:
            new.append(row | {"meetings": meetings_text(meetings) if meetings else NONE})
    for rows in (new, kept):
        for row in rows:
            row |= {"at_resource": row["resource"], "at_uid": row["uid"]}
    here = (
        (components.c.calendar == calendar)
        & (components.c.resource == bindparam("at_resource"))
        & (components.c.uid == bindparam("at_uid"))
    )
    if new:
        connection.execute(
            delete(components).where(here), [{k: row.pop(k) for k in ("at_resource", "at_uid")} for row in new]
        )
        connection.execute(insert(components), new)
    if kept:
        columns: dict[str, Any] = {
            name: bindparam(name) for name in Component.__slots__ if name not in {"resource", "uid"}
        }
        connection.execute(update(components).where(here).values(columns), kept)


def mark_missing(
    connection: Connection, calendar: str, names: Collection[str], at: datetime, deleted: Collection[str] = ()
) -> None:
    """The events of these resources are no longer shown; whether they are gone is judged later.

    Those that are `deleted` are so by the word of the calendar.
    """
    since = func.coalesce(components.c.missing_since, literal(at, Instant()))
    for said in (False, True):
        for some in _some([name for name in names if (name in deleted) is said]):
            connection.execute(
                update(components)
                .where(components.c.calendar == calendar, components.c.resource.in_(some))
                .values(missing_since=since, deleted=said)
            )


def drop_moved(connection: Connection, calendar: str) -> None:
    """An event that went to another resource of the calendar is not missing."""
    there = components.alias()
    still = select(there.c.uid).where(there.c.calendar == calendar, there.c.missing_since.is_(None))
    connection.execute(
        delete(components).where(
            components.c.calendar == calendar, components.c.missing_since.is_not(None), components.c.uid.in_(still)
        )
    )


def missing(connection: Connection, calendar: str) -> tuple[Component, ...]:
    """The events that the calendar lacks and that are not yet believed gone."""
    return tuple(Component(*row) for row in connection.execute(_MISSING, {"calendar": calendar}))


def forget(connection: Connection, calendar: str, uids: Iterable[str]) -> None:
    """These missing events are gone."""
    here = components.c
    where = (here.calendar == calendar) & (here.uid == bindparam("gone")) & here.missing_since.is_not(None)
    if rows := [{"gone": uid} for uid in uids]:
        connection.execute(delete(components).where(where), rows)


def first_seen(connection: Connection, calendar: str) -> dict[str, int]:
    """By which answer each UID came, there or missing."""
    query = select(components.c.uid, func.min(components.c.first_seen)).where(components.c.calendar == calendar)
    return {uid: seen for uid, seen in connection.execute(query.group_by(components.c.uid))}  # noqa: C416 - as in tags()


def shown(connection: Connection, calendar: str) -> tuple[int, datetime | None, datetime | None]:
    """How many UIDs the calendar shows, and the earliest start of its single events and of its series."""
    there = (components.c.calendar == calendar) & components.c.missing_since.is_(None)
    count = connection.execute(select(func.count(components.c.uid.distinct())).where(there)).scalar_one()
    earliest = select(func.min(components.c.first_start)).where(there)
    single = connection.execute(earliest.where(components.c.recurring.is_(False))).scalar()
    series = connection.execute(earliest.where(components.c.recurring.is_(True))).scalar()
    return count, single, series


def window(
    connection: Connection, calendar: str, start: datetime, end: datetime
) -> Iterator[tuple[str, bool, tuple[Meeting, ...]]]:
    """(UID, whether it is missing, its meetings) of all events that may have a meeting in [start, end)."""
    rows = connection.execute(_WINDOW, {"calendar": calendar, "start": start, "end": end}).all()
    read = read_meetings(calendar, ((uid, text) for uid, _, text in rows), (start, end))
    for (uid, lacking, _), (_, meetings) in zip(rows, read, strict=True):
        yield uid, lacking, meetings


def hold(connection: Connection, calendar: str, meetings: Iterable[Meeting]) -> None:
    """These meetings took place, though the calendar no longer shows them."""
    rows = {
        meeting.identity: {
            "calendar": calendar,
            "identity": meeting.identity,
            "start": meeting.start,
            "end": meeting.end,
            "uid": meeting.uid,
            "meeting": meetings_text((meeting,)),
        }
        for meeting in meetings
    }
    release(connection, calendar, rows)
    if rows:
        connection.execute(insert(held), list(rows.values()))


def release(connection: Connection, calendar: str, identities: Collection[str]) -> None:
    """The calendar shows these meetings again and speaks for them itself."""
    where = (held.c.calendar == calendar) & (held.c.identity == bindparam("back"))
    if identities:
        connection.execute(delete(held).where(where), [{"back": identity} for identity in identities])


def any_held(connection: Connection, calendar: str) -> bool:
    """Whether it has held meetings at all."""
    return connection.execute(select(held.c.uid).where(held.c.calendar == calendar).limit(1)).first() is not None


def held_meetings(connection: Connection, calendar: str, start: datetime, end: datetime) -> tuple[Meeting, ...]:
    """The held meetings in [start, end)."""
    asked = {"calendar": calendar, "start": start, "end": end}
    rows = [(uid, text) for uid, text in connection.execute(_HELD, asked)]
    return tuple(meeting for _, meetings in read_meetings(calendar, rows) for meeting in meetings)


def set_flaws(
    connection: Connection, calendar: str, names: Iterable[str], found: Iterable[tuple[str, str, Problem]]
) -> None:
    """(resource, UID or nothing, problem): all that is wrong in these resources now."""
    if rows := [{"at_resource": name} for name in names]:
        where = (flaws.c.calendar == calendar) & (flaws.c.resource == bindparam("at_resource"))
        connection.execute(delete(flaws).where(where), rows)
    told = [
        {"calendar": calendar, "resource": resource, "uid": uid, "problem": problem_row(problem)}
        for resource, uid, problem in found
    ]
    if told:
        connection.execute(insert(flaws), told)


def all_flaws(connection: Connection, calendar: str) -> tuple[tuple[str, str, Problem], ...]:
    """(resource, UID or nothing, problem) of everything that stands."""
    rows = connection.execute(_FLAWS, {"calendar": calendar})
    return tuple((resource, uid, row_problem(problem)) for resource, uid, problem in rows)


def _some(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), SOME):
        yield items[begin : begin + SOME]
