"""The end of `afterword init`: each place is tried, the next two weeks are planned, and what comes next is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.cli.output import ExitCode, say, show_problems
from daemon.cli.wording import columns, count, shown, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.load import Configuration
    from daemon.cli.call import Call
    from daemon.cli.check import Judged
    from daemon.sight import Sight
    from rules.language import Rule

_DAYS = 14
_PHRASES, _RULES = 7, 3
"""How many words of a title, and how many rules, an example has room for."""
_BROAD = 79


@dataclass(frozen=True, slots=True)
class _Places:
    """The names of what the settings lead to on other machines and on this one, and where there are meetings."""

    elsewhere: frozenset[str | None]
    here: frozenset[str]
    meetings_here: bool
    meetings_elsewhere: bool

    def show_meetings(self, wanting: set[str | None], *, tried: bool) -> bool:
        """Whether there is something to plan; without a trial only where no other machine would be asked.

        Those that lack something are not: that is asked for first.
        """
        if tried:
            return self.meetings_here or self.meetings_elsewhere
        return self.meetings_here and self.elsewhere <= wanting

    def asking(self, source: str) -> None:
        """Say what is waited for, if it is."""
        if source not in self.here:
            say(f"Asking {source} …", dim=True)


def lead_on(call: Call, *, watched: bool) -> ExitCode:
    """Check what there is now, try it, plan the next two weeks, and say what comes next; nothing is written.

    Other machines are asked where somebody watches: it may take its time, and a script may run where there is no
    network. What is missing yet is told, and is no fault of what was written: 78 is for the files alone, and 1 for a
    place that was tried and did not answer.
    """
    from daemon.cli.check import judge, tell  # noqa: PLC0415 - `init --help` needs nothing of it

    judged = _as_missing(judge(call.folder, call.state))
    configuration = judged.loaded.configuration
    if configuration is None:
        code = tell(judged)
        say(f"Next: mend that, then `afterword{call.options} check`.")
        return code
    wanting = _wanting(judged)
    places = _places(configuration, judged, call.state)
    tried = not wanting and (watched or not places.elsewhere)
    if tried:
        judged = judge(call.folder, call.state, connect=call.now(), asking=places.asking)
    tell(judged)
    silent = bool(_unanswered(judged))
    if not silent and places.show_meetings(wanting, tried=tried):
        _plan(call, {problem.message for problem in judged.notes})
    _next(call, configuration, wanting, tried=tried, silent=silent)
    return ExitCode.PART_FAILED if silent else ExitCode.DONE


def _as_missing(judged: Judged) -> Judged:
    """What is wrong with the files of Google's is missing, as long as the settings can be read."""
    if judged.loaded.configuration is None:
        return judged
    return replace(judged, problems=[], notes=[*judged.notes, *judged.problems])


def _wanting(judged: Judged) -> set[str | None]:
    """The sources that lack something; a calendar that is empty does not."""
    from daemon.missing import EMPTY  # noqa: PLC0415 - `init --help` needs nothing of it

    return {one.source for one in judged.notes if not one.message.startswith(EMPTY)}


def _places(configuration: Configuration, judged: Judged, state: Path) -> _Places:
    from config.settings import Maildir, PeopleFile, Vcards  # noqa: PLC0415 - see `_wanting`
    from connectors.calendars.ics import IcsAddress, IcsFile, IcsFolder  # noqa: PLC0415 - see `_wanting`
    from daemon.connect import Connect, services_of  # noqa: PLC0415 - see `_wanting`
    from daemon.missing import GOOGLE, accounts  # noqa: PLC0415 - see `_wanting`

    calendars = Connect(configuration, state).calendars()
    web = {one.id for one in calendars if isinstance(one, IcsAddress)}
    google = {GOOGLE} if services_of(configuration) else set()
    here = {one.id for one in calendars if isinstance(one, (IcsFile, IcsFolder))}
    empty = {one.source for one in judged.notes}
    books = {
        one.people if isinstance(one, PeopleFile) else one.vcards
        for one in configuration.contacts
        if isinstance(one, (PeopleFile, Vcards))
    }
    mailbox = {"mailbox"} if isinstance(configuration.mailbox, Maildir) else set()
    return _Places(
        frozenset({*accounts(configuration), *web, *google}),
        frozenset({*here, *books, *mailbox}),
        meetings_here=bool(here - empty),
        meetings_elsewhere=len(calendars) > len(here),
    )


def _unanswered(judged: Judged) -> set[str | None]:
    """The sources that did not answer; one that did may have a flaw in it all the same."""
    return {problem.source for problem in judged.problems} - {line.partition(": ")[0] for line in judged.found}


def _plan(call: Call, told: set[str]) -> None:
    """What `afterword plan` shows; where that is nothing, which meetings would bring notes."""
    from daemon.cli.days import Days  # noqa: PLC0415 - see `_wanting`
    from daemon.cli.desk import ledger_of, look_ahead  # noqa: PLC0415 - see `_wanting`
    from daemon.cli.plan import rows_until  # noqa: PLC0415 - see `_wanting`

    now = call.now()
    horizon = now + timedelta(days=_DAYS)
    say()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, horizon)
        if rows := rows_until(sight, horizon):
            say(
                f"Your next two weeks: {count(len(rows), 'note')}, as `afterword{call.options} plan` shows them",
                bold=True,
            )
            for line, style in Days(sight).lines(rows):
                say(line, **style)
        else:
            for line in _nothing(call, sight):
                say(line)
    show_problems(problem for problem in sight.problems if problem.message not in told)
    say()


def _nothing(call: Call, sight: Sight) -> Iterator[str]:
    """Why nothing is coming, and what would."""
    assert sight.view is not None
    assert sight.house is not None
    horizon = sight.now + timedelta(days=_DAYS)
    meetings = sum(sight.now <= one.start <= horizon for one in sight.view.world.scene.meetings)
    if not meetings:
        yield "Your calendar has no meeting in the next two weeks, so there is nothing to plan yet."
    else:
        said = "Your one meeting" if meetings == 1 else f"None of your {meetings} meetings"
        brings = "brings no note" if meetings == 1 else "brings a note"
        why = f"`afterword{call.options} explain TITLE` tells why"
        yield from wrapped(f"{said} of the next two weeks {brings} yet; {why}.", "", _BROAD)
    rules = [one for one in sight.house.configuration.rules if _phrases(one)]
    if rules:
        yield "A note comes of a meeting with somebody, and one of these words in its title:"
        yield from (f"  {line}" for line in columns([(one.id, ", ".join(_phrases(one))) for one in rules[:_RULES]]))


def _phrases(rule: Rule) -> list[str]:
    """Some words of the titles that the rule looks for; none of its regular expressions."""
    phrases = rule.when.title if rule.when is not None else ()
    return [one for one in phrases if not one.startswith("/")][:_PHRASES]


def _next(call: Call, configuration: Configuration, wanting: set[str | None], *, tried: bool, silent: bool) -> None:
    """What is to be typed next: in three lines at most."""
    from daemon.missing import GOOGLE, passwords  # noqa: PLC0415 - see `_wanting`

    afterword = f"afterword{call.options}"
    tries = f"`{afterword} check --connect` tries it"
    first = ["put the password there (most providers want an app password)"]
    first = first if passwords(configuration) else []
    if wanting & {GOOGLE, None}:
        first.append(f"`{afterword} auth google` asks for the permission")
    said = ""
    if first:
        said = f"{'; '.join(first)}, and {tries}."
    elif silent:
        said = f"mend that; what was written stays. Then {tries} again, and `{afterword} plan` shows what is coming."
    elif wanting:
        said = f"when nothing is missing, `{afterword} once --dry-run` shows what the first cycle would draft."
    elif not tried:
        said = f"{tries}, and names what it finds there."
    if said:
        say(f"Next: {said}")
        return
    say("Next:")
    rows = (
        (f"{afterword} once --dry-run", "what is due now; without --dry-run it is drafted"),
        (_service(call), "has systemd run it, from now on"),
        (shown(call.folder / "rules"), "the rules, for you to edit"),
    )
    for line in columns(rows, max(len(typed) for typed, _ in rows)):  # what is to be typed is never cut short
        say(f"  {line}")


def _service(call: Call) -> str:
    """What hands it to systemd: to the machine's where the configuration is that of an account."""
    from daemon.cli.service_which import ACCOUNTS  # noqa: PLC0415 - see `_wanting`

    if call.folder.parent == ACCOUNTS:
        return f"afterword service install --system {call.folder.name}"
    return f"afterword{call.options} service install"
