"""Thousands of short lives in one process share what is worked out of statements and templates, as one life does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine

from daemon.ledger import store
from rules import templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect, Engine


def share() -> None:
    """From now on a statement is compiled once in this process, and so is a template of the same name and text."""
    _statements()
    _templates()


def _statements() -> None:
    """Every ledger that is opened has the same dialect, which the keys of compiled statements name."""
    names = vars(store)
    make: Callable[..., Engine] = names["create_engine"]
    if make is not create_engine:
        return
    compiled: dict[Any, Any] = {}
    dialects: list[Dialect] = []

    def create(*given: Any, **named: Any) -> Engine:
        engine = make(*given, **named)
        dialects.append(engine.dialect)
        del dialects[1:]
        engine.dialect = dialects[0]
        engine._compiled_cache = compiled
        return engine

    names["create_engine"] = create


def _templates() -> None:
    names = vars(templates)
    if not hasattr(names["_read"], "cache_info"):
        names["_read"] = lru_cache(maxsize=64)(names["_read"])
