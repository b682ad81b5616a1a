from __future__ import annotations

import base64
import email
import quopri
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from encodings.aliases import aliases
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.content import Content, content
from connectors.encoding import decoded
from connectors.message import MessageError, build, crlf, message_id_for, same, travelling_address
from rules.model import Note, Recipient, Thread

ROBIN = Recipient("Robin Vale", "robin@example.org")
DANA = Recipient("Dana Okafor", "dana@acme.example")
DATE = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
ID = message_id_for("follow-up", 0, ROBIN.email)
TEXT = "Dear Dana,\n\nThank you for your time on Tuesday. [[the idea]]\n\nRobin\n"


def built(
    subject: str = "Thank you, Dana",
    text: str = TEXT,
    html: str | None = None,
    *,
    sender: Recipient = ROBIN,
    to: tuple[Recipient, ...] = (DANA,),
    reply: Thread | None = None,
    message_id: str = ID,
) -> bytes:
    return build(Note(subject, text, html), sender=sender, to=to, message_id=message_id, date=DATE, reply=reply)


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def test_a_plain_message_is_whole_and_readable() -> None:
    assert built() == (
        b"Date: Tue, 03 Mar 2026 17:00:00 +0000\n"
        b"From: Robin Vale <robin@example.org>\n"
        b"To: Dana Okafor <dana@acme.example>\n"
        b"Subject: Thank you, Dana\n"
        b"Message-ID: " + ID.encode() + b"\n"
        b"MIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: 7bit\n\n" + TEXT.encode()
    )


@pytest.mark.parametrize("html", [None, "<p>Dear Dana</p>"])
def test_nothing_tells_that_a_program_wrote_it(html: str | None) -> None:
    message = parsed(built(html=html, text="São\n"))
    allowed = {
        "Date",
        "From",
        "To",
        "Subject",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert set(message.keys()) <= allowed
    raw = built(html=html, text="São\n").lower()
    assert b"afterword" not in raw
    assert b"python" not in raw
    assert b"=====" not in raw


def test_the_same_inputs_make_the_same_bytes() -> None:
    assert built(html="<p>x</p>") == built(html="<p>x</p>")


def test_the_message_id_tells_nothing_and_changes_with_the_revision() -> None:
    ids = {message_id_for("follow-up", revision, "robin@Example.org") for revision in range(5)}
    assert len(ids) == 5
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one) for one in ids)
    assert message_id_for("x", 0, "robin@bücher.example").endswith("@xn--bcher-kva.example>")


def test_html_comes_as_the_alternative_that_mail_programs_prefer() -> None:
    message = parsed(built(html="<p>Déar Dana</p>\n"))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content() for part in message.iter_parts()] == [TEXT, "<p>Déar Dana</p>\n"]


def test_an_answer_names_its_thread() -> None:
    thread = Thread("<last@acme.example>", ("<first@acme.example>", "not an id", "<last@acme.example>"), "Coffee?")
    message = parsed(built(subject="Re: Coffee?", reply=thread))
    assert message["In-Reply-To"] == "<last@acme.example>"
    assert message["References"].split() == ["<first@acme.example>", "<last@acme.example>"]


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    thread = Thread("<99@x>", tuple(f"<{number}@x>" for number in range(99)), "Coffee?")
    references = parsed(built(reply=thread))["References"].split()
    assert references[0] == "<0@x>"
    assert references[-2:] == ["<98@x>", "<99@x>"]
    assert len(references) < 40


def test_a_thread_that_cannot_be_named_is_left_out() -> None:
    message = parsed(built(reply=Thread("<a@b>\r\nBcc: evil@x.example", (), "Coffee?")))
    assert "In-Reply-To" not in message
    assert "Bcc" not in message


EVIL = "Café =?UTF-8?Q?=0ABcc:_evil@x.example?="


@pytest.mark.parametrize(
    "evil",
    [
        EVIL,
        "=?UTF-8?B?CkJjYzogZXZpbEB4LmV4YW1wbGU=?=",
        "=?=?UTF-8?Q?=0ABcc:_evil@x.example?=",
        "x\nBcc: evil@x.example",
        "x\r\n\r\nBcc: evil@x.example",
        "x\rBcc: evil@x.example\u2028Bcc: evil@x.example\x85Bcc: evil@x.example",
        'x" <evil@x.example>, "',
        "x\\",
        "evil@x.example, ",
        "x\x00\ud800y <evil@x.example>",
        'é", evil@x.example (',
        "undisclosed: evil@x.example;",
    ],
)
def test_no_title_or_name_becomes_a_header_or_a_recipient(evil: str) -> None:
    raw = built(subject=evil, sender=Recipient(evil, ROBIN.email), to=(Recipient(evil, DANA.email),))
    for message in (parsed(raw), parsed(parsed(raw).as_bytes()), email.message_from_bytes(raw)):
        assert "Bcc" not in message
        assert len(message.keys()) == 8
    to = parsed(raw)["To"].addresses
    assert [one.addr_spec for one in to] == [DANA.email]
    assert b"=?UTF-8?Q?=0A" not in raw
    said = content(raw)
    assert (said.to, said.cc, said.bcc) == ((DANA.email,), (), ())
    # A program that takes the subject as read and writes it into a message of its own makes no header of it.
    assert "=?" not in said.subject
    again = EmailMessage()
    again["Subject"] = said.subject
    assert "Bcc" not in parsed(again.as_bytes())


@pytest.mark.parametrize(
    "name",
    ["Okafor, Dana", 'Dana "Dee" Okafor', "Dána Okafor", "田中, 太郎 " * 8, "D. Okafor (Acme)", "a\\b", "O'Hara", ""],
)
def test_names_arrive_as_they_are(name: str) -> None:
    to = parsed(built(to=(Recipient(name, DANA.email),)))["To"].addresses[0]
    assert to.addr_spec == DANA.email
    # gh-92081: before 3.13 Python leaves a space between two encoded words of a name.
    assert to.display_name.replace(" ", "") == name.strip().replace(" ", "")


def test_a_group_is_in_one_to_each_once() -> None:
    people = (DANA, Recipient("Lee", "lee@acme.example"), Recipient("Dana again", "Dana@acme.example"))
    assert [one.addr_spec for one in parsed(built(to=people))["To"].addresses] == [DANA.email, "lee@acme.example"]


@pytest.mark.parametrize(
    "address",
    [
        "", "dana", "@acme.example", "dana@", "dana okafor@acme.example", "dana@acme .example", "dana@acme.example\n",
        "dana@acme.example\x00", "<dana@acme.example>", "dana@acme.example,evil@x.example", "a@b@c", "da;na@x.example",
        '"a b"@x.example', "dána@acme.example", "dana@acme..example", "dana@-x.example", "dana@[127.0.0.1]",
        "dana@exa mple.org", "dana@\ud800.example", "d" * 300 + "@acme.example",
        "dana@" + "x" * 10_000_000, ".dana@x.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_remedy(address: str) -> None:
    with pytest.raises(MessageError) as caught:
        built(to=(Recipient("Dana", address),))
    assert caught.value.hint
    assert len(str(caught.value)) < 300


def test_an_international_domain_travels_in_ascii() -> None:
    assert travelling_address("dana@bücher.example") == "dana@xn--bcher-kva.example"
    assert travelling_address("dana@straße.example") == "dana@xn--strae-oqa.example"
    assert same(
        built(to=(Recipient("", "dana@bücher.example"),)), built(to=(Recipient("", "dana@xn--bcher-kva.example"),))
    )


@pytest.mark.parametrize(
    "wrong", [{"subject": " \n"}, {"text": "\n \n"}, {"to": ()}, {"message_id": "x"}, {"message_id": "<a@b>\nBcc: c"}]
)
def test_a_note_without_what_it_needs_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MessageError):
        built(**wrong)


def test_a_book_is_refused_and_a_long_title_is_cut() -> None:
    with pytest.raises(MessageError, match="longer"):
        built(text="x" * 10_000_000)
    assert len(built(subject="x" * 10_000_000)) < 2000
    assert len(built(to=(Recipient("é" * 10_000_000, DANA.email),))) < 2000


def test_no_line_is_longer_than_mail_allows() -> None:
    raw = built(subject="Thank you " * 40, text="é" * 5000 + "\n" + "x" * 5000 + "\n", html="<p>" + "x" * 5000 + "</p>")
    assert max(len(line) for line in raw.split(b"\n")) <= 100
    assert content(raw).text == "é" * 5000 + "\n" + "x" * 5000 + "\n"


def test_a_line_that_begins_with_from_is_safe_in_an_mbox() -> None:
    raw = built(text="From here on\n")
    assert b"\nFrom " not in raw
    assert content(raw).text == "From here on\n"


def test_the_form_of_the_wire_has_the_same_content() -> None:
    assert b"\n" not in crlf(built()).replace(b"\r\n", b"")
    assert crlf(crlf(built())) == crlf(built())
    assert same(built(), crlf(built()))


ANY = st.text(st.characters(codec=None), max_size=120)


@settings(deadline=None)
@given(subject=ANY, name=ANY, text=ANY, html=st.none() | ANY)
def test_whatever_is_said_arrives_as_it_was_said(subject: str, name: str, text: str, html: str | None) -> None:
    subject, text = f"x{subject}", f"x{text}"
    raw = built(subject, text, html, to=(Recipient(name, DANA.email),))
    said = content(raw)
    assert raw.isascii()
    assert said.to == (DANA.email,)
    assert (said.cc, said.bcc) == ((), ())
    assert "\n" not in said.subject
    assert len(parsed(raw).keys()) == (7 if html is not None else 8)
    assert same(raw, raw.replace(b"\n", b"\r\n"))
    assert same(raw, reencoded(said))
    assert not same(raw, built(subject, f"{text}y", html))


def reencoded(said: Content) -> bytes:
    """The same content as another mail program writes it."""
    return (
        b"X-Mailer: Other 1.0\r\nTo: <" + said.to[0].upper().encode() + b">\r\nSubject: =?UTF-8?B?"
        + base64.b64encode(said.subject.encode()) + b'?=\r\nContent-Type: text/plain; charset="UTF-8"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(said.text.encode()).replace(b"\n", b"\r\n")
    )  # fmt: skip


def draft(
    text: bytes,
    content_type: str = "text/plain; charset=utf-8",
    encoding: str = "8bit",
    *,
    subject: str = "Thank you, Dana",
    more: bytes = b"",
) -> bytes:
    return (
        b"To: dana@acme.example\nSubject: " + subject.encode() + b"\n" + more
        + b"Content-Type: " + content_type.encode()
        + b"\nContent-Transfer-Encoding: " + encoding.encode() + b"\n\n" + text
    )  # fmt: skip


PORTUGUESE = (
    "Olá Dana,\n\nobrigado pelo café na terça-feira. Um parágrafo que é comprido e que não acaba tão depressa assim, "
    "pois não?\n\n-- \nRobin\n"
)


def test_a_draft_that_another_program_saved_again_is_the_same() -> None:
    raw = built(text=PORTUGUESE)
    utf8 = PORTUGUESE.encode()
    assert same(raw, draft(utf8))
    assert same(raw, draft(quopri.encodestring(utf8), encoding="quoted-printable"))
    assert same(raw, draft(base64.encodebytes(utf8), encoding="base64"))
    assert same(raw, draft(PORTUGUESE.encode("latin-1"), "text/plain; charset=ISO-8859-1"))
    assert same(raw, draft(PORTUGUESE.replace("\n", "  \r\n").encode() + b"\r\n\r\n"))
    assert same(raw, draft(utf8, more=b"X-Mozilla-Draft-Info: internal/draft\nUser-Agent: Other\nDate: now\n"))
    assert same(raw, draft("Ola\u0301 Dana".encode() + utf8[len("Olá Dana".encode()) :]))


def test_a_draft_in_flowed_lines_is_the_same() -> None:
    flowed = PORTUGUESE.replace("comprido e que ", "comprido e que \n").replace("tão ", "tão \n")
    assert same(built(text=PORTUGUESE), draft(flowed.encode(), "text/plain; charset=UTF-8; format=flowed"))
    stuffed = "From here\n> on\n indented\n"
    raw = draft(b" From here\n > on\n  indented\n", "text/plain; format=flowed")
    assert same(built(text=stuffed), raw)
    assert same(built(text="onetwo\n"), draft(b"one \ntwo\n", "text/plain; format=flowed; delsp=yes"))


def test_a_draft_in_html_and_text_is_the_same_by_its_text() -> None:
    body = (
        b"--b\nContent-Type: text/plain; charset=utf-8\n\n" + PORTUGUESE.encode()
        + b"\n--b\nContent-Type: text/html\n\n<p>whatever</p>\n--b--\n"
    )  # fmt: skip
    assert same(built(text=PORTUGUESE), draft(body, 'multipart/alternative; boundary="b"', "7bit"))


def test_a_draft_in_html_only_is_the_same_by_its_words() -> None:
    html = (
        "<html><head><style>p {margin: 0}</style><title>x</title></head><body><p>Dear Dana,</p>\n<p>Thank you for\n"
        "your time&nbsp;on Tuesday. [[the idea]]<br></p><div>Robin</div></body></html>"
    )
    assert same(built(), draft(html.encode(), "text/html; charset=utf-8"))
    assert not same(built(), draft(html.replace("Tuesday", "Monday").encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    "other",
    [
        built(subject="Thank you, Dana!"),
        built(text=TEXT.replace("[[the idea]]", "The idea.")),
        built(text=TEXT.replace("\n\n", "\n")),
        built(to=(DANA, Recipient("", "lee@acme.example"))),
        built(to=(Recipient("Dana", "dana.okafor@home.example"),)),
        built().replace(b"Subject:", b"Cc: lee@acme.example\nSubject:"),
        built().replace(b"Subject:", b"Bcc: lee@acme.example\nSubject:"),
        built().replace(b"To:", b"Cc:"),
        built(text="  " + TEXT),
    ],
)
def test_another_subject_recipient_or_text_is_an_edit(other: bytes) -> None:
    assert not same(built(), other)
    assert not same(other, built())


def test_gaps_are_counted_as_they_are_now() -> None:
    assert content(built(subject="To [[name]]")).gaps == 2
    assert content(built(text="Done [[ ]] [[x]]")).gaps == 1
    assert content(draft(b"a [[long \ngap]] b", "text/plain; format=flowed")).gaps == 1


def test_attachments_are_passed_over() -> None:
    body = (
        b"--b\nContent-Type: text/plain\n\n" + TEXT.encode()
        + b"\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nother\n--b--\n"
    )  # fmt: skip
    assert same(built(), draft(body, "multipart/mixed; boundary=b", "7bit"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\0" * 1000,
        b'Subject: =?utf-8?b?====?= =?x-none?q?=zz?= =?utf-8?q?\xff?=\nTo: "\n\n',
        b'Content-Type: text/plain; charset="\0"\n\n\xff',
        b"Content-Type: text/plain; charset=undefined\n\nx",
        b"Content-Type: text/plain; charset=unicode_escape\n\n\\d",
        b"Content-Type: text/plain; charset=hex\n\nzz",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n=A=",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 5000,
        b"To: " + b"(" * 100_000 + b"<" * 100_000 + b"\n\nx",
        b"Content-Type: text/plain" + b"; a=" * 50_000 + b"\n\nx",
        b"Content-Type: text/html\n\n<!DOCTYPE [<!ENTITY a 'b'><![foo" + b"<div>" * 10_000,
        b"Subject: x" + b"\n =?utf-8?b?w6k=?=" * 50_000 + b"\n\nx",
    ],
)
def test_hostile_bytes_are_read_without_an_error(raw: bytes) -> None:
    assert content(raw).gaps == 0
    assert same(raw, raw + b" ") in {True, False}


@settings(deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"Content-Type: text/html\n\n", b"Content-Type: multipart/x; boundary=a\n\n--a\n"]),
)
def test_any_bytes_are_read(junk: bytes, before: bytes) -> None:
    content(before + junk)
    content(junk + before + junk)


@pytest.mark.parametrize("charset", sorted({*aliases.values(), "utf-8*en", "x-unknown", "utf-8\0", "../../x", "\xe9"}))
def test_a_text_in_any_charset_that_python_knows_is_read(charset: str) -> None:
    assert isinstance(decoded(b"\\d \xff\x80 x\x1b$B", charset), str)


def test_half_a_character_is_no_text() -> None:
    assert decoded(b"+2AA-", "utf-7") == "+2AA-"
    assert content(b"Subject: =?utf-7?q?+2AA-?=\n\n").subject == "+2AA-"


@pytest.mark.parametrize(
    "piece", ["<![CDATA", "<!--", "<", "</", "<a ", "&#", "<!", "<?", "<script>", "]]>", '<a "', "<style>", "&amp"]
)
def test_broken_html_costs_little(piece: str) -> None:
    content(b"Content-Type: text/html\n\n" + (piece * 1_000_000).encode())


def test_words_cut_in_the_middle_of_a_letter_are_put_together() -> None:
    octets = "Zoë".encode()
    halves = [base64.b64encode(part).decode() for part in (octets[:3], octets[3:])]
    assert content(draft(b"x", subject=f"=?utf-8?b?{halves[0]}?= =?utf-8?b?{halves[1]}?=")).subject == "Zoë"
