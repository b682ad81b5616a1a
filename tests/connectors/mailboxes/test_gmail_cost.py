"""How many questions each thing costs that is done in a Gmail mailbox; what grows with what is named."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from connectors.base import Folder
from tests.conformance.mailboxes import DANA, KIM, ME, NOBODY, folders, mail

if TYPE_CHECKING:
    from tests.connectors.mailboxes.gmail_hand import GmailBackend

BOTH = frozenset({DANA, KIM})
ONE = frozenset({"<one@example.org>"})
QUIET = {"GET history": 1}


def asked(gmail: GmailBackend) -> dict[str, int]:
    """What was asked since the last time: method and what of it, counted."""
    parts = [(one.method, one.path.removeprefix("/gmail/v1/users/me/").split("/")) for one in gmail.asked()]
    return dict(Counter(f"{method} {path[0]}{'/…' if path[1:] else ''}" for method, path in parts))


def crowded(gmail: GmailBackend, number: int = 30) -> None:
    """A mailbox with so many mails and drafts that have nothing to do with us."""
    for one in range(number):
        for folder in (Folder.SENT, Folder.TRASH, Folder.OTHER, Folder.DRAFTS):
            gmail.user.deliver(folder, mail(f"<{folder}{one}@example.org>", to="else@x.example"))


def test_a_quiet_look_is_one_question_however_much_there_is(gmail: GmailBackend) -> None:
    crowded(gmail)
    note = gmail.mailbox().look("", BOTH).note
    asked(gmail)
    for _ in range(3):
        note = gmail.mailbox().look(note, BOTH).note
        assert asked(gmail) == QUIET


def test_what_has_nothing_to_do_with_us_costs_one_question_more_and_then_none(gmail: GmailBackend) -> None:
    note = gmail.mailbox().look("", BOTH).note
    gmail.user.deliver(Folder.OTHER, mail("<news@x.example>", sender="news@x.example", to=ME))
    asked(gmail)
    note = gmail.mailbox().look(note, BOTH).note
    assert asked(gmail) == {"GET history": 1, "GET messages/…": 1}
    gmail.mail.label(gmail.user.message("<news@x.example>").id, remove=("UNREAD",))
    gmail.mailbox().look(note, BOTH)
    assert asked(gmail) == QUIET


def test_a_draft_is_one_question(gmail: GmailBackend) -> None:
    crowded(gmail)
    gmail.mailbox().place(mail())
    assert asked(gmail) == {"POST drafts": 1}


def test_a_draft_of_ours_is_seen_by_one_question_about_it_and_no_list(gmail: GmailBackend) -> None:
    crowded(gmail)
    mailbox = gmail.mailbox()
    note = mailbox.look("", BOTH).note
    mailbox.place(mail())
    asked(gmail)
    after = mailbox.look(note, BOTH)
    assert asked(gmail) == {"GET history": 1, "GET messages/…": 1}
    (ours,) = [one for one in after.headers if one.message_id in ONE]
    assert (ours.folder, ours.ref) == (Folder.DRAFTS, f"d-{gmail.user.draft('<one@example.org>')}")
    assert gmail.mailbox().look("", BOTH).headers == after.headers


def test_an_edited_draft_costs_its_head_and_the_list_of_drafts(gmail: GmailBackend) -> None:
    crowded(gmail)
    gmail.user.deliver(Folder.DRAFTS, mail())
    note = gmail.mailbox().look("", BOTH).note
    gmail.user.edit("<one@example.org>", mail(text="My own words\n"))
    asked(gmail)
    gmail.mailbox().look(note, BOTH)
    assert asked(gmail) == {"GET history": 1, "GET messages/…": 1, "GET drafts": 1}


def test_what_was_seen_is_not_asked_for_again_by_a_look_that_begins_with_the_same_note(gmail: GmailBackend) -> None:
    """A cycle looks whether anything has changed, and then looks to work with it."""
    mailbox = gmail.mailbox()
    note = mailbox.look("", BOTH).note
    gmail.user.deliver(Folder.OTHER, mail("<new@acme.example>", sender=DANA, to=ME))
    gmail.user.deliver(Folder.DRAFTS, mail())
    first = mailbox.look(note, BOTH)
    asked(gmail)
    assert mailbox.look(note, BOTH) == first
    assert asked(gmail) == QUIET
    gmail.user.move("<new@acme.example>", Folder.TRASH)
    assert folders(mailbox.look(note, BOTH).headers)["<new@acme.example>"] is Folder.TRASH


def test_to_find_costs_the_same_however_much_there_is(gmail: GmailBackend) -> None:
    """The drafts, Sent and Trash by their lists, each against what the search knows of it; the names by the search."""
    crowded(gmail)
    mailbox = gmail.mailbox()
    mailbox.look("", BOTH)
    asked(gmail)
    assert mailbox.find(ONE) == {}
    assert asked(gmail) == {"GET drafts": 1, "GET messages": 5}
    many = frozenset(f"<{number:032x}@example.org>" for number in range(32))
    assert mailbox.find(many) == {}
    assert asked(gmail) == {"GET drafts": 1, "GET messages": 6}


def test_to_find_one_that_is_there_costs_one_question_for_each_place_where_it_lies(gmail: GmailBackend) -> None:
    mailbox = gmail.mailbox()
    mailbox.look("", BOTH)
    for folder in (Folder.DRAFTS, Folder.SENT, Folder.TRASH):
        gmail.user.deliver(folder, mail())
    asked(gmail)
    assert len(mailbox.find(ONE)["<one@example.org>"]) == 3
    assert asked(gmail) == {"GET drafts": 1, "GET drafts/…": 1, "GET messages": 5, "GET messages/…": 2}


def test_to_find_before_any_look_costs_the_head_of_each_draft_once(gmail: GmailBackend) -> None:
    """As after an interruption: that which is looked for may be any of them, and no search says which."""
    crowded(gmail, 4)
    mailbox = gmail.mailbox()
    mailbox.find(ONE)
    assert asked(gmail) == {"GET drafts": 1, "GET drafts/…": 4, "GET messages": 5}
    mailbox.find(ONE)
    assert asked(gmail) == {"GET drafts": 1, "GET messages": 5}


def test_to_find_nothing_asks_nothing(gmail: GmailBackend) -> None:
    assert gmail.mailbox().find(frozenset()) == {}
    assert asked(gmail) == {}


def test_to_take_a_draft_away_is_two_questions(gmail: GmailBackend) -> None:
    """It is read again at the last moment, and deleted."""
    mailbox = gmail.mailbox()
    mailbox.place(mail())
    (header,) = mailbox.look("", NOBODY).headers
    asked(gmail)
    assert not mailbox.remove(header.ref, lambda _: False)
    assert asked(gmail) == {"GET drafts/…": 1}
    assert mailbox.remove(header.ref, lambda _: True)
    assert asked(gmail) == {"GET drafts/…": 1, "DELETE drafts/…": 1}


def test_somebody_new_costs_a_few_searches_and_their_mails(gmail: GmailBackend) -> None:
    crowded(gmail)
    gmail.user.deliver(Folder.OTHER, mail("<kim@beta.example>", sender=KIM, to=ME))
    note = gmail.mailbox().look("", frozenset({DANA})).note
    asked(gmail)
    gmail.mailbox().look(note, BOTH)
    assert asked(gmail) == {"GET history": 1, "GET messages": 4, "GET messages/…": 1}
