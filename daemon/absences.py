"""Automatic answers are read once for the day on which their sender is back; nothing else of them is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError
from connectors.message import content
from rules.absence import LONGEST, back_on
from rules.model import Direction, MailKind, without_tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.base import Header, Mailbox
    from rules.almanac import Almanac
    from rules.model import Mail

MOST = 20
"""Answers read in one look, the newest first: a flood of them must not hold up a cycle."""


def with_returns(
    mailbox: Mailbox,
    arrived: Sequence[tuple[Header, Mail]],
    addresses: frozenset[str],
    almanac: Almanac,
    now: datetime,
) -> tuple[Mail, ...]:
    """The mails that have arrived; those of people who are away, by one of `addresses`, with their return.

    An answer that cannot be read just now is left out, and so is new again the next time. Never raises.
    """
    people = frozenset(map(without_tag, addresses))
    automatic = [pair for pair in arrived if _may_tell(pair[1], now) and without_tag(pair[1].others[0]) in people]
    newest = sorted(automatic, key=lambda pair: (pair[1].at, pair[1].message_id), reverse=True)[:MOST]
    read = {header.ref: _read(mailbox, header, mail, almanac) for header, mail in newest}
    mails = (read.get(header.ref, mail) for header, mail in arrived)
    return tuple(mail for mail in mails if mail is not None)


def _may_tell(mail: Mail, now: datetime) -> bool:
    is_answer = mail.kind is MailKind.AUTOMATIC and mail.direction is Direction.IN
    return is_answer and now - LONGEST <= mail.at <= now


def _read(mailbox: Mailbox, header: Header, mail: Mail, almanac: Almanac) -> Mail | None:
    """The mail with the return that it tells; None when it could not be read."""
    try:
        raw = mailbox.read(header.ref)
    except ConnectorError:
        return None
    back = None if raw is None else back_on(content(raw).text, almanac.day_of(mail.at), mail.subject)
    return mail if back is None else replace(mail, away_until=almanac.midnight(back))
