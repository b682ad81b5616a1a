"""A message from the user to the user, for the inbox: which deadlines there are, and what can be done about them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from connectors.message import build, message_id_for
from rules.cleaning import line
from rules.model import Note, Recipient, Thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config.load import Configuration
    from rules.nudge import Nudge
    from rules.reminder import Deadline

_WIDTH = 76


def id_of(deadline: Deadline, configuration: Configuration) -> str:
    """The Message-ID of what is said of this deadline: the same for the same draft, and telling nothing of it."""
    record = deadline.record
    return message_id_for(f"{deadline.kind}\n{record.id}", record.revision, configuration.me.emails[0])


def notice(nudge: Nudge, configuration: Configuration, now: datetime) -> bytes:
    """The message. Where it is about several deadlines, it has the id of the first, and refers to those of the others.

    Raises:
        MessageError: the user's own address is none that can be written to.
    """
    first, *others = (id_of(deadline, configuration) for deadline in nudge.deadlines)
    me = Recipient(configuration.me.name, configuration.me.emails[0])
    return build(
        Note(nudge.line, "\n\n".join(_paragraphs(nudge))),
        sender=me,
        to=(me,),
        message_id=first,
        date=configuration.almanac.local(now),
        reply=Thread(others[-1], tuple(others[:-1]), "") if others else None,
        automatic=True,
    )


def _paragraphs(nudge: Nudge) -> Iterator[str]:
    yield textwrap.fill(nudge.line, _WIDTH)
    for deadline in nudge.deadlines:
        record = deadline.record
        yield "\n".join([
            textwrap.fill(f"In Drafts it is called '{line(record.subject)}'.", _WIDTH),
            f"    afterword show {record.id}            tells where it comes from",
            f"    afterword snooze {record.id} 2 days   puts it off, without a deadline",
            f"    afterword skip {record.id}            lets it go",
        ])  # fmt: skip
    yield textwrap.fill(
        "Afterword laid this message into your inbox, on the machine that it runs on; it never sends anything. "
        "Once the note is on its way, nothing more is said of it. `notify:` in afterword.yaml says how you are told.",
        _WIDTH,
    )
