"""The methods of Gmail that a connector asks for.

https://developers.google.com/workspace/gmail/api/reference/rest
"""

from __future__ import annotations

import base64
import binascii
import json
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any

from tests.google.answers import Document, Refusal, absent, missing_here
from tests.google.gmail_search import everywhere, search
from tests.google.paging import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.google.mail import Mail, Record, Stored
    from tests.google.paging import Page
    from tests.google.serving import Asked


_LARGEST_PAGE = 500
_HIDDEN = frozenset({"SPAM", "TRASH"})
_NOT_ASKED = frozenset({"pageToken", "fields", "prettyPrint", "alt", "$.xgafv", "quotaUser"})
_KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def answer(mail: Mail, address: str, method: str, names: Mapping[str, str], asked: Asked) -> Document | None:
    """What Gmail answers; None is an answer without a body."""
    if names["userId"] != "me":
        raise missing_here(f"the user {names['userId']}")
    query, name = asked.query, names.get("id", "")
    table: dict[str, Callable[[], Document | None]] = {
        "messages.list": lambda: list_messages(mail, query),
        "messages.get": lambda: get_message(mail, name, query),
        "drafts.list": lambda: list_drafts(mail, query),
        "drafts.get": lambda: get_draft(mail, name, query),
        "drafts.create": lambda: create_draft(mail, asked.body),
        "drafts.update": lambda: update_draft(mail, name, asked.body),
        "drafts.delete": lambda: delete_draft(mail, name),
        "history.list": lambda: list_history(mail, query),
        "getProfile": lambda: profile(mail, address),
        "settings.sendAs.list": lambda: send_as(mail, address),
    }
    short = method.removeprefix("gmail.users.")
    if short not in table:
        raise missing_here(method)
    return table[short]()


def list_messages(mail: Mail, query: Mapping[str, list[str]]) -> Document:
    """Newest first. Of spam and trash nothing, unless it is asked for."""
    words, wanted = query.get("q", [""])[0], set(query.get("labelIds", ()))
    found = [one for one in _shown(mail.messages.values(), query, words) if wanted <= set(one.labels)]
    if words:
        meets = search(words)
        found = [one for one in found if mail.searchable(one) and meets(one)]
    told = [_named(one) for one in sorted(found, key=lambda one: (one.at, one.id), reverse=True)]
    return _page(mail, "messages", told, query, estimate=True)


def list_drafts(mail: Mail, query: Mapping[str, list[str]]) -> Document:
    """Each with the id and the thread of its message, and no more."""
    words = query.get("q", [""])[0]
    shown = {one.id for one in _shown(mail.messages.values(), query, words)}
    if words:
        meets = search(words)
        shown = {name for name in shown if mail.searchable(mail.messages[name]) and meets(mail.messages[name])}
    told = [{"id": draft, "message": _named(mail.messages[one])} for draft, one in mail.drafts.items() if one in shown]
    return _page(mail, "drafts", told[::-1], query, estimate=True)


def get_message(mail: Mail, message_id: str, query: Mapping[str, list[str]]) -> Document:
    """In the form that is asked for."""
    if message_id not in mail.messages:
        raise absent("Requested entity was not found.")
    return _told(mail, mail.messages[message_id], query)


def get_draft(mail: Mail, draft_id: str, query: Mapping[str, list[str]]) -> Document:
    """The draft and its message of now."""
    if draft_id not in mail.drafts:
        raise absent("Requested entity was not found.")
    return {"id": draft_id, "message": _told(mail, mail.messages[mail.drafts[draft_id]], query)}


def create_draft(mail: Mail, body: bytes) -> Document:
    """`raw` is asked for, in base64url; a thread is one that there is."""
    raw, thread = _given(mail, body)
    draft = mail.keep_draft(raw, thread)
    return {"id": draft, "message": {**_named(stored := mail.messages[mail.drafts[draft]]), "labelIds": stored.labels}}


def update_draft(mail: Mail, draft_id: str, body: bytes) -> Document:
    """The same draft, another message; as a thread that fits, or one of its own."""
    if draft_id not in mail.drafts:
        raise absent("Requested entity was not found.")
    raw, thread = _given(mail, body)
    mail.change_draft(draft_id, raw, thread)
    stored = mail.messages[mail.drafts[draft_id]]
    return {"id": draft_id, "message": {**_named(stored), "labelIds": stored.labels}}


def _given(mail: Mail, body: bytes) -> tuple[bytes, str | None]:
    """The message and the thread of a draft that is given."""
    try:
        given = json.loads(body)
        message = dict(given["message"])
        unknown = sorted({*given} - {"message", "id"} | {*message} - {"raw", "threadId"})
        raw = base64.b64decode(message["raw"], altchars=b"-_", validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Refusal(400, "invalidArgument", f"'raw' RFC822 payload message string is required: {error}") from error
    if unknown or b"\n" not in raw:
        raise Refusal(400, "badRequest", f"Invalid JSON payload received. Unknown name {unknown}: Cannot find field.")
    thread = message.get("threadId")
    if thread is not None and all(one.thread != thread for one in mail.messages.values()):
        raise absent("Requested entity was not found.")
    return raw, thread


def delete_draft(mail: Mail, draft_id: str) -> None:
    """For ever; the answer has no body."""
    if draft_id not in mail.drafts:
        raise absent("Requested entity was not found.")
    mail.drop_draft(draft_id)


def list_history(mail: Mail, query: Mapping[str, list[str]]) -> Document:
    """In order; messages have their id and thread only. 404 where it does not reach back so far."""
    start = query.get("startHistoryId", [""])[0]
    if not start.isdigit():
        raise Refusal(400, "invalidArgument", "Missing or invalid startHistoryId", "startHistoryId")
    if not mail.oldest <= int(start) <= mail.serial:
        raise absent("Requested entity was not found.")
    kinds = {_KINDS[one] for one in query.get("historyTypes", _KINDS)}
    label = query.get("labelId", [None])[0]
    told = [
        _changed(one)
        for one in mail.history
        if one.id > int(start) and one.kind in kinds and (label is None or label in one.had)
    ]
    return {**_page(mail, "history", told, query), "historyId": str(mail.serial)}


def profile(mail: Mail, address: str) -> Document:
    """Who it is, and the historyId of now."""
    threads = {one.thread for one in mail.messages.values()}
    return {
        "emailAddress": address,
        "messagesTotal": len(mail.messages),
        "threadsTotal": len(threads),
        "historyId": str(mail.serial),
    }


def send_as(mail: Mail, address: str) -> Document:
    """The address of the account, with its signature (HTML)."""
    own = {"sendAsEmail": address, "displayName": mail.name, "replyToAddress": "", "signature": mail.signature}
    return {"sendAs": [{**own, "isPrimary": True, "isDefault": True}]}


def _shown(messages: Iterable[Stored], query: Mapping[str, list[str]], words: str) -> list[Stored]:
    hidden = query.get("includeSpamTrash") != ["true"] and not everywhere(words)
    return [one for one in messages if not (hidden and _HIDDEN.intersection(one.labels))]


def _named(message: Stored) -> dict[str, Any]:
    return {"id": message.id, "threadId": message.thread}


def _changed(record: Record) -> Document:
    message = {"id": record.message, "threadId": record.thread}
    change: Document = {"message": message}
    if record.labels:
        change["labelIds"] = list(record.labels)
    return {"id": str(record.id), "messages": [message], record.kind: [change]}


def _told(mail: Mail, message: Stored, query: Mapping[str, list[str]]) -> Document:
    form = query.get("format", ["full"])[0]
    told = {
        **_named(message),
        "labelIds": message.labels,
        "snippet": "",
        "historyId": str(message.history),
        "internalDate": str(int(message.at.timestamp() * 1000)),
        "sizeEstimate": len(message.raw),
    }
    if form == "raw":
        told["raw"] = base64.urlsafe_b64encode(message.raw).decode()
    if form in {"metadata", "full"}:
        only = {one.casefold() for one in query.get("metadataHeaders", ())} if form == "metadata" else set()
        told["payload"] = {"mimeType": message.head.get_content_type(), "headers": _heads(mail, message, only)}
    if form == "full":
        raise missing_here("format=full, which is the default")
    return told


def _heads(mail: Mail, message: Stored, only: set[str]) -> list[Document]:
    listed = [(name, " ".join(str(value).split())) for name, value in message.head.items()]
    if mail.decodes_heads:
        listed = [(name, str(make_header(decode_header(value)))) for name, value in listed]
    return [{"name": name, "value": value} for name, value in listed if not only or name.casefold() in only]


def _page(
    mail: Mail, name: str, told: list[Document], query: Mapping[str, list[str]], *, estimate: bool = False
) -> Document:
    most = int(query.get("maxResults", ["100"])[0])
    if not 0 < most <= _LARGEST_PAGE:
        raise Refusal(400, "invalidArgument", f"maxResults is {most}; the maximum is {_LARGEST_PAGE}", "maxResults")
    size, pages, asked = min(most, mail.page_size), mail.pages[name], asking(query, _NOT_ASKED)
    page: Page = pages.following(query["pageToken"][0], asked, size) if "pageToken" in query else pages.first(
        told, mail.serial, asked, size)  # fmt: skip
    answer: Document = {name: list(page.items)} if page.items else {}  # an empty list is left out
    if page.next is not None:
        answer["nextPageToken"] = page.next
    return answer | ({"resultSizeEstimate": len(told)} if estimate else {})
