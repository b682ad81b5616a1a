"""What Gmail is searched for: the mails with some people on them, and mails by their Message-ID.

https://support.google.com/mail/answer/7190
https://developers.google.com/workspace/gmail/api/guides/filtering
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST = 1500
"""Characters of a query as it travels. Of an address beyond 2048 googleapiclient makes a POST; the gate refuses it."""

_ADDRESS = re.compile(r"[\w.#$%&'*+/=?^`~-]{1,200}@[\w.-]{1,200}")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9.#$%&'*+/=?^_`~@-]{1,300}")
_WORD = re.compile(r"\w+")
_FIELDS = ("from", "to", "cc", "bcc")


def batches(emails: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The addresses in groups that one query has room for. One that cannot be searched for is in none."""
    group: list[str] = []
    for email in sorted(emails):
        if not _ADDRESS.fullmatch(email) or max(_length(on([email])), _length(tagged([email]))) > LONGEST:
            continue
        if group and max(_length(on([*group, email])), _length(tagged([*group, email]))) > LONGEST:
            yield tuple(group)
            group = []
        group.append(email)
    if group:
        yield tuple(group)


def on(emails: Sequence[str]) -> str:
    """Mails with one of these people on them. An address is met whole: `dana+cal@acme.example` is another."""
    return _either(f"{field}:{email}" for email in emails for field in _FIELDS)


def tagged(emails: Sequence[str]) -> str:
    """Mails that may be from one of these people under an address with a tag (RFC 5233).

    Search knows no parts of words, but + and @ divide them: so by all words of the address, where the address as a
    whole is not met. It finds others too.
    """
    senders = []
    for email in emails:
        words = " ".join(f"from:{word}" for word in dict.fromkeys(_WORD.findall(email)))
        senders.append(f"({words} -from:{email})")
    return f"-in:sent {_either(senders)}"


def named(message_ids: Iterable[str]) -> Iterator[str]:
    """Queries for mails with these Message-IDs; those with letters that a query would read as more are left out."""
    terms: list[str] = []
    length = 0
    for one in sorted({message_id.strip("<>") for message_id in message_ids}):
        if not _MESSAGE_ID.fullmatch(one):
            continue
        term = f"rfc822msgid:{one}"
        more = _length(f" {term}")
        if terms and length + more > LONGEST:
            yield _either(terms)
            terms = []
        length = length + more if terms else _length(_either([term]))
        terms.append(term)
    if terms:
        yield _either(terms)


def _either(terms: Iterable[str]) -> str:
    return f"{{{' '.join(terms)}}}"


def _length(query: str) -> int:
    return len(quote_plus(query))
