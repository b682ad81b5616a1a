"""What is doubted in the answers to `afterword init`: asked again, or refused, with the reason."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from daemon import place
from daemon.cli import accounts, starters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CALENDAR = "calendars/"
_GOOGLE = frozenset({"google", "gmail"})
"""Either word names the account, whatever is asked for."""
_PRIMARY = "primary"
_PAGE, _FEED = "https://calendar.google.com/", "https://calendar.google.com/calendar/ical/"
_DAV, _FILE = re.compile(r"/(cal)?dav\b", re.IGNORECASE), re.compile(r"\.ics\b|[?&]export\b", re.IGNORECASE)
YES = "yes"
_YES, _NO = frozenset({"y", YES}), frozenset({"n", "no", accounts.NONE})


def google_calendar(written: str) -> str:
    """The id of the calendar at Google that the answer names (`google`, or `google:` and an id); else an empty text."""
    kind, _, name = written.partition(":")
    return (name.strip() or _PRIMARY) if is_google(kind) else ""


def is_google(written: str) -> bool:
    """Whether this word stands for the account at Google."""
    return written.strip().casefold() in _GOOGLE


def checks(name: str, answers: Mapping[str, str], folder: Path) -> Callable[[str], str]:
    """What sees to it that this answer can be used, after the answers so far; it raises ValueError with the reason."""
    from config.texts import email, filled, iana_zone  # noqa: PLC0415 - pydantic is not needed for --help

    def several(text: str) -> str:
        return ",".join(email(one) for one in text.split(",") if one.strip())

    def named(kind: str, mistaken: Callable[[str, Path], str]) -> Callable[[str], str]:
        def convert(text: str) -> str:
            said = filled(accounts.whole(kind, text, answers.get("emails", "")))
            if why := mistaken(said, folder):
                raise ValueError(why)
            return said

        return convert

    calendar, mailbox = named(accounts.CALDAV, mistaken), named(accounts.IMAP, mistaken_mailbox)
    known = {
        "emails": several,
        "zone": iana_zone,
        "calendar": doubted(calendar, lambda text: _no_calendar(text, folder)),
        "maildir": doubted(mailbox, lambda text: _no_maildir(text, folder)),
        "vcards": doubted(filled, lambda text: _no_cards(text, folder)),
        "google_contacts": _yes_or_no,
        "rules": _rules,
        **accounts.checks(folder),
    }
    return known.get(name, filled)


def _rules(text: str) -> str:
    """Names with spaces between are as good as with commas."""
    return ",".join(starters.chosen(",".join(text.split())))


def _yes_or_no(text: str) -> str:
    if text.casefold() in _YES:
        return YES
    if text.casefold() in _NO:
        return accounts.NONE
    raise ValueError("answer y or n")


def doubted(check: Callable[[str], str], doubt: Callable[[str], str]) -> Callable[[str], str]:
    """Ask again where there is a doubt; a yes, or the same answer once more, takes it as it is."""
    before: list[str] = []

    def convert(text: str) -> str:
        if before and text.casefold() in _YES:
            return before[-1]
        answer = check(text)
        if answer not in before and (why := doubt(answer)):
            before.append(answer)
            raise ValueError(f"{why}; answer y to take it as it is, or give another")
        return answer

    return convert


def mistaken(written: str, folder: Path) -> str:
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
    there = _place(written, folder)
    if not there.exists():
        return f"{written} is not there"
    return "" if there.is_dir() or there.suffix.casefold() == ".ics" else f"{written} is no .ics file, nor a folder"


def _no_cards(written: str, folder: Path) -> str:
    """Why there are no vCards now, or an empty text."""
    if written.casefold() == accounts.NONE or _place(written, folder).exists():
        return ""
    return f"{written} is not there"


def mistaken_mailbox(written: str, folder: Path) -> str:
    """What was meant, where the answer can only be meant as a server; else an empty text."""
    if not accounts.looks_like_a_server(written) or _place(written, folder).exists():
        return ""
    return f"there is no folder {written}; did you mean imap:{written}?"


def _no_maildir(written: str, folder: Path) -> str:
    """Why this is no Maildir now, or an empty text. Gmail and a server are none."""
    if is_google(written) or accounts.named(accounts.IMAP, written):
        return ""
    there = _place(written, folder)
    if not there.exists():
        return f"{written} is not there"
    if not place.is_maildir(there):
        return f"{written} is no Maildir: it has no folder cur"
    from connectors.base import PermanentError  # noqa: PLC0415 - `init --help` needs nothing of it
    from connectors.mailboxes.folders import Configured, layout_of  # noqa: PLC0415 - as above

    try:
        layout_of(there, Configured())
    except PermanentError as error:
        return f"{error.message}; `drafts:` in afterword.yaml will have to name it"
    return ""


def _place(written: str, folder: Path) -> Path:
    """Where the answer leads."""
    return folder / os.path.expanduser(path(written, folder))  # noqa: PTH111 - Path's own fails without a home


def path(written: str, folder: Path) -> str:
    """A path as the settings take it: what is there from the current folder on becomes absolute."""
    if written.startswith("~") or "://" in written or Path(written).is_absolute():
        return written
    here = Path(written).absolute()
    return str(here) if here.exists() and not (folder / written).exists() else written
