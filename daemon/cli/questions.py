"""The questions of `afterword init`: what is given is not asked, and what cannot be used is asked again."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli import accounts, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from config.init import Answers
    from daemon.setup import There

CALENDAR = "calendars/"
RULES = ("soft-interviews", "informational-interviews", "job-interviews", "customer-calls", "mentoring")
_FIRST = "soft-interviews"
_GOOGLE = frozenset({"google", "gmail"})
"""Either word names the account, whatever is asked for."""
_PRIMARY = "primary"
_PAGE, _FEED = "https://calendar.google.com/", "https://calendar.google.com/calendar/ical/"
_DAV, _FILE = re.compile(r"/(cal)?dav\b", re.IGNORECASE), re.compile(r"\.ics\b|[?&]export\b", re.IGNORECASE)
_CONTACTS = "Know people by your Google contacts, too, with their labels as tags?"


def answered(given: dict[str, str], folder: Path, there: There, *, ask: bool) -> tuple[Answers | None, tuple[str, ...]]:
    """The answers, given, asked or found, and the starter rules; what is missing after that is named, all at once.

    What would not be written, since it is there, is not asked: no answers where the settings are, and no rules where
    there are some, unless they were given.

    Raises:
        click.UsageError: something is missing and cannot be asked for, or an answer cannot be used.
    """
    from config.init import Answers  # noqa: PLC0415 - `init --help` needs nothing of it

    found = {**_found(), **{name: value for name, value in given.items() if value}}
    questions = [name for name in _QUESTIONS if not (there.rules if name == "rules" else there.settings)]
    found = _asked(questions, given, found, folder) if ask else _unasked(found)
    wanted = [name for name in questions if name not in _OPTIONAL and accounts.is_asked(name, found)]
    missing = [_OPTIONS.get(name, f"--{name}") for name in wanted if not found.get(name)]
    if missing:
        usage(f"there is nobody to ask, and these have no answer: {', '.join(missing)}")
    rules = _rules(found["rules"]) if "rules" in questions or given.get("rules") else ()
    if there.settings:
        return None, rules
    if not ask and not accounts.is_asked("user", found) and (given.get("user") or given.get("password")):
        usage(
            "there is no server for this user or password: name it with --calendar caldav:SERVER, --carddav or --imap"
        )
    if mistaken := _mistaken(found["calendar"], folder) or _mistaken_mailbox(found["maildir"], folder):
        usage(mistaken)
    emails = tuple(email.strip() for email in found["emails"].split(",") if email.strip())
    answers = Answers(
        name=found["name"],
        emails=emails,
        time_zone=found["zone"],
        holidays=found.get("holidays", ""),
        vcards=_path(found["vcards"], folder) if found.get("vcards") else "",
        google_contacts=bool(found.get("google_contacts")),
    )
    return _with_places(answers, found, folder), rules


def _with_places(answers: Answers, found: dict[str, str], folder: Path) -> Answers:
    """With the calendar, the mailbox, and the servers among them."""
    google, gmail = google_calendar(found["calendar"]), _is_google(found["maildir"])
    try:
        caldav, carddav, imap = accounts.logins(found, lambda path: _path(path, folder), folder)
    except ValueError as error:
        usage(str(error))
    return replace(
        answers,
        calendar="" if google or caldav else _path(found["calendar"], folder),
        maildir="" if gmail or imap else _path(found["maildir"], folder),
        google_calendar=google,
        gmail=gmail,
        caldav=caldav,
        carddav=carddav,
        imap=imap,
    )


def google_calendar(written: str) -> str:
    """The id of the calendar at Google that the answer names (`google`, or `google:` and an id); else an empty text."""
    kind, _, name = written.partition(":")
    return (name.strip() or _PRIMARY) if _is_google(kind) else ""


def _is_google(written: str) -> bool:
    return written.strip().casefold() in _GOOGLE


_QUESTIONS = {
    "name": "Your name",
    "emails": "Your email addresses, with commas between",
    "zone": "Your time zone",
    "calendar": "Your calendar (a folder of .ics files, a file, an address, caldav:SERVER, or: google)",
    "maildir": "The mailbox whose Drafts get the notes (a Maildir, imap:HOST, or: gmail)",
    **accounts.QUESTIONS,
    "rules": f"Which starter rules: all, or some of {', '.join(RULES)}",
}
_WANTED = {
    "name": "your name as it stands in From",
    "emails": "an address such as dana@acme.example",
    "zone": "a zone such as Europe/Lisbon",
    "maildir": "a folder such as ~/Mail, a server such as imap:imap.example.org, or gmail",
    "user": "the name that you sign in with",
    "mail_user": "the name that you sign in with",
}
"""An answer to each question for which there may be no likely one."""
_YES = frozenset({"y", "yes"})
_OPTIONS = {"emails": "--email", "maildir": "--maildir (or --imap or --gmail)"}
_OPTIONAL = frozenset({"carddav", "mail_user", "mail_password"})
"""Questions that are asked, and never missed: one account may serve for all, and without contacts it works as well."""


def _found() -> dict[str, str]:
    """What can be told without asking."""
    from daemon import place  # noqa: PLC0415 - `init --help` needs nothing of it

    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path's own fails without a home
    maildir = place.maildir(home)
    return {
        "name": place.full_name(),
        "zone": place.zone(named=os.environ.get("TZ")),
        "calendar": CALENDAR,
        "maildir": f"~/{maildir.name}" if maildir else "",
        "password": accounts.SOURCE,
        "rules": _FIRST,
    }


def _unasked(found: dict[str, str]) -> dict[str, str]:
    """With what follows from the answers, where nobody is asked."""
    answers = dict(found)
    try:
        answers["calendar"] = accounts.whole(accounts.CALDAV, answers["calendar"], answers.get("emails", ""))
        answers["maildir"] = accounts.whole(accounts.IMAP, answers["maildir"], answers.get("emails", ""))
    except ValueError as error:
        usage(str(error))
    answers["user"] = answers.get("user") or accounts.likely("user", answers)
    return answers


def _asked(questions: Iterable[str], given: dict[str, str], found: dict[str, str], folder: Path) -> dict[str, str]:
    """Ask for what was not given as an option; an answer that cannot be used is asked for again."""
    from config.texts import filled  # noqa: PLC0415 - pydantic is not needed for --help

    answers = dict(found)
    checks = _checks(answers, folder)
    for name in questions:
        if given.get(name) or not accounts.is_asked(name, answers):
            continue
        default = _default(name, answers)
        # Without a default click asks again for ever and does not say why; an empty one it gives to the check.
        answers[name] = click.prompt(
            accounts.question(name, answers) or _QUESTIONS[name],
            default=default,
            show_default=bool(default),
            value_proc=_checked(_wanted(checks.get(name, filled), name)),
        )
    if "calendar" not in questions:
        return answers
    if not given.get("google_contacts") and (google_calendar(answers["calendar"]) or _is_google(answers["maildir"])):
        answers["google_contacts"] = "yes" if click.confirm(_CONTACTS) else ""
    return answers


def _checks(answers: dict[str, str], folder: Path) -> dict[str, Callable[[str], str]]:
    """What sees to it that an answer can be used, by its question. `answers` fills as they are given."""
    from config.texts import email, filled, iana_zone  # noqa: PLC0415 - see `_asked`

    def several(text: str) -> str:
        return ",".join(email(one) for one in text.split(",") if one.strip())

    def known(text: str) -> str:
        _rules(text)
        return text

    def named(kind: str, mistaken: Callable[[str, Path], str]) -> Callable[[str], str]:
        def convert(text: str) -> str:
            said = filled(accounts.whole(kind, text, answers.get("emails", "")))
            if why := mistaken(said, folder):
                raise ValueError(why)
            return said

        return convert

    calendar, mailbox = named(accounts.CALDAV, _mistaken), named(accounts.IMAP, _mistaken_mailbox)
    return {
        "emails": several,
        "zone": iana_zone,
        "calendar": _doubted(calendar, lambda text: _no_calendar(text, folder)),
        "maildir": _doubted(mailbox, lambda text: _no_maildir(text, folder)),
        "rules": known,
        **accounts.checks(folder),
    }


def _default(name: str, answers: dict[str, str]) -> str:
    """What is offered: what was found; for the calendar, what the provider of the addresses has, before our own folder.

    Where the calendar is Google's and no Maildir is found, the mail is likely to be Google's too.
    """
    offered = accounts.likely(name, answers)
    if name == "calendar":
        return offered or answers[name]
    if name == "maildir" and not answers[name] and google_calendar(answers["calendar"]):
        return "gmail"
    return answers.get(name) or offered


def _wanted(check: Callable[[str], str], name: str) -> Callable[[str], str]:
    """Say what is wanted where nothing is given."""

    def convert(text: str) -> str:
        if not text:
            raise ValueError(f"nothing was given; write {_WANTED.get(name, 'an answer')}")
        return check(text)

    return convert


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        try:
            return check(text.strip())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def _doubted(check: Callable[[str], str], doubt: Callable[[str], str]) -> Callable[[str], str]:
    """Ask again where there is a doubt; a yes, or the same answer once more, takes it as it is."""
    doubted: list[str] = []

    def convert(text: str) -> str:
        if doubted and text.casefold() in _YES:
            return doubted[-1]
        answer = check(text)
        if answer not in doubted and (why := doubt(answer)):
            doubted.append(answer)
            raise ValueError(f"{why}; answer y to take it as it is, or give another")
        return answer

    return convert


def _mistaken(written: str, folder: Path) -> str:
    """What was meant, where the answer can only be meant as a calendar on a server; else an empty text."""
    if written.startswith(_PAGE) and not written.startswith(_FEED):
        return f"{written} is the page of a calendar; write google, or the address of its iCal format"
    known = google_calendar(written) or accounts.named(accounts.CALDAV, written)
    if known or "://" in written or "/" in written or _place(written, folder).exists():
        return ""
    if accounts.looks_like_a_server(written):
        return f"there is no file {written}; did you mean caldav:{written}?"
    if "@" in written:
        return f"there is no file {written}; did you mean google:{written}?"
    return f"there is no file {written}; did you mean google?" if "google" in written.casefold() else ""


def _no_calendar(written: str, folder: Path) -> str:
    """Why this cannot be read as a calendar now, or an empty text. Our own folder is made."""
    if written == CALENDAR or google_calendar(written) or accounts.named(accounts.CALDAV, written):
        return ""
    if "://" in written:
        dav = _DAV.search(written) and not _FILE.search(written)
        return f"{written} looks like a CalDAV server, which is written caldav:{written}" if dav else ""
    place = _place(written, folder)
    if not place.exists():
        return f"{written} is not there"
    return "" if place.is_dir() or place.suffix.casefold() == ".ics" else f"{written} is no .ics file, nor a folder"


def _mistaken_mailbox(written: str, folder: Path) -> str:
    """What was meant, where the answer can only be meant as a server; else an empty text."""
    if not accounts.looks_like_a_server(written) or _place(written, folder).exists():
        return ""
    return f"there is no folder {written}; did you mean imap:{written}?"


def _no_maildir(written: str, folder: Path) -> str:
    """Why this is no Maildir now, or an empty text. Gmail and a server are none."""
    from daemon import place  # noqa: PLC0415 - see `_found`

    if _is_google(written) or accounts.named(accounts.IMAP, written):
        return ""
    there = _place(written, folder)
    if not there.exists():
        return f"{written} is not there"
    return "" if place.is_maildir(there) else f"{written} is no Maildir: it has no folder cur"


def _place(written: str, folder: Path) -> Path:
    """Where the answer leads."""
    return folder / os.path.expanduser(_path(written, folder))  # noqa: PTH111 - see `_found`


def _path(written: str, folder: Path) -> str:
    """A path as the settings take it: what is there from the current folder on becomes absolute."""
    if written.startswith("~") or "://" in written or Path(written).is_absolute():
        return written
    here = Path(written).absolute()
    return str(here) if here.exists() and not (folder / written).exists() else written


def _rules(written: str) -> tuple[str, ...]:
    """The names of the starter rule files.

    Raises:
        click.UsageError: there is none of that name.
    """
    names = tuple(name.strip() for name in written.split(",") if name.strip())
    if names == ("all",):
        return RULES
    for name in names:
        if name not in RULES:
            usage(f"there are no starter rules '{name}'; there are {', '.join(RULES)}, or all")
    if not names:
        usage(f"name starter rules: {', '.join(RULES)}, or all")
    return names
