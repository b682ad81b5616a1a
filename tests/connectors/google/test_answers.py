"""Lists of Google that come page by page, and answers in no form of the reference."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from connectors.base import TransientError
from connectors.google.answers import MOST_PAGES, pages


def following(tokens: dict[str | None, Any]) -> list[Any]:
    """The pages in this order: to each token, the one that its page tells of as the next."""
    return [answer["of"] for answer in pages(lambda token: {"of": token, "nextPageToken": tokens[token]}, "them")]


def test_each_page_is_asked_for_with_the_token_of_the_one_before() -> None:
    assert following({None: "b", "b": "c", "c": None}) == [None, "b", "c"]
    assert following({None: ""}) == [None]


@pytest.mark.parametrize("wrong", ["b", 5, ["c"], {"d": 1}])
def test_a_token_that_leads_nowhere_is_an_error_and_no_end(wrong: Any) -> None:
    with pytest.raises(TransientError, match="about them cannot be read"):
        following({None: "b", "b": wrong})


def test_a_list_without_an_end_is_given_up() -> None:
    numbers = count()
    asked: list[str | None] = []

    def ask(token: str | None) -> dict[str, Any]:
        asked.append(token)
        return {"nextPageToken": f"page-{next(numbers)}"}

    with pytest.raises(TransientError, match="list of them has no end"):
        list(pages(ask, "them"))
    assert len(asked) == MOST_PAGES
