"""`afterword decide`: a decision, and a closing note for each who is to be told of it; who is not told yet."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.owned import refuse_another
from daemon.cli.who import nearest_firm, one_of
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daemon.cli.call import Call
    from daemon.decisions import Audience, Course
    from daemon.sight import Sight
    from rules.history import Decision
    from rules.model import Person

_LONGEST = 2_000


@command("decide")
@click.argument("text", required=False)
@click.option("--tell", multiple=True, metavar="WHO", help="Tell this person, by name or address.")
@click.option("--tag", multiple=True, metavar="TAG", help="Tell all with this tag, or met under the rule of this id.")
@click.option("--except", "excepted", multiple=True, metavar="WHO", help="Not this person, domain or organisation.")
@click.option("--check-ins", type=click.Choice(["go-on", "stop"]), help="What check-ins to them do.  [default: go-on]")
@click.option("--undo", metavar="ID", help="Take a decision back: its untouched drafts go with the next cycle.")
def decide(
    call: Call,
    *,
    text: str | None,
    tell: tuple[str, ...],
    tag: tuple[str, ...],
    excepted: tuple[str, ...],
    check_ins: str | None,
    undo: str | None,
) -> ExitCode:
    """Tell people what you decided, a closing note each; the next cycle lays them into Drafts.

    TEXT is what you decided: the words after "I am" ("taking the offer at Acme"), or whole sentences. Without --tell
    and --tag it is only listed who there is to tell, closest first; without TEXT, who is not told yet of earlier ones.
    """
    if undo is not None:
        if text or tell or tag or excepted or check_ins:
            raise click.UsageError("--undo takes the ID of a decision, and nothing else")
        return _undo(call, undo)
    if text is None:
        if tell or tag or excepted or check_ins:
            raise click.UsageError('what did you decide? Write it in one text, as in: afterword decide "…" --tag TAG')
        return _list(call)
    text = _phrase(text)
    if not tell and not tag:
        return _look(call, text, excepted)
    return _decide(call, text, (tell, tag, excepted), check_ins)


def _phrase(text: str) -> str:
    """What was decided, without what nobody sees.

    Raises:
        Failure: that leaves nothing, or it is too long (2).
    """
    from rules.cleaning import prose  # noqa: PLC0415 - see `_decide`

    said = prose(text)
    if not said or len(text) > _LONGEST:
        raise Failure(ExitCode.USAGE, f"a decision has between 1 and {_LONGEST} characters")
    return said


def _decide(
    call: Call, text: str, words: tuple[Sequence[str], Sequence[str], Sequence[str]], check_ins: str | None
) -> ExitCode:
    from daemon import decisions  # noqa: PLC0415 - much is imported
    from daemon.cli.decisions_told import course_json, course_lines, left_json, left_lines  # noqa: PLC0415 - see above

    refuse_another(call)
    now = call.now()
    with ledger_of(call.state) as looking:
        sight, who, decision = made(look_ahead(call, looking, now, now), text, words, check_ins)
        course = next(one for one in decisions.courses(sight) if one.decision.id == decision.id)
        document = {**course_json(sight, course), "not_told": left_json(who)}
        lines = [*course_lines(sight, course, call.options), *left_lines(who)]
    with ledger_of(call.state, write=True) as ledger:
        ledger.decide(decision)
    return finish(call, document, lines, sight.problems)


def made(
    sight: Sight, text: str, words: tuple[Sequence[str], Sequence[str], Sequence[str]], check_ins: str | None
) -> tuple[Sight, Audience, Decision]:
    """The decision for `Ledger.decide`, who hears of it, and what will be seen then. Nothing is written.

    `words` are those that say whom to tell, which tags have to be told, and who is excepted.

    Raises:
        Failure: nobody is meant, or left (2); the closing notes cannot be written (78).
    """
    from daemon import decisions  # noqa: PLC0415 - see `_decide`
    from rules.history import CheckIns  # noqa: PLC0415 - see `_decide`

    text = _phrase(text)
    who = heard(sight, *words)
    decision = decisions.worded(sight, text, who, CheckIns(check_ins) if check_ins else None)
    _refuse_nobody(who, decision)
    after = decisions.decided(sight, decision)
    if found := decisions.faults(after, decision):
        message = "the closing notes cannot be written, so nothing was decided"
        raise Failure(ExitCode.CONFIGURATION_WRONG, message, "Mend the template, and decide again.", found)
    return after, who, decision


def _refuse_nobody(who: Audience, decision: Decision) -> None:
    if decision.people:
        return
    from rules.greeting import called  # noqa: PLC0415 - not for --help

    why = "; ".join(f"{called(one.person)}: {one.why}" for one in who.left)
    hint = f"{why}." if why else "Nobody of them has been met or written to; `afterword people` shows everybody."
    raise Failure(ExitCode.USAGE, "nobody is left to be told, so nothing was decided", hint)


def heard(sight: Sight, tell: Sequence[str], tags: Sequence[str], excepted: Sequence[str]) -> Audience:
    """Whom the user means.

    Raises:
        Failure: nobody is known by one of these words, or several are (exit code 2).
    """
    from daemon import decisions  # noqa: PLC0415 - see `_decide`
    from daemon.outlook import everybody  # noqa: PLC0415 - see `_decide`

    assert sight.view is not None
    people = everybody(sight.view.world)
    named = [one_of(people.values(), who) for who in tell]
    without = {key: why for word in excepted for key, why in _excepted(sight, people, word).items()}
    try:
        return decisions.audience(sight, people, tell=named, tags=tags, excepted=without)
    except decisions.UnknownTag as unknown:
        near, known = (" or ".join(f"`{one}`" for one in several) for several in (unknown.near, unknown.known))
        where = "A tag stands with a person, in people.yaml."
        hint = f"Did you mean {near}?" if near else f"There is {known}. {where}" if known else where
        raise Failure(ExitCode.USAGE, f"nobody has the tag '{unknown}', and no rule has this id", hint) from None


def _excepted(sight: Sight, people: Mapping[str, Person], word: str) -> dict[str, str]:
    """Who is not to be told because of this word, by key, and why: all of a firm, else one person."""
    from daemon.decisions import among  # noqa: PLC0415 - see `_decide`

    assert sight.view is not None
    key = sight.view.world.directory.key
    if firm := among(people, word):
        return {key(person.email): f"of {word.removeprefix('@')}, which you excepted" for person in firm}
    try:
        return {key(one_of(people.values(), word).email): "you excepted them"}
    except Failure as failure:
        firms = nearest_firm(people.values(), word)
        raise Failure(failure.exit_code, failure.message, firms or failure.hint) from None


def _look(call: Call, text: str, excepted: Sequence[str]) -> ExitCode:
    """Only tell who there is to tell."""
    from daemon.cli.decisions_told import left_json, left_lines, near_json, near_lines  # noqa: PLC0415 - see `_decide`

    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, now)
        audience = heard(sight, (), (), excepted)
        document = {
            "text": text,
            "people": [near_json(sight, one) for one in audience.chosen],
            "not_told": left_json(audience),
        }
        how = f"afterword{call.options} decide {quote(text)}"
        lines = [*near_lines(sight, audience, how), *left_lines(audience)]
    return finish(call, document, lines, sight.problems)


def _list(call: Call) -> ExitCode:
    """The decisions, and who is yet to be told."""
    from daemon import decisions  # noqa: PLC0415 - see `_decide`
    from daemon.cli.decisions_told import course_json, course_lines  # noqa: PLC0415 - see `_decide`

    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, now)
        several = decisions.courses(sight)
        document = {"decisions": [course_json(sight, one) for one in several]}
        lines = [line for one in several for line in (*course_lines(sight, one, call.options), ("", {}))][:-1]
        lines = lines or [("Nothing is decided yet.", {})]
    return finish(call, document, lines, sight.problems)


def _undo(call: Call, given: str) -> ExitCode:
    from daemon import decisions  # noqa: PLC0415 - see `_decide`
    from daemon.cli.decisions_told import course_json, undone_lines  # noqa: PLC0415 - see `_decide`

    refuse_another(call)
    now = call.now()
    with ledger_of(call.state) as looking:
        sight = look_ahead(call, looking, now, now)
        before = the_one(decisions.courses(sight), given)
    with ledger_of(call.state, write=True) as ledger:
        ledger.take_back(before.decision.id, now)
        undone = decisions.undone(sight, before.decision, now)
        course = next(one for one in decisions.courses(undone) if one.decision.id == before.decision.id)
        document = course_json(undone, course)
    return finish(call, document, list(undone_lines(before)), sight.problems)


def the_one(courses: Sequence[Course], given: str) -> Course:
    """The decision that is meant, by the beginning of its id or some of its words.

    Raises:
        Failure: there is none, or there are several (exit code 2).
    """
    wanted = given.strip().casefold()
    there = [one for one in courses if one.decision.undone is None]
    exact = [one for one in there if one.decision.id == wanted]
    meant = [one for one in there if one.decision.id.startswith(wanted) or wanted in one.decision.text.casefold()]
    found = exact or (meant if wanted else [])
    if len(found) == 1:
        return found[0]
    from daemon.cli.wording import shorten  # noqa: PLC0415 - not for --help

    told = ", ".join(f"{one.decision.id} ({quote(shorten(one.decision.text, 60))})" for one in (found or there)[:3])
    if found:
        raise Failure(ExitCode.USAGE, f"'{given}' may be {told}", "Write the id.")
    back = any(one.decision.id.startswith(wanted) for one in courses) and bool(wanted)
    message = f"'{given}' was taken back already" if back else f"no decision is '{given}'"
    raise Failure(ExitCode.USAGE, message, f"There is {told}." if told else "`afterword decide` lists them.")
