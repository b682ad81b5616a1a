"""How it stands with one person, in words: the last contact, the next note, what is owed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.moments import day, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.outlook import Standing
    from daemon.sight import Sight
    from rules.history import Promise


def owed(sight: Sight, standing: Standing) -> Sequence[Promise]:
    """What the user has promised this person, and not ticked off."""
    from rules.promises import open_to  # noqa: PLC0415 - much is imported

    assert sight.view is not None
    return open_to(sight.view.world, standing.key, sight.now)


def last_contact(sight: Sight, standing: Standing) -> str:
    """`Tue 3 March, met`."""
    if standing.last is None:
        return "never"
    when = day(sight.almanac.day_of(standing.last.at), sight.almanac.day_of(sight.now))
    return f"{when}, {standing.how}"


def coming(sight: Sight, standing: Standing) -> str:
    """`thank-you, Tue 3 March 18:00`; `thank-you lies in Drafts`; or why there is none."""
    from daemon.present import held  # noqa: PLC0415 - see `owed`
    from rules.history import Record  # noqa: PLC0415 - see `owed`

    following = standing.next
    if following is None:
        return f"none: {standing.why}"
    if isinstance(following, Record):
        return f"{following.step} lies in Drafts"
    if following.hold is not None:
        return f"{following.step}, {held(following.hold, sight.almanac, sight.now)}"
    if following.due <= sight.now:
        return f"{following.step}, due now"
    return f"{following.step}, {moment(following.due, sight.almanac, sight.now)}"
