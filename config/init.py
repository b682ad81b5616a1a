"""Makes the files of a first configuration out of the starter files and a few answers. The caller writes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from config.sources import SETTINGS, TESTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

_BARE = re.compile(r"[A-Za-z~/.][A-Za-z0-9 _./@~+-]*(?<! )")
_WORDS = frozenset({"~", "null", "true", "false"})


_MAILDIR = """\
# Where drafts are laid. Afterword finds Drafts, Sent and Trash; name them with
# `drafts:`, `sent:` and `trash:` if it does not.
mailbox:
  maildir: {maildir}"""
_GMAIL = """\
# Where drafts are laid. `afterword auth google` asks for the permission, once; docs/google.md tells how.
mailbox:
  gmail: {}"""
_IMAP = """\
# Where drafts are laid. Afterword finds Drafts, Sent and Trash; name them with `drafts:`, `sent:` and `trash:` if it
# does not. A server of your own may want `certificate:`, `starttls:` or `plain:` as well (docs/servers.md).
mailbox:
"""
_SOME = "    # calendars: [Work, Private]  # only these of the account; without it all that hold events"
_NEVER_HERE = "# the password itself never stands here"
_INBOX = """\
# A deadline that is near or was missed comes as a message into your inbox. A command tells you instead, also of what
# needs you: a line of text is appended to it. `notify: none` turns both off."""
_NO_INBOX = """\
# A command tells you of a deadline that is near or was missed, and of what needs you: a line of text is appended to it.
# Without one, `afterword status` alone tells of them: no message can be laid into the inbox of Gmail."""


@dataclass(frozen=True, slots=True)
class Login:
    """An account at a server, and where its password comes from: a command that prints it, or a file that holds it."""

    server: str
    user: str
    command: str = ""
    file: str = ""
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What `afterword init` asks. Paths and addresses as the settings take them.

    `calendar` is a folder of .ics files, a file or an address, and `more_calendars` are further ones; in place of it
    `google_calendar` is the id of a calendar at Google, or `caldav` an account at a CalDAV server. `maildir` is the
    mailbox, unless `gmail` or `imap` is. `vcards` is a folder or a file of vCards, if any; `carddav` an account with
    address books. `holidays` is a country or country-subdivision (`PT`, `DE-BY`). Without a `signature` the name is it,
    or the signature of the Gmail account.
    """

    name: str
    emails: tuple[str, ...]
    time_zone: str
    calendar: str = ""
    maildir: str = ""
    calendar_id: str = "calendar"
    holidays: str = ""
    vcards: str = ""
    signature: str = ""
    google_calendar: str = ""
    gmail: bool = False
    google_contacts: bool = False
    caldav: Login | None = None
    carddav: Login | None = None
    imap: Login | None = None
    more_calendars: tuple[str, ...] = ()


def starter(answers: Answers | None) -> Mapping[str, str]:
    """The files of a configuration that works: name relative to its folder, and text; in the order to write them.

    Without answers all but the settings.
    """
    made = {}
    for name, text in _files():
        if name != SETTINGS:
            made[name] = text
        elif answers is not None:
            made[name] = _fill(text, answers)
    return made


def names() -> tuple[str, ...]:
    """The names of these files."""
    return tuple(name for name, _ in _files())


def _files() -> Iterator[tuple[str, str]]:
    root = files("config").joinpath("starter")
    yield SETTINGS, root.joinpath(SETTINGS).read_text("utf-8")
    yield "people.yaml", root.joinpath("people.yaml").read_text("utf-8")
    for folder, ending in (("rules", ".yaml"), (TESTS, ".yaml"), ("templates", ".md")):
        for entry in sorted(root.joinpath(folder).iterdir(), key=_name):
            if entry.name.endswith(ending):
                yield f"{folder}/{entry.name}", entry.read_text("utf-8")


def _name(entry: Traversable) -> str:
    return entry.name


def _fill(text: str, answers: Answers) -> str:
    holidays = (
        f"  holidays: {_scalar(answers.holidays)}"
        if answers.holidays
        else ("  # holidays: PT             # country, or country-subdivision as in DE-BY")
    )
    return Template(text).substitute(
        name=_scalar(answers.name),
        emails=f"[{', '.join(map(_scalar, answers.emails))}]",
        time_zone=_scalar(answers.time_zone),
        holidays=holidays,
        signature=_signature(answers),
        calendar_id=_scalar(answers.calendar_id),
        calendar=_calendar(answers),
        contacts=_contacts(answers),
        mailbox=_mailbox(answers),
        deadlines=_NO_INBOX if answers.gmail else _INBOX,
    )


def _signature(answers: Answers) -> str:
    """The signature, or how to write one that goes before that of the account."""
    signature = answers.signature.strip() or ("" if answers.gmail else answers.name)
    if not signature:
        return "  # signature: Robin           # stands under each note, in place of your signature at Gmail"
    lines = (f"    {_visible(line)}".rstrip() for line in signature.splitlines())
    return "\n".join(["  signature: |                 # stands under each note, once", *lines])


def _calendar(answers: Answers) -> str:
    if answers.caldav:
        return f"{_account('caldav', answers.caldav, '    ')}\n{_SOME}"
    google = answers.google_calendar
    more = "".join(
        f"\n  - id: {answers.calendar_id}-{number}\n    ics: {_scalar(place)}"
        for number, place in enumerate(answers.more_calendars, 2)
    )
    return f"google: {_scalar(google)}" if google else f"ics: {_scalar(answers.calendar)}{more}"


def _mailbox(answers: Answers) -> str:
    if answers.imap:
        return f"{_IMAP}  {_account('imap', answers.imap, '  ')}"
    return _GMAIL if answers.gmail else _MAILDIR.format(maildir=_scalar(answers.maildir))


def _account(kind: str, login: Login, indent: str) -> str:
    """The lines of an account; the first begins where it is put, the others with the indent."""
    source = f"command: {_scalar(login.command)}" if login.command else f"file: {_scalar(login.file)}"
    lines = [f"{kind}: {_scalar(login.server)}", f"user: {_scalar(login.user)}", f"password: {{{source}}}"]
    lines[1:1] = [f"port: {login.port}"] if login.port else []
    return f"\n{indent}".join([*lines[:-1], f"{lines[-1]}  {_NEVER_HERE}"])


def _contacts(answers: Answers) -> str:
    books = [f"  - vcards: {_scalar(answers.vcards)}"] if answers.vcards else []
    books += [f"  - {_account('carddav', answers.carddav, '    ')}"] if answers.carddav else []
    books += ["  - google: {}"] if answers.google_contacts else []
    return "\n".join(books) or "  # - vcards: contacts/"


def _visible(line: str) -> str:
    """The line without what no text file of ours may hold."""
    return "".join(letter for letter in line.replace("\t", " ").strip() if letter.isprintable())


def _scalar(text: str) -> str:
    """The text as a YAML scalar: bare where that is safe, else in double quotes, which take JSON's escapes."""
    clean = _visible(text)
    if _BARE.fullmatch(clean) and clean.casefold() not in _WORDS:
        return clean
    return json.dumps(clean, ensure_ascii=False)
