"""The answers for `afterword init`: what is given is not asked; the rest is asked, or found where nobody is asked."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from daemon import place
from daemon.cli import accounts, starters, usage
from daemon.cli.doubts import CALENDAR, YES, google_calendar, is_google, mistaken, mistaken_mailbox, path
from daemon.cli.offers import Offers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config.init import Answers
    from daemon.setup import There

QUESTIONS = (
    "name", "emails", "zone", "calendar", "maildir", "vcards", "google_contacts", "carddav", "user", "password",
    "mail_user", "mail_password", "rules",
)  # fmt: skip
"""In the order in which they are asked."""
MORE_CALENDARS = "more_calendars"
"""No question: further places that were taken for the calendar, one a line."""
_OPTIONS = {"emails": "--email", "maildir": "--maildir (or --imap or --gmail)"}
_OPTIONAL = frozenset({"vcards", "google_contacts", "carddav", "mail_user", "mail_password"})
"""Questions that are asked, and never missed: one account may serve for all, and without contacts it works as well."""


def answered(
    given: dict[str, str], folder: Path, there: There, *, ask: bool, search: bool
) -> tuple[Answers | None, tuple[str, ...]]:
    """The answers, given, asked or found, and the starter rules; what is missing after that is named, all at once.

    What would not be written, since it is there, is not asked: no answers where the settings are, and no rules where
    there are some, unless they were given. With `search` the home folder is looked through for what is not given.

    Raises:
        click.UsageError: something is missing and cannot be asked for, or an answer cannot be used.
        click.Abort: the user does not want this written.
    """
    questions = [name for name in QUESTIONS if not (there.rules if name == "rules" else there.settings)]
    if there.settings:
        offers = Offers(rules=starters.abouts() if ask else {})
    else:
        offers = Offers.of_this_machine() if search else Offers()
    found = {**_known(search=search), **{name: value for name, value in given.items() if value}}
    if ask:
        from daemon.cli.conversation import Conversation  # noqa: PLC0415 - only where somebody is asked

        found = Conversation(folder, offers, found).held(questions, given)
    else:
        found = _unasked(found, questions, offers, search=search)
    wanted = [name for name in questions if name not in _OPTIONAL and is_asked(name, found, offers)]
    missing = [_OPTIONS.get(name, f"--{name}") for name in wanted if not found.get(name)]
    if missing:
        usage(f"there is nobody to ask, and these have no answer: {', '.join(missing)}")
    rules = starters.chosen(found["rules"]) if "rules" in questions or given.get("rules") else ()
    if there.settings:
        return None, rules
    if not ask and not accounts.is_asked("user", found) and (given.get("user") or given.get("password")):
        usage(
            "there is no server for this user or password: name it with --calendar caldav:SERVER, --carddav or --imap"
        )
    if wrong := mistaken(found["calendar"], folder) or mistaken_mailbox(found["maildir"], folder):
        usage(wrong)
    return _answers(found, folder), rules


def is_asked(name: str, answers: Mapping[str, str], offers: Offers) -> bool:
    """Whether there is this question, after what was answered so far."""
    if name == "google_contacts":
        return bool(google_calendar(answers.get("calendar", ""))) or is_google(answers.get("maildir", ""))
    return bool(offers.books) if name == "vcards" else accounts.is_asked(name, answers)


def _known(*, search: bool) -> dict[str, str]:
    """What the machine tells of its user; with `search` also what git does, and $EMAIL."""
    told = {"name": place.full_name(), "zone": place.zone(named=os.environ.get("TZ")), "password": accounts.SOURCE}
    if search:
        told["name"] = place.git("user.name") or told["name"]
        told["emails"] = ",".join(place.addresses(os.environ))
    return told


def _unasked(found: dict[str, str], questions: list[str], offers: Offers, *, search: bool) -> dict[str, str]:
    """With what follows from the answers, where nobody is asked."""
    answers = {"rules": starters.FIRST, **found}
    for name in ("calendar", "maildir", "vcards") if search and "calendar" in questions else ():
        answers[name] = answers.get(name) or offers.local(name)
    answers["calendar"] = answers.get("calendar") or CALENDAR
    answers["maildir"] = answers.get("maildir") or _maildir()
    try:
        answers["calendar"] = accounts.whole(accounts.CALDAV, answers["calendar"], answers.get("emails", ""))
        answers["maildir"] = accounts.whole(accounts.IMAP, answers["maildir"], answers.get("emails", ""))
    except ValueError as error:
        usage(str(error))
    answers["user"] = answers.get("user") or accounts.likely("user", answers)
    return answers


def _maildir() -> str:
    """The first usual place that looks like a Maildir, or an empty text."""
    from pathlib import Path  # noqa: PLC0415 - see the types above

    found = place.maildir(Path(os.path.expanduser("~")))  # noqa: PTH111 - Path's own fails without a home
    return f"~/{found.name}" if found else ""


def _answers(found: dict[str, str], folder: Path) -> Answers:
    """As they are written."""
    from config.init import Answers  # noqa: PLC0415 - `init --help` needs nothing of it

    cards = found.get("vcards", "")
    answers = Answers(
        name=found["name"],
        emails=tuple(email.strip() for email in found["emails"].split(",") if email.strip()),
        time_zone=found["zone"],
        holidays=found.get("holidays", ""),
        vcards=path(cards, folder) if cards and cards.casefold() != accounts.NONE else "",
        google_contacts=found.get("google_contacts") == YES,
        more_calendars=tuple(found.get(MORE_CALENDARS, "").splitlines()),
    )
    return _with_places(answers, found, folder)


def _with_places(answers: Answers, found: dict[str, str], folder: Path) -> Answers:
    """With the calendar, the mailbox, and the servers among them."""
    google, gmail = google_calendar(found["calendar"]), is_google(found["maildir"])
    try:
        caldav, carddav, imap = accounts.logins(found, lambda written: path(written, folder), folder)
    except ValueError as error:
        usage(str(error))
    return replace(
        answers,
        calendar="" if google or caldav else path(found["calendar"], folder),
        maildir="" if gmail or imap else path(found["maildir"], folder),
        google_calendar=google,
        gmail=gmail,
        caldav=caldav,
        carddav=carddav,
        imap=imap,
    )
