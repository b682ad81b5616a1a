"""A draft that answers goes into its conversation: by the id of the thread, asked for once, and placed once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder, TransientError
from tests.conformance.mailboxes import DANA, ME, NOBODY, folders, mail

if TYPE_CHECKING:
    from connectors.mailboxes.gmail import Gmail
    from tests.connectors.mailboxes.gmail_hand import GmailBackend

PEOPLE = frozenset({DANA})
SUBJECT = "Plans"


def wrote(gmail: GmailBackend, message_id: str = "<ask@acme.example>", more: str = "") -> str:
    """Dana has written: the thread of her mail."""
    gmail.user.deliver(Folder.OTHER, mail(message_id, sender=DANA, to=ME, subject=SUBJECT, more=more))
    return gmail.user.message(message_id).thread


def answer(*references: str, subject: str = f"Re: {SUBJECT}", field: str = "References") -> bytes:
    return mail("<answer@example.org>", subject=subject, more=f"{field}: {' '.join(references)}\n")


def thread(gmail: GmailBackend) -> str:
    """The thread in which the one draft lies."""
    (message,) = gmail.mail.drafts.values()
    return gmail.mail.messages[message].thread


def threads_asked_for(gmail: GmailBackend) -> list[str | None]:
    """Of each draft that was asked for, the thread."""
    return [json.loads(one.body)["message"].get("threadId") for one in gmail.asked("POST")]


def seen(gmail: GmailBackend) -> Gmail:
    """A mailbox that has looked."""
    mailbox = gmail.mailbox()
    mailbox.look("", PEOPLE)
    gmail.asked()
    return mailbox


@pytest.mark.parametrize("field", ["References", "In-Reply-To"])
def test_an_answer_to_a_known_mail_goes_into_its_thread_by_one_question(gmail: GmailBackend, field: str) -> None:
    there = wrote(gmail)
    seen(gmail).place(answer("<ask@acme.example>", field=field))
    assert thread(gmail) == there
    assert [one.method for one in gmail.asked()] == ["POST"]


def test_the_nearest_of_the_known_mails_says_which_thread(gmail: GmailBackend) -> None:
    wrote(gmail, "<first@acme.example>")
    gmail.user.deliver(Folder.OTHER, mail("<other@acme.example>", sender=DANA, to=ME, subject="Plans again"))
    nearest = gmail.user.message("<other@acme.example>").thread
    mailbox = seen(gmail)
    mailbox.place(answer("<first@acme.example>", "<other@acme.example>", subject="Re: Plans again"))
    assert threads_asked_for(gmail) == [nearest]
    assert thread(gmail) == nearest


def test_an_answer_to_a_mail_that_was_not_looked_at_finds_its_thread_by_one_search(gmail: GmailBackend) -> None:
    there = wrote(gmail)
    gmail.mailbox().place(answer("<ask@acme.example>"))
    assert thread(gmail) == there
    assert [one.method for one in gmail.asked()] == ["GET", "POST"]


def test_an_answer_to_nothing_that_is_there_is_a_draft_all_the_same(gmail: GmailBackend) -> None:
    wrote(gmail)
    seen(gmail).place(answer("<elsewhere@acme.example>"))
    assert threads_asked_for(gmail) == [None]
    assert len(gmail.mail.drafts) == 1


def test_a_draft_that_answers_nothing_is_one_question(gmail: GmailBackend) -> None:
    wrote(gmail)
    gmail.mailbox().place(mail(subject=SUBJECT))
    assert [one.method for one in gmail.asked()] == ["POST"]


@pytest.mark.parametrize(
    "reference",
    [
        "<a} in:spam {b@x.example>",
        '<"quoted"@x.example>',
        "<\u00e4@x.example>",
        f"<{'x' * 3000}@x.example>",
        "<>",
        "garbage",
    ],
)
def test_a_reference_that_cannot_be_searched_for_is_left_out(gmail: GmailBackend, reference: str) -> None:
    gmail.mailbox().place(answer(reference))
    assert [one.method for one in gmail.asked()] == ["POST"]


def test_of_hundreds_of_references_the_nearest_are_searched_for_and_no_more(gmail: GmailBackend) -> None:
    there = wrote(gmail, "<m499@acme.example>")
    gmail.mailbox().place(answer(*(f"<m{number}@acme.example>" for number in range(500))))
    assert thread(gmail) == there
    assert [one.method for one in gmail.asked()] == ["GET", "POST"]


def test_long_references_are_searched_for_in_as_many_questions_as_they_take(gmail: GmailBackend) -> None:
    """The one that is there may be in any of them."""
    names = [f"<{letter}{'x' * 250}@acme.example>" for letter in "abcdefgh"]
    there = wrote(gmail, names[-1])
    gmail.mailbox().place(answer(*names))
    assert thread(gmail) == there
    assert len(gmail.asked("POST")) == 1


def test_a_thread_that_was_deleted_since_is_no_hindrance_and_the_draft_is_there_once(gmail: GmailBackend) -> None:
    there = wrote(gmail)
    mailbox = seen(gmail)
    gmail.user.discard("<ask@acme.example>")
    mailbox.place(answer("<ask@acme.example>"))
    assert len(gmail.mail.drafts) == 1
    assert threads_asked_for(gmail) == [there, None]
    assert folders(gmail.mailbox().look("", NOBODY).headers) == {"<answer@example.org>": Folder.DRAFTS}


def test_after_a_thread_that_was_deleted_the_draft_is_asked_for_once(gmail: GmailBackend) -> None:
    wrote(gmail)
    mailbox = seen(gmail)
    gmail.user.discard("<ask@acme.example>")
    gmail.google.fail("POST .*/drafts$", 503, "backendError", times=9, skip=1)
    with pytest.raises(TransientError):
        mailbox.place(answer("<ask@acme.example>"))
    assert len(gmail.asked("POST")) == 2
    assert gmail.mail.drafts == {}


def test_a_subject_that_does_not_match_makes_a_thread_of_its_own(gmail: GmailBackend) -> None:
    """Gmail decides that; the draft is there once, whatever it decides."""
    there = wrote(gmail)
    seen(gmail).place(answer("<ask@acme.example>", subject="Something else"))
    assert thread(gmail) != there


def test_a_conversation_in_the_trash_or_in_spam_is_not_joined(gmail: GmailBackend) -> None:
    """There nobody would find the draft."""
    for label in ("TRASH", "SPAM"):
        gmail.renew()
        wrote(gmail)
        mailbox = seen(gmail)
        gmail.mail.label(gmail.user.message("<ask@acme.example>").id, add=(label,))
        for one in (gmail.mailbox(), mailbox):
            one.look("", PEOPLE)
            gmail.asked()
            one.place(answer("<ask@acme.example>"))
            assert threads_asked_for(gmail) == [None]
