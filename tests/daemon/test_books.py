"""An address book that suddenly lacks people: nobody is forgotten at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.home import Home
from tests.house import SETTINGS, event

if TYPE_CHECKING:
    from pathlib import Path

DUE = "2026-03-03 15:00"
SOON = "2026-03-03 15:05"
NEXT_DAY = "2026-03-04 15:06"


def card(name: str) -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name} Kaya\r\nEMAIL:{name.lower()}@kaya.example\r\nEND:VCARD\r\n"


def told(home: Home, when: str) -> str:
    return " ".join(problem.message for problem in home.once(when).problems)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A meeting whose person only the address book knows, and the thank-you for it in Drafts."""
    home = Home(tmp_path / "home")
    Home.make(home.root, settings=SETTINGS.replace("{people: people.yaml}", "{vcards: cards.vcf}"))
    home.write("cards.vcf", card("Cem") + card("Dea"))
    home.put("cem", event("cem", "2026-03-03 10:00", title="Coffee with Cem Kaya"))
    home.cycles("2026-03-03 09:00", DUE)
    assert home.to() == ["cem@kaya.example"]
    return home


@pytest.mark.parametrize("left", ["", card("Eva"), "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Nobody\r\nEND:VCARD\r\n"])
def test_a_book_that_lacks_everybody_is_believed_after_a_day(home: Home, left: str) -> None:
    home.write("cards.vcf", left)
    assert told(home, SOON) == ""
    said = str(home.command("status", when="2026-03-03 15:10"))
    assert "2 people are suddenly missing from" in said
    assert "nobody is forgotten before Wed 4 March " in said
    assert told(home, "2026-03-04 15:00") == ""
    assert len(home.drafts()) == 1
    home.once(NEXT_DAY)
    assert home.drafts() == []


def test_a_book_that_is_whole_again_was_never_in_question(home: Home) -> None:
    home.write("cards.vcf", "")
    home.once(SOON)
    home.write("cards.vcf", card("Cem") + card("Dea"))
    home.once("2026-03-03 16:00")
    home.write("cards.vcf", "")
    home.once("2026-03-05 16:00")
    assert len(home.drafts()) == 1


def test_what_a_file_that_is_cut_off_does_not_show_stays_known(home: Home) -> None:
    home.write("cards.vcf", card("Dea") + card("Cem")[:40])
    assert "never ends" in told(home, SOON)
    home.once(NEXT_DAY)
    assert len(home.drafts()) == 1
    home.write("cards.vcf", card("Dea"))
    home.once("2026-03-04 15:10")
    assert home.drafts() == []


def test_one_who_is_deleted_among_others_is_forgotten_at_once(home: Home) -> None:
    home.write("cards.vcf", card("Dea"))
    assert told(home, SOON) == ""
    assert home.drafts() == []
