"""How much is tried: all of it where CI=true, as in `.ci/run`; else so much that `make test` stays a few minutes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

THOROUGH = os.environ.get("CI") == "true"


def some(all_of_them: Iterable[T], every: int) -> list[T]:
    """All of them where it is thorough, else each so-many-th: those that differ least lie side by side."""
    return list(all_of_them)[:: 1 if THOROUGH else every]


def examples(count: int) -> int:
    """So many examples of Hypothesis where it is thorough, else a third of them."""
    return count if THOROUGH else count // 3
