"""Where in the rule files something stands: a rule, or what turned out to be wrong in it only when it was used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.files import read_yaml
from config.problem import Problem
from config.sources import RULES, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from config.files import Document, Plain
    from config.files import Path as Way
    from config.sources import Sources


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule begins, and the step of it that was asked for: file and lines, from 1. `step` is 0 where it is gone.

    `about` is what the user says of the rule.
    """

    file: str
    line: int
    step: int = 0
    about: str = ""

    @property
    def words(self) -> str:
        """`rules/coffee.yaml:3`, of the step where it is known."""
        return f"{self.file}:{self.step or self.line}"


def place_of_rule(folder: Path, rule: str, step: str = "") -> Place | None:
    """Where this rule stands, as the files of the configuration in `folder` are now; None where it is gone."""
    for name, content in read(folder).within(RULES, ".yaml"):
        if rule not in content:
            continue
        document, _ = read_yaml(content, name)
        rules = document.value(("rules",)) if document is not None else None
        for number, one in enumerate(rules if isinstance(rules, list) else ()):
            if document is not None and isinstance(one, dict) and one.get("id") == rule:
                about = one.get("about")
                way = ("rules", number)
                at = _step(document, way, step)
                return Place(name, document.at(way)[0], at, about.strip() if isinstance(about, str) else "")
    return None


def _step(document: Document, rule: Way, step: str) -> int:
    steps = document.value((*rule, "steps"))
    for number, one in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(one, dict) and one.get("id") == step:
            return document.at((*rule, "steps", number))[0]
    return 0


def problem_of_rule(folder: Path, rule: str, text: str, message: str, hint: str) -> Problem:
    """A problem of this text in the rule of this id, with its place as the files are now; without one where it is gone.

    `folder` is that of the configuration. A rule file that cannot be read is looked over.
    """
    for name, content in read(folder).within(RULES, ".yaml"):
        document, _ = read_yaml(content, name)
        way = next(_ways(document, rule, text), None) if document is not None else None
        if document is not None and way is not None:
            return document.problem(way, message, hint)
    return Problem(None, None, None, None, message, hint)


def places_of_rules(sources: Sources) -> Mapping[str, str]:
    """Where each rule stands, by its id: `rules/coffee.yaml:3`. Files that cannot be read are looked over."""
    found: dict[str, str] = {}
    for name, content in sources.within(RULES, ".yaml"):
        document, _ = read_yaml(content, name)
        rules = document.value(("rules",)) if document is not None else None
        for number, one in enumerate(rules if isinstance(rules, list) else ()):
            if document is not None and isinstance(one, dict) and isinstance(one.get("id"), str):
                line, _ = document.at(("rules", number, "id"), key=True)
                found.setdefault(str(one["id"]), f"{name}:{line}")
    return found


def _ways(document: Document, rule: str, text: str) -> Iterator[Way]:
    rules = document.value(("rules",))
    for number, one in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(one, dict) and one.get("id") == rule:
            yield from _to(text, one, ("rules", number))


def _to(text: str, value: Plain, way: Way) -> Iterator[Way]:
    """The ways to this text below a value."""
    if value == text:
        yield way
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _to(text, inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _to(text, inner, (*way, number))
