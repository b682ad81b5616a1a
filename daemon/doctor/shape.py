"""The shape of a configuration: how many of what kind, and which keys; never a value, nor a name that the user gave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.files import read_yaml
from config.load import load
from config.read_tests import parse_tests
from config.sources import RULES, SETTINGS, TEMPLATES, TESTS, read_tests
from daemon.doctor.leaf import Leaf, Section, Table, Word, word
from daemon.doctor.messages import ours
from daemon.doctor.vocabulary import FILES, keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from config.files import Plain
    from config.load import Loaded
    from config.problem import Problem

MOST = 40
"""Rows of a table: what is wrong a hundred times is wrong in one way."""
CALENDARS, CONTACTS, MAILBOXES = ("ics", "caldav", "google"), ("vcards", "carddav", "google", "people"), (
    "maildir",
    "imap",
    "gmail",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What the user wrote: the outcome of reading it, and the files by their kinds."""

    loaded: Loaded
    tests: Mapping[str, str]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, folder: Path) -> Written:
        """What lies in this folder; there may be none."""
        loaded, tests = load(folder), read_tests(folder)
        _, wrong = parse_tests(tests.files, loaded.configuration)
        return cls(loaded, tests.files, (*loaded.problems, *tests.problems, *wrong))

    @property
    def files(self) -> dict[str, str]:
        """The texts by their names."""
        return {**self.loaded.sources.files, **self.tests}

    def data(self) -> Iterator[tuple[str, Plain]]:
        """The values of each file that is YAML, with the kind of the file; those that are broken are left out."""
        for name, text in self.files.items():
            if kind_of(name) not in {"templates", "other"}:
                document, _ = read_yaml(text, name)
                if document is not None:
                    yield kind_of(name), document.data


def kind_of(name: str | None) -> str:
    """The kind of a file by its place in the configuration."""
    if name is None:
        return "none"
    if name == SETTINGS:
        return "settings"
    for folder, kind in ((TESTS, "tests"), (RULES, "rules"), (TEMPLATES, "templates")):
        if name == folder or name.startswith(f"{folder}/"):
            return kind
    if name.endswith((".yaml", ".yml")):
        return "people"
    return "a calendar's file" if name.endswith(".ics") else "other"


def shape(written: Written) -> Section:
    """The section about the configuration."""
    counts = Counter(kind_of(name) for name in written.files)
    facts: list[tuple[str, Leaf]] = [("configuration right", not written.problems)]
    facts += [(f"files: {kind}", counts[kind]) for kind in ("settings", "rules", "templates", "people", "tests")]
    used: Counter[str] = Counter()
    known = keys()
    for kind, data in written.data():
        used.update(f"{kind}: {way}" for way in ways(data, known))
        facts += list(_sources(data)) if kind == "settings" else []
    facts += [("rules", sum(_entries(data, "rules") for kind, data in written.data() if kind == "rules"))]
    facts += [("people in files", sum(_entries(data, "people") for kind, data in written.data() if kind == "people"))]
    rows = tuple((Word(way), count) for way, count in sorted(used.items()))
    return Section("Configuration", tuple(facts), (("keys used", Table(("key", "count"), rows)),))


def ways(data: Plain, known: frozenset[str], above: str = "") -> Iterator[str]:
    """Each key that is one of ours, behind those above it; a key of the user's is `other`."""
    waiting: list[tuple[Plain, str]] = [(data, above)]
    while waiting:
        value, at = waiting.pop()
        if isinstance(value, dict):
            for key, inner in value.items():
                way = f"{at}.{word(key, known)}" if at else str(word(key, known))
                yield way
                waiting.append((inner, way))
        elif isinstance(value, list):
            waiting += [(inner, at) for inner in value]


def _entries(data: Plain, key: str) -> int:
    several = data.get(key) if isinstance(data, dict) else None
    return len(several) if isinstance(several, list) else 0


def _sources(data: Plain) -> Iterator[tuple[str, Leaf]]:
    """How many sources of each kind, and my addresses."""
    if not isinstance(data, dict):
        return
    for section, kinds in (("calendars", CALENDARS), ("contacts", CONTACTS)):
        several = data.get(section)
        entries = [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []
        for kind in kinds:
            yield f"{section}: {kind}", sum(kind in one for one in entries)
    yield "mailbox", word(mailbox_of(data), MAILBOXES)
    me = data.get("me")
    yield "addresses of mine", _entries(me, "emails")


def mailbox_of(data: Plain) -> str | None:
    """The kind of the mailbox, as the settings name it."""
    entry = data.get("mailbox") if isinstance(data, dict) else None
    return next((kind for kind in MAILBOXES if isinstance(entry, dict) and kind in entry), None)


def kinds_of_sources(written: Written) -> dict[str, str]:
    """The kind of each calendar and book by its id, which itself is the user's word and goes nowhere."""
    configuration = written.loaded.configuration
    if configuration is None:
        return {}
    found = {}
    for entry in configuration.calendars:
        names = type(entry).model_fields
        found[entry.id] = next((kind for kind in CALENDARS if kind in names), "other")
    return found


def wrong(title: str, problems: Iterable[Problem], kinds: Mapping[str, str]) -> tuple[str, Table]:
    """Problems as a table: of what, where in it, and what of the message is our own."""
    counts: Counter[tuple[Leaf, ...]] = Counter()
    for one in problems:
        message, place = ours(one.message)
        of = word(kind_of(one.file), FILES) if one.file else _source_kind(one.source, kinds)
        counts[of, one.line, one.column, message, place] += 1
    rows = tuple((*row, count) for row, count in list(counts.items())[:MOST])
    return title, Table(("in", "line", "column", "what is wrong", "where in the program", "count"), rows)


def _source_kind(source: str | None, kinds: Mapping[str, str]) -> Word:
    if source is None:
        return Word("none")
    return word(kinds.get(source, source), (*CALENDARS, *CONTACTS, *MAILBOXES, "mailbox"))
