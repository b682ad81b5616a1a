"""The mails of a year, as people, their programs and servers write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from tests.simulation.diary import ME

if TYPE_CHECKING:
    from datetime import datetime


def letter(sender: str, to: str, at: datetime, subject: str, text: str = "Some words.\n", **fields: str) -> bytes:
    """A mail; `fields` are further headers, with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, format_datetime(at)
    mail["Message-ID"] = f"<{at:%Y%m%d%H%M%S}.{abs(hash_of(sender + subject))}@{sender.partition('@')[2]}>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def hash_of(text: str) -> int:
    """A number for a text, the same in every process."""
    return int.from_bytes(text.encode()[-12:], "big") + len(text)


def reply(sender: str, at: datetime, subject: str, message_id: str) -> bytes:
    """A person's own answer to a mail of mine."""
    return letter(sender, ME, at, f"Re: {subject}", "Good to hear!\n", In_Reply_To=message_id, References=message_id)


def not_an_answer(kind: str, sender: str, at: datetime, subject: str, message_id: str) -> bytes:
    """What comes back and is no answer: an automatic reply, a bounce, a list, an invitation's reply, a copy."""
    thread = {"In_Reply_To": message_id, "References": message_id}
    if kind == "vacation":
        return letter(sender, ME, at, f"Re: {subject}", "I am away.\n", Auto_Submitted="auto-replied", **thread)
    if kind == "outlook":
        fields = {"X_Auto_Response_Suppress": "All", "Auto_Submitted": "auto-generated"}
        return letter(sender, ME, at, f"Automatic reply: {subject}", "I am out of the office.\n", **fields, **thread)
    if kind == "bounce":
        daemon = f"mailer-daemon@{sender.partition('@')[2]}"
        fields = {"X_Failed_Recipients": sender, "Auto_Submitted": "auto-replied"}
        return letter(daemon, ME, at, "Undelivered Mail Returned to Sender", **fields, **thread)
    if kind == "list":
        return letter(sender, f"list@lists.example, {ME}", at, "[list] News", List_Id="<list.lists.example>")
    if kind == "forward":
        return letter(sender, ME, at, f"Fwd: {subject}", **thread)
    assert kind == "calendar"
    raw = letter(sender, ME, at, "Accepted: Coffee")
    return raw.replace(b"Content-Type: text/plain", b'Content-Type: text/calendar; method="REPLY"')


NO_ANSWERS = ("vacation", "outlook", "bounce", "list", "forward", "calendar")


def resent(draft: bytes, at: datetime, *, message_id: str | None = None, more: str = "") -> bytes:
    """A draft as a mail program sends it: with its own Date, perhaps more words, perhaps another Message-ID."""
    head, _, body = draft.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = []
    for line in head.split(b"\n"):
        lowered = line.lower()
        if lowered.startswith(b"date:"):
            lines.append(f"Date: {format_datetime(at)}".encode())
        elif message_id and lowered.startswith(b"message-id:"):
            lines.append(f"Message-ID: {message_id}".encode())
        else:
            lines.append(line)
    return b"\n".join(lines) + b"\n\n" + body + more.encode()


def edited(draft: bytes, more: str) -> bytes:
    """A draft with more words in it, saved again."""
    return draft + more.encode()
