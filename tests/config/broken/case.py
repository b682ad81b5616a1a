"""A broken configuration: how it is broken, what `afterword check` says, and how one mends it by that alone.

A case is a text of sections, each headed `== `, below its title:

    == change afterword.yaml        a piece of a diff: `-` goes, `+` comes, two spaces stay; `+` alone goes to the end
    == write rules/tea.yaml         a whole file, each line after a `+`
    == encode latin-1 people.yaml   == mode 0644 people.yaml   == folder people.yaml   == remove people.yaml
    == said                         what the command prints then, and its exit code
    == change …                     what somebody does who read that, and knows nothing else

What comes before `said` is done to the configuration in `right/`.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli import run_command

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
RIGHT = HERE / "right"
ROBIN = "/home/robin"
"""Where the home is in what was said: it stands somewhere else in each run."""


@dataclass(frozen=True)
class Deed:
    """One thing that is done to the configuration: `words` are those of the section's heading."""

    words: tuple[str, ...]
    lines: tuple[str, ...] = ()

    def on(self, folder: Path) -> None:
        """Do it."""
        kind, *how, name = self.words
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        match kind:
            case "write":
                path.write_text("".join(f"{line[2:]}\n" for line in self.lines), encoding="utf-8")
            case "change":
                path.write_text(self._changed(path.read_text(encoding="utf-8")), encoding="utf-8")
            case "encode":
                path.write_bytes(path.read_text(encoding="utf-8").encode(how[0]))
            case "mode":
                path.chmod(int(how[0], 8))
            case "folder":
                _remove(path)
                path.mkdir()
            case "remove":
                _remove(path)
            case _:
                raise ValueError(f"no section is called `{kind}`")

    def _changed(self, text: str) -> str:
        for before, after in self._pieces():
            found = f"\n{text}".count(f"\n{before}")
            if before and found != 1:
                raise ValueError(f"these lines stand {found} times in {self.words[-1]}:\n{before}")
            text = f"\n{text}".replace(f"\n{before}", f"\n{after}")[1:] if before else text + after
        return text

    def _pieces(self) -> Iterator[tuple[str, str]]:
        """What goes and what comes: a new piece begins where something stays or goes behind what came."""
        before = after = last = ""
        for line in self.lines:
            if last == "+" and line[0] != "+":
                yield before, after
                before = after = ""
            last, content = line[0], f"{line[2:]}\n"
            before += content if last != "+" else ""
            after += content if last != "-" else ""
        yield before, after


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


@dataclass(frozen=True)
class Case:
    """One file of this folder."""

    path: Path
    title: str
    breaking: tuple[Deed, ...]
    said: str
    mending: tuple[Deed, ...]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def is_closed(self) -> bool:
        """Whether a file may not be read: to the superuser no file is closed."""
        return any("0000" in deed.words for deed in self.breaking)

    def told_anew(self, said: str) -> None:
        """Write into the file what the command says now."""
        text = self.path.read_text(encoding="utf-8")
        anew, _, rest = text.partition("== said\n")
        mending = rest[found.start() :] if (found := re.search("^== ", rest, re.MULTILINE)) else ""
        self.path.write_text(f"{anew}== said\n{said}\n{mending}", encoding="utf-8")


def cases() -> list[Case]:
    """All of them."""
    return [_case(path) for path in sorted(HERE.glob("*/*.txt"))]


def _case(path: Path) -> Case:
    title, *sections = re.split("^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    heads = [section.partition("\n")[0] for section in sections]
    if heads.count("said") != 1:
        raise ValueError(f"{path.name} has no section `== said`, or two")
    at = heads.index("said")
    deeds = [_deed(section) for section in sections]
    said = sections[at].removeprefix("said\n").rstrip("\n") + "\n"
    return Case(path, title.strip(), tuple(deeds[:at]), said, tuple(deeds[at + 1 :]))


def _deed(section: str) -> Deed:
    head, *lines = section.split("\n")
    return Deed(tuple(head.split()), tuple(line if line[1:] else f"{line} " for line in lines if line))


def home(root: Path) -> dict[str, str]:
    """A home in which all is right; the environment in which the command finds it."""
    folder = root / ".config" / "afterword"
    shutil.copytree(RIGHT, folder)
    for name in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
        (root / "Mail" / name).mkdir(parents=True)
    return {"HOME": str(root), "AFTERWORD_CONFIG": str(folder), "AFTERWORD_STATE": str(root / "state")}


def check(root: Path) -> str:
    """What `afterword check` prints in this home, and its exit code."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run_command(["check"])
    return f"{said.getvalue()}exit {code}\n".replace(str(root), ROBIN)
