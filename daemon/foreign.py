"""Where the settings of other programs say that calendars and address books lie; read as far as that, and believed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = 2**20
_SECTION = re.compile(r"\s*\[+([^\]]*)\]")
_VALUE = re.compile(r"\s*([\w-]+)\s*[=:]\s*(.*?)\s*$")
_PLACEHOLDER = re.compile(r"[*?[%]")
_FIRST = "system"
"""The folder of the calendar that is there from the beginning."""


def khal(config: Path, home: Path) -> list[Path]:
    """The folders under `[calendars]`; of `~/calendars/*` (`type = discover`) the folder above the star."""
    sections = _sections(config / "khal" / "config")
    return [path for _, values in sections if (path := _path(values.get("path"), home))]


def khard(config: Path, home: Path) -> list[Path]:
    """The folders under `[addressbooks]`."""
    sections = _sections(config / "khard" / "khard.conf")
    return [path for _, values in sections if (path := _path(values.get("path"), home))]


def vdirsyncer(config: Path, home: Path, ending: str) -> list[Path]:
    """The folders of its storages whose files end so (`.ics`, `.vcf`); the collections lie inside."""
    places = (config / "vdirsyncer" / "config", home / ".vdirsyncer" / "config")
    storages = (values for place in places for name, values in _sections(place) if name.startswith("storage "))
    wanted = (one for one in storages if one.get("type") == "filesystem" and one.get("fileext") == ending)
    return [path for one in wanted if (path := _path(one.get("path"), home))]


def evolution_name(config: Path, uid: str) -> str:
    """What Evolution and GNOME call the calendar in their folder of this name."""
    for name, values in _sections(config / "evolution" / "sources" / f"{uid}.source"):
        said = values.get("DisplayName", "")
        if name == "Data Source" and said.isprintable() and said:
            return f"{said} in Evolution or GNOME Calendar"
    return f"{'Personal' if uid == _FIRST else 'a calendar'} in Evolution or GNOME Calendar"


def _sections(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The sections of an ini file of whatever dialect, brackets and quotes taken off; none where it cannot be read."""
    try:
        if not file.is_file():  # a pipe would have us wait
            return
        with file.open("rb") as stream:
            text = stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return
    name, values = "", dict[str, str]()
    for line in text.splitlines():
        if section := _SECTION.match(line):
            yield name, values
            name, values = section[1].strip(), {}
        elif value := _VALUE.match(line):
            values[value[1]] = value[2].strip("\"'")
    yield name, values


def _path(written: str | None, home: Path) -> Path | None:
    """The folder that is meant; up to where something stands in for a name."""
    if not written:
        return None
    whole = re.sub(r"^(~|\$HOME|\$\{HOME\})(?=/|$)", lambda _: str(home), written)
    if not whole.startswith("/"):
        return None
    certain = Path("/")
    for part in Path(whole).parts[1:]:
        if _PLACEHOLDER.search(part):
            break
        certain /= part
    return Path(os.path.normpath(certain))
