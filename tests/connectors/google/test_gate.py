"""Nothing but the list goes to Google: every method of its own descriptions is held against the gate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests

from connectors.google.gate import ALLOWED, HOSTS, TOKENS, Gate, RefusedError
from tests.google.methods import Method, methods
from tests.google.permitted import permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from pathlib import Path

HOST = {"calendar": "www.googleapis.com", "gmail": "gmail.googleapis.com", "people": "people.googleapis.com"}
MAIL = "https://gmail.googleapis.com/gmail/v1/users/me"
EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
VALUES = {"userId": "me", "calendarId": "primary", "peopleId": "me"}
ASKED = {
    "calendar.events.list",
    "calendar.events.get",
    "gmail.users.getProfile",
    "gmail.users.history.list",
    "gmail.users.messages.list",
    "gmail.users.messages.get",
    "gmail.users.drafts.list",
    "gmail.users.drafts.get",
    "gmail.users.drafts.create",
    "gmail.users.drafts.update",
    "gmail.users.drafts.delete",
    "gmail.users.settings.sendAs.list",
    "people.people.connections.list",
    "people.contactGroups.list",
}


def address(method: Method) -> str:
    path = re.sub(r"\{(\w+)\}", lambda found: VALUES.get(found[1], "18c0ffee"), method.path)
    return f"https://{HOST[method.id.partition('.')[0]]}{path}"


def passes(method: str, where: str, **headers: str) -> bool:
    try:
        Gate().check(method, where, {name.replace("_", "-"): value for name, value in headers.items()})
    except RefusedError:
        return False
    return True


def test_of_all_that_google_can_do_only_the_list_passes() -> None:
    assert len(methods()) > 130
    assert {method.id for method in methods() if passes(method.verb, address(method))} == ASKED


def test_each_line_of_the_list_is_a_method_of_google() -> None:
    asked = [(one.verb, re.sub(r"^https://[^/]+", "", address(one))) for one in methods() if one.id in ASKED]
    assert len(asked) == len(ALLOWED)
    for verb, path in ALLOWED:
        assert [one for one in asked if one[0] == verb and re.fullmatch(path, one[1])]


def test_nothing_but_a_draft_is_ever_overwritten() -> None:
    assert {address(method) for method in methods() if passes("PUT", address(method))} == {f"{MAIL}/drafts/18c0ffee"}


@pytest.mark.parametrize("verb", ["PATCH", "HEAD", "OPTIONS", "TRACE", "post", "get", "GET ", ""])
def test_no_other_verb_passes_anywhere(verb: str) -> None:
    assert [method.id for method in methods() if passes(verb, address(method))] == []


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/messages/send"),
        ("POST", "/drafts/send"),
        ("POST", "/messages/import"),
        ("POST", "/messages"),
        ("POST", "/messages/18c0ffee/modify"),
        ("POST", "/messages/18c0ffee/trash"),
        ("POST", "/messages/18c0ffee/untrash"),
        ("DELETE", "/messages/18c0ffee"),
        ("POST", "/messages/batchDelete"),
        ("POST", "/messages/batchModify"),
        ("POST", "/threads/18c0ffee/modify"),
        ("POST", "/threads/18c0ffee/trash"),
        ("DELETE", "/threads/18c0ffee"),
        ("POST", "/settings/filters"),
        ("DELETE", "/settings/filters/f1"),
        ("POST", "/settings/forwardingAddresses"),
        ("PUT", "/settings/autoForwarding"),
        ("PUT", "/settings/vacation"),
        ("PUT", "/settings/imap"),
        ("POST", "/settings/sendAs"),
        ("PATCH", "/settings/sendAs/robin@example.org"),
        ("POST", "/settings/delegates"),
        ("POST", "/labels"),
        ("POST", "/watch"),
    ],
)
def test_what_sends_changes_deletes_or_sets_in_gmail_is_refused(verb: str, path: str) -> None:
    assert any(one.verb == verb and one.match(f"/gmail/v1/users/me{path}") for one in methods())  # Google has it
    with pytest.raises(RefusedError, match="is not on the list"):
        Gate().check(verb, f"{MAIL}{path}", {})


@pytest.mark.parametrize("name", ["calendar", "people"])
def test_whatever_writes_in_calendars_and_contacts_is_refused(name: str) -> None:
    writing = [method for method in methods() if method.id.startswith(f"{name}.") and method.verb != "GET"]
    assert len(writing) > 10
    assert [method.id for method in writing if passes(method.verb, address(method))] == []


def test_uploads_are_refused() -> None:
    uploading = [method for method in methods() if method.upload]
    assert {"gmail.users.messages.send", "gmail.users.drafts.create"} <= {method.id for method in uploading}
    for method in uploading:
        where = address(method).replace("/gmail/v1", "/upload/gmail/v1").replace("/upload/upload", "/upload")
        assert not passes(method.verb, where)
        assert not passes(method.verb, where.replace("/upload/", "/resumable/upload/"))
    assert not passes("POST", f"{MAIL}/drafts?uploadType=media")
    assert not passes("POST", f"{MAIL}/drafts?alt=json&upload_protocol=raw")


def test_batches_are_refused() -> None:
    assert not any(passes("POST", f"https://{host}/batch") for host in HOSTS)
    assert not passes("POST", "https://gmail.googleapis.com/batch/gmail/v1")
    assert not passes("POST", "https://www.googleapis.com/batch/calendar/v3")


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method", "X_Method_Override"])
def test_a_header_that_makes_another_method_of_it_is_refused(name: str) -> None:
    """https://cloud.google.com/apis/docs/system-parameters."""
    assert passes("GET", f"{MAIL}/messages/18c0ffee")
    assert not passes("GET", f"{MAIL}/messages/18c0ffee", **{name: "DELETE"})


@pytest.mark.parametrize("query", ["X-HTTP-Method-Override=DELETE", "%24httpMethod=DELETE", "$alt=media"])
def test_a_parameter_that_may_do_so_is_refused_too(query: str) -> None:
    assert not passes("GET", f"{MAIL}/messages/18c0ffee?{query}")


@pytest.mark.parametrize(
    "where",
    [
        "http://gmail.googleapis.com/gmail/v1/users/me/drafts",
        "https://gmail.googleapis.com:444/gmail/v1/users/me/drafts",
        "https://gmail.googleapis.com.evil.example/gmail/v1/users/me/drafts",
        "https://evil.example/gmail/v1/users/me/drafts",
        "https://gmail.googleapis.com@evil.example/gmail/v1/users/me/drafts",
        "https://robin@gmail.googleapis.com/gmail/v1/users/me/drafts",
        "https://GMAIL.googleapis.com./gmail/v1/users/me/drafts",
        "https://people.googleapis.com/gmail/v1/users/me/drafts",
        "//gmail.googleapis.com/gmail/v1/users/me/drafts",
        "/gmail/v1/users/me/drafts",
        "ftp://gmail.googleapis.com/gmail/v1/users/me/drafts",
    ],
)
def test_no_other_host_and_nothing_without_tls(where: str) -> None:
    assert passes("GET", "https://gmail.googleapis.com/gmail/v1/users/me/drafts")
    assert not passes("GET", where)
    assert not passes("POST", where)


@pytest.mark.parametrize(
    ("verb", "where"),
    [
        ("POST", f"{MAIL}/drafts/"),
        ("POST", f"{MAIL}/drafts//send"),
        ("POST", f"{MAIL}//drafts"),
        ("POST", f"{MAIL}/drafts%2Fsend"),
        ("POST", f"{MAIL}/drafts/%73end"),
        ("POST", f"{MAIL}/drafts/../messages/send"),
        ("POST", f"{MAIL}/drafts/./send"),
        ("POST", f"{MAIL}/drafts;/send"),
        ("POST", f"{MAIL}/drafts\\send"),
        ("POST", f"{MAIL}/drafts\n/send"),
        ("POST", f"{MAIL}/dra\nfts"),
        ("POST", f"{MAIL}/drafts#/send"),
        ("POST", f"{MAIL}/messages/../drafts"),
        ("DELETE", f"{MAIL}/drafts/..%2Fmessages%2F18c0ffee"),
        ("DELETE", f"{MAIL}/drafts/..%2fmessages%2f18c0ffee"),
        ("DELETE", f"{MAIL}/drafts/%2E%2E"),
        ("DELETE", f"{MAIL}/drafts/.."),
        ("DELETE", f"{MAIL}/drafts/../messages/18c0ffee"),
        ("DELETE", f"{MAIL}/drafts/"),
        ("DELETE", f"{MAIL}/drafts"),
        ("DELETE", f"{MAIL}/drafts/r18/"),
        ("DELETE", f"{MAIL}/drafts/r18%00"),
        ("GET", f"{MAIL}/messages/18c0ffee/attachments/a1"),
        ("GET", f"{MAIL}/messages/18c0ffee%2Fattachments%2Fa1"),
        ("GET", "https://gmail.googleapis.com/gmail/v1/users/dana@example.com/messages"),
        ("GET", f"{EVENTS}/"),
        ("GET", f"{EVENTS}/.."),
        ("GET", f"{EVENTS}/%2E%2E"),
        ("GET", f"{EVENTS}/a%2Fb"),
        ("GET", f"{EVENTS}/a/instances"),
        ("GET", "https://www.googleapis.com/calendar/v3/calendars/../events"),
        ("GET", "https://www.googleapis.com/calendar/v3/calendars/%2e%2e/events"),
        ("GET", "https://www.googleapis.com/calendar/v3/users/me/calendarList"),
        ("GET", "https://people.googleapis.com/v1/people/c1/connections"),
        ("GET", "https://people.googleapis.com/v1/people:searchContacts"),
    ],
)
def test_a_path_that_a_server_may_read_otherwise_is_refused(verb: str, where: str) -> None:
    assert not passes(verb, where)


@pytest.mark.parametrize(
    "calendar",
    [
        "primary",
        "robin%40example.org",
        "c_188a%40group.calendar.google.com",
        "en.usa%23holiday%40group.v.calendar.google.com",
    ],
)
@pytest.mark.parametrize("event", ["", "/abc123", "/abc123_20260302T090000Z", "/_60q30c1g60o30e1i60o4ac1g60rj8gpl88"])
def test_calendars_and_events_pass_by_all_of_their_names(calendar: str, event: str) -> None:
    assert passes(
        "GET", f"https://www.googleapis.com/calendar/v3/calendars/{calendar}/events{event}?syncToken=CPDA%3D%3D"
    )


def test_an_emulator_stands_in_place_of_google_and_gets_no_more() -> None:
    gate = Gate("http://127.0.0.1:4000")
    gate.check("POST", "http://127.0.0.1:4000/gmail/v1/users/me/drafts", {})
    for where in ("http://127.0.0.1:4001/gmail/v1/users/me/drafts", f"{MAIL}/drafts"):
        with pytest.raises(RefusedError):
            gate.check("POST", where, {})
    with pytest.raises(RefusedError):
        gate.check("POST", "http://127.0.0.1:4000/gmail/v1/users/me/drafts/send", {})


def test_access_tokens_come_from_google_alone() -> None:
    assert all(Gate().renews(where) for where in TOKENS)
    for where in (
        "http://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com/revoke",
        "https://evil.example/token",
        "https://oauth2.googleapis.com/token?to=https://evil.example",
        "http://127.0.0.1:4000/token",
    ):
        assert not Gate().renews(where)
    assert Gate("http://127.0.0.1:4000").renews("http://127.0.0.1:4000/oauth2/token")
    assert not Gate("http://127.0.0.1:4000").renews("https://evil.example/token")


def test_what_is_refused_leaves_nothing_at_the_server(tmp_path: Path) -> None:
    with Google() as google:
        account = permitted(google, tmp_path)
        users = account.gmail.users()
        refused = [
            users.messages().send(userId="me", body={"raw": ""}),
            users.drafts().send(userId="me", body={"id": "r1"}),
            users.messages().trash(userId="me", id="18c0ffee"),
            users.settings().updateVacation(userId="me", body={}),
            account.calendar.events().insert(calendarId="primary", body={}),
            account.people.people().deleteContact(resourceName="people/c1"),
        ]
        for request in refused:
            with pytest.raises(RefusedError):
                account.once(request, "it")
        assert google.requests == []


def test_a_question_that_became_too_long_is_not_turned_into_a_post(tmp_path: Path) -> None:
    """The client makes a POST with an override of a GET whose address is longer than 2048 characters."""
    with Google() as google:
        account = permitted(google, tmp_path)
        query = " ".join(f"from:somebody{number}@example.com" for number in range(100))
        with pytest.raises(RefusedError):
            account.ask(account.gmail.users().messages().list(userId="me", q=query), "your mail")
        assert google.requests == []


def test_the_address_that_is_checked_is_the_one_that_goes_out() -> None:
    """What the gate lets pass, the library below it does not write in another way."""
    for method in methods():
        if method.id in ASKED:
            where = f"{address(method)}?q=%7Bfrom%3Aa%40x.example%7D"
            assert requests.Request(method.verb, where).prepare().url == where
