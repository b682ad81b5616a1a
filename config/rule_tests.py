"""What a file in rules/tests/ may say: a meeting, what came before it, and the drafts that are expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, Tag, WithJsonSchema, model_validator

from config.kinds import KIND, mapping_or, word_or
from config.people import PersonEntry  # noqa: TC001 - pydantic reads it when the program runs
from config.texts import NO_ADDRESS, Email, Emails, Filled, checked, email, one_or_several, shaped
from rules.language import DurationField, Identifier, Model, Names, Phrases
from rules.timing import Duration

if TYPE_CHECKING:
    from rules.almanac import Almanac

CONDITIONS = (
    "calendar", "title", "description", "location", "attendees", "external", "person", "duration", "organiser",
    "recurring", "first_meeting", "all_day",
)  # fmt: skip
GATES = ("accepted", "counts", "not_cancelled", "nofollow", "noshow", "do_not_contact")
OUTCOMES = ("courtesy", "drafted", "expired", "later", "thanked", "at_most")
REASONS = (*CONDITIONS, *(f"unless {one}" for one in CONDITIONS), *GATES, *OUTCOMES)
"""Everything that can stand against a draft, by the name that `because` gives it."""

_WHEN = re.compile(r"(19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")


@dataclass(frozen=True, slots=True)
class Wall:
    """A time as the clock on the user's wall shows it, written `2026-03-03 11:00`."""

    text: str

    @classmethod
    def parse(cls, text: object) -> Self:
        """What was written.

        Raises:
            ValueError: it is no such time.
        """
        if isinstance(text, str) and _WHEN.fullmatch(text.strip()):
            made = cls(text.strip())
            try:
                made._naive()
            except ValueError:
                raise ValueError(f"`{text}` is a day or an hour that does not exist; mend it") from None
            return made
        raise ValueError(f"`{text}` is not a time on your clock; write day and hour, as in `2026-03-03 11:00`")

    def on(self, almanac: Almanac) -> datetime:
        """The instant."""
        return almanac.instant(self._naive())

    def _naive(self) -> datetime:
        return datetime.fromisoformat(self.text)

    def __str__(self) -> str:
        return self.text


def somebody(text: str) -> str:
    """Somebody by an address, or by name and address.

    Raises:
        ValueError: there is no address in it.
    """
    named = _NAMED.fullmatch(text.strip())
    if named:
        return f"{named['name'].strip()} <{email(named['email'])}>"
    return email(text)


def _or_me(text: str) -> str:
    return text if text == "me" else email(text)


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


WallField = Annotated[
    Wall,
    PlainValidator(Wall.parse),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^\s*(?:{_WHEN.pattern})\s*$",
            "patternErrorMessage": "This is not a time on your clock; write day and hour, as in `2026-03-03 11:00`.",
            "examples": ["2026-03-03 11:00"],
        }
    ),
]
Guests = Annotated[
    tuple[Annotated[str, checked(somebody)], ...],
    BeforeValidator(_several),
    one_or_several(shaped(r"\S@\S", NO_ADDRESS)),
]
_ME_OR_EMAIL = shaped(r"^(?:me|\s*[^\s@]+@[^\s@]+\s*)$", f"{NO_ADDRESS[:-1]}, or `me`.")
Recipients = Annotated[
    tuple[Annotated[str, checked(_or_me)], ...], BeforeValidator(_several), one_or_several(_ME_OR_EMAIL)
]
_REASON = {"type": "string", "enum": list(REASONS)}
_REASON_OR_SEVERAL = {"anyOf": [_REASON, {"type": "array", "items": _REASON}]}
ReasonsField = Annotated[
    Annotated[Names, Tag(f"{KIND}words")] | Annotated[dict[str, Names], Tag(f"{KIND}rules")],
    mapping_or("rules", "words"),
    WithJsonSchema({"anyOf": [*_REASON_OR_SEVERAL["anyOf"],
                              {"type": "object", "additionalProperties": _REASON_OR_SEVERAL}]}),
]  # fmt: skip


class GivenMeeting(Model):
    """A meeting as the calendar shows it: I organised it, it lasted an hour, where nothing else is said."""

    title: Filled = Field(description="Its title.", examples=["Coffee with Dana"])
    with_: Guests = Field(
        (),
        alias="with",
        description="The other people, by address or as `Dana Okafor <dana@acme.example>`. Who has no name gets one "
        "that is made of the address.",
        examples=[["dana@acme.example"]],
    )
    ends: WallField = Field(description="When it ends, on my clock.", examples=["2026-03-03 11:00"])
    lasts: DurationField = Field(Duration.parse("1 hour"), description="How long it lasts.", examples=["45 minutes"])
    calendar: Identifier | None = Field(None, description="The calendar that it is in.", examples=["work"])
    description: str = Field("", description="Its description.", examples=["Second talk, with slides"])
    location: str = Field("", description="Where it is.", examples=["Café Central"])
    organiser: Annotated[str, checked(_or_me), WithJsonSchema(_ME_OR_EMAIL)] = Field(
        "me", description="Who organised it: me, or an address.", examples=["dana@acme.example"]
    )
    answer: Literal["accepted", "declined", "tentative", "none"] = Field(
        "accepted", description="What I answered to somebody else's invitation.", examples=["declined"]
    )
    declined: Emails = Field((), description="Who of the others declined.", examples=[["lee@acme.example"]])
    recurring: bool = Field(False, description="It is one of a series.", examples=[True])  # noqa: FBT003 - the default
    all_day: bool = Field(
        False,  # noqa: FBT003 - the default
        description="It lasts the whole day of `ends`.",
        examples=[True],
    )
    cancelled: bool = Field(False, description="It is cancelled.", examples=[True])  # noqa: FBT003 - the default


class GivenMail(Model):
    """A mail from somebody to me (`from`), or from me to somebody (`to`)."""

    from_: Email | None = Field(None, alias="from", description="Who wrote to me.", examples=["dana@acme.example"])
    to: Emails = Field((), description="To whom I wrote.", examples=["dana@acme.example"])
    at: WallField = Field(description="When, on my clock.", examples=["2026-03-04 09:30"])
    subject: str = Field("", description="Its subject.", examples=["Thank you"])
    kind: Literal["personal", "automatic", "bounce", "list", "calendar"] = Field(
        "personal", description="What kind of mail; only a personal one is a contact.", examples=["automatic"]
    )
    away_until: WallField | None = Field(
        None, description="When they are back, as an automatic answer says.", examples=["2026-03-16 09:00"]
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.from_ is None) == (not self.to):
            raise ValueError("a mail went one way; write `from`, or `to`")
        if self.away_until is not None and (self.kind != "automatic" or self.from_ is None):
            raise ValueError("`away_until` is what an automatic answer says; add `kind: automatic` and `from`")
        return self


class GivenDraft(Model):
    """A draft of an earlier day, and what I did with it; it lies there untouched where nothing is said.

    The rules must ask for it at `placed`: a test cannot begin with a draft that there would never be.
    """

    rule: Identifier = Field(description="Its rule.", examples=["soft-interview"])
    step: Identifier = Field(description="Its step.", examples=["thank-you"])
    to: Recipients = Field(min_length=1, description="To whom; or me.", examples=["dana@acme.example"])
    placed: WallField = Field(description="When it was placed in Drafts.", examples=["2026-03-03 13:00"])
    sent: WallField | None = Field(None, description="When I sent it.", examples=["2026-03-03 18:00"])
    edited: WallField | None = Field(
        None, description="When I edited it; it lies there still.", examples=["2026-03-03 18:00"]
    )
    deleted: WallField | None = Field(None, description="When I deleted it.", examples=["2026-03-03 18:00"])
    skipped: WallField | None = Field(None, description="When I skipped it.", examples=["2026-03-03 18:00"])
    snoozed: WallField | None = Field(None, description="When I snoozed it.", examples=["2026-03-03 18:00"])
    until: WallField | None = Field(None, description="Until when I snoozed it.", examples=["2026-03-05 09:00"])

    @property
    def done(self) -> tuple[str, Wall] | None:
        """What I did with it last, and when."""
        named = ((name, getattr(self, name)) for name in ("sent", "deleted", "skipped", "snoozed", "edited"))
        return next(((name, when) for name, when in named if when is not None), None)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        ends = [one for one in (self.sent, self.deleted, self.skipped, self.snoozed) if one is not None]
        if len(ends) > 1:
            raise ValueError("one draft ends in one way; keep one of `sent`, `deleted`, `skipped` and `snoozed`")
        if (self.snoozed is None) != (self.until is None):
            raise ValueError("`snoozed` and `until` go together; write both, or neither")
        if self.edited is not None and (self.skipped is not None or self.snoozed is not None):
            raise ValueError("an edited draft is mine; it can be `sent` or `deleted` after that")
        if any(one.text < self.placed.text for one in (*ends, *filter(None, (self.edited,)))):
            raise ValueError("nothing is done with a draft before it is placed; mend `placed`")
        return self


class ExpectedDraft(Model):
    """A draft that the rules must ask for. What is not said of it may be anything."""

    rule: Identifier | None = Field(None, description="Its rule.", examples=["soft-interview"])
    step: Identifier | None = Field(None, description="Its step.", examples=["thank-you"])
    to: Recipients | None = Field(
        None, min_length=1, description="To whom, all of them; or me.", examples=["dana@acme.example"]
    )
    due: WallField | None = Field(None, description="When it is due.", examples=["2026-03-03 13:00"])
    by: WallField | None = Field(None, description="When it must be on its way.", examples=["2026-03-04 11:00"])
    expires: WallField | None = Field(
        None, description="When it is no longer worth writing.", examples=["2026-03-10 13:00"]
    )
    drafted: WallField | None = Field(
        None,
        description="When it is placed in Drafts, where that is later than `due`: it is late, or held back.",
        examples=["2026-03-08 13:00"],
    )
    sender: Email | None = Field(
        None, alias="from", description="The address of mine that it comes from.", examples=["robin@work.example"]
    )
    template: Filled | None = Field(None, description="Its template, without .md.", examples=["thank-you"])
    subject: str | None = Field(None, description="Its subject, as a whole.", examples=["Thank you, Dana"])
    text: Phrases = Field((), description="Words that all stand in the note.", examples=["on Tuesday"])
    why: Phrases = Field(
        (), description="Words that all stand in the reason that `plan` gives.", examples=["2 hours after"]
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing is said of the draft; name at least its `rule` or its `step`")
        return self


ExpectedField = Annotated[
    Annotated[Literal["none"], Tag(f"{KIND}none")] | Annotated[tuple[ExpectedDraft, ...], Tag(f"{KIND}list")],
    word_or("none", "list"),
]


class RuleTest(Model):
    """A test: what is in the calendar and the mailbox, and what the rules must make of it.

    Nothing else is known in it: no meeting of my calendars, nobody of my address books. The rules have run since long
    ago. Of `afterword.yaml` my addresses, time zone, working hours, holidays and courtesy count.
    """

    name: Filled = Field(
        description="What is expected, in a sentence.", examples=["a coffee with one person outside gets a thank-you"]
    )
    meeting: GivenMeeting | None = Field(
        None,
        description="The meeting that it is about.",
        examples=[{"title": "Coffee with Dana", "with": "dana@acme.example", "ends": "2026-03-03 11:00"}],
    )
    meetings: tuple[GivenMeeting, ...] = Field(
        (),
        description="Other meetings, earlier ones or later.",
        examples=[[{"title": "Lunch", "with": "dana@acme.example", "ends": "2026-01-13 14:00"}]],
    )
    mails: tuple[GivenMail, ...] = Field(
        (),
        description="Mails between me and others.",
        examples=[[{"from": "dana@acme.example", "at": "2026-03-04 09:30", "subject": "Your book"}]],
    )
    drafts: tuple[GivenDraft, ...] = Field(
        (),
        description="Drafts of earlier days, and what I did with them.",
        examples=[[{"rule": "soft-interview", "step": "thank-you", "to": "dana@acme.example",
                    "placed": "2026-01-13 16:00", "sent": "2026-01-13 18:00"}]],
    )  # fmt: skip
    at: WallField | None = Field(
        None,
        description="The moment from which the test looks ahead.",
        examples=["2026-03-03 11:00"],
    )
    until: WallField | None = Field(
        None,
        description="Up to when drafts are expected.",
        examples=["2026-05-01 00:00"],
    )
    expect: ExpectedField = Field(
        description="All the drafts that there are between `at` and `until`, in any order; or none.",
        examples=[[{"rule": "soft-interview", "step": "thank-you", "due": "2026-03-03 13:00"}]],
    )
    because: ReasonsField | None = Field(
        None,
        description="With `expect: none`: what alone stands against it, in the rule that is named or in one that has "
        "words of the title, where there is any.",
        examples=["title", ["title", "duration"], {"soft-interview": "attendees"}],
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.because is not None and self.expect not in ("none", ()):
            raise ValueError("`because` says why there is no draft; write `expect: none`, or take it out")
        if self.at is None and self.meeting is None:
            raise ValueError("nothing says from when to look ahead; add `at:`, or a `meeting:`")
        if self.because is not None and self.meeting is None:
            raise ValueError("`because` tells of a meeting; add `meeting:`")
        return self


class RuleTestFile(Model):
    """A file in rules/tests/."""

    people: tuple[PersonEntry, ...] = Field(
        (),
        description="Whom I know in these tests, as in people.yaml.",
        examples=[[{"name": "Dana Okafor", "emails": ["dana@acme.example"], "tags": ["network"]}]],
    )
    tests: tuple[RuleTest, ...] = Field(
        min_length=1,
        description="The tests.",
        examples=[[{"name": "a dentist gets no note", "expect": "none",
                    "meeting": {"title": "Dentist", "with": "lee@borealis.example", "ends": "2026-03-03 11:00"}}]],
    )  # fmt: skip
