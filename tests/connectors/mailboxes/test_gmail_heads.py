"""The heads of mails as Gmail tells them: hostile ones, those that lack something, and in which folder one lies."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import Folder
from tests.conformance.mailboxes import DANA, KIM, ME, STRANGER, folders, mail
from tests.google import gmail_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Header
    from tests.connectors.mailboxes.gmail_hand import GmailBackend

PEOPLE = frozenset({DANA})
FROM_DANA = mail("<d@acme.example>", sender=DANA, to=ME)


def headers(gmail: GmailBackend, *addresses: str) -> tuple[Header, ...]:
    return gmail.mailbox().look("", frozenset(addresses or {DANA})).headers


# --- where a mail lies ---


@pytest.mark.parametrize(
    ("labels", "folder"),
    [
        (("INBOX", "UNREAD"), Folder.OTHER),
        ((), Folder.OTHER),  # archived
        (("Label_7", "IMPORTANT", "CATEGORY_PROMOTIONS"), Folder.OTHER),
        (("SENT",), Folder.SENT),
        (("SENT", "INBOX", "UNREAD"), Folder.SENT),  # to oneself
        (("SENT", "STARRED", "Label_7"), Folder.SENT),
        (("TRASH",), Folder.TRASH),
        (("TRASH", "SENT"), Folder.TRASH),
        (("TRASH", "INBOX"), Folder.TRASH),
        (("SPAM",), None),
        (("SPAM", "INBOX"), None),
        (("SPAM", "TRASH"), None),
        (("CHAT",), None),
        (("CHAT", "SENT"), None),
    ],
)
def test_labels_say_where_a_mail_lies_in_each_kind_of_look(
    gmail: GmailBackend, labels: tuple[str, ...], folder: Folder | None
) -> None:
    wanted = {} if folder is None else {"<d@acme.example>": folder}
    note = gmail.mailbox().look("", PEOPLE).note
    gmail.mail.deliver(FROM_DANA, labels)
    assert folders(gmail.mailbox().look(note, PEOPLE).headers) == wanted
    assert folders(headers(gmail)) == wanted
    saved = folder if folder in {Folder.SENT, Folder.TRASH} else None
    found = gmail.mailbox().find(frozenset({"<d@acme.example>"})).get("<d@acme.example>", ())
    assert [one.folder for one in found] == ([] if saved is None else [saved])


def test_spam_is_left_out_until_the_user_says_that_it_is_none(gmail: GmailBackend) -> None:
    name = gmail.mail.deliver(FROM_DANA, ("SPAM",))
    note = gmail.mailbox().look("", PEOPLE).note
    gmail.mail.label(name, add=("INBOX",), remove=("SPAM",))
    look = gmail.mailbox().look(note, PEOPLE)
    assert folders(look.headers) == {"<d@acme.example>": Folder.OTHER}
    gmail.mail.label(name, add=("SPAM",), remove=("INBOX",))
    assert gmail.mailbox().look(look.note, PEOPLE).headers == ()


def test_a_draft_in_the_trash_is_no_draft_and_comes_back_as_the_same(gmail: GmailBackend) -> None:
    gmail.mailbox().place(mail())
    first = gmail.mailbox().look("", PEOPLE)
    name = gmail.user.message("<one@example.org>").id
    gmail.mail.label(name, add=("TRASH",))
    trashed = gmail.mailbox().look(first.note, PEOPLE)
    assert folders(trashed.headers) == {"<one@example.org>": Folder.TRASH}
    gmail.mail.label(name, remove=("TRASH",))
    assert gmail.mailbox().look(trashed.note, PEOPLE).headers == first.headers


def test_only_what_lies_in_sent_or_drafts_is_believed_to_be_mine_whatever_it_passed_through(
    gmail: GmailBackend,
) -> None:
    """A sent mail may carry Received fields: of the office's own relay."""
    trace = "Received: from evil.example (evil.example [192.0.2.1])\n\tby mx.example.org with ESMTPS id 1; Tue\n"
    gmail.mail.deliver(mail("<forged@example.org>", more=trace), ("INBOX",))
    gmail.mail.deliver(mail("<sent@example.org>", more=trace), ("SENT",))
    gmail.mail.draft(mail("<draft@example.org>", more=trace))
    told = {one.message_id: one.outside for one in headers(gmail)}
    assert told == {"<forged@example.org>": True, "<sent@example.org>": False, "<draft@example.org>": False}


# --- what a head may be ---


def test_without_a_date_the_time_of_delivery_stands_in(gmail: GmailBackend) -> None:
    came = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    gmail.mail.deliver(b"From: dana@acme.example\nMessage-ID: <d@acme.example>\n\nHello\n", at=came)
    (header,) = headers(gmail)
    assert (header.at, header.received) == (came, came)


@pytest.mark.parametrize(
    "number", ["0", "-62135596800001", "253402300800000", "9223372036854775807", "-999999999999999999"]
)
def test_a_time_of_delivery_that_no_calendar_has_hinders_no_other_mail(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    """An import brings whatever its Date was read as."""
    gmail.user.deliver(Folder.OTHER, FROM_DANA)
    _as_google_tells(monkeypatch, lambda told: told.update(internalDate=number) if "internalDate" in told else None)
    look = gmail.mailbox().look("", PEOPLE)
    assert folders(look.headers) == {"<d@acme.example>": Folder.OTHER}
    assert look.headers[0].received is not None
    assert gmail.mailbox().look(look.note, PEOPLE).headers == look.headers


@pytest.mark.parametrize("field", [{"name": "X-Empty"}, {"value": "nameless"}, {}, {"name": "a b", "value": "c"}])
def test_a_field_without_a_name_or_a_value_hinders_no_other(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch, field: dict[str, str]
) -> None:
    gmail.user.deliver(Folder.OTHER, FROM_DANA)
    _as_google_tells(
        monkeypatch, lambda told: told["payload"]["headers"].insert(0, dict(field)) if "payload" in told else None
    )
    assert folders(headers(gmail)) == {"<d@acme.example>": Folder.OTHER}


def test_a_value_with_line_breaks_is_one_field_and_adds_none(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    gmail.user.deliver(Folder.OTHER, FROM_DANA)
    hostile = {"name": "X-More", "value": f"a\r\nFrom: {KIM}\nSubject: b\0\r\n\r\nbody"}
    _as_google_tells(
        monkeypatch, lambda told: told["payload"]["headers"].insert(0, hostile) if "payload" in told else None
    )
    (header,) = headers(gmail)
    assert (header.sender, header.subject) == (DANA, "Thank you, Dana")


def test_half_a_pair_of_surrogates_in_a_value_hinders_nothing(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    gmail.user.deliver(Folder.OTHER, FROM_DANA)
    half = {"name": "X-Half", "value": "\ud800"}
    _as_google_tells(monkeypatch, lambda told: told["payload"]["headers"].append(half) if "payload" in told else None)
    look = gmail.mailbox().look("", PEOPLE)
    assert gmail.mailbox().look(look.note, PEOPLE).headers == look.headers


@pytest.mark.parametrize(
    "value",
    ["x" * 400_000, "x@" * 200_000, "<" * 400_000, "a@b.example, " * 30_000, f"{'(' * 100_000}{DANA}"],
    ids=["letters", "at signs", "brackets", "addresses", "comments"],
)
def test_an_endless_from_takes_no_time_and_the_bytes_say_who_it_is(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """In each mail that a stranger sends there may be one."""
    gmail.user.deliver(Folder.OTHER, FROM_DANA)
    endless = {"name": "From", "value": value}
    _as_google_tells(
        monkeypatch, lambda told: told["payload"]["headers"].insert(0, endless) if "payload" in told else None
    )
    begun = time.process_time()
    assert [one.sender for one in headers(gmail)] == [DANA]
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("decodes", [True, False])
@pytest.mark.parametrize(
    ("value", "sender"),
    [
        (f"{DANA}, {KIM}", DANA),
        (f'"{KIM}" <{DANA}>', DANA),
        (f"=?utf-8?Q?{KIM}?= <{DANA}>", DANA),
        (f"=?utf-8?Q?Kim_=3C{KIM}=3E=2C?= <{DANA}>", DANA),
        (f"=?utf-8?B?PGtpbUBiZXRhLmV4YW1wbGU+LA==?= <{DANA}>", DANA),  # <kim@beta.example>,
        (f"{DANA} <{DANA}>", DANA),
    ],
)
def test_of_a_from_that_names_two_the_bytes_say_who_it_is(
    gmail: GmailBackend, value: str, sender: str, *, decodes: bool
) -> None:
    """Whether values come with their encoded words decoded, Google's reference does not say: the same either way."""
    gmail.mail.decodes_heads = decodes
    raw = f"From: {value}\nTo: {ME}\nMessage-ID: <d@acme.example>\nDate: 03 Mar 2026 10:00:00 +0000\n\nx\n"
    gmail.user.deliver(Folder.OTHER, raw.encode())
    assert [one.sender for one in headers(gmail, DANA, KIM)] == [sender]


def test_two_from_fields_are_one_list_of_which_the_first_counts(gmail: GmailBackend) -> None:
    raw = f"From: {DANA}\nFrom: {KIM}\nTo: {ME}\nMessage-ID: <d@acme.example>\n\nx\n"
    gmail.user.deliver(Folder.OTHER, raw.encode())
    assert [one.sender for one in headers(gmail, DANA, KIM)] == [DANA]


def test_a_mail_that_is_too_large_to_be_read_has_no_sender_where_that_is_unsure(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = f"From: {STRANGER}, {DANA}\nTo: {DANA}\nMessage-ID: <d@acme.example>\n\nx\n"
    gmail.user.deliver(Folder.OTHER, raw.encode())
    _as_google_tells(monkeypatch, lambda told: told.update(sizeEstimate=10**12) if "sizeEstimate" in told else None)
    (header,) = headers(gmail)
    assert (header.sender, header.to) == ("", (DANA,))
    assert [one for one in gmail.asked("/messages/") if one.query.get("format") == ["raw"]] == []


def test_one_mail_under_one_message_id_in_several_places_is_told_for_each(gmail: GmailBackend) -> None:
    """To a list of which one is a member oneself: what was sent, and what came back."""
    gmail.mail.deliver(mail(to=DANA), ("SENT",))
    gmail.mail.deliver(mail(to=DANA), ("INBOX",))
    told = headers(gmail)
    assert sorted(one.folder for one in told) == [Folder.OTHER, Folder.SENT]
    assert len({one.ref for one in told}) == 2


def _as_google_tells(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], object]) -> None:
    """Each message is told with this change: what the stand-in itself would never say."""
    tell = gmail_api._told

    def changed(*given: Any) -> dict[str, Any]:
        told = tell(*given)
        change(told)
        return told

    monkeypatch.setattr(gmail_api, "_told", changed)
