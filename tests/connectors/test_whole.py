"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import stat
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from connectors import whole

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    whole.write(tmp_path / "secret", "old and longer")
    whole.write(tmp_path / "secret", "new")
    assert (tmp_path / "secret").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_what_a_dead_process_left_half_written_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".secret.new").write_text("half of something long")
    whole.write(tmp_path / "secret", "all")
    assert (tmp_path / "secret").read_text() == "all"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_what_cannot_be_put_in_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    with pytest.raises(OSError, match="secret"):
        whole.write(tmp_path / "secret", "all")
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_several_writers_leave_what_one_of_them_wrote(tmp_path: Path) -> None:
    texts = [f"{number}" * 10_000 * number for number in range(1, 9)]
    with ThreadPoolExecutor(8) as writers:
        for _ in range(20):
            list(writers.map(lambda text: whole.write(tmp_path / "secret", text), texts))
            assert (tmp_path / "secret").read_text() in texts
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_what_was_left_half_written_for_all_to_read_is_for_its_owner_alone_afterwards(tmp_path: Path) -> None:
    (tmp_path / ".secret.new").write_text("half")
    (tmp_path / ".secret.new").chmod(0o644)
    whole.write(tmp_path / "secret", "all")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_link_in_the_place_of_the_half_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / ".secret.new").symlink_to(tmp_path / "elsewhere")
    whole.write(tmp_path / "secret", "all")
    assert (tmp_path / "elsewhere").read_text() == "precious"
    assert (tmp_path / "secret").read_text() == "all"
    assert not (tmp_path / "secret").is_symlink()


def test_its_name_is_as_durable_as_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[bool, list[str]]] = []
    really = os.fsync

    def noted(descriptor: int) -> None:
        names = [path.name for path in tmp_path.iterdir()]
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), names))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    whole.write(tmp_path / "secret", "all")
    assert synced == [(False, [".secret.new"]), (True, ["secret"])]


def test_nobody_writes_between_a_look_and_the_change_that_follows_from_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    whole.write(path, "old")
    with ThreadPoolExecutor(1) as other:
        writing: list[Future[None]] = []

        def change() -> str:
            writing.append(other.submit(whole.write, path, "newer"))
            with pytest.raises(TimeoutError):
                writing[0].result(timeout=0.2)
            return path.read_text() + ", renewed"

        whole.replace(path, change)
        writing[0].result()
    assert path.read_text() == "newer"


def test_a_change_that_is_none_or_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    whole.write(tmp_path / "secret", "old")
    whole.replace(tmp_path / "secret", lambda: None)
    with pytest.raises(ZeroDivisionError):
        whole.replace(tmp_path / "secret", lambda: str(1 // 0))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"secret": "old"}
