"""`afterword people`: everybody, with the last contact and the next note."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.table import Head, breadth, drawn
from daemon.cli.wording import columns, day, moment
from rules.greeting import called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.failure import ExitCode
    from daemon.outlook import Standing
    from daemon.sight import Sight
    from rules.history import Promise

AHEAD = timedelta(days=366)
"""How far ahead the next note is looked for."""


@command("people")
def people(call: Call) -> ExitCode:
    """Everybody: the last contact and the next note; those whom you have not met or written to for longest first."""
    from daemon.outlook import standings  # noqa: PLC0415 - much is imported

    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, now + AHEAD)
        everybody = standings(sight)
        document = {"people": [person_json(sight, one) for one in everybody]}
        lines = list(_lines(sight, everybody))
    return finish(call, document, lines, sight.problems)


def person_json(sight: Sight, standing: Standing) -> dict[str, Any]:
    """A person as `people` and `person` print them."""
    from daemon.present import of_promise, stamp  # noqa: PLC0415 - see `people`

    person, last = standing.person, standing.last
    return {
        "name": person.name,
        "email": person.email,
        "emails": list(person.emails),
        "tags": list(person.tags),
        "organisation": person.organisation,
        "last_contact": {"at": stamp(last.at, sight.almanac), "how": standing.how} if last else None,
        "next": None if standing.next is None else sight.json_of(standing.next),
        "why": standing.why,
        "owes": [of_promise(one, sight.almanac) for one in owed(sight, standing)],
    }


def owed(sight: Sight, standing: Standing) -> Sequence[Promise]:
    """What the user has promised this person, and not ticked off."""
    from rules.promises import open_to  # noqa: PLC0415 - see `people`

    assert sight.view is not None
    return open_to(sight.view.world, standing.key, sight.now)


def _lines(sight: Sight, everybody: Sequence[Standing]) -> Iterator[Line | list[Line]]:
    if not everybody:
        yield "Nobody is known yet: there are no meetings with people, and nobody is in the address books.", {}
        return
    titles = ("Who", "Last contact", "Next note")
    rows = [(called(one.person), last_contact(sight, one), coming(sight, one)) for one in everybody]
    if (broad := breadth()) is not None:
        heads = [Head(title, least=10) for title in titles]
        yield from drawn(heads, [[[(text, {})] for text in row] for row in rows], broad)
        return
    head, *lines = columns([titles, *rows], 36)
    yield head, {"bold": True}
    yield from ((line, {}) for line in lines)


def last_contact(sight: Sight, standing: Standing) -> str:
    """`Tue 3 March, met`."""
    if standing.last is None:
        return "never"
    when = day(sight.almanac.day_of(standing.last.at), sight.almanac.day_of(sight.now))
    return f"{when}, {standing.how}"


def coming(sight: Sight, standing: Standing) -> str:
    """`thank-you, Tue 3 March 18:00`; `thank-you lies in Drafts`; or why there is none."""
    from daemon.present import held  # noqa: PLC0415 - see `people`
    from rules.history import Record  # noqa: PLC0415 - see `people`

    following = standing.next
    if following is None:
        return f"none: {standing.why}"
    if isinstance(following, Record):
        return f"{following.step} lies in Drafts"
    if following.hold is not None:
        return f"{following.step}, {held(following.hold, sight.almanac, sight.now)}"
    if following.due <= sight.now:
        return f"{following.step}, due now"
    return f"{following.step}, {moment(following.due, sight.almanac, sight.now)}"
