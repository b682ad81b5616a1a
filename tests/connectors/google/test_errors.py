"""What Google's documented errors become, each in the form of its page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.base import ConnectorError, PermissionNeededError, TransientError
from connectors.google.errors import COMMAND, ExpiredError, MissingError, MisunderstoodError, told
from connectors.retry import AgainError

Kind = type[ConnectorError]
INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def classic(reason: str, message: str = "No", domain: str = "global", **more: str) -> dict[str, Any]:
    """The form of Calendar and Gmail."""
    return {"error": {"errors": [{"domain": domain, "reason": reason, "message": message, **more}], "message": message}}


def newer(reason: str, status: str, message: str = "No") -> dict[str, Any]:
    """The form of the People API: https://cloud.google.com/apis/design/errors."""
    return {"error": {"message": message, "status": status, "details": [{"@type": INFO, "reason": reason}]}}


CALENDAR = [
    # https://developers.google.com/workspace/calendar/api/guides/errors
    (400, classic("timeRangeEmpty", domain="calendar", location="timeMax"), MisunderstoodError),
    (401, classic("authError", "Invalid Credentials", location="Authorization"), PermissionNeededError),
    (403, classic("userRateLimitExceeded", domain="usageLimits"), AgainError),
    (403, classic("rateLimitExceeded", domain="usageLimits"), AgainError),
    (403, classic("quotaExceeded", "Calendar usage limits exceeded.", "usageLimits"), TransientError),
    (403, classic("forbiddenForNonOrganizer", domain="calendar"), PermissionNeededError),
    (404, classic("notFound"), MissingError),
    (409, classic("duplicate"), MisunderstoodError),
    (410, classic("fullSyncRequired", domain="calendar", location="syncToken"), ExpiredError),
    (410, classic("updatedMinTooLongAgo", domain="calendar", location="updatedMin"), ExpiredError),
    (410, classic("deleted"), ExpiredError),
    (412, classic("conditionNotMet", location="If-Match"), MisunderstoodError),
    (429, classic("rateLimitExceeded", domain="usageLimits"), AgainError),
    (500, classic("backendError"), AgainError),
    # https://developers.google.com/workspace/calendar/api/v3/reference/events/list (syncToken, pageToken)
    (400, classic("invalid", location="pageToken", locationType="parameter"), ExpiredError),
    (400, classic("invalid", location="syncToken", locationType="parameter"), ExpiredError),
    (400, classic("syncTokenWithRequestRestrictions", location="syncToken"), MisunderstoodError),
]
GMAIL = [
    # https://developers.google.com/workspace/gmail/api/guides/handle-errors
    (400, classic("badRequest", location="orderBy", locationType="parameter"), MisunderstoodError),
    (400, classic("failedPrecondition", "Mail service not enabled"), PermissionNeededError),
    (400, classic("failedPrecondition", "Precondition check failed."), MisunderstoodError),
    (401, classic("authError", location="Authorization"), PermissionNeededError),
    (403, classic("dailyLimitExceeded", domain="usageLimits"), TransientError),
    (403, classic("userRateLimitExceeded", domain="usageLimits"), AgainError),
    (403, classic("rateLimitExceeded", domain="usageLimits"), AgainError),
    (403, classic("domainPolicy", "The domain administrators have disabled Gmail apps."), PermissionNeededError),
    (404, classic("notFound", "Requested entity was not found."), MissingError),
    (429, classic("userRateLimitExceeded", domain="usageLimits"), AgainError),
    (500, classic("backendError"), AgainError),
    (502, classic("backendError"), AgainError),
    (503, classic("backendError"), AgainError),
    (504, classic("backendError"), AgainError),
]
PEOPLE = [
    # https://developers.google.com/people/api/rest/v1/people.connections/list, https://cloud.google.com/apis/design/errors
    (400, newer("EXPIRED_SYNC_TOKEN", "FAILED_PRECONDITION"), ExpiredError),
    (400, newer("INVALID_ARGUMENT", "INVALID_ARGUMENT"), MisunderstoodError),
    (403, newer("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "PERMISSION_DENIED"), PermissionNeededError),
    (403, newer("SERVICE_DISABLED", "PERMISSION_DENIED"), PermissionNeededError),
    (403, classic("accessNotConfigured", domain="usageLimits"), PermissionNeededError),
    (403, classic("insufficientPermissions"), PermissionNeededError),
    (429, newer("RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"), AgainError),
]
ODD = [
    (302, "", TransientError),
    (408, "", AgainError),
    (403, "<html>blocked</html>", PermissionNeededError),
    (502, "<html>bad gateway</html>", AgainError),
    (400, "[]", MisunderstoodError),
    (400, '{"error": "invalid_request"}', MisunderstoodError),
    (400, '{"error": {"errors": null}}', MisunderstoodError),
    (400, '{"error": {"errors": [1, {"reason": ["x"]}], "message": {"a": 1}}}', MisunderstoodError),
    (403, "[" * 100_000, PermissionNeededError),
]


@pytest.mark.parametrize(("status", "document", "kind"), [*CALENDAR, *GMAIL, *PEOPLE])
def test_each_documented_error_is_of_its_kind(status: int, document: dict[str, Any], kind: Kind) -> None:
    error = told(status, json.dumps(document).encode(), "the calendar primary")
    assert type(error) is kind
    assert "the calendar primary" in error.message
    assert error.hint or kind is MissingError or kind is ExpiredError


@pytest.mark.parametrize(("status", "content", "kind"), ODD)
def test_what_is_no_document_of_google_is_judged_by_its_status(status: int, content: str, kind: Kind) -> None:
    assert type(told(status, content.encode(), "your mail")) is kind


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert type(told(500, b"\xff\xfe\x00", "your mail")) is AgainError


def test_only_what_may_pass_within_seconds_is_asked_again() -> None:
    assert not isinstance(told(403, json.dumps(classic("dailyLimitExceeded")).encode(), "your mail"), AgainError)


def test_how_long_google_wants_to_be_left_alone_is_kept() -> None:
    error = told(429, json.dumps(classic("rateLimitExceeded")).encode(), "your mail", 7.0)
    assert isinstance(error, AgainError)
    assert error.after == 7.0


@pytest.mark.parametrize("reason", ["insufficientPermissions", "forbidden"])
def test_what_needs_the_user_names_the_command(reason: str) -> None:
    error = told(403, json.dumps(classic(reason)).encode(), "your mail")
    assert COMMAND in (error.hint or "")


def test_an_api_that_is_switched_off_says_where_to_switch_it_on() -> None:
    error = told(403, json.dumps(newer("SERVICE_DISABLED", "PERMISSION_DENIED")).encode(), "your contacts")
    assert "Google Cloud console" in (error.hint or "")
    assert COMMAND not in (error.hint or "")


def test_an_account_without_gmail_is_told_as_such() -> None:
    error = told(400, json.dumps(classic("failedPrecondition", "Mail service not enabled")).encode(), "your mailbox")
    assert "has no Gmail" in error.message
    assert COMMAND in (error.hint or "")


def test_googles_words_are_shortened_and_without_control_characters() -> None:
    words = json.dumps(classic("badRequest", "a\r\nb\x00\u202ec" + "x" * 1000)).encode()
    message = told(400, words, "your mail").message
    assert message.isprintable()
    assert len(message) < 400
    assert "a  b" in message
