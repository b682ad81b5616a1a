"""Which follow-up a user means by an id, or by the beginning of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from shlex import quote
from typing import TYPE_CHECKING

from daemon.cli.desk import ledger_of, mention
from daemon.cli.owned import refuse_another
from daemon.cli.wording import moment, names
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from daemon.cli.call import Call
    from daemon.ledger import Ledger
    from daemon.sight import Sight
    from rules.history import Record
    from rules.model import FollowUp, Recipient

HORIZON = timedelta(days=366)
"""How far ahead a planned follow-up is looked for."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Target:
    """The follow-up as it is now, its record as the ledger has it (`known`), and how the plan has it.

    `seen` is None where the plan alone knows it. `follows` is the check-in that comes before it in its chain: one
    that lies in Drafts, or is planned.
    """

    id: str
    sight: Sight
    known: Record | None
    seen: Record | None
    follow_up: FollowUp | None
    follows: Record | FollowUp | None = None

    @property
    def shown(self) -> Record | FollowUp:
        """What tells most of it."""
        found = self.follow_up or self.seen
        assert found is not None
        return found


def find(call: Call, ledger: Ledger, now: datetime, given: str) -> Target:
    """The follow-up of this id, as it is now. The calendars are read only where the ledger alone cannot tell.

    Raises:
        Failure: there is none, or there are several (exit code 2).
    """
    from daemon.sight import UNWRITTEN, ahead, at_drafts  # noqa: PLC0415 - much is imported

    known = {record.id: record for record in ledger.records()}
    sight = at_drafts(call.folder, ledger, now, call.build)
    mention(sight.wrong)
    wanted = given.strip().casefold()
    found = [one for one in sight.records if wanted and one.id.startswith(wanted)]
    if len(found) == 1 and found[0].state not in UNWRITTEN:
        return Target(found[0].id, sight, known.get(found[0].id), found[0], None)
    if sight.house is not None:
        sight = ahead(sight.house, ledger, now, now + HORIZON)
    planned = {one.id: one for one in sight.planned}
    chosen = _only(wanted, given, dict.fromkeys((*sight.by_id, *planned)), lambda: _person(call, sight, given))
    follow_up = planned.get(chosen)
    follows = _before(follow_up, sight)
    return Target(chosen, sight, known.get(chosen), sight.by_id.get(chosen), follow_up, follows)


def change(call: Call, given: str, alter: Callable[[Record, str], Record], cause: str) -> tuple[Record, Sight]:
    """Let the user's word change the follow-up; it, and what was seen on the way.

    `alter` is given the record, and the account of the mailbox.

    Raises:
        Failure: there is none of this id, or it cannot be changed so (exit code 2).
    """
    from daemon import byhand  # noqa: PLC0415 - see `find`

    refuse_another(call)
    now = call.now()
    with ledger_of(call.state) as looking:
        target = find(call, looking, now, given)
    try:
        seen = wanted(target, now)
        with ledger_of(call.state, write=True) as ledger:
            account = target.sight.account
            changed = byhand.write(ledger, target.known, seen, lambda one: alter(one, account), cause, now)
            return changed, target.sight
    except byhand.Refused as refused:
        at = f" {moment(refused.at, target.sight.almanac, now)}" if refused.at else ""
        hint = f"`afterword show {target.id}` tells more."
        raise Failure(ExitCode.USAGE, f"{target.id}: {refused}{at}", hint) from None


def wanted(target: Target, now: datetime) -> Record:
    """The follow-up as a record, where it lies in Drafts or is planned.

    Raises:
        Refused: neither; nobody waits for it. Or another check-in comes before it.
    """
    from daemon.byhand import Refused, unwanted  # noqa: PLC0415 - see `find`
    from daemon.drafting import record_of  # noqa: PLC0415 - see `find`
    from daemon.sight import UNWRITTEN  # noqa: PLC0415 - see `find`

    if target.follows is not None:
        raise Refused(f"the check-in before it comes first: {target.follows.id}")
    seen = target.seen
    if seen is not None and seen.state not in UNWRITTEN:
        return seen
    if target.follow_up is not None:
        return record_of(target.follow_up, seen, now)
    assert seen is not None
    raise unwanted(seen)


def told(call: Call, record: Record, sight: Sight, words: str) -> ExitCode:
    """Print the follow-up as it is after a command, or a sentence on it."""
    from daemon.cli.output import print_json, say  # noqa: PLC0415 - it imports click
    from daemon.present import of_record  # noqa: PLC0415 - see `find`

    if call.json:
        print_json(of_record(record, sight.almanac, sight.mailbox, sight.now))
    else:
        say(words)
    return ExitCode.DONE


def title(record: Record) -> str:
    """`'Thank you, Dana' to Dana Okafor`."""
    what = f"'{record.subject}'" if record.subject else f"the {record.step}"
    return f"{what} to {'you' if record.to_me else names(record.to)}"


def _only(wanted: str, given: str, ids: Iterable[str], otherwise: Callable[[], str]) -> str:
    known = list(ids)
    found = [id_ for id_ in known if wanted and id_.startswith(wanted)]
    if wanted in found or len(found) == 1:
        return wanted if wanted in found else found[0]
    if found:
        several = ", ".join(sorted(found)[:5])
        raise Failure(ExitCode.USAGE, f"several follow-ups begin with '{given}': {several}", "Type more of the id.")
    near = get_close_matches(wanted, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else otherwise()
    raise Failure(ExitCode.USAGE, f"there is no follow-up '{given}'", hint)


def _person(call: Call, sight: Sight, given: str) -> str:
    """Where to find the ids; those of a person's notes, where a name or an address was given."""
    from daemon.outlook import everybody  # noqa: PLC0415 - see `find`
    from rules.model import Person  # noqa: PLC0415 - see `find`
    from rules.people import Directory  # noqa: PLC0415 - see `find`

    where = "`afterword drafts --all` and `afterword plan` show the ids."
    all_notes: list[Record | FollowUp] = [*sight.records, *sight.planned]
    notes = [one for one in all_notes if not one.to_me]
    people = [Person(to.name, (to.email,), known=False) for one in notes for to in _recipients(one)]
    people += everybody(sight.view.world).values() if sight.view is not None else ()
    found = Directory.of([[person] for person in people]).search(given)
    if not found:
        return where
    emails = {email for person in found for email in person.emails}
    theirs = [one for one in notes if any(to.email in emails for to in _recipients(one))]
    shown = list({one.id: one for one in theirs}.values())[:_SHOWN]
    ids = ", ".join(f"{one.id} ({one.step}, due {moment(one.due, sight.almanac, sight.now)})" for one in shown)
    who = found[0].name or found[0].email if len(found) == 1 else f"one of {len(found)} people"
    command = f"`afterword{call.options} person {quote(given)}`"
    return (
        f"That is {who}, and ID is the id of a note: {f'{ids}; ' if ids else ''}{command} tells of the person. {where}"
    )


def _recipients(one: Record | FollowUp) -> tuple[Recipient, ...]:
    return one.to if hasattr(one, "to") else one.recipients


def _before(follow_up: FollowUp | None, sight: Sight) -> Record | FollowUp | None:
    """The check-in of the same chain that comes first, where that is another."""
    from rules.history import OPEN  # noqa: PLC0415 - see `find`

    if follow_up is None or not follow_up.round:
        return None
    step, email = (follow_up.rule, follow_up.step), follow_up.recipients[0].email
    lying = (one for one in sight.records if one.state in OPEN and one.round and email in one.addresses)
    coming = (one for one in sight.planned if one.round and one.recipients[0].email == email)
    chain: list[Record | FollowUp] = [*lying, *coming]
    first = next((one for one in chain if (one.rule, one.step) == step), follow_up)
    return first if first.id != follow_up.id else None
