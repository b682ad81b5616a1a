"""A note in the user's own editor: a file for them alone, kept and named unless what is in it is safe elsewhere."""

from __future__ import annotations

import locale
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOICES = ("editor", "nano", "vim", "vi")
"""What is taken where the user has said nothing; `editor` is what Debian's alternatives say."""
_OF_A_SHELL = frozenset("|&;<>()$`*?[#~=%\\\n")
_FOLDER = "afterword-edit-"
_SUBJECT = "Subject:"
_NO_SUCH, _NO_LEAVE = 127, 126
"""How a shell ends where there is no such program, or it may not be run (POSIX, Shell Command Language, 2.8.2)."""
_LARGEST = 16_000_000


@dataclass(frozen=True, slots=True)
class Note:
    """A subject and a text."""

    subject: str
    text: str


class Unread(Exception):  # noqa: N818 - nothing is wrong with the program
    """What is in the file cannot be taken: why, and what to do, each a sentence."""

    def __init__(self, words: str, hint: str) -> None:
        super().__init__(words)
        self.hint = hint


def said() -> str:
    """The user's editor as they say it: $VISUAL, $EDITOR, or one that is there; an empty text where none is."""
    names = ("EDITOR",) if os.environ.get("TERM") == "dumb" else ("VISUAL", "EDITOR")
    found = next((text for name in names if (text := os.environ.get(name, "").strip())), "")
    return found or next((name for name in _CHOICES if shutil.which(name)), "")


def _words(editor: str, file: Path) -> list[str]:
    """What to run. What only a shell understands goes to one, as with git and crontab.

    All else is run without one: of a signal (Ctrl-C, too) a shell in between would know no more than that it ends.
    """
    if os.access(editor, os.X_OK) and Path(editor).is_file():  # a path, perhaps with spaces that nobody put in quotes
        return [editor, str(file)]
    if not _OF_A_SHELL.intersection(editor):
        try:
            return [*shlex.split(editor), str(file)]
        except ValueError:  # a quote without its fellow: the shell will say so
            pass
    return ["/bin/sh", "-c", f'{editor} "$@"', "sh", str(file)]


class Page:
    """The file with one note. Below a line that says so stands what helps to write it, and is not taken.

    The folder that it is in is the user's alone, whatever an editor lays beside it.
    """

    def __init__(self, place: Path, follow_up: str, note: Note, below: str) -> None:
        """Write it.

        Raises:
            OSError: there is no room, or no leave.
        """
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{follow_up}-", dir=place))
        self.path = self._folder / "note.txt"
        self.write(note, below)

    def write(self, note: Note, below: str) -> None:
        """Begin anew with these words.

        Raises:
            OSError: as above.
        """
        self._before, self._below = note, below.rstrip()
        self._ends = _line_below(note.text)
        self._first = f"{_SUBJECT} {' '.join(note.subject.split())}\n\n{note.text.rstrip()}\n"
        whole.write(self.path, f"{self._first}\n{self._ends}\n{self._below}\n")

    def opened(self) -> int:
        """Have it edited; how the editor ended, as a shell tells it, or negative by a signal.

        Ctrl-C meanwhile is for the editor.
        """
        with _interrupts_for_others():
            try:
                editor = subprocess.Popen(_words(said(), self.path))  # noqa: S603 - the user named it
            except OSError as error:
                return _NO_LEAVE if isinstance(error, PermissionError) else _NO_SUCH
            return editor.wait()  # where this is ended meanwhile, the editor is left to save what it can

    def note(self) -> Note:
        """What stands there now. Without a line of a subject it is the former one.

        Raises:
            Unread: it cannot be read as text.
        """
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Unread(f"The file that you edited cannot be read: {why}.", "") from None
        if len(raw) > _LARGEST:
            raise Unread("The file that you edited is too long for a mail.", "Make it shorter.")
        text = _decoded(raw).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        above = self._above(text)
        first, _, rest = above.lstrip("\n").partition("\n")
        if first.casefold().startswith(_SUBJECT.casefold()):
            return Note(" ".join(first[len(_SUBJECT) :].split()), rest.strip("\n") + "\n")
        return Note(self._before.subject, above.strip("\n") + "\n")

    def _above(self, text: str) -> str:
        """What the user wrote; nobody may send what helped them."""
        lines = text.split("\n")
        if self._ends in lines:
            return "\n".join(lines[: lines.index(self._ends)])
        helped = {line for line in self._below.split("\n") if line.strip()} - set(self._first.split("\n"))
        if not helped.isdisjoint(lines):
            raise Unread(
                "The line below which your note ends is gone, and what stands below it is not.", "Delete both."
            )
        return text

    def is_as_it_was(self) -> bool:
        """Whether nothing was changed since it was written last."""
        try:
            return self.note() == _as_note(self._first)
        except Unread:
            return False

    def gone(self) -> None:
        """What it says is safe elsewhere, or not wanted: nothing of it stays."""
        shutil.rmtree(self._folder, ignore_errors=True)


def place(state: Path) -> Path:
    """Where such files lie: in memory of the machine where the user has some of their own, else in the state folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        try:
            found = Path(runtime).stat()
        except OSError:
            return state
        if found.st_uid == os.geteuid() and os.access(runtime, os.W_OK | os.X_OK):
            return Path(runtime)
    return state


def left_over(state: Path) -> list[Path]:
    """Files of edits that were cut off: the machine went down, or whoever edited was killed."""
    places = dict.fromkeys((place(state), state))
    return sorted(path for folder in places for path in folder.glob(f"{_FOLDER}*/note.txt") if path.is_file())


def how_it_ended(code: int) -> str:
    """Of an editor that did not end well, in words."""
    if code < 0:
        try:
            return f"The editor was ended by {signal.Signals(-code).name}."
        except ValueError:
            return f"The editor was ended by signal {-code}."
    if code in {_NO_SUCH, _NO_LEAVE}:
        return f"There is no editor `{said()}`, or it cannot be run: set EDITOR to one that can, as in EDITOR=nano."
    return f"The editor ended with exit code {code}."


def _line_below(text: str) -> str:
    """The line that ends the note; none like it stands in the text."""
    line = "# --- below this line stands what helps you to write; it is not taken ---"
    while line in text:
        line = f"{line}-"
    return line


def _as_note(first: str) -> Note:
    subject, _, text = first.partition("\n")
    return Note(" ".join(subject[len(_SUBJECT) :].split()), text.strip("\n") + "\n")


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", locale.getencoding()):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise Unread("Your editor did not write UTF-8.", "Have it save the file as UTF-8.")


@contextmanager
def _interrupts_for_others() -> Iterator[None]:
    """Ctrl-C goes to the whole group of processes; only the editor is meant.

    Not SIG_IGN, which the editor would inherit: a handler ends with exec (signal(7)).
    """
    formerly = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in formerly.items():
            signal.signal(number, handler)
