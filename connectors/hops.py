"""The way that a mail came, by the trace fields in its head: whether it reached this mailbox from outside.

Anybody can write my address into From. What a mail that I sent and filed has not, and one that came has, is a trace
of the way (RFC 5321 section 4.4). A sender can add to that trace and not take from it: my own server puts its line
on top of whatever there is. So one line of a hop that was not mine is enough, and no line proves anything good.
Authentication-Results (RFC 8601) is believed only where it speaks against a mail: my server may write none of its
own, and then one that says "pass" came with the mail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOME = frozenset({"esmtpa", "esmtpsa", "utf8smtpa", "utf8smtpsa", "lmtp", "lmtps", "lmtpa", "lmtpsa", "utf8lmtp",
                   "utf8lmtps", "utf8lmtpa", "utf8lmtpsa", "http", "https", "local"})  # fmt: skip
"""Hops of my own: handed in under a password (RFC 3848, RFC 6531), in a web mail, or from one's server to its store."""

_FROM = re.compile(r"\s*from\b", re.IGNORECASE)
_WITH = re.compile(r"\bwith\s+([^\s;]+)", re.IGNORECASE)
_FAILED = re.compile(r"\b(?:dmarc|spf|dkim)\s*=\s*(?:fail|softfail|permerror|policy)\b", re.IGNORECASE)


def came_from_outside(received: Iterable[str], results: Iterable[str]) -> bool:
    """Whether a mail came here by a hop that was not mine.

    `received` are its Received fields, `results` its Authentication-Results, unfolded. A mail without any was saved
    here by a mail program. A hop without `from` was local: a server names whoever comes to it from elsewhere.
    """
    hops = list(received)
    verdicts = list(results)
    if any(_FAILED.search(_bare(verdict) or verdict) for verdict in verdicts):
        return True
    return any(not _is_home(hop) for hop in hops) or (bool(verdicts) and not hops)


def _is_home(hop: str) -> bool:
    if not _FROM.match(hop):
        return True
    bare = _bare(hop) or ""
    # What a stranger calls themselves stands in this line too, and may pretend: every protocol in it has to be mine.
    protocols = _WITH.findall(bare)
    return bool(protocols) and all(protocol.casefold() in _HOME for protocol in protocols)


def _bare(value: str) -> str | None:
    """Without comments (RFC 5322 section 3.2.2); None where their brackets do not match: somebody plays with them."""
    kept: list[str] = []
    depth = 0
    for letter in value:
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(letter)
        if depth < 0:
            return None
    return None if depth else "".join(kept)
