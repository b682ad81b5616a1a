"""What every mailbox promises. A backend subclasses `MailboxSuite` or `InboxSuite` and supplies the fixture `fresh`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Folder, Header
from tests.thorough import examples, some

if TYPE_CHECKING:
    from connectors.base import Mailbox

ME = "robin@example.org"
DANA = "dana@acme.example"
KIM = "kim@beta.example"
STRANGER = "stranger@spam.example"
MINE = frozenset({ME})
NOBODY: frozenset[str] = frozenset()
BEFORE = datetime(2026, 3, 1, tzinfo=UTC)


def mail(
    message_id: str = "<one@example.org>",
    *,
    sender: str = ME,
    to: str = DANA,
    subject: str = "Thank you, Dana",
    day: int = 3,
    text: str = "Dear Dana,\n\nthank you.\n",
    more: str = "",
) -> bytes:
    """A mail as bytes, with the line ends of a file."""
    return (
        f"From: Robin Vale <{sender}>\nTo: Somebody <{to}>\nSubject: {subject}\n"
        f"Date: {day:02} Mar 2026 10:00:00 +0000\nMessage-ID: {message_id}\n{more}"
        f'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n\n{text}'
    ).encode()


HOSTILE = {
    "nothing at all": b"",
    "no headers": b"\n\nonly words\n",
    "no body": b"From: dana@acme.example\nMessage-ID: <nobody@acme.example>",
    "NUL": b"From: dana@acme.example\nSubject: a\0b\nMessage-ID: <nul\0@acme.example>\n\n\0",
    "binary": bytes(range(256)) * 40,
    "raw 8-bit": b"From: D\xe4na <dana@acme.example>\nSubject: Gr\xfc\xdfe\nMessage-ID: <raw@acme.example>\n\nx\n",
    "an endless header": b"From: dana@acme.example\nSubject: " + b"x" * 10_000_000 + b"\n\nx\n",
    "endless headers": b"From: dana@acme.example\n" + b"X-Again: and again\n" * 20_000 + b"\nx\n",
    "a wrong date": b"From: dana@acme.example\nDate: 99 Foo 99999 99:99 +9999\nMessage-ID: <date@acme.example>\n\nx\n",
    "an address of nothing": b"From: <>\nTo: @,,;<<>>\nMessage-ID: <>\n\nx\n",
    "a false encoded word": b"From: =?utf-8?Q?=0ABcc:_evil@x.example?= <dana@acme.example>\nSubject: =?bad?X?y\n\nx\n",
}


class User(Protocol):
    """The person whose mailbox it is, at work in a mail program. Mails are named by their Message-ID."""

    def deliver(self, folder: Folder, message: bytes) -> None: ...
    def move(self, message_id: str, folder: Folder) -> None: ...
    def edit(self, message_id: str, message: bytes) -> None: ...
    def discard(self, message_id: str) -> None: ...


class Backend(Protocol):
    """One mailbox: `mailbox()` is a new client of it, `user` its person."""

    @property
    def user(self) -> User: ...

    def mailbox(self) -> Mailbox: ...


Fresh = Callable[[], Backend]


def folders(headers: tuple[Header, ...]) -> dict[str, Folder]:
    return {header.message_id: header.folder for header in headers}


def in_order(headers: tuple[Header, ...]) -> list[Header]:
    return sorted(headers, key=lambda header: (header.ref, header.folder))


def seen(mailbox: Mailbox, *addresses: str) -> dict[str, Folder]:
    """Message-ID to folder, in a full look."""
    return folders(mailbox.look("", frozenset(addresses)).headers)


def same_text(one: bytes | None, other: bytes) -> bool:
    return one is not None and one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def drafted(backend: Backend, message_id: str) -> Header:
    """The draft with this Message-ID."""
    (header,) = backend.mailbox().find(frozenset({message_id}))[message_id]
    return header


class Step(Protocol):
    def __call__(self, backend: Backend, number: int) -> None: ...


def _placed(backend: Backend, number: int) -> None:
    backend.mailbox().place(mail(f"<m{number}@example.org>", to=(DANA, KIM)[number % 2]))


def _arrived(backend: Backend, number: int) -> None:
    sender = (DANA, KIM, STRANGER)[number % 3]
    backend.user.deliver(Folder.OTHER, mail(f"<m{number}@example.org>", sender=sender, to=ME, day=1 + number % 28))


def _existing(backend: Backend, number: int) -> str | None:
    ids = sorted(folders(backend.mailbox().look("", frozenset({DANA, KIM, STRANGER})).headers))
    return ids[number % len(ids)] if ids else None


def _sent(backend: Backend, number: int) -> None:
    if message_id := _existing(backend, number):
        backend.user.move(message_id, Folder.SENT)


def _trashed(backend: Backend, number: int) -> None:
    if message_id := _existing(backend, number):
        backend.user.move(message_id, Folder.TRASH)


def _edited(backend: Backend, number: int) -> None:
    drafts = sorted(key for key, folder in seen(backend.mailbox()).items() if folder is Folder.DRAFTS)
    if drafts:
        backend.user.edit(drafts[number % len(drafts)], mail(drafts[number % len(drafts)], text=f"Changed {number}\n"))


def _discarded(backend: Backend, number: int) -> None:
    if message_id := _existing(backend, number):
        backend.user.discard(message_id)


def _removed(backend: Backend, number: int) -> None:
    mailbox = backend.mailbox()
    for header in mailbox.look("", NOBODY).headers[:1]:
        mailbox.remove(header.ref, lambda _: True)


STEPS: tuple[Step, ...] = (_placed, _arrived, _sent, _trashed, _edited, _discarded, _removed)
ADDRESSES = (NOBODY, frozenset({DANA}), frozenset({DANA, KIM}))


class MailboxSuite:
    """A placed draft is there, the user's hand is seen, and what is remembered equals what is there."""

    conditional = True
    """Whether a draft is replaced only if nobody has changed it since it was read."""

    @pytest.fixture
    def backend(self, fresh: Fresh) -> Backend:
        return fresh()

    def test_a_placed_draft_lies_in_drafts(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        assert seen(backend.mailbox()) == {"<one@example.org>": Folder.DRAFTS}

    def test_a_placed_draft_is_found_by_its_message_id(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        found = backend.mailbox().find(frozenset({"<one@example.org>", "<none@example.org>"}))
        assert set(found) == {"<one@example.org>"}
        assert [header.folder for header in found["<one@example.org>"]] == [Folder.DRAFTS]

    def test_the_headers_of_a_draft_are_those_that_were_placed(self, backend: Backend) -> None:
        backend.mailbox().place(mail(more="References: <a@acme.example>\n <b@acme.example>\n"))
        (header,) = backend.mailbox().look("", NOBODY).headers
        assert (header.sender, header.to, header.subject) == (ME, (DANA,), "Thank you, Dana")
        assert header.references == ("<a@acme.example>", "<b@acme.example>")
        assert header.at.isoformat() == "2026-03-03T10:00:00+00:00"

    def test_a_placed_draft_reads_back_as_it_was_written(self, backend: Backend) -> None:
        message = mail(text="Grüße aus Łódź\n\n.\nFrom here\n")
        backend.mailbox().place(message)
        (header,) = backend.mailbox().look("", NOBODY).headers
        assert same_text(backend.mailbox().read(header.ref), message)

    def test_line_ends_of_the_network_are_the_same_message(self, backend: Backend) -> None:
        message = mail()
        backend.mailbox().place(message.replace(b"\n", b"\r\n"))
        (header,) = backend.mailbox().look("", NOBODY).headers
        assert same_text(backend.mailbox().read(header.ref), message)
        assert header.message_id == "<one@example.org>"

    def test_placing_twice_lays_two_down_so_the_caller_looks_first(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        backend.mailbox().place(mail())
        found = backend.mailbox().find(frozenset({"<one@example.org>"}))["<one@example.org>"]
        assert len({header.ref for header in found}) == 2

    def test_an_untouched_draft_is_taken_back(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        (header,) = backend.mailbox().look("", NOBODY).headers
        assert backend.mailbox().remove(header.ref, lambda now: same_text(now, mail()))
        assert seen(backend.mailbox(), DANA) == {}
        assert backend.mailbox().find(frozenset({"<one@example.org>"})) == {}
        assert backend.mailbox().read(header.ref) is None

    def test_a_draft_edited_since_the_look_is_left_alone(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        (header,) = backend.mailbox().look("", NOBODY).headers
        backend.user.edit("<one@example.org>", mail(text="My own words\n"))
        assert not backend.mailbox().remove(header.ref, lambda now: same_text(now, mail()))
        (header,) = backend.mailbox().look("", NOBODY).headers
        assert same_text(backend.mailbox().read(header.ref), mail(text="My own words\n"))

    def test_of_two_drafts_only_the_one_that_was_meant_is_taken(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        backend.mailbox().place(mail("<two@example.org>"))
        (ref,) = (h.ref for h in backend.mailbox().look("", NOBODY).headers if h.message_id == "<two@example.org>")
        assert backend.mailbox().remove(ref, lambda _: True)
        assert seen(backend.mailbox()) == {"<one@example.org>": Folder.DRAFTS}

    def test_a_draft_that_is_gone_cannot_be_taken(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        (header,) = backend.mailbox().look("", NOBODY).headers
        backend.user.discard("<one@example.org>")
        assert not backend.mailbox().remove(header.ref, lambda _: True)

    @pytest.mark.parametrize("folder", [Folder.SENT, Folder.TRASH, Folder.OTHER])
    def test_nothing_outside_drafts_is_ever_removed(self, backend: Backend, folder: Folder) -> None:
        backend.user.deliver(folder, mail())
        (header,) = backend.mailbox().look("", frozenset({DANA})).headers
        assert not backend.mailbox().remove(header.ref, lambda _: True)
        assert seen(backend.mailbox(), DANA) == {"<one@example.org>": folder}

    def test_a_draft_is_replaced_by_one_with_other_words(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        backend.mailbox().place(mail("<two@example.org>"))
        header = drafted(backend, "<one@example.org>")
        assert backend.mailbox().replace(header.ref, lambda now: same_text(now, mail()), mail(text="Grüße\n"))
        assert seen(backend.mailbox()) == dict.fromkeys(["<one@example.org>", "<two@example.org>"], Folder.DRAFTS)
        (now,) = backend.mailbox().find(frozenset({"<one@example.org>"}))["<one@example.org>"]
        assert same_text(backend.mailbox().read(now.ref), mail(text="Grüße\n"))
        assert now.tag != header.tag

    def test_a_draft_edited_since_it_was_read_is_not_replaced(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        header = drafted(backend, "<one@example.org>")
        backend.user.edit("<one@example.org>", mail(text="My own words\n"))
        assert not backend.mailbox().replace(header.ref, lambda now: same_text(now, mail()), mail(text="Other\n"))
        (now,) = backend.mailbox().look("", NOBODY).headers
        assert same_text(backend.mailbox().read(now.ref), mail(text="My own words\n"))

    def test_a_draft_edited_while_it_is_replaced_stays_one(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        header = drafted(backend, "<one@example.org>")
        edited: list[bytes] = []

        def still(now: bytes) -> bool:
            same = same_text(now, mail())
            if same and not edited:
                backend.user.edit("<one@example.org>", mail(text="My own words\n"))
                edited.append(now)
            return same

        replaced = backend.mailbox().replace(header.ref, still, mail(text="Other\n"))
        (now,) = backend.mailbox().look("", NOBODY).headers
        # Where a mailbox writes on no condition (Gmail), what is typed there in this very instant is written over.
        assert replaced is not self.conditional
        left = mail(text="My own words\n" if self.conditional else "Other\n")
        assert same_text(backend.mailbox().read(now.ref), left)

    def test_a_draft_that_goes_while_it_is_replaced_does_not_come_back(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        header = drafted(backend, "<one@example.org>")
        gone: list[bytes] = []

        def still(now: bytes) -> bool:
            if not gone:
                backend.user.discard("<one@example.org>")
            gone.append(now)
            return True

        assert not backend.mailbox().replace(header.ref, still, mail(text="Other\n"))
        assert seen(backend.mailbox(), DANA) == {}

    @pytest.mark.parametrize("folder", [Folder.SENT, Folder.TRASH, Folder.OTHER])
    def test_nothing_outside_drafts_is_ever_replaced(self, backend: Backend, folder: Folder) -> None:
        backend.user.deliver(folder, mail())
        (header,) = backend.mailbox().look("", frozenset({DANA})).headers
        assert not backend.mailbox().replace(header.ref, lambda _: True, mail(text="Other\n"))
        (now,) = backend.mailbox().look("", frozenset({DANA})).headers
        assert now.folder is folder
        assert same_text(backend.mailbox().read(now.ref), mail())

    @pytest.mark.parametrize("folder", [Folder.SENT, Folder.TRASH])
    def test_a_draft_that_the_user_moves_is_seen_where_it_went(self, backend: Backend, folder: Folder) -> None:
        backend.mailbox().place(mail())
        before = backend.mailbox().look("", frozenset({DANA}))
        backend.user.move("<one@example.org>", folder)
        after = backend.mailbox().look(before.note, frozenset({DANA}))
        assert folders(after.headers) == {"<one@example.org>": folder}
        found = backend.mailbox().find(frozenset({"<one@example.org>"}))["<one@example.org>"]
        assert [header.folder for header in found] == [folder]

    def test_an_edit_changes_the_tag_and_nothing_else_does(self, backend: Backend) -> None:
        backend.mailbox().place(mail())
        first = backend.mailbox().look("", NOBODY)
        second = backend.mailbox().look(first.note, NOBODY)
        assert second.headers == first.headers
        backend.user.edit("<one@example.org>", mail(text="My own words\n"))
        third = backend.mailbox().look(second.note, NOBODY)
        assert third.headers[0].message_id == "<one@example.org>"
        assert (third.headers[0].ref, third.headers[0].tag) != (first.headers[0].ref, first.headers[0].tag)

    def test_mail_with_the_people_asked_for_is_seen_and_no_other(self, backend: Backend) -> None:
        backend.user.deliver(Folder.OTHER, mail("<d@acme.example>", sender=DANA, to=ME))
        backend.user.deliver(Folder.OTHER, mail("<s@spam.example>", sender=STRANGER, to=ME))
        assert seen(backend.mailbox(), DANA) == {"<d@acme.example>": Folder.OTHER}
        assert seen(backend.mailbox()) == {}

    def test_an_address_is_the_same_in_capitals_and_with_a_tag(self, backend: Backend) -> None:
        backend.user.deliver(Folder.OTHER, mail("<d@acme.example>", sender="Dana+cal@ACME.example", to=ME))
        assert seen(backend.mailbox(), DANA) == {"<d@acme.example>": Folder.OTHER}

    def test_somebody_in_copy_is_somebody_on_the_mail(self, backend: Backend) -> None:
        backend.user.deliver(Folder.SENT, mail("<c@example.org>", to=KIM, more=f"Cc: Dana <{DANA}>\n"))
        assert seen(backend.mailbox(), DANA) == {"<c@example.org>": Folder.SENT}

    def test_a_draft_is_seen_whoever_it_is_for(self, backend: Backend) -> None:
        backend.user.deliver(Folder.DRAFTS, mail(to=STRANGER))
        assert seen(backend.mailbox(), DANA) == {"<one@example.org>": Folder.DRAFTS}

    def test_when_a_new_person_turns_up_their_earlier_mail_is_seen(self, backend: Backend) -> None:
        backend.user.deliver(Folder.OTHER, mail("<k@beta.example>", sender=KIM, to=ME))
        before = backend.mailbox().look("", frozenset({DANA}))
        assert before.headers == ()
        after = backend.mailbox().look(before.note, frozenset({DANA, KIM}))
        assert folders(after.headers) == {"<k@beta.example>": Folder.OTHER}

    def test_a_mail_that_came_from_outside_is_told_from_one_that_was_filed_here(self, backend: Backend) -> None:
        trace = "Received: from evil.example (evil.example [192.0.2.1])\n\tby mx.example.org with ESMTPS id 1; Tue\n"
        backend.user.deliver(Folder.OTHER, mail("<came@example.org>", more=trace))
        backend.user.deliver(Folder.OTHER, mail("<filed@example.org>"))
        first = backend.mailbox().look("", frozenset({DANA}))
        again = backend.mailbox().look(first.note, frozenset({DANA}))
        for look in (first, again):
            told = {header.message_id: header.outside for header in look.headers}
            assert told == {"<came@example.org>": True, "<filed@example.org>": False}

    def test_find_is_exact(self, backend: Backend) -> None:
        backend.user.deliver(Folder.SENT, mail("<xone@example.org>", more="References: <one@example.org>\n"))
        backend.user.deliver(Folder.SENT, mail("<one@example.org.x>", text="<one@example.org>\n"))
        assert backend.mailbox().find(frozenset({"<one@example.org>"})) == {}

    def test_find_looks_in_drafts_sent_and_trash_only(self, backend: Backend) -> None:
        for folder in Folder:
            backend.user.deliver(folder, mail())
        found = backend.mailbox().find(frozenset({"<one@example.org>"}))["<one@example.org>"]
        assert sorted(header.folder for header in found) == [Folder.DRAFTS, Folder.SENT, Folder.TRASH]

    @pytest.mark.parametrize("note", ["garbage", "null", "[1]", "{}", '{"version": 1}', "\x00", "0" * 1000])
    def test_an_unusable_note_means_a_full_look(self, backend: Backend, note: str) -> None:
        backend.user.deliver(Folder.OTHER, mail("<d@acme.example>", sender=DANA, to=ME))
        assert folders(backend.mailbox().look(note, frozenset({DANA})).headers) == {"<d@acme.example>": Folder.OTHER}

    @pytest.mark.parametrize("folder", [Folder.OTHER, Folder.DRAFTS])
    @pytest.mark.parametrize("message", [pytest.param(text, id=name) for name, text in some(HOSTILE.items(), 3)])
    def test_a_hostile_mail_harms_nothing(self, backend: Backend, message: bytes, folder: Folder) -> None:
        backend.user.deliver(folder, message)
        backend.mailbox().place(mail())
        look = backend.mailbox().look("", frozenset({DANA}))
        assert "<one@example.org>" in folders(look.headers)
        assert backend.mailbox().look(look.note, frozenset({DANA})).headers == look.headers
        assert set(backend.mailbox().find(frozenset({"<one@example.org>"}))) == {"<one@example.org>"}
        for header in look.headers:
            assert backend.mailbox().read(header.ref) is not None

    def test_what_is_remembered_equals_what_is_there(self, fresh: Fresh) -> None:
        @settings(max_examples=examples(25), deadline=None, derandomize=True)
        @given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(ADDRESSES)), min_size=1, max_size=12))
        def after_any_steps(steps: list[tuple[Step, frozenset[str]]]) -> None:
            backend = fresh()
            note = ""
            for number, (step, addresses) in enumerate(steps):
                step(backend, number)
                remembered = backend.mailbox().look(note, addresses)
                assert in_order(remembered.headers) == in_order(backend.mailbox().look("", addresses).headers)
                note = remembered.note

        after_any_steps()


class InboxSuite(MailboxSuite):
    """Likewise of a mailbox that lays messages into the inbox (`lays`)."""

    def test_a_message_laid_into_the_inbox_is_found_there_and_is_no_draft(self, backend: Backend) -> None:
        backend.mailbox().lay(mail("<nudge@example.org>", to=ME))
        assert seen(backend.mailbox(), DANA) == {}
        assert seen(backend.mailbox(), ME) == {"<nudge@example.org>": Folder.OTHER}
        assert backend.mailbox().find(frozenset({"<nudge@example.org>"})) == {}
        wanted = frozenset({"<nudge@example.org>", "<other@example.org>"})
        laid = backend.mailbox().laid(wanted, BEFORE)
        assert {name: at.isoformat() for name, at in laid.items()} == {
            "<nudge@example.org>": "2026-03-03T10:00:00+00:00"
        }

    def test_a_message_laid_into_the_inbox_reads_back_as_it_was_written(self, backend: Backend) -> None:
        message = mail("<nudge@example.org>", to=ME, text="Grüße\n")
        backend.mailbox().lay(message.replace(b"\n", b"\r\n"))
        (header,) = backend.mailbox().look("", MINE).headers
        assert same_text(backend.mailbox().read(header.ref), message)
        assert not backend.mailbox().remove(header.ref, lambda _: True)

    def test_what_a_message_in_the_inbox_refers_to_is_named_there(self, backend: Backend) -> None:
        more = "References: <a@example.org>\n <b@example.org>\n"
        backend.mailbox().lay(mail("<nudge@example.org>", to=ME, more=more))
        assert set(backend.mailbox().laid(frozenset({"<b@example.org>", "<c@example.org>"}), BEFORE)) == {
            "<b@example.org>"
        }

    @pytest.mark.parametrize("folder", [Folder.DRAFTS, Folder.SENT, Folder.TRASH])
    def test_what_lies_elsewhere_is_not_laid_into_the_inbox(self, backend: Backend, folder: Folder) -> None:
        backend.user.deliver(folder, mail())
        assert backend.mailbox().laid(frozenset({"<one@example.org>"}), BEFORE) == {}

    def test_a_message_that_the_user_deleted_is_not_there_any_more(self, backend: Backend) -> None:
        backend.mailbox().lay(mail("<nudge@example.org>", to=ME))
        backend.user.discard("<nudge@example.org>")
        assert backend.mailbox().laid(frozenset({"<nudge@example.org>"}), BEFORE) == {}
