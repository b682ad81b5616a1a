"""Reads the folder of the configuration, and makes one `Configuration` of it, or all its problems."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from config.calendars import CaldavCalendar, IcsCalendar
from config.check import calendar_ids, check_rules, check_settings
from config.files import Document, read_yaml
from config.futile import my_domains
from config.login import Oauth, Password
from config.people import PeopleBook, persons
from config.problem import Problem
from config.settings import (
    CalendarSettings,
    Carddav,
    ContactSettings,
    GoogleAccount,
    Imap,
    MailboxSettings,
    Maildir,
    Notify,
    PeopleFile,
    Settings,
    Vcards,
)
from config.sources import RULES, SETTINGS, TEMPLATES, Sources, absolute, people_files, people_key, read
from config.validate import validate
from rules.language import RuleFile
from rules.model import Me, address, unique
from rules.templates import catalogue
from rules.timing import Almanac

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config.files import Plain
    from rules.language import Courtesy, Rule
    from rules.marks import Writers
    from rules.model import Person
    from rules.templates import Templates
    from rules.timing import Duration

M = TypeVar("M", bound=BaseModel)
Account = TypeVar("Account", CaldavCalendar, Carddav, Imap)

__all__ = ["Configuration", "Loaded", "Sources", "google_of", "load", "parse", "read"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the user wrote, checked: nothing in it needs a second look.

    `calendars`, `contacts`, `mailbox` and `google` are the settings with absolute paths. `people` holds those of each
    people file, by the path that its entry in `contacts` has.
    """

    folder: Path
    settings: Settings
    me: Me
    almanac: Almanac
    calendars: tuple[CalendarSettings, ...]
    contacts: tuple[ContactSettings, ...]
    mailbox: MailboxSettings
    google: GoogleAccount
    courtesy: Courtesy
    notify: Notify | Literal["none"] | None
    poll: Duration
    plan_ics: Path | None
    backfill: Duration
    rules: tuple[Rule, ...]
    templates: Templates
    people: Mapping[str, tuple[Person, ...]]
    fingerprint: str = ""
    """A digest of the folder and of every text in it: changes with every edit."""

    @property
    def writers(self) -> Mapping[str, Writers]:
        """Who writes into each calendar."""
        return {calendar.id: calendar.writers for calendar in self.calendars}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The outcome: `configuration` is None exactly when there are problems."""

    configuration: Configuration | None
    problems: tuple[Problem, ...]
    sources: Sources


def load(folder: Path) -> Loaded:
    """What the folder says now. Never raises for anything that is in it."""
    return parse(read(folder), folder)


def parse(sources: Sources, folder: Path, *, in_force: bool = False) -> Loaded:
    """What these texts say; `folder` is where relative paths start. Reads no file.

    Texts that are `in_force` were right once: what a newer program finds in their rules (that one can never match) is
    no reason to take them away from somebody who has edited nothing.

    It takes long beside reading the files, and a page asks with each request: the same texts are not parsed again.
    """
    return _parsed(tuple(sources.files.items()), sources.problems, folder, in_force)


@lru_cache(maxsize=2)
def _parsed(files: tuple[tuple[str, str], ...], problems: tuple[Problem, ...], folder: Path, in_force: bool) -> Loaded:  # noqa: FBT001 - lru_cache takes it as part of the key
    """As `parse`. It depends on nothing else but where the home is: so no time or size of a file is trusted."""
    sources = Sources(dict(files), problems)
    reading = _Reading(sources, folder)
    configuration = reading.configuration(in_force=in_force)
    found = () if in_force else reading.findings
    wrong = sorted(dict.fromkeys((*problems, *reading.problems, *found)), key=_order)
    if configuration is None or wrong:
        return Loaded(None, tuple(wrong), sources)
    digest = hashlib.sha256(f"{folder}\0{sources.to_json()}".encode("utf-8", "surrogatepass")).hexdigest()
    return Loaded(replace(configuration, fingerprint=digest), (), sources)


def google_of(sources: Sources, folder: Path) -> GoogleAccount | None:
    """How the settings have Google asked, told by texts that may be wrong elsewhere; with absolute paths.

    None where nothing of them is Google's, or where just that cannot be told.
    """
    document, _ = read_yaml(sources.files.get(SETTINGS, ""), SETTINGS)
    if document is None:
        return None
    entries = [document.value(("mailbox",))]
    for section in ("calendars", "contacts"):
        several = document.value((section,))
        entries += several if isinstance(several, list) else []
    if not any(isinstance(entry, dict) and _googles(entry) for entry in entries):
        return None
    try:
        return _google(folder, GoogleAccount.model_validate(document.value(("google",)) or {}))
    except ValidationError:
        return None


def _googles(entry: Mapping[str, Plain]) -> bool:
    return bool(entry.keys() & {"google", "gmail"}) or entry.get("oauth") == "google"


def _order(problem: Problem) -> tuple[int, str, int, int]:
    """As a reader would go through the folder."""
    file = problem.file or ""
    places = (SETTINGS, RULES, TEMPLATES)
    rank = next((number for number, place in enumerate(places) if file.split("/")[0] == place), len(places))
    return rank, file, problem.line or 0, problem.column or 0


class _Reading:
    """One pass over the texts, in which the problems are collected."""

    def __init__(self, sources: Sources, folder: Path) -> None:
        self.sources = sources
        self.folder = folder
        self.problems: list[Problem] = []
        self.findings: list[Problem] = []
        """What the rules may not say although each of them can be read."""

    def configuration(self, *, in_force: bool) -> Configuration | None:
        document, settings = self._settings()
        templates = self._templates()
        rules = self._rules(document, templates)
        people = self._people(document) if document else {}
        if settings is None or self.problems or self.sources.problems or (self.findings and not in_force):
            return None
        return _configuration(self.folder, settings, rules, templates, people)

    def _file(self, name: str, model: type[M]) -> tuple[Document | None, M | None]:
        document, problems = read_yaml(self.sources.files[name], name)
        self.problems += problems
        if document is None:
            return None, None
        made, problems = validate(document, model)
        self.problems += problems
        return document, made

    def _settings(self) -> tuple[Document | None, Settings | None]:
        if SETTINGS not in self.sources.files:
            return None, None
        document, settings = self._file(SETTINGS, Settings)
        if document is not None:
            self.problems += check_settings(document)
        return document, settings

    def _templates(self) -> Templates:
        files = {name.removeprefix(f"{TEMPLATES}/"): text for name, text in self.sources.within(TEMPLATES, ".md")}
        templates = catalogue(files)
        for name in sorted(files):
            for fault in templates.faults.get(name.removesuffix(".md").casefold(), ()):
                place = f"{TEMPLATES}/{name}"
                self.problems.append(Problem(None, place, fault.line, fault.column, fault.message, fault.hint))
        return templates

    def _rules(self, settings: Document | None, templates: Templates) -> tuple[Rule, ...]:
        documents: list[Document] = []
        rules: list[Rule] = []
        for name, _ in self.sources.within(RULES, ".yaml"):
            document, file = self._file(name, RuleFile)
            documents += [document] if document else []
            rules += file.rules if file else ()
        calendars = calendar_ids(settings) if settings else None
        self.findings += check_rules(documents, calendars, templates, my_domains(settings))
        return tuple(rules)

    def _people(self, document: Document) -> dict[str, tuple[Person, ...]]:
        people: dict[str, tuple[Person, ...]] = {}
        for way, written in people_files(document):
            name, path = people_key(written), str(absolute(self.folder, written))
            if path in people:
                self.problems.append(document.problem(way, f"`{name}` is listed twice", "take one of the two out"))
            elif name in self.sources.files:
                _, book = self._file(name, PeopleBook)
                people[path] = persons(book) if book else ()
            elif not self.sources.problems:
                self.problems.append(document.problem(way, f"{name}: there is no such file", "write it"))
        return people


def _configuration(
    folder: Path,
    settings: Settings,
    rules: tuple[Rule, ...],
    templates: Templates,
    people: Mapping[str, tuple[Person, ...]],
) -> Configuration:
    mine = settings.me
    return Configuration(
        folder=folder,
        settings=settings,
        me=Me(mine.name, unique(map(address, mine.emails)), mine.signature or mine.name),
        almanac=Almanac(mine.time_zone, mine.holidays, mine.working_hours),
        calendars=tuple(_calendar(folder, one) for one in settings.calendars),
        contacts=tuple(_contacts(folder, one) for one in settings.contacts),
        mailbox=_mailbox(folder, settings.mailbox),
        google=_google(folder, settings.google),
        courtesy=settings.courtesy,
        notify=_notify(folder, settings.notify),
        poll=settings.poll,
        plan_ics=absolute(folder, settings.plan_ics) if settings.plan_ics else None,
        backfill=settings.backfill,
        rules=rules,
        templates=templates,
        people=people,
    )


def _calendar(folder: Path, one: CalendarSettings) -> CalendarSettings:
    if isinstance(one, IcsCalendar) and one.url is None:
        return one.model_copy(update={"ics": str(absolute(folder, one.ics))})
    return _with_password(folder, one) if isinstance(one, CaldavCalendar) else one


def _contacts(folder: Path, one: ContactSettings) -> ContactSettings:
    if isinstance(one, Vcards):
        return one.model_copy(update={"vcards": str(absolute(folder, one.vcards))})
    if isinstance(one, PeopleFile):
        return one.model_copy(update={"people": str(absolute(folder, one.people))})
    return _with_password(folder, one) if isinstance(one, Carddav) else one


def _notify(folder: Path, one: Notify | Literal["none"] | None) -> Notify | Literal["none"] | None:
    return one.model_copy(update={"command": _command(folder, one.command)}) if isinstance(one, Notify) else one


def _command(folder: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    """A command that is a path starts where all paths do; a mere name is looked for in PATH."""
    return (str(absolute(folder, words[0])), *words[1:]) if "/" in words[0] else words


def _google(folder: Path, one: GoogleAccount) -> GoogleAccount:
    paths = {"client": one.client, "service_account": one.service_account}
    return one.model_copy(update={name: str(absolute(folder, path)) for name, path in paths.items() if path})


def _mailbox(folder: Path, one: MailboxSettings) -> MailboxSettings:
    if isinstance(one, Maildir):
        return one.model_copy(update={"maildir": str(absolute(folder, one.maildir))})
    if not isinstance(one, Imap):
        return one
    if isinstance(one.oauth, Oauth):
        said = one.oauth.model_copy(update={"command": _command(folder, one.oauth.command)})
        one = one.model_copy(update={"oauth": said})
    return _with_password(folder, one)


def _with_password(folder: Path, one: Account) -> Account:
    """The files of password and certificate, and a command that is a path, start where all paths do."""
    if one.certificate is not None:
        one = one.model_copy(update={"certificate": str(absolute(folder, one.certificate))})
    if one.password is None:
        return one
    return one.model_copy(update={"password": _password(folder, one.password)})


def _password(folder: Path, said: Password) -> Password:
    update: dict[str, object] = {}
    if said.file is not None:
        update["file"] = str(absolute(folder, said.file))
    if said.command is not None:
        update["command"] = _command(folder, said.command)
    return said.model_copy(update=update)
