"""The whole promise with a real mail program: drafted, recalled, filled, sent and answered; or deleted, for ever."""

from __future__ import annotations

import email
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.command import afterword
from tests.e2e.test_neomutt import Neomutt
from tests.house import RULES, Household, event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DANA = "dana@acme.example"
FILLING_EDITOR = """#!/bin/sh
# Opens, waits to be told, and puts the words where the gap is.
touch "{tools}/opened"
read -r words < "{tools}/words"
sed -i "s/\\[\\[.*\\]\\]/$words/" "$1"
"""


@pytest.fixture
def home(tmp_path: Path) -> Household:
    """A meeting with Dana that ends at eleven, and a mailbox with the usual folders."""
    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 10:00", DANA))
    for folder in (".Drafts", ".Sent", ".Trash"):
        for inside in ("cur", "new", "tmp"):
            (home.mail / folder / inside).mkdir(parents=True)
    return home


@pytest.fixture
def neomutt(home: Household, tmp_path: Path) -> Iterator[Neomutt]:
    assert [one["gaps"] for one in once(home, "03T13:30")["placed"]] == [1]
    program = Neomutt(home.mail, tmp_path / "tools")
    (tmp_path / "tools" / "editor").write_text(FILLING_EDITOR.format(tools=tmp_path / "tools"))
    yield program
    program.end()


def command(home: Household, moment: str, *arguments: str) -> Any:
    places = ("--config", str(home.root / "config"), "--state", str(home.state))
    told = afterword(home.root, *places, *arguments, "--at", f"2026-03-{moment}:00+00:00", "--json")
    assert (told.code, told.err) == (0, "")
    return told.json


def once(home: Household, moment: str) -> Any:
    """A cycle of the real command at this day and time of March."""
    return command(home, moment, "once")


def states(told: Any) -> list[str]:
    return [follow_up["state"] for follow_up in told["changed"]]


def known(home: Household, moment: str) -> list[str]:
    """The states of all thank-yous, as `drafts --all` tells them."""
    listed = command(home, moment, "drafts", "--all")["follow_ups"]
    return [one["state"] for one in listed if one["step"] == "thank-you"]


def test_a_draft_is_recalled_filled_sent_and_answered(neomutt: Neomutt, home: Household) -> None:
    assert known(home, "03T13:31") == ["placed"]
    (draft,) = home.drafts()
    neomutt.shows("NeoMutt:")
    neomutt.keys("R")
    neomutt.opened()
    assert home.drafts() == []
    meanwhile = once(home, "03T13:35")
    assert (meanwhile["placed"], meanwhile["changed"]) == ([], [])
    neomutt.write("Your garden of ideas stayed with me.")
    neomutt.shows("y:Send")
    neomutt.keys("y")
    sent = email.message_from_bytes(neomutt.sent())
    text = sent.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert b"Your garden of ideas stayed with me." in text
    assert b"[[" not in text
    assert (sent["Message-ID"], sent["To"]) == (draft["Message-ID"], draft["To"])
    neomutt.until(lambda: len(home.files(".Sent")) == 1, "the mail in Sent")

    assert states(once(home, "03T14:00")) == ["sent"]
    assert known(home, "03T14:01") == ["sent"]
    home.deliver(DANA, "2026-03-03 16:00", "Re: Thank you, Dana", In_Reply_To=str(draft["Message-ID"]))
    assert states(once(home, "03T16:05")) == ["answered"]
    for moment in ("03T16:10", "04T12:00", "20T12:00"):
        later = once(home, moment)
        assert (later["placed"], later["changed"], later["withdrawn"]) == ([], [], [])
    assert known(home, "20T12:01") == ["answered"]


def test_a_draft_that_is_deleted_is_vetoed_after_a_while_and_never_comes_again(
    neomutt: Neomutt, home: Household
) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys(":unset trash", "Enter")
    neomutt.keys("c", "=.Drafts", "Enter")
    neomutt.shows("Thank you, Dana")
    neomutt.keys("d", "$")
    neomutt.until(lambda: home.files(".Drafts") == [], "the draft gone")
    assert home.files(".Trash") == []

    assert states(once(home, "03T13:40")) == []
    assert states(once(home, "03T14:20")) == []
    assert known(home, "03T14:21") == ["placed"]
    assert states(once(home, "03T14:45")) == ["vetoed"]
    home.write("rules/rules.yaml", RULES.replace("after: 2 hours", "after: 3 hours"))
    home.put("dana", event("dana", "2026-03-03 10:30", DANA, sequence=1))
    for moment in ("03T14:50", "03T20:00", "04T12:00"):
        assert once(home, moment)["placed"] == []
    assert home.drafts() == []
    assert known(home, "04T12:01") == ["vetoed"]


def test_a_draft_that_went_to_the_trash_is_vetoed_at_once(neomutt: Neomutt, home: Household) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=.Drafts", "Enter")
    neomutt.shows("Thank you, Dana")
    neomutt.keys("d", "$")
    neomutt.until(lambda: len(home.files(".Trash")) == 1, "the draft in the trash")
    assert states(once(home, "03T13:40")) == ["vetoed"]
    assert once(home, "03T20:00")["placed"] == []
