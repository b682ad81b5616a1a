"""Changes of the configuration's files are seen from outside."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daemon.watch import fingerprint
from tests.daemon.command import configure

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_changed_is_seen_as_nothing_changed(tmp_path: Path) -> None:
    folder = str(configure(tmp_path))
    assert fingerprint(folder) == fingerprint(folder)


def test_a_file_that_is_edited_replaced_added_or_removed_is_seen(tmp_path: Path) -> None:
    folder = configure(tmp_path)
    rule = folder / "rules" / "a.yaml"
    seen = [fingerprint(str(folder))]
    os.utime(rule, ns=(1, 1))
    seen.append(fingerprint(str(folder)))
    (folder / "new").write_text(rule.read_text())
    os.utime(folder / "new", ns=(1, 1))
    (folder / "new").replace(rule)
    seen.append(fingerprint(str(folder)))
    (folder / "templates" / "more.md").write_text("x")
    seen.append(fingerprint(str(folder)))
    rule.unlink()
    seen.append(fingerprint(str(folder)))
    assert len(set(seen)) == 5


def test_what_an_editor_leaves_beside_the_files_is_not_seen(tmp_path: Path) -> None:
    folder = configure(tmp_path)
    before = fingerprint(str(folder))
    (folder / "rules" / "a.yaml~").write_text("x")
    (folder / "calendars" / "a.ics").write_text("x")
    assert fingerprint(str(folder)) == before


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    assert fingerprint(str(tmp_path / "gone")) == ()


def test_a_link_to_nowhere_hides_no_change_beside_it(tmp_path: Path) -> None:
    folder = configure(tmp_path)
    (folder / "rules" / "b.yaml").symlink_to(tmp_path / "nowhere")
    before = fingerprint(str(folder))
    os.utime(folder / "rules" / "a.yaml", ns=(1, 1))
    assert fingerprint(str(folder)) != before
