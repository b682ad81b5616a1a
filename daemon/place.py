"""Guesses from the machine for the questions of `afterword init`: who, which addresses, which zone, which Maildir."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ZONES = "/zoneinfo/"
_MAILDIRS = ("Maildir", "Mail", "mail", ".mail", ".maildir")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NOBODY = ("noreply", "no-reply", "@localhost", ".local", ".localdomain", ".invalid")
"""In addresses that no mail reaches: GitHub's noreply, and what programs make of the name of a machine."""
_PATIENCE = 5.0


def git(key: str) -> str:
    """What the user told git of themselves everywhere (`git config --global`): `user.name`, `user.email`."""
    command = ["git", "config", "--global", "--get", key]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)  # noqa: S603 - fixed words
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    told = done.stdout.strip()
    return told if told.isprintable() else ""


def addresses(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The user's addresses: $EMAIL, as mail programs take it, and that of git; each once."""
    told = (parseaddr(environment.get("EMAIL", ""))[1], git("user.email"))
    right = (one for one in told if _ADDRESS.fullmatch(one) and not any(word in one.casefold() for word in _NOBODY))
    return tuple({one.casefold(): one for one in right}.values())


def full_name() -> str:
    """The user's name as the machine knows it (GECOS, passwd(5)), or an empty text."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip()
    except KeyError:
        return ""
    return "" if name.casefold() == "root" else name  # that is an account, and nobody signs with it


def zone(root: Path = Path("/etc"), named: str | None = None) -> str:
    """The machine's time zone by its IANA name; an empty text where it cannot be told.

    `named` is $TZ; else /etc/localtime is a link into the zones (localtime(5)), or /etc/timezone names one (Debian).
    """
    candidates = [(named or "").removeprefix(":")]
    try:
        candidates.append(os.readlink(root / "localtime").rpartition(_ZONES)[2].removeprefix("posix/"))  # noqa: PTH115 - a link that is no path of ours
    except OSError:
        candidates.append("")
    try:
        candidates.append((root / "timezone").read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError):
        candidates.append("")
    return next((name for name in candidates if name and _exists(name)), "")


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def maildir(home: Path) -> Path | None:
    """The first usual place that looks like a Maildir: mail folders, plain or with a dot, or an inbox."""
    for name in _MAILDIRS:
        folder = home / name
        if is_maildir(folder):
            return folder
    return None


def is_maildir(folder: Path) -> bool:
    """Whether it has an inbox, or mail folders in it."""
    return (folder / "cur").is_dir() or any(_folders(folder))


def _folders(folder: Path) -> list[Path]:
    try:
        return [inside for inside in folder.iterdir() if (inside / "cur").is_dir()]
    except OSError:
        return []
