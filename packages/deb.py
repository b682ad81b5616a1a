"""The Debian package: `python -m packages.deb [--python PYTHON] [FOLDER]` builds it into the folder (`dist`).

A plain tree for dpkg-deb: a virtual environment in /opt/afterword on the system's Python, with the very versions of
requirements/runtime.txt; the command, units, man pages, completions and documents where Debian has them. Nothing is
fetched or compiled when it is installed. The same source gives the same bytes (docs/packages.md).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packages import completion, control, manual, release
from packages.environment import Environment, Python

_USERS = "usr/lib/systemd/user"
_UNITS = {
    "afterword@.service": "lib/systemd/system",
    "afterword.service": _USERS,
    "afterword-review.socket": _USERS,
    "afterword-review.service": _USERS,
}
PYTHON = "/usr/bin/python3"
PINS = release.ROOT / "requirements/runtime.txt"
COMPRESSION = "xz"
"""At its quickest: with more time it would be a sixth smaller."""
_COMMAND = "/usr/bin/afterword"
_CLOSED = "etc/afterword"
"""Configurations of the system's services hold people's data: nobody but root looks in."""
_DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "systemd")
"""They lie to each other as in the source, so that what refers to another leads there."""


def build(
    folder: Path,
    python: str = PYTHON,
    pins: Path | None = PINS,
    compression: str = COMPRESSION,
    wheel: Path | None = None,
) -> Path:
    """Build the package into the folder; its file.

    Tests leave the libraries out (`pins` is None), and give the wheel of this checkout, which is built otherwise.
    """
    found = Python.of(python)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="afterword-deb-") as place:
        root = Path(place) / "root"
        environment = Environment(root, found)
        environment.fill(wheel or _wheel(Path(place)), pins)
        _shared(root)
        control.write(root, found, environment.glibc())
        _settle(root)
        target = folder / f"afterword_{release.version()}_{control.architecture()}.deb"
        _run("dpkg-deb", "--root-owner-group", f"-Z{compression}", "-z1", "--build", str(root), str(target))
    return target


def _wheel(place: Path) -> Path:
    """The wheel of this checkout; what builds it is in the environment that runs this."""
    _run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"),
        *("--wheel-dir", str(place), str(release.ROOT)),
    )
    (wheel,) = place.glob("afterword-*.whl")
    return wheel


def _shared(root: Path) -> None:
    """What is not in the environment: the command, units, man pages, completions, documents."""
    command = root / _COMMAND.lstrip("/")
    command.parent.mkdir(parents=True)
    command.symlink_to("/opt/afterword/bin/afterword")
    (root / _CLOSED).mkdir(parents=True)
    for name, place in _UNITS.items():
        unit = root / place / name
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text(_with_command((release.ROOT / "systemd" / name).read_text()))
    pages = root / "usr/share/man/man1"
    manual.write(pages)
    completion.write(root / "usr/share")
    documents = root / "usr/share/doc/afterword"
    documents.mkdir(parents=True)
    for name in _DOCUMENTS:
        source = release.ROOT / name
        _ = shutil.copytree(source, documents / name) if source.is_dir() else shutil.copy(source, documents)
    shutil.copy(release.ROOT / "CHANGELOG.md", documents / "changelog")
    (documents / "changelog.Debian").write_text(control.changelog())
    shutil.copy(release.ROOT / "packages/debian/copyright", documents / "copyright")
    (documents / "LICENSE").symlink_to("copyright")  # which says where Debian has its text
    packed = [*pages.iterdir(), documents / "changelog", documents / "changelog.Debian"]
    _run("gzip", "-9n", *map(str, packed))
    overrides = root / "usr/share/lintian/overrides/afterword"
    overrides.parent.mkdir(parents=True)
    shutil.copy(release.ROOT / "packages/debian/lintian-overrides", overrides)


def _with_command(unit: str) -> str:
    """The unit with the command where this package lays it; a socket runs none."""
    lines = unit.splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith("ExecStart=")), None)
    if first is None:
        return unit
    rest = lines[first].partition(" ")[2]
    lines[first] = f"ExecStart={_COMMAND} {rest}"
    return "\n".join((*lines, ""))


def _settle(root: Path) -> None:
    """Modes and times that depend on nothing but the source; dpkg-deb takes care of owners and order."""
    moment = release.moment()
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin" or path.name in control.SCRIPTS
            path.chmod(0o755 if runs else 0o644)
        if path == root / _CLOSED:
            path.chmod(0o700)
        os.utime(path, (moment, moment), follow_symlinks=False)


def _run(*command: str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(release.moment())}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


def main() -> int:
    """Build it, and say where it lies; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m packages.deb", description="Build the Debian package.")
    parser.add_argument("folder", nargs="?", default="dist", type=Path, help="where it is laid (dist)")
    parser.add_argument("--python", default=PYTHON, help="the system's Python, on which it will run")
    parser.add_argument(
        "--compression", default=COMPRESSION, help="as for dpkg-deb -Z (xz); `none` is quick to install"
    )
    chosen = parser.parse_args()
    for program, package in (("dpkg-deb", "dpkg"), (chosen.python, "python3")):
        if shutil.which(program) is None:
            print(f"This takes {program}, of Debian: apt-get install {package}", file=sys.stderr)
            return 1
    print(build(chosen.folder, chosen.python, PINS, chosen.compression))
    return 0


if __name__ == "__main__":
    sys.exit(main())
