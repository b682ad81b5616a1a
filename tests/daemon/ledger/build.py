"""A record as a test wants to say it, and children that die."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack

from sqlalchemy import event
from sqlalchemy.engine import Engine

from rules.history import MeetingRef, Record, State
from rules.model import Recipient
from tests.fields import AnyRecord

NOW = datetime(2026, 3, 3, 17, 0, 0, 123456, tzinfo=UTC)


def record(name: str = "one", state: State = State.PLANNED, /, **changes: Unpack[AnyRecord]) -> Record:
    """A thank-you for a coffee with Dana."""
    start = NOW - timedelta(hours=3)
    base = Record(
        id=name,
        state=state,
        rule="soft-interview",
        step="thank-you",
        template="thank-you",
        anchor="uid-1",
        addresses=("dana@acme.example",),
        to=(Recipient("Dana Okafor", "dana@acme.example"),),
        due=NOW,
        by=NOW + timedelta(hours=22),
        expires=NOW + timedelta(days=7),
        changed=NOW,
        revision=1,
        meeting=MeetingRef("feed", "uid-1", ("uid-1", "uid-2"), "Coffee with Dana", start, start + timedelta(hours=1)),
        message_id="<a@example.org>",
        subject="Thank you, Dana",
    )
    return replace(base, **changes)


def in_child(act: Callable[[], object]) -> int:
    """Run in a forked child; how it ended (0: well)."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def die_at(point: int) -> None:
    """End this (forked) process at its n-th touch of the database: before a statement, or before a commit."""
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1
        if count == point:
            os._exit(9)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
