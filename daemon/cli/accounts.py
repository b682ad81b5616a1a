"""The servers that the answers of `afterword init` name: who one is there, and where the password comes from."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from config.init import Answers, Login
    from config.providers import Provider

CALDAV, IMAP = "caldav", "imap"
NONE = "none"
FILE = "file"
SOURCE = "file:password"
"""Where a password is looked for unless somebody says otherwise: in a file beside the settings."""
_MAIL_SOURCE = "file:mail-password"
_HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}(:\d+)?", re.IGNORECASE)
_WAYS = "a command that prints it, as in `pass show mail`, or a file that only you can read (mode 0600), as in"
QUESTIONS = {
    "carddav": "Your contacts (a CardDAV server, or: none)",
    "user": "Your user at {calendar}",
    "password": "Your password comes from",
    "mail_user": "Your user at {mail}",
    "mail_password": "Your password for {mail} comes from",
}


def named(kind: str, written: str) -> str:
    """The server that an answer such as `caldav:cloud.example` names; else an empty text."""
    word, _, server = written.partition(":")
    return server.strip() if word.strip().casefold() == kind else ""


def whole(kind: str, written: str, emails: str) -> str:
    """The answer, with the server of the provider where only the kind is written.

    Raises:
        ValueError: no provider of these addresses is known, or none with such a server.
    """
    if written.strip().rstrip(":").casefold() != kind:
        return written
    offered = _of(emails)
    answer = (offered.calendar if kind == CALDAV else offered.mailbox) if offered else ""
    if not named(kind, answer):
        raise ValueError(f"write the server as well, as in {kind}:{'cloud' if kind == CALDAV else 'imap'}.example")
    return answer


def looks_like_a_server(written: str) -> bool:
    """Whether this reads as the name of a server more than as that of a file."""
    return bool(_HOST.fullmatch(written)) and not written.casefold().endswith(".ics")


def is_asked(name: str, answers: Mapping[str, str]) -> bool:
    """Whether there is this question, after what was answered so far."""
    calendar, mail = named(CALDAV, answers.get("calendar", "")), named(IMAP, answers.get("maildir", ""))
    if name == "carddav":
        return bool(calendar)
    if name in {"mail_user", "mail_password"}:
        return bool(calendar and mail) and bool(_strangers([calendar, mail]))
    return bool(calendar or mail or answers.get("carddav")) if name in QUESTIONS else True


def question(name: str, answers: Mapping[str, str]) -> str:
    """The words of a question about a server."""
    from config.providers import host  # noqa: PLC0415 - `init --help` needs nothing of it

    servers = _servers(answers)
    return QUESTIONS[name].format(calendar=host(servers[0]), mail=host(servers[-1])) if name in QUESTIONS else ""


def likely(name: str, answers: Mapping[str, str]) -> str:
    """The answer that is offered, by the provider of the addresses or of the calendar; empty where there is none."""
    from config.providers import by_server  # noqa: PLC0415 - as above

    emails, calendar = answers.get("emails", ""), named(CALDAV, answers.get("calendar", ""))
    offered = by_server(calendar) or _of(emails)
    if name == "calendar":
        return offered.calendar if offered else ""
    if name == "maildir":
        return offered.mailbox if offered else ""
    if name == "carddav":
        return (offered.carddav if offered and calendar and by_server(calendar) else "") or calendar
    if name in {"user", "mail_user"}:
        servers = _servers(answers)
        at = by_server(servers[0 if name == "user" else -1]) if servers else None
        return _first(emails, at) if at else answers.get("user", "") if name == "mail_user" else ""
    return {"password": SOURCE, "mail_password": _MAIL_SOURCE}.get(name, "")


def shared(answers: Answers) -> tuple[str, ...]:
    """The servers that are given one password, though they are not likely to know the same; else none."""
    named = [one for one in (answers.caldav, answers.carddav, answers.imap) if one]
    first = named[:1]
    alike = [one.server for one in named if (one.command, one.file) == (first[0].command, first[0].file)]
    return _strangers(alike)


def _strangers(servers: Sequence[str]) -> tuple[str, ...]:
    """Their names, if they are not likely to know the same user by the same password; else none."""
    from config.providers import alike, host  # noqa: PLC0415 - as above

    if all(alike(servers[0], one) for one in servers):
        return ()
    return tuple(dict.fromkeys(host(one) for one in servers))


def logins(
    answers: Mapping[str, str], path: Callable[[str], str], folder: Path
) -> tuple[Login | None, Login | None, Login | None]:
    """The accounts at the servers of the calendar, of the contacts and of the mail, where there are such.

    `path` makes a path one that the settings take.

    Raises:
        ValueError: an answer cannot be used.
    """
    calendar, contacts = named(CALDAV, answers["calendar"]), answers.get("carddav", "")
    mail = named(IMAP, answers["maildir"])
    if not (calendar or contacts or mail):
        return None, None, None
    one = _login(answers["user"], answers["password"], path, folder)
    other = (answers.get("mail_user") or one.user, answers.get("mail_password") or answers["password"])
    return (
        replace(one, server=calendar) if calendar else None,
        replace(one, server=contacts) if contacts and contacts.casefold() != NONE else None,
        _at_imap(mail, _login(*other, path, folder)) if mail else None,
    )


def _login(user: str, source: str, path: Callable[[str], str], folder: Path) -> Login:
    from config.init import Login  # noqa: PLC0415 - as above

    command, file = _source(source, folder)
    ours = source in {SOURCE, _MAIL_SOURCE}  # and lies beside the settings, whatever lies in the current folder
    return Login("", user, command, file if ours or not file else path(file))


def _at_imap(server: str, login: Login) -> Login:
    """An IMAP server may be written with its port; and the user there may be a part of the address."""
    from config.providers import by_server  # noqa: PLC0415 - as above

    name, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    if port and not (port.isdecimal() and port.isascii()):
        raise ValueError(f"{port} is no port; write the host alone, as in imap.example.org, or imap.example.org:993")
    provider = by_server(name)
    person, _, domain = login.user.partition("@")
    user = person if provider and not provider.whole and domain.casefold() in provider.domains else login.user
    return replace(login, server=name, user=user, port=int(port) if port else None)


def checks(folder: Path) -> dict[str, Callable[[str], str]]:
    """What sees to it that an answer can be used, by the name of its question."""
    from config.addresses import server  # noqa: PLC0415 - as above

    def source(text: str) -> str:
        _source(text, folder)
        return text

    def contacts(text: str) -> str:
        return NONE if text.casefold() == NONE else server(text)

    return {"carddav": contacts, "password": source, "mail_password": source}


def _source(source: str, folder: Path) -> tuple[str, str]:
    """The command, or the file, that a password comes from; the other is empty.

    What is no command on this machine is refused without a word of it: it may be the password itself.

    Raises:
        ValueError: it is neither.
    """
    file = named(FILE, source)
    if file:
        return "", file
    try:
        words = shlex.split(source)
    except ValueError:
        words = []
    if not words or source.strip().casefold().rstrip(":") == FILE or not _is_command(words[0], folder):
        raise ValueError(f"this names no command that is on this machine; write {_WAYS} {SOURCE}")
    return source.strip(), ""


def _is_command(word: str, folder: Path) -> bool:
    """As it is run later: by PATH, or from the folder of the configuration on."""
    place = os.path.expanduser(word)  # noqa: PTH111 - Path's own fails without a home
    return shutil.which(str(folder / place) if "/" in place else place) is not None


def _servers(answers: Mapping[str, str]) -> list[str]:
    """The servers that are named, that of the mail at the end."""
    contacts = answers.get("carddav", "")
    said = (
        named(CALDAV, answers.get("calendar", "")),
        "" if contacts.casefold() == NONE else contacts,
        named(IMAP, answers.get("maildir", "")),
    )
    return [one for one in said if one]


def _of(emails: str) -> Provider | None:
    from config.providers import by_address  # noqa: PLC0415 - as above

    return by_address(emails.split(","))


def _first(emails: str, provider: Provider) -> str:
    """Of these addresses the first that is of the provider, else the first."""
    known = [email.strip() for email in emails.split(",") if email.strip()]
    theirs = (email for email in known if email.rpartition("@")[2].casefold() in provider.domains)
    return next(theirs, known[0] if known else "")
