"""Keeps a permission that the user gave, and forgets what was known of another account than the one that gave it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError
from connectors.google.account import Account
from connectors.google.permission import Consent, Token, load, save
from connectors.google.scopes import Service
from daemon.connect import KEPT, services_of
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration


def keep(state: Path, token: Token, configuration: Configuration, now: Callable[[], datetime]) -> str:
    """Keep it in the state folder; the address of the account, where it can be known: Gmail alone tells it.

    Raises:
        OSError: it cannot be kept.
    """
    before = _account_before(state)
    save(state, token)
    account = ""
    if services_of(configuration) & {Service.MAIL, Service.IMAP}:
        with suppress(ConnectorError):  # the permission is good all the same, and a cycle asks for it again
            account = Account(Consent(state, now), configuration.google.endpoint).address()
    if not account or address(account) != address(before):
        for name in KEPT:  # losing it costs one full look
            (state / name).unlink(missing_ok=True)
    return account


def foreign(account: str, mine: Iterable[str]) -> Problem | None:
    """What to tell the user of an account that is none of their addresses; None where all is well."""
    if not account or address(account) in map(address, mine):
        return None
    hint = (
        "Write it under `me:`, `emails:` in afterword.yaml, or, if you meant another account, run "
        "`afterword auth google` again and choose that one."
    )
    return Problem(None, None, None, None, f"{account} is not among your addresses, and so it is not asked", hint)


def _account_before(state: Path) -> str:
    with suppress(ConnectorError):
        token = load(state)
        return token.account if token else ""
    return ""
