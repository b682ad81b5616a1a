"""The mailbox of the stand-in holds to Google's documentation."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.google.client import ALL, MAIL, Answer, Client, encoded, mail
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


def test_messages_come_newest_first_and_without_spam_and_trash(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/list (includeSpamTrash)."""
    first, second = google.mail.deliver(mail(number=1)), google.mail.deliver(mail("Other", number=2))
    google.mail.deliver(mail("Win", number=3), ["SPAM"])
    google.mail.trash(google.mail.deliver(mail("Old", number=4)))
    assert [one["id"] for one in client.get(f"{MAIL}/messages")["messages"]] == [second, first]
    assert len(client.get(f"{MAIL}/messages", includeSpamTrash="true")["messages"]) == 4
    assert client.refused(f"{MAIL}/messages", maxResults=501)[0] == 400


def test_a_list_of_nothing_has_no_list(client: Client) -> None:
    assert "messages" not in client.get(f"{MAIL}/messages")
    assert "history" not in client.get(f"{MAIL}/history", startHistoryId=client.get(f"{MAIL}/profile")["historyId"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:dana@example.com", 1),
        ("from:dana", 1),
        ("from:da", 0),
        ("to:robin@example.org", 1),
        ("to:cleo@example.com", 1),  # the Cc: FilterCriteria.to of the reference
        ("cc:cleo@example.com", 1),
        ("cc:robin@example.org", 0),
        ("{from:nobody@example.com from:dana@example.com}", 1),
        ("from:nobody@example.com OR from:dana@example.com", 1),
        ("from:dana@example.com to:nobody@example.com", 0),
        ("from:dana@example.com -to:nobody@example.com", 1),
        ("rfc822msgid:m1@example.com", 1),
        ("rfc822msgid:<m1@example.com>", 1),
        ("rfc822msgid:m2@example.com", 0),
        ("in:sent from:dana@example.com", 0),
        ("in:inbox (from:dana@example.com)", 1),
        ("after:2026/03/02", 1),  # midnight in the PST time zone
        ("after:2026/03/03", 0),
        ("before:1772445600", 0),
        ("before:1772445661", 1),
    ],
)
def test_a_search_finds_what_its_operators_say(google: Google, client: Client, query: str, found: int) -> None:
    """https://support.google.com/mail/answer/7190, https://developers.google.com/workspace/gmail/api/guides/filtering."""
    google.mail.deliver(mail(Cc="Cleo <cleo@example.com>"))
    assert len(client.get(f"{MAIL}/messages", q=query).get("messages", [])) == found


def test_a_search_that_the_stand_in_does_not_know_is_refused(client: Client) -> None:
    for query in ("hello", "subject:plan", "{from:a@x.example", "from:"):
        assert client.refused(f"{MAIL}/messages", q=query)[0] == 400


def test_the_index_of_the_search_may_lag_and_the_labels_do_not(google: Google, client: Client) -> None:
    google.mail.deliver(mail())
    google.mail.search_lags = True
    google.mail.deliver(mail("Other", number=2))
    assert len(client.get(f"{MAIL}/messages", q="from:dana")["messages"]) == 1
    assert len(client.get(f"{MAIL}/messages", labelIds="INBOX")["messages"]) == 2
    google.mail.search_lags = False
    assert len(client.get(f"{MAIL}/messages", q="from:dana")["messages"]) == 2


def test_a_message_is_told_in_its_formats(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get (metadataHeaders)."""
    name = google.mail.deliver(mail(References="<a@x.example>\r\n <b@x.example>"))
    raw = client.get(f"{MAIL}/messages/{name}", format="raw")
    assert base64.urlsafe_b64decode(raw["raw"]) == google.mail.messages[name].raw
    heads = client.get(f"{MAIL}/messages/{name}", format="metadata")["payload"]["headers"]
    assert {"name": "References", "value": "<a@x.example> <b@x.example>"} in heads
    some = client.get(f"{MAIL}/messages/{name}", format="metadata", metadataHeaders=["subject", "From"])
    assert [one["name"] for one in some["payload"]["headers"]] == ["From", "Subject"]
    assert "payload" not in client.get(f"{MAIL}/messages/{name}", format="minimal")
    assert some["internalDate"] == "1772445660000"


def test_a_draft_keeps_its_id_and_changes_its_message(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/gmail/api/guides/drafts."""
    made = client.ask(f"{MAIL}/drafts", "POST", {"message": {"raw": encoded(mail())}}).json()
    assert made["message"]["labelIds"] == ["DRAFT"]
    google.mail.edit_draft(made["id"], mail() + b"more")
    now = client.get(f"{MAIL}/drafts/{made['id']}", format="raw")
    assert now["message"]["id"] != made["message"]["id"]
    assert base64.urlsafe_b64decode(now["message"]["raw"]).endswith(b"more")
    assert client.refused(f"{MAIL}/messages/{made['message']['id']}")[0] == 404


def test_a_draft_that_is_sent_is_deleted_and_another_message_appears(google: Google, client: Client) -> None:
    """The same page: "the draft is automatically deleted and a new message with an updated ID is created"."""
    draft = google.mail.draft(mail())
    old = google.mail.drafts[draft]
    sent = google.mail.send_draft(draft, "<other@mail.gmail.com>")
    assert (sent != old, client.get(f"{MAIL}/drafts").get("drafts")) == (True, None)
    told = client.get(f"{MAIL}/messages/{sent}", format="metadata", metadataHeaders="Message-ID")
    assert told["labelIds"] == ["SENT"]
    assert told["payload"]["headers"][0]["value"] == "<other@mail.gmail.com>"


def test_a_deleted_draft_is_gone_for_ever(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/delete."""
    draft = google.mail.draft(mail())
    answer = client.ask(f"{MAIL}/drafts/{draft}", "DELETE")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.refused(f"{MAIL}/drafts/{draft}", "DELETE")[0] == 404
    assert google.mail.messages == {}


@pytest.mark.parametrize(
    ("subject", "heads", "joins"),
    [
        ("Re: Plan", {"In_Reply_To": "<m1@example.com>"}, True),
        ("Plan", {"References": "<m0@example.com> <m1@example.com>"}, True),
        ("Another", {"In_Reply_To": "<m1@example.com>"}, False),
        ("Re: Plan", {}, False),
        ("Re: Plan", {"In_Reply_To": "<m9@example.com>"}, False),
    ],
)
def test_a_draft_joins_a_thread_under_three_conditions(
    google: Google, client: Client, subject: str, heads: dict[str, str], *, joins: bool
) -> None:
    """https://developers.google.com/workspace/gmail/api/guides/threads: threadId, References, and the subject."""
    first = google.mail.deliver(mail())
    raw = encoded(mail(subject, 2, **heads))
    made = client.ask(f"{MAIL}/drafts", "POST", {"message": {"raw": raw, "threadId": first}}).json()
    assert (made["message"]["threadId"] == first) is joins
    without = client.ask(f"{MAIL}/drafts", "POST", {"message": {"raw": raw}}).json()
    assert without["message"]["threadId"] != first


@pytest.mark.parametrize("message", [{}, {"raw": "!!"}, {"raw": 5}, {"raw": "VG86IGENCg0KYg0K", "labelIds": ["SENT"]}])
def test_a_draft_without_a_message_is_refused(client: Client, message: Answer) -> None:
    assert client.refused(f"{MAIL}/drafts", "POST", {"message": message})[0] == 400
    thread = {"message": {"raw": "VG86IGENCg0KYg0K", "threadId": "none"}}
    assert client.refused(f"{MAIL}/drafts", "POST", thread)[0] == 404


def test_each_change_makes_records_of_its_types_in_order(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.history/list."""
    start = client.get(f"{MAIL}/profile")["historyId"]
    name = google.mail.deliver(mail())
    google.mail.trash(name)
    google.mail.delete(name)
    draft = google.mail.draft(mail("Note", 2))
    google.mail.send_draft(draft)
    told = client.get(f"{MAIL}/history", startHistoryId=start)
    kinds = [next(kind for kind in record if kind not in {"id", "messages"}) for record in told["history"]]
    assert kinds == ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted",
                     "messagesAdded", "messagesDeleted", "messagesAdded"]  # fmt: skip
    numbers = [int(record["id"]) for record in told["history"]]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == int(told["historyId"])
    assert told["history"][0]["messagesAdded"] == [{"message": {"id": name, "threadId": name}}]
    later = client.get(f"{MAIL}/history", startHistoryId=told["history"][4]["id"], historyTypes="messageAdded")
    assert len(later["history"]) == 1
    sent = client.get(f"{MAIL}/history", startHistoryId=start, labelId="SENT")
    assert len(sent["history"]) == 1


def test_history_that_is_too_old_or_of_the_future_is_404(google: Google, client: Client) -> None:
    """The same page (startHistoryId): "typically returns an HTTP 404 error code"."""
    start = client.get(f"{MAIL}/profile")["historyId"]
    google.mail.expire_history()
    assert client.refused(f"{MAIL}/history", startHistoryId=start)[0] == 404
    assert client.refused(f"{MAIL}/history", startHistoryId=str(int(start) + 999))[0] == 404
    assert client.refused(f"{MAIL}/history")[0] == 400
    client.get(f"{MAIL}/history", startHistoryId=client.get(f"{MAIL}/profile")["historyId"])


def test_history_has_pages(google: Google, client: Client) -> None:
    start = client.get(f"{MAIL}/profile")["historyId"]
    for number in range(5):
        google.mail.deliver(mail(f"Mail {number}", number))
    told = client.get(f"{MAIL}/history", startHistoryId=start, maxResults=3)
    more = client.get(f"{MAIL}/history", startHistoryId=start, maxResults=3, pageToken=told["nextPageToken"])
    assert (len(told["history"]), len(more["history"]), "nextPageToken" in more) == (3, 2, False)
