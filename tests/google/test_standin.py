"""The stand-in holds to Google's documentation: each rule with the page it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from tests.google.client import ALL, DAY, EVENTS, MAIL, Client, encoded, mail
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def client(google: Google) -> Client:
    return Client(google, ALL)


def test_what_the_description_of_a_method_does_not_have_is_refused(client: Client) -> None:
    """https://developers.google.com/discovery/v1/reference/apis (parameters: type, enum, minimum, repeated)."""
    for query in (
        {"nonsense": "1"},
        {"maxResults": "many"},
        {"maxResults": "0"},
        {"showDeleted": "maybe"},
        {"orderBy": "x"},
    ):
        assert client.refused(EVENTS, **query)[0] == 400
    assert client.refused("/calendar/v3/nothing")[0] == 404
    assert client.refused(EVENTS, "POST", {})[0] == 403  # this scope does not write


def test_a_missing_or_wrong_token_is_401(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/guides/errors#401."""
    google.forget_access_tokens()
    assert client.refused(EVENTS) == (401, "authError")
    client.heads = {}
    assert client.refused(EVENTS) == (401, "authError")


def test_a_scope_that_lacks_is_403(google: Google) -> None:
    """https://developers.google.com/workspace/gmail/api/auth/scopes, and the `scopes` of the descriptions."""
    client = Client(google, ALL[:1])
    client.get(EVENTS)
    assert client.refused(f"{MAIL}/messages") == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


def test_the_metadata_scope_does_not_search(google: Google) -> None:
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list (q)."""
    client = Client(google, ["https://www.googleapis.com/auth/gmail.metadata"])
    client.get(f"{MAIL}/messages", labelIds="SENT")
    assert client.refused(f"{MAIL}/messages", q="from:dana@example.com")[0] == 403


def test_a_refresh_token_that_was_taken_back_is_an_invalid_grant(google: Google) -> None:
    """https://developers.google.com/identity/protocols/oauth2#expiration, RFC 6749 section 5.2."""
    token = google.token(ALL)
    google.withdraw(token)
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    answer = requests.post(google.token_uri, {**form, "refresh_token": token}, timeout=9)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    answer = requests.post(google.token_uri, {**form, "client_secret": "no", "refresh_token": token}, timeout=9)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_only_the_fields_that_are_asked_for_come(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/guides/performance#partial-response."""
    google.calendar("primary").put({"id": "event1", **DAY})
    told = client.get(EVENTS, fields="nextPageToken,items(id,start/date)")
    assert told == {"items": [{"id": "event1", "start": {"date": "2026-03-02"}}]}
    assert client.refused(EVENTS, fields="items(id")[0] == 400


def test_a_fault_comes_as_often_as_it_was_ordered(google: Google, client: Client) -> None:
    google.fail("/events$", 403, "rateLimitExceeded", after=7, times=2)
    answers = [client.ask(EVENTS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["error"]["errors"][0]["domain"] == "usageLimits"


def test_a_connection_is_cut_before_or_after_the_work(google: Google, client: Client) -> None:
    body = {"message": {"raw": encoded(mail())}}
    for done, there in ((False, 0), (True, 1)):
        google.cut("POST .*/drafts", done=done)
        with pytest.raises(requests.ConnectionError):
            client.ask(f"{MAIL}/drafts", "POST", body)
        assert len(google.mail.drafts) == there


def test_half_an_answer_is_shorter_than_its_length(google: Google, client: Client) -> None:
    google.half("/events$")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.ask(EVENTS)


def test_what_was_asked_can_be_counted(google: Google, client: Client) -> None:
    client.get(EVENTS, maxResults=5)
    (one,) = google.asked("GET", "/events")
    assert (one.method, one.path, one.query) == ("GET", EVENTS, {"maxResults": ["5"]})
