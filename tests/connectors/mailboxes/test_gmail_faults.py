"""What goes wrong between here and Gmail: reads are asked again, a draft is asked for once, nothing is guessed."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, Folder, PermanentError, PermissionNeededError, TransientError
from connectors.google.account import Account
from connectors.google.errors import COMMAND
from connectors.google.permission import Consent, Token, save
from connectors.google.scopes import scopes
from connectors.mailboxes.gmail import Gmail
from connectors.retry import PATIENCE, AgainError
from tests.conformance.mailboxes import DANA, ME, MINE, NOBODY, folders, mail, same_text
from tests.connectors.google.raw import listening
from tests.connectors.google.test_transport import answering, says
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.permitted import EVERYTHING, NOW, consented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.connectors.google.raw import Raw
    from tests.connectors.mailboxes.gmail_hand import GmailBackend
    from tests.google.standin import Google

DRAFTS = "/gmail/v1/users/me/drafts"
ONE = frozenset({"<one@example.org>"})
PEOPLE = frozenset({DANA})


@contextmanager
def answered(folder: Path, data: bytes) -> Iterator[tuple[Gmail, Raw]]:
    """A mailbox at a server that answers each question with these bytes, and that server."""
    with listening(answering(data)) as raw:
        granted = tuple(scope.address for scope in scopes(EVERYTHING))
        far = datetime(9000, 1, 1, tzinfo=UTC)
        save(folder, Token("1//r", CLIENT_ID, CLIENT_SECRET, f"{raw.url}/token", granted, NOW, NOW, "ya29.good", far))
        consent = Consent(folder, lambda: NOW)
        yield Gmail(Account(consent, raw.url, pause=lambda _: None), MINE), raw


# --- reading ---


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "rateLimitExceeded"),
        (403, "userRateLimitExceeded"),
        (429, "rateLimitExceeded"),
        (500, "backendError"),
        (502, "backendError"),
        (503, "backendError"),
        (504, "backendError"),
    ],
)
def test_what_may_pass_is_asked_again_wherever_a_look_is(gmail: GmailBackend, status: int, reason: str) -> None:
    gmail.user.deliver(Folder.OTHER, mail(sender=DANA, to=ME))
    gmail.user.deliver(Folder.DRAFTS, mail("<draft@example.org>"))
    for path in ("/profile", "/drafts$", "/drafts/", "/messages$", "/messages/", "/history"):
        gmail.google.fail(path, status, reason)
    found = gmail.mailbox().look("", PEOPLE)
    assert folders(found.headers) == {"<one@example.org>": Folder.OTHER, "<draft@example.org>": Folder.DRAFTS}


def test_google_is_left_alone_as_long_as_it_says(gmail: GmailBackend, pauses: list[float]) -> None:
    gmail.google.fail("/profile", 429, after=7)
    gmail.mailbox().look("", NOBODY)
    assert pauses == [7.0]


def test_the_patience_of_a_cycle_is_one_for_all_its_questions(gmail: GmailBackend, pauses: list[float]) -> None:
    gmail.google.fail("/gmail/", 429, after=int(PATIENCE / 3), times=99)
    for _ in range(4):
        with pytest.raises(AgainError):
            gmail.mailbox().look("", NOBODY)
    assert sum(pauses) <= PATIENCE
    assert len(gmail.asked("GET")) == 4 + len(pauses)


def test_more_than_the_day_allows_is_not_asked_again(gmail: GmailBackend, pauses: list[float]) -> None:
    gmail.google.fail("/profile", 403, "dailyLimitExceeded")
    with pytest.raises(TransientError, match="today"):
        gmail.mailbox().look("", NOBODY)
    assert pauses == []


READS: dict[str, Callable[[Gmail], object]] = {
    "look": lambda mailbox: mailbox.look("", PEOPLE),
    "find": lambda mailbox: mailbox.find(ONE),
    "read": lambda mailbox: mailbox.read("d-r1"),
    "signature": lambda mailbox: mailbox.signature(ME),
}
NO_ANSWERS = {
    "nothing": says(b"", length=0),
    "no JSON": says(b"<html>log in first</html>", length=25),
    "a list": says(b"[]", length=2),
    "half": says(b'{"historyId": "1000", "drafts": [', length=90),
    "another form": says(json.dumps(dict.fromkeys(
        ("historyId", "history", "drafts", "messages", "message", "sendAs", "id", "raw"), 5)).encode()),
    "ids that are none": says(json.dumps({
        "historyId": "5", "id": "../..", "raw": "!", "message": {"id": "a/b"}, "sendAs": ["x"],
        "drafts": [{"id": "../send", "message": {"id": "?"}}], "messages": [{"id": "\n", "threadId": "x"}],
    }).encode()),
}  # fmt: skip


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
@pytest.mark.parametrize("data", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_an_answer_that_cannot_be_read_is_an_error_and_no_empty_mailbox(
    tmp_path: Path, data: bytes, read: Callable[[Gmail], object]
) -> None:
    with answered(tmp_path, data) as (mailbox, _), pytest.raises(TransientError):
        read(mailbox)


@pytest.mark.parametrize("lacking", ["historyId", "id", "threadId", "internalDate"])
def test_a_field_without_which_nothing_can_be_said_is_an_error(
    gmail: GmailBackend, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    """Where Google leaves out what its reference promises, the mail is not taken for one that is not there."""
    gmail.user.deliver(Folder.OTHER, mail(sender=DANA, to=ME))
    before = gmail.mailbox().look("", NOBODY).note
    monkeypatch.setattr("tests.google.standin.partial", lambda document, _: _without(document, lacking))
    with pytest.raises(TransientError, match="cannot be read"):
        gmail.mailbox().look("", PEOPLE)
    monkeypatch.undo()
    assert folders(gmail.mailbox().look(before, PEOPLE).headers) == {"<one@example.org>": Folder.OTHER}


# --- placing: one question, whatever happens ---

NOT_MADE: dict[str, Callable[[Google], None]] = {
    "cut before it was done": lambda google: google.cut(f"POST {DRAFTS}", times=9),
    "403": lambda google: google.fail(f"POST {DRAFTS}", 403, "rateLimitExceeded", times=9),
    "403 of the day": lambda google: google.fail(f"POST {DRAFTS}", 403, "dailyLimitExceeded", times=9),
    "429": lambda google: google.fail(f"POST {DRAFTS}", 429, "rateLimitExceeded", after=1, times=9),
    "500": lambda google: google.fail(f"POST {DRAFTS}", 500, "backendError", times=9),
    "502": lambda google: google.fail(f"POST {DRAFTS}", 502, "backendError", times=9),
    "503": lambda google: google.fail(f"POST {DRAFTS}", 503, "backendError", after=1, times=9),
    "504": lambda google: google.fail(f"POST {DRAFTS}", 504, "backendError", times=9),
    "404": lambda google: google.fail(f"POST {DRAFTS}", 404, "notFound", times=9),
    "400": lambda google: google.fail(f"POST {DRAFTS}", 400, "invalidArgument", times=9),
    "no permission": lambda google: google.fail(f"POST {DRAFTS}", 403, "insufficientPermissions", times=9),
}
MADE: dict[str, Callable[[Google], None]] = {
    "cut after it was done": lambda google: google.cut(f"POST {DRAFTS}", times=9, done=True),
    "half of the answer": lambda google: google.half(f"POST {DRAFTS}", times=9),
}


@pytest.mark.parametrize("fault", [*NOT_MADE.values(), *MADE.values()], ids=[*NOT_MADE, *MADE])
def test_a_draft_is_asked_for_once_and_then_the_mailbox_is_read(
    gmail: GmailBackend, fault: Callable[[Google], None], request: pytest.FixtureRequest
) -> None:
    made = request.node.callspec.id in MADE
    fault(gmail.google)
    with pytest.raises(ConnectorError):
        gmail.mailbox().place(mail())
    assert len(gmail.asked(f"POST {DRAFTS}")) == 1
    found = gmail.mailbox().find(ONE)
    assert [one.folder for one in found.get("<one@example.org>", ())] == ([Folder.DRAFTS] if made else [])
    assert len(gmail.mail.drafts) == int(made)


def test_a_draft_that_was_made_without_an_answer_is_found_although_the_search_lags(gmail: GmailBackend) -> None:
    gmail.mail.search_lags = True
    gmail.google.cut(f"POST {DRAFTS}", done=True)
    with pytest.raises(AgainError):
        gmail.mailbox().place(mail())
    assert set(gmail.mailbox().find(ONE)) == ONE
    gmail.user.move("<one@example.org>", Folder.SENT)
    assert [one.folder for one in gmail.mailbox().find(ONE)["<one@example.org>"]] == [Folder.SENT]


@pytest.mark.parametrize("data", [says(b"", length=0), says(b"<html>", length=6), says(b"[]", length=2)])
def test_an_answer_to_a_draft_that_cannot_be_read_is_an_error_after_one_question(tmp_path: Path, data: bytes) -> None:
    with answered(tmp_path, data) as (mailbox, raw):
        with pytest.raises(TransientError):
            mailbox.place(mail())
        assert [one.split(b" ")[0] for one in raw.requests] == [b"POST"]


@pytest.mark.parametrize("data", [says(b"{}", length=2), says(b'{"id": 5, "message": "x"}')])
def test_a_draft_is_there_when_the_answer_does_not_say_as_what(tmp_path: Path, data: bytes) -> None:
    with answered(tmp_path, data) as (mailbox, raw):
        mailbox.place(mail())
        assert [one.split(b" ")[0] for one in raw.requests] == [b"POST"]


def test_a_draft_that_is_edited_while_it_is_looked_for_is_one_draft(gmail: GmailBackend) -> None:
    gmail.user.deliver(Folder.DRAFTS, mail())
    for path in ("/drafts/", "/messages$"):
        gmail.google.meanwhile(path, lambda: gmail.user.edit("<one@example.org>", mail(text="My own words\n")))
        assert [one.ref[:2] for one in gmail.mailbox().find(ONE)["<one@example.org>"]] == ["d-"]


def test_a_draft_that_is_sent_while_it_is_looked_for_is_not_missed(gmail: GmailBackend) -> None:
    for path in ("/drafts/", "/messages$"):
        gmail.renew()
        gmail.user.deliver(Folder.DRAFTS, mail())
        gmail.google.meanwhile(path, lambda: gmail.user.move("<one@example.org>", Folder.SENT))
        assert Folder.SENT in [one.folder for one in gmail.mailbox().find(ONE)["<one@example.org>"]]


# --- taking away: one question too ---


@pytest.mark.parametrize("done", [True, False])
def test_a_draft_is_deleted_by_one_question(gmail: GmailBackend, *, done: bool) -> None:
    gmail.mailbox().place(mail())
    (header,) = gmail.mailbox().look("", NOBODY).headers
    gmail.asked()
    gmail.google.cut(f"DELETE {DRAFTS}", times=9, done=done)
    with pytest.raises(AgainError):
        gmail.mailbox().remove(header.ref, lambda _: True)
    assert [one.method for one in gmail.asked()] == ["GET", "DELETE"]
    assert set(gmail.mailbox().find(ONE)) == (set() if done else ONE)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_deletion_that_is_refused_is_not_asked_again(gmail: GmailBackend, status: int) -> None:
    gmail.mailbox().place(mail())
    (header,) = gmail.mailbox().look("", NOBODY).headers
    gmail.google.fail(f"DELETE {DRAFTS}", status, "rateLimitExceeded", times=9)
    with pytest.raises(AgainError):
        gmail.mailbox().remove(header.ref, lambda _: True)
    assert len(gmail.asked("DELETE")) == 1
    assert len(gmail.mail.drafts) == 1


def test_a_draft_that_is_sent_in_the_last_instant_was_not_taken_away(gmail: GmailBackend) -> None:
    gmail.mailbox().place(mail())
    (header,) = gmail.mailbox().look("", NOBODY).headers
    gmail.google.meanwhile(f"DELETE {DRAFTS}", lambda: gmail.user.move("<one@example.org>", Folder.SENT))
    assert not gmail.mailbox().remove(header.ref, lambda _: True)
    assert folders(gmail.mailbox().look("", PEOPLE).headers) == {"<one@example.org>": Folder.SENT}


def test_a_draft_in_the_trash_is_not_deleted_for_ever(gmail: GmailBackend) -> None:
    gmail.mailbox().place(mail())
    (header,) = gmail.mailbox().look("", NOBODY).headers
    gmail.user.move("<one@example.org>", Folder.TRASH)
    assert not gmail.mailbox().remove(header.ref, lambda _: True)
    assert len(gmail.mail.messages) == 1


@pytest.mark.parametrize("ref", ["", "d-", "m-", "x-1", "d-../send", "d-a/b", "m-?", "d-r1\n", f"d-{'r' * 9000}"])
def test_what_names_no_mail_is_nothing_and_is_not_asked_for(gmail: GmailBackend, ref: str) -> None:
    assert gmail.mailbox().read(ref) is None
    assert not gmail.mailbox().remove(ref, lambda _: True)
    assert gmail.asked() == []


# --- the permission ---


def test_a_permission_that_was_withdrawn_names_the_cause_and_the_command(google: Google, tmp_path: Path) -> None:
    token = consented(google, tmp_path)
    mailbox = Gmail(Account(Consent(tmp_path, lambda: NOW), google.url), MINE)
    before = mailbox.look("", PEOPLE)
    google.withdraw(token.refresh_token)
    for ask in (lambda: mailbox.look(before.note, PEOPLE), lambda: mailbox.place(mail()), lambda: mailbox.find(ONE)):
        with pytest.raises(PermissionNeededError, match="you took it back") as caught:
            ask()
        assert COMMAND in (caught.value.hint or "")
    assert google.mail.drafts == {}


def test_an_access_token_that_is_refused_is_renewed_and_the_question_asked_once_more(gmail: GmailBackend) -> None:
    mailbox = gmail.mailbox()
    before = mailbox.look("", PEOPLE)
    gmail.google.forget_access_tokens()
    gmail.google.requests.clear()
    assert mailbox.look(before.note, PEOPLE) == before
    assert [one.path.rpartition("/")[2] for one in gmail.google.requests] == ["history", "token", "history"]
    gmail.google.forget_access_tokens()
    mailbox.place(mail())
    assert len(gmail.mail.drafts) == 1


def test_a_scope_that_lacks_is_told_with_the_command(google: Google, tmp_path: Path) -> None:
    token = consented(google, tmp_path)
    google.oauth._refresh[token.refresh_token] = frozenset({token.scopes[0]})
    mailbox = Gmail(Account(Consent(tmp_path, lambda: NOW), google.url), MINE)
    for ask in (lambda: mailbox.look("", PEOPLE), lambda: mailbox.place(mail())):
        with pytest.raises(PermissionNeededError, match="does not cover") as caught:
            ask()
        assert COMMAND in (caught.value.hint or "")


def test_nothing_can_be_laid_into_the_inbox_and_nothing_is_asked_for_it(gmail: GmailBackend) -> None:
    with pytest.raises(PermanentError, match="nothing can be laid"):
        gmail.mailbox().lay(mail())
    assert gmail.mailbox().laid(ONE, NOW) == {}
    assert gmail.asked() == []


def test_the_bytes_travel_with_the_line_ends_of_the_network(gmail: GmailBackend) -> None:
    gmail.mailbox().place(mail(text="Grüße\n"))
    (asked,) = gmail.asked("POST")
    sent = base64.urlsafe_b64decode(json.loads(asked.body)["message"]["raw"])
    assert sent.count(b"\r\n") == sent.count(b"\n") > 0
    assert same_text(sent, mail(text="Grüße\n"))


def _without(document: object, name: str) -> object:
    if isinstance(document, dict):
        return {key: _without(one, name) for key, one in document.items() if key != name}
    return [_without(one, name) for one in document] if isinstance(document, list) else document
