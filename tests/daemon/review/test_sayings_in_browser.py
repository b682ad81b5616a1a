"""Telling of a decision, asking for a meeting and a note on somebody, in a real browser: by keys, in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.ledger import Ledger
from daemon.ledger.store import NAME
from daemon.review.keys import person_path
from tests.daemon.review.browser import looking, looks_right, ready, served, violations
from tests.daemon.review.conftest import NOW, PEOPLE
from tests.daemon.review.test_sayings import ASK, DECISION, LATER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.cases.home import Home

ANA, BEN, _ = PEOPLE
HOSTILE = "<img src=x onerror=alert(1)>"


def to(page: Page, link: str) -> None:
    """Follows a link of Today by the keyboard."""
    page.get_by_role("link", name=link, exact=True).press("Enter")
    page.wait_for_url("**/ask" if link.startswith("Ask") else "**/decide")
    ready(page)


def press(page: Page, button: str) -> None:
    """Presses a button by the keyboard; a form goes off, and the next page is there."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).press("Enter")
    ready(page)


def test_a_decision_is_looked_at_told_and_taken_back_by_keys(home: Home, browser: Browser) -> None:
    home.write("templates/decision.md", DECISION)
    with served(home.root, NOW) as address, looking(browser, address) as page:
        to(page, "Tell of a decision")
        page.get_by_label("What did you decide?").focus()
        for typed in (f"taking {HOSTILE}", "sofd", "", "three.example"):
            page.keyboard.type(typed)
            page.keyboard.press("Tab")
        press(page, "See who would hear of it")
        page.get_by_role("alert").filter(has_text="Did you mean").wait_for()
        assert page.get_by_label("What did you decide?").input_value() == f"taking {HOSTILE}"
        assert violations(page) == []

        page.get_by_label("Tell all with a tag").fill("soft")
        with page.expect_navigation():
            page.keyboard.press("Enter")  # in a field: it looks, and decides nothing
        ready(page)
        page.get_by_text("of three.example, which you excepted").wait_for()
        assert page.get_by_role("checkbox").count() == 2
        page.get_by_role("checkbox", name="Ben").press("Space")
        assert violations(page) == []
        press(page, "Decide")
        page.get_by_role("heading", name=HOSTILE).wait_for()
        looks_right(page)
        home.cycles(LATER)
        with Ledger.open(home.state, write=False) as ledger:
            (decision,) = ledger.decisions()
        assert [one.email for one in decision.people] == [ANA]

        page.get_by_role("link", name="Today", exact=True).press("Enter")
        page.wait_for_url("**/")
        page.locator("#untold", has_text="Still to be told").get_by_role("link", name="Ana").wait_for()
        page.go_back()
        press(page, "Take it back")
        page.get_by_text("You took it back.").wait_for()
        assert page.locator("main img").count() == 0


def test_a_meeting_is_asked_for_and_taken_back_by_keys(home: Home, browser: Browser) -> None:
    home.write("templates/ask.md", ASK)
    with served(home.root, NOW) as address, looking(browser, address) as page:
        to(page, "Ask for a meeting")
        page.get_by_label("Whom?").focus()
        page.keyboard.type(HOSTILE)
        press(page, "See the times")
        page.get_by_role("alert").filter(has_text=HOSTILE).wait_for()
        assert violations(page) == []
        page.get_by_label("Whom?").fill("Ana")
        press(page, "See the times")
        assert page.locator("main [role=status] li").count() == 3
        looks_right(page)
        press(page, "Ask")
        page.get_by_text("The next cycle drafts a request to Ana").wait_for()
        press(page, "Take the request back")
        page.get_by_text("Taken back").wait_for()
        assert page.locator("main img").count() == 0


def test_a_note_on_somebody_is_written_where_they_are_looked_at(home: Home, browser: Browser) -> None:
    with served(home.root, NOW) as address, looking(browser, address) as page:
        page.get_by_role("link", name="Note on a person").press("Enter")
        page.wait_for_url("**/people")
        ready(page)
        page.get_by_role("link", name="Ben").first.press("Enter")
        page.wait_for_url(f"**{person_path(BEN)}")
        ready(page)
        page.keyboard.press("n")
        page.keyboard.type(f"Likes {HOSTILE}")
        aside = (home.state / NAME).rename(home.root / "aside")
        page.get_by_role("button", name="Keep it").press("Enter")
        page.get_by_role("alert").filter(has_text="The ledger is gone").wait_for()
        assert page.get_by_label("A note on Ben").input_value() == f"Likes {HOSTILE}"
        aside.rename(home.state / NAME)
        page.get_by_role("button", name="Keep it").press("Enter")
        page.locator(".jotted", has_text=HOSTILE).wait_for()
        assert violations(page) == []
