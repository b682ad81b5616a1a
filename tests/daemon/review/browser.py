"""A real Chromium that looks at a real page: `afterword review` in a process of its own, on a free port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.build import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, ViewportSize

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
PHONE: ViewportSize = {"width": 360, "height": 740}
ROOT = Path(__file__).parents[3]
_TOLD = re.compile(r"responded with a status of (4(00|09|10|22)|503)")
"""What the browser says of an answer that the page itself tells the user of."""


def _need(found: bool, install: str) -> None:
    if not found:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(install)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that talks to nobody but this machine."""
    _need(Path(CHROMIUM).exists(), "apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it is slow to import

    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(root: Path, when: str) -> Iterator[str]:
    """`afterword review` for the household in `root`: the address that lets in once."""
    words = ["--config", str(root / "config"), "--state", str(root / "state"), "review", "--listen", "127.0.0.1:0"]
    command = [sys.executable, "-m", "daemon", *words, "--at", at(when).isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(root)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+/enter/\S+", process.stdout.readline())
        assert found, "it did not say where it is"
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0


@contextmanager
def looking(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page that was let in. At the end: no error in its console, and no request that left the machine."""
    context = browser.new_context(**options)
    page = context.new_page()
    wrong: list[str] = []
    origin = address.partition("/enter/")[0]
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" and not _TOLD.search(said.text) else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((origin, "data:")) else wrong.append(asked.url))
    page.goto(address)
    page.wait_for_url(f"{origin}/")
    if options.get("java_script_enabled", True):
        ready(page)
    try:
        yield page
        assert wrong == [], wrong
    finally:
        context.close()


def ready(page: Page) -> None:
    """Its scripts are there: they come when it is painted."""
    page.locator("html[data-ready]").wait_for(state="attached")


@cache
def _axe() -> str:
    _need(AXE.exists(), "make peers")
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong for whoever does not see the page, or sees little of it."""
    page.evaluate(_axe())  # by the debugger: the page's own policy lets no script in
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']} {[node['html'][:200] for node in one['nodes'][:3]]}" for one in found["violations"]
    ]


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


def looks_right(page: Page) -> None:
    """Nothing is wrong in either theme, broad or narrow, and nothing is to be scrolled sideways on a phone."""
    for theme, width in (("light", 1280), ("dark", 360)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == []
        assert fits(page)
    page.set_viewport_size({"width": 1280, "height": 800})
