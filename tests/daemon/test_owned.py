"""Whose the state folder is: nobody writes into that of another user, and no link of another's is written through."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import stat
from itertools import pairwise
from pathlib import Path

import pytest

from daemon.cli.owned import as_service
from daemon.ledger import Ledger, LedgerError, store
from daemon.ledger.restore import put_back
from tests.cases.home import Home, coffee
from tests.daemon.ledger.build import NOW, record

UNIT = Path(__file__).parents[2] / "systemd" / "afterword@.service"
ANOTHER = 61_234
WHEN = "2026-03-03 13:00"
WRITING = (
    ("once",), ("skip", "ABCDEF"), ("unskip", "ABCDEF"), ("snooze", "ABCDEF", "1 day"), ("done", "x"), ("backup",),
    ("note", "ana@one.example", "x"), ("restore", "latest"), ("auth", "google"),
)  # fmt: skip
LOOKING = (
    ("status",),
    ("plan",),
    ("drafts",),
    ("once", "--dry-run"),
    ("backup", "--list"),
    ("restore", "latest", "--dry-run"),
)
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")


def owned_by_another(root: Path) -> Home:
    home = Home.make(root / "home")
    coffee(home, "ana@one.example")
    home.once("2026-03-03 09:00")
    assert home.command("backup", when=WHEN)[0] == 0
    for path in (home.state, *home.state.rglob("*")):
        os.chown(path, ANOTHER, ANOTHER)
    return home


def seen(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {
        str(path): ((found := path.lstat()).st_ino, found.st_uid, found.st_mtime_ns)
        for path in (folder, *folder.rglob("*"))
    }


def test_only_looking_is_for_others_and_the_command_that_works_is_named(tmp_path: Path) -> None:
    home = owned_by_another(tmp_path)
    before = seen(home.state)
    for words in WRITING:
        code, told, _ = home.command(*words, when=WHEN)
        assert code == 77, words
        (problem,) = told["problems"]
        assert f"belongs to #{ANOTHER}" in problem["message"]
        assert (
            f"`sudo -u '#{ANOTHER}' afterword --config {home.root / 'config'} --state {home.state}" in problem["hint"]
        )
    for words in LOOKING:
        assert home.command(*words, when=WHEN)[0] == 0, words
    assert home.command("backup", str(tmp_path / "mine.sqlite3"), when=WHEN)[0] == 0
    assert seen(home.state) == before


def test_as_a_service_of_the_machine_the_command_has_what_its_unit_has() -> None:
    assert shlex.split(as_service("robin", ["note", "$5"]))[-2:] == ["note", "$$5"]
    words = shlex.split(as_service("robin", ["restore", "latest"]))
    readme = " ".join((UNIT.parent / "README.md").read_text().replace("\\\n", " ").split())
    assert shlex.join(words) in readme
    lines = UNIT.read_text().replace("%i", "robin").splitlines()
    properties = [word for before, word in pairwise(words) if before == "-p"]
    assert len(properties) > 5
    assert set(properties) - set(lines) == set()
    said = lines[[line.startswith("ExecStart=") for line in lines].index(True)].partition("=")[2]
    assert f"/usr/bin/{shlex.join(words[-5:])}" == said.replace(" run", " restore latest")


def links(folder: Path) -> tuple[Path, Path]:
    """A state folder in which another user laid a link in the place of the ledger, and what it leads to."""
    state, victim = folder / "state", folder / "victim.sqlite3"
    with Ledger.open(folder / "victim") as ledger:
        ledger.save([(record(), "")], NOW)
    (folder / "victim" / store.NAME).rename(victim)
    state.mkdir()
    (state / store.NAME).symlink_to(victim)
    os.lchown(state / store.NAME, ANOTHER, ANOTHER)
    return state, victim


def test_a_ledger_that_is_another_users_link_is_neither_written_nor_kept_aside(tmp_path: Path) -> None:
    state, victim = links(tmp_path)
    before = victim.read_bytes()
    with pytest.raises(LedgerError, match="a link that another user made"):
        Ledger.open(state)
    with pytest.raises(LedgerError, match="a link that another user made"):
        put_back(state, victim, state / "aside.sqlite3")
    assert (victim.read_bytes(), victim.stat().st_nlink) == (before, 1)
    assert not (state / "aside.sqlite3").exists()
    os.lchown(state / store.NAME, os.geteuid(), -1)  # one's own may lead to another disk
    Ledger.open(state).close()


def test_where_no_second_name_can_be_had_the_copy_follows_no_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, victim, backup = tmp_path / "state", tmp_path / "victim", tmp_path / "backup.sqlite3"
    with Ledger.open(state) as ledger:
        ledger.back_up(backup)
    before = (state / store.NAME).read_bytes()
    victim.write_text("dear")
    (state / ".aside.sqlite3.new").symlink_to(victim)

    def unknown(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "this file system knows no such thing")

    monkeypatch.setattr(os, "link", unknown)
    put_back(state, backup, state / "aside.sqlite3")
    assert victim.read_text() == "dear"
    assert (state / "aside.sqlite3").read_bytes() == before
    assert stat.S_IMODE((state / "aside.sqlite3").lstat().st_mode) == 0o600


def test_a_folder_of_backups_that_is_another_users_link_is_not_written_to(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once("2026-03-03 09:00")
    shutil.rmtree(home.state / "backups", ignore_errors=True)
    (tmp_path / "elsewhere").mkdir()
    (home.state / "backups").symlink_to(tmp_path / "elsewhere")
    os.lchown(home.state / "backups", ANOTHER, ANOTHER)
    code, told, _ = home.command("backup", when=WHEN)
    assert code == 75
    assert "a link that another user made" in told["problems"][0]["message"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    os.lchown(home.state / "backups", os.geteuid(), -1)
    assert home.command("backup", when=WHEN)[0] == 0
