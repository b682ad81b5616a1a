"""Tables of docs/rules.md: the names that a template may use, and what stands against a note in a test of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.rule_tests import CONDITIONS, GATES, OUTCOMES
from rules.vocabulary import ATTRIBUTES, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEANINGS = {
    "person": "whom the note is to; `person.history` and `person.noted` are the last contacts and the dated notes "
    "([the brief](ask.md#the-brief))",
    "people": "all whom a group note is to, or all others of the meeting; written out: `Dana, Ana and Lee`",
    "meeting": "the meeting; `meeting.when` is `on Tuesday` when it is near, else `on 3 March`",
    "me": "who you are",
    "last_contact": "when you last met or wrote; written out: `on 3 March`",
    "meetings_so_far": "how many meetings with the person have been held",
    "next_meeting": "the next meeting with the person, if there is one",
    "round": "1, 2, … for check-ins: how many you have written since they last wrote or you last met, and this one",
    "late": "whether the note is placed later than it should be",
    "slots": "three free times, in the notes of `afterword ask`; written out: one a line. `slots.length` is how long "
    "each is: `30 minutes`",
    "decision": "the text of `afterword decide`, in a closing note",
    "helped": "what they helped with (`#thanks`), in a closing note; written out: `the book and the advice`",
    "owed": "what you promised at the meeting (`#owe`) and have not ticked off, in the first note after it; "
    "written out: `send the paper and ask Lee`",
    "gap": '`gap("…")` leaves `[[…]]` for you to fill; open gaps are counted wherever a draft is listed',
}


_REASONS = {
    "accepted": "I declined, or have not accepted",
    "counts": "nobody is there besides me",
    "not_cancelled": "it is cancelled",
    "nofollow": "it is marked `#nofollow`",
    "noshow": "it is marked `#noshow`",
    "do_not_contact": "nobody is left that may be written to",
    "courtesy": "the limits of `courtesy` hold the note back",
    "drafted": "there was a draft of this step already, or a check-in lies in Drafts",
    "expired": "its time has passed",
    "later": "nothing is due by `until`",
    "thanked": "I wrote a thank-you of my own",
    "at_most": "so many check-ins are unanswered that the chain has ended",
}


def reasons() -> str:
    """What stands against a note, as a table."""
    words = ", ".join(f"`{one}`" for one in CONDITIONS)
    rows = [
        f"| {words} | it does not hold |",
        f"| the same after `unless`, as in `unless {CONDITIONS[1]}` | it excludes |",
    ]
    rows += [f"| `{name}` | {_REASONS[name]} |" for name in (*GATES, *OUTCOMES)]
    return "\n".join(("| name | what stands against it |", "|---|---|", *rows, ""))


def names() -> Iterator[str]:
    """A row for each name of a template."""
    for name, kind in NAMES.items():
        inner = (
            []
            if kind in {"text", "number", "words", ""}
            else [one for one in ATTRIBUTES.get(kind, {}) if one[0] != "_"]
        )
        inner = [one for one in inner if one not in {"count", "index"}]
        if kind == "promises":
            inner = list(ATTRIBUTES["promise"])
        has = f"; {'each ' if kind == 'promises' else ''}has {', '.join(f'`{one}`' for one in inner)}" if inner else ""
        yield f"| `{name}` | {_MEANINGS[name]}{has} |\n"
