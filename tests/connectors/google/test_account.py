"""An account of Google as the connectors ask it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.google.account import Account
from connectors.google.errors import ExpiredError, MissingError
from connectors.google.permission import Consent, Token, save
from connectors.google.scopes import scopes
from connectors.retry import PATIENCE, TRIES, AgainError
from connectors.waits import Waits
from tests.connectors.google.raw import Raw, listening
from tests.connectors.google.test_transport import answering, says
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.permitted import EVERYTHING, NOW, consented, permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = "/calendar/v3/calendars/primary/events"
DRAFTS = "/gmail/v1/users/me/drafts"
NOTE = "VG86IGRhbmFAZXhhbXBsZS5jb20NCg0KSGVsbG8NCg=="  # To: dana@example.com


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def account(google: Google, tmp_path: Path, pauses: list[float]) -> Account:
    return permitted(google, tmp_path, pauses)


def look(account: Account) -> dict[str, Any]:
    return account.ask(account.calendar.events().list(calendarId="primary"), "the calendar primary")


def create(account: Account) -> dict[str, Any]:
    return account.once(account.gmail.users().drafts().create(userId="me", body={"message": {"raw": NOTE}}), "a draft")


def test_all_three_services_are_asked_with_one_permission(google: Google, account: Account) -> None:
    assert look(account)["items"] == []
    assert account.ask(account.gmail.users().getProfile(userId="me"), "you")["emailAddress"] == google.address
    people = account.people.people().connections()
    assert account.ask(people.list(resourceName="people/me", personFields="names"), "them")["totalItems"] == 0
    assert [one.path for one in google.requests].count("/token") <= 3


def test_nothing_is_asked_before_something_is_asked_for(google: Google, account: Account) -> None:
    account.calendar.events().list(calendarId="primary")
    account.gmail.users().getProfile(userId="me")
    assert google.requests == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_question_is_asked_again_when_google_is_busy(google: Google, account: Account, status: int) -> None:
    google.fail(EVENTS, status, "backendError", times=TRIES - 1)
    assert look(account)["items"] == []
    assert len(google.asked(EVENTS)) == TRIES


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_a_rate_limit_is_waited_for(google: Google, account: Account, pauses: list[float], reason: str) -> None:
    google.fail(EVENTS, 403, reason, after=5)
    look(account)
    assert pauses == [5.0]


def test_a_busy_token_endpoint_is_asked_again_by_the_same_policy(
    google: Google, account: Account, pauses: list[float]
) -> None:
    google.fail("/token", 503)
    google.cut("/token")
    assert look(account)["items"] == []
    assert len(pauses) == 2


@pytest.mark.parametrize("fault", ["cut", "half"])
def test_a_question_whose_answer_was_lost_is_asked_again(google: Google, account: Account, fault: str) -> None:
    getattr(google, fault)(EVENTS)
    assert look(account)["items"] == []
    assert len(google.asked(EVENTS)) == 2


def test_the_budget_is_one_for_all_questions_of_a_cycle(google: Google, account: Account, pauses: list[float]) -> None:
    google.fail(EVENTS, 503, "backendError", after=int(PATIENCE / 2) - 1, times=9)
    for _ in range(3):
        with pytest.raises(AgainError):
            look(account)
    assert sum(pauses) <= PATIENCE
    assert len(google.asked(EVENTS)) == TRIES + 1 + 1


def test_a_limit_of_the_day_is_not_waited_for(google: Google, account: Account, pauses: list[float]) -> None:
    google.fail(EVENTS, 403, "dailyLimitExceeded")
    with pytest.raises(TransientError, match="today"):
        look(account)
    assert pauses == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_draft_is_never_created_twice_because_google_was_busy(google: Google, account: Account, status: int) -> None:
    google.fail(f"POST {DRAFTS}", status, "backendError", times=9)
    with pytest.raises(AgainError):
        create(account)
    assert len(google.asked("POST", DRAFTS)) == 1


def test_a_draft_whose_answer_was_lost_is_there_once(google: Google, account: Account) -> None:
    for fault in (partial(google.cut, f"POST {DRAFTS}", done=True), partial(google.half, f"POST {DRAFTS}")):
        google.mail.drafts.clear()
        fault()
        with pytest.raises(AgainError):
            create(account)
        assert len(google.mail.drafts) == 1


def test_a_draft_whose_question_was_lost_is_not_there(google: Google, account: Account) -> None:
    google.cut(f"POST {DRAFTS}")
    with pytest.raises(AgainError):
        create(account)
    assert (len(google.asked("POST", DRAFTS)), google.mail.drafts) == (1, {})


def test_a_deletion_has_no_answer_but_is_done(google: Google, account: Account) -> None:
    made = create(account)
    assert account.once(account.gmail.users().drafts().delete(userId="me", id=made["id"]), "a draft") == {}
    assert google.mail.drafts == {}


def test_what_is_not_there_and_what_is_too_old_are_told_apart(google: Google, account: Account) -> None:
    with pytest.raises(MissingError):
        account.ask(account.calendar.events().get(calendarId="primary", eventId="nowhere"), "an event")
    token = look(account)["nextSyncToken"]
    google.calendar("primary").expire_sync_tokens()
    with pytest.raises(ExpiredError):
        account.ask(account.calendar.events().list(calendarId="primary", syncToken=token), "the calendar primary")


def test_what_may_not_be_asked_is_an_error_of_its_source_and_is_not_asked(google: Google, account: Account) -> None:
    for wanted in (account.ask, account.once):
        with pytest.raises(
            PermanentError, match=r"not asked about the calendar a/b: GET .* is not on the list"
        ) as raised:
            wanted(account.calendar.events().list(calendarId="a/b"), "the calendar a/b")
        assert "settings" in (raised.value.hint or "")
    assert google.requests == []


def test_a_page_token_that_has_died_is_too_old_as_well(google: Google, account: Account) -> None:
    calendar = google.calendar("primary")
    for number in range(3):
        calendar.put({"id": f"event{number}", "start": {"date": "2026-03-02"}, "end": {"date": "2026-03-03"}})
    calendar.page_size = 1
    first = look(account)
    calendar.kill_page(2)
    request = account.calendar.events().list(calendarId="primary", pageToken=first["nextPageToken"])
    with pytest.raises(ExpiredError):
        account.ask(request, "the calendar primary")


def test_a_scope_that_lacks_at_google_is_told(google: Google, tmp_path: Path) -> None:
    token = consented(google, tmp_path)
    google.oauth._refresh[token.refresh_token] = frozenset()
    with pytest.raises(PermissionNeededError, match="does not cover the calendar primary"):
        look(Account(Consent(tmp_path, lambda: NOW), google.url))


def test_a_permission_that_was_taken_back_in_the_middle_is_told(google: Google, tmp_path: Path) -> None:
    token = consented(google, tmp_path)
    account = Account(Consent(tmp_path, lambda: NOW), google.url)
    look(account)
    google.withdraw(token.refresh_token)
    with pytest.raises(PermissionNeededError, match="no longer accepts the permission"):
        look(account)


# --- answers that are none ---


def asked(folder: Path, data: bytes, *, post: bool = False) -> ConnectorError | dict[str, Any]:
    """What comes of this answer to one question; its access token is good for a while."""
    with listening(answering(data)) as raw:
        granted = tuple(scope.address for scope in scopes(EVERYTHING))
        far = datetime(9000, 1, 1, tzinfo=UTC)
        save(folder, Token("1//r", CLIENT_ID, CLIENT_SECRET, f"{raw.url}/token", granted, NOW, NOW, "ya29.good", far))
        account = Account(Consent(folder, lambda: NOW), raw.url, pause=lambda _: None)
        try:
            return create(account) if post else look(account)
        except ConnectorError as error:
            return error


EVENTS_DOCUMENT = json.dumps({"items": [{"id": f"event{number}"} for number in range(500)]}).encode()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (says(b"", length=0), TransientError),  # an empty answer is no empty calendar
        (says(b""), TransientError),
        (b"HTTP/1.1 200 OK\r\nContent-Le", TransientError),
        (says(b"<html>log in first</html>", length=25), TransientError),
        (says(b"\xff\xfe\xfd", length=3), TransientError),
        (says(EVENTS_DOCUMENT[:900]), TransientError),
        (says(gzip.compress(EVENTS_DOCUMENT)[:900], "Content-Encoding: gzip"), TransientError),
        (says(b"[" * 100_000, length=100_000), TransientError),
        (says(b"[]", length=2), TransientError),
        (says(b'"text"', length=6), TransientError),
        (says(b"null", length=4), TransientError),
        (says(b"", "Location: https://evil.example/", length=0, status="302 Found"), TransientError),
        (says(b'{"error": {"message": 5}}', length=25, status="400 Bad Request"), TransientError),
        (says(b'{"error": "x"}', length=14, status="400 Bad Request"), PermanentError),
        (says(b"[" * 100_000, length=100_000, status="500 Error"), TransientError),
        (says(b"no", length=2, status="404 Not Found"), MissingError),
    ],
)
def test_what_is_no_answer_of_google_is_an_error_of_the_house(
    tmp_path: Path, data: bytes, kind: type[ConnectorError]
) -> None:
    assert isinstance(asked(tmp_path, data), kind)
    assert isinstance(asked(tmp_path, data, post=True), kind)


def test_what_the_answer_has_more_than_the_reference_does_no_harm(tmp_path: Path) -> None:
    assert asked(tmp_path, says(b'{"items": [], "new": 1}', length=23)) == {"items": [], "new": 1}


@pytest.mark.parametrize(
    ("after", "waits"),
    [("7", 7.0), ("0", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-5", 0.0), ("soon", 0.0), ("\xb2", 0.0)],
)
def test_retry_after_is_read_where_it_is_a_number(tmp_path: Path, after: str, waits: float) -> None:
    pauses: list[float] = []
    data = says(b"{}", length=2, status="503 Busy").replace(
        b"\r\n\r\n", f"\r\nConnection: close\r\nRetry-After: {after}\r\n\r\n".encode("latin-1")
    )
    with listening(answering(data)) as raw:
        granted = tuple(scope.address for scope in scopes(EVERYTHING))
        far = NOW + timedelta(days=365 * 1000)
        save(tmp_path, Token("1//r", CLIENT_ID, CLIENT_SECRET, f"{raw.url}/token", granted, NOW, NOW, "ya29.a", far))
        with pytest.raises(AgainError):
            look(Account(Consent(tmp_path, lambda: NOW), raw.url, pause=pauses.append))
    assert len(pauses) == TRIES - 1
    assert all(waits <= pause <= max(waits, 1.0) for pause in pauses)


def _nothing(raw: Raw) -> None:
    raw.ending.wait()


def test_who_has_no_time_is_told_of_silence_at_once_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    with listening(lambda raw, _: _nothing(raw)) as raw:
        granted = tuple(scope.address for scope in scopes(EVERYTHING))
        far = NOW + timedelta(days=365 * 1000)
        save(tmp_path, Token("1//r", CLIENT_ID, CLIENT_SECRET, f"{raw.url}/token", granted, NOW, NOW, "ya29.a", far))
        hasty = Waits(connect=9, silence=0.1, answer=9, retries=0)
        with pytest.raises(TransientError, match=r"did not answer for 0\.1 seconds"):
            look(Account(Consent(tmp_path, lambda: NOW), raw.url, waits=hasty))
        assert len(raw.requests) == 1


def test_google_is_imported_only_where_google_is_asked() -> None:
    code = (
        "import sys, connectors.google.account, connectors.google.permission, connectors.google.errors\n"
        "print([name for name in sys.modules if name.startswith(('google.', 'googleapiclient', 'httplib2'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert told.stdout.strip() == "[]"
