"""Answers of Google that are not in the form of its reference, and lists that come page by page."""

from __future__ import annotations

import binascii
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.base import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.google.account import Document

MOST_PAGES = 1000
_HINT = "Nothing to do: it is asked again."


@contextmanager
def understood(what: str) -> Iterator[None]:
    """An answer that is not in the form of the reference is one that has not come.

    Raises:
        TransientError: so it is; `what` names what was asked.
    """
    try:
        yield
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        OSError,
        binascii.Error,
    ) as error:
        raise TransientError(f"Google's answer about {what} cannot be read", _HINT) from error


def pages(ask: Callable[[str | None], Document], what: str) -> Iterator[Document]:
    """All pages of a list, one after the other. `ask` asks for the one that a page token leads to; None: the first.

    Raises:
        TransientError: one leads to itself, there are more than `MOST_PAGES`, or its token is none.
    """
    token: str | None = None
    for _ in range(MOST_PAGES):
        answer = ask(token)
        yield answer
        with understood(what):
            before, token = token, answer.get("nextPageToken")
            if token is not None and (token == before or not isinstance(token, str)):
                raise ValueError("no token of another page")
        if not token:
            return
    raise TransientError(f"Google's list of {what} has no end", _HINT)
