from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.calendars import ics, sheet
from connectors.calendars.ics import IcsFile, IcsFolder
from tests.conformance.calendars import one

ROOT = Path(__file__).parents[3]


def names(folder: Path) -> list[str]:
    return sorted(IcsFolder("feed", folder).list({}, "").tags)


def write(path: Path, data: bytes = one()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_folder_that_is_missing_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    for calendar in (IcsFolder("feed", tmp_path / "calender"), IcsFile("feed", tmp_path / "calender.ics")):
        with pytest.raises(PermanentError, match="not there") as raised:
            calendar.list({}, "")
        assert "afterword.yaml" in (raised.value.hint or "")
        assert raised.value.file


def test_a_file_as_folder_and_a_folder_as_file_are_errors(tmp_path: Path) -> None:
    with pytest.raises(PermanentError):
        IcsFile("feed", tmp_path).list({}, "")
    with pytest.raises(PermanentError):
        IcsFolder("feed", write(tmp_path / "one.ics")).list({}, "")


def test_hidden_and_unfinished_files_are_not_read(tmp_path: Path) -> None:
    for name in (
        ".hidden.ics",
        ".one.ics.tmp",
        "one.ics.tmp",
        "one.ics~",
        "#one.ics#",
        "readme.txt",
        "two.ICS",
        "one.ics",
    ):
        write(tmp_path / name)
    write(tmp_path / ".git" / "three.ics")
    assert names(tmp_path) == ["one.ics", "two.ICS"]


def test_the_collections_in_a_folder_are_read_and_nothing_below_them(tmp_path: Path) -> None:
    write(tmp_path / "one.ics")
    write(tmp_path / "work" / "one.ics")
    write(tmp_path / "work" / "old" / "one.ics")
    assert names(tmp_path) == ["one.ics", "work/one.ics"]


def test_links_that_go_round_end(tmp_path: Path) -> None:
    write(tmp_path / "work" / "one.ics")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "work" / "round").symlink_to(tmp_path / "work")
    assert names(tmp_path) == ["work/one.ics"]


@pytest.mark.parametrize("target", ["nothing", "one.ics"])
def test_a_link_to_nothing_is_an_error_of_its_own_and_not_gone(tmp_path: Path, target: str) -> None:
    write(tmp_path / "two.ics")
    (tmp_path / "one.ics").symlink_to(tmp_path / target)
    assert names(tmp_path) == ["one.ics", "two.ics"]
    found = dict(IcsFolder("feed", tmp_path).read(["one.ics", "two.ics"]))
    assert isinstance(found["one.ics"], ConnectorError)
    assert found["two.ics"] == one()


def test_a_link_to_a_file_elsewhere_is_read(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "feed.ics")
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "feed.ics").symlink_to(tmp_path / "elsewhere" / "feed.ics")
    assert names(tmp_path / "calendar") == ["feed.ics"]


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ics")
    (tmp_path / "link.ics").symlink_to(tmp_path / "pipe.ics")
    (tmp_path / "folder.ics").mkdir()
    assert names(tmp_path) == []
    with pytest.raises(PermanentError, match="not a file"):
        IcsFile("feed", tmp_path / "pipe.ics").list({}, "")


def test_a_file_name_of_any_bytes_can_be_written_down_and_read(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.ics", "wb") as file:  # noqa: PTH123 - a Path has no bytes
        file.write(one())
    (name,) = names(tmp_path)
    assert name.encode("utf-8")
    assert list(IcsFolder("feed", tmp_path).read([name])) == [(name, one())]


def test_a_name_that_leads_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "secret.ics")
    (tmp_path / "calendar").mkdir()
    ((_, data),) = IcsFolder("feed", tmp_path / "calendar").read(["../secret.ics"])
    assert isinstance(data, ConnectorError)


def test_an_empty_file_is_read_as_the_nothing_that_it_is(tmp_path: Path) -> None:
    write(tmp_path / "one.ics", b"")
    assert list(IcsFolder("feed", tmp_path).read(["one.ics"])) == [("one.ics", b"")]


def test_a_file_over_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_BYTES", 10)
    write(tmp_path / "one.ics")
    ((_, data),) = IcsFolder("feed", tmp_path).read(["one.ics"])
    assert isinstance(data, sheet.Unreadable)


def test_a_file_that_changes_while_it_is_read_is_read_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "one.ics")
    sizes = iter([1, 2])

    def tag(_found: os.stat_result) -> str:
        return str(next(sizes))

    monkeypatch.setattr(ics, "_tag", tag)
    ((_, data),) = IcsFile("feed", path).read(["one.ics"])
    assert isinstance(data, TransientError)


def test_a_file_that_is_replaced_by_one_of_the_same_time_and_size_has_another_tag(tmp_path: Path) -> None:
    path = write(tmp_path / "one.ics")
    before = IcsFolder("feed", tmp_path).list({}, "").tags
    beside = write(tmp_path / ".tmp", one("Coffee with Kim!"))
    seen = path.stat()
    os.utime(beside, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    beside.replace(path)
    assert IcsFolder("feed", tmp_path).list({}, "").tags != before


@pytest.mark.usefixtures("ordinary_user")
def test_an_unreadable_file_hinders_no_other(tmp_path: Path) -> None:
    write(tmp_path / "one.ics").chmod(0)
    write(tmp_path / "two.ics")
    found = dict(IcsFolder("feed", tmp_path).read(["one.ics", "two.ics"]))
    assert isinstance(found["one.ics"], PermissionNeededError)
    assert found["two.ics"] == one()


@pytest.mark.usefixtures("ordinary_user")
def test_an_unreadable_collection_is_an_error_of_the_whole(tmp_path: Path) -> None:
    write(tmp_path / "work" / "one.ics")
    (tmp_path / "work").chmod(0)
    try:
        with pytest.raises(PermissionNeededError):
            IcsFolder("feed", tmp_path).list({}, "")
    finally:
        (tmp_path / "work").chmod(0o700)


@pytest.mark.parametrize(
    "module", ["connectors.calendars.ics", "connectors.calendars.memory", "connectors.calendars.expand"]
)
def test_nothing_heavy_is_loaded_before_it_is_needed(module: str) -> None:
    heavy = "{'icalendar', 'recurring_ical_events', 'requests', 'urllib3', 'tenacity', 'dateutil'}"
    code = f"import sys, {module}; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
