"""Pictures of each page, of the demo's household, in both themes: to look at, and the three in the README.

`python -m tests.daemon.review.pictures FOLDER` lays them all there, of a wide window and of a phone's.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli import run_command
from tests.daemon.review.browser import chromium, looking, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = ("today", "coming", "people", "rules", "health")
THEMES = ("light", "dark")
WIDTHS = {"wide": (1280, 800), "phone": (390, 844)}
MARKS = {"wide": "", "phone": "-phone"}
_END = "2026-04-26 20:00"
"""When the demo ends: a few drafts wait."""


def household(folder: Path) -> Path:
    """The demo, played to its end."""
    root = folder / "demo"
    assert run_command(["demo", str(root), "--json"]) == 0
    return root


def show(page: Page, name: str, origin: str) -> None:
    """Go there; of Today, with the first draft opened."""
    page.goto(f"{origin}/{'' if name == 'today' else name}")
    page.wait_for_load_state("networkidle")
    if name == "today":
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.get_by_text("Why this note, why now").wait_for()
        page.evaluate("scrollTo(0, 0)")


def take(browser: Browser, root: Path, folder: Path) -> None:
    """All of them: `today-wide-light.png` …"""
    for width, (wide, high) in WIDTHS.items():
        for theme in THEMES:
            with (
                served(root, _END) as address,
                looking(browser, address, color_scheme=theme, viewport={"width": wide, "height": high}) as page,
            ):
                origin = address.partition("/enter/")[0]
                for name in PAGES:
                    show(page, name, origin)
                    page.screenshot(path=folder / f"{name}-{theme}{MARKS[width]}.png", full_page=width == "phone")


def main() -> None:
    """Take them."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        take(browser, household(Path(folder)), target)
    sys.stdout.write(f"The pictures are in {target}\n")


if __name__ == "__main__":
    main()
