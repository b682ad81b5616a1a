"""A program whose stderr is a real journald's, in namespaces of their own; run as a script, it prints all entries.

Nothing here touches the machine's own journal: /run is a tmpfs that only this process and what it starts can see.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

JOURNALD = "/lib/systemd/systemd-journald"
APART = ("unshare", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
SETTINGS = "[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\nReadKMsg=no\nAudit=\nForwardToWall=no\n"
HEADER = "unit-name\n\n6\n1\n0\n0\n0\n"
"""What PID 1 says to journald of a stream (connect_logger_as in systemd's src/core/exec-invoke.c)."""
LIMIT = 60


def entries(command: list[str], environment: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What is in the journal after the command has run. Skips where there is no journald; in CI that is a failure."""
    if lacking := [one for one in (JOURNALD, "journalctl", "unshare", "mount") if not shutil.which(one)]:
        _skip(f"needs {' and '.join(lacking)}: apt-get install systemd util-linux mount")
    program = [*APART, sys.executable, __file__, *command]
    done = subprocess.run(
        program, capture_output=True, env={**os.environ, **(environment or {})}, timeout=LIMIT, check=False
    )
    if done.returncode:
        _skip(f"no journald can be had apart from the machine's own: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _skip(why: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


def _mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True)


def _make_apart() -> None:
    _mount("--make-rprivate", "/")
    _mount("-t", "tmpfs", "tmpfs", "/run")
    for folder in ("systemd/journal", "log/journal"):
        Path("/run", folder).mkdir(parents=True)
    for name, text, target in (
        ("machine-id", "0123456789abcdef0123456789abcdef\n", "/etc/machine-id"),
        ("journald.conf", SETTINGS, "/etc/systemd/journald.conf"),
    ):
        Path("/run", name).write_text(text)
        if Path(target).exists():
            _mount("--bind", f"/run/{name}", target)


def _started() -> subprocess.Popen[bytes]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind("/run/ready")
        ready.settimeout(LIMIT)
        journald = subprocess.Popen([JOURNALD], env={"NOTIFY_SOCKET": "/run/ready"}, stderr=subprocess.DEVNULL)
        while b"READY=1" not in ready.recv(4096):
            pass
    return journald


def main(command: list[str]) -> None:
    """Run the command as a unit of systemd would be run, and print what the journal has of it."""
    _make_apart()
    journald = _started()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.connect("/run/systemd/journal/stdout")
        stream.sendall(HEADER.encode())
        status = os.fstat(stream.fileno())
        environment = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        subprocess.run(
            command, stderr=stream.fileno(), stdout=subprocess.DEVNULL, env=environment, check=False, timeout=LIMIT
        )
    subprocess.run(["journalctl", "--sync"], check=True)
    subprocess.run(["journalctl", "--directory=/run/log/journal", "--output=json", "--no-pager"], check=True)
    journald.terminate()
    journald.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
