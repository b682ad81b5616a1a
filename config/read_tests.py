"""Reads the tests of the rules, and finds what is wrong with them before any is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.expected import code, either, near
from config.files import read_yaml
from config.rule_tests import REASONS, RuleTestFile
from config.validate import validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from config.files import Document, Path
    from config.load import Configuration
    from config.problem import Problem
    from config.rule_tests import RuleTest


@dataclass(frozen=True, slots=True)
class ReadTests:
    """One file of tests, with the place of each of its keys."""

    document: Document
    file: RuleTestFile


def parse_tests(
    texts: Mapping[str, str], configuration: Configuration | None
) -> tuple[tuple[ReadTests, ...], tuple[Problem, ...]]:
    """The tests in these texts, by the names of their files, and all that is wrong with them. Reads no file.

    Whether there are the rules and calendars that they name is looked at where the configuration itself is right.
    """
    found: list[ReadTests] = []
    problems: list[Problem] = []
    for name in sorted(texts):
        document, faults = read_yaml(texts[name], name)
        problems += faults
        if document is None:
            continue
        made, faults = validate(document, RuleTestFile)
        problems += faults
        if made is not None:
            read = ReadTests(document, made)
            problems += _Check(read, configuration).problems() if configuration is not None else ()
            found.append(read)
    return tuple(found), tuple(sorted(problems, key=lambda one: (one.file or "", one.line or 0, one.column or 0)))


class _Check:
    """What a file of tests may not say although each key by itself is right."""

    def __init__(self, read: ReadTests, configuration: Configuration) -> None:
        self.document = read.document
        self.tests = read.file.tests
        self.steps = {rule.id: tuple(step.id for step in rule.steps) for rule in configuration.rules}
        self.calendars = tuple(one.id for one in configuration.settings.calendars)
        self.templates = tuple(configuration.templates.names())

    def problems(self) -> Iterator[Problem]:
        """Test by test."""
        seen: dict[str, int] = {}
        for number, test in enumerate(self.tests):
            way: Path = ("tests", number)
            line = self.document.at((*way, "name"))[0]
            if test.name in seen:
                message = f"two tests have this name; the first is in line {seen[test.name]}"
                yield self.document.problem((*way, "name"), message, "give each a name of its own")
            seen.setdefault(test.name, line)
            yield from self._given(way, test)
            yield from self._times(way, test)
            yield from self._expected(way, test)
            yield from self._because(way, test)

    def _given(self, way: Path, test: RuleTest) -> Iterator[Problem]:
        meetings = [((*way, "meetings", number), one) for number, one in enumerate(test.meetings)]
        for path, meeting in [((*way, "meeting"), test.meeting), *meetings]:
            if meeting is not None:
                yield from self._known((*path, "calendar"), meeting.calendar, self.calendars, "calendar")
        for number, draft in enumerate(test.drafts):
            yield from self._step((*way, "drafts", number), draft.rule, draft.step)

    def _times(self, way: Path, test: RuleTest) -> Iterator[Problem]:
        """What is known when the test begins lies before, and what is expected of it after."""
        start = test.at or (test.meeting.ends if test.meeting is not None else None)
        if start is None:
            return
        if test.until and test.until.text <= start.text:
            message = f"`until` is not after {code(start.text)}, from when the test looks ahead"
            yield self.document.problem((*way, "until"), message, "write a later time, or take it out for 14 days")
        past = [((*way, "mails", number, "at"), mail.at) for number, mail in enumerate(test.mails)]
        for number, draft in enumerate(test.drafts):
            path = (*way, "drafts", number)
            past.append(((*path, "placed"), draft.placed))
            past += [((*path, draft.done[0]), draft.done[1])] if draft.done else []
        for path, when in past:
            if when.text > start.text:
                message = f"{code(when.text)} is not known yet: the test looks ahead from {code(start.text)}"
                yield self.document.problem(path, message, "let the test begin later, with `at:`")

    def _expected(self, way: Path, test: RuleTest) -> Iterator[Problem]:
        for number, one in enumerate(test.expect if test.expect != "none" else ()):
            path = (*way, "expect", number)
            yield from self._step(path, one.rule, one.step)
            yield from self._known((*path, "template"), one.template, self.templates, "template")

    def _step(self, path: Path, rule: str | None, step: str | None) -> Iterator[Problem]:
        yield from self._known((*path, "rule"), rule, self.steps, "rule")
        if rule in self.steps:
            yield from self._known((*path, "step"), step, self.steps[rule], "step", f" in {code(rule)}")
        elif rule is None:
            every = dict.fromkeys(one for steps in self.steps.values() for one in steps)
            yield from self._known((*path, "step"), step, every, "step")

    def _because(self, way: Path, test: RuleTest) -> Iterator[Problem]:
        if test.because is None:
            return
        path: Path = (*way, "because")
        named = test.because if isinstance(test.because, dict) else {None: test.because}
        for rule, words in named.items():
            place = path if rule is None else (*path, rule)
            yield from self._known(place, rule, self.steps, "rule", key=True)
            for number, word in enumerate(words):
                yield from self._known((*place, number), word, REASONS, "condition or gate")
            if not words:
                yield self.document.problem(
                    place, f"{code(str(place[-1]))} names nothing", "write what stands against it"
                )

    def _known(
        self, path: Path, word: str | None, known: Iterable[str], what: str, where: str = "", *, key: bool = False
    ) -> Iterator[Problem]:
        names = tuple(known)
        if word is None or word in names:
            return
        meant = near(word, names)
        there = f"there {'is' if len(names) == 1 else 'are'} {either(map(code, names), ' and ') or 'none'}"
        hint = f"did you mean {code(meant)}?" if meant else there
        yield self.document.problem(path, f"there is no {what} {code(word)}{where}", hint, key=key)
