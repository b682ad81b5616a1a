"""What Google's answers mean for the house: which of them pass by themselves, and which need the user.

https://developers.google.com/workspace/calendar/api/guides/errors
https://developers.google.com/workspace/gmail/api/guides/handle-errors
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.retry import AgainError

COMMAND = "afterword auth google"
"""What the user types to give the permission, or to give it again."""

_WAITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "backendError"})
_TOMORROW = frozenset({"dailyLimitExceeded", "quotaExceeded", "limitExceeded"})
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_EXPIRED = frozenset({"EXPIRED_SYNC_TOKEN", "fullSyncRequired", "updatedMinTooLongAgo"})
_CURSORS = frozenset({"pageToken", "syncToken"})
_OUR_FAULT = frozenset({"syncTokenWithRequestRestrictions"})
_NO_MAILBOX = "Mail service not enabled"
"""What Gmail says of an account that was made with another address, or whose administrator switched Gmail off."""
_LONGEST = 200
_HINT = "Nothing to do: it is asked again."


@dataclass(frozen=True, slots=True)
class Remedy:
    """What mends a permission that Google does not accept, as a sentence; and what another account does it with."""

    again: str
    other: str


CONSENT = Remedy(f"Run `{COMMAND}` to give it again.", f"run `{COMMAND}` and choose the account that has your mail.")
"""Where the user gave it in a browser."""


class MissingError(PermanentError):
    """404: there is no such thing, or not any more."""


class MisunderstoodError(PermanentError):
    """400 and its like: it is what was asked that Google does not take."""


class ExpiredError(TransientError):
    """410, or a cursor that Google refuses: everything has to be asked anew."""


def told(
    status: int, content: bytes, what: str, after: float | None = None, *, remedy: Remedy = CONSENT
) -> ConnectorError:
    """The error that an answer of Google stands for. `what` names what was asked; `after` is its Retry-After."""
    message, reasons, places = _read(content)
    if status < 400:  # noqa: PLR2004 - a status of HTTP
        return TransientError(f"something else than Google answers about {what} ({status})",
                              "Somebody may be in between: a network that wants a login first.")  # fmt: skip
    if status == 401:  # noqa: PLR2004 - as above
        return PermissionNeededError(f"Google does not accept the permission for {what}", remedy.again)
    if status in {403, 408, 429} or status >= 500:  # noqa: PLR2004 - as above
        return _refused(status, message, reasons, what, after=after, remedy=remedy)
    if status == 404:  # noqa: PLR2004 - as above
        return MissingError(f"Google has no such thing: {what}", f"If that does not pass: {_small(remedy.again)}")
    if status == 410 or reasons & _EXPIRED or (places & _CURSORS and not reasons & _OUR_FAULT):  # noqa: PLR2004 - as above
        return ExpiredError(f"Google asks to read {what} anew", _HINT)
    return _misunderstood(status, message, reasons, what, remedy)


def _misunderstood(status: int, message: str, reasons: frozenset[str], what: str, remedy: Remedy) -> ConnectorError:
    if "failedPrecondition" in reasons and _NO_MAILBOX in message:
        return PermissionNeededError(
            f"this Google account has no Gmail, so there is no answer about {what}",
            f"Log in to Gmail with it once, or {remedy.other}",
        )
    return MisunderstoodError(f"Google did not understand a request for {what} ({status}): {message}",
                              "Please report this with the lines of the log before it.")  # fmt: skip


def _refused(
    status: int, message: str, reasons: frozenset[str], what: str, *, after: float | None, remedy: Remedy
) -> ConnectorError:
    if reasons & _TOMORROW:
        return TransientError(f"Google answers no more questions about {what} today", _HINT)
    if status != 403 or reasons & _WAITS:  # noqa: PLR2004 - as above
        return AgainError(f"Google cannot answer about {what} just now ({status})", _HINT,
                          after=after)  # fmt: skip
    if reasons & _SWITCHED_OFF:
        return PermissionNeededError(
            f"the Google API for {what} is not enabled in the project of your OAuth client",
            "Enable it in the Google Cloud console (docs/google.md says where); it takes a few minutes to work.",
        )
    if reasons & _SCOPE:
        return PermissionNeededError(f"the permission that you gave Google does not cover {what}", remedy.again)
    return PermissionNeededError(f"Google does not let us see {what}: {message}",
                                 f"Look whether this account may see it. {remedy.again}")  # fmt: skip


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _read(content: bytes) -> tuple[str, frozenset[str], frozenset[str]]:
    """Message, reasons, and the parameters that are at fault, of Google's error document in either of its forms.

    Whatever else came, is none.
    """
    try:
        error = json.loads(content)["error"]
        listed: list[Any] = [*error.get("errors", ()), *error.get("details", ())]
        reasons, places = (_texts(listed, name) for name in ("reason", "location"))
        message = str(error.get("message", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "it does not say why", frozenset(), frozenset()
    shown = "".join(letter if letter.isprintable() else " " for letter in message[:_LONGEST])
    return shown.strip() or "it does not say why", reasons, places


def _texts(listed: list[Any], name: str) -> frozenset[str]:
    return frozenset(one[name] for one in listed if isinstance(one, dict) and isinstance(one.get(name), str))
