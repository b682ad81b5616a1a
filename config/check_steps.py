"""Checks the keys of a step against each other, and its templates against the files that there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from config.expected import code, either, near
from config.problem import Problem
from config.sources import TEMPLATES
from config.values import duration, texts, zero
from rules.decisions import STEP as CLOSING
from rules.language import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.files import Document, Path, Plain
    from rules.bare_names import BareName
    from rules.templates import Template, Templates
    from rules.timing import Duration

_STARTS = ("after", "every", "before")
_EMPTY = {
    "slots": "{} are free times for a meeting request, and there are none in the notes of a rule",
    "decision": "{} is what a closing note tells, and is empty in the notes of a rule",
    "helped": "{} is what somebody helped with, in a closing note, and is empty in the notes of a rule",
    "round": "{} counts check-ins, and is 0 where a step with `after` or `before` has this template",
}
"""What is told of a name that is written out where it is nothing."""
_EMPTY_IN_CLOSING = {
    "slots": "{} are free times for a meeting request, and there are none in a closing note",
    "helped": "{} is empty in the closing note to whoever has no `#thanks` at a meeting",
    "round": "{} counts check-ins, and is 0 in a closing note",
}
"""Likewise, in the template of `afterword decide`."""
_ABOUT_STARTS = (
    "`after: 2 hours` counts from the end of the meeting, `every: 6 weeks` from the last contact, "
    "`before: 1 day` from the start"
)


def check_step(document: Document, path: Path, step: Mapping[str, Plain], templates: Templates) -> Iterator[Problem]:
    """What a step may not say although each key by itself is right."""
    starts = [key for key in _STARTS if key in step]
    misspelt = any(near(key, _STARTS) for key in step if key not in Step.model_fields)
    if not starts and not misspelt:
        message = "the step does not say when: it needs one of `after`, `every` and `before`"
        yield document.problem(path, message, _ABOUT_STARTS)
    for second in starts[1:]:
        message = f"a step counts from one thing only, and has both {code(starts[0])} and {code(second)}"
        yield document.problem((*path, second), message, "keep one of the two, or make two steps of it", key=True)
    for key in ("every", "before", "by", "expires"):
        yield from zero(document, (*path, key))
    yield from _only_with(document, path, step)
    yield from _unheard(document, path, step)
    yield from _deadline(document, path, step)
    yield from _templates(document, path, step, templates)


def _only_with(document: Document, path: Path, step: Mapping[str, Plain]) -> Iterator[Problem]:
    """Keys that mean something with one kind of step only."""
    if not any(key in step for key in _STARTS):
        return
    if "at_most" in step and "every" not in step:
        message = "`at_most` counts check-ins, and so goes only with `every`"
        yield document.problem((*path, "at_most"), message, "take it out, or count from `every`", key=True)
    if "by" in step and "after" not in step:
        message = "`by` is a deadline after a meeting, and so goes only with `after`"
        yield document.problem((*path, "by"), message, "take it out, or count from `after`", key=True)
    if step.get("to") == "all" and "every" in step:
        message = "`to: all` does not go with `every`: check-ins are counted for each person"
        yield document.problem((*path, "to"), message, "write `to: each`, or take the line out")
    names = list(texts(document, (*path, "template")))
    if len(names) > 1 and "every" not in step:
        message = "several templates take turns, and so go only with `every`"
        yield document.problem((*path, "template"), message, f"keep one, as in {code(f'template: {names[0][1]}')}")


def _unheard(document: Document, path: Path, step: Mapping[str, Plain]) -> Iterator[Problem]:
    """Keys that mean nothing with the kind of step that this is: nobody would ever see them at work."""
    if "before" in step and "expires" in step:
        message = "`expires` does nothing with `before`: such a note expires when the meeting begins"
        yield document.problem((*path, "expires"), message, "take it out", key=True)
    if "before" in step and step.get("to") == "all":
        message = "`to: all` does nothing with `before`: such a note goes to me alone"
        yield document.problem((*path, "to"), message, "take the line out, or count from `after`")
    kind = next((key for key in ("before", "every") if key in step), None)
    if kind and "after" not in step and step.get("thread") == "reply":
        message = f"`thread: reply` does nothing with {code(kind)}: such a note is a mail of its own"
        yield document.problem((*path, "thread"), message, "take the line out, or count from `after`")


def _deadline(document: Document, path: Path, step: Mapping[str, Plain]) -> Iterator[Problem]:
    by, after = duration(step.get("by")), duration(step.get("after"))
    if by is not None and after is not None and not by.is_zero and _never_later(by, after):
        message = f"`by: {by}` is not later than `after: {after}`; both count from the end of the meeting"
        yield document.problem((*path, "by"), message, "make `by` the longer of the two")


def _never_later(by: Duration, after: Duration) -> bool:
    """Whether the one ends no later than the other, whatever the day of the week; a month is one of 30 days."""
    if by.business_days == after.business_days:
        return by.roughly <= after.roughly
    days = after.business_days  # a day each, where no weekend comes between
    weekends = (by.business_days + 4) // 5  # that come between at most
    longest = replace(by, days=by.days + by.business_days + 2 * weekends, business_days=0)
    return longest.roughly <= replace(after, days=after.days + days, business_days=0).roughly


def _templates(document: Document, path: Path, step: Mapping[str, Plain], templates: Templates) -> Iterator[Problem]:
    known = templates.names()
    for way, name in texts(document, (*path, "template")):
        if name.casefold() in known:
            yield from _empty_names(templates, name, check_in="every" in step)
            continue
        if not name.strip():
            yield document.problem(way, "the name of the template is empty", "write one, as in `template: thank-you`")
            continue
        if meant := near(name.removesuffix(".md"), known):
            hint = f"did you mean {code(meant)}?"
        elif known:
            hint = f"write templates/{name}.md, or one of {either(map(code, known))}"
        else:
            hint = f"write templates/{name}.md; `afterword init` brings some to begin with"
        yield document.problem(way, f"there is no template {code(name)}", hint)


def check_closing(templates: Templates) -> Iterator[Problem]:
    """What the template of closing notes may not say, which no step has."""
    for template in templates.of(CLOSING):
        for one in template.bare:
            if one.name in _EMPTY_IN_CLOSING:
                yield _bare(template, one, _EMPTY_IN_CLOSING[one.name])


def _bare(template: Template, one: BareName, message: str) -> Problem:
    hint = f"take it out, or write it between `{{% if {one.name} %}}` and `{{% endif %}}`"
    return Problem(None, f"{TEMPLATES}/{template.name}.md", one.line, one.column, message.format(code(one.name)), hint)


def _empty_names(templates: Templates, name: str, *, check_in: bool) -> Iterator[Problem]:
    """Names in the template of a step that say nothing in the notes of such a step."""
    for template in templates.of(name):
        for one in template.bare:
            if one.name != "round" or not check_in:
                yield _bare(template, one, _EMPTY[one.name])
