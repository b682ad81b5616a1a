"""A draft with other words is the draft it was in everything else, whichever program wrote it; or it is left alone."""

from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.content import content
from connectors.message import MessageError, crlf
from connectors.revision import FixedError, looks_like_its_text, revised, taken_apart
from tests.connectors.test_message import TEXT, built
from tests.thorough import examples

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = (
    "From: Robin Vale <robin@example.org>\nTo: Dana <dana@acme.example>\nCc: Lee <lee@beta.example>\n"
    "Bcc: kim@gamma.example\nSubject: Thank you\nDate: Tue, 03 Mar 2026 17:00:00 +0000\n"
    "Message-ID: <one@example.org>\nIn-Reply-To: <a@acme.example>\nReferences: <a@acme.example>\n <b@acme.example>\n"
    "X-Mozilla-Draft-Info: internal/draft; vcard=0;\n receipt=0\n"
)
PDF = (
    "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64"
)
GMAIL = '<div dir="ltr">Dear Dana,<div><br></div><div>thank you.</div></div>'


def draft(body: str, kind: str = "text/plain; charset=utf-8", head: str = HEAD) -> bytes:
    return f"{head}MIME-Version: 1.0\nContent-Type: {kind}\n\n{body}".encode()


def alternative(html: str, text: str = "Dear Dana,\n\nthank you.\n") -> str:
    return (
        f"--in\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f"--in\nContent-Type: text/html; charset=utf-8\n\n{html}\n--in--\n"
    )


def mixed(first: str, attached: str = f"{PDF}\n\nJVBERi0xLjQK\n") -> str:
    return f"This is for old programs.\n--out\n{first}\n--out\n{attached}\n--out--\nand an end\n"


def again(raw: bytes, text: str = "Other words.\n", subject: str | None = None) -> EmailMessage:
    letter = taken_apart(raw)
    new = revised(letter, letter.subject if subject is None else subject, text)
    assert content(new).text == text
    message = email.message_from_bytes(new, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_note_of_ours_has_other_words_and_is_the_same_otherwise() -> None:
    raw = built()
    new = revised(taken_apart(raw), "Thank you, Dana", "Dear Dana,\n\nyour idea stays with me.\n")
    assert new == raw.replace(TEXT.encode(), b"Dear Dana,\n\nyour idea stays with me.\n")


def test_every_field_of_another_program_stays_as_it_is() -> None:
    raw = draft("Dear Dana\n")
    new = revised(taken_apart(raw), "Thank you", "Grüße\n")
    assert new.startswith(HEAD.encode())
    assert content(new).text == "Grüße\n"


def test_the_same_draft_from_the_wire_becomes_the_same() -> None:
    raw = draft("Dear Dana\n")
    assert revised(taken_apart(crlf(raw)), "Hi", "Grüße\n") == revised(taken_apart(raw), "Hi", "Grüße\n")


@pytest.mark.parametrize(
    "subject", ["Gracias, Dana", "Grüße aus Łódź " + "x" * 200, "a\r\nBcc: evil@x.example", "\u202etfel"]
)
def test_a_subject_is_one_clean_line(subject: str) -> None:
    message = again(draft("Dear Dana\n"), subject=subject)
    assert "\n" not in message["Subject"]
    assert message["Subject"].split() == subject.replace("\u202e", "").split()
    assert [one.addr_spec for one in message["Bcc"].addresses] == ["kim@gamma.example"]


def test_a_draft_without_a_subject_gets_one() -> None:
    raw = draft("Dear Dana\n", head=HEAD.replace("Subject: Thank you\n", ""))
    assert again(raw, subject="Thank you")["Subject"] == "Thank you"


@pytest.mark.parametrize(
    ("subject", "text", "said"),
    [
        ("", "words", "the subject is empty"),
        (" \u202e\n", "words", "the subject is empty"),
        ("x" * 301, "words", "longer than 300"),
        ("x" * 10_000_000, "words", "longer than 300"),
        ("Hi", "", "the text is empty"),
        ("Hi", "\0 \r\n\v", "the text is empty"),
        ("Hi", "x" * 10_000_000, "longer than 1000000"),
    ],
)
def test_words_that_are_none_or_no_end_of_them_are_refused(subject: str, text: str, said: str) -> None:
    with pytest.raises(MessageError, match=said):
        revised(taken_apart(built()), subject, text)


def test_what_cannot_stand_in_a_mail_is_left_out_of_the_text() -> None:
    new = revised(taken_apart(built()), "Hi", "a\0b\r\nc\ud800d\u2028e\x1b\n")
    assert content(new).text == "ab\ncd\ne\n"


def test_an_attachment_stays_byte_for_byte() -> None:
    first = "Content-Type: text/plain; charset=utf-8\n\nDear Dana\n"
    raw = draft(mixed(first), "multipart/mixed; boundary=out")
    assert taken_apart(raw).attachments == ("a.pdf",)
    message = again(raw, "Grüße\n")
    assert [part.get_filename() for part in message.iter_attachments()] == ["a.pdf"]
    new = revised(taken_apart(raw), "Thank you", "Grüße\n")
    assert f"{PDF}\n\nJVBERi0xLjQK\n\n--out--\nand an end\n".encode() in new


def test_html_that_only_repeats_the_text_is_left_out_also_beside_an_attachment() -> None:
    inner = f"Content-Type: multipart/alternative; boundary=in\n\n{alternative(GMAIL)}"
    for raw in (draft(alternative(GMAIL), "multipart/alternative; boundary=in"),
                draft(mixed(inner), "multipart/mixed; boundary=out")):  # fmt: skip
        letter = taken_apart(raw)
        assert looks_like_its_text(letter.html or "")
        message = again(raw)
        assert [part.get_content_type() for part in message.walk() if part.get_content_maintype() == "text"] == [
            "text/plain"
        ]


@pytest.mark.parametrize(
    "html",
    [
        "<b>Dear</b> Dana",
        '<a href="https://x.example">Dear</a>',
        "<div style='color:red'>x</div>",
        "<img src=x>",
        "<!-- x -->",
        "a < b",
        "<p>a</p><script>x</script>",
        "<font>x</font>",
    ],
)
def test_html_that_says_more_than_its_text_is_told_apart(html: str) -> None:
    assert not looks_like_its_text(html)
    assert looks_like_its_text(GMAIL)


RELATED = alternative("<p>x</p>").replace("text/html", "multipart/related")
FIXED: dict[str, Callable[[], bytes]] = {
    "a picture in the text": lambda: draft(RELATED, "multipart/alternative; boundary=in"),
    "signed": lambda: draft(alternative(GMAIL), "multipart/signed; boundary=in"),
    "encrypted": lambda: draft(alternative(GMAIL), "multipart/encrypted; boundary=in"),
    "a boundary that is not there": lambda: draft(alternative(GMAIL), "multipart/mixed; boundary=other"),
    "two texts": lambda: draft(
        mixed("Content-Type: text/plain\n\nDear Dana\n", "Content-Type: text/plain\n\nand more\n"),
        "multipart/mixed; boundary=out",
    ),
    "an invitation": lambda: draft("BEGIN:VCALENDAR\n", "text/calendar"),
    "nothing but an attachment": lambda: draft(mixed(f"{PDF}\n\nJVBE\n"), "multipart/mixed; boundary=out"),
    "lines that are no fields": lambda: b"what is this\n" + built(),
    "no text": HEAD.encode,
    "half a character": lambda: draft("+2AA-").replace(b"utf-8", b"utf-7"),
    "broken UTF-8": lambda: draft("Dear M?ller\n").replace(b"?", b"\xc3"),
    "letters that its encoding does not have": lambda: draft("Grüße\n", "text/plain; charset=us-ascii"),
    "an encoding that nobody knows": lambda: draft("Dear Dana\n", "text/plain; charset=x-none"),
    "NUL": lambda: draft("a\0b\n"),
    "carriage returns": lambda: draft("a\rb\n"),
    "too large": lambda: built() + b"x" * (25 * 2**20),
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("raw", FIXED.values(), ids=FIXED.keys())
def test_what_cannot_be_changed_for_sure_is_left_to_the_mail_program(raw: Callable[[], bytes]) -> None:
    with pytest.raises(FixedError, match=r"\.$"):
        taken_apart(raw())


def test_a_draft_that_readers_would_not_agree_about_is_not_written() -> None:
    twice = HEAD.replace("Subject: Thank you\n", "Subject: Thank you\nSubject: Evil\n")
    with pytest.raises(MessageError, match="would not be what was meant"):
        again(draft("Dear Dana\n", head=twice))


@settings(max_examples=examples(60), deadline=None, derandomize=True)
@given(st.text(max_size=60), st.text(max_size=200), st.sampled_from(["plain", "mixed", "ours", "gmail"]))
def test_whatever_is_typed_arrives_or_is_refused(subject: str, text: str, kind: str) -> None:
    raw = {
        "plain": draft("Dear Dana\n"),
        "mixed": draft(mixed("Content-Type: text/plain\n\nDear Dana\n"), "multipart/mixed; boundary=out"),
        "ours": built(html="<p>Dear Dana</p>"),
        "gmail": draft(alternative(GMAIL), "multipart/alternative; boundary=in"),
    }[kind]
    try:
        new = revised(taken_apart(raw), subject, text)
    except MessageError:
        return
    before, after = content(raw), content(new)
    assert (after.to, after.cc, after.bcc) == (before.to, before.cc, before.bcc)
    assert revised(taken_apart(new), after.subject, after.text) == new
