"""Sees that the files of the configuration have changed, by their names, sizes and times."""

from __future__ import annotations

import os

_FOLDERS = ("", "rules", "templates")
_MOST = 4000

Fingerprint = tuple[tuple[str, int, int, int], ...]


def fingerprint(folder: str) -> Fingerprint:
    """What the configuration's files look like from outside; equal as long as nothing has changed. Never raises."""
    found: list[tuple[str, int, int, int]] = []
    for name in _FOLDERS:
        try:
            with os.scandir(os.path.join(folder, name)) as entries:  # noqa: PTH118 - pathlib costs the service 2 MB
                found += [_look(name, entry) for entry in entries if entry.name.endswith((".yaml", ".md"))][:_MOST]
        except OSError:
            # Not there, or not to be read: `check` says what is wrong.
            continue
    return tuple(sorted(found))


def _look(folder: str, entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    name = f"{folder}/{entry.name}"
    try:
        status = entry.stat()
    except OSError:
        # Gone since it was listed, or a link to nowhere.
        return name, 0, 0, 0
    return name, status.st_mtime_ns, status.st_size, status.st_ino
