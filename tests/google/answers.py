"""What the stand-in answers: documents, and errors in the two forms that Google documents.

https://developers.google.com/workspace/calendar/api/guides/errors (`errors` with a `reason` each)
https://cloud.google.com/apis/design/errors (`status` and `details` with an ErrorInfo)
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})

_CLASSIC = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "insufficientPermissions",
    "SERVICE_DISABLED": "accessNotConfigured",
    "RATE_LIMIT_EXCEEDED": "rateLimitExceeded",
}
"""What an older interface calls the reasons of an ErrorInfo."""


@dataclass(frozen=True)
class Answer:
    """A status and a document; None is an answer without a body (204)."""

    status: int
    document: Document | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        return b"" if self.document is None else json.dumps(self.document).encode()


class Refusal(Exception):  # noqa: N818 - what it is, in the words of the stand-in
    """Google's no: a status and a reason. `where` names a parameter."""

    def __init__(
        self, status: int, reason: str, message: str = "", where: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {reason} {message}")
        self.status = status
        self.reason = reason
        self.message = message or reason
        self.where = where
        self.headers = headers or {}

    def answer(self, path: str) -> Answer:
        """As the API under this path writes it: the People API has an ErrorInfo, the others have `errors`."""
        document = _info(self) if path.startswith("/v1/") else _errors(self)
        return Answer(self.status, {"error": document}, self.headers)


def _errors(refusal: Refusal) -> Document:
    told = {"domain": _domain(refusal), "reason": refusal.reason, "message": refusal.message}
    if refusal.where:
        told |= {"locationType": "parameter", "location": refusal.where}
    if refusal.status == 401:
        told |= {"locationType": "header", "location": "Authorization"}
    details = [_detail(refusal)] if refusal.reason.isupper() else []
    found: Document = {"errors": [told], "code": refusal.status, "message": refusal.message}
    if details:
        found |= {"status": _STATUSES.get(refusal.status, "UNKNOWN"), "details": details}
        told["reason"] = _CLASSIC.get(refusal.reason, "forbidden")
    return found


def _info(refusal: Refusal) -> Document:
    return {
        "code": refusal.status,
        "message": refusal.message,
        "status": _STATUSES.get(refusal.status, "UNKNOWN"),
        "details": [_detail(refusal)],
    }


def _detail(refusal: Refusal) -> Document:
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": refusal.reason, "domain": "googleapis.com"}


def _domain(refusal: Refusal) -> str:
    if refusal.reason in _LIMITS:
        return "usageLimits"
    return "calendar" if refusal.reason in {"fullSyncRequired", "updatedMinTooLongAgo"} else "global"


def absent(what: str = "") -> Refusal:
    """It is not there, to this account."""
    return Refusal(404, "notFound", f"Not Found: {what}" if what else "Not Found")


def missing_here(what: str) -> Refusal:
    """Google can do this; the stand-in was never asked for it, so that a test does not pass by chance."""
    return Refusal(400, "invalid", f"not in this stand-in: {what}")
