"""How soon Today is painted in Chromium: with a few drafts and with 500, opened anew and loaded again.

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


def paints(browser: Browser, root: Path, drafts: int, *, again: bool) -> list[list[float]]:
    """The moments of each time. `again`: the list that is there is loaded again; else the page was an empty one."""
    found = []
    with served(root, NOW) as address, looking(browser, address) as page:
        origin = address.partition("/enter/")[0]
        for _ in range(TIMES + 1):
            if again:
                page.reload()
            else:
                page.goto("about:blank")
                page.goto(f"{origin}/")
            found.append(page.evaluate(_PAINT))
            _whole(page, drafts)
    return found[1:]  # the first warms up


def _whole(page: Page, drafts: int) -> None:
    """All is there, and nothing is being done any more."""
    ready(page)
    page.locator("li.draft").nth(drafts - 1).wait_for(state="attached")
    page.wait_for_load_state("networkidle")


def main() -> None:
    """A line for each case; the code is 1 where half of the times it took longer than the limit."""
    kept = True
    with chromium() as browser:
        for drafts in (FIRST // 4, 500):
            with tempfile.TemporaryDirectory(prefix="afterword-painting-") as folder:
                root = household(Path(folder) / "home", drafts)
                for again in (False, True):
                    first, last, paint = (
                        sorted(times) for times in zip(*paints(browser, root, drafts, again=again), strict=True)
                    )
                    middle = statistics.median(paint)
                    kept = kept and middle < LIMIT
                    sys.stdout.write(
                        f"{drafts:3} drafts, {'loaded again' if again else 'opened':<12}  first byte"
                        f" {statistics.median(first):3.0f} ms, last {statistics.median(last):3.0f} ms, painted"
                        f" {paint[0]:3.0f}, {middle:3.0f}, {paint[-1]:3.0f} ms\n"
                    )
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
