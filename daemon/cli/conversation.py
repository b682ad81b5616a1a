"""The conversation of `afterword init`: a question at a time, a number for what was found, and a last look."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from daemon.cli import accounts
from daemon.cli.doubts import YES, checks, is_google
from daemon.cli.offers import picked
from daemon.cli.output import say
from daemon.cli.questions import MORE_CALENDARS, QUESTIONS, is_asked
from daemon.cli.wording import columns, shown, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from daemon.cli.offers import Choice, Offers

_PROMPTS = {
    "name": "Your name",
    "emails": "Your email addresses, with commas between",
    "zone": "Your time zone",
    "calendar": "Your calendar",
    "maildir": "Your mailbox",
    "vcards": "Your address book",
    "google_contacts": "Know people by your Google contacts, too, with their labels as tags? (y or n)",
    **accounts.QUESTIONS,
    "rules": "Your starter rules",
}
_INTRODUCED = {
    "calendar": "Where are your meetings? {number}a folder of .ics files, a file, an https:// address, "
    "caldav:SERVER, or google.",
    "maildir": "Where do you write mail? The notes are laid into the Drafts there. {number}a Maildir, imap:HOST, "
    "or gmail.",
    "vcards": "Where are the people you know? {number}a .vcf file, a folder of them, or none.",
    "password": "Where does the password come from? It is never written itself. A command that prints it, as in `pass "
    "show mail`; or file:NAME, a file that only you can read (mode 0600).",
    "rules": "After which meetings is there something to write? Numbers with commas between, or all; more can be "
    "added at any time.",
}
_WANTED = {
    "name": "your name as it stands in From",
    "emails": "an address such as dana@acme.example",
    "zone": "a zone such as Europe/Lisbon",
    "maildir": "a folder such as ~/Mail, a server such as imap:imap.example.org, or gmail",
    "user": "the name that you sign in with",
    "mail_user": "the name that you sign in with",
}
"""An answer to each question for which there may be no likely one."""
_FOLLOWING = ("google_contacts", "carddav", "user", "password", "mail_user", "mail_password")
"""What is asked again when the calendar or the mailbox is another."""
_ROWS = {
    "name": ("name",),
    "addresses": ("emails",),
    "zone": ("zone",),
    "calendar": ("calendar", *_FOLLOWING),
    "mailbox": ("maildir", *_FOLLOWING),
    "contacts": ("vcards", "google_contacts", "carddav"),
    "user": ("user", "mail_user"),
    "password": ("password", "mail_password"),
    "rules": ("rules",),
}
"""What the last look shows, and which questions each word there asks again."""
_WIDEST = 79


class Conversation:
    """Asks for what was not given. An answer that cannot be used is asked for again, with the reason."""

    def __init__(self, folder: Path, offers: Offers, known: Mapping[str, str]) -> None:
        self._folder = folder
        self._offers = offers
        self._known = known

    def held(self, questions: list[str], given: Mapping[str, str]) -> dict[str, str]:
        """All answers, once the user has seen them and wants them written.

        Raises:
            click.Abort: the user does not.
        """
        answers = {name: value for name, value in self._known.items() if value}
        open_ones = [name for name in questions if not given.get(name)]
        asked = self._ask(open_ones, answers)
        while asked and "calendar" in questions:
            again = self._last_look(answers, questions)
            if not again:
                break
            before = {name: answers.pop(name, "") for name in (*again, MORE_CALENDARS)}
            answers.update({again[0]: before[again[0]]})
            if again[0] != "calendar" and before[MORE_CALENDARS]:
                answers[MORE_CALENDARS] = before[MORE_CALENDARS]
            self._ask(again, answers, called_for=again[0])
        return answers

    def _ask(self, questions: list[str], answers: dict[str, str], called_for: str = "") -> bool:
        """Put each of these questions that there is, and the one that is called for; whether there was any."""
        asked = False
        for name in questions:
            if name == called_for or is_asked(name, answers, self._offers):
                self._put(name, answers)
                asked = True
        return asked

    def _put(self, name: str, answers: dict[str, str]) -> None:
        choices = self._offers.choices(name, answers)
        for line in _introduction(name, choices):
            say(line)
        default = answers.get(name) or self._offers.default(name, answers) or accounts.likely(name, answers)
        # Without a default click asks again for ever and does not say why; an empty one it gives to the check.
        answer = click.prompt(
            accounts.question(name, answers) or _PROMPTS[name],
            default=default,
            show_default=bool(default),
            value_proc=_checked(self._reading(name, choices, answers)),
        )
        first, *more = answer.split("\n")
        answers[name] = first
        if name == "calendar":
            answers[MORE_CALENDARS] = "\n".join(more)

    def _reading(self, name: str, choices: tuple[Choice, ...], answers: Mapping[str, str]) -> Callable[[str], str]:
        """From what was typed to the answer; several calendars are a line each."""
        check = checks(name, answers, self._folder)

        def read(text: str) -> str:
            if not text:
                raise ValueError(f"nothing was given; write {_WANTED.get(name, 'an answer')}")
            if name == "rules":
                words = text.replace(",", " ").split()
                return check(",".join(answer for word in words for answer in picked(word, choices)))
            return "\n".join(check(one) for one in picked(text, choices, several=name == "calendar"))

        return read

    def _last_look(self, answers: Mapping[str, str], questions: list[str]) -> list[str]:
        """Show what would be written; the questions that are to be asked again, or none when it is right.

        Raises:
            click.Abort: nothing is to be written.
        """
        say()
        say(f"This goes to {shown(self._folder)}:")
        rows = {word: text for word, text in _rows(answers).items() if set(_ROWS[word]) & set(questions)}
        for line in columns(list(rows.items())):
            say(f"  {line}")

        def read(text: str) -> str:
            word = text.casefold()
            if word in {"y", YES, "n", "no", *rows}:
                return word
            raise ValueError(f"answer y, n, or one of {', '.join(rows)}")

        said = click.prompt(
            "Write this? [Y/n, or a word on the left to change it]",
            default="y",
            show_default=False,
            value_proc=_checked(read),
        )
        if said in {"n", "no"}:
            raise click.Abort
        chosen = _ROWS.get(said, ())
        return [name for name in QUESTIONS if name in chosen] if chosen else []


def _rows(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers by the words of the last look; only what there is."""
    more = answers.get(MORE_CALENDARS, "").splitlines()
    books = [answers.get(name, "") for name in ("vcards", "carddav")]
    books = [one for one in books if one and one.casefold() != accounts.NONE]
    books += ["your Google contacts"] if answers.get("google_contacts") == YES else []
    servers = accounts.is_asked("user", answers)
    either = {
        name: ", ".join(dict.fromkeys(filter(None, (answers.get(name), answers.get(f"mail_{name}")))))
        for name in ("user", "password")
        if servers
    }
    mailbox = answers.get("maildir", "")
    rows = {
        "name": answers.get("name", ""),
        "addresses": answers.get("emails", "").replace(",", ", "),
        "zone": answers.get("zone", ""),
        "calendar": ", ".join([answers.get("calendar", ""), *more]),
        "mailbox": "gmail" if is_google(mailbox) else mailbox,
        "contacts": ", ".join([*books, "people.yaml"]),
        **either,
        "rules": answers.get("rules", "").replace(",", ", "),
    }
    return {word: text for word, text in rows.items() if text}


def _introduction(name: str, choices: tuple[Choice, ...]) -> Iterator[str]:
    """What the question is about, and the answers that have a number."""
    if name not in _INTRODUCED:
        return
    yield ""
    broad = min(shutil.get_terminal_size().columns - 1, _WIDEST)
    number = "A number; or " if choices else "Write "
    yield from wrapped(_INTRODUCED[name].format(number=number), "", broad)
    lines = columns([(f"{place}", one.answer, one.about) for place, one in enumerate(choices, 1)], _WIDEST)
    if all(width(line) <= broad - 2 for line in lines):
        yield from (f"  {line}" for line in lines)
        return
    for place, one in enumerate(choices, 1):
        yield f"  {place}  {one.answer}"
        yield f"     {one.about}"


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        try:
            return check(text.strip())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert
