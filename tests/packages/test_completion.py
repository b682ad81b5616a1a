"""A shell completes what is typed, as its own completion asks for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from daemon.__main__ import COMPLETION
from daemon.cli import afterword
from daemon.commands import HELPS
from packages import completion
from tests.needed import need

ROOT = Path(__file__).resolve().parents[2]

TYPED = """
source {script}
complete -p afterword >/dev/null || exit 3
COMP_WORDS=({words}); COMP_CWORD={number}
_afterword_completion afterword "${{COMP_WORDS[$COMP_CWORD]}}" "${{COMP_WORDS[$COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for $PATH with the command in it, and the scripts of the shells in `share`."""
    folder = tmp_path_factory.mktemp("programs")
    command = folder / "afterword"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m daemon "$@"\n')
    command.chmod(0o755)
    completion.write(folder / "share")
    return folder


def offered(programs: Path, *words: str) -> list[str]:
    """What bash offers for the last word of this line."""
    script = programs / "share" / completion.PLACES["bash"]
    quoted = " ".join(f"'{word}'" for word in ("afterword", *words))
    typed = TYPED.format(script=script, words=quoted, number=len(words))
    path = f"{programs}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "--norc", "-c", typed], capture_output=True, text=True, check=True, env={**os.environ, "PATH": path}
    )
    assert not ended.stderr
    return ended.stdout.split()


def test_bash_completes_a_command(programs: Path) -> None:
    assert offered(programs, "pl") == ["plan"]
    assert set(offered(programs, "")) == set(HELPS)


def test_bash_completes_the_options_of_a_command_and_what_an_option_takes(programs: Path) -> None:
    assert offered(programs, "plan", "--d") == ["--days"]
    assert offered(programs, "--config", "somewhere", "once", "--dr") == ["--dry-run"]
    assert offered(programs, "auth", "g") == ["google"]


def asked(*words: str) -> list[tuple[str, str]]:
    """What the shell is told for the last of these words: the kind of each thing, and its name."""
    told = ShellComplete(afterword, {}, "afterword", COMPLETION).get_completions(list(words[:-1]), words[-1])
    return [(one.type, one.value) for one in told]


def test_where_a_file_or_a_folder_is_to_be_named_the_shell_offers_its_own() -> None:
    for words in (("backup", "a"), ("doctor", "a"), ("init", "--calendar", "a"), ("init", "--vcards", "a")):
        assert asked(*words) == [("file", "a")]
    assert asked("init", "--maildir", "a") == [("dir", "a")]


def test_backups_and_tests_go_by_their_names(tmp_path: Path) -> None:
    for name in (
        "backups/ledger-2026-03-03.sqlite3",
        "backups/ledger-wal",
        "ledger.sqlite3",
        "rules/tests/coffee.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folders = ("--state", str(tmp_path), "--config", str(tmp_path))
    assert asked(*folders, "restore", "") == [("plain", "latest"), ("plain", "ledger-2026-03-03.sqlite3")]
    assert asked(*folders, "restore", "other") == [("file", "other")]
    assert asked(*folders, "test", "co") == [("plain", "coffee")]
    assert asked("--config", str(tmp_path / "none"), "test", "") == [("file", "")]


def test_a_shell_is_answered_without_a_ledger_or_a_configuration() -> None:
    load = "import sys, daemon.cli, daemon.cli.restore, daemon.cli.test, daemon.cli.init; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", load], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert not {"sqlalchemy", "pydantic", "icalendar"} & set(told.split())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_theirs(programs: Path, shell: str) -> None:
    script = programs / "share" / completion.PLACES[shell]
    assert "_AFTERWORD_COMPLETE=" in script.read_text()
    need(**{shell: shell})
    assert subprocess.run([shell, "-n", script], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("shell", sorted(completion.PLACES))
def test_what_the_page_says_lays_it_for_somebody_who_has_nothing_yet(
    programs: Path, tmp_path: Path, shell: str
) -> None:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs/packages.md").read_text("utf-8"), re.DOTALL)
    (block,) = (one for one in blocks if f"_AFTERWORD_COMPLETE={shell}_source" in one)
    typed = "".join(f"{line.removeprefix('$ ')}\n" for line in block.splitlines())
    path = f"{programs}:{os.environ['PATH']}"
    subprocess.run(["sh", "-ec", typed], check=True, env={**os.environ, "PATH": path, "HOME": str(tmp_path)})
    (laid,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert laid.read_text().strip() == (programs / "share" / completion.PLACES[shell]).read_text().strip()


def test_help_stays_a_page_without_click() -> None:
    load = "import sys; sys.argv[1:] = ['--help']; from daemon.__main__ import main; main(); print(sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", load], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert "'daemon.commands'" in told
    assert "'click'" not in told
