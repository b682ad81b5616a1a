"""One edit in the terminal: from the user's editor into the mailbox. What they typed is never lost on the way."""

from __future__ import annotations

from difflib import unified_diff
from enum import Enum, auto
from typing import TYPE_CHECKING

from connectors.base import ConnectorError
from daemon import clock
from daemon.cli.desk import ledger_of
from daemon.cli.draft_shown import body, marked
from daemon.cli.editor import Note, Page, Unread, how_it_ended, place, said
from daemon.cli.table import flowed
from daemon.cli.wording import count
from daemon.draft_now import ELSEWHERE
from daemon.failure import Failure
from daemon.kept_words import forget_words, kept_words
from daemon.revise import IN_THE_TERMINAL, Conflict, DraftNow, Missing, Saved, read_draft, revise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.cli.talk import Talk
    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.history import Record

_AT_ONCE = 1.0
"""Seconds in which nobody has read a note: an editor that is back by then has opened a window of its own."""


class _Then(Enum):
    """What follows on a round in the editor. `SAFE`: nothing of the file is needed any more; `KEEP`: it stays."""

    SAFE = auto()
    KEEP = auto()
    AGAIN = auto()


class Revising:
    """The edit of one draft. It is read in `looking`, and saved in `house`, whose mailbox may be written to."""

    def __init__(self, call: Call, talk: Talk, looking: House, house: House, record: Record) -> None:
        self._call = call
        self._talk = talk
        self._looking = looking
        self._house = house
        self._record = record
        self._draft: DraftNow | None = None
        self._resumed = False
        """It goes on with words that were kept, and saving them unchanged is no mistake."""
        self._over = ""
        """The mark of these words."""

    def run(self, hints: str) -> bool:
        """Have the draft edited, and save it; whether it was saved. `hints` is what helps to write it.

        Raises:
            Failure: the ledger cannot be read.
        """
        page = self._begun(hints)
        if page is None:
            return False
        saved, then = False, _Then.KEEP
        try:
            then = _Then.AGAIN
            while then is _Then.AGAIN:
                saved, then = self._round(page, hints)
        finally:
            if then is _Then.SAFE:
                page.gone()
            else:
                self._talk.say("What you typed is in this file:", bold=True)
                self._talk.whole(str(page.path))
        return saved

    def _begun(self, hints: str) -> Page | None:
        """The file to edit; None where there is nothing that could be edited here, which is told."""
        if not said():
            self._talk.say("There is no editor: set EDITOR, as in EDITOR=nano.", fg="red")
            return None
        with ledger_of(self._call.state) as ledger:
            found = self._read(ledger)
            kept = kept_words(ledger, self._record.id)
        if not isinstance(found, DraftNow):
            return None
        self._draft, self._resumed = found, kept is not None
        self._over = kept.mark if kept is not None else ""
        note = Note(found.subject, found.text) if kept is None else Note(kept.subject, kept.text)
        changed = kept is not None and kept.base != found.base
        try:
            return Page(place(self._call.state), self._record.id, note, _below(hints, found if changed else None))
        except OSError as error:
            self._talk.say(f"There is no room for a file to edit: {(error.strerror or str(error)).lower()}.", fg="red")
            return None

    def _read(self, ledger: Ledger) -> DraftNow | None:
        """The draft as it is now; what hinders is told."""
        try:
            found = read_draft(ledger, self._looking.mailbox, self._looking.configuration.me, self._record)
        except ConnectorError as error:
            self._told(error.message, error.hint or "")
            return None
        if isinstance(found, Missing):
            self._told(found.words, found.hint)
            return None
        if found.fixed:
            self._told(found.fixed, ELSEWHERE)
            return None
        return found

    def _told(self, words: str, hint: str) -> None:
        self._talk.say(f"{words} {hint}".strip(), fg="yellow")

    # --- the editor ----------------------------------------------------------------------------------------

    def _round(self, page: Page, hints: str) -> tuple[bool, _Then]:
        """Once through the editor; whether it was saved, and what follows."""
        began = clock.monotonic()
        with self._talk.keyboard.lent():
            code = page.opened()
        if code == 0 and page.is_as_it_was() and not self._resumed:
            self._talk.say("Nothing was changed.")
            if clock.monotonic() - began < _AT_ONCE:
                self._talk.say("An editor with a window of its own has to wait for you, as with EDITOR='code --wait'.")
            return False, _Then.SAFE
        if code != 0:
            return self._broken(page, hints, code)
        return self._taken(page, hints)

    def _broken(self, page: Page, hints: str, code: int) -> tuple[bool, _Then]:
        """The editor did not end well."""
        self._talk.say(how_it_ended(code), fg="yellow")
        if page.is_as_it_was():
            self._talk.say("Nothing was saved; the draft is as it was.")
            return False, _Then.SAFE
        answers = {"s": "save what is in the file", "e": "edit again", "k": "keep the file", "d": "throw it away"}
        match self._talk.choose(answers, "Nothing was saved. What is to become of what you typed?"):
            case "s":
                return self._taken(page, hints)
            case "e":
                return False, _Then.AGAIN
            case "d":
                return False, _Then.SAFE
            case _:
                return False, _Then.KEEP

    def _taken(self, page: Page, hints: str) -> tuple[bool, _Then]:
        try:
            note = page.note()
        except Unread as unread:
            self._told(str(unread), unread.hint)
            if not page.path.exists():
                return False, _Then.SAFE
            again = self._talk.choose({"e": "edit again", "k": "keep the file"})
            return False, _Then.AGAIN if again == "e" else _Then.KEEP
        if not note.text.strip():
            self._talk.say("The note is empty, so nothing was saved: the draft is as it was.", fg="yellow")
            return False, _Then.SAFE
        return self._saved(page, note, hints)

    # --- the mailbox ---------------------------------------------------------------------------------------

    def _saved(self, page: Page, note: Note, hints: str) -> tuple[bool, _Then]:
        """Save, as often as the user wants their words over those that lie there."""
        assert self._draft is not None
        while True:
            done = self._revise(note, self._draft.base)
            if isinstance(done, Saved):
                left = f" {count(done.draft.gaps, 'gap')} to fill." if done.draft.gaps else ""
                self._talk.say(f"{'Saved in Drafts' if done.changed else 'Drafts says so already'}.{left}", fg="green")
                return True, _Then.SAFE
            if not isinstance(done, Conflict):
                return False, self._kept(note)
            self._draft = done.draft
            match self._choice(done, note):
                case "m":
                    continue
                case "e":
                    return False, self._with_both(page, note, _below(hints, done.draft))
                case "t":
                    return False, self._theirs(note)
                case _:
                    return False, self._kept(note)

    def _revise(self, note: Note, base: str) -> Saved | Conflict | None:
        """None where it could not be saved, which is told."""
        me, mailbox = self._house.configuration.me, self._house.mailbox
        try:
            with ledger_of(self._call.state, write=True) as ledger:
                done = revise(
                    ledger,
                    mailbox,
                    me,
                    self._record,
                    base,
                    note.subject,
                    note.text,
                    self._call.now(),
                    where=IN_THE_TERMINAL,
                    over=self._over,
                )
        except (ConnectorError, Failure) as error:
            self._told(f"It was not saved: {error.message}.", error.hint or "")
            return None
        if isinstance(done, (Saved, Conflict)):
            return done
        self._told(f"It was not saved. {done.words}", done.hint)
        return None

    def _choice(self, done: Conflict, note: Note) -> str:
        self._talk.say(done.words, fg="yellow", bold=True)
        self._talk.lines(_difference(done.draft, note, self._talk.broad))
        answers = {
            "t": "take theirs",
            "m": "mine over it",
            "e": "edit again, with both",
            "k": "keep mine for later",
        }
        return self._talk.choose(answers, "Which is to lie in Drafts?")

    def _with_both(self, page: Page, note: Note, below: str) -> _Then:
        self._resumed = True
        try:
            page.write(note, below)
        except OSError as error:
            self._talk.say(f"There is no room for both: {(error.strerror or str(error)).lower()}.", fg="red")
            return self._kept(note)
        return _Then.AGAIN

    def _theirs(self, note: Note) -> _Then:
        """The user takes what lies there; their own words are shown once more, to be copied from."""
        with ledger_of(self._call.state, write=True) as ledger:
            forget_words(ledger, self._record.id)
        self._talk.say("The draft stays as it lies there. These were your words:")
        self._talk.lines(body(f"{note.subject}\n\n{note.text}", self._talk.broad))
        return _Then.SAFE

    def _kept(self, note: Note) -> _Then:
        """Whether the ledger has what was typed; else the file has it."""
        try:
            with ledger_of(self._call.state) as ledger:
                kept = kept_words(ledger, self._record.id)
        except Failure:
            return _Then.KEEP
        if kept is None or (kept.subject, kept.text) != (note.subject, note.text):
            return _Then.KEEP
        self._talk.say("Your words are kept: e goes on with them.")
        return _Then.SAFE


def _below(hints: str, other: DraftNow | None) -> str:
    """What stands in the file below the note: the version that lies in Drafts, where that is another, and hints."""
    if other is None:
        return hints
    return f"This lies in Drafts now, and is another:\n\nSubject: {other.subject}\n\n{other.text.rstrip()}\n\n{hints}"


def _difference(draft: DraftNow, note: Note, broad: int) -> Iterator[list[Line]]:
    """What differs, by lines: signs say whose each is, and colours where there are some."""
    yield [("- in Drafts now", {"fg": "red"}), ("   ", {}), ("+ yours", {"fg": "green"})]
    lying = [f"Subject: {draft.subject}", *draft.text.rstrip().split("\n")]
    mine = [f"Subject: {note.subject}", *note.text.rstrip().split("\n")]
    for line in list(unified_diff(lying, mine, lineterm="", n=1))[2:]:
        if not line.startswith("@@"):
            yield from flowed(
                marked(line, {"-": {"fg": "red"}, "+": {"fg": "green"}}.get(line[:1], {})), broad, "  ", ""
            )
