"""One turn of the service: sync, settle, observe, plan, act, nudge. Actions are computed first, then carried out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, NoteRefusedError, PermanentError, PermissionNeededError
from daemon import act, leaps, quiet, refusals, settling
from daemon.asking import end_asks
from daemon.drafting import Drafting, unwritten
from daemon.eye import Leftover
from daemon.forgotten import Search, take_over
from daemon.not_again import marked
from daemon.nudge import Nudged, bring_to_mind
from daemon.refusals import Refusal
from daemon.settle import settle
from daemon.strays import addresses, problems, strays
from daemon.view import View, knowing, look, silent, span, told, view
from rules.life import Turn
from rules.model import unique
from rules.plan import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from config.problem import Problem
    from daemon.figures import Figures
    from daemon.ledger import Ledger
    from daemon.observe import Observed
    from daemon.view import House, Progress
    from rules.history import Record
    from rules.model import FollowUp
    from rules.withdraw import Withdrawal
    from rules.world import World

_NAMES = 64
"""Identities that a record keeps of its meeting."""
_ADOPTIONS = 12
"""How often a cycle plans anew after it found drafts that the ledger had forgotten: more rounds than a chain has."""


@dataclass
class Outcome:
    """What a cycle did. `trouble` is what kept it from the mailbox, where something did.

    `problems` are new; `standing` are known, and only `status` tells of them.
    """

    at: datetime
    placed: list[Record] = field(default_factory=list)
    withdrawn: list[Record] = field(default_factory=list)
    changed: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    standing: list[Problem] = field(default_factory=list)
    next_due: datetime | None = None
    next_notes: tuple[quiet.Coming, ...] = ()
    nudged: Nudged = field(default_factory=Nudged)
    trouble: ConnectorError | None = None
    held: list[FollowUp] = field(default_factory=list)
    """What is due, and waits until a calendar that is doubted is believed, or whole again."""
    begun_anew: Problem | None = None
    """The ledger was begun although there are backups of one: no failure of the cycle, and told once."""
    needs: list[Problem] = field(default_factory=list)
    """What a permission of the user would mend."""
    pressing: bool = False
    """Something with a deadline is due, and the mailbox could not be reached."""
    quiet: bool = False
    """Nothing had changed, so that there was nothing to do."""
    figures: Figures | None = None
    """What is counted for the service."""
    headline: str = ""
    """How things stand after it, in a line for the service to tell."""
    unfinished: bool = False
    """Something was to be taken away and is there still, so that what was to follow it waits for the next cycle."""

    @property
    def wake(self) -> datetime | None:
        """When there is something next: a note is due, or a deadline to be brought to mind."""
        return min((instant for instant in (self.next_due, self.nudged.next) if instant is not None), default=None)

    def tell(self, records: Iterable[Record]) -> None:
        """These have changed: each is told once, as it is in the end."""
        news = {record.id: record for record in records}
        self.changed = [record for record in self.changed if record.id not in news] + [*news.values()]


def coming(house: House, ledger: Ledger, now: datetime, until: datetime) -> tuple[Plan, View]:
    """What is coming up to `until`. Looking is free: `ledger` is opened for reading, and nothing is written.

    Where `now` is a moment of the past, what was written after it is not known yet.
    """
    seen = view(house, ledger, now, until)
    history = seen.world.history
    if any(mail.at > now for mail in history.mails):
        seen.world = knowing(seen.world, history.records, tuple(mail for mail in history.mails if mail.at <= now))
    return plan(now, seen.world, until), seen


def rehearse(house: House, ledger: Ledger, now: datetime) -> Outcome:
    """What a cycle would do now; `--dry-run` is the same code without the last line."""
    seen = view(house, ledger, now, now)
    planned = plan(now, seen.world)
    outcome = Outcome(now, problems=list(seen.problems), next_due=planned.next_due, trouble=seen.trouble)
    outcome.next_notes = quiet.coming(planned.next)
    outcome.held = _held(planned, seen.world)
    if seen.observed is None:
        return outcome
    drafting = Drafting(house.configuration, ledger, now, house.signatures)
    prepared = drafting.prepare(planned.place, seen.world.records)
    try:
        refused = refusals.resting(ledger, prepared, seen.observed.account, now)
        search = Search(house.mailbox, seen.world.me, seen.observed, now)
        there = search.among([one for one in prepared if one.record.id not in refused], seen.world.records)
    except ConnectorError as error:
        outcome.trouble = error
        outcome.problems.append(told(house.mailbox.kind, error))
        return outcome
    known = {one.record.id for one in there} | refused.keys()
    outcome.changed = [*seen.observed.news, *(turn.record for turn in unwritten(planned, seen.world.records, now))]
    outcome.withdrawn = [act.removed(going.record, going.why, now).record for going in planned.withdraw]
    outcome.placed = [one.record for one in prepared if one.record.id not in known]
    outcome.problems += [*drafting.problems, *refusals.told(refused, prepared, house.mailbox.kind)]
    return outcome


def run(
    house: House,
    ledger: Ledger,
    now: datetime,
    progress: Progress = silent,
    edited: Callable[[World], None] | None = None,
) -> Outcome:
    """One cycle. What was under way when an earlier one ended early is settled first.

    `edited` is told of the world that is seen, before anything is done by a configuration that is not the `former` one.

    Raises:
        LedgerError: the ledger cannot be read or written; what was done by then is done, and known.
    """
    house = replace(house, calendars=[quiet.Remembering(calendar) for calendar in house.calendars])
    if edited is None and (rest := quiet.still(ledger, house, now, *span(house, now, now))) is not None:
        ledger.quiet_cycle(now, [calendar.id for calendar in house.calendars])
        nudged = Nudged(next=rest.next_nudge)
        return Outcome(now, next_due=rest.next_due, next_notes=rest.next_notes, nudged=nudged, quiet=True)
    leaps.notice(ledger, now)
    number = ledger.begin_cycle(now, forget=quiet.KEY)  # else a death in it would leave what is no longer so
    outcome = Outcome(now)
    try:
        outcome.tell(settle(ledger, house.mailbox, house.configuration.me, now))
    except ConnectorError as error:
        outcome.trouble = error
        outcome.problems.append(told(house.mailbox.kind, error))
    seen = view(house, ledger, now, now, progress)
    _learn_promises(ledger, seen.world, now)
    seen.world = end_asks(ledger, seen.world, now)
    outcome.problems += seen.problems
    outcome.trouble = outcome.trouble or seen.trouble
    if edited is not None:
        edited(seen.world)
    planned = plan(now, seen.world)
    if planned.ages != seen.world.history.ages:
        ledger.set_ages(planned.ages)
    if seen.observed is not None and outcome.trouble is None:
        _take_note(ledger, seen.observed, now, outcome)
        planned = _act(house, ledger, seen.world, seen.observed, planned, outcome, progress)
        if outcome.trouble is None:
            settling.settled(ledger)
    outcome.held = _held(planned, seen.world)
    outcome.pressing = outcome.trouble is not None and any(one.by is not None for one in planned.place)
    seen.standing += _nudge(house, ledger, seen, outcome)
    news = _see_own_work(house, ledger, seen.world, outcome)
    _learn_names(ledger, seen.world, now)
    outcome.next_due, outcome.next_notes = planned.next_due, quiet.coming(planned.next)
    outcome.problems = list(dict.fromkeys(outcome.problems))
    unsettled = outcome.unfinished or outcome.problems or outcome.trouble or outcome.nudged.problem
    left = bool(news or unsettled or seen.doubted or _said_meanwhile(ledger, seen.world))
    addresses = seen.world.addresses
    account = seen.world.history.account
    rest = None if left else quiet.ended(ledger, house, now, planned, addresses, outcome.nudged.next, account)
    quiet.remember(ledger, rest)
    standing = dict.fromkeys([*seen.standing, *outcome.standing])
    ledger.end_cycle(number, now, [*outcome.problems, *standing])
    return outcome


def _held(planned: Plan, world: World) -> list[FollowUp]:
    """What is due of meetings that are doubted."""
    return [one for one in planned.follow_ups if one.hold and one.meeting and world.is_doubted(one.meeting)]


def _learn_names(ledger: Ledger, world: World, now: datetime) -> None:
    """A meeting that is known by more names than when its note was planned keeps them all, and where it stands now.

    A copy under another UID or in another calendar, or a series that was shifted, may be all that is left of it one
    day.
    """
    turns = []
    for record in ledger.records():
        ref = record.meeting
        names = ref.identities if ref is not None else ()
        meeting = next((world.by_identity[name] for name in names if name in world.by_identity), None)
        if ref is None or meeting is None:
            continue
        known = unique((*names, *meeting.identities))[: max(_NAMES, len(names))]
        calendar = ref.calendar if ref.calendar in meeting.calendars else meeting.calendars[0]
        if (known, calendar) != (names, ref.calendar):
            turns.append(Turn(replace(record, meeting=replace(ref, identities=known, calendar=calendar)), ""))
    if turns:
        ledger.save(turns, now)


def _learn_promises(ledger: Ledger, world: World, now: datetime) -> None:
    """What was promised is kept in mind: the meeting may leave the calendar before the promise is ticked off."""
    known = {promise.id: promise for promise in ledger.promises()}
    made = (one for one in world.promises if one.id in known or one.meeting.end <= now)
    if news := [one for one in made if one != known.get(one.id)]:
        ledger.learn_promises(news)


def _said_meanwhile(ledger: Ledger, world: World) -> bool:
    """Whether the user said something since this cycle began, which does not know it: the next one looks at it all.

    They ticked something off, decided or asked, noted something on a person, or want nothing written to them again.
    """
    if world.history.notes != ledger.person_notes() or not world.directory.leaves_alone(marked(ledger)):
        return True
    before, after = ({one.id for one in known if one.kept} for known in (world.history.promises, ledger.promises()))
    return before != after or world.history.decisions != ledger.decisions() or world.history.asks != ledger.asks()


def _see_own_work(house: House, ledger: Ledger, world: World, outcome: Outcome) -> bool:
    """Look again after drafts or messages were laid or taken away, or found again: a next cycle is then a quiet one.

    What was found again may have been answered long ago.
    """
    acted = outcome.placed or outcome.withdrawn or outcome.nudged.told or outcome.changed
    if not acted or outcome.trouble is not None:
        return False
    try:
        found = frozenset(email for record in outcome.changed for email in record.addresses)
        after = look(house, ledger, world, outcome.at, found)
    except ConnectorError:
        return True  # the next cycle looks again, and tells
    _take_note(ledger, after, outcome.at, outcome)
    return bool(after.new_mails or after.news)


def _take_note(ledger: Ledger, observed: Observed, now: datetime, outcome: Outcome) -> None:
    ledger.remember(observed.new_mails)
    if observed.changed:
        ledger.save(observed.changed, now)
        outcome.tell(observed.news)
    if ledger.recall("mailbox") != observed.note:
        ledger.keep("mailbox", observed.note)


def _act(  # noqa: PLR0917 - the parts of one cycle
    house: House,
    ledger: Ledger,
    world: World,
    observed: Observed,
    planned: Plan,
    outcome: Outcome,
    progress: Progress,
) -> Plan:
    now = outcome.at
    try:
        world, planned = _take_over_forgotten(house, ledger, world, observed, planned, outcome)
        drafting = Drafting(house.configuration, ledger, now, house.signatures)
        prepared = drafting.prepare(planned.place, world.records)
        outcome.problems += drafting.problems
        outcome.standing += drafting.standing
        turns = unwritten(planned, world.records, now)
        after = {turn.record.id: turn.record for turn in turns}
        if turns:
            ledger.save(turns, now)
            outcome.tell(after.values())
        for left in observed.leftovers:
            _take_away(house, ledger, left, outcome)
        withdrawals = (_as_it_is(going, after.get(going.record.id)) for going in planned.withdraw)
        staying = [going.record for going in withdrawals if not _take_away(house, ledger, going, outcome)]
        outcome.unfinished = bool(staying)
        _place(house, ledger, _not_beside(staying, prepared, world), outcome, progress)
    except ConnectorError as error:
        outcome.trouble = error
        outcome.problems.append(told(house.mailbox.kind, error))
    return planned


def _place(
    house: House, ledger: Ledger, prepared: Sequence[act.Prepared], outcome: Outcome, progress: Progress
) -> None:
    """Lay the drafts down. One that the mailbox refuses for good hinders no other.

    Raises:
        ConnectorError: the mailbox cannot be used; or it refuses all of them, and does not say that it is the note.
    """
    account = house.mailbox.account
    refused = refusals.resting(ledger, prepared, account, outcome.at)
    tried = [one for one in prepared if one.record.id not in refused]
    general: list[tuple[act.Prepared, PermanentError]] = []
    trouble: ConnectorError | None = None
    for number, one in enumerate(tried):
        progress("Writing drafts", number, len(tried))
        try:
            record = act.place(ledger, house.mailbox, house.configuration.me, one, outcome.at)
        except NoteRefusedError as error:
            refused[one.record.id] = Refusal.of(one, account, error, outcome.at)
            continue
        except PermanentError as error:
            general.append((one, error))
            continue
        except ConnectorError as error:
            trouble = error
            break
        if record is not None:
            outcome.placed.append(record)
    refusals.keep(ledger, refused)
    outcome.problems += refusals.told(refused, prepared, house.mailbox.kind)
    if trouble is None and general and len(general) == len(tried):
        trouble = general[0][1]
    if trouble is not None:
        raise trouble
    outcome.problems += [refusals.problem(one, error, house.mailbox.kind) for one, error in general]


def _nudge(house: House, ledger: Ledger, seen: View, outcome: Outcome) -> list[Problem]:
    """Bring to mind what needs the user, and deadlines where the mailbox could be used; the problem that is no news."""
    trouble = outcome.trouble
    world = seen.world if seen.observed is not None and trouble is None else None
    needs = list(seen.needs)
    if isinstance(trouble, PermissionNeededError):
        needs.append(told(house.mailbox.kind, trouble))
    outcome.needs = needs
    nudged = outcome.nudged = bring_to_mind(house, ledger, world, needs, outcome.at)
    if nudged.problem is None:
        return []
    if nudged.is_news:
        outcome.problems.append(nudged.problem)
        return []
    return [nudged.problem]


def _take_away(house: House, ledger: Ledger, going: Withdrawal | Leftover, outcome: Outcome) -> bool:
    """Whether it is gone. One that cannot be taken away hinders no note to others; the next cycle tries again."""
    me = house.configuration.me
    try:
        if isinstance(going, Leftover):
            return act.tidy(ledger, house.mailbox, me, going, outcome.at) is not None
        gone = act.take_away(ledger, house.mailbox, me, going, outcome.at)
    except ConnectorError as error:
        outcome.problems.append(told(house.mailbox.kind, error))
        return False
    if gone is not None:
        outcome.withdrawn.append(gone)
    return gone is not None


def _as_it_is(going: Withdrawal, record: Record | None) -> Withdrawal:
    """What is to be taken away, of a follow-up that has just come to an end: a snoozed one that was cancelled."""
    return going if record is None else replace(going, record=record, outcome=record.state)


def _not_beside(staying: Sequence[Record], prepared: Sequence[act.Prepared], world: World) -> list[act.Prepared]:
    """Without the notes to those whose other draft was to make room for them, and still lies there."""
    taken = world.keys(address for record in staying if not record.to_me for address in record.addresses)
    return [one for one in prepared if one.record.to_me or not world.keys(one.record.addresses) & taken]


def _take_over_forgotten(  # noqa: PLR0917 - as for `_act`
    house: House, ledger: Ledger, world: World, observed: Observed, planned: Plan, outcome: Outcome
) -> tuple[World, Plan]:
    """Before anything is drafted: what a lost or restored ledger has forgotten is found in the mailbox."""
    search = Search(house.mailbox, world.me, observed, outcome.at)
    if world.history.strays:  # what they hold back may be just that which lies there
        world = replace(world, history=replace(world.history, strays=frozenset()))
        planned = plan(outcome.at, world)
    missed = (one for one in planned.expired if one.id not in world.records or one.id in observed.forgotten)
    wanted = (*planned.place, *planned.cancelled, *planned.bygone, *missed)
    for _ in range(_ADOPTIONS):
        drafting = Drafting(house.configuration, ledger, outcome.at, house.signatures)
        prepared = drafting.prepare(wanted, world.records)
        refused = refusals.resting(ledger, prepared, observed.account, outcome.at)
        found = search.among([one for one in prepared if one.record.id not in refused], world.records)
        adopted = {one.record.id: one.record for one in found if take_over(ledger, one, outcome.at)}
        if not adopted:
            break
        outcome.tell(adopted.values())
        rest = tuple(record for record in world.history.records if record.id not in adopted)
        world = knowing(world, (*rest, *adopted.values()), world.history.mails)
        planned = plan(outcome.at, world)
        wanted = planned.place
    left = strays(observed, {record.message_id for record in world.history.records})
    if there := addresses(left, world.me):
        outcome.standing += problems(left, house.mailbox.kind, world.me)
        world = replace(world, history=replace(world.history, strays=there))
        planned = plan(outcome.at, world)
    return world, planned
