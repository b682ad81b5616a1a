"""Today in a real Chromium: by the keyboard, with a mail program at the same draft, with no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.review.tickets import Door
from rules.history import State
from tests.build import at
from tests.cases.home import coffee
from tests.daemon.review.browser import looking, ready, served, violations
from tests.daemon.review.conftest import NOW
from tests.daemon.review.test_today import HOSTILE, kept, lies, of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

    from tests.cases.home import Home

LATER = "2026-03-03 14:30"


def said(page: Page, words: str) -> None:
    """These words are read out."""
    page.locator("#said", has_text=words).wait_for()


def held(page: Page, asked: list[Route]) -> Route:
    """The request that is kept from the server. It is told of before it is there to be answered."""
    while not asked:
        page.evaluate("0")  # Playwright hears of it meanwhile
    return asked[0]


def focus(page: Page) -> str:
    """What has the focus: its name where it has one, else its words."""
    return str(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))


def again(home: Home, address: str) -> str:
    """Another address that lets in once."""
    return f"{address.partition('/enter/')[0]}/enter/{Door(home.state).ticket(at(NOW))}"


def test_a_draft_is_read_filled_in_and_saved_by_the_keyboard_alone(home: Home, browser: Browser) -> None:
    home.cycles(LATER)
    with served(home.root, LATER) as address, looking(browser, address) as page:
        page.on("dialog", lambda dialog: dialog.dismiss())
        assert violations(page) == []
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.locator("form.editor").wait_for()
        assert focus(page) == "text"
        page.locator("aside.known", has_text="The meeting").wait_for()
        assert violations(page) == []

        page.keyboard.press("Alt+g")
        said(page, "Gap 1 of 1: what stayed with me")
        page.keyboard.type("The maps [[and one more]]")
        assert page.locator("mark").all_inner_texts() == ["[[and one more]]"]
        page.keyboard.press("Tab")
        assert focus(page) != "text"  # no trap
        page.keyboard.press("Control+s")
        said(page, "Saved in Drafts. 1 gap to fill.")
        assert "The maps [[and one more]]" in lies(home, of(home))
        assert of(home).state is State.EDITED

        page.keyboard.press("e")
        page.keyboard.press("Alt+g")
        page.keyboard.type("and the tea")
        home.edit(of(home).message_id, "Dear Ana", "Ana, my dear")
        page.keyboard.press("Control+Enter")
        page.locator("form.conflict").wait_for()
        said(page, "both versions are shown")
        assert "my dear," in page.locator("del").first.inner_text()
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page) == []
        page.get_by_role("button", name="Save mine over it").press("Enter")
        said(page, "Saved in Drafts.")
        assert page.locator("form.editor .buttons").inner_text().split() == ["Save", "to", "Drafts", "Ctrl+S"]
        assert page.get_by_text("What only one of them says").count() == 0
        assert "and the tea" in lies(home, of(home))


def test_a_draft_is_left_skipped_and_snoozed_by_the_keyboard_alone(home: Home, browser: Browser) -> None:
    coffee(home, "ben@two.example", start="2026-03-03 11:10", name="ben", title=f"Coffee {HOSTILE}", sequence=1)
    home.cycles(LATER)
    with served(home.root, LATER) as address, looking(browser, address) as page:
        page.on("dialog", lambda dialog: dialog.dismiss())
        assert violations(page) == []
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.locator("form.editor textarea:focus").press("Control+End")
        page.keyboard.type("P.S. Soon.")
        page.keyboard.press("Escape")
        page.locator("li.draft", has_text="words not saved yet").wait_for()
        assert kept(home, of(home)).endswith("P.S. Soon.")
        assert "P.S. Soon." not in lies(home, of(home))

        page.keyboard.press("j")
        page.keyboard.press("s")
        said(page, "Skipped")
        page.locator(":focus", has_text="Undo").wait_for()  # the words are there a moment before
        page.keyboard.press("Enter")
        said(page, "Taken back")
        assert of(home, "Cleo").state is State.PLACED

        page.locator("li.draft", has_text="onerror=alert(1)").locator("a.line").focus()
        asked: list[Route] = []
        page.route("**/snooze", lambda one: asked.append(one), times=1)  # noqa: PLW0108 - Playwright writes on what it gets
        with page.expect_request("**/snooze"):
            page.keyboard.press("z")
        page.keyboard.press("Enter")  # early: it is for the question that is on its way, and opens no draft
        held(page, asked).continue_()
        page.get_by_role("group", name="Snooze until").wait_for()
        assert page.locator("li.open").count() == 0
        assert violations(page) == []
        page.keyboard.press("Enter")
        said(page, "Snoozed until Wed 4 March 09:00")
        assert of(home, "Ben").state is State.SNOOZED
        page.keyboard.press("?")
        assert "Skip it" in page.locator("#keys").inner_text()


def test_two_tabs_and_the_mail_program_lose_nothing(home: Home, browser: Browser) -> None:
    with served(home.root, NOW) as address, looking(browser, address) as page:
        other = page.context.new_page()
        other.goto(page.url)
        ready(other)
        for tab in (page, other):
            tab.get_by_role("link", name="Ana").click()
            tab.locator("form.editor textarea").fill(f"Written in tab {1 if tab is page else 2}.")
        page.bring_to_front()
        page.keyboard.press("Control+s")
        said(page, "Saved in Drafts.")
        other.bring_to_front()
        other.get_by_role("button", name="Save to Drafts").click()
        other.locator("form.conflict", has_text="Written in tab 1.").wait_for()
        assert kept(home, of(home)) == "Written in tab 2."
        home.move(of(home).message_id, ".Sent")
        other.get_by_role("button", name="Save mine over it").click()
        other.get_by_role("alert").filter(has_text="What you typed is kept").wait_for()
        assert other.locator("form.editor textarea").input_value() == "Written in tab 2."
        page.bring_to_front()
        page.evaluate("htmx.trigger('#look', 'look')")
        page.get_by_role("alert").filter(has_text="waits no more").wait_for()


def test_a_draft_closed_while_it_is_being_saved_waits_for_that(home: Home, browser: Browser) -> None:
    home.cycles(LATER)
    asked: list[Route] = []
    with served(home.root, LATER) as address, looking(browser, address) as page:
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.locator("form.editor").wait_for()
        page.evaluate("document.addEventListener('click', (event) => event.preventDefault(), {once: true})")
        page.get_by_role("link", name="Open in my mail program").click()
        said(page, "If nothing opens")
        page.route(f"**/draft/{of(home).id}", lambda one: asked.append(one))  # noqa: PLW0108 - Playwright writes on what it gets
        page.keyboard.press("e")
        page.keyboard.press("Alt+g")
        page.keyboard.type("The maps")
        with page.expect_request(lambda one: one.method == "POST"):
            page.keyboard.press("Control+s")
        request = held(page, asked)
        answer = request.fetch()  # it is saved, and the page is not told yet
        page.keyboard.press("Escape")
        page.locator("form.editor textarea:not(:focus)").wait_for()
        request.fulfill(response=answer)
        page.locator("li.draft:not(.open)", has_text="edited by you").wait_for()
        said(page, "Saved in Drafts.")
    assert "The maps" in lies(home, of(home))
    assert kept(home, of(home)) == ""


def test_a_look_that_is_here_before_the_answer_to_a_skip_takes_no_undo_away(home: Home, browser: Browser) -> None:
    asked: list[Route] = []
    with served(home.root, NOW) as address, looking(browser, address) as page:
        page.route("**/skip", lambda one: asked.append(one))  # noqa: PLW0108 - Playwright writes on what it gets
        page.keyboard.press("j")
        with page.expect_request("**/skip"):
            page.keyboard.press("s")
        request = held(page, asked)
        answer = request.fetch()  # it is skipped, and the page is not told yet
        with page.expect_response("**/today/look*"):
            page.evaluate("htmx.trigger('#look', 'look')")
        request.fulfill(response=answer)
        page.locator("li.let-go button:focus", has_text="Undo").wait_for()


def test_without_a_script_forms_and_links_do_it_all(home: Home, browser: Browser) -> None:
    with (
        served(home.root, NOW) as address,
        looking(browser, address, java_script_enabled=False, viewport={"width": 360, "height": 740}) as page,
    ):
        page.get_by_role("link", name="Ana").click()
        page.locator("form.editor textarea").fill("By a form alone.")
        page.get_by_role("button", name="Save to Drafts").click()
        page.get_by_text("edited by you").wait_for()
        assert "By a form alone." in lies(home, of(home))
        page.get_by_role("link", name="Back to Today").click()
        page.get_by_role("link", name="Cleo").click()
        page.get_by_role("link", name="Snooze").click()
        page.get_by_role("button", name="tomorrow").click()
        page.get_by_text("comes back Wed 09:00").first.wait_for()
        assert of(home, "Cleo").state is State.SNOOZED
        page.get_by_role("button", name="Skip").click()
        page.get_by_role("button", name="Take the skip back").wait_for()
