"""Whatever the user, Afterword and Google do, in whatever order: what is remembered of Gmail is what is there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from connectors.base import ConnectorError
from connectors.mailboxes.gmail import Gmail
from tests.conformance.mailboxes import DANA, KIM, ME, MINE, NOBODY, STRANGER, in_order, mail
from tests.connectors.mailboxes.gmail_hand import GmailBackend
from tests.google.permitted import permitted
from tests.thorough import examples

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.google.account import Account
    from tests.google.standin import Google

ALL = frozenset({DANA, KIM, "lee+work@acme.example"})
PEOPLE = (ALL, frozenset({DANA}), NOBODY)
LABELS = (("INBOX", "UNREAD"), ("SENT",), ("SENT", "INBOX"), ("SPAM",), ("CHAT",), ("TRASH",), ())
CHANGES = ("SPAM", "TRASH", "SENT", "STARRED")


class Kept:
    """What the state folder keeps of a look that was ended."""

    text: str | None = None

    def recall(self) -> str | None:
        return self.text

    def keep(self, text: str) -> None:
        self.text = text


class Machine(RuleBasedStateMachine):
    """One mailbox, its user, and a client whose memory goes from look to look."""

    google: Google
    account: Account

    def __init__(self) -> None:
        super().__init__()
        self.google.heal()
        self.backend = GmailBackend(self.google, self.account)
        self.mail = self.backend.mail
        self.memory = Kept()
        self.client = Gmail(self.account, MINE, self.memory)
        self.note, self.people, self.number = "", ALL, 0

    def _new(self, to: str, *, text: str = "x", number: int | None = None) -> bytes:
        self.number += number is None
        name = self.number if number is None else number
        mine = name % 2 == 0
        return mail(f"<m{name}@example.org>", sender=ME if mine else to, to=to if mine else ME, text=text)

    def _message(self, choice: int) -> str:
        return [*self.mail.messages][choice % len(self.mail.messages)]

    def _draft(self, choice: int) -> str:
        return [*self.mail.drafts][choice % len(self.mail.drafts)]

    # --- the user ---

    @rule(who=st.sampled_from((DANA, KIM, STRANGER, "lee@acme.example")), labels=st.sampled_from(LABELS))
    def a_mail_comes(self, who: str, labels: tuple[str, ...]) -> None:
        self.mail.deliver(self._new(who), labels)

    @rule(who=st.sampled_from((DANA, STRANGER)))
    def a_draft_is_begun(self, who: str) -> None:
        self.mail.draft(self._new(who))

    @precondition(lambda self: self.mail.drafts)
    @rule(choice=st.integers(0, 9), who=st.sampled_from((DANA, KIM)))
    def a_draft_is_edited(self, choice: int, who: str) -> None:
        self.number += 1
        self.mail.edit_draft(self._draft(choice), self._new(who, text=f"{self.number}", number=choice))

    @precondition(lambda self: self.mail.drafts)
    @rule(choice=st.integers(0, 9), renamed=st.booleans())
    def a_draft_is_sent(self, choice: int, *, renamed: bool) -> None:
        self.number += 1
        self.mail.send_draft(self._draft(choice), f"<sent{self.number}@mail.example>" if renamed else None)

    @precondition(lambda self: self.mail.drafts)
    @rule(choice=st.integers(0, 9))
    def a_draft_is_sent_and_keeps_its_id(self, choice: int) -> None:
        """Other programs tell it by the labels alone."""
        message = self.mail.drafts.pop(self._draft(choice))
        self.mail.label(message, add=("SENT",), remove=("DRAFT",))

    @precondition(lambda self: self.mail.messages)
    @rule(choice=st.integers(0, 99), label=st.sampled_from(CHANGES))
    def a_label_is_changed(self, choice: int, label: str) -> None:
        name = self._message(choice)
        there = label in self.mail.messages[name].labels
        self.mail.label(name, add=() if there else (label,), remove=(label,) if there else ())

    @precondition(lambda self: self.mail.messages)
    @rule(choice=st.integers(0, 99))
    def a_mail_is_deleted(self, choice: int) -> None:
        self.mail.delete(self._message(choice))

    # --- Afterword ---

    @rule(who=st.sampled_from((DANA, KIM)))
    def a_draft_is_placed(self, who: str) -> None:
        self.client.place(self._new(who))

    @precondition(lambda self: self.mail.drafts)
    @rule(choice=st.integers(0, 9))
    def a_draft_is_taken_away(self, choice: int) -> None:
        self.client.remove(f"d-{self._draft(choice)}", lambda _: True)

    @rule(again=st.booleans())
    def a_cycle_goes_by(self, *, again: bool) -> None:
        """In the process of before, or in a new one."""
        if not again:
            self.client = Gmail(self.account, MINE, self.memory)
        self.note = self.client.look(self.note, self.people).note

    @rule(people=st.sampled_from(PEOPLE))
    def others_are_looked_for(self, people: frozenset[str]) -> None:
        seen = self.client.look(self.note, people)
        self.note, self.people = seen.note, people
        assert in_order(seen.headers) == in_order(self.backend.mailbox().look("", people).headers)

    @rule(people=st.sampled_from(PEOPLE), skip=st.integers(0, 12))
    def it_looks_and_is_ended(self, people: frozenset[str], skip: int) -> None:
        self.google.fail("/gmail/", 403, "dailyLimitExceeded", times=99, skip=skip)
        with suppress(ConnectorError):
            self.note = Gmail(self.account, MINE, self.memory).look(self.note, people).note
        self.google.heal()

    # --- Google ---

    @rule()
    def the_history_is_forgotten(self) -> None:
        self.mail.expire_history()

    @rule(lags=st.booleans())
    def the_search_lags(self, *, lags: bool) -> None:
        self.mail.search_lags = lags

    @rule(size=st.sampled_from((1, 2, 500)))
    def pages_are_short(self, size: int) -> None:
        self.mail.page_size = size

    def teardown(self) -> None:
        for people in (self.people, ALL):
            seen = Gmail(self.account, MINE, self.memory).look(self.note, people)
            assert in_order(seen.headers) == in_order(self.backend.mailbox().look("", people).headers)
            self.note = seen.note


def test_what_is_remembered_is_what_is_there(google: Google, tmp_path: Path) -> None:
    class AtTheStandIn(Machine):
        account = permitted(google, tmp_path)

    AtTheStandIn.google = google
    plan = settings(
        max_examples=examples(30), stateful_step_count=25, deadline=None, derandomize=True, phases=[Phase.generate]
    )  # to shrink what it found would take minutes
    run_state_machine_as_test(AtTheStandIn, settings=plan)
