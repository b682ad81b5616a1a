"""The search of Gmail, as far as a connector asks: a query becomes a test of a message.

https://developers.google.com/workspace/gmail/api/guides/filtering
https://support.google.com/mail/answer/7190
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import getaddresses
from typing import TYPE_CHECKING

from tests.google.answers import missing_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.google.mail import Stored

    Test = Callable[[Stored], bool]

_WORD = re.compile(r'\s*([{}()]|-(?=\S)|[^\s{}()"]*"[^"]*"|[^\s{}()]+)')
_PST = timezone(timedelta(hours=-8))
_PLACES = {"inbox": "INBOX", "sent": "SENT", "trash": "TRASH", "draft": "DRAFT", "drafts": "DRAFT", "spam": "SPAM"}


def everywhere(query: str) -> bool:
    """Whether it asks for spam and trash as well: `in:anywhere`."""
    return "in:anywhere" in _words(query)


def search(query: str) -> Test:
    """What a message has to be for this query.

    Raises:
        Refusal: there is something in it that the stand-in does not know.
    """
    words = _words(query)
    test = _all(words)
    if words:
        raise missing_here(f"q={query}")
    return test


def _words(query: str) -> list[str]:
    return [found.replace('"', "") for found in _WORD.findall(query)]


def _all(words: list[str]) -> Test:
    """Terms beside each other: all of them; OR binds its two neighbours."""
    tests: list[list[Test]] = []
    either = False
    while words and words[0] not in {")", "}"}:
        if words[0] == "OR":
            words.pop(0)
            either = True
            continue
        one = _one(words)
        if either and tests:
            tests[-1].append(one)
        else:
            tests.append([one])
        either = False
    return lambda message: all(any(one(message) for one in group) for group in tests)


def _one(words: list[str]) -> Test:
    word = words.pop(0)
    if word == "-":
        inner = _one(words)
        return lambda message: not inner(message)
    if word == "(":
        inner = _all(words)
        _closed(words, ")")
        return inner
    if word == "{":
        tests: list[Test] = []
        while words and words[0] != "}":
            tests.append(_one(words))
        _closed(words, "}")
        return lambda message: any(one(message) for one in tests)
    return _operator(word)


def _closed(words: list[str], bracket: str) -> None:
    if not words or words.pop(0) != bracket:
        raise missing_here(f"a query without its {bracket}")


def _operator(word: str) -> Test:
    name, _, value = word.partition(":")
    name = name.casefold()
    table: dict[str, Test] = {
        "from": lambda message: _named(message, ("From",), value),
        # as a filter's `to` is documented: "includes recipients in the to, cc, and bcc header fields"
        "to": lambda message: _named(message, ("To", "Cc", "Bcc"), value),
        "cc": lambda message: _named(message, ("Cc",), value),
        "bcc": lambda message: _named(message, ("Bcc",), value),
        "rfc822msgid": lambda message: message.head.get("Message-ID", "").strip().strip("<>") == value.strip("<>"),
        "after": lambda message: message.at >= _moment(value),
        "before": lambda message: message.at < _moment(value),
    }
    if name == "in":
        return _in(value.casefold())
    if not value or name not in table:
        raise missing_here(f"a search for {word}")
    return table[name]


def _in(place: str) -> Test:
    if place == "anywhere":
        return lambda _: True
    if place not in _PLACES:
        raise missing_here(f"a search in:{place}")
    return lambda message: _PLACES[place] in message.labels


def _named(message: Stored, fields: tuple[str, ...], value: str) -> bool:
    """An address is met whole, a word as one of the words of a name or an address."""
    listed = getaddresses([str(one) for name in fields for one in message.head.get_all(name, [])])
    wanted = value.casefold()
    if "@" in wanted:
        return any(address.casefold() == wanted for _, address in listed)
    return any(wanted in re.split(r"\W+", f"{name} {address}".casefold()) for name, address in listed)


def _moment(value: str) -> datetime:
    """Seconds, or a day "interpreted as midnight on that date in the PST timezone"."""
    if value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    year, month, day = (int(part) for part in re.split(r"[/-]", value))
    return datetime(year, month, day, tzinfo=_PST)
