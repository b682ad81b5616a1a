"""The Debian package, here without the libraries: its tree, its scripts, and that the same source gives the same bytes.

With the libraries it is built and lived with by `make test-system`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from packages import deb
from packages.control import SCRIPTS
from packages.environment import GOOGLE
from tests.test_project import PROJECT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    for program, name in (("dpkg-deb", "dpkg"), (PYTHON, "python3")):
        if shutil.which(program) is None:
            pytest.skip(f"apt-get install {name}")
    return deb.build(tmp_path_factory.mktemp("package"), PYTHON, None, "none", wheel)


@pytest.fixture(scope="module")
def tree(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is in it, unpacked; DEBIAN too."""
    folder = tmp_path_factory.mktemp("tree") / "root"
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder], check=True)
    return folder


def test_the_same_source_gives_the_same_bytes(package: Path, wheel: Path, tmp_path: Path) -> None:
    assert deb.build(tmp_path, PYTHON, None, "none", wheel).read_bytes() == package.read_bytes()


def test_all_of_it_is_roots_and_nobody_elses_to_write(package: Path) -> None:
    listed = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        mode, owner = line.split()[:2]
        assert owner == "root/root", line
        assert mode[0] == "l" or mode in {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}, line


def test_it_says_what_it_needs(tree: Path) -> None:
    control = (tree / "DEBIAN/control").read_text()
    assert f"Version: {PROJECT['version']}\n" in control
    major, minor = subprocess.run(
        [PYTHON, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert f"Depends: python3 (>= {major}.{minor}), python3 (<< {major}.{int(minor) + 1})" in control


def test_nothing_in_it_tells_where_it_was_built(tree: Path) -> None:
    pattern = re.compile(rb"afterword-deb-|" + re.escape(str(ROOT).encode()) + rb"[/\"']")
    found = [path for path in tree.rglob("*") if path.is_file() and pattern.search(path.read_bytes())]
    assert not found


def test_the_command_runs_on_the_systems_python_from_where_it_will_be(tree: Path) -> None:
    command = tree / "usr/bin/afterword"
    assert str(command.readlink()) == "/opt/afterword/bin/afterword"
    first = (tree / "opt/afterword/bin/afterword").read_text().splitlines()[0]
    assert first == "#!/opt/afterword/bin/python3 -I"
    assert str((tree / "opt/afterword/bin/python3").readlink()) == PYTHON
    moved = [str(tree / "opt/afterword/bin/python3"), "-I", str(tree / "opt/afterword/bin/afterword"), "--help"]
    assert "It never sends." in subprocess.run(moved, capture_output=True, text=True, check=True).stdout


def test_byte_code_lies_beside_each_module_of_the_house(tree: Path) -> None:
    (packages,) = tree.glob("opt/afterword/lib/python*/site-packages")
    modules = list(packages.glob("daemon/**/*.py"))
    assert len(modules) > 50
    for module in modules:
        (compiled,) = (module.parent / "__pycache__").glob(f"{module.stem}.cpython-*.pyc")
        assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", "looked at again by its time or its hash"


def test_units_pages_and_completion_lie_where_debian_looks_for_them(tree: Path) -> None:
    assert "\nExecStart=/usr/bin/afterword " in (tree / "lib/systemd/system/afterword@.service").read_text()
    assert "\nExecStart=/usr/bin/afterword run\n" in (tree / "usr/lib/systemd/user/afterword.service").read_text()
    assert (tree / "usr/share/man/man1/afterword-plan.1.gz").stat().st_size > 200
    for place in (
        "bash-completion/completions/afterword",
        "zsh/vendor-completions/_afterword",
        "doc/afterword/copyright",
    ):
        assert (tree / "usr/share" / place).stat().st_size > 200


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_of_the_package_are_scripts(tree: Path, name: str) -> None:
    script = tree / "DEBIAN" / name
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert "set -e" in script.read_text()


def test_what_google_is_asked_by_is_kept() -> None:
    asked = re.findall(r'_service\(Service\.\w+, "(\w+)", "(\w+)"', (ROOT / "connectors/google/account.py").read_text())
    assert {f"{name}.{version}" for name, version in asked} == set(GOOGLE)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["deb", "--python", "/nowhere/python3"])
    assert deb.main() == 1
    assert "apt-get install python3" in capsys.readouterr().err
