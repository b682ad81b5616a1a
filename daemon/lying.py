"""Whether the draft of a follow-up that was skipped still lies in Drafts, and whether it was touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder, PermissionNeededError, TransientError
from connectors.message import same
from daemon.failure import ExitCode, Failure
from daemon.letters import bare_subject
from rules.history import State

if TYPE_CHECKING:
    from connectors.base import Header, Mailbox
    from daemon.ledger import Ledger
    from rules.history import Record


def state_of(mailbox: Mailbox, ledger: Ledger, record: Record) -> State | None:
    """`placed` or `edited`, or None where there is no draft.

    Raises:
        Failure: the mailbox cannot be read: nobody can know then.
    """
    if not record.message_id:
        return None
    try:
        headers = mailbox.look("", frozenset(record.addresses)).headers
        mine = [one for one in headers if one.folder is Folder.DRAFTS and _is(one, record)]
        if not mine:
            return None
        placed = ledger.message(record.id, record.revision)
        raws = [mailbox.read(one.ref) for one in mine]
    except ConnectorError as error:
        raise Failure(_code(error), error.message, error.hint) from error
    untouched = placed is not None and all(raw is not None and same(raw, placed) for raw in raws)
    return State.PLACED if untouched else State.EDITED


def _is(draft: Header, record: Record) -> bool:
    """By its Message-ID; a mail program may have given an edited one another, and then by person and subject."""
    if draft.message_id == record.message_id:
        return True
    return set(record.addresses) <= set(draft.to) and bare_subject(draft.subject) == bare_subject(record.subject)


def _code(error: ConnectorError) -> ExitCode:
    if isinstance(error, PermissionNeededError):
        return ExitCode.PERMISSION_NEEDED
    return ExitCode.CANNOT_NOW if isinstance(error, TransientError) else ExitCode.CONFIGURATION_WRONG
