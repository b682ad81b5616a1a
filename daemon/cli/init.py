"""`afterword init`: a few questions, and a configuration that works. Never overwrites."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli import usage
from daemon.cli.call import command
from daemon.cli.output import ExitCode, say
from daemon.cli.questions import RULES, answered

if TYPE_CHECKING:
    from config.init import Answers
    from daemon.cli.call import Call

SETTINGS = "afterword.yaml"
CLIENT = "google-client.json"
_WRITTEN = ("name", "emails", "zone", "calendar", "maildir", "vcards", "google_contacts", "holidays")
"""The answers that stand in the settings."""


@command("init", json=False)
@click.option("--name", help="Your name, as it stands in From.")
@click.option("--email", "emails", multiple=True, help="An address of yours; may be given several times.")
@click.option("--zone", help="Your time zone, as in Europe/Lisbon.")
@click.option(
    "--calendar", help="A folder of .ics files, one file, an https:// or webcal:// address; or google, or google:ID."
)
@click.option("--maildir", help="The Maildir whose Drafts get the notes.")
@click.option("--gmail", is_flag=True, help="The Drafts of Gmail get the notes.")
@click.option("--vcards", default="", help="A .vcf file or a folder of them, if you have one.")
@click.option("--google-contacts", is_flag=True, help="Know people by your Google contacts.")
@click.option("--holidays", default="", help="Country whose holidays are yours, as in PT or DE-BY.")
@click.option("--rules", help=f"Which starter rules: all, or any of {', '.join(RULES)}, with commas between.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is found for what is not given.")
def init(call: Call, **options: str | tuple[str, ...] | bool | None) -> ExitCode:
    """Ask a few questions, and write a configuration from the starter files. Overwrites nothing."""
    from daemon.cli.check import tell  # noqa: PLC0415 - `init --help` needs nothing of it
    from daemon.setup import lay  # noqa: PLC0415 - see above

    given = {name: _given(value) for name, value in options.items() if name not in {"yes", "gmail"}}
    if options["gmail"]:
        if given["maildir"]:
            usage("--gmail and --maildir exclude each other: the notes go into one mailbox")
        given["maildir"] = "gmail"
    ask = not options["yes"] and sys.stdin.isatty()
    if ask:
        say(f"A few questions; the configuration goes to {call.folder}, and nothing there is overwritten.")
    answers, rules = answered(given, call.folder, ask=ask)
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
    code = tell(call.folder, call.state, credentials=False)  # the way to them is told below
    option = call.options
    if code:
        say(f"Next: mend that, then `afterword{option} check`.")
    elif answers.google and SETTINGS in laid.written:
        _lead_to_google(call.folder, option)
    else:
        say(f"Next: `afterword{option} once --dry-run` shows what the first cycle would draft.")
    return code


def _lead_to_google(folder: Path, option: str) -> None:
    """The way to a permission; nothing is asked of Google before."""
    if not (folder / CLIENT).exists():
        say("Google asks for an OAuth client of your own: docs/google.md shows how to make it, screen by screen.")
        say(f"Put the file that Google gives you there: {folder / CLIENT}")
    asks = f"`afterword{option} auth google` asks for the permission"
    say(f"Next: {asks}, and `afterword{option} check --connect` tries it.")


def _given(value: str | tuple[str, ...] | bool | None) -> str:  # noqa: FBT001 - one of click's values
    if value is True:
        return "yes"
    if isinstance(value, tuple):
        return ",".join(value)
    return value.strip() if isinstance(value, str) else ""


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
