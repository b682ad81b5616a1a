"""Judges a test: the drafts that the planner asks for against those that are expected, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from config.expected import code, either, flow
from connectors.calendars.budget import TimeIsUpError, limit
from daemon.drafting import note_of
from daemon.present import held
from daemon.rule_tests.reasons import against, nearest
from daemon.rule_tests.stage import NoSuchDraftError, Stage, is_to
from daemon.sight import drafted_at, when_due
from rules.match import found
from rules.sandbox import TemplateFault
from rules.steps import is_expired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from config.files import Path as Way
    from config.load import Configuration
    from config.read_tests import ReadTests
    from config.rule_tests import ExpectedDraft, RuleTest
    from daemon.rule_tests.reasons import Against
    from rules.model import FollowUp
    from rules.plan import Plan

SECONDS = 4.0
"""What one test may compute: a regular expression of the rules can take for ever."""
KEYS = (
    "rule", "step", "to", "due", "by", "expires", "drafted", "from", "template", "subject", "text", "why", "because",
)  # fmt: skip
"""What can be said of a draft, or of there being none, in the order in which it is told."""
NAMING = ("rule", "step", "to")
"""What tells one draft from another."""

Said = dict[str, str]
"""What is said of a draft, key by key, as it would be written in a test."""


@dataclass(frozen=True)
class Got:
    """A draft that the rules ask for, and the moment at which it would be placed."""

    stage: Stage
    follow_up: FollowUp
    drafted: datetime

    @cached_property
    def said(self) -> Said:
        """All that there is to say of it."""
        one, to = self.follow_up, self.follow_up.recipients
        subject, text = self._note
        said = {
            "rule": one.rule or "",
            "step": one.step,
            "to": "me" if one.to_me else ", ".join(recipient.email for recipient in to),
            "due": self._wall(one.due),
            "by": self._wall(one.by),
            "expires": self._wall(one.expires),
            "drafted": self._wall(self.drafted),
            "from": one.sender,
            "template": one.template,
            "subject": subject,
            "text": text,
            "why": f"{one.why}; {held(one.hold, self.stage.almanac, self.stage.now)}" if one.hold else one.why,
        }
        return {key: value for key, value in said.items() if value}

    @cached_property
    def _note(self) -> tuple[str, str]:
        configuration = self.stage.configuration
        try:
            note = note_of(self.follow_up, configuration, configuration.me, self.drafted)
        except TemplateFault as fault:
            return f"(the template does not work: {fault.message})", ""
        return note.subject, note.text

    def _wall(self, instant: datetime | None) -> str:
        return "" if instant is None else f"{self.stage.almanac.local(instant):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as expected, and where that stands in the file.

    Of a draft that is another, `expected` and `got` are both there, and `differing` names the keys; one that is missing
    was only expected, one too many only got. `reasons` say what stands against it; `message` is the failure in a line.
    """

    line: int
    column: int
    message: str
    expected: Said | None = None
    got: Said | None = None
    differing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a test went."""

    name: str
    file: str
    line: int
    column: int
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.failures


def judge(read: ReadTests, number: int, configuration: Configuration) -> Result:
    """Run one test of a file."""
    test = read.file.tests[number]
    line, column = read.document.at(("tests", number))
    judging = _Judging(read, ("tests", number), Stage(configuration, read.file, test))
    try:
        with limit(SECONDS):
            failures = judging.failures()
    except TimeIsUpError:
        message = f"this takes more than {SECONDS:g} seconds: a regular expression of the rules is slow"
        failures = [judging.failure(("name",), message)]
    return Result(test.name, read.document.file, line, column, tuple(failures))


@dataclass(frozen=True)
class _Judging:
    read: ReadTests
    way: Way
    stage: Stage

    def failure(self, way: Way, message: str) -> Failure:
        line, column = self.read.document.at((*self.way, *way))
        return Failure(line, column, message)

    def failures(self) -> list[Failure]:
        try:
            plan = self.stage.plan()
        except NoSuchDraftError as error:
            return [self._never_asked(error)]
        test = self.stage.test
        got = _drafts(self.stage, plan)
        expected = () if test.expect == "none" else test.expect
        failures = self._compared(expected, got, plan)
        if not failures and test.because is not None:
            failures = self._because(test, plan)
        return failures

    def _never_asked(self, error: NoSuchDraftError) -> Failure:
        draft = self.stage.test.drafts[error.number]
        line, column = self.read.document.at((*self.way, "drafts", error.number))
        expected = {"rule": draft.rule, "step": draft.step, "to": ", ".join(draft.to), "placed": draft.placed.text}
        then = draft.placed.on(self.stage.almanac)
        coming = [Got(self.stage, one, drafted_at(one, then)).said for one in error.coming]
        reasons = tuple(f"{draft.rule} {one['step']} to {one['to']}: placed {one['drafted']}" for one in coming)
        reasons = reasons or (f"{draft.rule} asks for nothing then, nor in the 14 days after",)
        return Failure(line, column, "the rules place no such draft at that time", expected, reasons=reasons)

    def _compared(self, expected: Sequence[ExpectedDraft], got: Sequence[Got], plan: Plan) -> list[Failure]:
        pairs = _matched(expected, got)
        lonely = [number for number in range(len(expected)) if number not in pairs]
        rest = [one for number, one in enumerate(got) if number not in pairs.values()]
        failures = []
        for number in lonely:
            wanted, way = expected[number], (*self.way, "expect", number)
            line, column = self.read.document.at(way)
            closest = min(rest, key=lambda one: (_distance(wanted, one), rest.index(one)), default=None)
            if closest is not None and _alike(wanted, closest):
                rest.remove(closest)
                differing = _differing(wanted, closest)
                place = self.read.document.at((*way, differing[0]), key=True)
                message = f"{either(differing, ' and ')} {'is' if len(differing) == 1 else 'are'} not as expected"
                said = _said(wanted) | _unmet(wanted, closest)
                failures.append(Failure(*place, message, said, closest.said, differing))
            else:
                reasons = self._reasons(wanted, plan)
                failures.append(Failure(line, column, "no such draft", _said(wanted), reasons=reasons))
        for one in rest:
            line, column = self.read.document.at((*self.way, "expect"), key=True)
            failures.append(Failure(line, column, "a draft that is not expected", got=one.said))
        return failures

    def _reasons(self, wanted: ExpectedDraft, plan: Plan) -> tuple[str, ...]:
        """What stands against a draft that is missing, in its rule or in all."""
        meeting = self.stage.meeting
        if meeting is None:
            return ()
        return _told(one for one in against(self.stage, plan, meeting) if wanted.rule in (None, one.rule))

    def _because(self, test: RuleTest, plan: Plan) -> list[Failure]:
        meeting = self.stage.meeting
        assert meeting is not None
        all_against = against(self.stage, plan, meeting)
        asked = test.because if isinstance(test.because, dict) else {"": test.because or ()}
        failures = []
        for rule, words in asked.items():
            concerned = nearest(all_against, rule)
            if not any(one.is_just(words) for one in concerned):
                way = (*self.way, "because", *([rule] if rule else []))
                line, column = self.read.document.at(way, key=True)
                message = f"it is not {either(map(code, words), ' and ')} alone that stands against it"
                one = concerned[0] if len(concerned) == 1 else None
                got = _reason(rule, [finding.condition for finding in one.findings]) if one and one.findings else None
                differing = ("because",) if got else ()
                reasons = _told(concerned)
                failures.append(Failure(line, column, message, _reason(rule, words), got, differing, reasons))
        return failures


def _reason(rule: str, words: Sequence[str]) -> Said:
    """`because`, as it is written."""
    said = words[0] if len(words) == 1 else flow(list(words))
    return {"because": f"{{{rule}: {said}}}" if rule else said}


def _told(several: Iterable[Against]) -> tuple[str, ...]:
    """What stands against each rule, in a line for each thing."""
    told = []
    for one in several:
        if one.matches and not one.findings:
            told.append(f"{one.rule}: matches")
        told += [f"{one.rule}: {finding.condition} ({finding.why})" for finding in one.findings]
    return tuple(told)


def _drafts(stage: Stage, plan: Plan) -> list[Got]:
    """What would lie in Drafts by `until`."""
    drafts = []
    for one in when_due(plan.follow_ups, stage.world, stage.now):
        at = drafted_at(one, stage.now)
        if not one.is_stuck and at <= stage.until and not is_expired(one, at):
            drafts.append(Got(stage, one, at))
    return sorted(drafts, key=lambda one: (one.drafted, one.follow_up.rule or "", one.follow_up.step, one.said["to"]))


def _matched(expected: Sequence[ExpectedDraft], got: Sequence[Got]) -> dict[int, int]:
    """As many expectations as can be met at once, each by a draft of its own (augmenting paths)."""
    fits = [[other for other, one in enumerate(got) if not _differing(wanted, one)] for wanted in expected]
    taken: dict[int, int] = {}

    def give(number: int, tried: set[int]) -> bool:
        for other in fits[number]:
            if other not in tried:
                tried.add(other)
                if other not in taken or give(taken[other], tried):
                    taken[other] = number
                    return True
        return False

    for number in range(len(expected)):
        give(number, set())
    return {number: other for other, number in taken.items()}


def _said(wanted: ExpectedDraft) -> Said:
    """What a test says of a draft."""
    said = wanted.model_dump(by_alias=True, exclude_unset=True, mode="json")
    shown = {key: ", ".join(value) if isinstance(value, list | tuple) else str(value) for key, value in said.items()}
    return {key: shown[key] for key in KEYS if key in shown}


def _differing(wanted: ExpectedDraft, got: Got) -> tuple[str, ...]:
    """The keys in which a draft is another than the one that is expected."""
    said, there = _said(wanted), got.said
    wrong = {key for key, value in said.items() if key not in ("to", "text", "why") and value != there.get(key)}
    if wanted.to is not None and not is_to(got.follow_up, wanted.to, got.stage.directory):
        wrong.add("to")
    wrong |= _unmet(wanted, got).keys()
    if "due" in said and "drafted" not in said and got.follow_up.hold is not None:
        wrong.add("drafted")  # what is held back is not there when it is due
    return tuple(key for key in KEYS if key in wrong)


def _unmet(wanted: ExpectedDraft, got: Got) -> Said:
    """The words that should stand in the note and in the reason, and do not."""
    unmet = {}
    for key, phrases in (("text", wanted.text), ("why", wanted.why)):
        if missing := [phrase for phrase in phrases if found((phrase,), got.said.get(key, "")) is None]:
            unmet[key] = ", ".join(missing)
    return unmet


def _distance(wanted: ExpectedDraft, got: Got) -> tuple[int, int]:
    differing = _differing(wanted, got)
    return sum(key in NAMING for key in differing), len(differing)


def _alike(wanted: ExpectedDraft, got: Got) -> bool:
    """Whether the one may be what was meant by the other: at most one of rule, step and recipient is another."""
    naming = [key for key in NAMING if key in _said(wanted)]
    wrong = [key for key in _differing(wanted, got) if key in NAMING]
    return len(wrong) <= 1 and len(wrong) < max(len(naming), 1)
