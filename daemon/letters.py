"""From the headers of mail to mails between me and people, and what may be a draft of ours among them."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.base import Folder, Header
from rules.model import Direction, Mail, MailKind, unique

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from connectors.base import Mailbox
    from rules.model import Me

_SKEW = timedelta(days=1)
"""A clock ahead by less than this is wrong; by more, `now` may be a moment of the past that somebody tries out."""
_OWN = frozenset({Folder.DRAFTS, Folder.SENT})
"""Folders into which only the user, and who has their password, lays anything."""
_REPLY = re.compile(r"^\s*(?:(?:re|aw|sv|vs|antw|odp|ref|rif|res)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def as_mail(header: Header, me: Me, now: datetime) -> Mail | None:
    """A header as a mail between me and people.

    None for a draft, for what is only between me and me, and for what only says that it is from me: it is then
    neither my mail nor anybody else's.
    """
    if header.folder is Folder.DRAFTS or not header.sender:
        return None
    mine = header.sender in me.emails
    if mine and (header.folder is Folder.TRASH or not _is_mine(header)):
        return None
    parties = (*header.to, *header.cc) if mine else (header.sender, *header.to, *header.cc)
    others = unique(email for email in parties if email not in me.emails)
    if not others:
        return None
    return Mail(
        message_id=header.message_id or f"{header.folder}:{header.ref}",
        direction=Direction.OUT if mine else Direction.IN,
        at=written(header, now),
        others=others,
        subject=header.subject,
        references=header.references,
        kind=header.kind or MailKind.PERSONAL,
        forwarded=header.forwarded,
    )


def may_be_ours(header: Header, me: Me) -> bool:
    """Whether a mail can be a draft of ours or its copy: a Message-ID can be guessed, and anybody can send it to me."""
    return header.folder in _OWN or (header.sender in me.emails and _is_mine(header))


def _is_mine(header: Header) -> bool:
    """Whether a mail with my address in From is believed: in other folders than mine, if it did not come to me."""
    return header.folder in _OWN or not header.outside


def written(header: Header, now: datetime) -> datetime:
    """When a mail was written, by a clock that may be wrong: it is here, so it was written by its delivery."""
    if header.at <= now:
        return header.at
    if header.at <= now + _SKEW:
        return now
    return header.received if header.received is not None and header.received <= now else header.at


def bare_subject(subject: str) -> str:
    """A subject without its reply marks, in the form in which two subjects are compared."""
    return one_line(_REPLY.sub("", unicodedata.normalize("NFC", subject)))


def one_line(subject: str) -> str:
    """A subject with its reply marks, whatever its case and spaces."""
    return " ".join(unicodedata.normalize("NFC", subject).casefold().split())


def copies_of(mailbox: Mailbox, message_ids: frozenset[str], me: Me) -> Mapping[str, tuple[Header, ...]]:
    """Where drafts of mine with these Message-IDs, and their copies, lie in Drafts, Sent and Trash just now.

    Raises:
        ConnectorError: the mailbox cannot be read.
    """
    found = mailbox.find(message_ids)
    return {one: tuple(copy for copy in copies if may_be_ours(copy, me)) for one, copies in found.items()}
