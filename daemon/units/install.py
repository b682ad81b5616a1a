"""What `service install` and `service uninstall` do, step by step: each can be done again, and changes nothing then."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from daemon.units import files, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.units.files import Files, Laid
    from daemon.units.manager import Manager, Shown

TOLD = (
    "LoadState", "ActiveState", "SubState", "UnitFileState", "StatusText", "Result", "ExecMainStatus", "ExecMainCode",
    "NRestarts", "MainPID", "MemoryCurrent", "ActiveEnterTimestampMonotonic", "NeedDaemonReload", "FragmentPath",
)  # fmt: skip
"""What is asked of a unit."""
_LAST_LINES = 5
_STOPS = 60.0
_SYSTEMDS_OWN = range(200, 256)
_CODES = {77: ExitCode.PERMISSION_NEEDED, 78: ExitCode.CONFIGURATION_WRONG}
_REMEDIES = {
    77: "`afterword status` says what is the matter with the state folder; then `afterword service install` again.",
    78: "`afterword check` tells what is wrong; then `afterword service install` again.",
}
_NO_REMEDY = "`afterword service logs` tells more, and `afterword run` starts it before your eyes."


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done: `did` is started, restarted, running (as it did before) or laid (and not started)."""

    path: Path
    laid: Laid
    did: str
    shown: Shown
    foreign: list[Path]
    loosened: str = ""
    """Why the drop-in was taken away again; empty where it was not."""


def install(manager: Manager, unit: str, wanted: Files, *, start: bool, former: bool = False) -> Installed:
    """Verify the files, lay them, have the unit start with each login or boot, start it, and wait until it is ready.

    `former` is whether another version of the program runs than the installed one.

    Raises:
        Failure: it did not become ready; the exit code is that of the service where it means the same.
    """
    _verify(manager, wanted)
    laid = files.lay(wanted)
    stale = laid.changed or manager.show(unit, *TOLD)["NeedDaemonReload"] == "yes"
    if stale:
        manager.must("daemon-reload")
    if manager.show(unit, *TOLD)["UnitFileState"] != "enabled":
        manager.must("enable", unit)
    path, loosened = next(iter(wanted)), ""
    try:
        did = _start(manager, unit, changed=stale or former) if start else "laid"
    except Failure:
        loosened = _cannot_be_had(manager, unit)
        if not loosened or not any(wanted[other] for other in wanted if other != path):
            raise
        laid = files.lay({**dict.fromkeys(wanted), path: wanted[path]})
        manager.must("daemon-reload")
        did = _start(manager, unit, changed=True)
    return Installed(path, laid, did, manager.show(unit, *TOLD), files.foreign_drop_ins(path), loosened)


def _cannot_be_had(manager: Manager, unit: str) -> str:
    """What of a unit systemd itself could not set up here, by its own exit codes (systemd.exec(5)); else empty."""
    status = manager.show(unit, *TOLD).number("ExecMainStatus") or 0
    return f"systemd cannot have it otherwise here (it ends with {status})" if status in _SYSTEMDS_OWN else ""


def _start(manager: Manager, unit: str, *, changed: bool) -> str:
    """Start it, or anew where the files or the program have changed; what was done.

    Raises:
        Failure: it did not become ready.
    """
    before = manager.show(unit, *TOLD)
    if before.active and not changed:
        return "running"
    manager.call("reset-failed", unit)  # an earlier failure is no reason to wait
    if not manager.starts("restart", unit):
        raise failed(manager, unit)
    return "restarted" if before.active else "started"


def failed(manager: Manager, unit: str) -> Failure:
    """Why the unit does not run: by its exit code, and the last lines of its log."""
    shown = manager.show(unit, *TOLD)
    status = shown.number("ExecMainStatus") or 0
    exited = f" (exit code {status})" if status and shown["ExecMainCode"] == "1" else ""
    said = "".join(f"\n  {line}" for line in manager.last_words(unit, _LAST_LINES))
    logged = f"; its log ends:{said}" if said else ""
    code = _CODES.get(status, ExitCode.CANNOT_NOW)
    return Failure(code, f"{unit} did not start{exited}{logged}", _REMEDIES.get(status, _NO_REMEDY))


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What was done: whether it ran or was to start by itself, and does so no more; what was removed; what stays."""

    ended: bool
    laid: Laid
    packaged: str = ""
    """Where the user's unit of a package lies; empty where there is none."""


def uninstall(manager: Manager, unit: str, *, system: bool) -> Uninstalled:
    """Stop the service, have it start no more, and remove what `install` made.

    The machine's unit stays as long as it serves another account, and so does one that a package brought. A unit that
    the user wrote goes on.
    """
    path = files.unit(system=system)
    return remove(manager, unit, [path, files.drop_in(path)], system=system)


def remove(manager: Manager, unit: str, paths: Sequence[Path], *, system: bool = False) -> Uninstalled:
    """Stop this unit, have it start no more, and remove those of its files that are ours; its own is the first."""
    path = paths[0]
    ours = [one for one in paths if text.is_ours(files.text_of(one))]
    shown = manager.show(unit, *TOLD)
    known = shown["UnitFileState"] in {"enabled", "enabled-runtime"} or shown["ActiveState"] not in {"", "inactive"}
    packaged = "" if system or shown["FragmentPath"] == str(path) else shown["FragmentPath"]
    ended = known and bool(ours or system or packaged)
    if ended:
        manager.must("disable", "--now", unit, limit=_STOPS)
    if system and manager.others(unit):
        ours = []
    laid = files.lay(dict.fromkeys(ours))
    if laid.changed:
        manager.must("daemon-reload")
        manager.call("reset-failed", unit)  # so that it is not listed as failed any more
    return Uninstalled(ended, laid, packaged)


def _verify(manager: Manager, wanted: Files) -> None:
    """Have systemd-analyze read the files before they are laid.

    Raises:
        Failure: it finds fault with them: this version of systemd reads them in another way than those known.
    """
    if not any(wanted.values()):
        return
    with tempfile.TemporaryDirectory(prefix="afterword-") as folder:
        if found := manager.wrong(files.rehearse(wanted, Path(folder))):
            raise Failure(
                ExitCode.CANNOT_NOW,
                f"systemd-analyze finds fault with the unit: {found}",
                "Nothing was installed. Please report it, with what `systemctl --version` prints.",
            )
