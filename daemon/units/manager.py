"""The manager of services, through its own commands: systemctl, systemd-analyze, loginctl and journalctl."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from daemon.program import run
from rules.cleaning import line as cleaned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.program import Ended

PROBE = "afterword-probe.service"
_SECONDS = 30.0
_STARTS = 120.0
"""Longer than a unit may take to start: the manager says how that ended."""
_MOST = 1 << 20
_BOOTED = Path("/run/systemd/system")
"""Is there where systemd runs the machine (sd_booted(3))."""
_HAS_JOURNAL = Path("/run/systemd/journal")
BY_HAND = (
    "`afterword run` is the service all the same: have what starts programs here start that; "
    "or run `afterword once` every few minutes, by cron for instance."
)
"""The remedy where there is no systemd."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a unit stands, by the names of `systemctl show`; what the manager does not tell is an empty text."""

    told: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.told.get(name, "")

    @property
    def loaded(self) -> bool:
        """Whether the manager knows the unit at all."""
        return self["LoadState"] == "loaded"

    @property
    def active(self) -> bool:
        """Whether it runs, or is just being reloaded."""
        return self["ActiveState"] in {"active", "reloading"}

    def number(self, name: str) -> int | None:
        """A number; None where there is none, or the manager says that it does not know ("[not set]", 2^64-1)."""
        return int(self[name]) if self[name].isdecimal() and int(self[name]) < 1 << 63 else None


class Manager:
    """The manager of the user, or, as `system`, of the machine."""

    def __init__(self, *, system: bool) -> None:
        self.system = system
        self._scope = [] if system else ["--user"]

    def version(self) -> int:
        """Its version; so it is there, and can be asked.

        Raises:
            Failure: there is none (75), with what to do instead.
        """
        _installed("systemctl")
        if not self.system:
            _find_runtime_folder()
        ended = self._systemctl("show", "--property=Version")
        found = re.search(rb"Version=\D*(\d+)", ended.out)
        if ended.code != 0 or found is None:
            raise self._unreachable(ended)
        return int(found[1])

    def call(self, *words: str, limit: float = _SECONDS) -> Ended:
        """`systemctl` with these words; how it ended."""
        return self._systemctl(*words, limit=limit)

    def must(self, *words: str, limit: float = _SECONDS) -> None:
        """`systemctl` with these words, which has to go well.

        Raises:
            Failure: it does not (75, or 77 where it is not permitted).
        """
        ended = self._systemctl(*words, limit=limit)
        if ended.code == 0:
            return
        typed = " ".join(("systemctl", *self._scope, *words))
        denied = "denied" in ended.said.casefold() or "authentication" in ended.said.casefold()
        code = ExitCode.PERMISSION_NEEDED if denied else ExitCode.CANNOT_NOW
        how = ended.how if ended.code is not None else f"did not end within {limit:g} seconds"
        raise Failure(code, f"`{typed}` ended {how}", "Type it yourself: what is in its way it says there.")

    def starts(self, verb: str, unit: str) -> bool:
        """`start` or `restart`, until it is ready or has failed; whether it is ready."""
        return self._systemctl(verb, unit, limit=_STARTS).code == 0

    def show(self, unit: str, *names: str) -> Shown:
        """How a unit stands."""
        ended = self._systemctl("show", unit, f"--property={','.join(names)}")
        lines = ended.out.decode("utf-8", "replace").splitlines()
        return Shown(dict(line.split("=", 1) for line in lines if "=" in line))

    def wrong(self, unit: Path) -> str:
        """What `systemd-analyze verify` finds wrong with this file and its drop-ins; an empty text for nothing."""
        if shutil.which("systemd-analyze") is None:
            return ""
        words = ["systemd-analyze", *self._scope, "verify", "--man=no", str(unit)]
        # Where it would leave a setting out it ends with 0, and it says much of other units: its words on these files
        # count. (--recursive-errors=no, since 250, would take the user's own drop-ins for ours.)
        ended = run(["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", *words], _SECONDS, most=_MOST)
        said = ended.out.decode("utf-8", "replace")
        about = [cleaned(line) for line in said.splitlines() if line.startswith(f"{unit.parent}/")]
        if about:
            return "; ".join(about)
        return "" if ended.code in {0, None} else cleaned(said) or ended.how

    def last_words(self, unit: str, lines: int) -> list[str]:
        """The last lines of its log; none where the journal cannot be read."""
        if shutil.which("journalctl") is None:
            return []
        command = ["journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={lines}", *self._of_journal(unit)]
        return run(command, _SECONDS, most=_MOST).out.decode("utf-8", "replace").splitlines()

    def journal(self, unit: str) -> list[str]:
        """The command that shows its log.

        Raises:
            Failure: there is no journal, or it is not for this user to read (75).
        """
        _installed("journalctl")
        of = self._of_journal(unit)
        ended = run(["journalctl", "--quiet", "--no-pager", "--lines=1", *of], _SECONDS, most=_MOST)
        if ended.code == 0 and (ended.out or _HAS_JOURNAL.is_dir()):
            return ["journalctl", "--quiet", *of]
        why = f": {ended.said}" if ended.said else ""
        raise Failure(
            ExitCode.CANNOT_NOW,
            f"the journal says nothing of {unit}{why}",
            f"Perhaps it is not yours to read. As root: {shlex.join(['journalctl', f'_UID={os.getuid()}', *of])}; "
            f"for good: sudo usermod -aG systemd-journal {user()}, and log in anew.",
        )

    def _of_journal(self, unit: str) -> list[str]:
        return [f"--unit={unit}"] if self.system else [f"--user-unit={unit}"]

    def others(self, unit: str) -> bool:
        """Whether the unit of this one serves another account, too: it runs there, or is to start."""
        every = f"{unit.partition('@')[0]}@*.service"
        ended = self._systemctl("list-units", "--all", "--plain", "--no-legend", every)
        names = [line.split()[0] for line in ended.out.decode("utf-8", "replace").splitlines() if line.strip()]
        links = [link.name for link in Path("/etc/systemd/system").glob(f"*.wants/{every}")]
        return any(name != unit for name in (*names, *links))

    def takes(self, probe: str) -> bool:
        """Whether a unit of a moment with this text starts and ends well, in the user's manager.

        It lies where units lie that are gone with the session ($XDG_RUNTIME_DIR/systemd/user, systemd.unit(5)).
        """
        path = Path(os.environ["XDG_RUNTIME_DIR"]) / "systemd/user" / PROBE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(probe, "utf-8")
        except OSError:
            return False
        try:
            self.must("daemon-reload")
            return self.call("start", PROBE).code == 0
        finally:
            path.unlink(missing_ok=True)
            self.call("reset-failed", PROBE)
            self.call("daemon-reload")

    def _systemctl(self, *words: str, limit: float = _SECONDS) -> Ended:
        return run(["systemctl", *self._scope, "--no-pager", *words], limit, most=_MOST)

    def _unreachable(self, ended: Ended) -> Failure:
        said = f" ({ended.said})" if ended.said else ""
        if not _BOOTED.is_dir():
            return Failure(ExitCode.CANNOT_NOW, "this machine was not started by systemd, as in a container", BY_HAND)
        if self.system:
            return Failure(ExitCode.CANNOT_NOW, f"systemd cannot be asked{said}", BY_HAND)
        return _no_manager(said)


def lingers() -> bool | None:
    """Whether the user's services run while the user is logged out; None where nobody knows."""
    if shutil.which("loginctl") is None:
        return None
    ended = run(["loginctl", "show-user", user(), "--property=Linger"], _SECONDS, most=_MOST)
    told = {b"Linger=yes\n": True, b"Linger=no\n": False}.get(ended.out)
    return _has_flag() if told is None else told


def linger() -> str:
    """Have the user's services run while nobody is logged in; why that cannot be, or an empty text."""
    if shutil.which("loginctl") is None:
        return "there is no loginctl here"
    ended = run(["loginctl", "enable-linger", user()], _SECONDS)
    if ended.code == 0:
        return ""
    return ended.said or (ended.how if ended.code is not None else "loginctl does not end")


def user() -> str:
    """The name of the user who asks, or the number."""
    import pwd  # noqa: PLC0415 - only here

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _has_flag() -> bool | None:
    """Where logind does not answer, its file tells (it keeps one for each user who lingers)."""
    folder = Path("/var/lib/systemd/linger")
    return (folder / user()).exists() if folder.is_dir() else None


def _installed(program: str) -> None:
    if shutil.which(program) is None:
        raise Failure(ExitCode.CANNOT_NOW, f"there is no systemd here: {program} is not installed", BY_HAND)


def _find_runtime_folder() -> None:
    """What leads to the manager of the user: a login sets it, `su` and cron do not.

    Raises:
        Failure: there is none.
    """
    if os.environ.get("XDG_RUNTIME_DIR"):
        return
    usual = Path(f"/run/user/{os.getuid()}")
    if not (usual / "systemd").is_dir():
        raise (
            _no_manager("")
            if _BOOTED.is_dir()
            else Failure(ExitCode.CANNOT_NOW, "this machine was not started by systemd, as in a container", BY_HAND)
        )
    os.environ["XDG_RUNTIME_DIR"] = str(usual)


def _no_manager(said: str) -> Failure:
    return Failure(
        ExitCode.CANNOT_NOW,
        f"no manager of services runs for {user()}{said}",
        f"Log in as {user()} itself, at the machine or by ssh (not by su or sudo); or have it run without a login: "
        f"sudo loginctl enable-linger {user()}",
    )
