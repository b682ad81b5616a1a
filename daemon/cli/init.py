"""`afterword init`: a few questions, and a configuration that works. Never overwrites."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daemon.cli import usage
from daemon.cli.accounts import shared
from daemon.cli.call import command
from daemon.cli.complete import files, folders
from daemon.cli.doubts import CALENDAR
from daemon.cli.first_look import lead_on
from daemon.cli.output import ExitCode, say
from daemon.cli.questions import answered
from daemon.cli.starters import RULES
from daemon.cli.wording import columns, count, shown, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.init import Answers
    from daemon.cli.call import Call
    from daemon.setup import There

SETTINGS = "afterword.yaml"
_EDITED = (
    (SETTINGS, "who you are, your calendars, address books and mailbox"),
    ("people.yaml", "people whom you keep by hand"),
    ("rules/", "what is written to whom, and when"),
    ("rules/tests/", "what the rules must do; `afterword test` tells whether they do"),
    ("templates/", "the words of the notes"),
)
_OPTION = {"emails": "email"}
_BEGINNING = (
    "A few questions, then a look at what would be written, and at your next two weeks. Enter takes the answer in "
    "brackets; Ctrl-C ends it, and nothing is written."
)
_MAILBOXES = ("gmail", "imap", "maildir")
_WRITTEN = ("name", "emails", "zone", "calendar", "maildir", "vcards", "carddav", "google_contacts", "user", "password",
            "holidays")  # fmt: skip
"""The answers that stand in the settings."""


@command("init", json=False)
@click.option("--name", help="Your name, as it stands in From.")
@click.option("--email", "emails", multiple=True, help="An address of yours; may be given several times.")
@click.option("--zone", help="Your time zone, as in Europe/Lisbon.")
@click.option(
    "--calendar",
    shell_complete=files,
    help="A folder of .ics files, one file, an https:// or webcal:// address; caldav:SERVER; or google, or google:ID.",
)
@click.option("--maildir", shell_complete=folders, help="The Maildir whose Drafts get the notes.")
@click.option("--imap", metavar="HOST", help="The Drafts at this IMAP server get the notes.")
@click.option("--gmail", is_flag=True, help="The Drafts of Gmail get the notes.")
@click.option("--vcards", default="", shell_complete=files, help="A .vcf file or a folder of them, if you have one.")
@click.option("--carddav", metavar="SERVER", help="Know people by your address books on this CardDAV server.")
@click.option("--google-contacts", is_flag=True, help="Know people by your Google contacts.")
@click.option("--user", help="Your user on these servers.")
@click.option("--password-command", metavar="COMMAND", help="A command that prints the password for them.")
@click.option(
    "--password-file",
    metavar="FILE",
    shell_complete=files,
    help="A file of mode 0600 that holds it; without either, `password` beside them.",
)
@click.option("--holidays", default="", help="Country whose holidays are yours, as in PT or DE-BY.")
@click.option("--rules", help=f"Which starter rules: all, or any of {', '.join(RULES)}, with commas between.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is found for what is not given.")
def init(call: Call, **options: str | tuple[str, ...] | bool | None) -> ExitCode:
    """Ask a few questions, and write a configuration from the starter files. Overwrites nothing."""
    from daemon.setup import lay, there  # noqa: PLC0415 - `init --help` needs nothing of it

    given = _merged({name: _given(value) for name, value in options.items() if name != "yes"})
    found = there(call.folder)
    nothing = not found.missing and found.rules and not given["rules"]
    watched = sys.stdin.isatty()
    ask = not options["yes"] and not nothing and watched
    _tell_what_is_there(call, found, ask=ask, nothing=nothing)
    try:
        answers, rules = answered(given, call.folder, found, ask=ask, search=ask or bool(options["yes"]))
    except click.Abort:
        say()
        say("Nothing was written.", error=True)
        raise
    written = lay(call.folder, answers, rules)
    if ask:
        say()
    if written:
        for line in wrapped(f"Wrote {_listed(written)} in {shown(call.folder)}.", "", 79):
            say(line)
    _tell_what_was_taken(answers, given, ask=ask, all_of_it=bool(options["yes"]))
    try:
        return lead_on(call, watched=watched)
    except KeyboardInterrupt:
        say()
        say(f"Stopped; what was written stays. `afterword{call.options} check --connect` goes on.", error=True)
        raise


def _tell_what_was_taken(answers: Answers | None, given: dict[str, str], *, ask: bool, all_of_it: bool) -> None:
    """Say where an answer was not taken as it was given, or was not given; `all_of_it` where the home was searched."""
    if answers is None and any(given.get(name) for name in _WRITTEN):
        say(f"Your answers were not written: {SETTINGS} was there already; edit it, or move it away.", fg="yellow")
    elif answers is not None and not ask:
        for name, what, taken in _taken(answers, all_of_it=all_of_it):
            if not given[name]:
                say(f"Your {what} to be {taken}, as on this machine; --{_OPTION.get(name, name)} names another.")
    if answers is not None and (servers := shared(answers)):
        say(f"{' and '.join(servers)} are given the same password. Where you have another one at either, correct "
            f"`user:` and `password:` in {SETTINGS} first.", fg="yellow")  # fmt: skip


def _taken(answers: Answers, *, all_of_it: bool) -> Iterator[tuple[str, str, str]]:
    """What was taken without being given: the answer, the words for it, and what it is."""
    yield "zone", "time zone is taken", answers.time_zone
    if not all_of_it:
        return
    yield "emails", "address is taken", " and ".join(answers.emails)
    if answers.calendar not in {"", CALENDAR}:
        yield "calendar", "calendar is taken", answers.calendar
    if answers.vcards:
        yield "vcards", "address book is taken", answers.vcards
    if answers.maildir:
        yield "maildir", "mailbox is taken", answers.maildir


def _tell_what_is_there(call: Call, found: There, *, ask: bool, nothing: bool) -> None:
    """Say, before anything is asked, what is left alone and what that means for the questions."""
    if nothing:
        say(f"Everything is in {call.folder} already, and is left alone; there is nothing to ask. To change it, edit")
        for line in columns(_EDITED):
            say(f"  {line}")
        others = [name for name in RULES if f"rules/{name}.yaml" not in found.names]
        if others:
            say(f"`afterword{call.options} init --rules NAME` adds starter rules: {', '.join(others)}.")
        return
    if found.names:
        say(f"There already in {call.folder}, and left alone: {_listed(found.names)}.")
    if found.settings:
        say(f"Nothing is asked of what stands in {SETTINGS}: to change it, edit it.")
    elif ask:
        for line in wrapped(_BEGINNING, "", 79):
            say(line)
        say()


def _listed(names: Sequence[str]) -> str:
    """The names; of templates and tests only how many there are."""
    tests = sum(name.startswith("rules/tests/") for name in names)
    templates = sum(name.startswith("templates/") for name in names)
    listed = [name for name in names if not name.startswith(("rules/tests/", "templates/"))]
    listed += [f"{count(tests, 'file')} of tests"] if tests else []
    return ", ".join([*listed, *([count(templates, "template")] if templates else [])])


def _merged(given: dict[str, str]) -> dict[str, str]:
    """One answer for the mailbox, and one for where the password comes from.

    Raises:
        click.UsageError: two that exclude each other were given.
    """
    mailboxes = [f"--{name}" for name in _MAILBOXES if given[name]]
    if len(mailboxes) > 1:
        usage(f"{' and '.join(mailboxes)} exclude each other: the notes go into one mailbox")
    command, file = given.pop("password_command"), given.pop("password_file")
    if command and file:
        usage("--password-command and --password-file exclude each other: the password comes from one of them")
    gmail, imap = given.pop("gmail"), given.pop("imap")
    given["maildir"] = "gmail" if gmail else f"imap:{imap}" if imap else given["maildir"]
    given["password"] = f"file:{file}" if file else command
    return given


def _given(value: str | tuple[str, ...] | bool | None) -> str:  # noqa: FBT001 - one of click's values
    if value is True:
        return "yes"
    if isinstance(value, tuple):
        return ",".join(value)
    return value.strip() if isinstance(value, str) else ""
