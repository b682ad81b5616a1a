"""What a key does to a draft in `review --tty`: each as the command or the page does it, and what can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon import not_again
from daemon.byhand import why_not_skipped, why_not_snoozed
from daemon.cli.desk import almanac_of, ledger_of
from daemon.cli.draft_shown import hints
from daemon.cli.revising import Revising
from daemon.cli.skip import left_out
from daemon.cli.snooze import put_off
from daemon.cli.target import title
from daemon.cli.unskip import taken_back
from daemon.failure import ExitCode, Failure
from daemon.kept_words import forget_words
from daemon.review.card import clean_name
from daemon.review.mailing import ways
from daemon.review.snoozing import choices
from daemon.revise import DraftNow

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.cli.call import Call
    from daemon.cli.draft_looked import Looked
    from daemon.cli.talk import Talk
    from daemon.view import House
    from rules.model import Person

_YES = {"y": "yes", "n": "no"}


class Acts:
    """Each act returns whether the draft is done with, so that the next one is shown.

    `looking` is a house to be looked at; `house` may be written to, by who has the lock of the cycle.
    """

    def __init__(self, call: Call, talk: Talk, looking: House, house: House) -> None:
        self._call = call
        self._talk = talk
        self._looking = looking
        self._house = house
        self._back: Callable[[], str] | None = None

    def hindered(self, one: Looked) -> frozenset[str]:
        """The keys of acts that are not to be had for this draft as it is now: each would tell why."""
        skip = why_not_skipped(one.record, self._looking.mailbox.account)
        snooze = why_not_snoozed(one.record, self._call.now())
        fixed = isinstance(one.now, DraftNow) and one.now.fixed
        told = (("e", fixed), ("s", skip), ("z", snooze), ("x", one.record.to_me))
        return frozenset(key for key, why in told if why)

    def edit(self, one: Looked) -> bool:
        """In the user's editor, and into the mailbox."""
        Revising(self._call, self._talk, self._looking, self._house, one.record).run(hints(one.told, one.to))
        return False

    def skip(self, one: Looked) -> bool:
        """Leave it out.

        Raises:
            Failure: it cannot be.
        """
        record, _, after = left_out(self._call, one.record.id)
        self._back = lambda: f"Taken back: {title(taken_back(self._call, record.id)[0])}."
        self._talk.say(f"Skipped: {title(record)}. {after} u takes it back.", fg="green")
        return True

    def snooze(self, one: Looked) -> bool:
        """Put it off until a time that the user names.

        Raises:
            Failure: it cannot be, or that is no time.
        """
        if why := why_not_snoozed(one.record, self._call.now()):
            raise Failure(ExitCode.USAGE, why, f"`afterword show {one.record.id}` tells more.")
        offered = choices(almanac_of(self._call), self._call.now(), one.record.expires).several
        for number, choice in enumerate(offered, 1):
            self._talk.say(f"  {number}  {choice.words}")
        said = self._talk.line("Until when (a number, 3 days, 2026-03-09; nothing leaves it): ")
        if not said:
            return False
        chosen = offered[int(said) - 1].at if said.isdecimal() and 0 < int(said) <= len(offered) else said
        record, _, then, after = put_off(self._call, one.record.id, chosen)
        self._talk.say(f"Snoozed until {then}: {title(record)}. {after}".strip(), fg="green")
        return True

    def never(self, one: Looked) -> bool:
        """Nothing is to be written to these people again.

        Raises:
            Failure: the ledger cannot be written.
        """
        if one.record.to_me:
            self._talk.say("This note is for you: it is not written to anybody. s leaves it out.")
            return False
        who = ", ".join(map(clean_name, one.record.to))
        if self._talk.choose(_YES, f"Nothing is to be written to {who} again, by any rule?") != "y":
            return False
        with ledger_of(self._call.state, write=True) as ledger:
            for person in one.people:
                not_again.not_again(ledger, person, self._call.now())
        self._back = lambda: self._again(one.people, who)
        words = f"Nothing is written to {who} again. An untouched draft goes with the next cycle. u takes it back."
        self._talk.say(words, fg="green")
        return True

    def _again(self, people: tuple[Person, ...], who: str) -> str:
        with ledger_of(self._call.state, write=True) as ledger:
            for person in people:
                not_again.again(ledger, person)
        return f"Taken back: notes to {who} are written again."

    def take_back(self, one: Looked) -> bool:  # noqa: ARG002 - as every act; it is another draft that comes back
        """Take the last skip, or the last `never`, back.

        Raises:
            Failure: it cannot be.
        """
        if self._back is None:
            self._talk.say("There is nothing to take back.")
        else:
            self._talk.say(self._back(), fg="green")
            self._back = None
        return False

    def forget(self, one: Looked) -> bool:
        """Throw the words away that are kept for it.

        Raises:
            Failure: the ledger cannot be written.
        """
        if one.kept is None:
            self._talk.say("No words are kept for it.")
        elif self._talk.choose(_YES, "Throw away your words that are not in the draft?") == "y":
            with ledger_of(self._call.state, write=True) as ledger:
                forget_words(ledger, one.record.id)
        return False

    def open(self, one: Looked) -> bool:
        """Tell how it is opened in a mail program."""
        found = ways(one.now if isinstance(one.now, DraftNow) else None, self._house.mailbox.kind)
        if not found:
            self._talk.say("It does not lie in Drafts, so there is nothing to be opened.")
        for way in found:
            self._talk.say(f"{way.words}:")
            self._talk.whole(way.href)
        return False
