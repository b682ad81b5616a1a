"""How it stands with the user's Google account: what this machine knows of it, without asking Google."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.calendars import GoogleCalendar
from config.problem import Problem
from connectors.base import ConnectorError
from daemon.connect import CONTACTS, mailbox_kind, permission_of, services_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration
    from connectors.google.scopes import Service
    from daemon.ledger import SourceState


@dataclass(frozen=True, slots=True)
class GoogleAccount:
    """`name` is its address, empty where it is not known; `lacking` tells why some of its `services` are not asked.

    `problem` is what keeps all of them; `paused`: until the user, or an administrator, has given a permission.
    """

    name: str
    delegated: bool
    """A service account asks in its name."""
    services: tuple[Service, ...]
    lacking: Mapping[Service, Problem]
    answered: datetime | None
    problem: Problem | None
    paused: bool
    by_command: bool
    """It is paused, and `auth google` mends that."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the ledger and a look at the mailbox tell: how the calendars are, and what is wrong.

    `last` is when the last cycle was, with its problems. `looked`: the mailbox was asked now, and `now_wrong` is what
    came of it.
    """

    sources: Mapping[str, SourceState]
    last: tuple[datetime, tuple[Problem, ...]] | None
    looked: bool
    now_wrong: Iterable[Problem]


def google_account(configuration: Configuration, state: Path, now: datetime, seen: Seen) -> GoogleAccount | None:
    """The account that the settings use; None where nothing of them is Google's."""
    from connectors.google.errors import COMMAND  # noqa: PLC0415 - only where something is Google's
    from connectors.google.permission import BY_SOMEBODY  # noqa: PLC0415 - as above
    from connectors.google.scopes import Service  # noqa: PLC0415 - as above

    used = services_of(configuration)
    if not used:
        return None
    services = tuple(service for service in Service if service in used)
    lacking = _lacking(configuration, state, now, services)
    name, granted = _permission(configuration, state)
    said = configuration.google
    delegated = said.service_account is not None
    answered = _answered(configuration, seen, now)
    if len(lacking) == len(services):
        problem, mends = next(iter(lacking.values())), not delegated
        return GoogleAccount(
            name, delegated, services, lacking, answered, problem, paused=True, by_command=not delegated
        )
    asked_since = granted is None or seen.last is None or seen.last[0] >= granted
    failed = _failed(configuration, seen) if asked_since else None
    remedy = (failed.hint or "") if failed is not None else ""
    paused = any(one in remedy for one in BY_SOMEBODY)
    mends = COMMAND in remedy and not delegated
    return GoogleAccount(name, delegated, services, lacking, answered, failed, paused=paused, by_command=mends)


def _lacking(
    configuration: Configuration, state: Path, now: datetime, services: Iterable[Service]
) -> dict[Service, Problem]:
    permission = permission_of(configuration, state, lambda: now)
    lacking = {}
    for service in services:
        try:
            permission.check(service, configuration.google.endpoint)
        except ConnectorError as error:
            lacking[service] = Problem(None, error.file, None, None, error.message, error.hint)
    return lacking


def _permission(configuration: Configuration, state: Path) -> tuple[str, datetime | None]:
    """The address of the account, as far as it is known, and when it gave the permission."""
    from connectors.google.token import load  # noqa: PLC0415 - only where something is Google's

    if configuration.google.user is not None:
        return configuration.google.user, None
    try:
        token = load(state)
    except ConnectorError:  # told by what is lacking
        token = None
    return (token.account, token.granted) if token else ("", None)


def _mail(configuration: Configuration) -> bool:
    """Whether the mailbox is asked with the permission of the account."""
    from connectors.google.scopes import Service  # noqa: PLC0415 - only where something is Google's

    return bool(services_of(configuration) & {Service.MAIL, Service.IMAP})


def _asked(configuration: Configuration) -> frozenset[str]:
    """The sources that a cycle asks Google for, by the names that their problems have."""
    names = {one.id for one in configuration.calendars if isinstance(one, GoogleCalendar)}
    names |= {mailbox_kind(configuration)} if _mail(configuration) else set()
    return frozenset(names or {CONTACTS})  # contacts are asked from time to time only


def _failed(configuration: Configuration, seen: Seen) -> Problem | None:
    """Why none of them answers, as far as is known; None where one does. The mailbox is known best."""
    wrong = {one.source: one for one in (seen.last[1] if seen.last else ()) if one.source}
    wrong |= {name: one.problem for name, one in seen.sources.items() if one.failed_since and one.problem}
    if seen.looked:
        wrong.pop(mailbox_kind(configuration), None)
        wrong |= {one.source: one for one in seen.now_wrong if one.source}
    asked = _asked(configuration)
    if not asked <= wrong.keys():
        return None
    return wrong[min(asked, key=lambda name: (name != mailbox_kind(configuration), name))]


def _answered(configuration: Configuration, seen: Seen, now: datetime) -> datetime | None:
    """When Google last gave a good answer to any of it, as far as is known."""
    asked = _asked(configuration)
    moments = [one.ok_at for name, one in seen.sources.items() if name in asked and one.ok_at]
    others = asked - {one.id for one in configuration.calendars}  # of these no source tells when they answered
    if seen.last is not None and others - {one.source for one in seen.last[1]}:
        moments.append(seen.last[0])
    if seen.looked and _mail(configuration):
        refused = any(one.source == mailbox_kind(configuration) for one in seen.now_wrong)
        moments += [] if refused else [now]
    return max(moments, default=None)
