"""Rules and Health in a real browser: by hand and by key, in both themes, on a small screen, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.daemon.review.browser import PHONE, fits, looking, served, violations
from tests.daemon.review.conftest import NOW, PEOPLE
from tests.house import RULES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.cases.home import Home


def test_rules_are_followed_live_and_a_meeting_is_tried_by_keys(home: Home, browser: Browser) -> None:
    with served(home.root, NOW) as address, looking(browser, address, color_scheme="dark", viewport=PHONE) as page:
        page.clock.install()  # so that nobody waits for the five seconds
        page.goto(address.partition("/enter/")[0] + "/rules")
        page.keyboard.press("j")
        page.locator("article.rule:focus").wait_for()
        page.keyboard.press("t")
        page.keyboard.type("Coffee <img src=x onerror=alert(1)>")
        page.keyboard.press("Tab")
        page.keyboard.type(PEOPLE[0])
        page.keyboard.press("Tab")
        page.get_by_role("button", name="What would happen?").click()
        page.locator("#tried .sentence", has_text="soft takes it.").wait_for()
        page.locator("#tried summary", has_text="Thank you, Ana").click()
        assert page.locator("#tried mark").inner_text() == "[[what stayed with me]]"
        assert page.locator("#tried img").count() == 0
        assert violations(page) == []
        assert fits(page)

        home.write("rules/rules.yaml", RULES.replace("after:", "aftr:"))
        page.clock.fast_forward(6000)
        page.locator("#live .excerpt u", has_text="aftr").wait_for()
        assert page.locator("#said").inner_text() == "The files were read again: 1 problem."
        assert page.input_value("#try-people") == PEOPLE[0]  # what was typed stays
        assert violations(page) == []
        assert fits(page)

        home.write("rules/rules.yaml", RULES)
        page.clock.fast_forward(6000)
        page.locator("#live .well").wait_for()


def test_health_reads_well_in_both_themes_and_its_commands_are_copied(home: Home, browser: Browser) -> None:
    (home.root / "config" / "calendar").rename(home.root / "config" / "elsewhere")
    home.once("2026-03-03 14:30")
    with (
        served(home.root, "2026-03-03 15:00") as address,
        looking(browser, address, viewport=PHONE, permissions=["clipboard-read", "clipboard-write"]) as page,
    ):
        page.goto(address.partition("/enter/")[0] + "/health")
        page.get_by_text("There is no backup yet.").wait_for()
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == []
            assert fits(page)
        page.locator(".needs").get_by_role("button", name="service install").click()
        page.locator("#said", has_text="Copied.").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == f"afterword --config {home.root}/config --state {home.state} service install"


def test_without_script_a_meeting_can_be_tried_all_the_same(home: Home, browser: Browser) -> None:
    with served(home.root, NOW) as address, looking(browser, address, java_script_enabled=False) as page:
        page.goto(address.partition("/enter/")[0] + "/rules")
        page.get_by_label("Title").fill("Coffee")
        page.get_by_label("People").fill(PEOPLE[0])
        page.get_by_role("button", name="What would happen?").click()
        assert page.locator("#tried .sentence").inner_text() == "soft takes it."
        assert page.get_by_label("Title").input_value() == "Coffee"
