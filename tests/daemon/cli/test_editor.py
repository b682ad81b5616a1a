"""The file in which a note is edited: what is taken of it, and what is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from daemon.cli.editor import Note, Page, Unread, left_over, place, said
from daemon.cli.editor import _words as words

if TYPE_CHECKING:
    from pathlib import Path

NOTE = Note("Thank you, Dana", "Dear Dana,\n\nFine.\n")
HINTS = "to  Dana\n\nwhy  2 hours after"


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path, "abc", NOTE, HINTS)


def test_what_was_not_touched_is_as_it_was_and_nothing_stays_of_it(page: Page, tmp_path: Path) -> None:
    assert page.note() == NOTE
    assert page.is_as_it_was()
    assert left_over(tmp_path) == [page.path]
    page.gone()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda text: text.replace("Thank you,", "Thanks,"), Note("Thanks, Dana", NOTE.text)),
        (lambda text: text.replace("Fine.", "Good."), Note(NOTE.subject, "Dear Dana,\n\nGood.\n")),
        (lambda text: "\ufeff" + text.replace("\n", "\r\n"), NOTE),
        (lambda text: text.partition("\n\n")[2], NOTE),  # without a line of a subject
        (lambda text: text.partition("# ---")[0], NOTE),  # nor what stands below
        (lambda _: "subject:  new   words \nAt once\n", Note("new words", "At once\n")),
        (lambda _: "Subject:\n\nx", Note("", "x\n")),
        (lambda _: "", Note(NOTE.subject, "\n")),
    ],
)
def test_the_subject_is_the_first_line_and_the_note_ends_where_the_file_says(page: Page, change, note) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    page.path.write_text(change(page.path.read_text("utf-8")), "utf-8", newline="")
    assert page.note() == note


def test_what_helps_to_write_is_never_taken_for_the_note(page: Page) -> None:
    text = page.path.read_text("utf-8")
    line = next(one for one in text.splitlines() if one.startswith("# ---"))
    page.path.write_text(text.replace(f"{line}\n", ""), "utf-8")
    with pytest.raises(Unread, match="is gone"):
        page.note()
    note = Note("x", f"As I wrote:\n{line}\nYours\n")  # the very line stands in the note
    page.write(note, HINTS)
    assert page.note() == note


def test_another_encoding_than_that_of_the_machine_is_told_and_a_link_is_not_followed(page: Page) -> None:
    page.path.write_bytes(b"Subject: x\n\nGr\xfc\xdfe\n")
    with pytest.raises(Unread):
        page.note()
    page.path.unlink()
    with pytest.raises(Unread, match="no such file"):
        page.note()


def test_the_editor_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VISUAL", "EDITOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert said() == ""
    for name in ("vi", "nano"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    assert said() == "nano"
    monkeypatch.setenv("EDITOR", "ed")
    monkeypatch.setenv("VISUAL", " code --wait ")
    assert said() == "code --wait"
    monkeypatch.setenv("TERM", "dumb")
    assert said() == "ed"


def test_what_only_a_shell_understands_goes_to_a_shell(tmp_path: Path) -> None:
    file, odd = tmp_path / "note", tmp_path / "my editor's"
    odd.write_text("")
    odd.chmod(0o755)
    assert words("code --wait", file) == ["code", "--wait", str(file)]
    assert words("'my tools/ed' -x", file) == ["my tools/ed", "-x", str(file)]
    assert words(str(odd), file) == [str(odd), str(file)]
    for one in ("~/bin/ed", "LANG=C ed", "ed 'x"):
        assert words(one, file) == ["/bin/sh", "-c", f'{one} "$@"', "sh", str(file)]


def test_it_lies_in_memory_where_the_user_has_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state, runtime = tmp_path / "state", tmp_path / "run"
    for folder in (state, runtime):
        folder.mkdir()
    for value, found in ((str(runtime), runtime), ("", state), ("run", state), (str(tmp_path / "none"), state)):
        monkeypatch.setenv("XDG_RUNTIME_DIR", value)
        assert place(state) == found
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/proc/1")
    if os.geteuid() != 0:
        assert place(state) == state
