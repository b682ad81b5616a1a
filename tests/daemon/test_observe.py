"""What the mailbox shows of several drafts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.ledger import Ledger
from rules.history import State
from tests.house import RULES, Household, event

if TYPE_CHECKING:
    from pathlib import Path


def states(home: Household) -> dict[str, State]:
    with Ledger.open(home.state, write=False) as ledger:
        return {record.anchor: record.state for record in ledger.records()}


def two_drafts(tmp_path: Path) -> Household:
    """Two meetings with Ana on one day, and a thank-you of the same subject for each."""
    home = Household.make(tmp_path / "home")
    home.put("one", event("one", "2026-03-03 08:00", "ana@one.example"))
    home.put("two", event("two", "2026-03-03 09:30", "ana@one.example"))
    home.once("2026-03-03 07:00")
    assert len(home.once("2026-03-03 13:00").placed) == 2
    return home


def test_one_mail_under_another_message_id_accounts_for_the_draft_that_is_gone_and_for_no_other(tmp_path: Path) -> None:
    home = two_drafts(tmp_path)
    with Ledger.open(home.state, write=False) as ledger:
        gone = next(record for record in ledger.records() if record.anchor == "one")
    home.delete(gone.message_id)
    home.deliver("robin@example.org", "2026-03-03 14:00", "Re: Thank you, Ana", ".Sent", To="ana@one.example")
    home.once("2026-03-03 14:05")
    assert states(home)["one"] is State.SENT
    home.once("2026-03-03 16:00")
    assert states(home)["one"] is State.SENT


def test_a_mail_of_somebody_else_with_the_message_id_of_a_draft_is_not_the_sent_one(tmp_path: Path) -> None:
    home = two_drafts(tmp_path)
    forged = str(home.drafts()[0]["Message-ID"])
    home.deliver("mallory@evil.example", "2026-03-03 14:00", "Hi", Message_ID=forged, References=forged)
    home.deliver("ana@one.example", "2026-03-03 14:01", "Hi", Message_ID=forged)
    home.once("2026-03-03 14:05")
    assert set(states(home).values()) == {State.PLACED}


def test_a_mail_of_somebody_else_in_the_trash_with_the_message_id_of_a_draft_is_no_veto(tmp_path: Path) -> None:
    """They may guess it, and I throw their mail away while the draft is open in an editor."""
    home = two_drafts(tmp_path)
    (draft, *_) = home.drafts()
    home.deliver("ana@one.example", "2026-03-03 14:00", "Hi", ".Trash", Message_ID=str(draft["Message-ID"]))
    home.delete(str(draft["Message-ID"]))
    home.once("2026-03-03 14:05")
    assert set(states(home).values()) == {State.PLACED}


def test_a_copy_in_sent_with_a_date_of_the_far_future_was_sent_when_it_came(tmp_path: Path) -> None:
    home = two_drafts(tmp_path)
    (path, _) = home.files(".Drafts")
    (sent,) = [draft for draft in home.drafts() if draft["Message-ID"].encode() in path.read_bytes()]
    path.write_bytes(path.read_bytes().replace(sent["Date"].encode(), b"Fri, 01 Jan 2038 00:00:00 +0000"))
    home.move(str(sent["Message-ID"]), ".Sent")
    home.once("2026-03-03 14:00")
    home.deliver("ana@one.example", "2026-03-03 15:00")
    home.once("2026-03-03 15:05")
    assert State.ANSWERED in states(home).values()


def test_an_automatic_answer_of_mine_in_the_thread_of_a_draft_did_not_send_it(tmp_path: Path) -> None:
    rules = RULES.replace("template: thank-you,", "template: thank-you, thread: reply,")
    home = Household.make(tmp_path / "home", rules=rules)
    home.put("one", event("one", "2026-03-03 08:00", "ana@one.example"))
    home.deliver("ana@one.example", "2026-03-02 10:00", "Coffee?", Message_ID="<asked@one.example>")
    assert len(home.once("2026-03-03 12:00").placed) == 1
    away = {"To": "ana@one.example", "References": "<asked@one.example>"}
    home.deliver("robin@example.org", "2026-03-03 13:00", "Away", ".Sent", Auto_Submitted="auto-replied", **away)
    home.once("2026-03-03 13:05")
    assert states(home)["one"] is State.PLACED
    home.deliver("robin@example.org", "2026-03-03 14:00", "Re: Coffee?", ".Sent", **away)
    home.once("2026-03-03 14:05")
    assert states(home)["one"] is State.SENT
