"""What the keys of a mapping say of each other, as far as a JSON Schema can tell: one of them, together, only with."""

from __future__ import annotations

from typing import Any

_STEP = "A step says one thing that it counts from: `after`, `every` or `before`."
_WAY = "A mail went one way: write `from`, or `to`."


def _exactly_one(*keys: str, message: str) -> list[dict[str, Any]]:
    """Where none is there the mapping is underlined, and where there are two, both: either may be the one too many."""
    none: dict[str, Any] = {"anyOf": [{"required": [key], "errorMessage": message} for key in keys]}
    return [none, *_at_most_one(*keys)]


def _at_most_one(*keys: str) -> list[dict[str, Any]]:
    """Where one is there, none of the others."""
    return [
        {
            "if": {"required": [key]},
            "then": {
                "properties": {other: False for other in keys if other != key},
                "errorMessage": f"This and `{key}` exclude each other; keep one of the two.",
            },
        }
        for key in keys
    ]


def _not_so(key: str, value: object, other: str, message: str) -> dict[str, Any]:
    """Where `key` has this value, the other is not there."""
    then = {"properties": {other: False}, "errorMessage": message}
    return {"if": {"required": [key], "properties": {key: {"const": value}}}, "then": then}


def _needs(key: str, *others: str, message: str) -> dict[str, Any]:
    return {"if": {"required": [key]}, "then": {"required": list(others), "errorMessage": message}}


def _both(one: str, other: str) -> list[dict[str, Any]]:
    message = f"`{one}` and `{other}` go together: write both, or neither."
    return [_needs(one, other, message=message), _needs(other, one, message=message)]


TOGETHER: dict[str, list[dict[str, Any]]] = {
    "CaldavCalendar": _both("user", "password"),
    "Carddav": _both("user", "password"),
    "GoogleAccount": _both("service_account", "user"),
    "Imap": _exactly_one("password", "oauth", message="A mailbox at a server has a `password` or an `oauth`."),
    "Password": _exactly_one(
        "command",
        "credential",
        "keyring",
        "file",
        message="A password comes from one place: `command`, `credential`, `keyring` or `file`.",
    ),
    "Step": [
        *_exactly_one("after", "every", "before", message=_STEP),
        _needs("by", "after", message="`by` is a deadline after a meeting, and so goes only with `after`."),
        _needs("at_most", "every", message="`at_most` counts check-ins, and so goes only with `every`."),
        _not_so("to", "all", "every", message="Check-ins are counted for each person: `to: all` has no `every`."),
    ],
    "GivenMail": _exactly_one("from", "to", message=_WAY),
    "GivenDraft": [
        *_at_most_one("sent", "deleted", "skipped", "snoozed"),
        *_both("snoozed", "until"),
    ],
    "ExpectedDraft": [{"minProperties": 1}],
    "RuleTest": [
        _needs("because", "meeting", message="`because` tells of a meeting: add `meeting:`."),
        {
            "anyOf": [
                {"required": [key], "errorMessage": "Nothing says from when to look ahead: add `meeting:` or `at:`."}
                for key in ("meeting", "at")
            ]
        },
    ],
}
"""By the name of the model; each list goes into its `allOf`."""
