"""What connectors keep between cycles: whole or not at all, for its owner's eyes, and never by looking."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from daemon.keepsake import Keepsake

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_kept_is_recalled_by_the_next_cycle(tmp_path: Path) -> None:
    path = tmp_path / "state" / "google-contacts.json"
    assert Keepsake(path, write=True).recall() is None
    Keepsake(path, write=True).keep("Grüße")
    assert Keepsake(path, write=True).recall() == "Grüße"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_nothing_is_kept_of_an_empty_text(tmp_path: Path) -> None:
    path = tmp_path / "look.json"
    keepsake = Keepsake(path, write=True)
    keepsake.keep("half a look")
    keepsake.keep("")
    assert not path.exists()
    assert not keepsake.recall()
    assert Keepsake(path, write=True).recall() is None


def test_looking_keeps_it_for_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "contacts.json"
    looking = Keepsake(path, write=False)
    looking.keep("seen")
    assert (looking.recall(), path.exists()) == ("seen", False)


def test_what_cannot_be_read_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    path = tmp_path / "contacts.json"
    path.write_bytes(b"\xff\xfe")
    assert Keepsake(path, write=True).recall() is None
    assert Keepsake(tmp_path, write=True).recall() is None


def test_a_place_that_cannot_be_written_hinders_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Keepsake(tmp_path / "file" / "contacts.json", write=True).keep("lost")
