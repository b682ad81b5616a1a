"""The part of docs/rules.md on what the user writes into the calendar itself."""

from __future__ import annotations

from rules.marks import LONGEST, MOST

_ROWS = (
    ("you write", "where", "and"),
    ("---", "---", "---"),
    ("`#nofollow`", "title or description", "nothing is written to anyone"),
    (
        "`#noshow`",
        "title or description",
        "the meeting did not take place: nothing is written after it, and it was no contact",
    ),
    (
        "`#thanks: the pointer to the Lisbon meetup`",
        "description",
        "it fills the first gap of the thank-you; a second `#thanks:` fills the second",
    ),
    (
        "`#owe: send the paper`",
        "description",
        "a promise to those who were there: it stands in the thank-you, and in `afterword person` until it is done",
    ),
)
_TABLE = "\n".join(f"| {' | '.join(row)} |" for row in _ROWS)

MARKS = f"""\
## In the calendar itself

Straight after the meeting, while you remember, and wherever you have your calendar: write into the event.

{_TABLE}

A mark is a whole word in any case, and needs its colon. Its text ends with the line, or where the next mark begins.
Of a text {LONGEST} characters are kept, and of one meeting {MOST} of a kind. The text is taken as it is: it is never
read as a template.

The thank-you is the first step with `after` of each rule that takes the meeting. What its template has no gap for, and
a promise that it does not name (`{{{{ owed }}}}`), stands above your signature as a gap of its own: nothing of it gets
lost. Edit the event, and an untouched draft is made anew; one that you edited or sent stays as it is.

What you owe stays until you say that it is done, also when the event is long out of the calendar. It is gone when you
take the line out again, when the meeting is cancelled or deleted, and with `#noshow`:

```console
$ afterword person Dana          # what you owe her, since when, each with its id
$ afterword done k3v7qz          # or some words of it: afterword done paper
$ afterword done --undo k3v7qz   # not yet, after all
```

In a template `{{{{ person.owed }}}}` is what you owe them from all meetings; the brief of the starter rules reminds you
of it.

**Only your own words count.** Whoever invites you writes the description too, and must not get words into a note of
yours. So `#thanks` and `#owe` are taken where you organised the event (it names you as the organiser, or nobody). Of an
event of somebody else they are taken where nobody but you writes into the calendar: say so with `only_mine: true` in
its entry. In a calendar that is fetched from an address (`ics: https://…`) anybody may have written anything, also your
name as the organiser: there they count with `only_mine: true` alone. Somebody with whom you share a calendar on a
server, or its folder, can name you there as well, and is believed: the draft is yours to read first, as ever. Where a
meeting is in several calendars, the newest copy that counts speaks. `afterword explain 'Coffee with Dana'` shows each
mark, and why one is not taken.

Whom you invited to an event sees its description as well. What they are not to read stands better in an event of your
own at the same time with the same people, which is the same meeting to Afterword.
"""
