"""The page and the mail program change the same draft: nothing is lost, and the user is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from connectors.base import PermanentError, TransientError
from connectors.mailboxes.maildir import Maildir
from connectors.mailboxes.memory import Memory
from daemon import locks
from daemon.draft_now import digest
from daemon.failure import ExitCode, Failure
from daemon.kept_words import Words, all_kept_words, forget_words, keep_words, kept_words
from daemon.ledger import Ledger
from daemon.revise import (
    IN_THE_TERMINAL,
    Conflict,
    DraftNow,
    Missing,
    Refused,
    Saved,
    Why,
    read_draft,
    revise,
)
from daemon.sight import at_drafts
from rules.history import State
from tests.build import at
from tests.cases.home import Home
from tests.daemon.with_a_draft import ANA, move, with_a_draft
from tests.house import THANK_YOU, event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.base import Mailbox
    from rules.history import Record

SHOWN, SAVED, CYCLE = "2026-03-03 14:00", "2026-03-03 14:20", "2026-03-03 14:30"
WORDS = "Dear Ana,\n\nGrüße, und danke für alles.\n\nRobin\n"
MARKDOWN = THANK_YOU.replace("subject:", "format: markdown\nsubject:").replace(
    '{{ gap("what stayed with me") }}', "**It stayed** with [me](https://robin.example). On {{ meeting.title }}."
)


@dataclass
class Page:
    """Somebody who looks at the draft of a household, and saves."""

    home: Home
    mailbox: Mailbox | None = None

    def look(self, record: Record | None = None) -> DraftNow | Missing:
        house = self.home.house()
        with Ledger.open(self.home.state, write=False) as ledger:
            mailbox = self.mailbox or house.mailbox
            return read_draft(ledger, mailbox, house.configuration.me, record or self.home.record())

    def shown(self) -> DraftNow:
        seen = self.look()
        assert isinstance(seen, DraftNow), seen
        return seen

    def save(
        self, base: str, text: str = WORDS, subject: str = "Danke", when: str = SAVED, record: Record | None = None
    ) -> Saved | Conflict | Missing | Refused:
        house = self.home.house()
        with Ledger.open(self.home.state) as ledger:
            mailbox, me = self.mailbox or house.mailbox, house.configuration.me
            record = record or self.home.record()
            return revise(ledger, mailbox, me, record, base, subject, text, at(when), patience=0)

    def kept(self) -> str | None:
        with Ledger.open(self.home.state, write=False) as ledger:
            words = kept_words(ledger, self.home.record().id)
            return words.text if words else None


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return with_a_draft(tmp_path)


@pytest.fixture
def page(home: Home) -> Page:
    return Page(home)


def test_a_draft_is_shown_as_it_lies_there(page: Page) -> None:
    seen = page.shown()
    assert (seen.subject, seen.to, seen.cc, seen.gaps, seen.fixed) == (
        "Thank you, Ana", ("Ana <ana@one.example>",), (), 1, "",
    )  # fmt: skip
    assert seen.text == page.home.text()


def test_what_is_saved_lies_in_the_draft_and_is_the_users(page: Page) -> None:
    before = page.home.id()
    done = page.save(page.shown().base)
    assert isinstance(done, Saved)
    assert (done.changed, done.draft.text, done.draft.subject) == (True, WORDS, "Danke")
    assert (page.home.text(), page.home.subjects(), page.home.id()) == (WORDS, ["Danke"], before)
    record = page.home.record()
    assert (record.state, record.gaps, record.subject) == (State.EDITED, 0, "Danke")
    assert page.home.causes()[-1] == "you edited it on the review page"
    assert page.kept() is None
    assert done.draft.record == record


def test_the_next_cycle_finds_nothing_new_and_never_touches_it(page: Page) -> None:
    page.save(page.shown().base)
    before = page.home.record()
    assert not page.home.once(CYCLE).changed
    assert page.home.record() == before
    page.home.put("one", event("one", "2026-03-03 10:00", ANA, sequence=1, status="CANCELLED"))
    page.home.once("2026-03-03 15:00")
    assert (page.home.text(), page.home.states()) == (WORDS, [State.EDITED])


def test_a_draft_is_saved_again_and_again(page: Page) -> None:
    base = page.shown().base
    for number in range(3):
        done = page.save(base, text=f"Words {number}\n")
        assert isinstance(done, Saved)
        base = done.draft.base
    assert page.home.text() == "Words 2\n"
    assert len(page.home.files(".Drafts")) == 1


def test_saving_without_a_change_leaves_it_untouched(page: Page) -> None:
    seen, file = page.shown(), page.home.files(".Drafts")
    done = page.save(seen.base, text=seen.text.replace("\n", " \r\n"), subject=seen.subject)
    assert done == Saved(seen, changed=False)
    assert (page.home.files(".Drafts"), page.home.states(), page.kept()) == (file, [State.PLACED], None)


def test_a_form_that_is_sent_twice_is_saved_once(page: Page) -> None:
    seen = page.shown()
    assert isinstance(page.save(seen.base), Saved)
    again = page.save(seen.base)
    assert isinstance(again, Saved)
    assert not again.changed
    assert page.home.causes().count("you edited it on the review page") == 1


def test_what_the_mail_program_saved_meanwhile_is_told_and_both_versions_are_kept(page: Page) -> None:
    seen = page.shown()
    page.home.edit(page.home.id(), "Thank you for", "Many thanks for")
    done = page.save(seen.base)
    assert isinstance(done, Conflict)
    assert "Many thanks for" in done.draft.text
    assert "Many thanks for" in page.home.text()
    assert page.kept() == WORDS
    over = page.save(done.draft.base)
    assert isinstance(over, Saved)
    assert (page.home.text(), page.kept()) == (WORDS, None)


def test_of_two_windows_the_second_is_told(page: Page) -> None:
    seen = page.shown()
    page.save(seen.base, text="The first\n")
    done = page.save(seen.base, text="The second\n")
    assert isinstance(done, Conflict)
    assert (done.draft.text, page.kept()) == ("The first\n", "The second\n")


def gone(home: Home) -> None:
    home.delete(home.id())


def twice(home: Home) -> None:
    (path,) = home.files(".Drafts")
    path.with_name("second:2,D").write_bytes(path.read_bytes().replace(b"Thank you for", b"Many thanks for"))


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (gone, Why.GONE),
        (lambda home: home.move(home.id(), ".Sent"), Why.SENT),
        (lambda home: home.move(home.id(), ".Trash"), Why.TRASHED),
        (twice, Why.TWICE),
    ],
    ids=["gone", "sent", "trashed", "twice"],
)
def test_a_draft_that_is_not_there_is_told_of_and_the_words_are_kept(
    page: Page, act: Callable[[Home], None], why: Why
) -> None:
    seen = page.shown()
    act(page.home)
    files = page.home.files(".Drafts")
    done = page.save(seen.base)
    assert isinstance(done, Missing)
    assert (done.why, page.kept()) == (why, WORDS)
    assert done.words.endswith(".")
    assert done.hint.endswith(".")
    assert page.look() == done
    assert page.home.files(".Drafts") == files
    assert page.home.states() == [State.PLACED]


@pytest.mark.parametrize("word", ["skip", "snooze"])
def test_what_the_user_said_by_command_meanwhile_stays(page: Page, word: str) -> None:
    seen, record = page.shown(), page.home.record()
    until = ["2026-03-09T09:00:00+00:00"] if word == "snooze" else []
    assert page.home.command(word, record.id, *until, when=SHOWN)[0] == 0
    done = page.save(seen.base, record=record)
    assert isinstance(done, Missing)
    assert (done.why, page.kept()) == (Why.NOT_PLACED, WORDS)
    page.home.once(CYCLE)
    assert page.home.files(".Drafts") == []


def test_a_draft_that_was_taken_away_meanwhile_says_why(page: Page) -> None:
    seen = page.shown()
    page.home.put("one", event("one", "2026-03-03 10:00", ANA, sequence=1, status="CANCELLED"))
    page.home.once(SHOWN)
    done = page.save(seen.base)
    assert isinstance(done, Missing)
    assert (done.words, page.kept()) == (
        "Its draft was taken away: the meeting no longer counts: it is cancelled.",
        WORDS,
    )


def test_a_draft_that_was_made_anew_meanwhile_is_another(page: Page) -> None:
    seen = page.shown()
    move(page.home, "11:00", sequence=1)
    page.home.once(SHOWN)
    done = page.save(seen.base)
    assert isinstance(done, Conflict)
    assert (done.draft.record.revision, page.kept()) == (1, WORDS)


def test_while_a_cycle_is_at_work_the_words_are_kept(page: Page) -> None:
    seen = page.shown()
    with locks.take(page.home.state, locks.CYCLE, "once", at(SHOWN)), pytest.raises(Failure) as told:
        page.save(seen.base)
    assert told.value.exit_code == ExitCode.CANNOT_NOW
    assert "your words are kept" in told.value.message
    assert (page.kept(), page.home.states()) == (WORDS, [State.PLACED])
    assert isinstance(page.save(seen.base), Saved)


def test_whoever_waits_gets_the_lock_once_it_is_free(tmp_path: Path) -> None:
    held = locks.take(tmp_path, locks.CYCLE, "once", at(SHOWN))
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 3:
            held.release()

    with locks.wait(tmp_path, locks.CYCLE, "a save", at(SAVED), 10, pause):
        assert len(paused) == 3
        with pytest.raises(locks.Held):
            locks.wait(tmp_path, locks.CYCLE, "a save", at(SAVED), 0.2, paused.append)
    assert len(paused) == 3 + 4


@pytest.mark.parametrize(
    ("subject", "text"),
    [("", WORDS), ("Danke", " \n"), ("Danke", "x" * 10_000_000), ("x" * 500, WORDS)],
    ids=["no subject", "no text", "ten megabytes", "a long subject"],
)
def test_what_can_be_no_mail_is_refused_with_a_remedy(page: Page, subject: str, text: str) -> None:
    seen = page.shown()
    done = page.save(seen.base, text=text, subject=subject)
    assert isinstance(done, Refused)
    assert done.words.endswith(".")
    assert done.hint
    assert page.shown() == seen


def test_hostile_words_are_cleaned_and_stand_in_no_header(page: Page) -> None:
    subject = "Hi\r\nBcc: evil@x.example\0\u202e"
    done = page.save(page.shown().base, subject=subject, text="a\0b\r\n.\r\nFrom me\r\nc\ud800\n")
    assert isinstance(done, Saved)
    (draft,) = page.home.drafts()
    assert (draft["Bcc"], done.draft.subject) == (None, "Hi Bcc: evil@x.example")
    assert page.home.text() == "ab\n.\nFrom me\nc\n"


def test_a_draft_with_formatting_of_the_mail_program_is_left_to_it(page: Page) -> None:
    (path,) = page.home.files(".Drafts")
    head = path.read_text().partition("Content-Type")[0]
    path.write_text(f"{head}Content-Type: text/html\n\n<p>Dear <b>Ana</b></p>\n")
    seen = page.shown()
    assert (seen.text, "formatting" in seen.fixed) == ("Dear Ana\n", True)
    done = page.save(seen.base)
    assert done == Refused(seen.fixed, "Open it in your mail program, and change it there.")
    assert (page.kept(), "<b>Ana</b>" in path.read_text()) == (WORDS, True)


def test_a_draft_that_a_mail_program_renamed_is_known_by_its_new_name_from_then_on(page: Page) -> None:
    (path,) = page.home.files(".Drafts")
    raw = path.read_text().replace(page.home.id(), "<mine@mua.example>").replace("Thank you for", "Many thanks for")
    path.unlink()
    path.with_name("renamed:2,D").write_text(raw)
    with Ledger.open(page.home.state, write=False) as ledger:
        (seen,) = at_drafts(page.home.root / "config", ledger, at(SHOWN)).records
    shown = page.look(seen)
    assert isinstance(shown, DraftNow)
    assert isinstance(page.save(shown.base, record=seen), Saved)
    assert (page.home.text(), page.home.id()) == (WORDS, "<mine@mua.example>")
    assert (page.home.record().message_id, page.home.states()) == ("<mine@mua.example>", [State.EDITED])
    assert not page.home.once(CYCLE).changed


@pytest.fixture
def formatted(tmp_path: Path) -> Page:
    """A note in Markdown, after a meeting whose title is that of somebody hostile."""
    home = Home.make(tmp_path / "home")
    home.write("templates/thank-you.md", MARKDOWN)
    home.put("one", event("one", "2026-03-03 10:00", ANA, title="Coffee [here](https://evil.example)"))
    home.once("2026-03-03 13:00")
    return Page(home)


def test_the_html_of_a_note_in_markdown_is_made_anew(formatted: Page) -> None:
    seen = formatted.shown()
    assert (seen.html, seen.fixed) == (True, "")
    for text in (seen.text.replace("with [", "*indeed* with ["), seen.text.replace("It stayed", "That stayed")):
        done = formatted.save(formatted.shown().base, text=text)
        assert isinstance(done, Saved)
        assert (done.draft.html, done.draft.text) == (True, text)
    (draft,) = formatted.home.drafts()
    html = str(draft.get_payload()[1].get_payload(decode=True), "utf-8")  # type: ignore[index,union-attr,arg-type]
    assert '<strong>That stayed</strong> with <a href="https://robin.example">me</a>' in html
    assert "evil.example" in html
    assert 'href="https://evil' not in html


def test_with_a_gap_left_it_goes_as_for_a_new_note(formatted: Page) -> None:
    seen = formatted.shown()
    done = formatted.save(seen.base, text=f"{seen.text}[[more]]\n")
    assert isinstance(done, Saved)
    assert (done.draft.html, done.draft.gaps) == (False, 1)


@pytest.fixture
def in_memory(page: Page) -> tuple[Page, Memory]:
    """The same draft in a mailbox that fails on demand."""
    memory = Memory(frozenset({"robin@example.org"}))
    (path,) = page.home.files(".Drafts")
    memory.place(path.read_bytes())
    return Page(page.home, memory), memory


@pytest.mark.parametrize("error", [TransientError("no answer"), PermanentError("the disk is full")])
def test_a_mailbox_that_did_nothing_and_says_so_leaves_all_as_it_was(
    in_memory: tuple[Page, Memory], error: PermanentError | TransientError
) -> None:
    page, memory = in_memory
    seen = page.shown()
    memory.fail("replace", error)
    with pytest.raises(type(error)):
        page.save(seen.base)
    assert (page.shown(), page.kept(), page.home.states()) == (seen, WORDS, [State.PLACED])
    assert isinstance(page.save(seen.base), Saved)


def test_a_mailbox_that_did_it_and_says_otherwise_is_looked_into(in_memory: tuple[Page, Memory]) -> None:
    page, memory = in_memory
    seen = page.shown()
    memory.fail("replace", TransientError("no answer"), done=True)
    done = page.save(seen.base)
    assert isinstance(done, Saved)
    assert (done.draft.text, page.kept(), page.home.states()) == (WORDS, None, [State.EDITED])


def test_a_mailbox_that_goes_once_the_words_are_seen_in_the_draft_has_saved_them(page: Page) -> None:
    class Gone(Maildir):
        """Is lost after so many mails that were read."""

        left = 2  # before it is replaced, and by who writes down what came of it

        def read(self, ref: str) -> bytes | None:
            self.left -= 1
            if self.left < 0:
                raise TransientError("the line is cut")
            return super().read(ref)

    base = page.shown().base
    page.mailbox = gone = Gone(page.home.mail, frozenset({"robin@example.org", "robin@work.example"}))
    done = page.save(base)
    assert gone.left == -1
    assert isinstance(done, Saved)
    assert (page.home.text(), page.kept(), done.draft.text) == (WORDS, None, WORDS)
    page.mailbox = None
    assert page.shown().base == done.draft.base


def test_what_nobody_knows_is_settled_by_the_next_save(in_memory: tuple[Page, Memory]) -> None:
    page, memory = in_memory
    seen = page.shown()

    class Cut(Memory):
        def replace(self, *_: object) -> bool:
            memory.fail("find", TransientError("no answer"))
            raise TransientError("no answer")

    memory.__class__ = Cut
    with pytest.raises(TransientError):
        page.save(seen.base)
    memory.__class__ = Memory
    with Ledger.open(page.home.state, write=False) as ledger:
        assert len(ledger.intents()) == 1
    assert page.kept() == WORDS
    done = page.save(seen.base, text="Later words\n")
    assert isinstance(done, Saved)
    assert (page.shown().text, page.kept()) == ("Later words\n", None)


def test_a_mail_program_that_saves_in_the_middle_of_it_wins_and_the_words_are_kept(page: Page) -> None:
    """Between the look and the write: the new draft is taken back, and theirs is told."""
    home = page.home

    class Busy(Maildir):
        def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
            home.edit(home.id(), "Thank you for", "Many thanks for")
            return super().replace(ref, still, message)

    page.mailbox = Busy(home.mail, frozenset({"robin@example.org"}))
    done = page.save(page.shown().base)
    assert isinstance(done, Conflict)
    assert "Many thanks for" in done.draft.text
    assert (len(home.files(".Drafts")), page.kept(), home.states()) == (1, WORDS, [State.PLACED])


def test_a_mail_program_that_saves_right_after_it_wins_too(page: Page) -> None:
    home, theirs = page.home, b"Robin V.\n"

    class Late(Maildir):
        def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
            done = super().replace(ref, still, message)
            (path,) = home.files(".Drafts")
            path.with_name("theirs:2,D").write_bytes(message.replace(b"Robin\n", theirs))
            return done

    page.mailbox = Late(home.mail, frozenset({"robin@example.org"}))
    done = page.save(page.shown().base)
    assert isinstance(done, Conflict)
    assert done.draft.text == WORDS.replace("Robin", "Robin V.")
    assert (len(home.files(".Drafts")), page.kept()) == (1, WORDS)


def test_a_draft_that_came_twice_after_all_is_one(page: Page) -> None:
    home = page.home

    class Twice(Maildir):
        def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
            self.place(message)
            return super().replace(ref, still, message)

    page.mailbox = Twice(home.mail, frozenset({"robin@example.org"}))
    assert isinstance(page.save(page.shown().base), Saved)
    assert (home.text(), page.kept(), home.states()) == (WORDS, None, [State.EDITED])


def test_words_are_kept_one_for_each_draft_until_they_are_thrown_away(page: Page) -> None:
    with Ledger.open(page.home.state) as ledger:
        for text in ("first", "second"):
            keep_words(ledger, "one", Words("base", "Hi", text, at(SHOWN)))
        keep_words(ledger, "two", Words("base", "Hi", "other\ud800", at(SHOWN)))
        assert {name: words.text for name, words in all_kept_words(ledger).items()} == {
            "one": "second",
            "two": "other?",
        }
        forget_words(ledger, "one")
        assert list(all_kept_words(ledger)) == ["two"]
        with pytest.raises(ValueError, match="no draft"):
            keep_words(ledger, "two", Words("base", "Hi", "x" * 1_000_001, at(SHOWN)))


def test_show_tells_of_words_that_are_not_in_the_draft(page: Page) -> None:
    seen, name = page.shown(), page.home.record().id
    assert page.home.command("show", name, when=SHOWN)[1]["kept"] is None
    page.home.edit(page.home.id(), "Thank you for", "Many thanks for")
    page.save(seen.base)
    _, told, _ = page.home.command("show", name, when=CYCLE)
    assert told["kept"] == {"at": "2026-03-03T14:20:00+00:00", "subject": "Danke", "text": WORDS}


def test_where_it_was_edited_is_told(page: Page) -> None:
    house = page.home.house()
    with Ledger.open(page.home.state) as ledger:
        (record,) = ledger.records()
        base = digest(page.home.files(".Drafts")[0].read_bytes())
        me = house.configuration.me
        revise(ledger, house.mailbox, me, record, base, "Hi", WORDS, at(SAVED), where=IN_THE_TERMINAL)
    assert page.home.causes()[-1] == "you edited it in the terminal"
