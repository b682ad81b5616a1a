"""What is right as it is written, and perhaps not what was meant: told by `check`, and no reason to refuse anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.expected import code
from config.problem import Problem
from config.sources import TEMPLATES
from rules.decisions import STEP
from rules.vocabulary import code_only, mentions, words_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.load import Configuration
    from rules.model import Person
    from rules.templates import Template

_FIRST = re.compile(r"(?<![\w.])person\s*\.\s*(?:first_)?name\b")
_ENGLISH = frozenset(
    {"about", "and", "are", "dear", "from", "have", "it", "our", "thank", "thanks"}
    | {"that", "the", "this", "to", "we", "with", "would", "you", "your"}
)
_INTERVIEW = re.compile(r"\binterviews?\b", re.IGNORECASE)
_ASKING = re.compile(r"ask(?![^\W_])")
_ENOUGH = 4
"""So many different words of `_ENGLISH` stand together in no other language."""


def remarks(configuration: Configuration) -> list[Problem]:
    """In the order of the rules; each once."""
    found = (*_greetings(configuration), *_mixed(configuration), *_silent(configuration), *_interviews(configuration))
    return list(dict.fromkeys(found))


def called_interview(template: Template) -> Problem | None:
    """That a meeting request calls the meeting an interview: between peers it is a conversation, or advice."""
    for number, line in enumerate(words_only(template.source).split("\n"), 1):
        if found := _INTERVIEW.search(line):
            message = f"a request for a meeting between peers is not called an {found[0].casefold()}"
            hint = "ask for their advice, and whether they can spare time next week"
            return Problem(None, _file(template), number, None, message, hint)
    return None


def _interviews(configuration: Configuration) -> Iterator[Problem]:
    """Of the templates that are for `afterword ask` by their names."""
    names = (name for name in configuration.templates.names() if _ASKING.match(name))
    for name in names:
        for template in configuration.templates.of(name):
            if template.name.casefold() == name and (problem := called_interview(template)):
                yield problem


def _greetings(configuration: Configuration) -> Iterator[Problem]:
    """A note to several greets the first of them alone."""
    for rule in configuration.rules:
        for step in rule.steps:
            for template in _taken(configuration, step.template) if step.to == "all" else ():
                if mentions(template.source, "people"):
                    continue
                for number, line in enumerate(code_only(template.source).split("\n"), 1):
                    for found in _FIRST.finditer(line):
                        yield Problem(
                            None,
                            _file(template),
                            number,
                            found.start() + 1,
                            f"{code(found[0])} is the first alone of all whom the note of {code('to: all')} goes to, "
                            f"in the step {code(step.id)} of {code(rule.id)}",
                            f"write {code('people.first_names')}, which is `Dana, Ana and Lee`",
                        )


def _mixed(configuration: Configuration) -> Iterator[Problem]:
    """English words with the dates of another language, for people whose language has no file of its own."""
    names = dict.fromkeys(name for rule in configuration.rules for step in rule.steps for name in step.template)
    speakers = _speakers(person for people in configuration.people.values() for person in people)
    for name in names:
        for language, person in speakers.items():
            template = configuration.templates.pick(name, language)
            if template.name.casefold() == name.casefold() and _is_english(template.source):
                yield Problem(
                    None,
                    _file(template),
                    None,
                    None,
                    f"{person.name} gets these English words with the dates of {code(f'language: {language}')}",
                    f"write {code(f'{TEMPLATES}/{name}.{language}.md')}, or take `language` out for whoever is written "
                    "to in English",
                )


def _silent(configuration: Configuration) -> Iterator[Problem]:
    """A closing note that does not say what was decided."""
    for template in configuration.templates.of(STEP):
        if not mentions(template.source, "decision"):
            message = "what was decided stands nowhere in the closing notes of `afterword decide`"
            yield Problem(
                None, _file(template), None, None, message, f"write {code('{{ decision }}')} where it belongs"
            )


def _speakers(people: Iterable[Person]) -> dict[str, Person]:
    """Of each language but English, the first who has it."""
    found: dict[str, Person] = {}
    for person in people:
        if person.language and re.split(r"[-_]", person.language.casefold())[0] != "en":
            found.setdefault(person.language, person)
    return found


def _taken(configuration: Configuration, names: Iterable[str]) -> Iterator[Template]:
    for name in names:
        yield from configuration.templates.of(name)


def _is_english(source: str) -> bool:
    """Whether the words of a template, its code aside, are English ones, as far as the commonest of them show it."""
    return len(_ENGLISH.intersection(re.findall(r"[a-z]+", words_only(source).casefold()))) >= _ENOUGH


def _file(template: Template) -> str:
    return f"{TEMPLATES}/{template.name}.md"
