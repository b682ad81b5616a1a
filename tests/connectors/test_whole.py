"""Files that are there whole or not at all."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
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
