"""What the files of the configuration hold, seen from outside, and where a change of them shows itself."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from daemon import inotify

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDERS = ("", "rules", "templates")
_NO_TEMPLATES = ("templates/", -errno.ENOENT)
"""As good as an empty folder."""
_ENDINGS = (".yaml", ".yml", ".md", ".markdown", ".txt")
"""Those of files that are read, and of files that are refused because somebody may think that they are."""
_MOST = 4000
_LARGEST = 1 << 20
"""A file that is larger is refused by its size, whatever is in it."""
_LINKS = 40
_BESIDE = inotify.NAMES | inotify.SELF | inotify.ONLYDIR
_INSIDE = _BESIDE | inotify.CONTENT
_FILE = inotify.CONTENT | inotify.SELF

_Stat = tuple[int, int, int, int]
Fingerprint = tuple[tuple[str, int], ...]


class Place:
    """A folder or a file that is watched: for what (bits of inotify), and for which names in it besides those of files.

    A folder that merely holds a link, or lacks a part of a path, may be a busy one: only that name counts there.
    """

    __slots__ = ("mask", "names")

    def __init__(self) -> None:
        self.mask = 0
        self.names: set[str] = set()

    def add(self, mask: int, name: str = "") -> None:
        """Watch it for this, too."""
        self.mask |= mask
        self.names.add(name)

    def concerns(self, name: str) -> bool:
        """Whether what happens to this name in it may change the configuration; "" is the place itself."""
        return name in self.names or not name or (bool(self.mask & inotify.CONTENT) and is_of_interest(name))


class Files:
    """The files of a configuration folder. `more` are files elsewhere that belong to it, as the settings say.

    Paths are strings, and os.path does the work: pathlib costs the service 2 MB.
    """

    def __init__(self, folder: str, more: Iterable[str] = ()) -> None:
        self.folder = folder
        self.more = frozenset(more)
        self._known: dict[str, tuple[_Stat, int]] = {}

    def fingerprint(self, *, anew: bool = False) -> Fingerprint:
        """What the files hold: equal as long as no text is another, however often it is saved. Never raises.

        A file is read again when its size or one of its times has changed; `anew`: in any case, since two writes within
        one tick of the kernel's clock look alike.
        """
        known = {} if anew else self._known
        self._known = {}
        found = [(path, self._look(path, known)) for path in self._paths()]
        errors = [(f"{name}/", _error_of(os.path.join(self.folder, name))) for name in _FOLDERS]  # noqa: PTH118 - see above
        found += [(name, error) for name, error in errors if error and (name, error) != _NO_TEMPLATES]
        return tuple(sorted(found))

    def places(self) -> dict[str, Place]:
        """The folders and files to be watched."""
        places: dict[str, Place] = {}
        for name in _FOLDERS:
            end = self._add(places, os.path.join(self.folder, name), _INSIDE)  # noqa: PTH118 - see the class
            if end is not None and not name:
                places[end].names.update(_FOLDERS)
        for path in self._paths():
            if path in self.more or os.path.islink(path):  # noqa: PTH114 - see the class
                self._add(places, path, _FILE)
        return places

    def _add(self, places: dict[str, Place], path: str, mask: int) -> str | None:
        on_the_way, end = _way(path)
        for folder, name in on_the_way:
            places.setdefault(folder, Place()).add(_BESIDE, name)
        if end is not None:
            places.setdefault(end, Place()).add(mask)
        return end

    def _paths(self) -> list[str]:
        paths = set(self.more)
        for name in _FOLDERS:
            try:
                with os.scandir(os.path.join(self.folder, name)) as entries:  # noqa: PTH118 - see the class
                    paths.update([entry.path for entry in entries if is_of_interest(entry.name)][:_MOST])
            except OSError:
                continue  # not there, or not to be read: that is seen besides
        return sorted(paths)

    def _look(self, path: str, known: dict[str, tuple[_Stat, int]]) -> int:
        try:
            status = os.stat(path)  # noqa: PTH116 - see the class
            marks = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
            if (before := known.get(path)) is None or before[0] != marks:
                before = marks, _digest(path, status)
        except OSError as error:
            return -(error.errno or 1)
        self._known[path] = before
        return before[1]


def is_of_interest(name: str) -> bool:
    """Whether a file of this name counts: not what an editor keeps beside the file, hidden or under another ending."""
    return name.endswith(_ENDINGS) and not name.startswith(".")


def _digest(path: str, status: os.stat_result) -> int:
    """Of the bytes of a file. The hash of Python does: it is 64 bits wide, and never leaves this process.

    Raises:
        OSError: it cannot be read.
    """
    if not stat.S_ISREG(status.st_mode):
        return 1
    if status.st_size > _LARGEST:
        return hash((status.st_size, status.st_mtime_ns))
    # Without O_NONBLOCK a named pipe that has just taken its place would hold the service for ever.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:  # noqa: PTH123 - see `Files`
        return hash(file.read(_LARGEST))


def _error_of(folder: str) -> int:
    try:
        os.scandir(folder).close()
    except OSError as error:
        return -(error.errno or 1)
    return 0


def _way(path: str) -> tuple[list[tuple[str, str]], str | None]:
    """The links on the way of a path, each as its folder and its name, and where the path ends.

    Where a part of it is missing, that is the last of them, and there is no end.
    """
    on_the_way: list[tuple[str, str]] = []
    here, rest, links = "/", _parts(os.path.abspath(path)), 0  # noqa: PTH100 - see `Files`
    while rest:
        name = rest.pop(0)
        there = os.path.normpath(os.path.join(here, name))  # noqa: PTH118 - see `Files`
        try:
            target = os.readlink(there)  # noqa: PTH115 - see `Files`
        except FileNotFoundError:
            return [*on_the_way, (here, name)], None
        except OSError:  # no link
            here = there
            continue
        links += 1
        on_the_way.append((here, name))
        if links > _LINKS:
            return on_the_way, None
        rest = _parts(target) + rest
        here = "/" if os.path.isabs(target) else here  # noqa: PTH117 - see `Files`
    return on_the_way, here


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
