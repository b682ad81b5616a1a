"""The man pages, made from the command itself: `python -m packages.manual FOLDER`.

One page for `afterword`, and one for each command. What click knows (options, arguments, help) comes from click; the
lines and groups of the commands from `daemon.commands`; what holds for all of them stands here once.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon import commands
from daemon.cli import afterword
from packages import release
from packages.roff import escaped, filled, item, paragraphs, section, title

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_STATUS: tuple[tuple[int, str], ...] = (
    (0, "Done."),
    (1, "A part failed, and the rest was done. What failed is told on standard error."),
    (2, "The command was called in a wrong way."),
    (75, "It cannot be done now; try again later."),
    (77, "A permission is needed from you; the message says which, and how it is given."),
    (78, "The configuration is wrong. `afterword check` tells where, and what would be right."),
)

ENVIRONMENT: tuple[tuple[str, str], ...] = (
    ("AFTERWORD_CONFIG", "The folder of the configuration, where `--config` does not name it."),
    ("AFTERWORD_STATE", "The folder of the state, where `--state` does not name it."),
    ("STATE_DIRECTORY", "The folder of the state as systemd gives it to a service, where neither of these names it."),
    ("CREDENTIALS_DIRECTORY", "Where systemd lays the passwords that are named as `credential` (systemd.exec(5))."),
    ("NO_COLOR", "When it is not empty, nothing is coloured."),
)

FILES: tuple[tuple[str, str], ...] = (
    ("~/.config/afterword/", "The configuration of a user."),
    ("afterword.yaml", "In that folder: who you are, your calendars, address books and mailbox."),
    ("rules/*.yaml", "What is written to whom, and when."),
    ("templates/*.md", "The words of the notes."),
    ("people.yaml", "People whom you keep by hand."),
    ("~/.local/state/afterword/", "What Afterword remembers."),
    ("/etc/afterword/NAME/", "The configuration of the account NAME, whose service the system runs."),
    ("/var/lib/afterword/NAME/", "What Afterword remembers of that account."),
)

_DESCRIPTION = """\
Afterword watches your calendar and leaves the right note in your Drafts folder: the thank-you within a day of the
meeting, the check-in some weeks later. You make it yours and send it. It never sends.

`afterword init` asks a few questions and writes a configuration; `afterword check` tells what is wrong with it;
`afterword plan` shows what is coming, and changes nothing; `afterword run` is the service."""


def pages(version: str, date: str) -> Iterator[tuple[str, str]]:
    """Each page: the name of its file, and its source. `date` is an ISO date, for the foot of the page."""
    context = click.Context(afterword, info_name="afterword", **afterword.context_settings)
    yield "afterword.1", _text([*title("afterword", date, version), *_first()])
    for name in commands.HELPS:
        command = afterword.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield f"afterword-{name}.1", _text([*title(f"afterword-{name}", date, version), *_page(name, inner)])


def write(folder: Path) -> None:
    """Write all pages into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(release.version(), release.day()):
        (folder / name).write_text(text, encoding="utf-8")


def _text(lines: list[str]) -> str:
    return "\n".join((*lines, ""))


def _first() -> Iterator[str]:
    """The page of `afterword`, after its title."""
    yield from (section("NAME"), r"afterword \- leave the right note in your Drafts folder")
    yield from (
        section("SYNOPSIS"),
        *_synopsis("afterword", r"[\fB\-\-config\fR \fIDIR\fR] [\fB\-\-state\fR \fIDIR\fR]"),
    )
    yield from (r"\fICOMMAND\fR [\fIOPTIONS\fR]", section("DESCRIPTION"), *paragraphs(_DESCRIPTION))
    yield section("COMMANDS")
    for group, several in commands.GROUPS:
        yield f".SS {group}"
        for name, line in several:
            yield from item(_reference(f"afterword-{name}"), line)
    yield section("OPTIONS")
    for option, line in re.findall(r"^  (--.+?)  +(.+)$", commands.OPTIONS, re.MULTILINE):
        yield from item(_term(option), line)
    yield from (".PP", *paragraphs(commands.OPTIONS.rpartition("\n\n")[2]))
    yield from _sections(("ENVIRONMENT", [(rf"\fB{name}\fR", text) for name, text in ENVIRONMENT]))
    yield from _sections(("FILES", [(rf"\fI{escaped(name)}\fR", text) for name, text in FILES]))
    yield from _exit_status()
    yield from _see_also([f"afterword-{name}" for name in commands.HELPS], "systemd.service", 5)


def _page(name: str, context: click.Context) -> Iterator[str]:
    """The page of one command, after its title."""
    command = context.command
    line = commands.HELPS[name]
    yield from (section("NAME"), rf"afterword\-{name} \-", *filled(line.rstrip(".")), section("SYNOPSIS"))
    yield from _usage(context, f"afterword {name}")
    yield from (section("DESCRIPTION"), *paragraphs(command.help or line), section("OPTIONS"), *_options(context))
    if isinstance(command, click.Group):
        yield section("COMMANDS")
        for inner in command.list_commands(context):
            one = command.get_command(context, inner)
            assert one is not None
            below = click.Context(one, info_name=inner, parent=context)
            yield f".SS {inner}"
            yield from (
                *_usage(below, f"afterword {name} {inner}"),
                ".PP",
                *paragraphs(one.help or ""),
                *_options(below),
            )
    yield from _exit_status()
    fellows = next(names for names in ([one for one, _ in several] for _, several in commands.GROUPS) if name in names)
    yield from _see_also(["afterword", *(f"afterword-{one}" for one in fellows if one != name)])


def _usage(context: click.Context, called: str) -> Iterator[str]:
    pieces = context.command.collect_usage_pieces(context)
    yield from _synopsis(
        called, *(rf"\fI{escaped(piece)}\fR" if piece.isupper() else escaped(piece) for piece in pieces)
    )


def _synopsis(called: str, *pieces: str) -> Iterator[str]:
    yield rf"\fB{escaped(called)}\fR"
    yield from filter(None, pieces)


def _options(context: click.Context) -> Iterator[str]:
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option):
            yield from item(_term(record[0]), record[1])


def _term(written: str) -> str:
    """`--days INTEGER` with the option in bold, its value in italics."""
    words = re.split(r"(?<=,) | (?=[A-Z\[<])", written)
    return " ".join(rf"\fB{escaped(word)}\fR" if word.startswith("-") else rf"\fI{escaped(word)}\fR" for word in words)


def _sections(*several: tuple[str, list[tuple[str, str]]]) -> Iterator[str]:
    for heading, items in several:
        yield section(heading)
        for term, text in items:
            yield from item(term, text)


def _exit_status() -> Iterator[str]:
    yield from _sections(("EXIT STATUS", [(rf"\fB{code}\fR", text) for code, text in EXIT_STATUS]))


def _reference(name: str, part: int = 1) -> str:
    hyphened = name.replace("-", r"\-")
    return rf"\fB{hyphened}\fR({part})"


def _see_also(names: list[str], *foreign: str | int) -> Iterator[str]:
    references = [_reference(name) for name in names]
    if foreign:
        references.append(_reference(str(foreign[0]), int(foreign[1])))
    yield section("SEE ALSO")
    yield from (f"{one}," for one in references[:-1])
    yield references[-1]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
