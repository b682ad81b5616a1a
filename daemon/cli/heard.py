"""Whom a user means to tell of a decision, by the words they typed; and whether it can be told. The page asks the same.

several = heard(sight, ["Dana"], ["search-2026"], ["Acme"])
decision, after = judged(sight, "taking the offer at Acme", several)
ledger.decide(decision)          # `after` is what is seen then: `daemon.decisions.courses(after)`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.cli.who import nearest_firm, one_of
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daemon.decisions import Audience
    from daemon.sight import Sight
    from rules.history import CheckIns, Decision
    from rules.model import Person


def heard(sight: Sight, tell: Sequence[str], tags: Sequence[str], excepted: Sequence[str]) -> Audience:
    """Whom the user means by names and addresses, by tags and ids of rules, and whom they except; else everybody.

    Raises:
        Failure: nobody is known by one of these words, or several are (exit code 2).
    """
    from daemon import decisions  # noqa: PLC0415 - much is imported
    from daemon.outlook import everybody  # noqa: PLC0415 - see `heard`

    assert sight.view is not None
    people = everybody(sight.view.world)
    named = [one_of(people.values(), who) for who in tell]
    without = {key: why for word in excepted for key, why in _excepted(sight, people, word).items()}
    try:
        return decisions.audience(sight, people, tell=named, tags=tags, excepted=without)
    except decisions.UnknownTag as unknown:
        near = " or ".join(f"`{one}`" for one in unknown.near)
        hint = f"Did you mean {near}?" if near else "`afterword people --json` shows the tags of everybody."
        raise Failure(ExitCode.USAGE, f"nobody has the tag '{unknown}', and no rule has this id", hint) from None


def _excepted(sight: Sight, people: Mapping[str, Person], word: str) -> dict[str, str]:
    """Who is not to be told because of this word, by key, and why: all of a firm, else one person."""
    from daemon.decisions import among  # noqa: PLC0415 - see `heard`

    assert sight.view is not None
    key = sight.view.world.directory.key
    if firm := among(people, word):
        return {key(person.email): f"of {word.removeprefix('@')}, which you excepted" for person in firm}
    try:
        return {key(one_of(people.values(), word).email): "you excepted them"}
    except Failure as failure:
        firms = nearest_firm(people.values(), word)
        raise Failure(failure.exit_code, failure.message, firms or failure.hint) from None


def judged(sight: Sight, text: str, several: Audience, check_ins: CheckIns | None = None) -> tuple[Decision, Sight]:
    """The decision for `Ledger.decide`, and what is seen once it is kept; nothing is written.

    Raises:
        Failure: nobody is left to be told (exit code 2), or the template of closing notes does not work (78).
    """
    from daemon import decisions  # noqa: PLC0415 - see `heard`

    decision = decisions.worded(sight, text, several, check_ins)
    _refuse_nobody(several, decision)
    after = decisions.decided(sight, decision)
    if found := decisions.faults(after, decision):
        message = "the closing notes cannot be written, so nothing was decided"
        raise Failure(ExitCode.CONFIGURATION_WRONG, message, "Mend the template, and decide again.", found)
    return decision, after


def _refuse_nobody(several: Audience, decision: Decision) -> None:
    if decision.people:
        return
    from rules.greeting import called  # noqa: PLC0415 - not for --help

    why = "; ".join(f"{called(one.person)}: {one.why}" for one in several.left)
    hint = f"{why}." if why else "Nobody of them has been met or written to; `afterword people` shows everybody."
    raise Failure(ExitCode.USAGE, "nobody is left to be told, so nothing was decided", hint)
