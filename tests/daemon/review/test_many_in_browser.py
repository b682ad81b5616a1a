"""Every page in a real browser with five hundred drafts: quick enough to be used, and right to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger
from daemon.review.telling import MOST
from rules.history import State
from tests.daemon.review.browser import PHONE, fits, looking, ready, served, violations
from tests.daemon.review.conftest import NOW
from tests.daemon.review.many import many
from tests.daemon.review.test_sayings import ASK, DECISION
from tests.daemon.review.test_today import lies, of
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.cases.home import Home

MANY = 500
FRIEND = "  - {{name: Person {0}, emails: [{1}], tags: [search-2026]}}\n"


@pytest.fixture
def page(home: Home, browser: Browser) -> Iterator[Page]:
    """Today, with as many drafts."""
    friends = [f"person{one}@many.example" for one in range(MANY - 2)]
    home.put("all", event("all", "2026-02-10 15:00", *friends, title="The fair"))
    home.write("people.yaml", "people:\n" + "".join(FRIEND.format(one, email) for one, email in enumerate(friends)))
    home.once(NOW)
    many(home, MANY - 2)
    home.write("templates/decision.md", DECISION)
    home.write("templates/ask.md", ASK)
    with served(home.root, NOW) as address, looking(browser, address) as looked:
        yield looked


def go(page: Page, name: str) -> None:
    """Follows a link of the page."""
    page.get_by_role("link", name=name, exact=True).first.click()
    ready(page)


def said(page: Page, words: str) -> None:
    """These words are read out."""
    page.locator("#said", has_text=words).wait_for()


def test_of_five_hundred_drafts_each_can_be_reviewed(home: Home, page: Page) -> None:
    page.locator("li.draft").nth(MANY - 1).wait_for(state="attached")
    assert page.locator(".sum").inner_text().startswith(f"{MANY} drafts wait for you;")
    assert page.locator("#said").inner_text() == ""
    assert violations(page) == []
    page.keyboard.press("k")
    assert page.locator("li[data-here] .who").inner_text() == "Cleo"
    page.keyboard.press("e")
    page.locator("form.editor").wait_for()
    page.keyboard.press("Alt+g")
    page.keyboard.type("The maps")
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.keyboard.press("Control+s")
    said(page, "Saved in Drafts.")
    page.keyboard.press("Escape")
    page.locator("li.draft:not(.open)", has_text="edited by you").wait_for()
    assert "The maps" in lies(home, of(home, "Cleo"))
    page.keyboard.press("k")
    page.keyboard.press("k")
    away = page.locator("li[data-here] .who").inner_text()
    page.keyboard.press("s")
    said(page, "Skipped")
    assert of(home, away).state is State.SKIPPED
    page.keyboard.press("Enter")
    said(page, "Taken back")
    assert of(home, away).state is State.PLACED


def test_with_five_hundred_drafts_every_other_page_is_as_good(home: Home, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    for name in ("Coming", "People", "Rules", "Health"):
        go(page, name)
        assert violations(page) == []
        assert fits(page)
    go(page, "Today")
    go(page, "Tell of a decision")
    page.get_by_label("What did you decide?").fill("taking the offer at Acme")
    page.get_by_label("Tell all with a tag").fill("search-2026")
    page.get_by_role("button", name="See who would hear of it").click()
    page.get_by_text("who are told by a tag.").wait_for()
    assert page.get_by_role("checkbox").count() == MOST
    page.get_by_role("checkbox").first.uncheck()
    assert fits(page)
    page.get_by_role("button", name="Decide", exact=True).click()
    page.get_by_text("Decided.").wait_for()
    with Ledger.open(home.state, write=False) as ledger:
        (decision,) = ledger.decisions()
    assert len(decision.people) == MANY - 3
    go(page, "Today")
    page.locator("#untold", has_text=f"0 of {MANY - 3} told").wait_for()
    go(page, "Ask for a meeting")
    page.get_by_label("Whom?").fill("Person 77")
    page.get_by_role("button", name="See the times").click()
    page.get_by_text("A request to Person 77 would offer:").wait_for()
    assert fits(page)
