"""How the service is started: the program that runs now, by a path that outlives an upgrade."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

_HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))  # noqa: S108 - see `for_all`


def program() -> tuple[str, ...]:
    """The command as it was typed, where that is a file named afterword; else this Python, and where the package is.

    A link in ~/.local/bin stays when pipx or uv change what it leads to.
    """
    typed = sys.argv[0]
    if Path(typed).name == "afterword":
        found = os.path.abspath(typed) if "/" in typed else shutil.which(typed)  # noqa: PTH100 - links stay
        if found and os.access(found, os.X_OK):
            return (found,)
    return (sys.executable, "-P", "-m", "daemon")


def as_root(*words: str) -> str:
    """The command line with which root runs this program with these words; its PATH may be another one."""
    return shlex.join(("sudo", *program(), *words))


def for_all(words: tuple[str, ...]) -> bool:
    """Whether a user without a home, who sees no homes, can run it: neither it nor what it leads to lies in one."""
    return not any(path.is_relative_to(place) for path in parts(words) for place in _HIDDEN)


def parts(words: tuple[str, ...]) -> set[Path]:
    """Where what it consists of lies: the command, the environment, the Python, the package."""
    return {Path(words[0]), Path(words[0]).resolve(), Path(sys.prefix), Path(sys.base_prefix), Path(__file__)}
