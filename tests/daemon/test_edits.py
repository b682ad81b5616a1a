"""An edit is noticed by the real inotify, whichever way a program writes; what is no edit wakes nobody for nothing."""

from __future__ import annotations

import math
import os
import resource
import select
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sources import read
from daemon.edits import HELD, LONGEST, QUIET, Edits
from daemon.watch import Files
from tests.daemon.command import RULES, configure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OTHER = RULES.replace("2 hours", "3 hours")


class Watching:
    """What the service does with `Edits`, at moments that the test names. No time passes: the kernel tells at once."""

    def __init__(self, folder: Path) -> None:
        self.poll = select.poll()
        self.edits = Edits(str(folder), self.poll)

    def woken(self, at: float = 0.0) -> bool:
        """Whether there is now something to be looked at, sooner or later."""
        if not self.poll.poll(0):
            return self.edits.wait(at) < math.inf
        self.edits.tend(at)
        return self.edits.wait(at) < math.inf

    def sees(self) -> bool:
        """Whether inotify woke us, and the look found another text. Then all is still."""
        woken = self.woken()
        changed = woken and self.edits.changed()
        for _ in range(2):  # a folder that came is watched only now, and tells that once more
            self.woken()
            assert not self.edits.changed()
        return changed


@contextmanager
def watching(folder: Path) -> Iterator[Watching]:
    """Someone who watches the folder."""
    watcher = Watching(folder)
    try:
        yield watcher
    finally:
        watcher.edits.close()


def in_place(file: Path) -> None:
    file.write_text(OTHER)


def by_rename(file: Path) -> None:
    beside = file.with_name(".a.yaml.tmp-81")
    beside.write_text(OTHER)
    beside.replace(file)


def like_vim(file: Path) -> None:
    file.with_name(".a.yaml.swp").write_bytes(b"swap")
    file.rename(file.with_name("a.yaml~"))
    file.write_text(OTHER)
    file.with_name("a.yaml~").unlink()


def like_emacs(file: Path) -> None:
    file.with_name(".#a.yaml").symlink_to("robin@house.81:1")
    file.with_name("#a.yaml#").write_text("rules:")
    shutil.copy2(file, file.with_name("a.yaml~"))
    in_place(file)
    file.with_name(".#a.yaml").unlink()


def like_sed(file: Path) -> None:
    beside = file.with_name("sedXa81b")
    beside.write_text(OTHER)
    beside.rename(file)


def like_git(file: Path) -> None:
    file.unlink()
    file.write_text(OTHER)
    file.with_name("b.yaml").write_text("rules: []\n")


def truncated_first(file: Path) -> None:
    number = os.open(file, os.O_WRONLY | os.O_TRUNC)
    os.write(number, OTHER.encode())
    os.close(number)


def copied_with_its_times(file: Path) -> None:
    before = file.stat()
    file.write_text(OTHER)  # as long as before
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def linked_to_elsewhere(file: Path) -> None:
    elsewhere = file.parents[2] / "elsewhere.yaml"
    elsewhere.write_text(OTHER)
    file.unlink()
    file.symlink_to(elsewhere)


def added(file: Path) -> None:
    file.with_name("b.yaml").write_text("rules: []\n")


def added_by_a_hard_link(file: Path) -> None:
    os.link(file, file.with_name("b.yaml"))


def removed(file: Path) -> None:
    file.unlink()


def renamed(file: Path) -> None:
    file.rename(file.with_name("b.yaml"))


def given_a_wrong_ending(file: Path) -> None:
    file.with_name("b.yml").write_text("rules: []\n")


def folder_removed(file: Path) -> None:
    shutil.rmtree(file.parent)


def folder_put_in_its_place(file: Path) -> None:
    new = file.parents[2] / "new"
    new.mkdir()
    (new / "a.yaml").write_text(OTHER)
    file.parent.rename(file.parents[2] / "old")
    new.rename(file.parent)


def template_edited(file: Path) -> None:
    (file.parents[1] / "templates" / "thank-you.md").write_text("---\nsubject: Other\n---\nWords.\n")


def settings_edited(file: Path) -> None:
    with (file.parents[1] / "afterword.yaml").open("a") as stream:
        stream.write("# more\n")


def everything_removed(file: Path) -> None:
    shutil.rmtree(file.parents[1])


def everything_moved_away(file: Path) -> None:
    file.parents[1].rename(file.parents[2] / "old")


def everything_put_in_its_place(file: Path) -> None:
    new = configure(file.parents[2] / "new", rules=OTHER)
    everything_moved_away(file)
    new.rename(file.parents[1])


EDITS = [
    in_place, by_rename, like_vim, like_emacs, like_sed, like_git, truncated_first, copied_with_its_times,
    linked_to_elsewhere, added, added_by_a_hard_link, removed, renamed, given_a_wrong_ending, folder_removed,
    folder_put_in_its_place, template_edited, settings_edited, everything_removed,
    everything_moved_away, everything_put_in_its_place,
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_each_way_of_editing_is_noticed_and_the_next_edit_too(tmp_path: Path, edit: Callable[[Path], None]) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        edit(folder / "rules" / "a.yaml")
        assert watcher.sees()
        configure(folder, rules=RULES.replace("2 hours", "4 hours"))
        assert watcher.sees()


def links_to_the_folder(folder: Path, away: Path) -> None:
    shutil.move(folder, away)
    folder.symlink_to(away)


def links_to_its_folders(folder: Path, away: Path) -> None:
    away.mkdir()
    for name in ("rules", "templates"):
        shutil.move(folder / name, away / name)
        (folder / name).symlink_to(os.path.relpath(away / name, folder))


def links_to_each_file(folder: Path, away: Path) -> None:
    shutil.copytree(folder, away)
    for name in ("afterword.yaml", "rules/a.yaml", "templates/thank-you.md"):
        (folder / name).unlink()
        (folder / name).symlink_to(away / name)


def links_over_several_steps(folder: Path, away: Path) -> None:
    shutil.move(folder, away)
    generation = away.with_name("generation-1")
    generation.symlink_to(away)
    current = away.with_name("current")
    current.symlink_to(generation.name)
    folder.symlink_to(current)


LINKED = [links_to_the_folder, links_to_its_folders, links_to_each_file, links_over_several_steps]


@pytest.mark.parametrize("link", LINKED, ids=lambda link: link.__name__)
@pytest.mark.parametrize("edit", [in_place, by_rename, like_vim, removed], ids=lambda edit: edit.__name__)
def test_what_links_lead_to_is_watched(
    tmp_path: Path, link: Callable[[Path, Path], None], edit: Callable[[Path], None]
) -> None:
    folder, away = configure(tmp_path / "home" / "config"), tmp_path / "dotfiles"
    link(folder, away)
    with watching(folder) as watcher:
        edit(away / "rules" / "a.yaml")
        assert watcher.sees()
        (away / "rules" / "a.yaml").write_text(RULES.replace("2 hours", "4 hours"))
        assert watcher.sees()


@pytest.mark.parametrize("link", LINKED, ids=lambda link: link.__name__)
def test_a_link_that_is_set_to_something_else_is_noticed(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    folder, away = configure(tmp_path / "home" / "config"), tmp_path / "dotfiles"
    link(folder, away)
    other = configure(tmp_path / "generation-2", rules=OTHER)
    place: dict[object, tuple[Path, Path]] = {
        links_to_the_folder: (folder, other),
        links_to_its_folders: (folder / "rules", other / "rules"),
        links_to_each_file: (folder / "rules" / "a.yaml", other / "rules" / "a.yaml"),
        links_over_several_steps: (tmp_path / "current", other),
    }
    at, target = place[link]
    with watching(folder) as watcher:
        beside = at.with_name("beside")
        beside.symlink_to(target)
        beside.replace(at)  # as `ln -sfn`, Nix and Kubernetes do
        assert watcher.sees()
        (other / "rules" / "a.yaml").write_text(RULES.replace("2 hours", "4 hours"))
        assert watcher.sees()


def test_a_folder_that_is_not_there_yet_is_waited_for_wherever_its_path_ends(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "config"
    with watching(folder) as watcher:
        (tmp_path / "a").mkdir()
        assert watcher.woken()
        assert not watcher.edits.changed()
        configure(folder)
        assert watcher.sees()
        in_place(folder / "rules" / "a.yaml")
        assert watcher.sees()


def test_a_file_in_the_place_of_a_folder_may_become_one(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    shutil.rmtree(folder / "rules")
    (folder / "rules").write_text("rules: []\n")
    with watching(folder) as watcher:
        (folder / "rules").unlink()
        (folder / "rules").mkdir()
        assert watcher.sees()
        in_place(folder / "rules" / "a.yaml")
        assert watcher.sees()


def test_a_link_that_led_nowhere_is_seen_to_lead_somewhere(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    (folder / "rules" / "b.yaml").symlink_to(tmp_path / "later.yaml")
    with watching(folder) as watcher:
        (tmp_path / "later.yaml").write_text("rules: []\n")
        assert watcher.sees()


def test_a_people_file_elsewhere_is_watched_once_it_is_named(tmp_path: Path) -> None:
    folder, people = configure(tmp_path / "config"), tmp_path / "contacts" / "people.yaml"
    people.parent.mkdir()
    people.write_text("people: []\n")
    with watching(folder) as watcher:
        watcher.edits.also([str(people)])
        assert not watcher.sees()
        people.write_text("people:\n  - {name: Dana, emails: [dana@acme.example]}\n")
        assert watcher.sees()
        watcher.edits.also([])
        people.unlink()
        assert not watcher.sees()


def test_to_name_more_files_does_not_pass_over_an_edit(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        in_place(folder / "rules" / "a.yaml")
        watcher.edits.also([str(tmp_path / "people.yaml")])
        assert watcher.edits.changed()


def saved_as_it_was(file: Path) -> None:
    file.write_text(file.read_text())


def replaced_by_the_same(file: Path) -> None:
    beside = file.with_name("beside")
    shutil.copy(file, beside)
    beside.replace(file)


def there_and_back(file: Path) -> None:
    in_place(file)
    file.write_text(RULES)


@pytest.mark.parametrize("save", [Path.touch, saved_as_it_was, replaced_by_the_same, there_and_back])
def test_a_save_that_changes_no_text_is_no_edit(tmp_path: Path, save: Callable[[Path], None]) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        save(folder / "rules" / "a.yaml")
        assert watcher.woken()
        assert not watcher.edits.changed()


def mail_comes(folder: Path) -> None:
    (folder / "Mail" / "new" / "1.a.b").write_text("From: dana@acme.example\n")


def the_feed_is_written(folder: Path) -> None:
    (folder / "plan.ics.new").write_text("BEGIN:VCALENDAR\n")
    (folder / "plan.ics.new").replace(folder / "plan.ics")


def a_test_of_the_rules_is_written(folder: Path) -> None:
    (folder / "rules" / "tests").mkdir()
    (folder / "rules" / "tests" / "a.yaml").write_text("tests: []\n")


def it_is_read(folder: Path) -> None:
    read(folder)


def a_lock_is_laid(folder: Path) -> None:
    (folder / "rules" / ".#a.yaml").symlink_to("robin@house.81:1")


def others_work_beside_it(folder: Path) -> None:
    (folder.parent / "busy").write_text("x")


@pytest.mark.parametrize(
    "happens",
    [
        mail_comes, the_feed_is_written, a_test_of_the_rules_is_written, it_is_read, a_lock_is_laid,
        others_work_beside_it,
    ],
)  # fmt: skip
def test_what_is_no_file_of_the_configuration_brings_no_look(tmp_path: Path, happens: Callable[[Path], None]) -> None:
    folder = tmp_path / "config"
    links_to_the_folder(configure(folder), tmp_path / "dotfiles")
    with watching(folder) as watcher:
        happens(folder)
        assert not watcher.woken()


def test_a_file_behind_a_link_does_not_bring_in_the_folder_that_it_lies_in(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    linked_to_elsewhere(folder / "rules" / "a.yaml")
    with watching(folder) as watcher:
        (tmp_path / "other.yaml").write_text("x")
        assert not watcher.poll.poll(0)


def test_several_files_are_one_edit_that_ends_when_it_is_quiet(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        in_place(folder / "rules" / "a.yaml")
        assert watcher.woken(10.0)
        template_edited(folder / "rules" / "a.yaml")
        assert watcher.woken(10.2)
        assert watcher.edits.wait(10.2) == pytest.approx(QUIET)
        assert watcher.edits.wait(10.2 + QUIET) == 0


def test_who_never_ceases_to_edit_is_looked_at_all_the_same(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        for number in range(10):
            (folder / "rules" / "a.yaml").write_text(f"# {number}\n")
            assert watcher.woken(10 + number * QUIET / 2)
        assert watcher.edits.wait(10 + LONGEST) == 0


def test_a_file_that_is_just_being_written_is_not_looked_at_until_it_is_whole(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        with (folder / "rules" / "a.yaml").open("w") as stream:
            stream.write("rules: []\n")
            stream.flush()
            assert watcher.poll.poll(0)
            assert not watcher.woken(10.0)
            assert watcher.edits.wait(60.0) == math.inf
        assert watcher.woken(60.0)
        assert watcher.edits.wait(60.0 + LONGEST) == 0


def test_a_cycle_waits_for_an_edit_that_is_under_way_and_not_for_ever(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        assert watcher.edits.held(10.0) == 0
        with (folder / "rules" / "a.yaml").open("w") as stream:
            stream.write("rules: []\n")
            stream.flush()
            assert not watcher.woken(10.0)
            assert watcher.edits.held(12.0) == HELD - 2
            assert watcher.edits.held(10.0 + HELD) == 0
        assert watcher.woken(13.0)
        assert watcher.edits.held(13.0) == HELD - 3
        assert watcher.edits.changed()
        assert watcher.edits.held(13.5) == 0


def test_more_than_the_kernel_can_tell_is_looked_at(tmp_path: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 1 << 17:
        pytest.skip("this kernel keeps more events than a test should make")
    folder = configure(tmp_path / "config")
    with watching(folder) as watcher:
        for number in range(limit + 2):
            os.utime(folder / ("afterword.yaml" if number % 2 else "rules"), ns=(number, number))
        in_place(folder / "rules" / "a.yaml")
        assert watcher.sees()


def test_without_inotify_it_is_said_once_and_looking_finds_the_edits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = configure(tmp_path / "config")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        watcher = Watching(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    watcher.edits.changed()  # with as few files as could be open nothing could be read either
    in_place(folder / "rules" / "a.yaml")
    assert not watcher.woken()
    assert watcher.edits.changed()
    assert capsys.readouterr().err.count("configuration.unwatched") == 1
    watcher.edits.close()


NAMES = ("rules/a.yaml", "rules/b.yaml", "afterword.yaml", "templates/thank-you.md")
TEXTS = ("rules: []\n", OTHER, "")


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def _replace(folder: Path, name: str, text: str) -> None:
    _write(folder, name, (folder / name).read_text() if (folder / name).exists() else "")
    (folder.parent / "beside").write_text(text)
    (folder.parent / "beside").replace(folder / name)


def _link(folder: Path, name: str, text: str) -> None:
    _write(folder.parent / "away", name, text)
    _write(folder, name, text)
    (folder / name).unlink()
    (folder / name).symlink_to(folder.parent / "away" / name)


def _write_away(folder: Path, name: str, text: str) -> None:
    _write(folder.parent / "away", name, text)


def _remove(folder: Path, name: str, _: str) -> None:
    (folder / name).unlink(missing_ok=True)


def _remove_folder(folder: Path, name: str, _: str) -> None:
    shutil.rmtree((folder / name).parent, ignore_errors=True)


STEPS = st.tuples(
    st.sampled_from([_write, _replace, _link, _write_away, _remove, _remove_folder]),
    st.sampled_from(NAMES),
    st.sampled_from(TEXTS),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(STEPS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_look_is_brought_whenever_the_configuration_would_be_read_otherwise_and_finds_just_that(
    rounds: list[list[tuple[Callable[[Path, str, str], None], str, str]]],
) -> None:
    with TemporaryDirectory() as root:
        folder = configure(Path(root) / "config")
        with watching(folder) as watcher:
            before = read(folder).to_json()
            for steps in rounds:
                for step, name, text in steps:
                    step(folder, name, text)
                after = read(folder).to_json()
                assert watcher.woken() or before == after
                assert watcher.edits.changed() == (before != after)
                before = after


@pytest.mark.parametrize("moment", [1, 2])
def test_an_edit_in_the_moment_in_which_another_file_is_added_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    folder = configure(tmp_path / "config")
    looks = list[object]()

    def look(files: Files) -> tuple[object, ...]:
        seen = real(files)
        looks.append(seen)
        if len(looks) == moment:
            (folder / "rules" / "a.yaml").write_text(OTHER)
        return seen

    with watching(folder) as watcher:
        real = Files.fingerprint
        with monkeypatch.context() as patched:
            patched.setattr(Files, "fingerprint", look)
            watcher.edits.also([str(tmp_path / "people.yaml")])
        assert len(looks) >= moment
        assert watcher.sees()
