"""The world as it would be if Afterword had begun at a moment of the past: what it did since has not happened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rules.history import History
from rules.model import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rules.model import Mail
    from rules.world import World


def as_new(world: World, since: datetime) -> World:
    """Without what the ledger knows but the mails, and what the user decided from `since` on; nothing is doubted.

    The rules are new. A decision is the user's own word, as a meeting is.
    A mail that was a draft of ours is left out: this time the rules say anew whether it is written, and when.
    """
    decided = tuple(one for one in world.history.decisions if one.at >= since and one.undone is None)
    return replace(without_records(world), history=History(mails=tuple(_by_themselves(world)), decisions=decided))


def without_records(world: World) -> World:
    """The world whose meetings have the names that the calendars give them, not those of what was drafted."""
    return replace(world, scene=replace(world.scene, records=())) if world.scene.records else world


def _by_themselves(world: World) -> Iterator[Mail]:
    ours = {
        (record.sent, key)
        for record in world.history.records
        if record.sent is not None
        for key in world.keys(record.addresses)
    }
    for mail in world.history.mails:
        was_ours = mail.direction is Direction.OUT and (
            mail.message_id in world.our_mails or any((mail.at, key) in ours for key in world.keys(mail.others))
        )
        if not was_ours:
            yield mail
