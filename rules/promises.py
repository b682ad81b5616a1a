"""What the user promised at meetings (`#owe: …`): it is owed until they tick it off, also where the meeting is gone."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import replace
from typing import TYPE_CHECKING

from rules.history import MeetingRef, Promise
from rules.model import Debt, unique

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rules.model import Meeting, Person
    from rules.world import World


_NAMES = 64
"""Identities that a promise keeps of its meeting."""


def promise_id(identity: str, text: str) -> str:
    """The id of a promise: a hash of the meeting and the words."""
    told = f"{identity}\x1e{_same(text)}"
    return b32encode(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()).decode()[:12].lower()


def promises(world: World) -> tuple[Promise, ...]:
    """All that are known, by the end of their meeting: of the calendars, and what the ledger remembers of others."""
    known = {
        (name, _same(promise.text)): promise
        for promise in world.history.promises
        for name in reversed(promise.meeting.identities)
    }
    found: dict[str, Promise] = {}
    for meeting in world.merged:
        if meeting.marks.owe:
            for one in _at(world, meeting, known):
                found.setdefault(one.id, one)
    for promise in world.history.promises:
        if promise.id not in found:
            found[promise.id] = replace(promise, withdrawn=promise.withdrawn or _is_withdrawn(world, promise))
    return tuple(sorted(found.values(), key=lambda one: one.meeting.end))


def open_to(world: World, key: str, instant: datetime) -> tuple[Promise, ...]:
    """What is owed to a person at this instant, the oldest first. What a series says each time is owed once."""
    found: dict[tuple[str, str], Promise] = {}
    for promise in world.promises:
        if promise.is_open and promise.meeting.end <= instant and key in world.keys(promise.addresses):
            found.setdefault(_once(promise), promise)
    return tuple(found.values())


def together(world: World, promise: Promise, instant: datetime) -> tuple[Promise, ...]:
    """The promise, and those that say the same at other meetings of its series that were over by this instant."""
    return tuple(
        one for one in world.promises if one == promise or (_once(one) == _once(promise) and one.meeting.end <= instant)
    )


def still_owed(world: World, meeting: Meeting) -> tuple[str, ...]:
    """What was promised at this meeting and is not ticked off, in the order in which it stands there."""
    if not meeting.marks.owe:
        return ()
    names = frozenset(meeting.identities)
    of_it = [one for one in world.promises if one.is_open and not names.isdisjoint(one.meeting.identities)]
    owed = {_same(one.text) for one in of_it}
    return tuple(text for text in meeting.marks.owe if _same(text) in owed)


def debts(world: World, people: Sequence[Person], instant: datetime) -> tuple[tuple[Debt, ...], ...]:
    """What the user owes to each of these people."""
    if not world.promises:
        return ()
    keys = (world.directory.key(person.email) for person in people)
    return tuple(tuple(Debt(one.text, one.meeting.end) for one in open_to(world, key, instant)) for key in keys)


def _at(world: World, meeting: Meeting, known: Mapping[tuple[str, str], Promise]) -> list[Promise]:
    attendance = world.attendances[meeting.identity]
    if not attendance.held:
        return []
    emails = unique(email for person in attendance.people for email in person.emails)
    made = []
    for text in meeting.marks.owe:
        former = next((known[name, _same(text)] for name in meeting.identities if (name, _same(text)) in known), None)
        names = unique((*(former.meeting.identities if former else ()), *meeting.identities))[:_NAMES]
        ref = MeetingRef(meeting.calendars[0], meeting.uid, names, meeting.title, meeting.start, meeting.end)
        id_ = promise_id(meeting.identity, text) if former is None else former.id
        made.append(Promise(id_, text, ref, emails, former.kept if former else None))
    return made


def _is_withdrawn(world: World, promise: Promise) -> bool:
    """Whether its meeting no longer says it, did not take place, or was deleted."""
    there = any(name in world.by_identity for name in promise.meeting.identities)
    return there or world.is_gone(promise.meeting)


def _same(text: str) -> str:
    """By which two spellings of a promise are one."""
    return " ".join(text.casefold().split())


def _once(promise: Promise) -> tuple[str, str]:
    return promise.meeting.uid, _same(promise.text)
