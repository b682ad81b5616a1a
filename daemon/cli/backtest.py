"""`afterword backtest`: what the rules would have drafted over a span of the calendar."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from shlex import quote
from typing import TYPE_CHECKING

import click

from daemon import paths
from daemon.cli import FOLDER, usage
from daemon.cli.call import command
from daemon.cli.days import Days, broad, fitted, to
from daemon.cli.desk import finish, ledger_of
from daemon.cli.plan import LONGEST
from daemon.cli.wording import columns, count, day, moment, shorten
from daemon.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from config.load import Configuration
    from daemon.backtest import Backtest, Drafted
    from daemon.cli.call import Call
    from daemon.cli.days import Row
    from daemon.cli.desk import Line
    from daemon.cli.output import ExitCode
    from daemon.difference import Difference, Pair
    from daemon.sight import Sight

_SUBJECT = 32


def _date(context: click.Context, option: click.Parameter, value: str) -> date:
    try:
        found = date.fromisoformat(value.strip())
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2999:  # noqa: PLR2004 - as for --at
        raise click.BadParameter(f"'{value}' is no day; write it as in 2026-03-03", context, option)
    return found


@command("backtest")
@click.option("--from", "first", callback=_date, required=True, metavar="DATE", help="The first day, as in 2026-03-03.")
@click.option("--to", "last", callback=_date, required=True, metavar="DATE", help="The last day; it counts.")
@click.option("--against", type=FOLDER, metavar="DIR", help="Another configuration: how do its rules differ?")
def backtest(call: Call, *, first: date, last: date, against: str | None) -> ExitCode:
    """What the rules would have drafted in a span of your calendar, day by day, and why. Changes nothing.

    As if Afterword had begun on the first day with an empty memory, and you had sent each draft when it was due.
    """
    from daemon import backtest as past  # noqa: PLC0415 - much is imported
    from daemon.configuration import load_configuration  # noqa: PLC0415 - see above
    from daemon.difference import difference  # noqa: PLC0415 - see above
    from daemon.logins import Logins  # noqa: PLC0415 - see above
    from daemon.sight import house_of  # noqa: PLC0415 - see above

    if last < first:
        usage(f"--to {last} is before --from {first}")
    if (last - first).days > LONGEST:
        usage(f"from {first} to {last} is more than {LONGEST} days")
    now = call.now()
    configuration = load_configuration(call.folder)
    others = [_other(paths.config_folder(against))] if against else []
    almanac = configuration.almanac
    end = almanac.midnight(last + timedelta(days=1)) - timedelta(microseconds=1)
    span = past.Span(almanac.midnight(first), end, now)
    words = f"{day(first, almanac.day_of(now))} to {day(last, almanac.day_of(now))}"
    with ledger_of(call.state) as ledger:
        house = house_of(configuration, call.state, logins=Logins(call.state, almanac, now))
        found, problems = past.backtest(house, ledger, span, others)
        if others:
            compared = difference(*found)
            return finish(call, compared.json, list(_compared(compared, words)), problems)
        lines = list(_lines(found[0], words))
    return finish(call, found[0].json, lines, problems)


def _other(folder: Path) -> Configuration:
    """The configuration to compare with.

    Raises:
        Failure: there are problems (78); they are told as those of this folder.
    """
    from daemon.configuration import load_configuration  # noqa: PLC0415 - see `backtest`

    try:
        return load_configuration(folder)
    except Failure as failure:
        message = f"the configuration in {folder} cannot be compared with"
        there = f"`afterword --config {quote(str(folder))} "
        hint = f"Mend it and try again; {there}check` tells whether all is well."
        problems = [replace(one, hint=one.hint and one.hint.replace("`afterword ", there)) for one in failure.problems]
        raise Failure(failure.exit_code, message, hint, tuple(problems), texts=failure.texts) from None


def _lines(found: Backtest, words: str) -> Iterator[Line]:
    yield f"{words}: {_counted(found)}.", {}
    if found.all:
        yield "", {}
        yield from Days(found.sight, past=True).lines(_rows(found.all))
    if found.drafted:
        yield "", {}
        yield "Together", {"bold": True}
        counted = Counter(_step(one) for one in found.drafted).most_common()
        yield from ((f"  {line}", {}) for line in columns([(step, str(number)) for step, number in counted]))


def _rows(found: Iterable[Drafted]) -> list[Row]:
    return [(one.follow_up, one.json) for one in found]


def _step(one: Drafted) -> str:
    return f"{one.follow_up.rule or ''} {one.follow_up.step}".strip()


def _counted(found: Backtest) -> str:
    """`14 notes would have been drafted, to 9 people; 2 were held back until it was too late`."""
    people = {to.email for one in found.drafted if not one.follow_up.to_me for to in one.follow_up.recipients}
    notes = count(len(found.drafted), "note") if found.drafted else "no note"
    to_whom = f", to {'1 person' if len(people) == 1 else f'{len(people)} people'}" if people else ""
    number = len(found.never)
    never = f"; {number} {'was' if number == 1 else 'were'} held back until it was too late" if number else ""
    return f"{notes} would have been drafted{to_whom}{never}"


def _compared(found: Difference, words: str) -> Iterator[Line]:
    here, there = found.here, found.there
    yield f"{words}: here {count(len(here.drafted), 'note')}, there {len(there.drafted)}; {found.same} the same.", {}
    for title, side, drafted in (("here", here, found.only_here), ("there", there, found.only_there)):
        if drafted:
            yield "", {}
            yield f"Only {title}: {len(drafted)}", {"bold": True}
            yield from Days(side.sight, past=True).lines(_rows(drafted))
    if found.changed:
        yield "", {}
        yield f"Otherwise there: {len(found.changed)}", {"bold": True}
        yield from _changed(found.changed, here.sight)


def _changed(pairs: Sequence[Pair], sight: Sight) -> Iterator[Line]:
    """The notes that both draft, and below each what is otherwise there."""

    def when(one: Drafted) -> str:
        return moment(one.at, sight.almanac, sight.now)

    rows = [(when(here), to(here.follow_up), shorten(here.subject, _SUBJECT), _step(here)) for here, _ in pairs]
    most = broad()
    for (here, there), line in zip(pairs, fitted(rows, most - len("  "), subject=2), strict=True):
        yield f"  {line}", {}
        if here.at != there.at:
            yield f"    there {when(there)}", {"dim": True}
        if here.subject != there.subject:
            subject = shorten(there.subject, most - len("    there ''"))
            yield f"    there '{subject}'", {"dim": True}
