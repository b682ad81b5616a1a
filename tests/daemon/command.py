"""Runs the real command in a process of its own, in a home of its own."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tests import warm

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

LIMIT = 60.0
SETTINGS = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon}
calendars:
  - {id: feed, ics: calendars/}
mailbox: {maildir: Mail}
"""
RULES = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours}
"""
TEMPLATE = "---\nsubject: Thank you, {{ person.first_name }}\n---\nDear {{ person.first_name }},\n"


class Told:
    """How the command ended, and what it said."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def afterword(home: Path, *arguments: str, stdin: str = "", **environment: str) -> Told:
    """Run `afterword` with this home; the folders of configuration and state are those below it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AFTERWORD_", "XDG_", "STATE_DIR", "EMAIL", "GIT_CONFIG"))
    }
    told = {**kept, "HOME": str(home), "TZ": "Europe/Lisbon", **environment}
    done = warm.run(arguments, told, stdin=stdin, timeout=LIMIT)
    assert "Traceback" not in done.stderr or "AFTERWORD_DEBUG" in environment
    return Told(done)


def configure(folder: Path, settings: str = SETTINGS, rules: str = RULES, template: str = TEMPLATE) -> Path:
    """Write a configuration that works, with an empty calendar and an empty Maildir."""
    for name in ("rules", "templates", "calendars", "Mail/cur", "Mail/new", "Mail/tmp", "Mail/.Drafts/cur"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "afterword.yaml").write_text(settings, "utf-8")
    (folder / "rules" / "a.yaml").write_text(rules, "utf-8")
    (folder / "templates" / "thank-you.md").write_text(template, "utf-8")
    return folder
