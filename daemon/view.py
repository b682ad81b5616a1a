"""What the calendars, books, mailbox and ledger say at one moment. Looking changes nothing outside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError
from daemon import leaps
from daemon.apart import apart
from daemon.books import open_books
from daemon.expressions import without_slow
from daemon.observe import Observed
from daemon.observe import look as observe
from daemon.strays import addresses, strays
from daemon.sync import sync
from rules.attendance import everybody
from rules.feed import is_planned_note
from rules.history import History
from rules.reach import reach
from rules.scene import Scene
from rules.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from config.load import Configuration
    from connectors.base import AddressBook, Calendar, Mailbox
    from daemon.ledger import Ledger
    from daemon.signatures import Signatures
    from rules.history import Record
    from rules.model import Mail, Meeting, Person
    from rules.people import Directory

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class House:
    """The configuration, and the outside world that it names. `signatures` are those of the mailbox's account.

    `former` is another configuration whose rules are to be asked about the same meetings.
    """

    configuration: Configuration
    calendars: Sequence[Calendar]
    books: Mapping[str, AddressBook | tuple[Person, ...]]
    mailbox: Mailbox
    signatures: Signatures | None = None
    former: Configuration | None = None


@dataclass
class View:
    """What the calendars, books, mailbox and ledger say at one moment. `problems` are new, `standing` known.

    `needs` are the problems that a permission of the user would solve.
    """

    world: World
    problems: list[Problem] = field(default_factory=list)
    standing: list[Problem] = field(default_factory=list)
    needs: list[Problem] = field(default_factory=list)
    observed: Observed | None = None
    trouble: ConnectorError | None = None
    doubted: bool = False
    """A calendar or an address book lacks so much that it is not believed yet."""


def silent(what: str, done: int, total: int) -> None:
    """Progress for nobody."""


def view(house: House, ledger: Ledger, now: datetime, until: datetime, progress: Progress = silent) -> View:
    """Look at everything. A writable ledger learns what the calendars and books say; nothing else is written.

    Raises:
        LedgerError: the ledger cannot be read or written.
    """
    seen = at_calendars(house, ledger, now, span(house, now, until), progress)
    seen = _with_mailbox(seen, house, ledger, now)
    seen.world, slow = without_slow(seen.world, ledger, house.configuration.folder)
    seen.problems += slow
    return seen


def at_calendars(
    house: House, ledger: Ledger, now: datetime, window: tuple[datetime, datetime], progress: Progress = silent
) -> View:
    """What calendars, books and ledger say; the mailbox is not asked, nor is any expression of the rules tried.

    Raises:
        LedgerError: the ledger cannot be read or written.
    """
    configuration = house.configuration
    start, end = window
    books = open_books(ledger, house.books, configuration.almanac, now)
    read = _Read(problems=list(books.problems), standing=list(books.standing), needs=list(books.needs_user))
    _read_calendars(read, house, ledger, now, window, books.directory, progress)
    records = ledger.records()
    scene = Scene(tuple(read.meetings), records, books.directory, configuration.me, configuration.writers)
    last = ledger.last_cycle()
    history = History(
        records=records,
        mails=ledger.mails(),
        ages=ledger.ages(),
        doubted={name: until for name, until in read.doubted.items() if name not in read.sure},
        last_cycle=last[0] if last else None,
        ahead=leaps.ahead(ledger),
        promises=ledger.promises(),
        decisions=ledger.decisions(),
        notes=ledger.person_notes(),
        asks=ledger.asks(),
    )
    world = World(
        rules=configuration.rules,
        scene=scene,
        history=history,
        almanac=configuration.almanac,
        courtesy=configuration.courtesy,
        backfill=configuration.backfill,
        calendars=frozenset(read.answered),
        start=start,
        end=end,
        unanswered=frozenset(calendar.id for calendar in house.calendars) - read.answered - read.trusted,
    )
    unsure = books.doubted or bool(history.doubted)
    return View(world, read.problems, read.standing, read.needs, doubted=unsure)


@dataclass
class _Read:
    """What the calendars say together. `doubted`: what is not believed to be gone, and until when; `sure` is there.

    `trusted` are those that were not asked, and answered when they last were.
    """

    meetings: list[Meeting] = field(default_factory=list)
    doubted: dict[str, datetime] = field(default_factory=dict)
    sure: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    trusted: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    standing: list[Problem] = field(default_factory=list)
    needs: list[Problem] = field(default_factory=list)


def _read_calendars(  # noqa: PLR0917 - what `at_calendars` was given
    read: _Read,
    house: House,
    ledger: Ledger,
    now: datetime,
    window: tuple[datetime, datetime],
    people: Directory,
    progress: Progress,
) -> None:
    configuration, (start, end) = house.configuration, window
    zone = configuration.settings.me.time_zone

    def somebody(meeting: Meeting) -> bool:
        return not is_planned_note(meeting) and bool(everybody(meeting, configuration.me, people))

    well = {name for name, state in ledger.sources().items() if state.ok_at and state.failed_since is None}
    for number, calendar in enumerate(house.calendars):
        progress("Reading calendars", number, len(house.calendars))
        synced = sync(ledger, calendar, start, end, zone, now, write=ledger.writable, has_people=somebody)
        read.meetings.extend(meeting for meeting in synced.meetings if not is_planned_note(meeting))
        read.answered.update({calendar.id} if synced.fresh else ())
        read.trusted.update({calendar.id} & well if not synced.asked else ())
        for identity in synced.doubted:  # of several calendars that lack it the last one to be believed decides
            read.doubted[identity] = max(synced.believed, read.doubted.get(identity, synced.believed))
        read.sure.update(meeting.identity for meeting in synced.meetings if meeting.identity not in synced.doubted)
        read.problems.extend(synced.problems)
        read.standing.extend(synced.standing)
        read.needs += [synced.needs_user] if synced.needs_user else []


def _with_mailbox(seen: View, house: House, ledger: Ledger, now: datetime) -> View:
    world = seen.world
    try:
        observed = look(house, ledger, world, now)
    except ConnectorError as error:
        seen.trouble = error
        seen.problems.append(told(house.mailbox.kind, error))
        return seen
    seen.observed = observed
    there = addresses(strays(observed), world.me)
    world = replace(world, history=replace(world.history, account=observed.account, strays=there))
    seen.world = knowing(world, observed.records, (*world.history.mails, *observed.new_mails))
    seen.standing += apart(observed.records, ledger.intents(), house.mailbox.kind, observed.account)
    return seen


def look(house: House, ledger: Ledger, world: World, now: datetime, more: frozenset[str] = frozenset()) -> Observed:
    """What became of the drafts, and new mails from and to the people of this world and `more`; nothing is written.

    Raises:
        ConnectorError: the mailbox cannot be looked at.
    """
    addresses = world.addresses | more
    directory, almanac, met = world.directory, world.almanac, world.met_before
    return observe(house.mailbox, ledger, addresses, world.me, directory, now, almanac=almanac, met=met)


def knowing(world: World, records: tuple[Record, ...], mails: tuple[Mail, ...]) -> World:
    """The world with these records and mails in place of its own."""
    return replace(world, history=replace(world.history, records=records, mails=mails))


def told(source: str, error: ConnectorError) -> Problem:
    """What a connector says, as a problem of its place."""
    return Problem(source, error.file, None, None, error.message, error.hint)


def span(house: House, now: datetime, until: datetime) -> tuple[datetime, datetime]:
    """From where to where the calendars are read."""
    asking = (one for one in (house.configuration, house.former) if one is not None)
    spans = [reach(one.rules, one.backfill, now, until) for one in asking]
    return min(start for start, _ in spans), max(end for _, end in spans)
