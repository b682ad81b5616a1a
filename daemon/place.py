"""Guesses from the machine for the questions of `afterword init`: who, which zone, which Maildir."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ZONES = "/zoneinfo/"
_MAILDIRS = ("Maildir", "Mail", "mail", ".mail", ".maildir")


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
