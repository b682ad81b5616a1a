"""Makes the files of a first configuration out of the starter files and a few answers. The caller writes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from config.sources import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

_BARE = re.compile(r"[A-Za-z~/.][A-Za-z0-9 _./@~+-]*(?<! )")
_WORDS = frozenset({"~", "null", "true", "false"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What `afterword init` asks. Paths and addresses as the settings take them.

    `calendar` is a folder of .ics files, a file or an address; `vcards` a folder or a file of vCards, if any.
    `holidays` is a country or country-subdivision (`PT`, `DE-BY`). Without a `signature` the name is it.
    """

    name: str
    emails: tuple[str, ...]
    time_zone: str
    calendar: str
    maildir: str
    calendar_id: str = "calendar"
    holidays: str = ""
    vcards: str = ""
    signature: str = ""


def starter(answers: Answers) -> Mapping[str, str]:
    """The files of a configuration that works: name relative to its folder, and text; in the order to write them."""
    made = {}
    for name, text in _files():
        made[name] = _fill(text, answers) if name == SETTINGS else text
    return made


def _files() -> Iterator[tuple[str, str]]:
    root = files("config").joinpath("starter")
    yield SETTINGS, root.joinpath(SETTINGS).read_text("utf-8")
    yield "people.yaml", root.joinpath("people.yaml").read_text("utf-8")
    for folder, ending in (("rules", ".yaml"), ("templates", ".md")):
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
    signature = answers.signature.strip() or answers.name
    return Template(text).substitute(
        name=_scalar(answers.name),
        emails=f"[{', '.join(map(_scalar, answers.emails))}]",
        time_zone=_scalar(answers.time_zone),
        holidays=holidays,
        signature="\n".join(f"    {_visible(line)}".rstrip() for line in signature.splitlines()),
        calendar_id=_scalar(answers.calendar_id),
        calendar=_scalar(answers.calendar),
        contacts=f"  - vcards: {_scalar(answers.vcards)}" if answers.vcards else "  # - vcards: contacts/",
        maildir=_scalar(answers.maildir),
    )


def _visible(line: str) -> str:
    """The line without what no text file of ours may hold."""
    return "".join(letter for letter in line.replace("\t", " ").strip() if letter.isprintable())


def _scalar(text: str) -> str:
    """The text as a YAML scalar: bare where that is safe, else in double quotes, which take JSON's escapes."""
    clean = _visible(text)
    if _BARE.fullmatch(clean) and clean.casefold() not in _WORDS:
        return clean
    return json.dumps(clean, ensure_ascii=False)
