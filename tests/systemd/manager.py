"""A real `systemd --user` in a mount namespace of its own, for an unprivileged user with an empty home."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
HOME = Path("/home/robin")
PYTHON = "/srv/environment/bin/python"
"""The Python of the tests, where it lies in the manager's world."""
UID = 20391
"""Nobody's: what this user leaves behind it could take from nobody."""
LIMIT = 60.0
_SYSTEMD = Path("/lib/systemd/systemd")
_NEEDS = ("unshare", "nsenter", "setpriv", "systemctl", "systemd-run", "systemd-analyze")
_LOOK = 0.05


@dataclass(frozen=True)
class Manager:
    """The manager; `pid` is a process that lives in its world."""

    pid: int
    log: Path

    def run(self, *words: str, stdin: str = "", **environment: str) -> Told:
        """Run a command as the user, in the manager's world."""
        user = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--", "env", "-i", "-C", str(HOME)]
        told = {"HOME": str(HOME), "USER": "robin", "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
                "XDG_RUNTIME_DIR": f"/run/user/{UID}", "PYTHONPATH": "/srv/afterword", **environment}  # fmt: skip
        enter = [
            "nsenter",
            f"--target={self.pid}",
            "--mount",
            "--pid",
            "--",
            *user,
            *(f"{k}={v}" for k, v in told.items()),
        ]
        done = subprocess.run([*enter, *words], input=stdin, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return Told(done.returncode, done.stdout, done.stderr)

    def as_root(self, *words: str) -> None:
        """Change something in that world that is root's there."""
        subprocess.run(["nsenter", f"--target={self.pid}", "--mount", "--", *words], check=True)

    def afterword(self, *arguments: str, **environment: str) -> Told:
        return self.run(PYTHON, "-P", "-m", "daemon", *arguments, **environment)

    def systemctl(self, *words: str) -> Told:
        return self.run("systemctl", "--user", "--no-pager", *words)

    def show(self, *names: str) -> dict[str, str]:
        """How afterword.service stands."""
        lines = self.systemctl("show", "afterword.service", f"--property={','.join(names)}").out.splitlines()
        return dict(line.split("=", 1) for line in lines)

    def until(self, **wanted: str) -> None:
        """Wait until the service stands so."""
        end = time.monotonic() + LIMIT
        while (found := self.show(*wanted)) != wanted:
            assert time.monotonic() < end, f"{found}, and not {wanted}\n{self.log.read_text()[-2000:]}"
            time.sleep(_LOOK)

    def wait(self, for_this: Callable[[], object]) -> None:
        """Wait until this is so."""
        end = time.monotonic() + LIMIT
        while not for_this():
            assert time.monotonic() < end
            time.sleep(_LOOK)

    def write(self, path: str, text: str, mode: str = "644") -> None:
        """A file of the user's, below the home."""
        told = self.run(
            "sh", "-c", f'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod {mode} "$1"', "sh", path, stdin=text
        )
        assert told.code == 0, told.err

    def read(self, path: str) -> str:
        return self.run("cat", path).out


@contextmanager
def managing(folder: Path) -> Iterator[Manager]:
    """Start the manager, and end it with all that it runs."""
    _demand()
    for room in ("rules", "config", "connectors", "daemon"):  # the user cannot write what Python compiles
        compileall.compile_dir(ROOT / room, quiet=1)
    log = folder / "manager.log"
    trees = [str(Path(tree).resolve()) for tree in (ROOT, sys.prefix, sys.base_prefix)]
    world = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation=private"]
    with log.open("wb") as out:
        outer = subprocess.Popen(
            [*world, "--", str(ROOT / "tests/systemd/begin"), str(UID), *trees],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        manager = Manager(_inner(outer, log), log)
        _wait(manager, outer)
        yield manager
        os.kill(manager.pid, signal.SIGTERM)  # it ends all that it runs, and takes its groups of processes away
        outer.wait(LIMIT)
    finally:
        outer.kill()
        outer.wait()


def _demand() -> None:
    """Skip where this machine cannot have it; in CI that is a failure."""
    why = ""
    if os.geteuid() != 0:
        why = "needs root, to make a world apart"
    elif missing := [name for name in _NEEDS if shutil.which(name) is None]:
        why = f"needs {', '.join(missing)}: apt-get install systemd util-linux"
    elif not _SYSTEMD.exists():
        why = "needs systemd: apt-get install systemd"
    elif subprocess.run(["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False,
                        capture_output=True).returncode:  # fmt: skip
        why = "needs namespaces and mounts, which this container forbids"
    if why and os.environ.get("CI"):
        pytest.fail(why)
    if why:
        pytest.skip(why)


def _inner(outer: subprocess.Popen[bytes], log: Path) -> int:
    """The process that `unshare` starts in the new world."""
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    end = time.monotonic() + LIMIT
    while not (found := children.read_text().split()):
        assert _goes_on(outer, end), log.read_text()
        time.sleep(_LOOK)
    return int(found[0])


def _wait(manager: Manager, outer: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LIMIT
    while manager.run("systemctl", "--user", "is-system-running").out.strip() not in {"running", "degraded"}:
        assert _goes_on(outer, end), manager.log.read_text()
        time.sleep(_LOOK)


def _goes_on(outer: subprocess.Popen[bytes], end: float) -> bool:
    return outer.poll() is None and time.monotonic() < end
