"""A configuration that is right, and ways to break it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.load import Loaded, parse
from config.sources import Sources

if TYPE_CHECKING:
    from config.load import Configuration
    from config.problem import Problem

FOLDER = Path("/home/robin/.config/afterword")

SETTINGS = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon}
calendars: [{id: feed, ics: calendars/}]
mailbox: {maildir: Mail}
"""
RULES = """\
rules:
  - id: coffee
    when: {title: coffee}
    steps: [{id: thank-you, template: thank-you, after: 2 hours}]
"""
TEMPLATE = """\
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},
"""
GOOD = {"afterword.yaml": SETTINGS, "rules/a.yaml": RULES, "templates/thank-you.md": TEMPLATE}


def loaded(changed: dict[str, str] | None = None) -> Loaded:
    """The configuration with some of its files replaced, or added."""
    return parse(Sources(GOOD | (changed or {})), FOLDER)


def right() -> Configuration:
    """The configuration that is right."""
    configuration = loaded().configuration
    assert configuration is not None
    return configuration


def problems(file: str, text: str) -> tuple[Problem, ...]:
    """What is wrong when this file has this text, and the others are right."""
    return loaded({file: text}).problems


def step(keys: str) -> str:
    """A rule file whose one step, in line 4 from column 13, has these keys."""
    return f"rules:\n  - id: a\n    steps:\n      - {{id: s, {keys}}}\n"


def written(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The good configuration on the disk."""
    for name, text in (files or GOOD).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
