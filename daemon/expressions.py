"""Regular expressions of the rules that take too long are set aside with their rules, before a plan relies on them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from config.where import problem_of_rule
from daemon.ledger.codec import storable
from daemon.patience import stumbles
from rules.match import is_expression, may_match
from rules.model import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from config.problem import Problem
    from daemon.ledger import Ledger
    from rules.language import Rule
    from rules.model import Meeting
    from rules.world import World

SECONDS = 2.0
"""What an expression may compute over all the texts that a plan asks it about; ten thousand titles take a hundredth."""
_KEY = "slow expressions"
_TEXTS = ("title", "description", "location")
_SHOWN = 40
_HINT = (
    "Write it without a repetition inside a repetition, as in /a+$/ for /(a+)+$/, or name words instead. "
    "What the rule has drafted stays where it is."
)


def without_slow(world: World, ledger: Ledger, folder: Path) -> tuple[World, list[Problem]]:
    """The world without the rules that have an expression which takes too long, and a problem for each of these.

    A rule that is not there acts on nothing and withdraws nothing. The verdict is remembered, where the ledger may be
    written, as long as the text is there that the expression stumbled over; `folder` is that of the configuration.
    """
    trial = _Trial(world, ledger)
    for rule in world.rules:
        trial.hear(rule)
    trial.remember()
    if not trial.slow:
        return world, []
    problems: list[Problem] = []
    kept: list[Rule] = []
    for rule in world.rules:
        slow = [one for one in dict.fromkeys(_expressions(rule)) if one in trial.slow]
        problems += (_problem(folder, rule, one, trial.slow[one]) for one in slow)
        kept += [] if slow else [rule]
    return replace(world, rules=tuple(kept)), problems


def without_slow_at(rules: Iterable[Rule], meeting: Meeting, folder: Path) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules that can be asked about this meeting, whatever its texts, and a problem for each that takes too long.

    `without_slow` asks about the meetings that may concern a rule; here each condition is to be told.
    """
    kept: list[Rule] = []
    problems: list[Problem] = []
    for rule in rules:
        slow = next((found for one in _asked(rule, meeting) if (found := _slow(*one)) is not None), None)
        if slow is None:
            kept.append(rule)
        else:
            problems.append(_problem(folder, rule, *slow))
    return tuple(kept), problems


def _asked(rule: Rule, meeting: Meeting) -> Iterator[tuple[str, str]]:
    for conditions in (rule.when, rule.unless):
        for name in _TEXTS if conditions is not None else ():
            for expression in filter(is_expression, getattr(conditions, name)):
                yield expression, getattr(meeting, name)


def _slow(expression: str, text: str) -> tuple[str, str] | None:
    return None if stumbles(expression, [text], SECONDS) is None else (expression, text)


def _problem(folder: Path, rule: Rule, expression: str, text: str) -> Problem:
    words = " ".join(text.split())
    shown = storable(f"{words[:_SHOWN]}…" if len(words) > _SHOWN else words)
    message = (
        f"the rule `{rule.id}` rests: its regular expression `{expression}` takes more than {SECONDS:g} seconds, "
        f"as for '{shown}'"
    )
    return problem_of_rule(folder, rule.id, expression, message, _HINT)


def _expressions(rule: Rule) -> Iterator[str]:
    """All that the user wrote between slashes in this rule."""
    for conditions in (rule.when, rule.unless):
        for name in _TEXTS if conditions is not None else ():
            yield from filter(is_expression, getattr(conditions, name))
    for step in rule.steps:
        yield from filter(is_expression, step.own)


class _Trial:
    """Asks each expression what the plan will ask it, with a limit of time; its answers are remembered by `expressed`.

    `slow` are those that took too long, with the text at which the time was up.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.slow: dict[str, str] = {}
        self._world = world
        self._ledger = ledger
        self._kept = ledger.recall(_KEY)
        self._known: dict[str, str] = json.loads(self._kept or "{}")

    def hear(self, rule: Rule) -> None:
        """Try the expressions of a rule, up to the first that takes too long."""
        for expression, texts in self._questions(rule):
            if expression in self.slow:
                return
            if (text := self._stumbles(expression, texts)) is not None:
                self.slow[expression] = text
                self.remember()
                return

    def remember(self) -> None:
        """Keep the verdicts, so that the next cycle need not wait for them."""
        verdicts = {expression: _digest(text) for expression, text in self.slow.items()}
        text = json.dumps(verdicts, sort_keys=True) if verdicts else None
        if text != self._kept and self._ledger.writable:
            self._ledger.keep(_KEY, text)
            self._kept = text

    def _questions(self, rule: Rule) -> Iterator[tuple[str, list[str]]]:
        """Each expression with its texts. Titles come first: only where they match are the others looked at."""
        when, unless = rule.when, rule.unless
        for expression in filter(is_expression, when.title):
            yield expression, _distinct(meeting.title for meeting in self._meetings)
        several = [(name, getattr(when, name)) for name in _TEXTS[1:]]
        several += [(name, getattr(unless, name)) for name in _TEXTS] if unless is not None else []
        asked = [(name, one) for name, phrases in several for one in phrases if is_expression(one)]
        near = [meeting for meeting in self._meetings if may_match(rule, meeting)] if asked else []
        for name, expression in asked:
            yield expression, _distinct(getattr(meeting, name) for meeting in near)
        for expression in (one for step in rule.steps for one in step.own if is_expression(one)):
            yield expression, self._subjects

    def _stumbles(self, expression: str, texts: list[str]) -> str | None:
        """The text for which it takes too long; None where it does for none."""
        if (digest := self._known.get(expression)) is not None:
            known = next((text for text in texts if _digest(text) == digest), None)
            if known is not None:
                return known
        return stumbles(expression, texts, SECONDS)

    @property
    def _meetings(self) -> tuple[Meeting, ...]:
        return self._world.scene.concern

    @cached_property
    def _subjects(self) -> list[str]:
        return _distinct(mail.subject for mail in self._world.history.mails if mail.direction is Direction.OUT)


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
