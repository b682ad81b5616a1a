"""Checks across keys and files: what each file by itself may say, and all together may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.check_steps import check_closing, check_step
from config.expected import code, either, near
from config.futile import check_futile
from config.values import duration, ids, texts, zero

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from config.files import Document, Path, Plain
    from config.problem import Problem
    from rules.templates import Templates


def check_settings(document: Document) -> Iterator[Problem]:
    """What afterword.yaml may not say although each key by itself is right."""
    yield from _calendar_ids(document)
    yield from zero(document, ("poll",))
    limit = document.value(("courtesy", "per_organisation"))
    if isinstance(limit, str) and re.match(r"\s*0+\s", limit):
        message = "`per_organisation` of 0 would hold back every note"
        yield document.problem(("courtesy", "per_organisation"), message, "write 1 or more, as in `3 per week`")


def calendar_ids(document: Document) -> tuple[str, ...]:
    """The ids of the calendars in afterword.yaml."""
    return tuple(dict.fromkeys(text for _, text in ids(document, ("calendars",))))


def check_rules(
    documents: Sequence[Document],
    calendars: Iterable[str] | None,
    templates: Templates,
    mine: frozenset[str] | None = None,
) -> Iterator[Problem]:
    """What the rule files may not say although each key by itself is right.

    `calendars` are the ids that there are, and `mine` my own mail domains; None where afterword.yaml could not be read.
    """
    seen: dict[str, str] = {}
    known = None if calendars is None else tuple(calendars)
    for document in documents:
        for path, text in ids(document, ("rules",)):
            line, column = document.at(path)
            if text in seen:
                hint = f"the first is at {seen[text]}; give one of them another id"
                yield document.problem(path, f"the rule id {code(text)} is used twice", hint)
            seen.setdefault(text, f"{document.file}:{line}:{column}")
        value = document.value(("rules",))
        for number, rule in enumerate(value if isinstance(value, list) else ()):
            if isinstance(rule, dict):
                yield from _rule(document, ("rules", number), rule, known, templates)
    yield from check_closing(templates)
    yield from check_futile(documents, mine)


def _rule(
    document: Document, path: Path, rule: Mapping[str, Plain], calendars: tuple[str, ...] | None, templates: Templates
) -> Iterator[Problem]:
    for part in ("when", "unless"):
        yield from _conditions(document, (*path, part), calendars)
    seen: set[str] = set()
    for way, text in ids(document, (*path, "steps")):
        if text in seen:
            message = f"the step id {code(text)} is used twice in this rule"
            yield document.problem(way, message, "give one of them another id")
        seen.add(text)
    steps = rule.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            yield from check_step(document, (*path, "steps", number), step, templates)


def _conditions(document: Document, path: Path, calendars: tuple[str, ...] | None) -> Iterator[Problem]:
    for way, name in texts(document, (*path, "calendar")) if calendars is not None else ():
        if name not in (calendars or ()):
            meant = near(name, calendars or ())
            there = f"afterword.yaml has {either(map(code, calendars or ()), ' and ')}"
            hint = (
                f"did you mean {code(meant)}?" if meant else there if calendars else "afterword.yaml has no calendars"
            )
            yield document.problem(way, f"there is no calendar {code(name)}", hint)
    for key in ("tag", "email"):
        for way, name in texts(document, (*path, "person", key)):
            if not name.strip():
                yield document.problem(way, f"an empty text in {code(key)} matches nobody", "write one, or take it out")
    for key in ("attendees", "duration"):
        least, most = (document.value((*path, key, bound)) for bound in ("at_least", "at_most"))
        if _more(least, most):
            message = f"{code(key)} cannot have at least {code(least)} and at most {code(most)}"
            yield document.problem((*path, key, "at_most"), message, "make `at_most` the larger of the two")


def _more(least: Plain, most: Plain) -> bool:
    if isinstance(least, int) and isinstance(most, int):
        return least > most
    shortest, longest = duration(least), duration(most)
    return shortest is not None and longest is not None and shortest.roughly > longest.roughly


def _calendar_ids(document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, text in ids(document, ("calendars",)):
        if text in seen:
            yield document.problem(path, f"the calendar id {code(text)} is used twice", "give one of them another id")
        seen.add(text)
