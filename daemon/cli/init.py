"""`afterword init`: a few questions, and a configuration that works. Never overwrites."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli import usage
from daemon.cli.call import command
from daemon.cli.output import ExitCode, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.init import Answers
    from daemon.cli.call import Call

SETTINGS = "afterword.yaml"
CALENDAR = "calendars/"
_WRITTEN = ("name", "emails", "zone", "calendar", "maildir", "vcards", "holidays")
"""The answers that stand in the settings."""
RULES = ("soft-interviews", "informational-interviews", "job-interviews", "customer-calls", "mentoring")
_FIRST = "soft-interviews"


@command("init", json=False)
@click.option("--name", help="Your name, as it stands in From.")
@click.option("--email", "emails", multiple=True, help="An address of yours; may be given several times.")
@click.option("--zone", help="Your time zone, as in Europe/Lisbon.")
@click.option("--calendar", help="A folder of .ics files, one file, or an https:// or webcal:// address.")
@click.option("--maildir", help="The Maildir whose Drafts get the notes.")
@click.option("--vcards", default="", help="A .vcf file or a folder of them, if you have one.")
@click.option("--holidays", default="", help="Country whose holidays are yours, as in PT or DE-BY.")
@click.option("--rules", help=f"Which starter rules: all, or any of {', '.join(RULES)}, with commas between.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is found for what is not given.")
def init(call: Call, **options: str | tuple[str, ...] | bool | None) -> ExitCode:
    """Ask a few questions, and write a configuration from the starter files. Overwrites nothing."""
    from daemon.cli.check import tell  # noqa: PLC0415 - `init --help` needs nothing of it
    from daemon.setup import lay  # noqa: PLC0415 - see above

    given = {name: _given(value) for name, value in options.items() if name != "yes"}
    ask = not options["yes"] and sys.stdin.isatty()
    if ask:
        say(f"A few questions; the configuration goes to {call.folder}, and nothing there is overwritten.")
    answers, rules = _answers(given, call.folder, ask=ask)
    laid = lay(call.folder, answers, rules)
    say(f"In {call.folder}:")
    for name in laid.written:
        say(f"  wrote        {name}")
    for name in laid.left:
        say(f"  left alone   {name} (it was there)")
    if SETTINGS in laid.left and any(given.get(name) for name in _WRITTEN):
        say(f"Your answers were not written: {SETTINGS} was there already; edit it, or move it away.", fg="yellow")
    elif not ask and not given["zone"]:
        say(f"Your time zone is taken to be {answers.time_zone}, as on this machine; --zone names another.")
    _remind(answers, call.folder)
    code = tell(call.folder, call.state)
    option = f" --config {call.config}" if call.config else ""
    if code:
        say(f"Next: mend that, then `afterword{option} check`.")
    else:
        say(f"Next: `afterword{option} once --dry-run` shows what the first cycle would draft.")
    return code


def _given(value: str | tuple[str, ...] | bool | None) -> str:  # noqa: FBT001 - one of click's values
    if isinstance(value, tuple):
        return ",".join(value)
    return value.strip() if isinstance(value, str) else ""


def _answers(given: dict[str, str], folder: Path, *, ask: bool) -> tuple[Answers, tuple[str, ...]]:
    """The answers, given, asked or found; what is missing after that is named, all at once.

    Raises:
        click.UsageError: something is missing and cannot be asked for, or an answer cannot be used.
    """
    from config.init import Answers  # noqa: PLC0415 - `init --help` needs nothing of it

    found = {**_found(), **{name: value for name, value in given.items() if value}}
    if ask:
        found = _asked(given, found, folder)
    missing = [f"--{'email' if name == 'emails' else name}" for name in _QUESTIONS if not found.get(name)]
    if missing:
        usage(f"there is nobody to ask, and these have no answer: {', '.join(missing)}")
    emails = tuple(email.strip() for email in found["emails"].split(",") if email.strip())
    answers = Answers(
        name=found["name"],
        emails=emails,
        time_zone=found["zone"],
        calendar=_path(found["calendar"], folder),
        maildir=_path(found["maildir"], folder),
        holidays=found.get("holidays", ""),
        vcards=_path(found["vcards"], folder) if found.get("vcards") else "",
    )
    return answers, _rules(found["rules"])


_QUESTIONS = {
    "name": "Your name",
    "emails": "Your email addresses, with commas between",
    "zone": "Your time zone",
    "calendar": "Your calendar (a folder of .ics files, a file, or an address)",
    "maildir": "The Maildir whose Drafts get the notes",
    "rules": f"Which starter rules: all, or some of {', '.join(RULES)}",
}


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


def _asked(given: dict[str, str], found: dict[str, str], folder: Path) -> dict[str, str]:
    """Ask for what was not given as an option; an answer that cannot be used is asked for again."""
    from config.texts import email, filled, iana_zone  # noqa: PLC0415 - pydantic is not needed for --help

    def several(text: str) -> str:
        return ",".join(email(one) for one in text.split(",") if one.strip())

    def known(text: str) -> str:
        _rules(text)
        return text

    checks: dict[str, Callable[[str], str]] = {
        "emails": several,
        "zone": iana_zone,
        "calendar": _doubted(filled, lambda text: _no_calendar(text, folder)),
        "maildir": _doubted(filled, lambda text: _no_maildir(text, folder)),
        "rules": known,
    }
    answers = dict(found)
    for name, question in _QUESTIONS.items():
        if not given.get(name):
            answers[name] = click.prompt(
                question, default=found.get(name) or None, value_proc=_checked(checks.get(name, filled))
            )
    return answers


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        try:
            return check(text.strip())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


def _doubted(check: Callable[[str], str], doubt: Callable[[str], str]) -> Callable[[str], str]:
    """Ask again where there is a doubt; the same answer a second time is taken."""
    doubted: set[str] = set()

    def convert(text: str) -> str:
        answer = check(text)
        if answer not in doubted and (why := doubt(answer)):
            doubted.add(answer)
            raise ValueError(f"{why}; give it once more to take it as it is, or another")
        return answer

    return convert


def _no_calendar(written: str, folder: Path) -> str:
    """Why this cannot be read as a calendar now, or an empty text. Our own folder is made."""
    if written == CALENDAR or "://" in written:
        return ""
    place = _place(written, folder)
    if not place.exists():
        return f"{written} is not there"
    return "" if place.is_dir() or place.suffix.casefold() == ".ics" else f"{written} is no .ics file, nor a folder"


def _no_maildir(written: str, folder: Path) -> str:
    """Why this is no Maildir, or an empty text. One that is not there may still be made."""
    from daemon import place  # noqa: PLC0415 - see `_found`

    there = _place(written, folder)
    return f"{written} is no Maildir: it has no folder cur" if there.exists() and not place.is_maildir(there) else ""


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


def _remind(answers: Answers, folder: Path) -> None:
    """Say what the configuration names that is not there yet."""
    for what, written in (("calendar", answers.calendar), ("Maildir", answers.maildir), ("vCards", answers.vcards)):
        if written and "://" not in written and not (folder / Path(written).expanduser()).exists():
            say(f"The {what} {written} is not there yet.{_making(what, written)}", fg="yellow")


def _making(what: str, written: str) -> str:
    """How to make a Maildir; the rest is other programs' to make."""
    if what != "Maildir":
        return ""
    home, rest = ("~/", written[2:]) if written.startswith("~/") else ("", written)
    paths = (home + shlex.quote(str(Path(rest) / part)) for part in ("cur", "new", "tmp"))
    return f" A mail program makes it, or: mkdir -p {' '.join(paths)}"
