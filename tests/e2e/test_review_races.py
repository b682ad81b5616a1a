"""The review page and a real mail program at the same draft, in a Maildir and at an IMAP server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors.message import content
from daemon.revise import Conflict, Missing, Saved, Why
from rules.history import State
from tests.cases.home import Home
from tests.daemon.review.visitor import Visitor, room
from tests.daemon.test_revise import WORDS, Page
from tests.e2e.test_imap_life import MUTTRC as BY_IMAP
from tests.e2e.test_neomutt import MUTTRC, Neomutt
from tests.house import event
from tests.imap.home import at_dovecot
from tests.imap.programs import dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANA = "ana@one.example"
THEIRS = "And one more thing."


@pytest.fixture(params=["Maildir", "IMAP"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Page, Neomutt]]:
    """A draft that lies there, shown on the page and in neomutt."""
    if request.param == "Maildir":
        home = Home.make(tmp_path / "home")
        for name in (".Drafts", ".Sent", ".Trash"):
            home.folder(name)
        _drafted(home)
        program = Neomutt(home.mail, tmp_path / "tools", MUTTRC)
        yield Page(home), program
        program.end()
        return
    with dovecot() as server:
        home = at_dovecot(tmp_path / "home", server)
        user = home.mail.resolve().parent.name
        _drafted(home)
        program = Neomutt(f"imap://{user}@127.0.0.1:{server.port}/", tmp_path / "tools", BY_IMAP)
        yield Page(home), program
        program.end()


def _drafted(home: Home) -> None:
    home.put("one", event("one", "2026-03-03 10:00", ANA))
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00")
    assert len(home.drafts()) == 1


def test_open_in_the_mail_program_then_saved_there_then_saved_over_it_then_sent(desk: tuple[Page, Neomutt]) -> None:
    page, neomutt = desk
    shown = page.shown()
    neomutt.shows("NeoMutt:")
    neomutt.keys("R")
    neomutt.opened()
    done = page.save(shown.base)
    assert isinstance(done, Missing)
    assert (done.why, page.kept()) == (Why.GONE, WORDS)

    neomutt.write(THEIRS)
    neomutt.shows("y:Send")
    neomutt.keys("P")
    neomutt.until(lambda: len(page.home.files(".Drafts")) == 1, "the draft in Drafts again")
    done = page.save(shown.base)
    assert isinstance(done, Conflict)
    assert (THEIRS in done.draft.text, THEIRS in page.home.text(), page.kept()) == (True, True, WORDS)

    over = page.save(done.draft.base)
    assert isinstance(over, Saved)
    assert (page.home.text(), page.kept(), page.home.states()) == (WORDS, None, [State.EDITED])
    name = page.home.id()
    neomutt.keys("R")
    neomutt.opened()
    neomutt.write(THEIRS)
    neomutt.shows("y:Send")
    neomutt.keys("y")
    assert "und danke für alles" in neomutt.sent().decode()
    neomutt.until(lambda: len(page.home.files(".Sent")) == 1, "the mail in Sent")
    assert name.encode() in neomutt.sent()
    page.home.once("2026-03-03 15:00")
    assert (page.home.states(), page.home.drafts()) == ([State.SENT], [])


def test_deleted_in_the_mail_program_while_it_is_shown_on_the_page(desk: tuple[Page, Neomutt]) -> None:
    page, neomutt = desk
    shown = page.shown()
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=Drafts" if page.home.mail.is_symlink() else "=.Drafts", "Enter")
    neomutt.shows("Thank you, Ana")
    neomutt.keys("d", "$")
    neomutt.until(lambda: page.home.files(".Drafts") == [], "the draft gone")
    done = page.save(shown.base)
    assert isinstance(done, Missing)
    assert (done.why, page.kept(), page.home.drafts()) == (Why.TRASHED, WORDS, [])


def test_saved_on_the_page_while_it_is_open_inside_the_drafts_folder(desk: tuple[Page, Neomutt]) -> None:
    """The mail program leaves it in the folder meanwhile, so both save: both versions stay, and the user is told."""
    page, neomutt = desk
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=Drafts" if page.home.mail.is_symlink() else "=.Drafts", "Enter")
    neomutt.shows("Thank you, Ana")
    neomutt.keys("R")
    neomutt.opened()
    assert isinstance(page.save(page.shown().base), Saved)
    neomutt.write(THEIRS)
    neomutt.shows("y:Send")
    neomutt.keys("P")
    neomutt.until(lambda: len(page.home.files(".Drafts")) == 2, "both drafts")
    neomutt.keys("$")
    page.home.once("2026-03-03 15:00")
    texts = [content(path.read_bytes()).text for path in page.home.files(".Drafts")]
    assert sorted(text == WORDS for text in texts) == [False, True]
    told = page.look()
    assert isinstance(told, Missing)
    assert (told.why, page.home.states()) == (Why.TWICE, [State.EDITED])


def test_a_look_at_the_page_finishes_nothing_that_a_cycle_has_begun(tmp_path: Path) -> None:
    """A cycle may be at it just now, and only who has its lock tidies up."""
    with dovecot() as server:
        home = at_dovecot(tmp_path / "home", server)
        _drafted(home)
        (record,) = home.records()
        ((lying,),) = home.house().mailbox.find(frozenset([record.message_id])).values()
        validity, uid, folder = lying.ref.split("/")
        begun = home.state / "imap-removals.json"
        begun.write_text(json.dumps([[folder, int(validity), int(uid)]]))
        (file,) = home.files(".Drafts")
        marked = file.rename(f"{file}T")  # as deleted, and not yet removed
        page = Visitor(room(home.root, "2026-03-03 13:00")).get(f"/draft/{record.id}", part=True)
        assert "not in Drafts just now" in page.text
        assert (marked.exists(), begun.exists()) == (True, True)
