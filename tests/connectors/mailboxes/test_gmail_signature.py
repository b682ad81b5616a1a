"""The signature of a Gmail account: the words that are seen, on their lines, of the address that is written from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import PermissionNeededError, TransientError
from connectors.google.account import Account
from connectors.google.errors import COMMAND
from connectors.google.permission import Consent
from connectors.mailboxes.gmail import Gmail
from connectors.mailboxes.gmail_signature import plain
from tests.conformance.mailboxes import ME, MINE
from tests.google import gmail_api
from tests.google.permitted import NOW, consented

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.mailboxes.gmail_hand import GmailBackend
    from tests.google.standin import Google

WORK = "robin@work.example"
Aliases = list[dict[str, Any]]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Robin", "Robin"),
        ('<div dir="ltr">Robin Vale</div>', "Robin Vale"),
        ('<div dir="ltr"><div>Robin Vale</div><div>Baker</div></div>', "Robin Vale\nBaker"),
        ("Robin Vale<br>Baker<br/>", "Robin Vale\nBaker"),
        ("<div>Robin<br></div><div>Baker</div>", "Robin\nBaker"),
        ("<div>Robin</div><div><br></div><div>Baker</div>", "Robin\n\nBaker"),
        ("<p>Robin</p><p>Baker</p>", "Robin\n\nBaker"),
        ("<div>Robin</div>\n  <div>Baker</div>\n", "Robin\nBaker"),
        ("<div>Robin\n   Vale</div>", "Robin Vale"),
        ("<b>Robin</b> <i>Vale</i>", "Robin Vale"),
        ("<b>Rob</b>in", "Robin"),
        ('<div><a href="https://robin.example/?a=1">my page</a></div>', "my page"),
        ('Robin<img src="https://robin.example/logo.png" alt="logo">', "Robin"),
        ("Robin &amp; Sons &lt;bakers&gt; &#8212; since&nbsp;1990", "Robin & Sons <bakers> — since 1990"),
        ("<table><tr><td>Tel.</td><td>5</td></tr><tr><td>Fax</td><td>6</td></tr></table>", "Tel. 5\nFax 6"),
        ("<ul><li>Bread</li><li>Cake</li></ul>", "Bread\nCake"),
        ("<style>p {color: red}</style><script>alert(1)</script>Robin<!-- not seen -->", "Robin"),
        ("<html><head><title>Not seen</title></head><body>Robin</body></html>", "Robin"),
        ("<html><head><meta charset=utf-8><body>Robin", "Robin"),
        ("<div><div><div><br></div></div></div>", ""),
        ("<div>&nbsp;</div>", ""),
        ("<div>Robin<div>Vale", "Robin\nVale"),
        ("</div></p>Robin</b>", "Robin"),
        ("a < b", "a < b"),
        ("<hr>Robin", "Robin"),
        ("<!--[if mso]>Office<![endif]-->Robin<![if !mso]><br>Vale<![endif]>", "Robin\nVale"),
        ("<![CDATA[x]]>Robin<![ <! <? </ ", "Robin"),
        ("👩\u200d🍳 Robin", "👩\u200d🍳 Robin"),
        ("-- <br>Robin", "--\nRobin"),
        ("Łódź 🍞", "Łódź 🍞"),
    ],
)
def test_the_words_of_a_signature_stand_on_the_lines_on_which_they_are_seen(html: str, text: str) -> None:
    assert plain(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<" * 10**6,
        "<div>" * 10**6,
        "&" * 10**6,
        "<!--" * 10**6,
        "<a b=" * 10**6,
        "<p>x" * 10**6,
        " \n" * 10**6,
        "<![" * 10**6,
    ],
)
def test_an_endless_signature_takes_no_time(html: str) -> None:
    begun = time.process_time()
    plain(html)
    assert time.process_time() - begun < 10


def test_control_characters_are_no_words() -> None:
    assert plain("Robin\0\x1b[31m<br>Vale\x07&#7;") == "Robin[31m\nVale"


def test_the_signature_of_the_account_is_one_question(gmail: GmailBackend) -> None:
    gmail.mail.signature = "<div>Robin Vale</div>"
    assert gmail.mailbox().signature(ME) == "Robin Vale"
    assert [one.path for one in gmail.asked()] == ["/gmail/v1/users/me/settings/sendAs"]


def alias(email: str, html: str | None, *, default: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"sendAsEmail": email}
    return told | ({} if html is None else {"signature": html}) | ({"isDefault": True} if default else {})


@pytest.mark.parametrize(
    ("aliases", "chosen"),
    [
        ([alias(ME, "Robin"), alias(WORK, "R. Vale", default=True)], "Robin"),
        ([alias("Robin@Example.ORG", "Robin"), alias(WORK, "R. Vale", default=True)], "Robin"),
        ([alias("else@x.example", "Else"), alias(WORK, "R. Vale", default=True)], "R. Vale"),
        ([alias("else@x.example", "Else")], None),
        ([alias(ME, ""), alias(WORK, "R. Vale", default=True)], None),  # none there is a choice
        ([alias(ME, None, default=True)], None),
        ([alias(ME, "<div><br></div>")], None),
        ([], None),
    ],
)
def test_the_signature_is_that_of_the_address_else_of_the_default_one(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch, aliases: Aliases, chosen: str | None
) -> None:
    monkeypatch.setattr(gmail_api, "send_as", lambda *_: {"sendAs": aliases} if aliases else {})
    assert gmail.mailbox().signature(ME) == chosen


def test_a_permission_that_does_not_reach_to_it_is_told(google: Google, tmp_path: Path) -> None:
    token = consented(google, tmp_path)
    google.oauth._refresh[token.refresh_token] = frozenset({token.scopes[0]})
    mailbox = Gmail(Account(Consent(tmp_path, lambda: NOW), google.url), MINE)
    with pytest.raises(PermissionNeededError, match="does not cover the signature") as caught:
        mailbox.signature(ME)
    assert COMMAND in (caught.value.hint or "")


def test_google_that_cannot_say_it_just_now_is_asked_again_and_then_told(gmail: GmailBackend) -> None:
    gmail.mail.signature = "Robin"
    gmail.google.fail("/sendAs", 503, "backendError")
    assert gmail.mailbox().signature(ME) == "Robin"
    gmail.google.fail("/sendAs", 503, "backendError", times=9)
    with pytest.raises(TransientError):
        gmail.mailbox().signature(ME)
