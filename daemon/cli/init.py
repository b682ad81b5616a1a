"""`afterword init`: a few questions, and a configuration that works. Never overwrites."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from daemon.cli import usage
from daemon.cli.call import command
from daemon.cli.output import ExitCode, say
from daemon.cli.questions import RULES, answered
from daemon.cli.wording import columns, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.cli.call import Call
    from daemon.setup import There

SETTINGS = "afterword.yaml"
_EDITED = (
    (SETTINGS, "who you are, your calendars, address books and mailbox"),
    ("people.yaml", "people whom you keep by hand"),
    ("rules/", "what is written to whom, and when (docs/rules.md)"),
    ("templates/", "the words of the notes"),
)
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
    from daemon.setup import lay, there  # noqa: PLC0415 - `init --help` needs nothing of it

    given = {name: _given(value) for name, value in options.items() if name not in {"yes", "gmail"}}
    if options["gmail"]:
        if given["maildir"]:
            usage("--gmail and --maildir exclude each other: the notes go into one mailbox")
        given["maildir"] = "gmail"
    found = there(call.folder)
    nothing = not found.missing and found.rules and not given["rules"]
    ask = not options["yes"] and not nothing and sys.stdin.isatty()
    _tell_what_is_there(call, found, ask=ask, nothing=nothing)
    try:
        answers, rules = answered(given, call.folder, found, ask=ask)
    except click.Abort:
        say()
        say("Nothing was written.", error=True)
        raise
    written = lay(call.folder, answers, rules)
    if written:
        say(f"In {call.folder}:")
    for name in written:
        say(f"  wrote  {name}")
    if answers is None and any(given.get(name) for name in _WRITTEN):
        say(f"Your answers were not written: {SETTINGS} was there already; edit it, or move it away.", fg="yellow")
    elif answers is not None and not ask and not given["zone"]:
        say(f"Your time zone is taken to be {answers.time_zone}, as on this machine; --zone names another.")
    return _lead_on(call)


def _lead_on(call: Call) -> ExitCode:
    """Check what there is now, and say what comes next.

    What Google wants is told, and is no fault of what was written: 78 is for the files alone, the first time and later.
    """
    from daemon.cli.check import judge, tell  # noqa: PLC0415 - `init --help` needs nothing of it
    from daemon.missing import EMPTY, GOOGLE  # noqa: PLC0415 - as above

    judged = judge(call.folder, call.state)
    if judged.loaded.configuration is not None:
        judged = replace(judged, problems=[], notes=[*judged.notes, *judged.problems])
    wanting = {one.source for one in judged.notes if not one.message.startswith(EMPTY)}
    code = tell(judged)
    shows = f"`afterword{call.options} once --dry-run` shows what the first cycle would draft"
    if code:
        say(f"Next: mend that, then `afterword{call.options} check`.")
    elif wanting & {GOOGLE, None}:
        asks = f"`afterword{call.options} auth google` asks for the permission"
        say(f"Next: {asks}, and `afterword{call.options} check --connect` tries it.")
    else:
        say(f"Next: {'when nothing is missing, ' if wanting else ''}{shows}.")
    return code


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
        say(f"A few questions; the configuration goes to {call.folder}, and nothing there is overwritten.")


def _listed(names: Sequence[str]) -> str:
    """The names, of templates only how many there are."""
    templates = sum(name.startswith("templates/") for name in names)
    others = [name for name in names if not name.startswith("templates/")]
    return ", ".join([*others, count(templates, "template")] if templates else others)


def _given(value: str | tuple[str, ...] | bool | None) -> str:  # noqa: FBT001 - one of click's values
    if value is True:
        return "yes"
    if isinstance(value, tuple):
        return ",".join(value)
    return value.strip() if isinstance(value, str) else ""
