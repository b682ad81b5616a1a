"""What changes in files on this machine brings a cycle soon: a mail that was sent, an event that came."""

from __future__ import annotations

import os
import select
import shutil
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from connectors.calendars.ics import IcsFile, IcsFolder
from connectors.contacts.vcard import VCards
from connectors.mailboxes.maildir import Maildir
from daemon.nearby import Watchman
from daemon.ticks import APART, POLL
from tests.daemon.serving import Running, document
from tests.house import Household, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def poll() -> select.poll:
    return select.poll()


@pytest.fixture
def nearby(poll: select.poll) -> Iterator[Watchman]:
    watching = Watchman(poll)
    yield watching
    watching.close()
    assert poll.poll(0) == []


def replaced(file: Path) -> None:
    (half := file.with_name(".half")).write_text("new")
    half.replace(file)


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_text("more"),
        replaced,
        lambda file: file.unlink(),
        lambda file: file.rename(file.with_name("other")),
    ],
)
def test_a_file_that_is_written_replaced_renamed_or_deleted_is_told_once(
    tmp_path: Path, nearby: Watchman, poll: select.poll, change: Callable[[Path], object]
) -> None:
    file = tmp_path / "calendar.ics"
    file.write_text("old")
    nearby.keep([str(file)])
    assert not nearby.tend()
    change(file)
    assert poll.poll(0)
    assert nearby.tend()
    assert not nearby.tend()
    assert poll.poll(0) == []


def test_what_lies_beside_a_file_and_hidden_names_of_a_folder_are_not_told(tmp_path: Path, nearby: Watchman) -> None:
    (folder := tmp_path / "calendar").mkdir()
    nearby.keep([str(tmp_path / "one.ics"), f"{folder}/"])
    (tmp_path / "another.ics").write_text("x")
    (folder / ".one.ics.swp").write_text("x")
    assert not nearby.tend()
    (folder / "one.ics").write_text("x")
    assert nearby.tend()


def test_a_link_is_watched_where_it_lies_and_where_it_leads(tmp_path: Path, nearby: Watchman) -> None:
    (tmp_path / "far").mkdir()
    (real := tmp_path / "far" / "real.ics").write_text("x")
    (tmp_path / "here").mkdir()
    (link := tmp_path / "here" / "link.ics").symlink_to(real)
    nearby.keep([str(link)])
    real.write_text("y")
    assert nearby.tend()
    link.unlink()
    assert nearby.tend()


def test_a_folder_that_comes_later_is_watched_from_the_next_cycle_on(tmp_path: Path, nearby: Watchman) -> None:
    folder = tmp_path / "calendar"
    nearby.keep([f"{folder}/"])
    folder.mkdir()
    nearby.keep([f"{folder}/"])
    (folder / "a.ics").write_text("x")
    assert nearby.tend()


def moved_and_replaced(folder: Path) -> None:
    (new := folder.with_name("new")).mkdir()
    folder.rename(folder.with_name("old"))
    new.rename(folder)


def deleted_and_made(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def parent_replaced(folder: Path) -> None:
    moved_and_replaced(folder.parent)
    folder.mkdir()


@pytest.mark.parametrize("replace", [moved_and_replaced, deleted_and_made])
def test_a_folder_that_is_replaced_is_told_once_and_the_new_one_is_watched_after_the_next_cycle(
    tmp_path: Path, nearby: Watchman, poll: select.poll, replace: Callable[[Path], None]
) -> None:
    (folder := tmp_path / "calendars" / "work").mkdir(parents=True)
    nearby.keep([f"{folder}/"])
    replace(folder)
    assert nearby.tend()
    for old in (tmp_path / "calendars").glob("old"):
        (old / "a.ics").write_text("nobody reads it there")
    assert not nearby.tend()
    nearby.keep([f"{folder}/"])
    (folder / "a.ics").write_text("x")
    assert nearby.tend()
    assert poll.poll(0) == []


def test_a_folder_whose_parent_is_replaced_is_watched_after_the_next_cycle(tmp_path: Path, nearby: Watchman) -> None:
    (folder := tmp_path / "calendars" / "work").mkdir(parents=True)
    nearby.keep([f"{folder}/"])
    parent_replaced(folder)
    nearby.keep([f"{folder}/"])
    assert not nearby.tend()
    (folder / "a.ics").write_text("x")
    assert nearby.tend()


def test_what_is_no_longer_read_is_no_longer_watched(tmp_path: Path, nearby: Watchman) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    nearby.keep([f"{tmp_path}/a/", f"{tmp_path}/b/"])
    nearby.keep([f"{tmp_path}/b/"])
    nearby.tend()
    (tmp_path / "a" / "x").write_text("x")
    assert not nearby.tend()
    (tmp_path / "b" / "x").write_text("x")
    assert nearby.tend()


def test_connectors_tell_where_they_lie(tmp_path: Path) -> None:
    home = Household.make(tmp_path)
    (tmp_path / "config/calendar/work").mkdir()
    (tmp_path / "config/calendar/.hidden").mkdir()
    assert list(IcsFolder("feed", tmp_path / "config/calendar").places()) == [
        f"{tmp_path}/config/calendar/",
        f"{tmp_path}/config/calendar/work/",
    ]
    assert list(IcsFile("one", tmp_path / "one.ics").places()) == [f"{tmp_path}/one.ics"]
    assert list(VCards(tmp_path / "all.vcf").places()) == [f"{tmp_path}/all.vcf"]
    assert next(iter(VCards(tmp_path / "config").places())) == f"{tmp_path}/config/"
    for name in (".Drafts", ".Sent", ".Lists"):
        for inside in ("cur", "new", "tmp"):
            (home.root / "Mail" / name / inside).mkdir(parents=True)
    mail = tmp_path / "Mail"
    told = {os.path.relpath(one, mail) for one in Maildir(mail, frozenset()).places()}
    assert told == {".Drafts/cur", ".Drafts/new", ".Sent/cur", ".Sent/new", "new"}
    assert list(Maildir(tmp_path / "nowhere", frozenset()).places()) == []


def test_a_change_brings_a_cycle_long_before_the_poll(tmp_path: Path) -> None:
    (folder := tmp_path / "calendar").mkdir()
    with Running(tmp_path, f"echo '{document(3600, places=[f'{folder}/'])}'") as service:
        service.until("service.ready")
        (folder / "a.ics").write_text("x")
        assert service.until("cycle.started")["reason"] == "files"


def test_a_draft_that_was_sent_and_a_meeting_that_came_are_seen_at_once(tmp_path: Path) -> None:
    home = Household.make(tmp_path)
    begin = datetime.now(UTC) - timedelta(hours=5)
    home.put("a", event("dana", f"{begin:%Y-%m-%d %H:%M}", "dana@acme.example"))
    command = ["--config", str(home.root / "config"), "--state", str(home.state), "run"]
    with Running.of([sys.executable, "-m", "daemon", *command]) as service:
        service.until("draft.placed")
        first = service.until("cycle.done")
        home.put("b", event("ed", f"{begin:%Y-%m-%d %H:%M}", "ed@initech.example"))
        service.until("draft.placed")
        second = service.until("cycle.done")
        seconds = datetime.fromisoformat(second["at"]) - datetime.fromisoformat(first["at"])
        assert seconds < timedelta(seconds=max(4 * APART, POLL / 10))
