"""What is packed: its version, and the moment that stands for it in everything that is built."""

from __future__ import annotations

import os
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def version() -> str:
    """The version, as pyproject.toml has it."""
    return str(project()["version"])


def moment() -> int:
    """Seconds since 1970: $SOURCE_DATE_EPOCH, else of the last commit, else of the change log.

    It takes the place of now, so that the same source always gives the same bytes
    (https://reproducible-builds.org/docs/source-date-epoch/).
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        told = ""
    return int(told or (ROOT / "CHANGELOG.md").stat().st_mtime)


def day() -> str:
    """The day of that moment, in UTC."""
    return datetime.fromtimestamp(moment(), UTC).date().isoformat()
