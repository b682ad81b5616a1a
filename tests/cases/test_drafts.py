"""Cases: drafts, and what becomes of them. Each docstring is the sentence of the case."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.build import at
from tests.cases.home import CHECK_INS, Home, rule, settings
from tests.house import RULES, event
from tests.thorough import some

if TYPE_CHECKING:
    from tests.cases.conftest import Moves

ANA = "ana@one.example"
MET = "2026-03-03 10:00"
DUE = "2026-03-03 13:00"
SOON = "2026-03-03 13:10"
CHECK_IN = "2026-04-14 11:00"
BEFORE_CHECK_IN = "2026-04-14 10:00"


@pytest.fixture
def home(settle: Moves) -> Home:
    """A thank-you lies in Drafts since 13:00."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    assert home.to() == [ANA]
    return home


@pytest.fixture
def checking_in(settle: Moves) -> Home:
    """A check-in lies in Drafts since the morning of 14 April."""
    home = settle(CHECK_INS)
    home.put("coffee", event("coffee", MET, ANA))
    home.cycles("2026-03-03 12:00", BEFORE_CHECK_IN)
    assert home.drafts() == []
    home.once(CHECK_IN)
    assert home.to() == [ANA]
    return home


def wrote(home: Home, when: str, subject: str = "Hello", **headers: str) -> None:
    """A mail of mine to her, from whatever program."""
    home.deliver("Robin Vale <robin@example.org>", when, subject, ".Sent", To=ANA, **headers)


# --- Sent ------------------------------------------------------------------------------------------------------


def test_sent_unedited(home: Home) -> None:
    """Sent by the user, unedited."""
    home.move(home.id(), ".Sent")
    outcome = home.once(SOON)
    assert [record.state for record in outcome.changed] == [State.SENT]
    home.cycles("2026-03-04 13:00", "2026-03-09 13:00")
    assert (home.drafts(), home.states()) == ([], [State.SENT])


def test_sent_edited(home: Home) -> None:
    """Sent by the user, edited."""
    home.edit(home.id(), "[[what stayed with me]]", "I liked your idea.")
    home.move(home.id(), ".Sent")
    home.cycles(SOON, "2026-03-04 13:00")
    assert (home.drafts(), home.states()) == ([], [State.SENT])


def test_edited_then_sent(home: Home) -> None:
    """Sent by the user, edited, with a cycle between the two."""
    home.edit(home.id(), "[[what stayed with me]]", "I liked your idea.")
    home.once(SOON)
    assert home.record().gaps == 0
    home.move(home.id(), ".Sent")
    home.once("2026-03-03 13:20")
    assert home.states() == [State.SENT]


def test_sent_from_another_device_with_another_message_id(home: Home) -> None:
    """Sent from another device; with another Message-ID: to that person with that subject after placing."""
    subject = str(home.drafts()[0]["Subject"])
    home.delete(home.id())
    wrote(home, "2026-03-03 13:05", subject)
    home.cycles(SOON, "2026-03-04 13:00")
    assert (home.drafts(), home.states()) == ([], [State.SENT])


def test_sent_from_another_device_while_the_draft_is_still_there(home: Home) -> None:
    """Sent with another Message-ID, and the untouched draft left behind: it is taken away, nobody is thanked twice."""
    wrote(home, "2026-03-03 13:05", str(home.drafts()[0]["Subject"]))
    home.cycles(SOON, "2026-03-03 13:20")
    assert (home.drafts(), home.states()) == ([], [State.SENT])


def test_sent_with_another_subject_in_the_same_thread(settle: Moves) -> None:
    """Sent from another device with another subject: a mail to that person in that thread."""
    home = settle(rule(thread="reply"))
    home.put("coffee", event("coffee", MET, ANA))
    home.deliver(ANA, "2026-03-02 10:00", "Coffee?", Message_ID="<thread@one.example>")
    home.once(DUE)
    home.delete(home.id())
    wrote(home, "2026-03-03 13:05", "Something else", In_Reply_To="<thread@one.example>")
    home.once(SOON)
    assert home.states() == [State.SENT]


def test_a_sent_note_to_another_person_with_the_same_subject_is_not_ours(home: Home) -> None:
    """Sent with another Message-ID: the same subject to somebody else says nothing."""
    subject = str(home.drafts()[0]["Subject"])
    home.deliver("robin@example.org", "2026-03-03 13:05", subject, ".Sent", To="other@one.example")
    home.once(SOON)
    assert home.states() == [State.PLACED]


def test_the_draft_is_edited_by_a_program_that_gives_it_another_message_id(home: Home) -> None:
    """Edited with another Message-ID while it lies in Drafts: the user's, and no second one is made."""
    new = "<1234@device.example>"
    old = home.id()
    home.edit(old, "Dear", "My dear")
    home.edit(old, old, new)
    home.cycles(SOON, "2026-03-03 15:00", "2026-03-04 15:00")
    assert home.id() == new
    assert home.states() == [State.EDITED]
    home.move(new, ".Sent")
    home.cycles("2026-03-05 15:00", "2026-03-05 18:00")
    assert home.drafts() == []
    assert home.states() == [State.SENT]


# --- The user's own thank-you ----------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["Thanks for today", "Danke!", "Obrigado"])
def test_a_thank_you_of_my_own_before_the_draft_was_due(settle: Moves, subject: str) -> None:
    """The user wrote a thank-you of their own before the draft was due."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 11:30")
    wrote(home, "2026-03-03 12:00", subject)
    home.cycles(DUE, "2026-03-04 13:00")
    assert (home.drafts(), home.states()) == ([], [State.CANCELLED])


def test_a_thank_you_of_my_own_while_the_draft_lay_there(home: Home) -> None:
    """The user wrote a thank-you of their own while it lay there."""
    wrote(home, "2026-03-03 13:05", "Many thanks!")
    outcome = home.once(SOON)
    assert home.drafts() == []
    assert len(outcome.withdrawn) == 1
    home.cycles("2026-03-03 14:00", "2026-03-04 13:00")
    assert home.drafts() == []


def test_a_thank_you_of_my_own_before_the_meeting_was_for_something_else(settle: Moves) -> None:
    """The user wrote a thank-you of their own: not for this meeting when it was before it."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    wrote(home, "2026-03-03 09:00", "Thanks for the invitation")
    home.once(DUE)
    assert home.to() == [ANA]


def test_another_mail_of_mine_takes_no_thank_you_away(home: Home) -> None:
    """The user wrote something else to them: it takes the press off, and no more."""
    wrote(home, "2026-03-03 13:05", "The address of the café")
    home.once(SOON)
    assert home.to() == [ANA]


def test_my_own_thank_you_leaves_an_edited_draft_alone(home: Home) -> None:
    """The user wrote a thank-you of their own, and has edited the draft as well: it stays theirs."""
    home.edit(home.id(), "Dear", "My dear")
    wrote(home, "2026-03-03 13:05", "Thanks!")
    home.once(SOON)
    assert "My dear" in home.text()


# --- What the recipient sees -----------------------------------------------------------------------------------


def test_nothing_in_the_message_tells_that_a_program_wrote_it(home: Home) -> None:
    """A header that tells the recipient that a program wrote this."""
    (path,) = home.files(".Drafts")
    message = message_from_bytes(path.read_bytes())
    names = {name.lower() for name in message.keys()}  # noqa: SIM118 - a Message has no other way to its names
    assert names == {
        "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    assert b"afterword" not in path.read_bytes().lower()
    assert "afterword" not in path.name.lower()
    assert re.fullmatch(r"<[^@>]+@example\.org>", str(message["Message-ID"]))
    assert parsedate_to_datetime(str(message["Date"])) == at(DUE)


# --- Deleted, edited, open -------------------------------------------------------------------------------------


def test_deleted_into_the_trash_never_again(home: Home) -> None:
    """Deleted by the user: never again."""
    home.move(home.id(), ".Trash")
    home.cycles(SOON, "2026-03-03 14:30", "2026-03-06 13:00")
    assert (home.drafts(), home.states()) == ([], [State.VETOED])


def test_deleted_without_a_trace_never_again(home: Home) -> None:
    """Deleted by the user without a trash: gone for an hour and over two cycles is a veto."""
    home.delete(home.id())
    home.once(SOON)
    assert home.states() == [State.PLACED]
    home.once("2026-03-03 14:10")
    assert home.states() == [State.VETOED]
    home.cycles("2026-03-04 13:00", "2026-03-06 13:00")
    assert home.drafts() == []


def test_deleted_by_a_flag_is_deleted_and_taken_back_it_is_the_users(home: Home) -> None:
    """Deleted by the user, as mail programs do that only mark a mail as deleted; and taken back."""
    (path,) = home.files(".Drafts")
    marked = path.rename(path.with_name(f"{path.name}T"))
    home.once("2026-03-03 13:05")
    assert home.states() == [State.VETOED]
    marked.rename(path)
    home.once(SOON)
    assert home.states() == [State.EDITED]
    assert len(home.drafts()) == 1


def test_deleted_and_then_the_rule_and_the_meeting_are_edited_never_again(home: Home) -> None:
    """Deleted by the user: never again, however the rule or the meeting is edited."""
    home.move(home.id(), ".Trash")
    home.once(SOON)
    home.write("rules/rules.yaml", rule(after="3 hours", by="48 hours"))
    home.put("coffee", event("coffee", "2026-03-03 11:00", ANA, sequence=1, title="Long chat"))
    home.cycles("2026-03-03 15:30", "2026-03-04 13:00")
    assert home.drafts() == []


def test_edited_it_is_never_touched_and_never_withdrawn(home: Home) -> None:
    """Edited: never touched, never withdrawn; not by weeks, not by a new template."""
    home.edit(home.id(), "Dear", "My dear")
    (path,) = home.files(".Drafts")
    words = path.read_bytes()
    home.write("templates/thank-you.md", "---\nsubject: Hello\n---\nOther words.\n")
    home.cycles(SOON, "2026-03-05 13:00", "2026-03-30 13:00")
    assert [one.read_bytes() for one in home.files(".Drafts")] == [words]


@pytest.mark.parametrize(
    ("old", "new"), [("Subject: Thank you, Ana", "Subject: Thanks, Ana"), ("To: Ana <ana@one", "To: Ana <ann@one")]
)
def test_an_edit_of_subject_or_recipients_is_an_edit(home: Home, old: str, new: str) -> None:
    """Edited: subject, recipients or text differ."""
    home.edit(home.id(), old, new)
    home.once(SOON)
    assert home.states() == [State.EDITED]


def test_saved_again_without_a_change_is_untouched(home: Home) -> None:
    """Edited, but only in what a mail program does by itself: line ends, trailing space, its own headers."""
    (path,) = home.files(".Drafts")
    raw = path.read_bytes().replace(b"\n", b"\r\n").replace(b"Dear Ana,\r\n", b"Dear Ana,  \r\n")
    raw = raw.replace(b"MIME-Version", b"User-Agent: A Mail Program\r\nMIME-Version")
    path.unlink()
    (path.parent / f"saved-{path.name}").write_bytes(raw)
    home.once(SOON)
    assert home.states() == [State.PLACED]


def test_open_in_an_editor_just_now_nothing_happens(home: Home) -> None:
    """Open in an editor just now: gone from Drafts for a while, and back."""
    (path,) = home.files(".Drafts")
    raw = path.read_bytes()
    path.unlink()
    assert home.once("2026-03-03 13:05").placed == []
    assert home.once("2026-03-03 13:50").placed == []
    path.write_bytes(raw)
    home.cycles("2026-03-03 14:10", "2026-03-03 15:30")
    assert home.states() == [State.PLACED]
    assert home.to() == [ANA]


def test_open_in_an_editor_is_counted_anew_each_time(home: Home) -> None:
    """Open in an editor, twice: the hour is that of one absence."""
    (path,) = home.files(".Drafts")
    raw = path.read_bytes()
    path.unlink()
    home.once("2026-03-03 13:05")
    path.write_bytes(raw)
    home.once("2026-03-03 13:30")
    path.unlink()
    home.cycles("2026-03-03 14:00", "2026-03-03 14:30")
    assert home.states() == [State.PLACED]


def test_asleep_for_a_day_while_the_draft_is_open_is_one_cycle_only(home: Home) -> None:
    """Open in an editor, and the machine asleep: one cycle that misses it is not enough, however late it is."""
    (path,) = home.files(".Drafts")
    raw = path.read_bytes()
    path.unlink()
    home.once("2026-03-04 12:00")
    assert home.states() == [State.PLACED]
    path.write_bytes(raw)
    home.once("2026-03-04 12:05")
    assert home.states() == [State.PLACED]


@pytest.mark.parametrize(("folder", "state"), [(".Drafts", State.EDITED), (".Sent", State.SENT)])
def test_what_was_thought_deleted_and_turns_up_later_is_the_users(home: Home, folder: str, state: State) -> None:
    """Gone for over an hour and two cycles, and then it turns up after all: edited, or sent."""
    (path,) = home.files(".Drafts")
    raw = path.read_bytes()
    path.unlink()
    home.cycles(SOON, "2026-03-03 14:30")
    assert home.states() == [State.VETOED]
    home.folder(folder)
    (home.mail / folder / "cur" / path.name).write_bytes(raw)
    home.cycles("2026-03-03 16:00", "2026-03-03 18:00")
    assert home.states() == [state]
    assert len(home.drafts()) == (folder == ".Drafts")


def test_an_untouched_draft_past_its_expiry_is_stale_and_stays(home: Home) -> None:
    """A neighbour: stale, never removed silently."""
    home.cycles("2026-03-10 12:59", "2026-03-11 13:00", "2026-04-11 13:00")
    assert home.to() == [ANA]


# --- Answers, and what is none ---------------------------------------------------------------------------------


def test_they_wrote_before_the_check_in_was_sent_and_it_is_withdrawn(checking_in: Home) -> None:
    """They wrote before the draft was sent: the check-in goes, and the next counts from their mail."""
    checking_in.deliver(ANA, "2026-04-14 12:00", "How are you?")
    checking_in.once("2026-04-14 12:30")
    assert checking_in.drafts() == []
    checking_in.once("2026-05-26 11:59")
    assert checking_in.drafts() == []
    checking_in.once("2026-05-26 12:00")
    assert checking_in.to() == [ANA]


def test_they_wrote_before_the_thank_you_was_sent_and_it_stays(home: Home) -> None:
    """They wrote before the draft was sent: a thank-you stays."""
    home.deliver(ANA, "2026-03-03 13:05", "Good to see you")
    home.once(SOON)
    assert home.states() == [State.PLACED]


NO_ANSWERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "auto-reply": (ANA, "Re: Hello", {"Auto_Submitted": "auto-replied"}),
    "out of office": (ANA, "Automatic reply: Hello", {}),
    "bounce": ("MAILER-DAEMON@one.example", "Undelivered", {"Content_Type": "multipart/report"}),
    "her bounce": (ANA, "Failed", {"X_Failed_Recipients": ANA}),
    "forward": (ANA, "Fwd: news", {}),
    "list mail": (ANA, "[list] Hello", {"List_Id": "<list.one.example>"}),
    "calendar answer": (ANA, "Accepted: Coffee", {"Content_Type": "text/calendar; method=REPLY"}),
    "newsletter": (ANA, "News", {"Precedence": "bulk"}),
    "read receipt": (ANA, "Read", {"Content_Type": "multipart/report; report-type=disposition-notification"}),
    "my own copy": ("robin@example.org", "Hello", {"To": "robin@example.org"}),
}


def sent(home: Home, when: str) -> None:
    home.move(home.id(), ".Sent")
    home.once(when)
    assert home.states() == [State.SENT]


@pytest.mark.parametrize("case", [name for name in NO_ANSWERS if name != "forward"])
def test_what_no_person_wrote_is_no_contact(checking_in: Home, case: str) -> None:
    """An auto-reply or a bounce is not an answer: the untouched check-in stays."""
    sender, subject, headers = NO_ANSWERS[case]
    checking_in.deliver(sender, "2026-04-14 12:00", subject, **headers)
    checking_in.once("2026-04-14 12:30")
    assert checking_in.to() == [ANA]


@pytest.mark.parametrize("case", some(NO_ANSWERS, 2))
def test_what_no_person_wrote_is_no_answer(home: Home, case: str) -> None:
    """An auto-reply, a bounce or a forward is not an answer; my own sent copy is not an answer."""
    message_id = home.id()
    sent(home, SOON)
    sender, subject, headers = NO_ANSWERS[case]
    home.deliver(sender, "2026-03-03 15:00", subject, In_Reply_To=message_id, **headers)
    home.once("2026-03-03 15:30")
    assert home.states() == [State.SENT]


def test_my_sent_copy_in_the_inbox_is_no_answer(home: Home) -> None:
    """My own sent copy is not an answer: I am in Cc of what I sent."""
    message_id = home.id()
    sent(home, SOON)
    home.deliver("robin@work.example", "2026-03-03 13:05", "Thank you, Ana", To=ANA, In_Reply_To=message_id)
    home.once("2026-03-03 15:30")
    assert home.states() == [State.SENT]


@pytest.mark.parametrize("reference", ["", "In_Reply_To"])
def test_what_a_person_wrote_after_it_is_an_answer(home: Home, reference: str) -> None:
    """A neighbour: a mail that refers to the sent one, or any that a person wrote after it, is the answer."""
    message_id = home.id()
    sent(home, SOON)
    headers = {reference: message_id} if reference else {}
    home.deliver(f"Ana <{ANA.upper()}>", "2026-03-04 09:00", "Re: Thank you, Ana", ".Archive", **headers)
    home.once("2026-03-04 10:00")
    assert home.states() == [State.ANSWERED]


def test_an_answer_from_another_address_of_theirs_is_an_answer(settle: Moves) -> None:
    """A neighbour: from any of their addresses."""
    home = settle(people="people:\n  - {name: Ana Reis, emails: [ana@one.example, ana@home.example]}\n")
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    sent(home, SOON)
    home.deliver("ana@home.example", "2026-03-04 09:00", "Hi")
    home.once("2026-03-04 10:00")
    assert home.states() == [State.ANSWERED]


# --- Threads, subjects, recipients -----------------------------------------------------------------------------


def test_a_follow_up_in_a_thread_really_lands_in_the_thread(settle: Moves) -> None:
    """A follow-up in a thread really lands in the thread."""
    home = settle(rule(thread="reply"))
    home.put("coffee", event("coffee", MET, ANA))
    home.deliver(ANA, "2026-03-01 10:00", "Re: Coffee?", Message_ID="<two@one.example>", References="<one@example.org>")
    home.once(DUE)
    (draft,) = home.drafts()
    assert draft["In-Reply-To"] == "<two@one.example>"
    assert str(draft["References"]).split() == ["<one@example.org>", "<two@one.example>"]
    assert draft["Subject"] == "Re: Coffee?"


@pytest.mark.parametrize(
    ("when", "to", "headers"),
    [
        ("2026-02-10 10:00", "robin@example.org", {}),
        ("2026-03-01 10:00", "robin@example.org, ben@two.example", {}),
        ("2026-03-01 10:00", "robin@example.org", {"List_Id": "<a.b>"}),
    ],
    ids=["too long ago", "not with her alone", "not personal"],
)
def test_without_a_personal_mail_of_late_the_note_is_a_fresh_one(
    settle: Moves, when: str, to: str, headers: dict[str, str]
) -> None:
    """No `Re:` on a fresh mail: where there is no thread to reply to, the note is a new one."""
    home = settle(rule(thread="reply"))
    home.put("coffee", event("coffee", MET, ANA))
    home.deliver(ANA, when, "Coffee?", To=to, **headers)
    home.once(DUE)
    (draft,) = home.drafts()
    assert draft["In-Reply-To"] is None
    assert draft["References"] is None
    assert draft["Subject"] == "Thank you, Ana"


def test_a_template_that_says_re_makes_no_false_answer(settle: Moves) -> None:
    """No `Re:` on a fresh mail, whatever the template says."""
    home = settle()
    home.write("templates/thank-you.md", "---\nsubject: 'Re: our talk'\n---\nDear {{ person.first_name }},\n")
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    assert home.subjects() == ["our talk"]


def test_a_note_never_addresses_me(settle: Moves) -> None:
    """A note never addresses me, under none of my addresses."""
    home = settle(rule(to="all"))
    home.put("coffee", event("coffee", MET, ANA, "Robin@Work.example", "robin@example.org"))
    home.once(DUE)
    assert home.to() == [ANA]
    assert "robin" not in str(home.drafts()[0]["To"]).lower()


def test_a_brief_addresses_me_and_nobody_else(settle: Moves) -> None:
    """A note never addresses me, but a `before` step does."""
    home = settle(rule(step="brief", after="", by="", before="1 day"))
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-02 10:00")
    assert home.to() == ["robin@example.org"]


# --- Templates -------------------------------------------------------------------------------------------------


def test_an_unknown_name_in_a_template_is_told_with_its_place_and_nothing_is_drafted(settle: Moves) -> None:
    """An unknown name in a template."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.write("templates/thank-you.md", "---\nsubject: Thanks\n---\nDear {{ person.first_nam }},\n")
    code, told, said = home.command("once", when=DUE)
    assert code == 78
    (problem,) = told["problems"]
    assert (problem["file"], problem["line"]) == ("templates/thank-you.md", 4)
    assert "first_name" in said
    assert home.files(".Drafts") == []


def test_a_gap_left_open_is_visible_and_counted_as_it_is_now(home: Home) -> None:
    """A gap left open."""
    assert "[[what stayed with me]]" in home.text()
    assert home.record().gaps == 1
    home.edit(home.id(), "[[what stayed with me]]", "Words.")
    home.once(SOON)
    assert home.record().gaps == 0


@pytest.mark.parametrize("body", ["{{ me.signature }}\n", "Robin\n", ""])
def test_the_signature_is_there_once(settle: Moves, body: str) -> None:
    """A signature once, not twice."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.write("templates/thank-you.md", f"---\nsubject: Thanks\n---\nDear {{{{ person.first_name }}}},\n\n{body}")
    home.once(DUE)
    assert home.text().split().count("Robin") == 1


# --- Folders ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".Entw&APw-rfe", ".Rascunhos", "Brouillons", "Drafts", ".INBOX.Drafts"])
def test_a_localised_drafts_folder_is_found(settle: Moves, name: str) -> None:
    """A localised Drafts folder."""
    home = settle()
    home.folder(name)
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    assert len(home.files(name)) == 1
    assert home.files(".Drafts") == []


def test_a_drafts_folder_by_another_name_is_configured(settle: Moves) -> None:
    """A localised Drafts folder, in a language that nobody foresaw."""
    home = settle(settings=settings(mailbox="{maildir: ../Mail, drafts: Skisser}"))
    home.folder(".Skisser")
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    assert len(home.files(".Skisser")) == 1


# --- Check-ins and thank-yous together -------------------------------------------------------------------------


def test_a_check_in_counts_from_my_thank_you_and_takes_the_templates_in_turn(settle: Moves) -> None:
    """A neighbour: the first check-in is six weeks after the thank-you was sent, the next has other words."""
    home = settle(RULES)
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    home.move(home.id(), ".Sent")
    home.once(SOON)
    home.once("2026-04-14 12:59")
    assert home.drafts() == []
    home.once("2026-04-14 13:00")
    assert "How have you been?" in home.text()
    home.move(home.id(), ".Sent")
    home.cycles("2026-04-14 14:00", "2026-05-26 12:59")
    assert home.drafts() == []
    home.once("2026-05-26 14:00")
    assert "Some news." in home.text()
