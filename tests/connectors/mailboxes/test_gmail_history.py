"""What has changed in a Gmail mailbox, by its history: nothing is lost between two looks, whatever happens to one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, Folder, TransientError
from connectors.mailboxes import gmail_look
from connectors.mailboxes.gmail import Gmail
from tests.conformance.mailboxes import DANA, KIM, ME, MINE, NOBODY, STRANGER, folders, in_order, mail
from tests.google.answers import Refusal
from tests.google.permitted import permitted
from tests.thorough import some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.base import Header, Look
    from tests.connectors.mailboxes.gmail_hand import GmailBackend

BOTH = frozenset({DANA, KIM})
READS = "/(history|messages|drafts|profile)"


class Kept:
    """What a mailbox remembers of a look that did not come to its end, over several cycles."""

    def __init__(self) -> None:
        self.text: str | None = None

    def recall(self) -> str | None:
        return self.text

    def keep(self, text: str) -> None:
        self.text = text


def looked(gmail: GmailBackend, note: str = "", addresses: frozenset[str] = BOTH) -> Look:
    return gmail.mailbox().look(note, addresses)


def fully(gmail: GmailBackend, addresses: frozenset[str] = BOTH) -> list[Header]:
    return in_order(looked(gmail, "", addresses).headers)


def busy(gmail: GmailBackend) -> None:
    """Some mails, of each kind that changes in another way."""
    user = gmail.user
    for number in range(3):
        user.deliver(Folder.OTHER, mail(f"<in{number}@acme.example>", sender=DANA, to=ME))
        user.deliver(Folder.SENT, mail(f"<out{number}@example.org>", to=KIM))
        user.deliver(Folder.DRAFTS, mail(f"<draft{number}@example.org>", to=STRANGER))


def test_a_note_of_another_account_is_none(gmail: GmailBackend, tmp_path: Path) -> None:
    """Its history is another one, whatever this one would answer about a record of it."""
    busy(gmail)
    note = looked(gmail).note
    other = Gmail(permitted(gmail.google, tmp_path / "other", account="other@example.org"), MINE)
    gmail.google.requests.clear()
    assert in_order(other.look(note, BOTH).headers) == fully(gmail)
    assert gmail.google.asked("drafts")


def handled(gmail: GmailBackend) -> None:
    """The user goes through them."""
    user, store = gmail.user, gmail.mail
    user.move("<in0@acme.example>", Folder.TRASH)
    user.discard("<in1@acme.example>")
    user.edit("<draft0@example.org>", mail("<draft0@example.org>", text="My own words\n"))
    user.move("<draft1@example.org>", Folder.SENT)
    user.discard("<draft2@example.org>")
    store.label(user.message("<out0@example.org>").id, add=("SPAM",))
    user.deliver(Folder.OTHER, mail("<new@beta.example>", sender=KIM, to=ME))
    user.deliver(Folder.DRAFTS, mail("<begun@example.org>", to=DANA))


# --- what a look has to ask for ---


def test_a_look_at_what_did_not_change_is_one_question(gmail: GmailBackend) -> None:
    busy(gmail)
    before = looked(gmail)
    gmail.asked()
    after = looked(gmail, before.note)
    assert after == before
    assert [one.path.rpartition("/")[2] for one in gmail.asked()] == ["history"]


@pytest.mark.parametrize("size", [1, 2, 500])
def test_what_the_user_did_is_seen_however_long_the_pages_are(gmail: GmailBackend, size: int) -> None:
    busy(gmail)
    before = looked(gmail)
    handled(gmail)
    gmail.mail.page_size = size
    after = looked(gmail, before.note)
    assert in_order(after.headers) == fully(gmail)
    assert folders(after.headers) == {
        "<in0@acme.example>": Folder.TRASH,
        "<in2@acme.example>": Folder.OTHER,
        "<out1@example.org>": Folder.SENT,
        "<out2@example.org>": Folder.SENT,
        "<draft0@example.org>": Folder.DRAFTS,
        "<new@beta.example>": Folder.OTHER,
        "<begun@example.org>": Folder.DRAFTS,
    }


@pytest.mark.parametrize("size", [1, 3, 500])
def test_all_mails_with_a_person_are_seen_however_short_the_pages_are(gmail: GmailBackend, size: int) -> None:
    for number in range(7):
        gmail.user.deliver(Folder.OTHER, mail(f"<m{number}@acme.example>", sender=DANA, to=ME, day=1 + number))
        gmail.user.deliver(Folder.DRAFTS, mail(f"<d{number}@example.org>", to=STRANGER))
    gmail.mail.page_size = size
    assert len(looked(gmail, addresses=frozenset({DANA})).headers) == 14


def test_history_that_is_too_old_means_a_full_look_that_loses_nothing(gmail: GmailBackend) -> None:
    busy(gmail)
    before = looked(gmail)
    handled(gmail)
    gmail.mail.expire_history()
    after = looked(gmail, before.note)
    assert in_order(after.headers) == fully(gmail)
    gmail.user.move("<in2@acme.example>", Folder.TRASH)
    assert folders(looked(gmail, after.note).headers)["<in2@acme.example>"] is Folder.TRASH


@pytest.mark.parametrize("record", ["", "12x", "-5", "9" * 5000, "²"])
def test_a_note_whose_place_in_the_history_is_none_means_a_full_look(gmail: GmailBackend, record: str) -> None:
    busy(gmail)
    note = json.dumps({**json.loads(looked(gmail).note), "history": record})
    assert in_order(looked(gmail, note).headers) == fully(gmail)


def test_a_history_that_is_ahead_of_the_mailbox_means_a_full_look(gmail: GmailBackend) -> None:
    """A note of another account, or of one that was restored: there is no such record."""
    busy(gmail)
    note = json.dumps({**json.loads(looked(gmail).note), "history": "999999"})
    assert in_order(looked(gmail, note).headers) == fully(gmail)


# --- when it ends in the middle ---

FAULTS: dict[str, Callable[[GmailBackend, str], None]] = {
    "cut": lambda gmail, path: gmail.google.cut(path, times=3),
    "half": lambda gmail, path: gmail.google.half(path, times=3),
    "busy": lambda gmail, path: gmail.google.fail(path, 503, "backendError", times=3),
    "quota": lambda gmail, path: gmail.google.fail(path, 403, "dailyLimitExceeded"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("path", ["/history$", "/messages/", "/drafts$"])
def test_a_look_that_was_ended_is_an_error_and_the_next_one_is_complete(
    gmail: GmailBackend, path: str, fault: Callable[[GmailBackend, str], None]
) -> None:
    busy(gmail)
    before = looked(gmail)
    handled(gmail)
    fault(gmail, path)
    with pytest.raises(TransientError):
        looked(gmail, before.note)
    gmail.google.heal()
    assert in_order(looked(gmail, before.note).headers) == fully(gmail)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_a_page_token_that_dies_ends_the_look_and_the_next_one_is_complete(gmail: GmailBackend, number: int) -> None:
    busy(gmail)
    kept = Kept()
    before = looked(gmail)
    handled(gmail)
    gmail.mail.page_size = 1
    gmail.mail.pages["history"].kill(number, Refusal(400, "invalid", "Invalid page token value.", "pageToken"))
    with pytest.raises(TransientError):
        Gmail(gmail.account, MINE, kept).look(before.note, BOTH)
    assert in_order(Gmail(gmail.account, MINE, kept).look(before.note, BOTH).headers) == fully(gmail)


@pytest.mark.parametrize("history", ["a first look", "a later look", "somebody new"])
def test_wherever_a_look_is_ended_the_next_one_is_complete(gmail: GmailBackend, history: str) -> None:
    """Each question in turn is the first that gets no answer; what was learnt until then is kept, and is right."""
    before = _mailbox_with(gmail, history)
    there = fully(gmail)
    for number in some(range(40), 3):
        kept = Kept()
        gmail.google.fail(READS, 403, "dailyLimitExceeded", times=99, skip=number)
        try:
            Gmail(gmail.account, MINE, kept).look(before, BOTH)
            break
        except ConnectorError:
            gmail.google.heal()
        gone_on = Gmail(gmail.account, MINE, kept).look(before, BOTH)
        assert in_order(gone_on.headers) == there, f"ended at question {number}"
        assert in_order(looked(gmail, gone_on.note).headers) == there, f"ended at question {number}"
    assert 5 < number < 39
    gmail.google.heal()


def test_a_long_look_goes_on_where_the_process_was_ended(gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle that takes too long is killed: nothing can be kept any more then."""
    monkeypatch.setattr(gmail_look, "_STEP", 4)
    for number in range(10):
        gmail.user.deliver(Folder.OTHER, mail(f"<in{number}@acme.example>", sender=DANA, to=ME))
    kept, left = Kept(), Kept()
    gmail.google.meanwhile("/messages/", lambda: left.keep(kept.text or ""), skip=9)
    gmail.asked()
    found = Gmail(gmail.account, MINE, kept).look("", BOTH)
    whole = len(gmail.asked("GET", "/messages/"))
    assert kept.text == ""
    assert in_order(Gmail(gmail.account, MINE, left).look("", BOTH).headers) == in_order(found.headers)
    assert len(gmail.asked("GET", "/messages/")) <= whole - 8


def test_a_look_that_is_ended_again_and_again_comes_to_its_end(gmail: GmailBackend) -> None:
    """A first look at many mails takes more than Google answers in a minute."""
    _mailbox_with(gmail, "a first look")
    kept, ended = Kept(), 0
    while ended < 20:
        gmail.google.fail("/messages/", 429, "rateLimitExceeded", times=99, skip=2)
        try:
            found = Gmail(gmail.account, MINE, kept).look("", BOTH)
            break
        except ConnectorError:
            ended += 1
        finally:
            gmail.google.heal()
    assert 1 < ended < 20
    assert in_order(found.headers) == fully(gmail)


# --- when the user acts in the middle ---


@pytest.mark.parametrize("history", ["a first look", "a later look", "somebody new"])
def test_whenever_the_user_acts_during_a_look_the_next_one_has_seen_it(gmail: GmailBackend, history: str) -> None:
    acted: list[bool] = []

    def act() -> None:
        handled_again(gmail)
        acted.append(True)

    for number in some(range(40), 3):
        before = _mailbox_with(gmail, history)
        acted.clear()
        gmail.google.meanwhile(READS, act, skip=number)
        first = looked(gmail, before)
        assert len({one.ref for one in first.headers}) == len(first.headers)
        if not acted:
            break
        after = looked(gmail, first.note)
        assert in_order(after.headers) == fully(gmail), f"acted before question {number}"
    assert 5 < number < 39
    gmail.google.heal()


def test_a_draft_that_is_edited_while_somebody_new_is_looked_for_is_one_draft(gmail: GmailBackend) -> None:
    gmail.user.deliver(Folder.DRAFTS, mail(to=DANA))
    before = looked(gmail, addresses=NOBODY)
    edited = mail(to=DANA, text="My own words\n")
    gmail.google.meanwhile("/messages$", lambda: gmail.user.edit("<one@example.org>", edited))
    (header,) = looked(gmail, before.note).headers
    assert header.ref.startswith("d-")


def test_a_mail_that_is_deleted_before_it_is_read_is_no_error(gmail: GmailBackend) -> None:
    before = looked(gmail)
    gmail.user.deliver(Folder.OTHER, mail("<gone@acme.example>", sender=DANA, to=ME))
    gmail.user.deliver(Folder.DRAFTS, mail("<draft@example.org>", to=DANA))
    gmail.google.meanwhile("/messages/", lambda: gmail.user.discard("<gone@acme.example>"))
    gmail.google.meanwhile("/drafts$", lambda: gmail.user.discard("<draft@example.org>"))
    first = looked(gmail, before.note)
    assert "<gone@acme.example>" not in folders(first.headers)
    assert looked(gmail, first.note).headers == ()


def test_an_empty_page_of_the_history_is_not_its_end(gmail: GmailBackend) -> None:
    """What comes after an empty page is not lost, should the look end there."""
    before = looked(gmail)
    gmail.user.deliver(Folder.OTHER, mail("<new@acme.example>", sender=DANA, to=ME))
    gmail.mail.page_size = 0
    kept = Kept()
    gmail.google.fail("/history", 403, "dailyLimitExceeded", skip=1)
    with pytest.raises(TransientError):
        Gmail(gmail.account, MINE, kept).look(before.note, BOTH)
    gmail.mail.page_size = 500
    assert set(folders(Gmail(gmail.account, MINE, kept).look(before.note, BOTH).headers)) == {"<new@acme.example>"}


def _mailbox_with(gmail: GmailBackend, history: str) -> str:
    """A new mailbox in which there is something to see, and the note of the look before, if there was one."""
    gmail.renew()
    busy(gmail)
    known = {"a first look": NOBODY, "a later look": BOTH, "somebody new": frozenset({DANA})}[history]
    before = looked(gmail, addresses=known).note if history != "a first look" else ""
    handled(gmail)
    gmail.mail.search_lags = True
    gmail.user.deliver(Folder.OTHER, mail("<late@acme.example>", sender=DANA, to=ME))
    gmail.mail.page_size = 3
    return before


def handled_again(gmail: GmailBackend) -> None:
    """The user goes through what `handled` has left."""
    user, store = gmail.user, gmail.mail
    user.edit("<draft0@example.org>", mail("<draft0@example.org>", text="Once more\n"))
    user.move("<begun@example.org>", Folder.SENT)
    user.move("<in2@acme.example>", Folder.TRASH)
    user.discard("<out1@example.org>")
    store.label(user.message("<in0@acme.example>").id, add=("INBOX",), remove=("TRASH",))
    store.label(user.message("<out0@example.org>").id, remove=("SPAM",))
    user.deliver(Folder.DRAFTS, mail("<another@example.org>", to=KIM))
