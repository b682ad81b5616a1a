"""How soon Today is painted in Chromium: with a few drafts and with 500.

`python -m tests.daemon.review.painting` on a machine that does nothing else; docs/benchmarks.md has the figures.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.review.today import FIRST
from tests.cases.home import Home, coffee
from tests.daemon.review.browser import chromium, looking, ready, served
from tests.daemon.review.conftest import NOW
from tests.daemon.review.many import many

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CASES = ("Health", "a new tab", "Today")
TIMES = 10
LIMIT = 200
"""Milliseconds."""
_PAINT = """
new Promise((told) => new PerformanceObserver((list) => {
    const [paint] = list.getEntriesByName("first-contentful-paint");
    const {responseStart, responseEnd} = performance.getEntriesByType("navigation")[0];
    if (paint) told([responseStart, responseEnd, paint.startTime]);
}).observe({type: "paint", buffered: true}))
"""
"""Milliseconds since the navigation began: the first byte, the last, and the paint (W3C Paint Timing)."""


def household(folder: Path, drafts: int) -> Path:
    """So many drafts wait."""
    home = Home.make(folder)
    coffee(home, "ana@one.example", start="2026-03-03 10:00")
    home.cycles("2026-03-03 09:00", NOW)
    many(home, drafts - 1)
    return home.root


def paints(browser: Browser, root: Path, drafts: int, come: str) -> list[list[float]]:
    """The moments of each time, come from there: a new tab, another page, or the whole list of before."""
    found = []
    with served(root, NOW) as address, looking(browser, address) as first:
        today = f"{address.partition('/enter/')[0]}/"
        for _ in range(TIMES + 1):
            page = first.context.new_page() if come == "a new tab" else first
            if come == "Health":
                page.goto(f"{today}health")
                page.wait_for_load_state("networkidle")
            page.goto(today)
            found.append(page.evaluate(_PAINT))
            _whole(page, drafts)
            if page is not first:
                page.close()
    return found[1:]  # the first warms up


def _whole(page: Page, drafts: int) -> None:
    """All is there, and nothing is being done any more."""
    ready(page)
    page.locator("li.draft").nth(drafts - 1).wait_for(state="attached")
    page.wait_for_load_state("networkidle")


def main() -> None:
    """A line for each case; the code is 1 where it took longer than the limit, from another page, half of the times."""
    kept = True
    with chromium() as browser:
        for drafts in (FIRST // 4, 500):
            with tempfile.TemporaryDirectory(prefix="afterword-painting-") as folder:
                root = household(Path(folder) / "home", drafts)
                for come in CASES:
                    moments = zip(*paints(browser, root, drafts, come), strict=True)
                    first, last, paint = (sorted(times) for times in moments)
                    middle = statistics.median(paint)
                    kept = kept and (middle < LIMIT or come != "Health")
                    sys.stdout.write(
                        f"{drafts:3} drafts, from {come:<9}  first byte"
                        f" {statistics.median(first):3.0f} ms, last {statistics.median(last):3.0f} ms, painted"
                        f" {paint[0]:3.0f}, {middle:3.0f}, {paint[-1]:3.0f} ms\n"
                    )
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
