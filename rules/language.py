"""The language of a rule file: Rule, Conditions, Step; and of the settings that rules lean on.

The same models validate what the user wrote, give the JSON Schema its descriptions and examples, and are
what the planner reads.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from rules.expressions import wrong_expression
from rules.patterns import DURATION, WINDOW
from rules.timing import Duration, Window

ANY_TEXT = r"^/(?P<pattern>.*)/$"


class Model(BaseModel):
    """Frozen, and strict about keys: an unknown one is an error, never ignored."""

    # What checks a file is made once, when one is read, and not once more for each model that another is part of.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)


def _several(value: object) -> object:
    """One text stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _duration(value: object) -> Duration:
    return value if isinstance(value, Duration) else Duration.parse(_written(value))


def _window(value: object) -> Window:
    return value if isinstance(value, Window) else Window.parse(_written(value))


def _written(value: object) -> str:
    if not isinstance(value, str):
        kind = "string_type"  # the name that pydantic itself gives to this error
        raise PydanticCustomError(kind, "a text is wanted here")
    return value


def _phrase(value: str) -> str:
    """A word or phrase, or a regular expression between slashes; a broken one is an error here."""
    if not value.strip():
        message = "an empty text matches nothing; write a word, a phrase or /a regular expression/"
        raise ValueError(message)
    if found := re.match(ANY_TEXT, value, re.DOTALL):
        try:
            re.compile(found["pattern"], re.IGNORECASE)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(wrong_expression(found["pattern"], error)) from None
    return value


def _as_text(value: object) -> str:
    return str(value)


DurationField = Annotated[
    Duration,
    PlainValidator(_duration),
    PlainSerializer(_as_text),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": DURATION,
            "patternErrorMessage": "This is not a duration; write a number and a unit, as in `2 hours` or `6 weeks`.",
            "examples": ["2 hours", "3 business days", "6 weeks", "30m"],
        }
    ),
]
WindowField = Annotated[
    Window,
    PlainValidator(_window),
    PlainSerializer(_as_text),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": WINDOW,
            "patternErrorMessage": "This is not a window; write days and hours, as in `tue-thu 09:00-11:00`, "
            "or `working_hours`, or `any`.",
            "examples": ["working_hours", "tue-thu 09:00-11:00", "weekdays 09:00-18:00", "any"],
        }
    ),
]
ONE_OR_SEVERAL = WithJsonSchema(
    {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}}]}
)
Phrase = Annotated[str, BeforeValidator(lambda value: _phrase(value) if isinstance(value, str) else value)]
Phrases = Annotated[tuple[Phrase, ...], BeforeValidator(_several), ONE_OR_SEVERAL]
Names = Annotated[tuple[str, ...], BeforeValidator(_several), ONE_OR_SEVERAL]
Identifier = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        json_schema_extra={
            "patternErrorMessage": "An id is made of letters, digits, `.`, `_` and `-`, at most 64 of them."
        },
    ),
]


class AttendeeConditions(Model):
    """How many people the meeting has besides me, and whom of them to choose."""

    at_least: int = Field(1, ge=0, description="At least this many people besides me.", examples=[1])
    at_most: int | None = Field(None, ge=1, description="At most this many people besides me.", examples=[3])
    external: bool | None = Field(
        None, description="Choose people outside (true) or inside (false) my own mail domains.", examples=[True]
    )


class PersonConditions(Model):
    """Whom to choose of the people of a meeting; at least one must remain."""

    tag: Names = Field((), description="Any of these tags of an address book.", examples=[["network"]])
    email: Names = Field(
        (), description="Any of these addresses; * stands for anything.", examples=[["*@acme.example"]]
    )
    known: bool | None = Field(None, description="In an address book (true), or in none (false).", examples=[True])


class DurationConditions(Model):
    """How long the meeting lasts."""

    at_least: DurationField | None = Field(None, description="Not shorter than this.", examples=["15 minutes"])
    at_most: DurationField | None = Field(None, description="Not longer than this.", examples=["3 hours"])


class Conditions(Model):
    """Conditions on a meeting and its people. In `when` all that are given must hold; in `unless` any one excludes."""

    calendar: Names = Field((), description="The meeting is in any of these calendars.", examples=[["work", "feed"]])
    title: Phrases = Field(
        (),
        description="The title has any of these words; /…/ is a regular expression.",
        examples=[["coffee", "catch up"]],
    )
    description: Phrases = Field((), description="The description has any of these words.", examples=[["#network"]])
    location: Phrases = Field((), description="The location has any of these words.", examples=[["café"]])
    attendees: AttendeeConditions | None = Field(
        None, description="How many people, and whom of them to choose.", examples=[{"at_most": 3}]
    )
    person: PersonConditions | None = Field(
        None, description="Whom of the people to choose.", examples=[{"tag": ["network"]}]
    )
    duration: DurationConditions | None = Field(
        None, description="How long the meeting lasts.", examples=[{"at_least": "15 minutes"}]
    )
    organiser: Literal["me", "others"] | None = Field(None, description="Who organised the meeting.", examples=["me"])
    recurring: bool | Literal["any"] | None = Field(
        None, description="Series only (true), no series (false, the default of `when`), or any.", examples=["any"]
    )
    first_meeting: bool | None = Field(
        None, description="The first meeting with this person (true), or a later one (false).", examples=[True]
    )
    all_day: bool | Literal["any"] | None = Field(
        None, description="All-day events only (true), none (false, the default of `when`), or any.", examples=["any"]
    )


THANKS = (
    "thank", "thanks", "thank you", "danke", "dank", "dankeschön", "merci", "obrigado", "obrigada", "gracias",
    "grazie", "bedankt", "tack", "tak", "takk", "kiitos", "dziękuję", "děkuji", "ευχαριστώ", "спасибо", "дякую",
    "teşekkürler", "ありがとう", "谢谢", "謝謝", "감사합니다",
)  # fmt: skip


class Step(Model):
    """What to write, and when. Exactly one of `after`, `every` and `before` says what the step counts from."""

    id: Identifier = Field(description="The name of the step; keep it when you edit the rest.", examples=["thank-you"])
    template: Names = Field(
        min_length=1,
        description="The template, without .md; several take turns (with `every`).",
        examples=["thank-you"],
    )
    after: DurationField | None = Field(None, description="This long after the meeting's end.", examples=["2 hours"])
    every: DurationField | None = Field(
        None, description="This long after the last contact with the person.", examples=["6 weeks"]
    )
    before: DurationField | None = Field(
        None, description="This long before the meeting's start; the note is addressed to me.", examples=["1 day"]
    )
    by: DurationField | None = Field(
        None, description="After the meeting's end: the note must be on its way.", examples=["24 hours"]
    )
    expires: DurationField | None = Field(None, description="After due: no longer worth writing.", examples=["7 days"])
    at_most: int | None = Field(
        None, ge=1, description="So many check-ins unanswered in a row, then stop.", examples=[4]
    )
    window: WindowField = Field(default_factory=Window.any, description="When a note may be drafted.")
    to: Literal["each", "all"] = Field(
        "each", description="A note for each person, or one for the group.", examples=["all"]
    )
    thread: Literal["new", "reply"] = Field(
        "new", description="A fresh mail, or a reply to the latest personal mail.", examples=["reply"]
    )
    own: Phrases = Field(
        THANKS,
        description="Words in a subject of mine that make my own mail the thank-you.",
        examples=[["thank", "danke"]],
    )


class Rule(Model):
    """Conditions on meetings and people, and the steps that follow from them."""

    id: Identifier = Field(
        description="The name of the rule; keep it when you edit the rest.", examples=["soft-interview"]
    )
    about: str = Field("", description="What the rule is for, in your words.", examples=["Peers I might work with"])
    when: Conditions = Field(
        default_factory=Conditions, description="All of these hold.", examples=[{"title": ["coffee", "catch up"]}]
    )
    unless: Conditions | None = Field(
        None, description="Any one of these excludes.", examples=[{"title": ["interview"]}]
    )
    steps: tuple[Step, ...] = Field(
        min_length=1,
        description="What to write, and when.",
        examples=[[{"id": "thank-you", "template": "thank-you", "after": "2 hours"}]],
    )


def is_thank_you(rule: Rule, step: Step) -> bool:
    """Whether my own word of thanks does the work of this step.

    It does where the step is the first after the meeting, has a deadline, is named by a word of thanks, or says
    itself which words count (`own`). A later step ("where things stand") is not done with by a thank-you.
    """
    if step.after is None:
        return False
    named = " ".join((step.id, *step.template)).casefold()
    own = "own" in step.model_fields_set
    return is_first_after(rule, step) or step.by is not None or own or "thank" in named


def is_first_after(rule: Rule, step: Step) -> bool:
    """Whether it is the first thing that is written after the meeting: what the user marked for the note goes there."""
    return step.after is not None and step == next(one for one in rule.steps if one.after is not None)


class RuleFile(Model):
    """A file in rules/."""

    rules: tuple[Rule, ...] = Field(
        description="The rules; each that matches acts.",
        examples=[[{"id": "coffee", "steps": [{"id": "thank-you", "template": "thank-you", "after": "2 hours"}]}]],
    )


class Cap(Model):
    """So many in so long, as in `3 per week`."""

    count: int
    period: Literal["day", "week", "month"]


def _cap(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d+)\s+(?:per|a)\s+(day|week|month)\s*", value)
    if not found:
        message = f"'{value}' is not a limit; write a number and a period, as in '3 per week'"
        raise ValueError(message)
    return Cap.model_validate({"count": int(found[1]), "period": found[2]})


_CAP = {
    "type": "string",
    "pattern": r"^\s*[0-9]+\s+(?:per|a)\s+(?:day|week|month)\s*$",
    "patternErrorMessage": "This is not a limit; write a number and a period, as in `3 per week`.",
    "examples": ["3 per week"],
}


class Courtesy(Model):
    """The limits of good manners over all rules together. A step with `by` is exempt, and counts."""

    min_gap: DurationField = Field(
        Duration.parse("5 days"), description="Between two drafts to one person.", examples=["5 days"]
    )
    per_day: int = Field(8, ge=1, description="Drafts placed a day.", examples=[8])
    per_organisation: Annotated[Cap, BeforeValidator(_cap), WithJsonSchema(_CAP)] = Field(
        Cap(count=3, period="week"),
        description="Drafts to people of one mail domain; public mail domains do not count.",
    )
    one_open_draft: bool = Field(
        True,  # noqa: FBT003 - the default
        description="A person with an unsent draft gets no second one.",
        examples=[False],
    )


def fingerprint(rule: Rule) -> dict[str, Any]:
    """What makes a rule another rule: its conditions and steps, not what it is about. For `RuleAge`.

    What the rule does not say is left out: a key that the language learns later makes no rule new.
    """
    return rule.model_dump(mode="json", exclude={"about"}, exclude_defaults=True)


def mark_of(rule: Rule) -> str:
    """The fingerprint of a rule as text."""
    text = json.dumps(fingerprint(rule), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
