from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Folder, Header
from connectors.headers import addresses, header
from rules.model import MailKind

RECEIVED = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
MINE = frozenset({"robin@example.org"})
USUAL = """From: Dana Okafor <Dana@Acme.example>
To: Robin Vale <robin@example.org>
Subject: Re: Thank you
Date: Tue, 3 Mar 2026 18:30:00 +0100
Message-ID: <answer@acme.example>
"""


def look(text: str | bytes) -> Header | None:
    raw = text if isinstance(text, bytes) else text.encode()
    return header(raw, folder=Folder.OTHER, ref="r", tag="t", received=RECEIVED, mine=MINE)


def read(text: str | bytes) -> Header:
    found = look(text)
    assert found is not None
    return found


def with_(*lines: str, subject: str = "Re: Thank you", content_type: str = "text/plain") -> Header:
    usual = USUAL.replace("Re: Thank you", subject)
    return read(usual + "".join(f"{line}\n" for line in lines) + f"Content-Type: {content_type}\n\nbody: x\n")


def test_a_mail_of_a_person_is_read() -> None:
    mail = read(USUAL + "Cc: lee@acme.example\nIn-Reply-To: <b@x>\nReferences: <a@x>\n <b@x>\n\nTo: nobody@x.example\n")
    assert mail.sender == "dana@acme.example"
    assert mail.to == ("robin@example.org",)
    assert mail.cc == ("lee@acme.example",)
    assert mail.subject == "Re: Thank you"
    assert mail.message_id == "<answer@acme.example>"
    assert mail.references == ("<a@x>", "<b@x>")
    assert mail.at == datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
    assert (mail.kind, mail.forwarded) == (MailKind.PERSONAL, False)
    assert (mail.folder, mail.ref, mail.tag) == (Folder.OTHER, "r", "t")


def test_a_parent_that_references_lack_comes_last() -> None:
    assert read(USUAL + "In-Reply-To: <b@x>\nReferences: <a@x>\n").references == ("<a@x>", "<b@x>")
    assert read(USUAL + 'In-Reply-To: "Robin\'s message" <b@x>\n').references == ("<b@x>",)


def test_windows_line_ends_folds_and_encoded_words_are_read() -> None:
    raw = USUAL.replace("Re: Thank you", "=?UTF-8?Q?Re:_Ol=C3=A1?=\n =?utf-8?b?LCBEYW5h?=").replace("\n", "\r\n")
    assert read(raw + "\r\nSubject: other").subject == "Re: Olá, Dana"


def test_raw_letters_in_headers_are_read_as_utf_8_or_windows() -> None:
    assert read(USUAL.replace("Thank you", "Olá")).subject == "Re: Olá"
    assert read(USUAL.replace("Thank you", "Olá").encode("cp1252")).subject == "Re: Olá"


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Mar 2026 99:99:99 +9999",
                                  "Tue, 3 Mar 1960 00:00:00 +0000",
                                  "Thu, 1 Jan 1900 00:00:00 +0000", "\x00", "1" * 5000])  # fmt: skip
def test_without_a_usable_date_the_time_of_delivery_counts(date: str) -> None:
    assert read(USUAL.replace("Tue, 3 Mar 2026 18:30:00 +0100", date)).at == RECEIVED


def test_a_date_ahead_of_its_delivery_is_told_as_it_is_with_the_delivery_beside_it() -> None:
    seen = read(USUAL.replace("Tue, 3 Mar 2026 18:30:00 +0100", "Mon, 1 Jan 2035 00:00:00 +0000"))
    assert (seen.at, seen.received) == (datetime(2035, 1, 1, tzinfo=UTC), RECEIVED)


def test_a_date_without_a_zone_is_utc() -> None:
    assert read(USUAL.replace("+0100", "-0000")).at == datetime(2026, 3, 3, 18, 30, tzinfo=UTC)


def test_what_has_no_header_is_no_mail() -> None:
    assert look("") is None
    assert look("\n\nFrom: a@b\n") is None
    assert look(b"\xff\xfe\x00") is None


def test_a_draft_with_next_to_nothing_is_read() -> None:
    mail = read("Subject: hello\n\n")
    assert (mail.sender, mail.to, mail.message_id, mail.at) == ("", (), "", RECEIVED)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("dana@acme.example", ["dana@acme.example"]),
        ("Dana <DANA@acme.example>, lee@acme.example", ["dana@acme.example", "lee@acme.example"]),
        ('"Okafor, Dana <evil@x.example>" <dana@acme.example>', ["dana@acme.example"]),
        ("=?utf-8?q?evil=40x=2Eexample=2C?= <dana@acme.example>", ["dana@acme.example"]),
        ("dana@acme.example (Dana, of Acme (the (old) one))", ["dana@acme.example"]),
        (
            "Friends: dana@acme.example, lee@acme.example;, ana@acme.example",
            ["dana@acme.example", "lee@acme.example", "ana@acme.example"],
        ),
        ("undisclosed-recipients:;", []),
        ("<@relay.example:dana@acme.example>", ["dana@acme.example"]),
        ('"Dana <dana@acme.example>', ["dana@acme.example"]),
        ("Dana (unclosed <dana@acme.example>", ["dana@acme.example"]),
        ("<>, MAILER-DAEMON, @", []),
        ("dana@acme.example, DANA@ACME.EXAMPLE", ["dana@acme.example"]),
        ('"with \\" quote" <dana@acme.example>', ["dana@acme.example"]),
    ],
)
def test_addresses_are_found_in_lists_of_every_form(value: str, found: list[str]) -> None:
    assert list(addresses(value)) == found


AUTOMATIC = [
    ("Auto-Submitted: auto-replied",),
    ('Auto-Submitted: auto-generated; owner-email="x"',),
    ("Auto-Submitted: Auto-Replied (vacation)", "Return-Path: <>"),
    ("X-Autoreply: yes", "Precedence: bulk", "Auto-Submitted: auto-replied"),  # Gmail's vacation responder
    ("X-Autorespond: away",),
    ("Precedence: auto_reply",),
    ("Precedence: junk",),
]


@pytest.mark.parametrize("lines", AUTOMATIC)
def test_automatic_answers_are_known_by_their_headers(lines: tuple[str, ...]) -> None:
    assert with_(*lines).kind is MailKind.AUTOMATIC


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply: Thank you", "Automatische Antwort: Danke", "Réponse automatique : Merci",
     "Respuesta automática: Hola",
     "Resposta automática: Olá", "=?utf-8?q?R=C3=A9ponse_automatique=C2=A0:_Merci?="],
)  # fmt: skip
def test_out_of_office_answers_of_exchange_are_known_by_their_subject(subject: str) -> None:
    assert with_("X-MS-Exchange-Inbox-Rules-Loop: dana@acme.example", subject=subject).kind is MailKind.AUTOMATIC


def test_out_of_office_needs_more_than_the_words() -> None:
    assert with_(subject="Out of office next week, lunch after?").kind is MailKind.PERSONAL
    assert with_("X-Auto-Response-Suppress: DR, OOF, AutoReply", subject="Out of Office: x").kind is MailKind.AUTOMATIC


@pytest.mark.parametrize(
    "lines",
    [
        ("Auto-Submitted: no",),
        ("Auto-Submitted: No (really)",),
        ("X-Auto-Response-Suppress: All",),
        ("X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply", "X-MS-Exchange-Organization-SCL: -1"),
        ("Return-Path: <dana@acme.example>", "Precedence: first-class"),
        ("X-Autoreply: no",),
    ],
)
def test_what_people_write_stays_theirs(lines: tuple[str, ...]) -> None:
    assert with_(*lines).kind is MailKind.PERSONAL


def test_an_answer_to_an_automatic_reply_is_personal() -> None:
    assert with_(subject="Re: Automatic reply: Thank you").kind is MailKind.PERSONAL
    assert (
        with_(subject="AW: Accepted: Coffee", content_type="multipart/alternative; boundary=x").kind
        is MailKind.PERSONAL
    )


def test_read_receipts_are_automatic() -> None:
    kind = with_(content_type="multipart/report; report-type=disposition-notification; boundary=x").kind
    assert kind is MailKind.AUTOMATIC


@pytest.mark.parametrize(
    "text",
    [
        "From: x@y.example\nContent-Type: multipart/report; report-type=delivery-status\nAuto-Submitted: auto\n",
        'From: x@acme.example\nContent-Type: multipart/report;\n\tboundary=x;\n\treport-type="delivery-status"\n',
        "From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>\nSubject: failure notice\n",
        "From: postmaster@acme.example\nSubject: Undeliverable: Thank you\n",
        "Return-Path: <>\nFrom: someone@acme.example\nSubject: Returned mail\n",
        "From: x@acme.example\nX-Failed-Recipients: dana@acme.example\n",
    ],
)
def test_bounces_are_known(text: str) -> None:
    assert read(text).kind is MailKind.BOUNCE


@pytest.mark.parametrize(
    "lines",
    [
        ("List-Id: Peers <peers.acme.example>",),
        ("List-Unsubscribe: <mailto:x@y>",),
        ("Precedence: bulk",),
        ("Precedence: List",),
    ],
)
def test_list_mail_is_known(lines: tuple[str, ...]) -> None:
    assert with_(*lines).kind is MailKind.LIST


@pytest.mark.parametrize(
    ("lines", "subject", "content_type"),
    [
        ((), "Accepted: Coffee", "text/calendar; method=REPLY; charset=UTF-8"),
        (
            ("Content-Class: urn:content-classes:calendarmessage",),
            "Accepted: Coffee",
            "multipart/alternative; boundary=x",
        ),
        (
            ("Sender: Google Calendar <calendar-notification@google.com>", "Auto-Submitted: auto-generated"),
            "x",
            "multipart/mixed",
        ),
        (("X-MS-Exchange-Calendar-Series-Instance-Id: abc",), "Coffee", "multipart/alternative"),
        ((), "Zugesagt: Kaffee", "multipart/mixed; boundary=x"),
        ((), "Invitation: Coffee @ Tue Mar 3, 2026 3pm (WET) (robin@example.org)", "multipart/mixed; boundary=x"),
    ],
)
def test_calendar_mail_is_known(lines: tuple[str, ...], subject: str, content_type: str) -> None:
    assert with_(*lines, subject=subject, content_type=content_type).kind is MailKind.CALENDAR


def test_an_invitation_in_a_persons_own_words_is_personal() -> None:
    assert (
        with_(subject="Invitation: dinner at ours", content_type="multipart/alternative; boundary=x").kind
        is MailKind.PERSONAL
    )
    assert with_(subject="Accepted: your offer of coffee").kind is MailKind.PERSONAL


def test_my_own_mail_is_never_automatic_by_its_subject() -> None:
    mine = USUAL.replace("Dana Okafor <Dana@Acme.example>", "Robin <robin@example.org>").replace(
        "Re: Thank you", "Automatic reply: how?"
    )
    assert read(mine).kind is MailKind.PERSONAL
    assert read("Return-Path: <>\n" + mine).kind is MailKind.PERSONAL


def test_hidden_recipients_of_my_own_copy_count() -> None:
    assert read(USUAL + "Bcc: lee@acme.example\n").cc == ("lee@acme.example",)


@pytest.mark.parametrize(
    "subject", ["Fwd: Thank you", "FW: Thank you", "WG: Danke", "TR: Merci", "RV: Gracias", "ENC: Obrigado", "[Fwd: x]"]
)
def test_a_mail_passed_on_is_forwarded(subject: str) -> None:
    assert with_(subject=subject).forwarded
    assert with_("In-Reply-To: <a@b>", subject=subject).forwarded
    assert not with_("In-Reply-To: <a@b>", subject=f"Re: {subject}").forwarded


def test_a_mail_sent_again_is_forwarded() -> None:
    assert with_("Resent-From: lee@acme.example", "Resent-To: robin@example.org").forwarded
    assert not with_(subject="Forwarding you my notes").forwarded


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"Precedence"]
            ),
            st.binary(max_size=80),
        ),
        max_size=8,
    )
)
def test_any_bytes_are_read_without_an_error(fields: list[tuple[bytes, bytes]]) -> None:
    raw = b"".join(name + b": " + value + b"\n" for name, value in fields)
    found = look(raw)
    assert found is None or found.at.tzinfo is not None


@pytest.mark.parametrize(
    "value", [b"(" * 200_000, b"<" * 200_000, b'"' * 200_001, b"a@b," * 50_000, b"\\" * 200_000, b"=?" * 100_000]
)
def test_a_huge_header_costs_little(value: bytes) -> None:
    raw = b"From: " + value + b"\nTo: " + value + b"\nSubject: " + value + b"\nReferences: " + value + b"\n"
    assert len(read(raw).to) <= 1000
