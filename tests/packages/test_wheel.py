"""The wheel, as pipx and uv take it: in an environment of its own it is whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from daemon.commands import HELPS
from tests.test_project import HOUSE, PROJECT, ROOT, tracked


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a fresh environment, which shares with this one the libraries that it runs on, and no more."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, stdin=subprocess.DEVNULL)
    (packages,) = environment.glob("lib/python*/site-packages")
    # a path of a .pth file is searched last, and the .pth files that lie there are not read
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return environment / "bin/afterword"


def run(command: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, of somebody who has nothing yet but this home."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(
        [command, *arguments],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_files_of_the_house_are_in_it_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name and ".data/" not in name}
    files = {str(path.relative_to(ROOT)) for path in tracked()}
    units = {f"daemon/{name}" for name in files if name.startswith("systemd/")}
    assert {name for name in names if not name.startswith("daemon/systemd/")} == {
        name for name in files if name.split("/")[0] in HOUSE
    }
    assert {name for name in names if name.startswith("daemon/systemd/")} == units


def test_it_configures_checks_and_drafts(command: Path, tmp_path: Path) -> None:
    assert run(command, tmp_path, "--version").stdout == f"afterword {PROJECT['version']}\n"
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    made = run(
        command,
        tmp_path,
        "init",
        "--yes",
        "--name",
        "Robin Vale",
        "--email",
        "robin@example.org",
        "--maildir",
        "~/Maildir",
    )
    assert made.returncode == 0, made.stdout + made.stderr
    checked = run(command, tmp_path, "check", "--json")
    assert (checked.returncode, json.loads(checked.stdout)["problems"]) == (0, []), checked.stderr
    once = run(command, tmp_path, "once", "--json")
    assert (once.returncode, json.loads(once.stdout)["problems"]) == (0, []), once.stderr


def test_it_brings_the_man_pages_to_where_pipx_looks_for_them(command: Path) -> None:
    pages = {path.name for path in (command.parents[1] / "share/man/man1").iterdir()}
    assert pages == {"afterword.1", *(f"afterword-{name}.1" for name in HELPS)}


def test_it_is_that_wheel_that_runs(command: Path) -> None:
    where = "import daemon, config, connectors, rules; print(daemon.__path__[0], config.__path__[0])"
    python = command.with_name("python")
    told = subprocess.run([python, "-I", "-c", where], capture_output=True, text=True, check=True).stdout.split()
    assert all(Path(one).is_relative_to(command.parents[1]) for one in told), told
