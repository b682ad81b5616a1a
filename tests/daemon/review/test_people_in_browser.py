"""Coming and People in a real browser: with a few people, and with five hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.review.keys import person_path
from tests.daemon.review.acquainted import DANA, NOW, acquainted, crowd
from tests.daemon.review.browser import looking, looks_right, served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def test_with_a_few_people_all_is_done_by_keys_and_read_by_anybody(tmp_path: Path, browser: Browser) -> None:
    home = acquainted(tmp_path / "home")
    with served(home.root, NOW) as address, looking(browser, address) as page:
        origin = page.url.rstrip("/")
        page.goto(f"{origin}/coming")
        looks_right(page)
        page.locator("#weeks .mark").first.focus()
        card = page.locator("#card")
        assert "Draft that waits in Drafts" in card.inner_text()
        page.keyboard.press("ArrowDown")
        assert "held until" in card.inner_text()
        page.keyboard.press("Escape")
        assert not card.is_visible()
        page.set_viewport_size({"width": 360, "height": 740})
        assert not page.locator("#weeks").is_visible()
        assert page.get_by_text("Thank you, Lee").first.is_visible()

        page.goto(f"{origin}/people")
        looks_right(page)
        page.keyboard.press("/")
        page.keyboard.type("oka")
        page.locator(".count", has_text="1 person by 'oka'").wait_for()
        assert page.locator(".face").count() == 1
        page.goto(f"{origin}{person_path(DANA)}")
        looks_right(page)
        page.keyboard.press("n")
        page.keyboard.type("Likes gardens")
        page.get_by_role("button", name="Keep it").click()
        page.locator(".jotted", has_text="Likes gardens").wait_for()
        page.get_by_role("button", name="Done: send the paper").click()
        page.get_by_role("button", name="Owed after all: send the paper").wait_for()
        assert page.locator("#said").inner_text() == "Done."


def test_with_five_hundred_people_the_days_stay_in_sight_and_somebody_is_found(
    tmp_path: Path, browser: Browser
) -> None:
    home = crowd(tmp_path / "crowd", 500)
    with served(home.root, "2026-02-27 12:00") as address, looking(browser, address) as page:
        origin = page.url.rstrip("/")
        page.goto(f"{origin}/coming?people=130")
        weeks = page.locator("#weeks")
        weeks.evaluate("one => one.scrollTo(300, 2000)")
        top, days, names = (
            one.bounding_box() for one in (weeks, page.locator("#weeks .days"), page.locator("#weeks .names"))
        )
        assert top
        assert days
        assert names
        assert abs(days["y"] - top["y"]) < 2
        assert abs(names["x"] - top["x"]) < 2
        page.goto(f"{origin}/people")
        assert page.locator(".face").count() == 40
        page.get_by_role("searchbox").fill("p499")
        page.locator(".count", has_text="1 person by 'p499'").wait_for()
