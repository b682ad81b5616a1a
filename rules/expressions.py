"""Says in plain words what is wrong with a regular expression that somebody wrote."""

from __future__ import annotations

import re

_SHOWN = 60
_FAULTS = (
    # What stands in the words of Python's `re`; our message, in which {} is the sign there; the remedy.
    ("missing )", "a `(` in it is never closed", "close it with `)`, or write `\\(` for the sign itself"),
    ("unbalanced parenthesis", "a `)` in it closes nothing", "write `\\)` for the sign itself"),
    (
        "unterminated character set",
        "a `[` in it is never closed",
        "close it with `]`, or write `\\[` for the sign itself",
    ),
    ("nothing to repeat", "`{}` repeats what is before it, and there is nothing", "write `.*` for any text"),
    ("multiple repeat", "`{}` repeats what is repeated already", "take it away, or write `\\{}` for the sign itself"),
    ("min repeat greater", "it repeats more at least than at most", "write the smaller number first, as in `{{1,3}}`"),
    ("number is too large", "it repeats something too often", "write a smaller number"),
    ("bad escape", "a `\\` in it stands before a letter that it gives no meaning", "write `\\\\` for the sign itself"),
    ("bad character range", "a range in `[…]` runs backwards", "write the earlier letter first, as in `[a-z]`"),
    ("look-behind", "`(?<…)` takes a text of one length only", "write it without `*`, `+` and `|`"),
    ("unknown extension", "`(?` is followed by a sign that means nothing there", "write `\\(` for the sign itself"),
    ("inline flags", "`(?i)` and its like are not needed: upper and lower case are one", "take it away"),
    ("group name", "the group in it has no right name", "take the `?P<…>` away"),
)


def wrong_expression(pattern: str, error: Exception) -> str:
    """What is wrong, `; `, and what to write instead. `error` is what `re.compile` raised."""
    shown = f"/{pattern}/" if len(pattern) <= _SHOWN else f"/{pattern[:_SHOWN]}…/"
    said = str(error).casefold()
    at = error.pos if isinstance(error, re.error) else None
    sign = pattern[at : at + 1] if at is not None else ""
    for piece, message, remedy in _FAULTS:
        if piece in said:
            what, hint = message.format(sign), remedy.format(sign)
            break
    else:
        what, hint = "it is not a regular expression", "write a word or a phrase, without the slashes"
    place = f", at `{pattern[at : at + 12]}`" if at and "`" not in pattern else ""
    return f"the regular expression {shown} cannot be used: {what}{place}; {hint}"
