"""Writes docs/rules.md, the reference of everything a user writes, from the models that check it.

`python -m config.reference > docs/rules.md` writes it anew; a test fails while the two differ.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING

from config.editor import EXAMPLES, modeline
from config.expected import code, example, expected, kinds
from config.people import PersonEntry
from config.reference_marks import MARKS
from config.reference_names import names, reasons
from config.rule_tests import RuleTestFile
from config.schema import default_of, models
from config.settings import Settings
from rules.language import THANKS, RuleFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_HEAD = """\
# What you can write

Everything that Afterword understands in `afterword.yaml`, in the files in `rules/`, in `people.yaml` and in the
templates. `afterword check` tells what is wrong with yours, where, and what would be right; your editor completes and
checks [while you type](#in-the-editor).

The files are YAML 1.2: `no` is a word and `18:00` a text; only `true` and `false` are truth values. There are no
anchors, aliases or tags, so a text that begins with `*`, `&` or `!` goes in quotes: `"*@acme.example"`. A key that
nobody knows is an error, and so is a key without a value. While a file has errors, the last good configuration
goes on. The service takes an edit as soon as it is saved, and its log tells what that changes ([edits.md](edits.md)).

(This page is made from the program itself: `python -m config.reference > docs/rules.md`.)

"""
_EXAMPLE = """\
## A rule file

{text}
Rules are independent: each that matches a meeting acts. In `when` all conditions must hold; in `unless` any one
excludes. Where a condition takes several texts, any of them will do, and a single text needs no brackets.

Why was a meeting taken, or left alone? `afterword explain 'Coffee with Dana'` tells it by the title, some words of it,
or the UID; `afterword explain Dana` by the person. Each rule has each condition with `yes` or `no` and what was seen;
then each step: planned, drafted and what became of it, held back by what and until when, or why there is none. What is
asked before every rule comes first:

| | holds when |
|---|---|
| `not_cancelled` | the meeting is not cancelled |
| `accepted` | you organised it, or accepted the invitation |
| `counts` | somebody besides you takes part |
| `nofollow` | neither title nor description has `#nofollow` |
| `noshow` | nor `#noshow`; the meeting did not take place, and only what comes `before` it is written |
| `backfill` | of something at least, what was due lies after the rule began, or so long before as the settings say |
| `present`, `met` | of a person: they take part; there is a meeting with them at all |

In `--json` they are `conditions` like those of the rule, and a rule `matches` when all of them hold.

"""
_NEVER = """\
### What can never come to anything

`afterword check` also tells of what is written as it should be and yet for nothing, where that is certain:

- **A rule that never matches.** `unless` excludes all that `when` lets through: each phrase of its titles has one of
  `unless` in it, the calendars, tags or addresses are the same, every number of people or length is excluded, or
  `recurring: false` stands there although without a word in `when` nothing else is taken. Or `when` wants two things
  that do not go together: `known: false` and a tag, `all_day: true` and at most three hours, `external: false` when you
  have no mail domain of your own.
- **A step whose words another step has written.** The same template for the same person and meeting is drafted once,
  over all rules. Where one rule matches all that another does, and is never due after it, the other step writes
  nothing. Check-ins come each to their turn, and are not told.
- **A key that does nothing**: `expires` or `to: all` with `before`, `thread: reply` with `before` or `every`; an
  address in `person` that is none and has no star; a name in a template that is empty in the notes of such a step.

What only some meetings are hit by is no problem: a window that yields to `by` on a Friday, say.

And it asks whether something is meant that is right and looks odd: a note of `to: all` that greets `person`, the first
of them, alone; English words for somebody of another `language`, with dates in that. Nothing is refused for it.

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
_TESTS = """\
## Tests of your rules

You changed a rule, and want to know that it still does what you meant: write it down in `rules/tests/`, and
`afterword test` tells. A test is a meeting, what came before it where that matters, and the drafts that the rules
must make of it, or `none`. It is the planner of the service that is asked, with your rules and templates; nothing is
written, and no calendar or mailbox is looked at. The starter rules bring theirs:

{text}
```console
$ afterword test                          # all of them: a dot for each that passes
$ afterword test -v                       # by name
$ afterword test soft-interviews          # one file
$ afterword test -k lunch                 # those with this in their name
```

The exit code is 0 when all pass, 1 when one fails, 78 when a file is wrong. `--json` prints what was expected and what
there is. A test that fails shows both, where it says so, and why it is so: `-` was expected, `+` is what the rules make
of it. Here somebody wrote `by: 12 hours` into the rule:

```text
a coffee with one person outside gets a thank-you
  rules/tests/soft-interviews.yaml:7:72  by is not as expected
      rule: soft-interview
      step: thank-you
      to: dana@acme.example
    - by: 2026-03-04 11:00
    + by: 2026-03-03 23:00
      subject: Thank you, Dana
      # 2 hours after 'Coffee with Dana' ended
```

What a test says is all that there is in it: no other meeting, nobody from your address books (say `people:` in the
file), and rules that have run since long ago. It begins with `at`, which is the end of the meeting where nothing is
said, and expects *all* drafts from then on for two weeks, or until `until`: a brief needs an earlier `at`, a check-in a
later `until`. A note that courtesy holds back is not there when it is due: say `drafted:` as well, or expect none.
Times are those of the clock on your wall.

`because` says why there is none, so that a test does not pass for another reason than you think. It names the
condition that alone stands against it: but for that, the rule would match. Two that stand against it together are a
list, `[title, duration]`. It is about rules that have words of the title, if there are any;
`because: {{soft-interview: attendees}}` names the rule. The last six of these names are for a rule that matches, and
then more may be true of it than is said:

{reasons}
`afterword check` looks at the tests as well: a key that nobody knows, a rule or step that there is not (78). It does
not run them. They are no part of what the service runs on: with a mistake in a test, or a test that fails, `once` and
`run` go on with your rules as they are.

"""
_EDITOR = """\
## In the editor

The first line of each starter file is for your editor:

| file | first line |
|---|---|
{lines}

It names the schema of the file, which `afterword init` lays into `schema/` beside it. Editors that speak with the YAML
language server of Red Hat then offer the keys that fit where you are, with an example filled in; tell what a key does
when you point at it; and underline what is misspelt, missing, or no duration, window or address:

- **VS Code**, VSCodium: install the extension *YAML* (`redhat.vscode-yaml`).
- **Neovim** 0.11: `npm install -g yaml-language-server`, nvim-lspconfig, and `vim.lsp.enable('yamlls')`.
- **Emacs** 29: `npm install -g yaml-language-server`, then `M-x eglot` in `yaml-ts-mode` or `yaml-mode`.
- **Helix**: `npm install -g yaml-language-server`; `hx --health yaml` shows that it is found.

A configuration that an older version began has neither: `afterword schema --write` lays the schemas, and tells the line
for each kind of file. After an update `afterword check` says when they are those of another version, and
`afterword schema --write` writes them anew. It is the only command besides `init` that writes them; a file in `schema/`
that Afterword did not write is left alone, and nothing of that folder is read or watched. `afterword schema` prints
the whole language as one JSON Schema, for other tools.

An editor sees one file at a time. Whether a template is there, whether an id stands twice, whether a time of day
exists: `afterword check` tells that, and `afterword test` whether your rules do what you mean.

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
Dates follow the person also where there is no such file; `check` asks whether English words with them are meant.
`format: markdown` in the head adds an HTML part to a note that has no gaps. One with gaps stays plain text: mail
programs edit the plain part alone, and the gaps would go out in the other. A step names its template without `.md`;
`decision.md` is that of [`afterword decide`](decide.md), `ask.md` that of [`afterword ask`](ask.md).

| name | what it is |
|---|---|
"""


def reference() -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD, _EXAMPLE.format(text=_starter("rules/soft-interviews.yaml")), _NEVER, _VALUES]
    for model in models():
        if model is RuleFile:
            parts.append("## Rules\n\n")
        elif model is Settings:
            parts.append("## afterword.yaml\n\n")
        elif model is PersonEntry:
            parts.append("## people.yaml\n\n")
        elif model is RuleTestFile:
            parts.append(_TESTS.format(text=_starter("rules/tests/soft-interviews.yaml"), reasons=reasons()))
        if model.__name__ in _TITLES:
            parts += _section(model, _TITLES[model.__name__])
    lines = "\n".join(f"| `{name}` | `{modeline(name)}` |" for name in EXAMPLES)
    parts += [_TEMPLATES, *names(), "\n", MARKS, "\n", _EDITOR.format(lines=lines)]
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
    "RuleTest": "an entry of `tests`",
    "GivenMeeting": "`meeting`, and an entry of `meetings`",
    "GivenMail": "an entry of `mails`",
    "GivenDraft": "an entry of `drafts`",
    "ExpectedDraft": "an entry of `expect`",
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
        name = field.alias or name  # noqa: PLW2901 - as it is written
        found = expected(model, (name,), None)
        takes = _TAKES.get((model.__name__, name)) or kinds(found) or "a mapping"
        about = (field.description or "").rstrip(".")
        shown = example(name, found) or ""
        cells = (f"`{name}`", f"{takes}: {about[0].lower()}{about[1:]}", _without(model, name, field), shown)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
    yield "\n"


def _without(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "must be there"
    value = default_of(field)
    if value == list(THANKS):
        return f"{len(THANKS)} words of thanks in many languages"
    return code(value) if value is not None else _DEFAULTS.get((model.__name__, name), "")


_TAKES = {("RuleTest", "because"): "a name of the table above, a list of them, or a mapping of rules to them"}

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
    ("GivenMeeting", "calendar"): "the first of afterword.yaml",
    ("RuleTest", "at"): "the end of `meeting`",
    ("RuleTest", "until"): "14 days after `at`",
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


if __name__ == "__main__":
    sys.stdout.write(reference())
