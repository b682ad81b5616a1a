"""`afterword review --tty`: the drafts one by one in the terminal, the nearest deadline first, a key for each act."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from daemon.cli.draft_acts import Acts
from daemon.cli.draft_looked import Eyes
from daemon.cli.editor import left_over
from daemon.cli.keyboard import END, RESIZED, Keyboard
from daemon.cli.output import show_problems
from daemon.cli.owned import refuse_another
from daemon.cli.talk import Talk
from daemon.cli.typed import typed
from daemon.cli.wording import count, sentence, shown
from daemon.configuration import in_force
from daemon.failure import ExitCode, Failure
from daemon.sight import house_of

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.cli.draft_looked import Looked

_ANSWERS = {
    "e": "edit",
    "s": "skip",
    "z": "snooze",
    "x": "not this person again",
    "o": "open in mail program",
    "n": "next",
    "p": "previous",
    "q": "quit",
    "?": "help",
}
_ON = frozenset({"\n", " "})
_HELP = (
    "e opens the note in your editor ($VISUAL, $EDITOR), and saves it into your mailbox when you close it there.",
    "s leaves it out: an untouched draft goes with the next cycle.",
    "z puts it off until a time that you name; it comes back then, and has no deadline any more.",
    "x writes nothing to these people again, by any rule.",
    "u takes the last skip, or the last x, back.",
    "o tells the address that opens it in your mail program.",
    "d throws away words of yours that are kept and not saved.",
    "r shows the draft again.",
    "n and p go on and back, as the arrows do; q ends it, as does Ctrl-D.",
    "There is no key that sends, and Afterword has nothing to send with.",
    "A note goes out by your own hand, from your mail program, when you have read it and made it yours.",
)


def walk(call: Call) -> ExitCode:
    """Walk through the drafts that wait.

    Raises:
        Failure: there is no terminal (2); the configuration is wrong (78); or as for every command.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            ExitCode.USAGE,
            "--tty needs a terminal, to show drafts and to be told by keys",
            "Type it at one. `afterword drafts` lists them anywhere, `afterword review` is a page for the browser.",
        )
    refuse_another(call)
    standing = in_force(call.folder, call.state)
    looking, house = (house_of(standing.needed, call.state, write=write) for write in (False, True))
    with Keyboard() as keyboard:
        talk = Talk(keyboard)
        if standing.problems:
            told = f"The configuration has {count(len(standing.problems), 'problem')} (`afterword check` tells which);"
            talk.say(typed(f"{told} the last good one serves."), fg="yellow")
        return _Walk(call, talk, Eyes(call, looking), Acts(call, talk, looking, house)).run()


class _Walk:
    def __init__(self, call: Call, talk: Talk, eyes: Eyes, acts: Acts) -> None:
        self._talk = talk
        self._eyes = eyes
        self._hindered = acts.hindered
        self._state = call.state
        self._acts = {
            "e": acts.edit,
            "s": acts.skip,
            "z": acts.snooze,
            "x": acts.never,
            "u": acts.take_back,
            "d": acts.forget,
            "o": acts.open,
        }

    def run(self) -> ExitCode:
        ids, problems = self._eyes.waiting()
        show_problems(problems)
        for file in left_over(self._state):
            self._talk.say(
                "An edit was cut off; what was typed then is in this file, until you delete it:", fg="yellow"
            )
            self._talk.whole(shown(file))
        if not ids:
            self._talk.say("No draft waits for you.")
        at = 0
        while at < len(ids):
            at += self._one(ids[at], at, len(ids))
            if at == len(ids) and self._is_wanted_again():
                at -= 1
        return ExitCode.PART_FAILED if problems else ExitCode.DONE

    def _is_wanted_again(self) -> bool:
        return self._talk.choose({"p": "previous", "q": "quit"}, "That was the last one.", {"n", "\n", " "}) == "p"

    def _one(self, follow_up: str, at: int, of: int) -> int:
        """Show a draft, and do what the user wants with it; how far to go on, beyond all to end."""
        self._show(one := self._eyes.look(follow_up), at, of)
        while True:
            hindered = self._hindered(one)
            answers = {key: words for key, words in _ANSWERS.items() if key not in hindered}
            key = self._talk.choose(answers, more={*self._acts, *_ON, "r", RESIZED})
            if key in {"q", END}:
                return of + 1
            if key in {"n", *_ON}:
                return 1
            if key == "p" and at:
                return -1
            if key in {"r", RESIZED}:
                self._show(one := self._eyes.look(follow_up), at, of)
            elif key == "p":
                self._talk.say("This is the first one.")
            elif key == "?":
                for line in _HELP:
                    self._talk.say(line)
            elif self._done(key, one):
                return 1
            else:
                one = self._eyes.look(follow_up)

    def _done(self, key: str, one: Looked) -> bool:
        """Whether the draft is done with; what hinders is told."""
        try:
            return self._acts[key](one)
        except Failure as failure:
            said = sentence(failure.message.removeprefix(f"{one.record.id}: "))  # it is the one that is shown
            self._talk.say(f"{said} {failure.hint or ''}".rstrip(), fg="yellow")
            return False
        finally:
            self._eyes.forget()

    def _show(self, one: Looked, at: int, of: int) -> None:
        self._talk.say()
        self._talk.say(f"{at + 1} of {of}", dim=True)
        self._talk.lines(one.lines(self._talk.broad))
        if one.kept is not None:
            words = f"Words that you typed {one.since} are not in it yet: e goes on with them, d throws them away."
            self._talk.say(words, fg="yellow", bold=True)
        self._talk.say()
