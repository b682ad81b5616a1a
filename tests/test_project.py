"""The project as a whole: what it may import, what it ships, and that its files agree with one another."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import select
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("rules", "config", "connectors", "daemon")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MODULES = sorted(path for room in HOUSE for path in (ROOT / room).rglob("*.py"))
SENDERS = {
    "smtplib",
    "aiosmtplib",
    "smtpd",
    "aiosmtpd",
    "yagmail",
    "redmail",
    "apprise",
    "sendgrid",
    "mailjet_rest",
    "mailer",
}


def plain(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(requirements: list[str]) -> set[str]:
    names = (re.match(r"[\w.-]+", line) for line in requirements if not line.startswith("#"))
    return {plain(name[0]) for name in names if name}


DECLARED = required(PROJECT["dependencies"])
OPTIONAL = required([one for several in PROJECT["optional-dependencies"].values() for one in several])
BUILD = required((ROOT / "requirements/build.in").read_text().splitlines())
DEVELOPMENT = required((ROOT / "requirements/development.in").read_text().splitlines())


HALVES = {"pydantic-core"}
"""Of a declared dependency and of its very version: pydantic's errors have their types there."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def imported(path: Path) -> set[str]:
    """All modules that a file names in an import, wherever in it, or in a call of `import_module`."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in {
            "import_module",
            "__import__",
        }:
            names |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return names


def tracked() -> list[Path]:
    """The files of the project, as Git lists them; without Git, those that lie here."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return [
            path
            for path in ROOT.rglob("*")
            if path.is_file() and ".venv" not in path.parts and ".git" not in path.parts
        ]
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# --- it never sends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_can_send_mail(path: Path) -> None:
    parts = {part for name in imported(path) for part in name.split(".")}
    assert not parts & SENDERS
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"\bsmtps?://|\bsendmail\b|/messages/send|/drafts/send|smtp-relay", node.value), (
                node.value
            )
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            assert name not in {"SMTP", "SMTP_SSL", "LMTP", "sendmail", "send_message"}, name


def test_the_search_for_senders_finds_one(tmp_path: Path) -> None:
    for guilty in (
        "import smtplib",
        "def f():\n    from smtplib import SMTP",
        "import importlib\nimportlib.import_module('smtplib')",
    ):
        module = tmp_path / f"m{abs(hash(guilty))}.py"
        module.write_text(guilty)
        with pytest.raises(AssertionError):
            test_no_module_can_send_mail(module)


def test_nothing_that_is_loaded_brings_a_sender_along() -> None:
    load = "import daemon.__main__, daemon.cycle, connectors.mailboxes.maildir, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", load], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split()
    assert not {name.partition(".")[0] for name in loaded} & SENDERS


# --- the house -----------------------------------------------------------------------------------------------


def test_no_other_distribution_owns_a_name_of_the_house() -> None:
    owners = importlib.metadata.packages_distributions()
    others = {room: [owner for owner in owners.get(room, []) if plain(owner) != "afterword"] for room in HOUSE}
    assert not any(others.values()), others


def test_every_module_says_what_it_is_for_and_stays_small() -> None:
    for path in MODULES:
        text = path.read_text()
        if text.strip():
            assert ast.get_docstring(tree(path)), f"{path.relative_to(ROOT)} has no docstring"
        assert text.count("\n") <= 400, f"{path.relative_to(ROOT)} has more than 400 lines"


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert not long, long


# --- dependencies --------------------------------------------------------------------------------------------


def test_what_is_imported_is_declared() -> None:
    owners = importlib.metadata.packages_distributions()
    named = {name.partition(".")[0] for path in MODULES for name in imported(path)}
    foreign = named - set(HOUSE) - set(sys.stdlib_module_names)
    owned = {name: {plain(owner) for owner in owners[name]} for name in foreign if name in owners}
    undeclared = {name for name, distributions in owned.items() if not distributions & (DECLARED | OPTIONAL | HALVES)}
    assert not undeclared


def test_every_dependency_has_its_line_of_why_and_every_line_its_dependency() -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    tables = [
        re.findall(r"^\| ([a-z][\w.-]*) \| .{10,} \| .{5,} \|$", part, re.MULTILINE) for part in page.split("\n## ")
    ]
    run, develop = (set(map(plain, rows)) - {"distribution"} for rows in tables if rows)
    assert run == DECLARED
    assert develop == BUILD | DEVELOPMENT


def pins(name: str) -> dict[str, list[str]]:
    """Distribution with version, to its hashes."""
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: [word for word in row if word.startswith("--hash=sha256:")] for row in rows}


@pytest.mark.parametrize("name", ["runtime.txt", "development.txt"])
def test_every_pin_is_exact_and_has_the_hashes_of_more_than_one_file(name: str) -> None:
    for pin, hashes in pins(name).items():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.+!]+", pin), pin
        assert len(hashes) >= 2 or pin.startswith("types-"), f"{pin} lacks its wheel or its source"


def test_the_pins_hold_all_that_is_declared_and_agree_with_each_other() -> None:
    run, develop = set(pins("runtime.txt")), set(pins("development.txt"))
    assert run <= develop
    assert {pin.partition("==")[0] for pin in run} >= DECLARED | BUILD
    assert {pin.partition("==")[0] for pin in develop} >= DEVELOPMENT


# --- what is shipped -----------------------------------------------------------------------------------------


def test_no_file_names_a_package_index_or_a_place_on_one_machine() -> None:
    index = "|".join(
        (
            "pypi" + r"\.org",
            "pythonhosted" + r"\.org",
            "--(extra-)?index" + "-url",
            "--find" + "-links",
            "registry" + r"\.npmjs",
        )
    )
    place = "|".join(
        rf"(?<![\w.~-])/{top}/[a-z]"
        for top in ("root", "work", "home/(?!robin/)" + "[a-z]+", "Users", "opt(?!/afterword)")
    )
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        lines = [line for line in text.splitlines() if re.search(rf"({index})", line)]
        if path.suffix in {".py", ".txt", ".in", ".toml", ".md", ".cfg"} or path.name in {"Makefile", "run"}:
            lines += [line for line in text.splitlines() if re.search(rf"({place})", line)]
        found += [f"{path.relative_to(ROOT)}: {line.strip()[:100]}" for line in lines]
    assert not found, "\n".join(found)


def test_the_versions_agree() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == PROJECT["version"]
    assert importlib.metadata.version("afterword") == PROJECT["version"]


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text[:200]
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_target_of_make_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert targets
    said = re.findall(r"^([\w-]+):.*## \S", text, re.MULTILINE)
    assert set(said) == set(targets[1].split())


def test_what_runs_in_ci_runs_by_itself() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


@pytest.mark.parametrize("peers", [0, 3])
def test_nothing_goes_on_after_the_run_in_ci_has_ended(tmp_path: Path, peers: int) -> None:
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(ROOT / ".ci/run", tmp_path / ".ci")
    begun = "@until test -e begun; do sleep 0.02; done"
    checks = "touch begun; exec sleep 60" if peers else "touch begun"
    (tmp_path / "Makefile").write_text(
        f"development:\n\t@true\ncheck:\n\t@{checks}\n"
        f"peers:\n\t{begun}; exit {peers}\ntest:\n\t{begun}; echo 12 passed\n"
    )
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in set(re.findall(r"([\w-]+):[\w-]+", Path(script).read_text())) - {"make"}:
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    read, write = os.pipe()
    path = f"{programs}:{os.environ['PATH']}"
    with (tmp_path / "said").open("w") as said:
        ended = subprocess.run(
            [script], env={**os.environ, "PATH": path}, pass_fds=[write], stdout=said, stderr=said, check=False
        )
    os.close(write)
    text = (tmp_path / "said").read_text()
    assert (ended.returncode != 0, "12 passed" in text) == (peers != 0, peers == 0), text
    # who was started has this pipe, too: it comes to its end with the last of them
    assert select.select([read], [], [], 10)[0] == [read]
    os.close(read)
