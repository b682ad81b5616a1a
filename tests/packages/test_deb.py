"""The Debian package, here without the libraries: its tree, its scripts, and that the same source gives the same bytes.

With the libraries it is built and lived with by `make test-system`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from packages import deb
from packages.control import SCRIPTS
from packages.environment import GOOGLE
from tests.needed import need
from tests.test_project import PROJECT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    need(**{"dpkg-deb": "dpkg", PYTHON: "python3"})
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
        closed = {"drwx------"} if line.endswith(" ./etc/afterword/") else {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}
        assert mode[0] == "l" or mode in closed, line
    assert " ./etc/afterword/\n" in listed


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


def test_what_a_document_refers_to_is_shipped_with_it(tree: Path) -> None:
    documents = tree / "usr/share/doc/afterword"
    pages = sorted(documents.rglob("*.md"))
    assert {documents / "README.md", documents / "docs/packages.md", documents / "systemd/README.md"} < set(pages)
    linked = [
        (page.parent / link)
        for page in pages
        for link in re.findall(r"\]\(([^)#\s]+)[)#]", page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", link)
    ]
    assert len(linked) > 50
    assert [str(target.relative_to(documents)) for target in linked if not target.exists()] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_of_the_package_are_scripts(tree: Path, name: str) -> None:
    script = tree / "DEBIAN" / name
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert "set -e" in script.read_text()


class Root:
    """A scratch root, as dpkg gives one to its scripts ($DPKG_ROOT), with a manager that runs nothing and is noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, str] = {}
        """What `systemctl` prints, by a pattern of the shell for its arguments."""
        (folder / "run/systemd/system").mkdir(parents=True)
        (folder / "bin").mkdir()

    def write(self, name: str, text: str = "...\n") -> Path:
        """A file in there."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run(self, script: str, *arguments: str) -> str:
        """What a script of the package says to somebody; it ends well."""
        cases = "".join(f"{pattern}) echo '{answer}' ;;\n" for pattern, answer in self.answers.items())
        stub = self.write("bin/systemctl", f'#!/bin/sh\necho "$*" >>"$DPKG_ROOT/asked"\ncase "$*" in\n{cases}esac\n')
        stub.chmod(0o755)
        ended = subprocess.run(
            ["sh", ROOT / "packages/debian" / script, *arguments],
            env={"PATH": f"{stub.parent}:{os.environ['PATH']}", "DPKG_ROOT": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        assert not ended.stdout
        return ended.stderr

    def asked(self, word: str) -> list[str]:
        """What the manager was asked for with this word in it."""
        return [line for line in (self.folder / "asked").read_text().splitlines() if word in line.split()]

    def left(self) -> set[str]:
        """The files and links of Afterword that are there."""
        found = (path for path in self.folder.rglob("*") if path.is_symlink() or path.is_file())
        return {name for path in found if "afterword" in (name := str(path.relative_to(self.folder)))}


SETTINGS, WANTED = "etc/afterword/robin/afterword.yaml", "etc/systemd/system/multi-user.target.wants"
DATA = {
    SETTINGS,
    "var/lib/private/afterword/robin/ledger.sqlite3",
    "var/lib/afterword",
    f"{WANTED}/afterword@robin.service",
}


@pytest.fixture
def root(tmp_path: Path) -> Root:
    """Where an account robin has its service."""
    made = Root(tmp_path)
    made.write(SETTINGS)
    made.write("var/lib/private/afterword/robin/ledger.sqlite3")
    (tmp_path / "var/lib/afterword").symlink_to("private/afterword")
    (tmp_path / WANTED).mkdir(parents=True)
    (tmp_path / WANTED / "afterword@robin.service").symlink_to("/lib/systemd/system/afterword@.service")
    return made


def test_a_removal_leaves_what_was_written_and_a_purge_takes_it(root: Root) -> None:
    hidden = root.folder / "etc/systemd/system/afterword@dana.service"
    hidden.symlink_to("/dev/null")
    other = root.write("etc/systemd/system/other@robin.service")
    root.write("opt/afterword/lib/rules/__pycache__/plan.cpython-311.pyc")
    assert not root.run("postrm", "remove")
    assert not (root.folder / "opt/afterword").exists()
    assert root.left() >= DATA
    assert not root.run("postrm", "purge")
    assert root.left() == {"etc/systemd/system/afterword@dana.service"}
    assert other.exists()
    assert not (root.folder / "etc/afterword").exists()
    assert root.asked("reset-failed")
    assert not root.run("postrm", "purge")  # a second time, with nothing there


@pytest.mark.parametrize("name", ["afterword@.service", "afterword@robin.service"])
def test_a_purge_takes_nothing_where_another_installation_has_its_unit(root: Root, name: str) -> None:
    unit = root.write(f"etc/systemd/system/{name}")
    said = root.run("postrm", "purge")
    assert f"/etc/systemd/system/{name} is there" in said
    assert "/etc/afterword and /var/lib/afterword" in said
    assert root.left() == {*DATA, str(unit.relative_to(root.folder))}


def test_a_purge_takes_nothing_where_a_service_runs(root: Root) -> None:
    root.answers["list-units*afterword@*"] = "afterword@robin.service loaded activating auto-restart Afterword ..."
    assert "afterword@robin.service runs" in root.run("postrm", "purge")
    assert root.left() == DATA


@pytest.mark.parametrize(("why", "stopped"), [("remove", ["1000", "1002"]), ("upgrade", [])])
def test_a_removal_ends_the_services_of_users_that_run_what_it_takes(root: Root, why: str, stopped: list[str]) -> None:
    managers = [f"user@{number}.service loaded active running User Manager" for number in (1000, 1001, 1002, 1003)]
    root.answers = {
        "list-units*user@*": "\n".join(managers),
        "*1000@?show*": "{ path=/usr/bin/afterword ; argv[]=/usr/bin/afterword run ; pid=7 }",
        "*1001@?show*": "{ path=/home/priya/.local/bin/afterword ; argv[]=/home/priya/.local/bin/afterword run }",
        "*1002@?show*": "{ path=/opt/afterword/bin/afterword ; argv[]=/opt/afterword/bin/afterword run }",
        "*1003@?show*": "",
    }
    assert not root.run("prerm", why)
    users = [f"--user --machine {number}@ stop afterword.service" for number in stopped]
    assert root.asked("stop") == ["stop afterword@*.service", *users]


def test_an_upgrade_starts_what_it_has_ended(root: Root) -> None:
    root.answers = {
        "list-units*afterword@*": "afterword@robin.service loaded active running Afterword ...",
        "list-units*user@*": "user@1000.service loaded active running User Manager",
    }
    assert not root.run("prerm", "upgrade", "2.0")
    assert not root.run("postinst", "configure", "1.0")
    assert root.asked("start") == ["start --no-block afterword@robin.service"]
    assert root.asked("try-restart") == ["--user --machine 1000@ try-restart --no-block afterword.service"]
    assert not (root.folder / "run/afterword.upgrade").exists()


def test_what_google_is_asked_by_is_kept() -> None:
    asked = re.findall(r'_service\(Service\.\w+, "(\w+)", "(\w+)"', (ROOT / "connectors/google/account.py").read_text())
    assert {f"{name}.{version}" for name, version in asked} == set(GOOGLE)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["deb", "--python", "/nowhere/python3"])
    assert deb.main() == 1
    assert "apt-get install python3" in capsys.readouterr().err
