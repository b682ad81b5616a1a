"""From follow-ups to drafts ready to be placed: template, note, message, each checked before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.message import MessageError, build, message_id_for
from daemon.act import Prepared
from rules.compose import compose, is_late
from rules.history import MeetingRef, Record, State
from rules.life import Happening, Turn, can, happens
from rules.marks import digest
from rules.model import Note, Recipient
from rules.sandbox import TemplateFault
from rules.vocabulary import mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from config.load import Configuration
    from daemon.ledger import Ledger
    from daemon.signatures import Signatures
    from rules.model import FollowUp, Me
    from rules.plan import Plan
    from rules.templates import Template


def record_of(follow_up: FollowUp, former: Record | None, now: datetime) -> Record:
    """The follow-up as the ledger keeps it; what an earlier draft of it left (its state and revision) stays."""
    meeting = follow_up.meeting
    ref = None
    if meeting is not None:
        names = meeting.identities
        marks = digest(follow_up.thanks, follow_up.owed) if follow_up.takes_marks else ""
        ref = MeetingRef(meeting.calendars[0], meeting.uid, names, meeting.title, meeting.start, meeting.end, marks)
    return Record(
        id=follow_up.id,
        state=_state_of(former),
        rule=follow_up.rule,
        step=follow_up.step,
        template=follow_up.template,
        anchor=follow_up.anchor,
        addresses=tuple(recipient.email for recipient in follow_up.recipients),
        to=follow_up.recipients,
        due=follow_up.due,
        by=follow_up.by,
        expires=follow_up.expires,
        changed=now,
        revision=former.revision if former else 0,
        round=follow_up.round,
        meeting=ref,
        placed=former.placed if former else None,
        message_id=former.message_id if former else "",
        subject=former.subject if former else "",
        why=follow_up.why,
        snoozed_until=former.snoozed_until if former and former.state is State.SNOOZED else None,
        group=follow_up.group,
        to_me=follow_up.to_me,
        account=former.account if former else "",
        slots=follow_up.slots,
    )


def _state_of(former: Record | None) -> State:
    """In which state it is asked for: a draft that still lies there is withdrawn before it is made anew."""
    if former is None:
        return State.PLANNED
    return State.WITHDRAWN if former.state is State.PLACED else former.state


def unwritten(planned: Plan, records: Mapping[str, Record], now: datetime) -> list[Turn]:
    """What was wished for and will not be written, and why: its time has passed, or it is no longer wanted."""
    turns = []
    for follow_up in planned.expired:
        former = records.get(follow_up.id)
        if former is None or can(former.state, Happening.EXPIRED):
            cause = "its time passed before it could be drafted"
            turns.append(happens(record_of(follow_up, former, now), Happening.EXPIRED, cause, now))
    for follow_up in planned.cancelled:
        record = record_of(follow_up, records.get(follow_up.id), now)
        turns.append(happens(record, Happening.CANCELLED, follow_up.why, now))
    return turns


def note_of(follow_up: FollowUp, configuration: Configuration, me: Me, now: datetime) -> Note:
    """The words of a follow-up, if it were placed at `now`; signed as `me` says.

    Raises:
        TemplateFault: its template does not work for it.
    """
    return compose(follow_up, template_of(follow_up, configuration), me, configuration.almanac, now)


def template_of(follow_up: FollowUp, configuration: Configuration) -> Template:
    """The template of a follow-up, in the language of whom it is to.

    Raises:
        TemplateFault: there is none, or it has faults.
    """
    language = "" if follow_up.to_me or not follow_up.people else follow_up.people[0].language
    return configuration.templates.pick(follow_up.template, language)


@dataclass
class Drafting:
    """Prepares drafts; what cannot be prepared is told, and the rest goes on.

    `signatures` are those of the mailbox's account, where they stand under the notes.
    `problems` are new; `standing` are those of names and addresses that the last cycle has told of.
    """

    configuration: Configuration
    ledger: Ledger
    now: datetime
    signatures: Signatures | None = None
    problems: list[Problem] = field(default_factory=list)
    standing: list[Problem] = field(default_factory=list)

    def prepare(self, follow_ups: Iterable[FollowUp], records: Mapping[str, Record]) -> list[Prepared]:
        """The drafts of these follow-ups."""
        prepared = []
        for follow_up in follow_ups:
            one = self._one(follow_up, records.get(follow_up.id))
            if one is not None:
                prepared.append(one)
        return prepared

    def _one(self, follow_up: FollowUp, former: Record | None) -> Prepared | None:
        me = self.configuration.me
        sender = follow_up.sender or me.emails[0]
        revision = self._revision(former)
        try:
            note = self.note(follow_up)
            message_id = message_id_for(follow_up.id, revision, sender)
            raw = build(
                note,
                sender=Recipient(me.name, sender),
                to=follow_up.recipients,
                message_id=message_id,
                date=self.now,
                reply=follow_up.reply,
            )
        except TemplateFault as fault:
            file = f"templates/{fault.name}.md" if fault.name else None
            hint = fault.hint or "Run 'afterword check'; the note is drafted once its template works."
            self.problems.append(Problem(None, file, fault.line, fault.column, fault.message, hint))
            return None
        except MessageError as error:
            title = follow_up.meeting.title if follow_up.meeting else follow_up.step
            message = f"no note for '{title}' could be made: {error}"
            hint = "Mend the name or the address in the calendar or the address book."
            problem = Problem(None, None, None, None, message, hint)
            (self.standing if problem in self._told else self.problems).append(problem)
            return None
        why = f"{follow_up.why}; belated" if is_late(follow_up, self.now) else follow_up.why
        turn = happens(
            record_of(follow_up, former, self.now),
            Happening.PLACED,
            why,
            self.now,
            revision=revision,
            placed=self.now,
            message_id=message_id,
            references=follow_up.reply.references if follow_up.reply else (),
            subject=note.subject,
            gaps=note.gaps,
            why=why,
            slots=self._offered(follow_up),
        )
        return Prepared(replace(turn.record, changed=self.now), raw)

    def _offered(self, follow_up: FollowUp) -> tuple[tuple[datetime, datetime], ...] | None:
        """The free times in a note; None where its template has no place for any, so that none of them can be lost."""
        if follow_up.slots is None:
            return None
        return follow_up.slots if mentions(template_of(follow_up, self.configuration).source, "slots") else None

    def _revision(self, former: Record | None) -> int:
        """Each draft made anew has the next number. One whose placing was interrupted is still the same draft."""
        if former is None or not former.message_id:
            return 0
        return former.revision if former.id in self._interrupted else former.revision + 1

    @cached_property
    def _interrupted(self) -> frozenset[str]:
        """Only somebody who merely looks finds any: a cycle settles them first."""
        return frozenset(intent.record.id for intent in self.ledger.intents())

    @cached_property
    def _told(self) -> tuple[Problem, ...]:
        last = self.ledger.last_cycle()
        return last[1] if last is not None else ()

    def note(self, follow_up: FollowUp) -> Note:
        """The words of a follow-up, if it were placed now.

        Raises:
            TemplateFault: its template does not work for it.
        """
        return note_of(follow_up, self.configuration, self._signing(follow_up), self.now)

    def _signing(self, follow_up: FollowUp) -> Me:
        """Me, with what stands under my mails from the address that this note comes from."""
        me = self.configuration.me
        if self.signatures is None:
            return me
        return replace(me, signature=self.signatures.of(follow_up.sender or me.emails[0]) or me.signature)
