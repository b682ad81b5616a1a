"""The questions of `afterword init`: what is given is not asked, and what cannot be used is asked again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli import usage

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
    if ask:
        found = _asked(questions, given, found, folder)
    missing = [_OPTIONS.get(name, f"--{name}") for name in questions if not found.get(name)]
    if missing:
        usage(f"there is nobody to ask, and these have no answer: {', '.join(missing)}")
    rules = _rules(found["rules"]) if "rules" in questions or given.get("rules") else ()
    if there.settings:
        return None, rules
    emails = tuple(email.strip() for email in found["emails"].split(",") if email.strip())
    if mistaken := _mistaken(found["calendar"], folder):
        usage(mistaken)
    google, gmail = google_calendar(found["calendar"]), _is_google(found["maildir"])
    answers = Answers(
        name=found["name"],
        emails=emails,
        time_zone=found["zone"],
        calendar="" if google else _path(found["calendar"], folder),
        maildir="" if gmail else _path(found["maildir"], folder),
        holidays=found.get("holidays", ""),
        vcards=_path(found["vcards"], folder) if found.get("vcards") else "",
        google_calendar=google,
        gmail=gmail,
        google_contacts=bool(found.get("google_contacts")),
    )
    return answers, rules


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
    "calendar": "Your calendar (a folder of .ics files, a file, an address, or: google)",
    "maildir": "The Maildir whose Drafts get the notes (or: gmail)",
    "rules": f"Which starter rules: all, or some of {', '.join(RULES)}",
}
_WANTED = {
    "name": "your name as it stands in From",
    "emails": "an address such as dana@acme.example",
    "zone": "a zone such as Europe/Lisbon",
    "maildir": "a folder such as ~/Mail, or gmail",
}
"""An answer to each question for which there may be no likely one."""
_YES = frozenset({"y", "yes"})
_OPTIONS = {"emails": "--email", "maildir": "--maildir (or --gmail)"}


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
        "rules": _FIRST,
    }


def _asked(questions: Iterable[str], given: dict[str, str], found: dict[str, str], folder: Path) -> dict[str, str]:
    """Ask for what was not given as an option; an answer that cannot be used is asked for again."""
    from config.texts import email, filled, iana_zone  # noqa: PLC0415 - pydantic is not needed for --help

    def several(text: str) -> str:
        return ",".join(email(one) for one in text.split(",") if one.strip())

    def known(text: str) -> str:
        _rules(text)
        return text

    def calendar(text: str) -> str:
        if mistaken := _mistaken(text, folder):
            raise ValueError(mistaken)
        return filled(text)

    checks: dict[str, Callable[[str], str]] = {
        "emails": several,
        "zone": iana_zone,
        "calendar": _doubted(calendar, lambda text: _no_calendar(text, folder)),
        "maildir": _doubted(filled, lambda text: _no_maildir(text, folder)),
        "rules": known,
    }
    answers = dict(found)
    for name in questions:
        if not given.get(name):
            default = answers.get(name) or _likely(name, answers)
            # Without a default click asks again for ever and does not say why; an empty one it gives to the check.
            answers[name] = click.prompt(
                _QUESTIONS[name],
                default=default or "",
                show_default=bool(default),
                value_proc=_checked(_wanted(checks.get(name, filled), name)),
            )
    if "calendar" not in questions:
        return answers
    if not given.get("google_contacts") and (google_calendar(answers["calendar"]) or _is_google(answers["maildir"])):
        answers["google_contacts"] = "yes" if click.confirm(_CONTACTS) else ""
    return answers


def _likely(name: str, answers: dict[str, str]) -> str | None:
    """Where the calendar is Google's and no Maildir is found, the mail is likely to be Google's too."""
    return "gmail" if name == "maildir" and google_calendar(answers["calendar"]) else None


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
    """What was meant, where the answer can only be meant as a calendar at Google; else an empty text."""
    if written.startswith(_PAGE) and not written.startswith(_FEED):
        return f"{written} is the page of a calendar; write google, or the address of its iCal format"
    if "://" in written or "/" in written or google_calendar(written) or _place(written, folder).exists():
        return ""
    if "@" in written:
        return f"there is no file {written}; did you mean google:{written}?"
    return f"there is no file {written}; did you mean google?" if "google" in written.casefold() else ""


def _no_calendar(written: str, folder: Path) -> str:
    """Why this cannot be read as a calendar now, or an empty text. Our own folder is made."""
    if written == CALENDAR or "://" in written or google_calendar(written):
        return ""
    place = _place(written, folder)
    if not place.exists():
        return f"{written} is not there"
    return "" if place.is_dir() or place.suffix.casefold() == ".ics" else f"{written} is no .ics file, nor a folder"


def _no_maildir(written: str, folder: Path) -> str:
    """Why this is no Maildir now, or an empty text. Gmail is none."""
    from daemon import place  # noqa: PLC0415 - see `_found`

    if _is_google(written):
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
