"""The files of a unit on the disk: laid only over ours, and ours alone removed."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from daemon.failure import ExitCode, Failure
from daemon.units.text import is_ours

USER_UNIT, SYSTEM_UNIT, STRICT = "afterword.service", "afterword@.service", "strict.conf"
REVIEW_SOCKET, REVIEW_UNIT = "afterword-review.socket", "afterword-review.service"
_SYSTEM = Path("/etc/systemd/system")


Files = dict[Path, "str | None"]
"""What is to lie at each path; None where there is to be none of ours. The unit comes first."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What became of the files: those that were written, and those that were taken away."""

    written: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything is other than it was."""
        return bool(self.written or self.removed)


def unit(*, system: bool) -> Path:
    """Where the unit lies (systemd.unit(5), "Unit File Load Path"), written by whoever administrates it."""
    if system:
        return _SYSTEM / SYSTEM_UNIT
    config = os.environ.get("XDG_CONFIG_HOME", "")
    home = Path(config) if config.startswith("/") else Path.home() / ".config"
    return home / "systemd/user" / USER_UNIT


def review_units() -> tuple[Path, Path]:
    """Where the socket of the review page and its unit lie, for the user's own manager."""
    beside = unit(system=False)
    return beside.with_name(REVIEW_SOCKET), beside.with_name(REVIEW_UNIT)


def drop_in(of: Path) -> Path:
    """Where strict.conf lies, for the unit at this path."""
    return of.with_name(f"{of.name}.d") / STRICT


def foreign_drop_ins(of: Path) -> list[Path]:
    """The user's own files that change the unit: they are left, and mentioned."""
    return [one for one in sorted(of.with_name(f"{of.name}.d").glob("*.conf")) if not is_ours(text_of(one))]


def text_of(path: Path) -> str:
    """What a file says; an empty text where there is none.

    Raises:
        Failure: it cannot be read.
    """
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _refused(path, "read", error) from error


def lay(wanted: Files) -> Laid:
    """Write each text to its path, and take away what is to be None; nothing is touched where one of them is foreign.

    Raises:
        Failure: somebody else made a file of that name, or it cannot be written.
    """
    laid = Laid()
    there = {path: text_of(path) for path in wanted}
    for path, text in there.items():
        if (text or path.is_symlink()) and not is_ours(text) and wanted[path] is not None:
            raise Failure(
                ExitCode.CANNOT_NOW,
                f"{path} is there, and was not made by this command",
                f"Move it away, and try again; what you changed in it can go to {path.name}.d/ beside it.",
            )
    for path, meant in wanted.items():
        if meant is None:
            if is_ours(there[path]):
                _remove(path)
                laid.removed.append(path)
        elif meant != there[path]:
            _write(path, meant)
            laid.written.append(path)
    return laid


def rehearse(wanted: Files, folder: Path) -> Path:
    """Write the texts below this folder as they will lie, for somebody to look at first; where the first one is."""
    first, *_ = wanted
    for path, text in wanted.items():
        if text is not None:
            copy = folder / path.relative_to(first.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
    return folder / first.name


def _write(path: Path, text: str) -> None:
    """All of it or nothing: a manager that reads at this moment sees the one or the other."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
                os.fchmod(file.fileno(), 0o644)
            os.replace(name, path)  # noqa: PTH105 - mkstemp gives a text
        except BaseException:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - as above
            raise
    except OSError as error:
        raise _refused(path, "written", error) from error


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise _refused(path, "removed", error) from error
    if path.name == STRICT:
        with suppress(OSError):
            path.parent.rmdir()  # where nothing of the user's is in it


def _refused(path: Path, done: str, error: OSError) -> Failure:
    return Failure(
        ExitCode.PERMISSION_NEEDED,
        f"{path} cannot be {done}: {(error.strerror or 'the file system refused').lower()}",
        "Look at who owns that folder, and whether there is room on its disk.",
    )
