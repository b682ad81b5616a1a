"""An expression of the user is bounded in time, in the main thread and in any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from daemon import patience
from daemon.patience import stumbles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLOW, HOSTILE = "/(a+)+$/", "a" * 60 + "!"


def elsewhere(expression: str, texts: Sequence[str], seconds: float) -> str | None:
    """In a thread, as the page asks."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(stumbles, expression, texts, seconds).result()


@pytest.mark.parametrize("asked", [stumbles, elsewhere])
def test_the_text_is_named_at_which_the_time_was_up(asked: Callable[[str, Sequence[str], float], str | None]) -> None:
    texts = ["coffee", HOSTILE, "tea"]
    assert asked(SLOW, texts, 0.1) == HOSTILE
    assert asked(SLOW, ["coffee", "aaa", "\ud800"], 2.0) is None
    assert asked("/^c/", texts, 2.0) is None


def test_what_was_got_through_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert elsewhere("/tea$/", ["green tea"], 2.0) is None
    monkeypatch.setattr(patience, "subprocess", None)
    assert elsewhere("/tea$/", ["green tea"], 2.0) is None
    with pytest.raises(AttributeError):
        elsewhere("/tea$/", ["black tea"], 2.0)
