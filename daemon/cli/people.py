"""`afterword people`: everybody, with the last contact and the next note."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.acquaintance import coming, last_contact, owed
from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.table import Head, breadth, drawn
from daemon.cli.wording import columns
from rules.greeting import called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.failure import ExitCode
    from daemon.outlook import Standing
    from daemon.sight import Sight

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
