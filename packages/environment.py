"""The virtual environment of the Debian package: made where it is built, for /opt/afterword where it will run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PathDistribution
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "/opt/afterword"
GOOGLE = ("calendar.v3", "gmail.v1", "people.v1")
"""The services of Google that are asked; the descriptions of the other four hundred are 100 MB."""


@dataclass(frozen=True, slots=True)
class Python:
    """The interpreter of the system, which the environment runs on."""

    path: str
    major: int
    minor: int

    @classmethod
    def of(cls, path: str) -> Python:
        """Ask it for its version."""
        told = _run(path, "-I", "-c", "import sys; print(*sys.version_info[:2])").split()
        return cls(path, int(told[0]), int(told[1]))

    @property
    def name(self) -> str:
        """Like `python3.11`."""
        return f"python{self.major}.{self.minor}"


class Environment:
    """The environment below a root folder that is to become a package."""

    def __init__(self, root: Path, python: Python) -> None:
        self._root = root
        self._python = python
        self._folder = root / PREFIX.lstrip("/")
        self._packages = self._folder / "lib" / python.name / "site-packages"

    def fill(self, wheel: Path, pins: Path | None) -> None:
        """Install the pinned versions and the wheel; leave nothing of the place where that was done."""
        self._folder.parent.mkdir(parents=True)
        _run(self._python.path, "-I", "-m", "venv", "--without-pip", str(self._folder))
        if pins is not None:
            self._pip("install", "--no-compile", "--no-deps", "--require-hashes", "-r", str(pins))
        self._pip("install", "--no-compile", "--no-deps", "--no-index", str(wheel))
        if others := self._only_for_building():
            self._pip("uninstall", "--yes", *sorted(others))
        self._strip()
        self._command()
        self._compile()

    def glibc(self) -> str:
        """The oldest C library that all compiled modules take; what else they need they bring."""
        wanted = {(0, 0)}
        for file in self._packages.rglob("*.so*"):
            found = re.findall(rb"GLIBC_(\d+)\.(\d+)", file.read_bytes())
            wanted |= {(int(major), int(minor)) for major, minor in found}
        return "{}.{}".format(*max(wanted))

    def _pip(self, *arguments: str) -> None:
        """The pip that runs this, for that interpreter: it needs none of its own."""
        target = str(self._folder / "bin/python3")
        _run(sys.executable, "-m", "pip", "--python", target, "-qq", "--no-input", *arguments)

    def _only_for_building(self) -> set[str]:
        """The distributions that Afterword does not lead to: those that built the wheel."""
        there = {_plain(one.name): one for one in self._distributions()}
        wanted, reached = ["afterword"], set[str]()
        while wanted:
            name = wanted.pop()
            if name in there and name not in reached:
                reached.add(name)
                wanted += [_plain(found[0]) for one in there[name].requires or () if (found := _needed(one))]
        return set(there) - reached

    def _distributions(self) -> list[Distribution]:
        return [PathDistribution(path) for path in self._packages.glob("*.dist-info")]

    def _strip(self) -> None:
        """Take away what nobody reads there, and what tells of the place where it was built."""
        shutil.rmtree(self._folder / "share", ignore_errors=True)  # the man pages, which lie in /usr/share
        for document in self._packages.glob("googleapiclient/discovery_cache/documents/*"):
            if document.stem not in GOOGLE:
                document.unlink()
        for tests in self._packages.glob("*/test*"):
            if tests.is_dir() and tests.name in {"test", "tests"}:
                shutil.rmtree(tests)
        for path in [
            *self._packages.glob("*.dist-info/direct_url.json"),
            *self._packages.glob("*.dist-info/REQUESTED"),
            *self._packages.rglob(".gitignore"),
        ]:
            path.unlink()
        for record in self._packages.glob("*.dist-info/RECORD"):
            lines = record.read_text().splitlines(keepends=True)
            record.write_text("".join(line for line in lines if self._is_there(line)))

    def _is_there(self, line: str) -> bool:
        name = line.partition(",")[0].strip('"')
        return not name.startswith("../") and (self._packages / name).exists()

    def _command(self) -> None:
        """The command and the interpreter, and no other program of the libraries."""
        programs = self._folder / "bin"
        for path in programs.iterdir():
            if not path.name.startswith("python"):
                path.unlink()
        command = programs / "afterword"
        command.write_text(
            f"#!{PREFIX}/bin/python3 -I\nimport sys\n\nfrom daemon.__main__ import main\n\nsys.exit(main())\n"
        )
        told = (self._folder / "pyvenv.cfg").read_text().replace(str(self._folder), PREFIX)
        (self._folder / "pyvenv.cfg").write_text(told)
        for name in ("include", "lib64"):
            path = self._folder / name
            if path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path, ignore_errors=True)

    def _compile(self) -> None:
        """Byte code beside each module, which no time of a file makes stale: nobody can write there later."""
        _run(
            *(
                str(self._folder / "bin/python3"),
                "-I",
                "-m",
                "compileall",
                "-q",
                "--invalidation-mode",
                "unchecked-hash",
            ),
            *("-s", str(self._root), "-p", "/", str(self._folder / "lib")),
        )


def _plain(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(requirement: str) -> re.Match[str] | None:
    """The name in a requirement, unless it is one of an extra."""
    return None if re.search(r";.*\bextra\s*==", requirement) else re.match(r"[\w.-]+", requirement)


def _run(*command: str) -> str:
    """What the command prints.

    Raises:
        subprocess.CalledProcessError: it failed; it has said why.
    """
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
