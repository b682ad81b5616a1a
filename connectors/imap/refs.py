"""What names a mail at an IMAP server to the rest of the house: UIDVALIDITY, UID and folder."""

from __future__ import annotations

import re

from connectors.base import TransientError

_REF = re.compile(r"([0-9]{1,10})/([0-9]{1,10})/(.+)", re.DOTALL)


def place_of(ref: str) -> tuple[int, int, str] | None:
    """UIDVALIDITY, UID and folder of a mail; None for what never named one."""
    found = _REF.fullmatch(ref)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def same_folder(now: int, before: int, place: str) -> None:
    """Whether a folder is numbered as it was.

    Raises:
        TransientError: it was made anew meanwhile, and who knows which mail is meant.
    """
    if now != before:
        raise TransientError(f"a folder at {place} was made anew meanwhile", "The next cycle looks at it as it is now.")
