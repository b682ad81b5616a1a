"""What looking shows: the follow-ups as the ledger, the mailbox and the plan have them now. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from config.load import load
from config.problem import Problem
from connectors.base import ConnectorError, Nearby
from daemon import household
from daemon.asking import overtaken
from daemon.books import open_books
from daemon.connect import Connect
from daemon.cycle import coming
from daemon.drafting import Drafting
from daemon.logins import Logins
from daemon.observe import look
from daemon.present import of_plan, of_record
from daemon.sync import NotAskedError
from daemon.view import House
from rules.history import Record, State
from rules.steps import is_expired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from config.load import Configuration
    from connectors.base import Flaw, Listing
    from connectors.waits import Waits
    from daemon.ledger import Ledger
    from daemon.outlook import Standing
    from daemon.view import View
    from rules.almanac import Almanac
    from rules.model import FollowUp, Person
    from rules.plan import Plan
    from rules.world import World

    Build = Callable[[Configuration], House]
    """What makes the outside world that a configuration names."""

UNWRITTEN = frozenset({State.PLANNED, State.WITHDRAWN, State.EXPIRED, State.CANCELLED})
"""States in which only the plan knows whether a follow-up is wanted."""


@dataclass
class Sight:
    """`records` are as they are now; `plan`, `view` and `drafting` are there when somebody looked ahead.

    `problems` are what could not be looked at; `wrong` the problems of the configuration, which leave the
    ledger alone to tell.
    """

    almanac: Almanac
    mailbox: str
    now: datetime
    records: tuple[Record, ...]
    problems: list[Problem] = field(default_factory=list)
    wrong: tuple[Problem, ...] = ()
    house: House | None = None
    plan: Plan | None = None
    view: View | None = None
    drafting: Drafting | None = None
    account: str = ""
    """Of the mailbox, where it could be asked."""

    @property
    def by_id(self) -> Mapping[str, Record]:
        """The records by id."""
        return {record.id: record for record in self.records}

    @property
    def planned(self) -> tuple[FollowUp, ...]:
        """What is coming, in the order of time."""
        return () if self.plan is None else self.plan.follow_ups

    @cached_property
    def everybody(self) -> tuple[Standing, ...]:
        """How it stands with everybody (`daemon.outlook.standings`), worked out once for all who look here."""
        from daemon.outlook import standings  # noqa: PLC0415 - most commands never ask

        return standings(self)

    def json_of(self, one: Record | FollowUp) -> dict[str, Any]:
        """The follow-up as every command prints it."""
        if isinstance(one, Record):
            told = of_record(one, self.almanac, self.mailbox, self.now)
            gone = overtaken(self, one)
            return {**told, "why": f"{told['why']}; {gone}"} if gone else told
        drafting = self.drafting_of(one)
        assert drafting is not None
        return of_plan(one, self.by_id, drafting, self.now)

    def drafting_of(self, follow_up: FollowUp) -> Drafting | None:
        """What words the note as it would be when it is drafted: `on Tuesday` is then another day."""
        return self.drafting and replace(self.drafting, now=drafted_at(follow_up, self.now))


def house_of(
    configuration: Configuration,
    state: Path,
    *,
    write: bool = False,
    logins: Logins | None = None,
    waits: Waits | None = None,
) -> House:
    """The house that the settings describe. Without `write` its connectors leave the state folder as it is.

    `logins` minds refused passwords, and `waits` is how long the mailbox is waited for, as for `Connect`.
    """
    connect = Connect(configuration, state, write=write, logins=logins, waits=waits)
    mailbox = connect.mailbox()
    return House(configuration, connect.calendars(), connect.address_books(), mailbox, connect.signatures(mailbox))


def at_drafts(folder: Path, ledger: Ledger, now: datetime, build: Build | None = None) -> Sight:
    """The follow-ups of the ledger, as the mailbox shows them now. No calendar is asked.

    With a wrong configuration, or a mailbox that does not answer, as the ledger has them. `build` makes the outside
    world, where it is not that of a command.
    """
    loaded = load(folder)
    if loaded.configuration is None:
        kept = household.recall(ledger)
        return Sight(kept.almanac, kept.mailbox, now, ledger.records(), wrong=loaded.problems)
    configuration = loaded.configuration
    if build is not None:
        house = build(configuration)
    else:
        house = house_of(configuration, ledger.folder, logins=Logins(ledger.folder, configuration.almanac, now))
    sight = Sight(configuration.almanac, house.mailbox.kind, now, ledger.records(), house=house)
    people = open_books(ledger, house.books, configuration.almanac, now).directory
    addresses = {email for record in sight.records for email in record.addresses}
    addresses |= {email for one in addresses if (person := people.find(one)) for email in person.emails}
    try:
        me, almanac = configuration.me, configuration.almanac
        seen = look(house.mailbox, ledger, frozenset(addresses), me, people, now, almanac=almanac)
    except ConnectorError as error:
        sight.problems.append(Problem(house.mailbox.kind, error.file, None, None, error.message, error.hint))
    else:
        sight.records, sight.account = seen.records, seen.account
    return sight


def ahead(house: House, ledger: Ledger, now: datetime, until: datetime, *, fresh: bool = True) -> Sight:
    """The follow-ups as they are now, and what is coming up to `until`.

    `ledger` is one for looking. Without `fresh` no calendar is asked: what was last known of each has to do. Nor is
    the account for its signature.
    """
    assert not ledger.writable  # else a calendar that was not asked would be written down as one that failed
    asked = house if fresh else remembered(house)
    plan, view = coming(asked, ledger, now, until)
    unasked = set() if fresh else {one.id for one in house.calendars}
    unasked |= {name for name, book in house.books.items() if isinstance(book, _Remembered)}
    return Sight(
        house.configuration.almanac,
        house.mailbox.kind,
        now,
        view.world.history.records,
        problems=[problem for problem in view.problems if problem.source not in unasked],
        house=house,
        plan=replace(plan, follow_ups=tuple(when_due(plan.follow_ups, view.world, now))),
        view=view,
        drafting=Drafting(house.configuration, ledger, now, house.signatures if fresh else None),
        account=view.world.history.account,
    )


def remembered(house: House) -> House:
    """The house with calendars that are not asked: what was last known of each has to do."""
    return replace(house, calendars=[_Remembered(one.id) for one in house.calendars])


def with_near_books(house: House) -> House:
    """The house with address books that are not asked, but for those in files of this machine."""
    near = {name: one if isinstance(one, tuple | Nearby) else _Remembered(name) for name, one in house.books.items()}
    return replace(house, books=near)


def drafted_at(follow_up: FollowUp, now: datetime) -> datetime:
    """When it will be drafted, as far as is known: not before now, nor while it is held back."""
    until = follow_up.hold.until if follow_up.hold else None
    return max(follow_up.due, now, until or now)


def when_due(follow_ups: Iterable[FollowUp], world: World, now: datetime) -> Iterator[FollowUp]:
    """With what each note tells of contacts as it will be when it is drafted.

    Accepted meetings are taken as held by then, and the notes that go before it as sent.
    """
    sent: dict[str, list[datetime]] = defaultdict(list)
    for one in follow_ups:
        at = drafted_at(one, now)
        if not (one.to_me or one.is_stuck or is_expired(one, at)):
            for key in world.keys(to.email for to in one.recipients):
                sent[key].append(at)
    for one in follow_ups:
        at = drafted_at(one, now)
        if at <= now or not one.people:
            yield one
            continue
        key = world.directory.key(one.people[0].email)
        known = min(at, one.meeting.start) if one.to_me and one.meeting else at
        contact = world.last_contact(key, known)
        contacts = [*([contact.at] if contact else []), *(note for note in sent[key] if note < known)]
        yield replace(
            one,
            last_contact=max(contacts, default=None),
            meetings_so_far=world.met_before(key, at),
            next_meeting=world.next_meeting(key, at),
        )


class _Remembered:
    """A calendar, or an address book, that is not asked."""

    def __init__(self, id: str) -> None:  # noqa: A002 - the field of the protocol
        self.id = id

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - the protocol
        """Say nothing."""
        self._silent()

    def read(self, names: object) -> Iterator[tuple[str, bytes | ConnectorError]]:  # noqa: ARG002 - the protocol
        """Say nothing."""
        self._silent()

    def tag(self) -> str:
        """Say nothing."""
        self._silent()

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        """Say nothing."""
        self._silent()

    def _silent(self) -> NoReturn:
        raise NotAskedError(f"{self.id} was not asked")
