"""Whether the draft of a follow-up that was skipped still lies in Drafts, and whether it was touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder, PermissionNeededError, TransientError
from connectors.message import same
from daemon.failure import ExitCode, Failure
from daemon.letters import bare_subject
from daemon.names import Names
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
        drafts = [one for one in headers if one.folder is Folder.DRAFTS]
        names = Names.of(ledger.records(), (one.message_id for one in drafts))
        mine = [one for one in drafts if _is(one, record, names)]
        if not mine:
            return None
        pairs = [(mailbox.read(one.ref), ledger.message(record.id, names.revision(record, one.message_id)))
                 for one in mine]  # fmt: skip
    except ConnectorError as error:
        raise Failure(_code(error), error.message, error.hint) from error
    untouched = all(raw is not None and placed is not None and same(raw, placed) for raw, placed in pairs)
    return State.PLACED if untouched else State.EDITED


def _is(draft: Header, record: Record, names: Names) -> bool:
    """By its Message-ID; a mail program may have given an edited one another, and then by person and subject."""
    owner = names.owner(draft.message_id)
    if owner is not None:
        return owner == record.id
    return set(record.addresses) <= set(draft.to) and bare_subject(draft.subject) == bare_subject(record.subject)


def _code(error: ConnectorError) -> ExitCode:
    if isinstance(error, PermissionNeededError):
        return ExitCode.PERMISSION_NEEDED
    return ExitCode.CANNOT_NOW if isinstance(error, TransientError) else ExitCode.CONFIGURATION_WRONG
