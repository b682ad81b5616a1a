"""Writes docs/rules.md, the reference of everything a user writes, from the models that check it.

`python -m config.reference > docs/rules.md` writes it anew; a test fails while the two differ.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING

from config.expected import code, example, expected, kinds
from config.people import PersonEntry
from config.schema import default_of, models
from config.settings import Settings
from rules.language import THANKS, RuleFile
from rules.vocabulary import ATTRIBUTES, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

_HEAD = """\
# What you can write

Everything that Afterword understands in `afterword.yaml`, in the files in `rules/`, in `people.yaml` and in the
templates. `afterword check` tells what is wrong with yours, where, and what would be right; `afterword schema`
prints the same language as a JSON Schema, for editors that complete and check while you type.

The files are YAML 1.2: `no` is a word and `18:00` a text; only `true` and `false` are truth values. There are no
anchors, aliases or tags, so a text that begins with `*`, `&` or `!` goes in quotes: `"*@acme.example"`. A key that
nobody knows is an error, and so is a key without a value. While a file has errors, the last good configuration
goes on.

(This page is made from the program itself: `python -m config.reference > docs/rules.md`.)

"""
_EXAMPLE = """\
## A rule file

{text}
Rules are independent: each that matches a meeting acts. In `when` all conditions must hold; in `unless` any one
excludes. Where a condition takes several texts, any of them will do, and a single text needs no brackets.

"""
_VALUES = """\
## Durations, windows, words

- A **duration** is `30 minutes`, `2 hours`, `1 day`, `3 business days`, `6 weeks` or `2 months`; short `30m`, `2h`,
  `1d`, `6w`, and sums of them: `1d 2h`. Minutes and hours are exact. Days, weeks and months are counted on your
  calendar, and keep the time of day; business days skip weekends and your holidays.
- A **window** is days and hours, as in `weekdays 09:00-18:00`, `tue-thu 09:00-11:00`, `sat 10:00-12:00` or
  `every day 08:00-20:00`; or `working_hours`, which are those of `me`; or `any`. The end is outside. Holidays are
  outside every window but `any`. Where a window would make a note miss its `by`, the note does not wait for it: the
  draft lies there outside the window, and `plan` and `show` say so ("does not wait for the window"). A later `by`, or a
  wider window, lets it wait.
- **Words** are found as whole words in any case: `chat` is not found in "chateau". A text between slashes is a
  regular expression: `/learn(ing)? about/`. One that takes too long on some text of yours makes its rule rest, and
  nothing else: `afterword status` says which, for which text, and how to mend it.
- An **id** is made of letters, digits, `.`, `_` and `-`. What was drafted is remembered by the ids of rule and step:
  keep them when you change the rest.
- A **path** starts at the folder of the configuration, or at your home with `~/`.

"""
_STEP = """\
A step has exactly one of `after`, `every` and `before`:

| | counts from | goes to | and may have |
|---|---|---|---|
| `after` | the end of the meeting | each person, or all | `by` |
| `every` | the last contact with the person | each person | `at_most`, several templates in turn |
| `before` | the start of the meeting | me | |

"""
_TEMPLATES = """\
## Templates

A template is a file in `templates/`: a head with the subject, then the note. It is text with names in it, read by
Jinja2 in a sandbox: `{{ person.first_name }}` writes a name out, `{% if late %}…{% endif %}` is there when it holds.

```
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

Thank you for your time {{ meeting.when }}. {{ gap("the idea that stayed with me") }}

{{ me.signature }}
```

`thank-you.pt.md` is taken before `thank-you.md` for a person whose `language` is `pt`; dates are worded in it.
`format: markdown` in the head adds an HTML part to a note that has no gaps. One with gaps stays plain text: mail
programs edit the plain part alone, and the gaps would go out in the other. `decision.md` and `ask.md` are the templates
of `afterword decide` and `afterword ask`, which are to come. A step names its template without `.md`.

| name | what it is |
|---|---|
"""
_MEANINGS = {
    "person": "whom the note is to",
    "people": "all whom a group note is to, or all others of the meeting; written out: `Dana, Ana and Lee`",
    "meeting": "the meeting; `meeting.when` is `on Tuesday` when it is near, else `on 3 March`",
    "me": "who you are",
    "last_contact": "when you last met or wrote; written out: `on 3 March`",
    "meetings_so_far": "how many meetings with the person have been held",
    "next_meeting": "the next meeting with the person, if there is one",
    "round": "1, 2, … for check-ins: how many you have written since they last wrote or you last met, and this one",
    "late": "whether the note is placed later than it should be",
    "slots": "free times, for `afterword ask`, which is to come; written out: one a line",
    "decision": "the text of `afterword decide`, which is to come",
    "gap": '`gap("…")` leaves `[[…]]` for you to fill; open gaps are counted wherever a draft is listed',
}


def reference() -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD, _EXAMPLE.format(text=_starter("rules/soft-interviews.yaml")), _VALUES]
    for model in models():
        if model is RuleFile:
            parts.append("## Rules\n\n")
        elif model is Settings:
            parts.append("## afterword.yaml\n\n")
        elif model is PersonEntry:
            parts.append("## people.yaml\n\n")
        if model.__name__ in _TITLES:
            parts += _section(model, _TITLES[model.__name__])
    parts += [_TEMPLATES, *_names()]
    return "".join(parts).rstrip() + "\n"


_TITLES = {
    "Settings": "",
    "MeSettings": "`me`",
    "IcsCalendar": "an entry of `calendars`: `ics`",
    "Vcards": "an entry of `contacts`: `vcards`",
    "CaldavCalendar": "an entry of `calendars`: `caldav`",
    "GoogleCalendar": "an entry of `calendars`: `google`",
    "PeopleFile": "an entry of `contacts`: `people`",
    "Carddav": "an entry of `contacts`: `carddav`",
    "GoogleContacts": "an entry of `contacts`: `google`",
    "Maildir": "`mailbox`: `maildir`",
    "Imap": "`mailbox`: `imap`",
    "Gmail": "`mailbox`: `gmail`",
    "GoogleAccount": "`google`",
    "Password": "`password`",
    "Oauth": "`oauth`",
    "Courtesy": "`courtesy`",
    "Notify": "`notify`",
    "Rule": "an entry of `rules`",
    "Conditions": "`when` and `unless`",
    "AttendeeConditions": "`attendees`",
    "PersonConditions": "`person`",
    "DurationConditions": "`duration`",
    "Step": "an entry of `steps`",
    "PersonEntry": "an entry of `people`",
}
"""The models with a section of their own. What this version refuses has none."""


def _starter(name: str) -> str:
    return f"```yaml\n{files('config').joinpath('starter', name).read_text('utf-8')}```\n"


def _section(model: type[BaseModel], title: str) -> Iterator[str]:
    if title:
        yield f"### {title[0].upper()}{title[1:]}\n\n"
    yield " ".join((model.__doc__ or "").split()) + "\n\n"
    if model.__name__ == "Step":
        yield _STEP
    yield "| key | takes | without it | example |\n|---|---|---|---|\n"
    for name, field in model.model_fields.items():
        found = expected(model, (name,), None)
        takes = kinds(found) or "a mapping"
        about = (field.description or "").rstrip(".")
        shown = example(name, found) or ""
        cells = (f"`{name}`", f"{takes}: {about[0].lower()}{about[1:]}", _without(model, name), shown)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
    yield "\n"


def _without(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return "must be there"
    value = default_of(field)
    if value == list(THANKS):
        return f"{len(THANKS)} words of thanks in many languages"
    return code(value) if value is not None else _DEFAULTS.get((model.__name__, name), "")


_DEFAULTS = {
    ("MeSettings", "signature"): "the signature of the Gmail account, else the name",
    ("MeSettings", "holidays"): "no holidays",
    ("Step", "expires"): "`7 days` with `after`, never with `every`, the meeting's start with `before`",
    ("Step", "by"): "no deadline",
    ("Step", "at_most"): "no end",
    ("Conditions", "recurring"): "`false` in `when`",
    ("Conditions", "all_day"): "`false` in `when`",
    ("Conditions", "attendees"): "`{at_least: 1}` in `when`",
    ("Settings", "notify"): "a message in the inbox; with Gmail `status` alone",
    ("Settings", "plan_ics"): "no such file",
    ("CaldavCalendar", "calendars"): "all",
    ("Carddav", "books"): "all",
    ("CaldavCalendar", "certificate"): "the authorities that this machine believes",
    ("Carddav", "certificate"): "the authorities that this machine believes",
    ("Maildir", "drafts"): "found",
    ("Maildir", "sent"): "found",
    ("Maildir", "trash"): "found",
    ("Imap", "password"): "`oauth` must be there",
    ("Imap", "oauth"): "`password` must be there",
    ("Imap", "port"): "993, and 143 with `starttls` or `plain`",
    ("Imap", "certificate"): "the authorities that this machine believes",
    ("Imap", "drafts"): "found",
    ("Imap", "sent"): "found",
    ("Imap", "trash"): "found",
}


def _names() -> Iterator[str]:
    for name, kind in NAMES.items():
        inner = (
            []
            if kind in {"text", "number", "words", ""}
            else [one for one in ATTRIBUTES.get(kind, {}) if one[0] != "_"]
        )
        inner = [one for one in inner if one not in {"count", "index"}]
        has = f"; has {', '.join(f'`{one}`' for one in inner)}" if inner else ""
        yield f"| `{name}` | {_MEANINGS[name]}{has} |\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
