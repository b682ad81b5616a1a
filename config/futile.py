"""Rules and steps that are written as they should be, and could never write anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from config.expected import code
from config.values import texts
from rules.domains import organisation
from rules.impossible import contradictions, matches_nobody
from rules.language import Conditions, Rule
from rules.model import address
from rules.repeated import repeated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from config.files import Document, Path, Plain
    from config.problem import Problem
    from rules.repeated import StepOf

M = TypeVar("M", bound=BaseModel)


def my_domains(settings: Document | None) -> frozenset[str] | None:
    """The mail domains of my own in afterword.yaml; None where that cannot be read."""
    emails = [text for _, text in texts(settings, ("me", "emails"))] if settings is not None else []
    found = {organisation(address(email)) for email in emails}
    return frozenset(one for one in found if one) if emails else None


def check_futile(documents: Sequence[Document], mine: frozenset[str] | None) -> Iterator[Problem]:
    """What can never come to anything, over all rule files. A rule that is wrong otherwise is looked at in part."""
    places: dict[int, tuple[Document, Path]] = {}
    rules: list[Rule] = []
    for document in documents:
        value = document.value(("rules",))
        for number, said in enumerate(value if isinstance(value, list) else ()):
            if not isinstance(said, dict):
                continue
            found = list(_conditions(document, ("rules", number), said, mine))
            yield from found
            rule = None if found else _made(Rule, said)
            if rule is not None:
                places[len(rules)] = document, ("rules", number)
                rules.append(rule)
    for first, second in repeated(rules):
        yield _repeated(first, second, places)


def _conditions(
    document: Document, path: Path, said: Mapping[str, Plain], mine: frozenset[str] | None
) -> Iterator[Problem]:
    for part in ("when", "unless"):
        for way, pattern in texts(document, (*path, part, "person", "email")):
            if pattern.strip() and matches_nobody(pattern):
                yield document.problem(way, f"{code(pattern)} is no address, and so matches nobody", _address(pattern))
    when, unless = _made(Conditions, said.get("when", {})), _made(Conditions, said.get("unless", {}))
    for one in contradictions(when or Conditions(), unless if when else None, mine):
        yield document.problem((*path, *one.path), one.message, one.hint)


def _address(pattern: str) -> str:
    """What was meant by half of an address."""
    half = pattern.strip()
    if " " in half or "." not in half:
        return "write an address, as in `dana@acme.example`, or one with a star for anything, as in `*@acme.example`"
    return f"""write {code(f'"*@{half.removeprefix("@")}"')} for everybody there, or a whole address"""


def _repeated(first: StepOf, second: StepOf, places: Mapping[int, tuple[Document, Path]]) -> Problem:
    there, path = places[first.order[0]]
    line, column = there.at((*path, "steps", first.order[1], "id"))
    document, way = places[second.order[0]]
    message = f"this step never writes anything: {code(first.step.id)} in {code(first.rule.id)} has the same template"
    if first.rule is second.rule:
        message = f"this step never writes anything: {code(first.step.id)} of this rule has the same template"
    apart = "" if first.rule is second.rule else ", keep the rules apart with `unless`,"
    hint = (
        f"that one, at {there.file}:{line}:{column}, goes to the same people and comes first; "
        f"give one of them another template{apart} or take this step out"
    )
    return document.problem((*way, "steps", second.order[1], "template"), message, hint)


def _made(model: type[M], said: Plain) -> M | None:
    """What was said, where it is right."""
    try:
        return model.model_validate_json(json.dumps(said), strict=True)
    except ValidationError:
        return None
