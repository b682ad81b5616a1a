"""A follow-up and its template become a note: subject and text, in the words of the person's language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules import cleaning
from rules.free import zone_of
from rules.markup import shield, to_html
from rules.model import Debt, Note, aware
from rules.offered import slots_view
from rules.sandbox import Absent, TemplateFault
from rules.views import Contact, MeView, Reader, Words, gap, meeting_view, people_view, promises_view

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from rules.almanac import Almanac
    from rules.model import FollowUp, Me
    from rules.templates import Template

BELATED = timedelta(hours=24)
"""A note without `by` is late when it is placed more than this after it was due."""

_BLANK_LINES = re.compile(r"\n{3,}")
_ANSWER = re.compile(
    r"(?:\s*(?:re|aw|antw|sv|odp|ynt|vá|atb|bls|rif|回复|回覆|答复|返信)(?:\s*\[\d+\]|\^\d+)?\s*[:\uff1a])+\s*",
    re.IGNORECASE,
)
"""What mail programs put before the subject of an answer: Re, and its German, Dutch, Scandinavian, … forms."""


def compose(
    follow_up: FollowUp,
    template: Template,
    me: Me,
    almanac: Almanac,
    now: datetime,
    *,
    language: str = "",
    slots: Sequence[tuple[datetime, datetime]] | None = None,
) -> Note:
    """The note for a follow-up, placed at `now`.

    `language` (a tag such as `pt-BR`) words the dates; without it the first person's own language does, and for a
    note to me English. `slots` are free times in place of those of the follow-up.

    Raises:
        TemplateFault: the template does not work out for this follow-up; with its place.
        ValueError: `now` has no time zone.
    """
    aware(now, "the time of placing")
    if not language and follow_up.people and not follow_up.to_me:
        language = follow_up.people[0].language
    reader = Reader.of(language, almanac, now)
    said = template.render(_values(follow_up, me, reader, slots or follow_up.slots or ()), follow_up.thanks)
    text = _tidy(said.text)
    if not text.strip():
        raise TemplateFault(
            "the note comes out empty", None, None, "write something outside of the {% if … %}", template.name
        )
    subject = _subject(follow_up, said.subject, template.name)
    if unsaid := _unsaid(follow_up, template, said.left):
        text = _above_signature(text, unsaid, me)
    signature = "" if follow_up.to_me or _signed(text, me) else cleaning.prose(me.signature)
    note = Note(subject, f"{text}\n{signature}\n" if signature else text)
    if said.markdown is None or note.gaps:  # mail programs edit the plain part only: gaps would go out in the other
        return note
    html = to_html(cleaning.body(said.markdown).strip("\n") + (f"\n\n{shield(signature)}\n" if signature else "\n"))
    return replace(note, html=html)


def is_late(follow_up: FollowUp, now: datetime) -> bool:
    """Placed after `by`, or, without `by`, more than 24 hours after it was due."""
    return now > (follow_up.by if follow_up.by is not None else follow_up.due + BELATED)


def _values(follow_up: FollowUp, me: Me, reader: Reader, slots: Sequence[tuple[datetime, datetime]]) -> dict[str, Any]:
    people = people_view(follow_up, reader)
    meeting = follow_up.meeting
    last = follow_up.last_contact
    return {
        "person": people[0],
        "people": people,
        "meeting": meeting_view(meeting, reader, "meeting"),
        "me": MeView.of(me, follow_up.sender),
        "last_contact": Contact(last, reader, last) if last else Absent("last contact"),
        "meetings_so_far": follow_up.meetings_so_far,
        "next_meeting": meeting_view(follow_up.next_meeting, reader, "next meeting"),
        "round": follow_up.round,
        "late": is_late(follow_up, reader.now),
        "slots": slots_view(slots, reader, zone_of(follow_up.people[0], reader.almanac) if follow_up.people else None),
        "decision": cleaning.prose(follow_up.decision),
        "helped": Words(map(cleaning.line, follow_up.helped), reader.wording),
        "owed": promises_view((Debt(one, meeting.end) for one in follow_up.owed) if meeting else (), reader),
        "gap": gap,
    }


def _unsaid(follow_up: FollowUp, template: Template, left: Sequence[str]) -> list[str]:
    """What the user marked for this note and the template has no place for, as gaps: nothing of it gets lost."""
    thanks = [gap(f"to thank for: {text}") for text in left]
    owed = () if template.names_owed else follow_up.owed
    return thanks + [gap(f"you promised: {text}") for text in owed]


def _above_signature(text: str, paragraphs: Sequence[str], me: Me) -> str:
    """The text with these paragraphs at its end, before the one that has the signature in it."""
    body, signature = text.rstrip("\n"), _tidy(cleaning.prose(me.signature)).strip("\n")
    added = "\n\n".join(paragraphs)
    at = body.rfind("\n\n", 0, len(body) - len(signature)) if signature and body.endswith(signature) else -1
    return f"{body}\n\n{added}\n" if at < 0 else f"{body[:at]}\n\n{added}{body[at:]}\n"


def _subject(follow_up: FollowUp, rendered: str, name: str) -> str:
    """In an answer `Re:` and the subject of the thread; otherwise the template's, which never looks like an answer."""
    if follow_up.reply and (thread := _without_answer(follow_up.reply.subject)):
        return f"Re: {thread}"
    subject = _without_answer(rendered)
    if not subject:
        raise TemplateFault("the subject comes out empty", None, None, "give it a word that is always there", name)
    return subject


def _without_answer(subject: str) -> str:
    clean = cleaning.header(subject)
    found = _ANSWER.match(clean)
    return clean[found.end() :] if found else clean


def _tidy(text: str) -> str:
    """One line end at the end, no blanks at line ends, and one blank line where an `if` left a hole."""
    lines = "\n".join(line.rstrip() for line in cleaning.body(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n") + "\n"


def _signed(text: str, me: Me) -> bool:
    """Whether the signature is in the text already: as lines of their own, or at its end."""
    signature = _tidy(cleaning.prose(me.signature)).strip("\n")
    return not signature or text.rstrip().endswith(signature) or f"\n{signature}\n" in f"\n{text}"
