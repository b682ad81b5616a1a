"""Entries of the systemd journal: a line to read, and each field under a name of its own (systemd.journal-fields(7)).

By cysystemd, which hands them to libsystemd; its compiled module alone costs a tenth of what its `journal` does.
"""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

IDENTIFIER = "afterword"
SOCKET = "/run/systemd/journal/socket"
"""Where libsystemd sends them. It says that all went well, too, where this is not there."""
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""As syslog(3) counts."""


def takes(stream: TextIO) -> bool:
    """Whether what is written to the stream goes to the journal: systemd names the stream's file (systemd.exec(5))."""
    told = os.environ.get("JOURNAL_STREAM")
    if not told:
        return False
    try:
        status = os.fstat(stream.fileno())
    except (OSError, io.UnsupportedOperation):
        return False
    return told == f"{status.st_dev}:{status.st_ino}" and os.path.exists(SOCKET)  # noqa: PTH110 - pathlib costs 2 MB


def send(level: str, event: str, message: str, fields: Mapping[str, object]) -> bool:
    """Send one entry; whether it was sent. `fields` are values that JSON can hold; those that are None are left out."""
    if (library := _library()) is None:
        return False
    entry = {_name(name): _text(value) for name, value in fields.items() if value is not None}
    entry |= {"AFTERWORD_EVENT": event, "SYSLOG_IDENTIFIER": IDENTIFIER}
    try:
        code = library(MESSAGE=message, PRIORITY=str(_PRIORITIES.get(level, 6)), **entry)
    except (ValueError, RuntimeError, OSError):  # what its C call returned
        return False
    return not code


def _library() -> Callable[..., object] | None:
    try:
        from cysystemd._journal import send  # noqa: PLC0415 - see the head of this module
    except ImportError:
        return None
    made: Callable[..., object] = send
    return made


def _name(name: str) -> str:
    """`message_id` is AFTERWORD_MESSAGE_ID: names are of A-Z, 0-9 and _, and those without a prefix are systemd's."""
    upper = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.upper())
    return f"AFTERWORD_{upper}"[:64]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
